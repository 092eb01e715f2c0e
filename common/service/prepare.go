package service

import (
	"fmt"
	"log/slog"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"go.opentelemetry.io/contrib/instrumentation/github.com/gin-gonic/gin/otelgin"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/propagation"

	"nms.example/common/api"
	"nms.example/common/config"
	"nms.example/common/telemetry"
)

// prepare makes everything that the settings decide.
func (s *Service) prepare() error {
	s.logger = telemetry.NewLogger(s.output, telemetry.LogOptions{
		Service: s.identity.Name, Version: s.build.Version, Level: s.base.Level(),
		JSON: s.base.Environment == config.Prod, Location: s.base.TZ.Location(),
	})
	var err error
	s.tracing, err = telemetry.NewTracing(s.life, telemetry.TracingOptions{
		Service: s.identity.Name, Version: s.build.Version, Instance: s.instance.String(),
		Endpoint: s.base.OTLPEndpoint, Headers: s.base.OTLPHeaders, Sample: s.base.OTLPSampleArg,
	})
	if err != nil {
		return err
	}
	if s.global {
		s.setGlobals()
	}
	s.makeRegistry()
	networks, err := api.ParseNetworks(s.base.TrustedProxies)
	if err != nil {
		return fmt.Errorf("TRUSTED_PROXIES: %w", err)
	}
	s.api = api.New(api.Options{
		Title:          s.identity.About,
		Version:        s.build.Version,
		Description:    s.identity.Description,
		Dev:            s.base.Environment == config.Dev,
		TokenURL:       s.base.AuthTokenURL,
		Logger:         s.logger,
		Registerer:     s.registry,
		CORSOrigins:    s.base.CORSOrigins,
		TrustedProxies: networks,
		MaxBodyBytes:   s.base.MaxBodyBytes,
		Draining:       s.draining,
		Middleware:     []gin.HandlerFunc{s.traceRequests()},
	})
	s.registerRoutes()
	return nil
}

// setGlobals is for the one service of a process; tests that run several leave the globals alone.
func (s *Service) setGlobals() {
	time.Local = s.base.TZ.Location()
	slog.SetDefault(s.logger)
	otel.SetTracerProvider(s.tracing.TracerProvider)
	otel.SetTextMapPropagator(telemetry.Propagator())
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) {
		s.logger.Warn("telemetry was not sent", "error", err)
	}))
}

// traceRequests makes a span per request, or, when none are sent, only takes over the caller's trace.
func (s *Service) traceRequests() gin.HandlerFunc {
	if s.tracing.Enabled() {
		return otelgin.Middleware(s.identity.Name,
			otelgin.WithTracerProvider(s.tracing.TracerProvider),
			otelgin.WithPropagators(telemetry.Propagator()))
	}
	return func(g *gin.Context) {
		if g.Request.Header.Get("Traceparent") == "" {
			return
		}
		ctx := telemetry.Propagator().Extract(g.Request.Context(), propagation.HeaderCarrier(g.Request.Header))
		g.Request = g.Request.WithContext(ctx)
	}
}

func (s *Service) makeRegistry() {
	s.registry = prometheus.NewRegistry()
	up := prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "nms_dependency_up", Help: "1 while the dependency answered its last probe.",
	}, []string{"dependency"})
	build := prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "nms_build_info", Help: "Always 1; the labels say what runs.",
	}, []string{"service", "version", "commit", "go"})
	build.WithLabelValues(s.identity.Name, s.build.Version, s.build.Commit, s.build.Go).Set(1)
	s.health.logger, s.health.interval, s.health.up = s.logger, s.base.HealthInterval, up
	s.tasks.logger = s.logger
	s.registry.MustRegister(
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		up, build,
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "nms_health_code", Help: "health_code of /ctrl: a bit per failing dependency.",
		}, func() float64 { return float64(s.health.code()) }),
	)
}
