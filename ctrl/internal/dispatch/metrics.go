package dispatch

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"nms.example/ctrl/internal/command"
	"nms.example/ctrl/internal/nmsdb"
)

// backlog is what waits in the database, in all queues: the same figures from each instance.
type backlog struct {
	waiting  *prometheus.GaugeVec
	oldest   prometheus.Gauge
	unknown  prometheus.Gauge
	held     prometheus.Gauge
	measured time.Time // the sweep's alone
}

func newBacklog() *backlog {
	gauge := func(name, help string) prometheus.Gauge {
		return prometheus.NewGauge(prometheus.GaugeOpts{Name: name, Help: help})
	}
	waiting := prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "ctrl_commands_waiting", Help: "Commands that wait, to be sent or to be approved, by state.",
	}, []string{"state"})
	for _, state := range []command.State{command.Queued, command.AwaitingApproval} {
		waiting.WithLabelValues(string(state)) // exposed before the first count
	}
	return &backlog{
		waiting: waiting,
		oldest:  gauge("ctrl_commands_oldest_seconds", "Time since the oldest queued command was sent or approved."),
		unknown: gauge("ctrl_commands_unknown", "Commands that may have been executed; each holds the queue of its equipment until it is resolved."),
		held:    gauge("ctrl_queues_held", "Queues that somebody holds."),
	}
}

// Collectors are the metrics of what waits for the registry of the service.
func (d *Dispatcher) Collectors() []prometheus.Collector {
	return []prometheus.Collector{d.backlog.waiting, d.backlog.oldest, d.backlog.unknown, d.backlog.held}
}

// measure counts what waits, now and then. A failure leaves the figures as they were.
func (t *term) measure(ctx context.Context) error {
	if time.Since(t.backlog.measured) < measureEvery {
		return nil
	}
	t.backlog.measured = time.Now()
	now, err := nmsdb.New(t.writer.Pool()).Backlog(ctx)
	if err != nil {
		return err
	}
	t.backlog.waiting.WithLabelValues(string(command.Queued)).Set(float64(now.Queued))
	t.backlog.waiting.WithLabelValues(string(command.AwaitingApproval)).Set(float64(now.AwaitingApproval))
	t.backlog.oldest.Set(now.Oldest)
	t.backlog.unknown.Set(float64(now.Unknown))
	t.backlog.held.Set(float64(now.Held))
	return nil
}
