package db

import (
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"
)

// Collector reports the pool's figures to Prometheus: connections by state, and how long calls waited for
// one. Register it once per pool; the label `database` tells them apart.
func (p *Pool[K]) Collector() prometheus.Collector {
	labels := prometheus.Labels{"database": string(p.database)}
	describe := func(name, help string, variable ...string) *prometheus.Desc {
		return prometheus.NewDesc("nms_db_pool_"+name, help, variable, labels)
	}
	return &collector{
		stat:        p.pool.Stat,
		connections: describe("connections", "Connections by state: acquired, idle, constructing.", "state"),
		limit:       describe("connections_max", "Most connections that the pool opens."),
		acquires:    describe("acquires_total", "Connections handed out."),
		waits:       describe("acquire_waits_total", "Connections handed out after a wait, because none was idle."),
		cancelled:   describe("acquires_cancelled_total", "Callers that gave up waiting for a connection."),
		waited:      describe("acquire_seconds_total", "Time that callers waited for connections, in seconds."),
		opened:      describe("connections_opened_total", "Connections opened since the start."),
		expired:     describe("connections_expired_total", "Connections closed for their age or idleness."),
	}
}

type collector struct {
	stat                                                                    func() *pgxpool.Stat
	connections, limit, acquires, waits, cancelled, waited, opened, expired *prometheus.Desc
}

// Describe implements prometheus.Collector.
func (c *collector) Describe(out chan<- *prometheus.Desc) { prometheus.DescribeByCollect(c, out) }

// Collect implements prometheus.Collector.
func (c *collector) Collect(out chan<- prometheus.Metric) {
	s := c.stat()
	gauge := func(d *prometheus.Desc, value int32, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, float64(value), labels...)
	}
	counter := func(d *prometheus.Desc, value float64) {
		out <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, value)
	}
	gauge(c.connections, s.AcquiredConns(), "acquired")
	gauge(c.connections, s.IdleConns(), "idle")
	gauge(c.connections, s.ConstructingConns(), "constructing")
	gauge(c.limit, s.MaxConns())
	counter(c.acquires, float64(s.AcquireCount()))
	counter(c.waits, float64(s.EmptyAcquireCount()))
	counter(c.cancelled, float64(s.CanceledAcquireCount()))
	counter(c.waited, s.AcquireDuration().Seconds())
	counter(c.opened, float64(s.NewConnsCount()))
	counter(c.expired, float64(s.MaxLifetimeDestroyCount()+s.MaxIdleDestroyCount()))
}
