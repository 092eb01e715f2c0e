package app_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/klauspost/compress/snappy"
	"github.com/stretchr/testify/require"

	"nms.example/common/waittest"
)

// Each metric moves when what it tells of happens.
func TestTheMetricsOfTelemetryMove(t *testing.T) {
	t.Parallel()
	b := prepare(t, map[string]string{"TELEMETRY_QUEUE_VALUES": "10000", "TELEMETRY_RATE_LIMIT": "0"})
	b.start()
	metric := func(name string, labels ...string) float64 { return b.instance.Metric(t, name, labels...) }
	moves := func(name string, labels ...string) {
		t.Helper()
		waittest.Until(t, name, func() bool { return metric(name, labels...) > 0 })
	}
	u := b.receiver(t, nil)
	now := time.Now()
	u.Post("/telemetry", u.frame(now, `{"gain": 1, "level": 2}`)).Is(created)
	u.Post("/telemetry", u.frame(now, `{"gain": 1, "level": 2}`)).Is(ok)
	require.InDelta(t, 2, metric("ctrl_telemetry_values_total"), 0, "known ones are not counted")
	require.InDelta(t, 2, metric("ctrl_telemetry_known_total"), 0)
	require.Zero(t, metric("ctrl_telemetry_late_total"))
	u.Post("/telemetry", u.frame(now.Add(-time.Hour), `{"gain": 1, "level": 2}`)).Is(created)
	require.InDelta(t, 2, metric("ctrl_telemetry_late_total"), 0)
	require.InDelta(t, 10_000, metric("ctrl_telemetry_waiting_max"), 0)
	require.Positive(t, metric("ctrl_telemetry_commit_frames_count"))
	require.Positive(t, metric("ctrl_telemetry_commit_seconds_count"))

	u.put(u.sourceAt(b.named("gain")), polled(nil)).Is(created)
	moves("ctrl_polls_total", `outcome="answered"`)

	u.changed()
	u.put(u.sourceAt(b.named("level")), object{"driver": "prometheus", "read": object{"metric": "level"}}).Is(created)
	waittest.Until(t, "the binding is known", func() bool {
		body := append(written(now, []string{"__name__", "level"}, sample{1, 9000 * time.Hour}), written(now, []string{"__name__", "other"}, sample{1, 0})...)
		require.Equal(t, http.StatusNoContent, b.write(snappy.Encode(nil, body), "Content-Encoding: snappy"))
		return metric("ctrl_remote_write_outside_total") > 0
	})
	moves("ctrl_remote_write_samples_total")
	moves("ctrl_remote_write_unbound_total")

	crowd(t, b)
	refuse(t, b)
	moves("ctrl_telemetry_commit_failed_total")
}

// crowd sends more values at once than may wait, while the database is slow.
func crowd(t *testing.T, b *bundle) {
	t.Helper()
	_, err := b.dwh.Exec(t.Context(), `CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.3); RETURN NULL; END $$;
		CREATE TRIGGER slow AFTER INSERT ON latest FOR EACH STATEMENT EXECUTE FUNCTION slow()`)
	require.NoError(t, err)
	b.exec(`INSERT INTO telemetry (name, name_full, description, value_validator) SELECT 'm' || i, 'x', 'x', '{"type":"number"}' FROM generate_series(1, 400) i`)
	b.changed()
	values := make([]string, 400)
	for i := range values {
		values[i] = fmt.Sprintf(`"m%d":%d`, i+1, i)
	}
	u, stop := b.unit(t), make(chan struct{})
	u.Post("/telemetry", u.frame(time.Now(), `{"m1": 1}`)).Is(created) // the equipment and the parameters are known from here on
	var senders sync.WaitGroup
	for s := range 40 {
		senders.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-stop:
					return
				default:
				}
				at := time.Now().Add(-time.Duration(s) * time.Minute)
				u.Post("/telemetry", object{"equipment_id": u.equipment, "at": at.Format(time.RFC3339Nano), "values": json.RawMessage("{" + strings.Join(values, ",") + "}")})
			}
		})
	}
	defer senders.Wait()
	defer close(stop)
	waittest.Until(t, "values wait", func() bool { return b.instance.Metric(t, "ctrl_telemetry_waiting") > 0 })
	waittest.Until(t, "calls are refused", func() bool { return b.instance.Metric(t, "ctrl_telemetry_refused_total") > 0 })
	_, err = b.dwh.Exec(t.Context(), "DROP TRIGGER slow ON latest")
	require.NoError(t, err)
}

// refuse has the database refuse one piece of equipment; the values of others are stored all the same.
func refuse(t *testing.T, b *bundle) {
	t.Helper()
	u := b.unit(t)
	_, err := b.dwh.Exec(t.Context(), fmt.Sprintf(`CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'provoked by a test'; END $$;
		CREATE TRIGGER refuse BEFORE INSERT ON latest FOR EACH ROW WHEN (NEW.equipment = %d) EXECUTE FUNCTION refuse()`, u.equipment))
	require.NoError(t, err)
	u.Post("/telemetry", u.frame(time.Now(), `{"gain": 1}`)).Is(http.StatusInternalServerError)
	other := b.unit(t)
	other.Post("/telemetry", other.frame(time.Now(), `{"gain": 1}`)).Is(created)
}
