package service

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"nms.example/common/api"
	"nms.example/common/fault"
)

// About is the answer of GET /.
type About struct {
	UUID        string `json:"uuid" doc:"The service's id, 32 hex digits" pattern:"^[0-9a-f]{32}$"`
	Version     string `json:"version" doc:"The version of its build"`
	About       string `json:"about" doc:"Its name, for people"`
	AboutRU     string `json:"about_ru" doc:"Its name in Russian"`
	Description string `json:"description" doc:"What it does"`
	Copyright   string `json:"copyright" doc:"Who holds the copyright"`
}

// Uptime is how long an instance has run, in whole units.
type Uptime struct {
	Days    int64 `json:"days" doc:"Whole days"`
	Hours   int64 `json:"hours" minimum:"0" maximum:"23" doc:"Whole hours beyond the days"`
	Minutes int64 `json:"minutes" minimum:"0" maximum:"59" doc:"Whole minutes beyond the hours"`
	Seconds int64 `json:"seconds" minimum:"0" maximum:"59" doc:"Whole seconds beyond the minutes"`
}

// UptimeOf takes a duration apart; below a second it is zero.
func UptimeOf(d time.Duration) Uptime {
	up := int64(d / time.Second)
	return Uptime{Days: up / 86400, Hours: up / 3600 % 24, Minutes: up / 60 % 60, Seconds: up % 60}
}

// Control is the answer of GET /ctrl.
type Control struct {
	Timestamp  string `json:"timestamp" format:"date-time" doc:"Now, in the service's time zone (RFC 3339 with offset)"`
	UUID       string `json:"uuid" doc:"The service's id, 32 hex digits" pattern:"^[0-9a-f]{32}$"`
	HealthCode uint64 `json:"health_code" doc:"0 when healthy, otherwise the sum of: 1 auth db, 2 nms db, 4 dwh db, 8 admin db, 16 bus, 32 cache"`
	Uptime     Uptime `json:"uptime"`
}

// State is the answer of GET /healthz and GET /readyz.
type State struct {
	Status string `json:"status" example:"ready" doc:"live or ready"`
}

type output[T any] struct {
	CacheControl string `header:"Cache-Control"`
	Body         T
}

func answer[T any](body T) *output[T] { return &output[T]{CacheControl: "no-store", Body: body} }

func (s *Service) registerRoutes() {
	get := func(path, verb, summary string) huma.Operation {
		return huma.Operation{
			Method: http.MethodGet, Path: path, OperationID: s.identity.Name + "-service-" + verb, Summary: summary,
			Tags: []string{"service"},
		}
	}
	api.Register(s.api, get("/", "about", "What this service is"), api.Public,
		func(context.Context, *struct{}) (*output[About], error) { return answer(s.about()), nil })
	api.Register(s.api, get("/ctrl", "ctrl", "Time, health and uptime of this instance"), api.Public,
		func(context.Context, *struct{}) (*output[Control], error) { return answer(s.control(time.Now())), nil })
	api.Register(s.api, get("/healthz", "healthz", "Whether the process lives"), api.Public,
		func(context.Context, *struct{}) (*output[State], error) { return answer(State{Status: "live"}), nil })
	ready := get("/readyz", "readyz", "Whether requests may be sent here; 503 with the reasons when not")
	ready.Errors = []int{http.StatusServiceUnavailable}
	api.Register(s.api, ready, api.Public,
		func(context.Context, *struct{}) (*output[State], error) {
			if err := s.readiness(); err != nil {
				return nil, err
			}
			return answer(State{Status: "ready"}), nil
		})
	s.registerMetrics(get("/metrics", "metrics", "Metrics in the Prometheus text format"))
}

func (s *Service) registerMetrics(op huma.Operation) {
	text := &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString}}
	op.Responses = map[string]*huma.Response{"200": {
		Description: "OK", Content: map[string]*huma.MediaType{"text/plain": text},
	}}
	handler := promhttp.HandlerFor(s.registry, promhttp.HandlerOpts{
		Registry: s.registry, DisableCompression: true, // api compresses
	})
	api.Register(s.api, op, api.Public,
		func(context.Context, *struct{}) (*huma.StreamResponse, error) {
			return &huma.StreamResponse{Body: func(hc huma.Context) {
				g := humagin.Unwrap(hc)
				handler.ServeHTTP(g.Writer, g.Request)
			}}, nil
		})
}

func (s *Service) about() About {
	return About{
		UUID: s.identity.hexID(), Version: s.build.Version, About: s.identity.About,
		AboutRU: s.identity.AboutRU, Description: s.identity.Description, Copyright: s.identity.Copyright,
	}
}

func (s *Service) control(now time.Time) Control {
	return Control{
		Timestamp:  now.In(s.base.TZ.Location()).Format("2006-01-02T15:04:05.000000-07:00"),
		UUID:       s.identity.hexID(),
		HealthCode: uint64(s.health.code()),
		Uptime:     UptimeOf(now.Sub(s.started)),
	}
}

var errNotReady = fault.New(codeDown, "the service is not ready")

// codeDown is that of each dependency that keeps a service from being ready.
var codeDown = fault.Declare(fault.Unavailable, "dependency_down", "The dependency that the location names does not work.")

func (s *Service) readiness() error {
	if s.stopping.Load() {
		return errNotReady.With(fault.NewDetail(fault.Request("service"), fault.CodeStopping, "is stopping"))
	}
	if reasons := s.health.reasons(); len(reasons) > 0 {
		return errNotReady.After(s.base.HealthInterval).With(reasons...) // when they have been probed again
	}
	return nil
}
