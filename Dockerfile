# One Dockerfile for every service: docker build --build-arg SERVICE=auth .
# The result holds one static binary and the certificate authorities; it has no shell and runs as no one
# in particular. The target «migrate» is the image of the migrator.
ARG GO_VERSION=1.26.8

FROM --platform=$BUILDPLATFORM golang:${GO_VERSION}-bookworm AS source
WORKDIR /src
# The modules first: they change seldom, so their layer is mostly taken from the cache.
COPY go.work go.work.sum ./
COPY admin/go.mod admin/go.sum admin/
COPY auth/go.mod auth/go.sum auth/
COPY cfg/go.mod cfg/go.sum cfg/
COPY common/go.mod common/go.sum common/
COPY inbox/go.mod inbox/go.sum inbox/
COPY sql/go.mod sql/go.sum sql/
RUN --mount=type=cache,target=/go/pkg/mod go mod download
COPY . .

FROM source AS build
ARG TARGETOS
ARG TARGETARCH
ARG SERVICE
ARG VERSION=dev
ARG COMMIT=unknown
RUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/root/.cache/go-build \
    test -n "$SERVICE" || { echo "say which: --build-arg SERVICE=auth" >&2; exit 1; }; \
    CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH go build -trimpath -buildvcs=false \
    -ldflags "-s -w -X nms.example/common/service.version=$VERSION -X nms.example/common/service.commit=$COMMIT" \
    -o /out/service "./$SERVICE"

FROM source AS build-migrate
ARG TARGETOS
ARG TARGETARCH
RUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/root/.cache/go-build \
    CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH go build -trimpath -buildvcs=false -ldflags "-s -w" \
    -o /out/migrate ./sql/cmd/migrate

FROM scratch AS migrate
ARG VERSION=dev
ARG COMMIT=unknown
LABEL org.opencontainers.image.title="nms-migrate" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$COMMIT" \
      org.opencontainers.image.licenses="MIT"
COPY --from=build-migrate /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build-migrate /out/migrate /migrate
USER 65532:65532
ENTRYPOINT ["/migrate"]
CMD ["up"]

FROM scratch AS service
ARG SERVICE
ARG VERSION=dev
ARG COMMIT=unknown
LABEL org.opencontainers.image.title="nms-$SERVICE" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$COMMIT" \
      org.opencontainers.image.licenses="MIT"
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /out/service /service
ENV HOST=0.0.0.0
USER 65532:65532
HEALTHCHECK --interval=5s --timeout=4s --start-period=20s --retries=3 CMD ["/service", "--healthcheck"]
ENTRYPOINT ["/service"]
