package cache

import (
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
)

// Collectors are the store's metrics for the registry of the service.
func (s *Store) Collectors() []prometheus.Collector {
	counter := func(name, help string, value *atomic.Int64) prometheus.Collector {
		return prometheus.NewCounterFunc(prometheus.CounterOpts{Namespace: "nms", Subsystem: "cache", Name: name, Help: help},
			func() float64 { return float64(value.Load()) })
	}
	gauge := func(name, help string, value func() float64) prometheus.Collector {
		return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Namespace: "nms", Subsystem: "cache", Name: name, Help: help}, value)
	}
	return []prometheus.Collector{
		counter("hits_total", "Reads answered from memory.", &s.stats.Hits),
		counter("shared_total", "Fills answered by another instance's entry in Redis.", &s.stats.Shared),
		counter("asked_total", "Fills that looked into Redis before.", &s.stats.Asked),
		counter("fills_total", "Fills from the database.", &s.stats.Fills),
		counter("unleased_reads_total", "Reads that went past the memory for want of a lease.", &s.stats.Unleased),
		counter("flushes_total", "Times when everything was dropped.", &s.stats.Flushes),
		gauge("bytes", "Memory taken by entries, roughly.", func() float64 {
			s.mu.RLock()
			defer s.mu.RUnlock()
			return float64(s.bytes)
		}),
		gauge("leased", "1 while this instance may answer from memory.", func() float64 {
			if s.lease.valid() {
				return 1
			}
			return 0
		}),
	}
}
