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
	r.rows.Store(rows)
	r.oldest.Store(int64(oldest * float64(time.Second)))
}

// Collectors are the relay's metrics for the registry of the service.
func (r *Relay) Collectors() []prometheus.Collector {
	gauge := func(name, help string, value func() float64) prometheus.Collector {
		return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Namespace: "nms", Subsystem: "outbox", Name: name, Help: help}, value)
	}
	counter := func(name, help string, value func() float64) prometheus.Collector {
		return prometheus.NewCounterFunc(prometheus.CounterOpts{Namespace: "nms", Subsystem: "outbox", Name: name, Help: help}, value)
	}
	return []prometheus.Collector{
		gauge("rows", "Rows that wait to be published (counted up to 100,000).", func() float64 { return float64(r.rows.Load()) }),
		gauge("oldest_seconds", "Age of the oldest row that waits.", func() float64 { return time.Duration(r.oldest.Load()).Seconds() }),
		counter("published_rows_total", "Rows published and removed.", func() float64 { return float64(r.published.Load()) }),
		counter("failures_total", "Passes in which something could not be published.", func() float64 { return float64(r.failures.Load()) }),
	}
}
