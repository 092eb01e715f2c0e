package relay_test

import (
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"nms.example/common/event"
	"nms.example/common/relay"
)

// TestTheBacklogIsMeasured makes a backlog by refusing to publish, sees all figures of the relay rise, and the backlog's
// fall again when it is published. The wait that the alert NMSEventsWait asks for (60 s) is made by an older row.
func TestTheBacklogIsMeasured(t *testing.T) {
	t.Parallel()
	f := setup(t)
	var refuses atomic.Bool
	refuses.Store(true)
	s := &sender{refuse: func(event.Event) error {
		if refuses.Load() {
			return errors.New("refused")
		}
		return nil
	}}
	for i := 1; i <= 3; i++ {
		require.NoError(t, f.write(t.Context(), newEvent(t, "cfg.equipment.updated", "1", i)))
	}
	_, err := f.pool.Exec(t.Context(), "UPDATE outbox SET created_at = created_at - interval '2 minutes'")
	require.NoError(t, err)
	r, _ := f.relay(s, relay.Options{})
	registry := prometheus.NewRegistry()
	registry.MustRegister(r.Collectors()...)
	value := func(name string) float64 {
		families, err := registry.Gather()
		require.NoError(t, err)
		for _, family := range families {
			if family.GetName() == name {
				m := family.GetMetric()[0]
				return m.GetGauge().GetValue() + m.GetCounter().GetValue()
			}
		}
		require.Fail(t, "there is no metric "+name)
		return 0
	}
	require.Zero(t, value("nms_outbox_published_rows_total"))
	require.Eventually(t, func() bool {
		return value("nms_outbox_rows") == 3 && value("nms_outbox_oldest_seconds") > 60 && value("nms_outbox_failures_total") > 0
	}, patience, 20*time.Millisecond)

	refuses.Store(false)
	require.Eventually(t, func() bool {
		return value("nms_outbox_rows") == 0 && value("nms_outbox_oldest_seconds") == 0 && value("nms_outbox_published_rows_total") == 3
	}, patience, 20*time.Millisecond)
}
