package ingest

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

type metrics struct {
	refused  prometheus.Counter
	failed   prometheus.Counter
	batch    prometheus.Histogram
	duration prometheus.Histogram
}

func newMetrics() *metrics {
	return &metrics{
		refused: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "inbox_queue_refused_total", Help: "Traces refused because the queue was full.",
		}),
		failed: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "inbox_commit_failed_total", Help: "Batches that the database refused, before they were split.",
		}),
		batch: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "inbox_commit_traces", Help: "Traces per transaction.", Buckets: prometheus.ExponentialBuckets(1, 2, 10),
		}),
		duration: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "inbox_commit_seconds", Help: "Duration of a transaction.", Buckets: prometheus.ExponentialBuckets(0.001, 2, 12),
		}),
	}
}

func (m *metrics) observe(traces int, took time.Duration, err error) {
	if err != nil {
		m.failed.Inc()
		return
	}
	m.batch.Observe(float64(traces))
	m.duration.Observe(took.Seconds())
}

// Collectors are the queue's metrics for the registry of the service.
func (q *Queue) Collectors() []prometheus.Collector {
	return []prometheus.Collector{
		q.metrics.refused, q.metrics.failed, q.metrics.batch, q.metrics.duration,
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "inbox_queue_traces", Help: "Traces that wait or are being committed.",
		}, func() float64 { return float64(q.Waiting()) }),
	}
}
