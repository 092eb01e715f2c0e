//go:build workshop

package stack

import (
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"nms.example/tools/internal/layout"
)

// provocation is a failure, made on a real system, and what it has Prometheus see.
type provocation struct {
	name string
	// raises says which alerts become pending or fire while the failure lasts, and for which services; "" for an alert
	// that names none. All of them are inactive again after the repair, but for those in lasting.
	raises  map[string][]string
	lasting string // the alert that looks back further than this test waits: that it falls is seen in made-up series only
	// begin makes the failure. press makes it felt: it is called again and again until all alerts are there.
	begin, press func(p *prometheus)
	// end repairs it. relieve is called again and again until the alerts have fallen.
	end, relieve func(p *prometheus)
}

// provocations raise every alert of deploy/prometheus/alerts.yaml on real servers. The order counts: an alert that looks back
// over a quarter of an hour comes before the failures that would raise it by the way, and the share of slow or failed requests is
// still moved by a few of them as long as a service has answered little.
func provocations() []provocation {
	return []provocation{
		{
			name:   "admin is stopped while the others publish",
			raises: map[string][]string{"NMSInstanceDown": {"admin"}, "NMSJournalStands": {""}},
			begin:  stop("admin"), press: (*prometheus).trace, end: start("admin"), relieve: (*prometheus).trace,
		},
		{
			name:   "a message of the journal's queue is no event",
			raises: map[string][]string{"NMSDeadLetters": {"admin"}}, lasting: "NMSDeadLetters",
			begin: (*prometheus).garbage,
		},
		{
			name:   "the journal's table refuses events",
			raises: map[string][]string{"NMSEventsRetried": {"admin"}}, lasting: "NMSEventsRetried",
			begin: (*prometheus).refuseEvents, end: (*prometheus).takeEvents,
		},
		{
			name:   "RabbitMQ's administrator closes connections again and again",
			raises: map[string][]string{"NMSBusFlaps": serviceNames()}, lasting: "NMSBusFlaps",
			press: (*prometheus).closeConnections,
		},
		{
			name:   "RabbitMQ is killed, and an event has waited for two minutes",
			raises: map[string][]string{"NMSBusDown": serviceNames(), "NMSEventsWait": {"inbox"}},
			begin:  func(p *prometheus) { require.NoError(p.t, p.Kill("rabbitmq")) }, press: (*prometheus).agedEvent, end: start("rabbitmq"),
		},
		{
			name:   "Redis is stopped",
			raises: map[string][]string{"NMSCacheDown": serviceNames(), "NMSRevocationsLate": serviceNames()},
			begin:  stop("redis"), end: start("redis"),
		},
		{
			name:   "reads wait for a lock for three seconds",
			raises: map[string][]string{"NMSSlow": {"inbox"}},
			begin: func(p *prometheus) {
				release := p.lockTraces()
				begun := time.Now()
				require.Eventually(p.t, func() bool { return time.Since(begun) > 3*time.Second }, time.Minute, 100*time.Millisecond)
				release()
			},
			relieve: requests("inbox", "/ctrl", 200),
		},
		lockedOut(),
		lostCommand(),
		refusedValues(),
		crowded(),
		late(),
		untold(),
		turnedDown(),
		unevaluated(),
		unanswered("NMSPollsFail", false),
		unanswered("NMSPollsMissed", true),
		{
			name: "PostgreSQL is stopped",
			raises: map[string][]string{"NMSDatabaseDown": serviceNames(), "NMSCacheUnleased": {"cfg"}, "NMSErrors": {"cfg"},
				"NMSCommitsFail": {"inbox"}},
			lasting: "NMSCommitsFail",
			begin:   stop("postgres"),
			press: func(p *prometheus) {
				p.trace()
				requests("cfg", "/api/v1/cfg/equipments", 1)(p)
			},
			end: start("postgres"), relieve: requests("cfg", "/ctrl", 200),
		},
		{
			name:   "the limit of open files comes near",
			raises: map[string][]string{"NMSOpenFiles": {"auth"}},
			begin:  (*prometheus).fewFiles, end: (*prometheus).manyFiles,
		},
		{
			name:   "an instance of another version runs beside the first",
			raises: map[string][]string{"NMSVersionsMixed": {"auth"}},
			begin:  (*prometheus).anotherVersion, end: (*prometheus).oneVersion,
		},
		{
			name:   "cfg is killed and started three times",
			raises: map[string][]string{"NMSInstanceRestarts": {"cfg"}}, lasting: "NMSInstanceRestarts",
			begin: (*prometheus).restarts,
		},
		{
			name:   "all services are stopped",
			raises: map[string][]string{"NMSNothingReports": {""}, "NMSInstanceDown": serviceNames()},
			begin:  stop(serviceNames()...), end: start(serviceNames()...),
		},
		agedKeys(), // its instance stays
	}
}

// lockedOut holds the lock as long as it takes.
func lockedOut() provocation {
	release := func() {}
	return provocation{
		name:   "reads and writes of traces wait for a lock: the pool is lent out, and the queue is full",
		raises: map[string][]string{"NMSPoolExhausted": {"inbox"}, "NMSTracesRefused": {"inbox"}}, lasting: "NMSTracesRefused",
		begin: func(p *prometheus) { release = p.lockTraces() },
		press: (*prometheus).largeTrace,
		end:   func(*prometheus) { release() },
	}
}

// holds tells whether every alert is active for each of its services, or for none of them.
func holds(now map[string]rule, alerts map[string][]string, active bool) bool {
	for name, services := range alerts {
		for _, service := range services {
			if slices.Contains(now[name].subjects(), service) != active {
				return false
			}
		}
	}
	return true
}

// Every alert is seen on real services and servers: Prometheus scrapes them, evaluates the rules, and the alert's
// expression becomes true with the failure and false with the repair. For how long it must be true before the alert fires, and for
// how long those look back that are «lasting» here, deploy/prometheus/tests says.
func TestEveryAlertIsRaisedByItsFailure(t *testing.T) {
	t.Parallel()
	checkout, err := FindCheckout(".")
	require.NoError(t, err)
	p, err := StartPrivate(t.Context(), checkout, Console{Out: t.Output()}, PrivateOptions{Env: map[string]string{
		"HEALTH_INTERVAL": "500ms", "RATE_LIMIT": "0", "INGEST_QUEUE_BYTES": "1048576", "LOG_LEVEL": "warn",
		"CTRL_ALLOWED_NETWORKS": "127.0.0.0/8", "CTRL_SECRETS_DIR": webhookSecret(t),
		"TELEMETRY_QUEUE_VALUES": "10000", "TELEMETRY_RATE_LIMIT": "0", "ALARM_FLAPPING_WINDOW": "1s",
	}})
	require.NoError(t, err)
	defer p.Close()
	prom := startPrometheus(t, p)
	prom.awaitFirst()

	raised := map[string]bool{}
	for _, one := range provocations() {
		for name := range one.raises {
			raised[name] = true
		}
	}
	require.Equal(t, slices.Sorted(maps.Keys(raised)), slices.Sorted(maps.Keys(prom.rules())), "an alert that nothing raises, or one that is gone")
	for _, one := range provocations() {
		prom.see(one)
	}
	prom.panelsShowSomething()
}

// see makes a failure, sees its alerts, repairs it and sees them fall.
func (p *prometheus) see(one provocation) {
	p.t.Helper()
	act := func(what func(*prometheus)) func() {
		if what == nil {
			return nil
		}
		return func() { p.t.Helper(); what(p) }
	}
	once := func(what func(*prometheus)) {
		if what != nil {
			what(p)
		}
	}
	p.logIn()
	p.await("quiet before: "+one.name, func(now map[string]rule) bool { return holds(now, one.raises, false) }, act(one.relieve))
	begun := time.Now()
	once(one.begin)
	p.await("raised: "+one.name, func(now map[string]rule) bool { return holds(now, one.raises, true) }, act(one.press))
	rise := time.Since(begun)
	once(one.end)
	falls := maps.Clone(one.raises)
	delete(falls, one.lasting)
	p.await("fallen: "+one.name, func(now map[string]rule) bool { return holds(now, falls, false) }, act(one.relieve))
	for _, service := range layout.Services {
		require.NoError(p.t, p.AwaitReady(p.ctx, service.Name))
	}
	p.t.Logf("%s: %v after %.1f s, over after %.1f s", one.name, slices.Sorted(maps.Keys(one.raises)),
		rise.Seconds(), time.Since(begun).Seconds())
}
