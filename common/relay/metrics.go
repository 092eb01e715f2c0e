package relay

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/prometheus/client_golang/prometheus"
)

// maxCounted bounds the count of waiting rows: a long queue must not be made longer by counting it.
const maxCounted = 100_000

const measureSQL = `
SELECT (SELECT count(*) FROM (SELECT 1 FROM outbox LIMIT $1) AS counted),
       coalesce(extract(epoch FROM clock_timestamp() - (
           SELECT min(first.created_at) FROM generate_series(0, 15) AS s (slot)
           CROSS JOIN LATERAL (SELECT created_at FROM outbox WHERE outbox.slot = s.slot ORDER BY id LIMIT 1) AS first)), 0)::float8`

// backlog is what waits to be published.
type backlog struct {
	rows   int64
	oldest time.Duration
	at     time.Time
}

// measure looks at the backlog now and then. A failure leaves the figures as they were and is logged.
func (r *Relay) measure(ctx context.Context, conn *pgx.Conn) {
	if time.Since(r.measured) < measureEvery {
		return
	}
	r.measured = time.Now()
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	var rows int64
	var oldest float64
	if err := conn.QueryRow(ctx, measureSQL, maxCounted).Scan(&rows, &oldest); err != nil {
		r.log.WarnContext(ctx, "the backlog of the outbox could not be measured", "error", err)
		return
	}
	r.backlog.Store(&backlog{rows, time.Duration(oldest * float64(time.Second)), r.measured})
}

// forgotten is when it is no longer known what waits: a pass ends before that, unless the database is away.
const forgotten = time.Minute

// Lag returns for how long the oldest row of the database waits to be published, 0 when none does. It is not known before it was measured, and while that fails.
func (r *Relay) Lag() (lag time.Duration, known bool) {
	b := r.backlog.Load()
	if b == nil || time.Since(b.at) > forgotten {
		return 0, false
	}
	if b.rows == 0 {
		return 0, true
	}
	return b.oldest + time.Since(b.at), true
}

// Collectors are the relay's metrics for the registry of the service.
func (r *Relay) Collectors() []prometheus.Collector {
	measured := func() backlog {
		if b := r.backlog.Load(); b != nil {
			return *b
		}
		return backlog{}
	}
	gauge := func(name, help string, value func() float64) prometheus.Collector {
		return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Namespace: "nms", Subsystem: "outbox", Name: name, Help: help}, value)
	}
	counter := func(name, help string, value func() float64) prometheus.Collector {
		return prometheus.NewCounterFunc(prometheus.CounterOpts{Namespace: "nms", Subsystem: "outbox", Name: name, Help: help}, value)
	}
	return []prometheus.Collector{
		gauge("rows", "Rows that wait to be published (counted up to 100,000).", func() float64 { return float64(measured().rows) }),
		gauge("oldest_seconds", "Age of the oldest row that waits.", func() float64 { return measured().oldest.Seconds() }),
		counter("published_rows_total", "Rows published and removed.", func() float64 { return float64(r.published.Load()) }),
		counter("failures_total", "Passes in which something could not be published.", func() float64 { return float64(r.failures.Load()) }),
	}
}
