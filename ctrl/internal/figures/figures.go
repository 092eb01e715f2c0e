// Package figures measures what stands in the databases for all instances together, so that each shows the same. It is apart from what works on that: when
// that stands still, it is still told how much waits.
package figures

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"nms.example/common/db"
	"nms.example/common/retry"

	"nms.example/ctrl/internal/dwhdb"
	"nms.example/ctrl/internal/nmsdb"
	"nms.example/ctrl/internal/threshold"
)

const (
	// every is between two measurements.
	every = 5 * time.Second
	// timeout bounds one of them.
	timeout = 5 * time.Second
)

// Kinds of what is told. Tests are not among them: whoever asks for one waits for it.
const (
	alarms    = "alarms"
	heartbeat = "heartbeat"
)

// Figures are the metrics of limits, alarms, notification and polls that are measured in the databases.
type Figures struct {
	configured *db.Pool[db.NMS]
	values     *db.Pool[db.DWH]
	log        *slog.Logger

	raised, unacknowledged, waiting, oldest *prometheus.GaugeVec
	lag, unheld, failing, backedOff         prometheus.Gauge
}

// New makes them. Run must be running for them to be measured.
func New(configured *db.Pool[db.NMS], values *db.Pool[db.DWH], log *slog.Logger) *Figures {
	gauge := func(name, help string) prometheus.Gauge {
		return prometheus.NewGauge(prometheus.GaugeOpts{Name: name, Help: help})
	}
	labelled := func(name, help, label string, all ...string) *prometheus.GaugeVec {
		v := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: name, Help: help}, []string{label})
		for _, one := range all {
			v.WithLabelValues(one) // exposed before the first measurement
		}
		return v
	}
	severities := threshold.Severities()
	return &Figures{
		configured: configured, values: values, log: log,
		raised:         labelled("ctrl_alarms_raised", "Alarms that are raised, by severity.", "severity", severities...),
		unacknowledged: labelled("ctrl_alarms_unacknowledged", "Alarms that are raised and wait for an acknowledgement, in the state unack.", "severity", severities...),
		waiting:        labelled("ctrl_notifications_waiting", "Notifications that are due and not delivered, by kind.", "kind", alarms, heartbeat),
		oldest:         labelled("ctrl_notifications_oldest_seconds", "Time since the oldest notification was due that is not delivered, by kind.", "kind", alarms, heartbeat),
		lag:            gauge("ctrl_limits_lag_seconds", "Time since the oldest value came that limits are still to be evaluated on."),
		unheld:         gauge("ctrl_limits_unheld", "Slots of equipment whose limits no instance evaluates."),
		failing:        gauge("ctrl_polls_failing", "Pieces of equipment whose last poll has failed."),
		backedOff:      gauge("ctrl_polls_backed_off", "Equipment that is polled more seldom because it does not answer, over all instances."),
	}
}

// Collectors are the figures for the registry of the service.
func (f *Figures) Collectors() []prometheus.Collector {
	return []prometheus.Collector{f.raised, f.unacknowledged, f.waiting, f.oldest, f.lag, f.unheld, f.failing, f.backedOff}
}

// Run measures until ctx ends. What cannot be measured stays as it was.
func (f *Figures) Run(ctx context.Context) error {
	for {
		if err := f.measure(ctx); err != nil && ctx.Err() == nil {
			f.log.WarnContext(ctx, "what waits cannot be counted", "error", err)
		}
		if !retry.Sleep(ctx, every) {
			return nil
		}
	}
}

// measure measures each of them, also when another one cannot be.
func (f *Figures) measure(ctx context.Context) error {
	q := nmsdb.New(f.configured)
	var failures []error
	for _, one := range []func(context.Context) error{
		func(ctx context.Context) error {
			oldest, err := dwhdb.New(f.values).FeedOldest(ctx)
			if err == nil {
				f.lag.Set(oldest)
			}
			return err
		},
		func(ctx context.Context) error { return f.measureAlarms(ctx, q) },
		func(ctx context.Context) error { return f.measureNotifications(ctx, q) },
	} {
		bounded, cancel := context.WithTimeout(ctx, timeout)
		failures = append(failures, one(bounded))
		cancel()
	}
	return errors.Join(failures...)
}

func (f *Figures) measureAlarms(ctx context.Context, q *nmsdb.Queries) error {
	rows, err := q.FiguresAlarms(ctx)
	if err != nil {
		return err
	}
	now := map[string]nmsdb.FiguresAlarmsRow{}
	for _, row := range rows {
		now[row.Severity] = row
	}
	for _, severity := range threshold.Severities() {
		f.raised.WithLabelValues(severity).Set(float64(now[severity].Raised))
		f.unacknowledged.WithLabelValues(severity).Set(float64(now[severity].Unacknowledged))
	}
	return nil
}

func (f *Figures) measureNotifications(ctx context.Context, q *nmsdb.Queries) error {
	rows, err := q.FiguresDeliveries(ctx)
	if err != nil {
		return err
	}
	undone, err := q.FiguresUndone(ctx)
	if err != nil {
		return err
	}
	waiting, oldest := map[string]int64{}, map[string]float64{alarms: undone.Undecided, heartbeat: undone.Heartbeat}
	for _, row := range rows {
		waiting[row.Kind], oldest[row.Kind] = row.Waiting, max(oldest[row.Kind], row.Oldest)
	}
	for _, kind := range []string{alarms, heartbeat} {
		f.waiting.WithLabelValues(kind).Set(float64(waiting[kind]))
		f.oldest.WithLabelValues(kind).Set(oldest[kind])
	}
	f.unheld.Set(float64(undone.Unheld))
	f.failing.Set(float64(undone.Failing))
	f.backedOff.Set(float64(undone.BackedOff))
	return nil
}
