package bus

import (
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
)

// counters are what a Conn counts over its life.
type counters struct {
	published, refused               atomic.Int64 // messages
	handled, retried, waited, buried atomic.Int64 // events
}

// Collectors are the connection's metrics for the registry of the service.
func (c *Conn) Collectors() []prometheus.Collector {
	counter := func(name, help string, value func() int64) prometheus.Collector {
		return prometheus.NewCounterFunc(prometheus.CounterOpts{Namespace: "nms", Subsystem: "bus", Name: name, Help: help},
			func() float64 { return float64(value()) })
	}
	return []prometheus.Collector{
		counter("connection_losses_total", "Connections to the broker that were lost.", c.Losses),
		counter("published_messages_total", "Messages that the broker confirmed.", c.counters.published.Load),
		counter("refused_messages_total", "Messages that could not be published; the outbox tries again.", c.counters.refused.Load),
		counter("handled_events_total", "Events that a handler took.", c.counters.handled.Load),
		counter("retried_events_total", "Events put aside for another attempt.", c.counters.retried.Load),
		counter("waiting_events_total", "Attempts that found what the handler needs unavailable.", c.counters.waited.Load),
		counter("dead_letters_total", "Messages that became dead letters.", c.counters.buried.Load),
	}
}
