package service_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/stretchr/testify/require"

	"nms.example/common/api"
	"nms.example/common/config"
	"nms.example/common/fault"
	"nms.example/common/service"
	"nms.example/common/servicetest"
)

func TestAboutAndControl(t *testing.T) {
	t.Parallel()
	i := start(t, nil, "TZ", "Europe/Moscow")

	status, about := get(t, i.URL+"/")
	require.Equal(t, http.StatusOK, status)
	require.Equal(t, map[string]any{
		"uuid": "741b029ad3bd4a07b45c2f7dbcdf531d", "version": i.Service.Version(),
		"about": "A service for tests", "about_ru": "Служба для тестов",
		"description": "It does nothing.", "copyright": "nobody",
	}, about)

	for _, path := range []string{"/ctrl", "/ctrl/"} {
		status, ctrl := get(t, i.URL+path)
		require.Equal(t, http.StatusOK, status)
		require.Len(t, ctrl, 4)
		require.Equal(t, "741b029ad3bd4a07b45c2f7dbcdf531d", ctrl["uuid"])
		require.EqualValues(t, 0, ctrl["health_code"])
		stamp, err := time.Parse(time.RFC3339, ctrl["timestamp"].(string))
		require.NoError(t, err)
		require.WithinDuration(t, time.Now(), stamp, time.Minute)
		require.True(t, strings.HasSuffix(ctrl["timestamp"].(string), "+03:00"))
		uptime := ctrl["uptime"].(map[string]any)
		require.Len(t, uptime, 4)
		for _, unit := range []string{"days", "hours", "minutes", "seconds"} {
			require.Contains(t, uptime, unit)
		}
	}
	status, live := get(t, i.URL+"/healthz")
	require.Equal(t, http.StatusOK, status)
	require.Equal(t, map[string]any{"status": "live"}, live)
	status, ready := get(t, i.URL+"/readyz/")
	require.Equal(t, http.StatusOK, status)
	require.Equal(t, map[string]any{"status": "ready"}, ready)
}

func TestHealthCodeFollowsTheDependencies(t *testing.T) {
	t.Parallel()
	var busDown, cacheDown atomic.Bool
	cacheDown.Store(true)
	probe := func(down *atomic.Bool, err error) func(context.Context) error {
		return func(context.Context) error {
			if down.Load() {
				return err
			}
			return nil
		}
	}
	i := start(t, func(s *service.Service) {
		s.AddCheck(service.Check{
			Name: "bus", Bit: service.Bus, Required: true,
			Probe: probe(&busDown, errors.New("dial tcp 10.1.2.3:5672: refused")),
		})
		s.AddCheck(service.Check{
			Name: "cache", Bit: service.Cache,
			Probe: probe(&cacheDown, fault.New(fault.CodeUnavailable, "Redis is away")),
		})
	}, "HEALTH_INTERVAL", "100ms")

	_, ctrl := get(t, i.URL+"/ctrl")
	require.EqualValues(t, 32, ctrl["health_code"], "probed before the start was over")
	status, _ := get(t, i.URL+"/readyz")
	require.Equal(t, http.StatusOK, status, "ready without an optional dependency")

	busDown.Store(true)
	eventually(t, "both bits", func() bool { _, c := get(t, i.URL+"/ctrl"); return c["health_code"] == 48.0 })
	status, problem := get(t, i.URL+"/readyz")
	require.Equal(t, http.StatusServiceUnavailable, status)
	require.Equal(t, []any{map[string]any{"location": "bus", "message": "fails; the log says why", "code": "dependency_down"}}, problem["errors"])
	_, metrics := getText(t, i.URL+"/metrics")
	require.Contains(t, metrics, `nms_dependency_up{dependency="bus"} 0`)
	require.Contains(t, metrics, "nms_health_code 48")
	eventually(t, "a warning, once the start has settled", func() bool { return strings.Contains(i.Log(), "10.1.2.3") })
	require.NotContains(t, i.Log(), "/readyz", "asking again is no news")

	busDown.Store(false)
	cacheDown.Store(false)
	eventually(t, "healthy again", func() bool { _, c := get(t, i.URL+"/ctrl"); return c["health_code"] == 0.0 })
	status, _ = get(t, i.URL+"/readyz")
	require.Equal(t, http.StatusOK, status)
	require.Contains(t, i.Log(), "works again")
}

func TestHangingOrPanickingDependencyHangsNobody(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	var probes atomic.Int32
	i := start(t, func(s *service.Service) {
		s.AddCheck(service.Check{Name: "dwh db", Bit: service.DWHDB, Required: true, Probe: func(context.Context) error {
			probes.Add(1)
			<-release
			return nil
		}})
		s.AddCheck(service.Check{Name: "nms db", Bit: service.NMSDB, Required: true, Probe: func(context.Context) error {
			panic("nil map")
		}})
	}, "HEALTH_INTERVAL", "100ms")

	_, ctrl := get(t, i.URL+"/ctrl")
	require.EqualValues(t, 6, ctrl["health_code"])
	_, problem := get(t, i.URL+"/readyz")
	require.Equal(t, "does not answer in time", problem["errors"].([]any)[0].(map[string]any)["message"])
	refusal, _ := ask(t, i.URL+"/readyz")
	require.Equal(t, "1", refusal.Header.Get("Retry-After"), "HEALTH_INTERVAL, in whole seconds")
	require.EqualValues(t, 1, probes.Load(), "no probe is piled on one that hangs")
	close(release)
	eventually(t, "the hung one recovers", func() bool { _, c := get(t, i.URL+"/ctrl"); return c["health_code"] == 2.0 })
}

func TestMetricsAndDocument(t *testing.T) {
	t.Parallel()
	i := start(t, nil)
	_, _ = get(t, i.URL+"/ctrl")
	status, metrics := getText(t, i.URL+"/metrics")
	require.Equal(t, http.StatusOK, status)
	for _, name := range []string{
		"go_goroutines", "process_start_time_seconds", `nms_build_info{`, "nms_health_code 0",
		`http_request_duration_seconds_count{method="GET",route="/ctrl",status="200"} 1`,
	} {
		require.Contains(t, metrics, name)
	}
	_, document := get(t, i.URL+"/openapi.json")
	for _, path := range []string{"/", "/ctrl", "/healthz", "/readyz", "/metrics"} {
		require.Contains(t, document["paths"], path)
	}
}

func TestTwoServicesShareNothing(t *testing.T) {
	t.Parallel()
	moscow := start(t, nil, "TZ", "Europe/Moscow")
	tokyo := start(t, nil, "TZ", "Asia/Tokyo")
	_, m := get(t, moscow.URL+"/ctrl")
	_, k := get(t, tokyo.URL+"/ctrl")
	require.True(t, strings.HasSuffix(m["timestamp"].(string), "+03:00"))
	require.True(t, strings.HasSuffix(k["timestamp"].(string), "+09:00"))
	require.NotEqual(t, moscow.Service.Instance(), tokyo.Service.Instance())
}

func TestPortInUse(t *testing.T) {
	t.Parallel()
	taken, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, taken.Close()) })
	port := taken.Addr().(*net.TCPAddr).Port
	var closed, ran atomic.Bool
	_, err = service.Start(t.Context(), identity, build(func(s *service.Service) {
		s.OnClose(func(context.Context) error { closed.Store(true); return nil })
		s.Go("never", func(context.Context) error { ran.Store(true); return nil })
	}), service.WithSettings(map[string]string{"PORT": strconv.Itoa(port)}), service.WithLogOutput(t.Output()))
	require.EqualError(t, err, "127.0.0.1:"+strconv.Itoa(port)+" is in use by another process; set PORT to a free one")
	require.True(t, closed.Load(), "what was opened is closed again")
	require.False(t, ran.Load(), "nothing half-started")
}

func TestBuildThatFailsOrPanics(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		build service.BuildFunc
		want  string
	}{
		"fails":   {func(context.Context, *service.Service) error { return errors.New("no database") }, "no database"},
		"panics":  {func(context.Context, *service.Service) error { panic("wiring") }, "internal fault: wiring"},
		"no Load": {func(context.Context, *service.Service) error { return nil }, "settings were not loaded"},
		"no Base": {func(_ context.Context, s *service.Service) error {
			return s.Load(new(struct {
				config.Secret `envconfig:"A"`
			}))
		}, "do not embed config.Base"},
		"no value": {func(_ context.Context, s *service.Service) error { return s.Load(new(settings)) }, "TZ is wrong"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := servicetest.TryStart(t, identity, tt.build, map[string]string{"TZ": "Mars/Base"})
			require.ErrorContains(t, err, tt.want)
		})
	}
}

type waitInput struct {
	For string `query:"for"`
}

type waitOutput struct {
	Body struct {
		Done bool `json:"done"`
	}
}

// addWait registers an operation that answers when release is closed and tells that it has begun.
func addWait(s *service.Service, begun chan<- struct{}, release <-chan struct{}) {
	api.Register(s.API(), huma.Operation{Method: http.MethodGet, Path: "/api/v1/wait", OperationID: "wait"}, api.Public,
		func(ctx context.Context, _ *waitInput) (*waitOutput, error) {
			begun <- struct{}{}
			select {
			case <-release:
			case <-ctx.Done():
				return nil, ctx.Err()
			}
			out := new(waitOutput)
			out.Body.Done = true
			return out, nil
		})
}

func TestStopFinishesRequestsThenTasksThenHooks(t *testing.T) {
	t.Parallel()
	begun, release := make(chan struct{}, 1), make(chan struct{})
	var order []string // guarded by the order itself: each step happens after the one before
	taskEnded := make(chan struct{})
	i := start(t, func(s *service.Service) {
		addWait(s, begun, release)
		s.Go("relay", func(ctx context.Context) error {
			<-ctx.Done()
			order = append(order, "task")
			close(taskEnded)
			return ctx.Err()
		})
		s.OnClose(func(context.Context) error { order = append(order, "pool"); return nil })
		s.OnClose(func(context.Context) error { order = append(order, "bus"); return nil })
	}, "SHUTDOWN_DELAY", "300ms")

	answered := make(chan int, 1)
	go func() {
		status := 0
		if response, err := http.Get(i.URL + "/api/v1/wait"); err == nil {
			status = response.StatusCode
			_ = response.Body.Close()
		}
		answered <- status
	}()
	<-begun
	stopped := make(chan struct{})
	go func() { defer close(stopped); i.Stop(t) }()

	eventually(t, "not ready", func() bool {
		status, problem := get(t, i.URL+"/readyz")
		return status == http.StatusServiceUnavailable &&
			problem["errors"].([]any)[0].(map[string]any)["message"] == "is stopping"
	})
	<-i.Service.Draining()
	select {
	case <-taskEnded:
		require.Fail(t, "the task was stopped while a request was open")
	case <-stopped:
		require.Fail(t, "stopped while a request was open")
	default:
	}
	close(release)
	require.Equal(t, http.StatusOK, <-answered)
	<-stopped
	require.Equal(t, []string{"task", "bus", "pool"}, order)
	_, err := http.Get(i.URL) // nobody answers
	require.Error(t, err)
}

func TestStopIsBounded(t *testing.T) {
	t.Parallel()
	begun, release := make(chan struct{}, 1), make(chan struct{})
	t.Cleanup(func() { close(release) })
	running, err := service.Start(t.Context(), identity, build(func(s *service.Service) {
		addWait(s, begun, release)
		s.Go("deaf", func(context.Context) error { <-release; return nil })
		s.OnClose(func(context.Context) error { <-release; return nil })
	}), service.WithSettings(map[string]string{"SHUTDOWN_TIMEOUT": "200ms"}), service.WithLogOutput(t.Output()))
	require.NoError(t, err)
	go func() { _, _ = http.Get(running.URL() + "/api/v1/wait") }() // cut off
	<-begun
	err = running.Stop(t.Context())
	require.ErrorContains(t, err, "open requests were cut off")
	require.ErrorContains(t, err, "did not end in time: deaf")
	require.ErrorContains(t, err, "a close hook did not end in time")
}

func TestTaskThatBreaksOffIsReported(t *testing.T) {
	t.Parallel()
	for name, task := range map[string]func(context.Context) error{
		"error": func(context.Context) error { return errors.New("lost") },
		"panic": func(context.Context) error { panic("lost") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			i := start(t, func(s *service.Service) {
				s.Go("relay", task)
				s.Go("once", func(context.Context) error { return nil })
			})
			select {
			case err := <-i.Failures():
				require.ErrorContains(t, err, "background task relay: ")
				require.ErrorContains(t, err, "lost")
			case <-time.After(deadline):
				require.Fail(t, "not reported")
			}
		})
	}
}

func TestTaskAddedWhileRunning(t *testing.T) {
	t.Parallel()
	i := start(t, nil)
	ran := make(chan struct{})
	i.Service.Go("late", func(context.Context) error { close(ran); return nil })
	select {
	case <-ran:
	case <-time.After(deadline):
		require.Fail(t, "the task did not run")
	}
}

func TestRequestsCarryTheCallersTrace(t *testing.T) {
	t.Parallel()
	i := start(t, func(s *service.Service) {
		api.Register(s.API(), huma.Operation{Method: http.MethodGet, Path: "/api/v1/log", OperationID: "log"}, api.Public,
			func(ctx context.Context, _ *struct{}) (*waitOutput, error) {
				s.Logger().InfoContext(ctx, "inside")
				return new(waitOutput), nil
			})
	}, "ENVIRONMENT", "prod")
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, i.URL+"/api/v1/log", http.NoBody)
	require.NoError(t, err)
	req.Header.Set("Traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
	req.Header.Set("X-Request-ID", "r-77")
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	var inside string
	eventually(t, "the line", func() bool {
		for line := range strings.Lines(i.Log()) {
			if strings.Contains(line, `"msg":"inside"`) {
				inside = line
			}
		}
		return inside != ""
	})
	for _, part := range []string{
		`"trace_id":"4bf92f3577b34da6a3ce929d0e0e4736"`, `"request_id":"r-77"`,
		`"service":"probe"`, `"version":"`,
	} {
		require.Contains(t, inside, part)
	}
}

func TestSpansOfRequestsReachTheCollector(t *testing.T) {
	t.Parallel()
	bodies := make(chan []byte, 8)
	collector := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		bodies <- body
	}))
	t.Cleanup(collector.Close)
	i := start(t, nil, "OTEL_EXPORTER_OTLP_ENDPOINT", collector.URL)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, i.URL+"/ctrl", http.NoBody)
	require.NoError(t, err)
	req.Header.Set("Traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
	req.Close = true
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	i.Stop(t) // sends what is left
	traceID, err := hex.DecodeString("4bf92f3577b34da6a3ce929d0e0e4736")
	require.NoError(t, err)
	select {
	case body := <-bodies:
		require.True(t, bytes.Contains(body, traceID), "the span continues the caller's trace")
		require.True(t, bytes.Contains(body, []byte("/ctrl")))
	case <-time.After(deadline):
		require.Fail(t, "no span arrived")
	}
}
