# One Dockerfile for every service: docker build --build-arg SERVICE=auth .
# The result holds one static binary (the time zones are in it) and the certificate authorities; it has no shell,
# writes no file and runs as no one in particular. The target «migrate» is the image of the migrator. COMMAND is another
# command of the service's module than the service itself, with a title of its own:
# --build-arg SERVICE=ctrl --build-arg COMMAND=cmd/simulator --build-arg TITLE=nms-simulator.
#
# A release is built from the versions that the service pins, not from the sources beside it:
#   docker build --build-arg SERVICE=auth --build-arg LANE=release --build-context pins=DIR .
# where DIR is a module proxy as files, with the tagged modules of this repository (docs/releasing.md).
ARG GO_VERSION=1.26.10

# What --build-context pins=… takes the place of.
FROM scratch AS pins

FROM --platform=$BUILDPLATFORM golang:${GO_VERSION}-bookworm AS source
WORKDIR /src
COPY . .
# Without these tags the linker cannot tell which methods are used and keeps all of them: 20 MB more.
# nomsgpack: gin's MessagePack codec; grpcnotrace: gRPC's HTML pages (it comes with OpenTelemetry).
ENV CGO_ENABLED=0 GOFLAGS="-trimpath -buildvcs=false -tags=nomsgpack,grpcnotrace"

# All that the services and the migrator share is compiled here, once, into Go's cache; each image then compiles its own
# command and links. Only the modules that this needs are fetched. The stage has no argument that differs from image to
# image, so that builds that run side by side wait for one and the same.
FROM source AS compile
ARG TARGETOS
ARG TARGETARCH
ARG LANE=workspace
RUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/root/.cache/go-build \
    if [ "$LANE" != release ]; then \
        export GOOS=$TARGETOS GOARCH=$TARGETARCH; \
        packages=$(go list -deps -f '{{if ne .Name "main"}}{{.ImportPath}}{{end}}' \
            $(dirname */main.go | sed 's,^,./,') ./sql/cmd/migrate) && go build $packages; \
    fi

# Go links nothing anew into /linked that is there already, byte for byte what it would make.
FROM compile AS build
ARG TARGETOS
ARG TARGETARCH
ARG SERVICE
ARG COMMAND=.
ARG LANE=workspace
ARG VERSION=dev
ARG COMMIT=unknown
RUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/root/.cache/go-build \
    --mount=type=cache,target=/linked,sharing=locked --mount=type=bind,from=pins,target=/pins \
    test -n "$SERVICE" || { echo "say which: --build-arg SERVICE=auth" >&2; exit 1; }; \
    if [ "$LANE" = release ]; then \
        export GOWORK=off GONOSUMDB="nms.example/*" GOPROXY="file:///pins,$(go env GOPROXY)"; \
    fi; \
    linked=/linked/$LANE-$TARGETARCH-$SERVICE-$(basename "$COMMAND"); \
    GOOS=$TARGETOS GOARCH=$TARGETARCH go build -C "$SERVICE" \
    -ldflags "-s -w -X nms.example/common/service.version=$VERSION -X nms.example/common/service.commit=$COMMIT" \
    -o "$linked" "./$COMMAND" && install -D "$linked" /out/service

FROM compile AS build-migrate
ARG TARGETOS
ARG TARGETARCH
ARG LANE=workspace
ARG VERSION=dev
ARG COMMIT=unknown
RUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/root/.cache/go-build \
    --mount=type=cache,target=/linked,sharing=locked \
    if [ "$LANE" = release ]; then export GOWORK=off; fi; \
    linked=/linked/$LANE-$TARGETARCH-migrate; \
    GOOS=$TARGETOS GOARCH=$TARGETARCH go build -C sql \
    -ldflags "-s -w -X main.version=$VERSION -X main.commit=$COMMIT" \
    -o "$linked" ./cmd/migrate && install -D "$linked" /out/migrate

FROM scratch AS migrate
ARG VERSION=dev
ARG COMMIT=unknown
ARG SOURCE=https://git.example.org/nms
LABEL org.opencontainers.image.title="nms-migrate" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$COMMIT" \
      org.opencontainers.image.source="$SOURCE" \
      org.opencontainers.image.licenses="MIT"
COPY --from=build-migrate /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build-migrate /out/migrate /migrate
USER 65532:65532
ENTRYPOINT ["/migrate"]
CMD ["up"]

FROM scratch AS service
ARG SERVICE
ARG TITLE=nms-$SERVICE
ARG VERSION=dev
ARG COMMIT=unknown
ARG SOURCE=https://git.example.org/nms
LABEL org.opencontainers.image.title="$TITLE" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$COMMIT" \
      org.opencontainers.image.source="$SOURCE" \
      org.opencontainers.image.licenses="MIT"
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /out/service /service
ENV HOST=0.0.0.0
USER 65532:65532
HEALTHCHECK --interval=5s --timeout=4s --start-period=20s --retries=3 CMD ["/service", "--healthcheck"]
ENTRYPOINT ["/service"]
