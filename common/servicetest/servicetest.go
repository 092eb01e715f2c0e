// Package servicetest runs a service within a test. It is imported only from tests.
package servicetest

import (
	"bytes"
	"context"
	"maps"
	"net/http"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"nms.example/common/service"
	"nms.example/common/waittest"
)

// Instance is a service that runs on a free loopback port.
type Instance struct {
	// URL is where it answers, without a slash at the end.
	URL     string
	Service *service.Service

	running   *service.Running
	log       *Log
	stop      sync.Once
	transport *http.Transport
}

// Start runs a service with these settings alone (neither environment nor .env) and stops it at the end
// of the test. HOST and PORT are given; ENVIRONMENT is dev unless set, and bounds on others
// are such that a busy machine does not reach them. Several may run side by side. Every
// event that the service writes is compared with its schema; one that does not fit fails its transaction.
func Start(t testing.TB, identity service.Identity, build service.BuildFunc, settings map[string]string) *Instance {
	t.Helper()
	i, err := TryStart(t, identity, build, settings)
	require.NoError(t, err)
	return i
}

// TryStart is Start for services that may refuse to start.
func TryStart(t testing.TB, identity service.Identity, build service.BuildFunc, settings map[string]string) (*Instance, error) {
	t.Helper()
	all := map[string]string{
		"ENVIRONMENT": "dev", "HEALTH_INTERVAL": "1s", "RATE_LIMIT": "0",
		// On a busy machine slow is not broken.
		"REDIS_TIMEOUT": "30s", "DB_STATEMENT_TIMEOUT": "5m", "SHUTDOWN_TIMEOUT": "5m",
		"DB_MAX_CONNS": "5", // dozens of instances share one PostgreSQL
	}
	maps.Copy(all, settings)
	all["HOST"], all["PORT"] = "127.0.0.1", "0"
	checkEvents(t, identity.Events)
	log := new(Log)
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("log of %s:\n%s", identity.Name, log)
		}
	})
	ctx, cancel := context.WithTimeout(t.Context(), waittest.Bound)
	defer cancel()
	running, err := service.Start(ctx, identity, build, service.WithSettings(all), service.WithLogOutput(log))
	if err != nil {
		return nil, err
	}
	i := &Instance{
		URL: running.URL(), Service: running.Service(), running: running, log: log,
		transport: &http.Transport{MaxIdleConnsPerHost: 64, DisableCompression: true},
	}
	t.Cleanup(i.transport.CloseIdleConnections)
	t.Cleanup(func() { i.Stop(t) })
	return i, nil
}

// Stop stops the service now, gracefully. Further calls do nothing.
func (i *Instance) Stop(t testing.TB) {
	t.Helper()
	i.stop.Do(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), waittest.Bound)
		defer cancel()
		if err := i.running.Stop(ctx); err != nil {
			t.Errorf("stop of %s: %v", i.Service.Identity().Name, err)
		}
	})
}

// Failures returns errors that would end the process.
func (i *Instance) Failures() <-chan error { return i.running.Failures() }

// Log returns what the service has logged so far.
func (i *Instance) Log() string { return i.log.String() }

// Log collects lines of several goroutines.
type Log struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

// Write implements io.Writer.
func (l *Log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

// String returns everything written.
func (l *Log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}
