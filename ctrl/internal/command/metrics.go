package command

import (
	"context"

	"github.com/prometheus/client_golang/prometheus"

	"nms.example/common/change"
)

// newOutcomes makes the counter of what became of commands, with every outcome exposed from the start.
func newOutcomes() *prometheus.CounterVec {
	outcomes := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "ctrl_commands_total", Help: "Commands that this instance saw come to an end, or become unknown, by outcome.",
	}, []string{"outcome"})
	for _, state := range States() {
		if state.counts() {
			outcomes.WithLabelValues(string(state))
		}
	}
	return outcomes
}

// counts reports whether a state is an outcome. Unknown is one of those that may be followed by another.
func (s State) counts() bool { return s.Final() || s == StateUnknown }

// Collector is the metric of outcomes for the registry of the service.
func (s *Commands) Collector() prometheus.Collector { return s.outcomes }

// count counts an outcome once it is committed.
func (s *Commands) count(changes *change.Changes, before, after State) {
	if after.counts() && after != before {
		changes.AfterCommit(func(context.Context) { s.outcomes.WithLabelValues(string(after)).Inc() })
	}
}
