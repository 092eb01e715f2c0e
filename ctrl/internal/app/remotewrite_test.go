package app_test

import (
	"context"
	"encoding/binary"
	"math"
	"net/http"
	"testing"
	"time"

	"github.com/klauspost/compress/snappy"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/encoding/protowire"

	"nms.example/common/db"
	"nms.example/common/waittest"
)

// sample is one of a series, ms ago.
type sample struct {
	value float64
	ago   time.Duration
}

// written is a time series as Prometheus encodes it; labels are names and values in turn.
func written(now time.Time, labels []string, samples ...sample) []byte {
	field := func(to []byte, number protowire.Number, value []byte) []byte {
		return protowire.AppendBytes(protowire.AppendTag(to, number, protowire.BytesType), value)
	}
	var s []byte
	for i := 0; i+1 < len(labels); i += 2 {
		s = field(s, 1, field(field(nil, 1, []byte(labels[i])), 2, []byte(labels[i+1])))
	}
	for _, one := range samples {
		m := binary.LittleEndian.AppendUint64(protowire.AppendTag(nil, 1, protowire.Fixed64Type), math.Float64bits(one.value))
		m = protowire.AppendVarint(protowire.AppendTag(m, 2, protowire.VarintType), uint64(now.Add(-one.ago).UnixMilli()))
		s = field(s, 2, m)
	}
	return field(nil, 1, s)
}

// write sends series and returns the status.
func (b *bundle) write(body []byte, headers ...string) int {
	b.t.Helper()
	return b.Call(http.MethodPost, "/telemetry/prometheus", body, append(headers, "Content-Type: application/x-protobuf")...).Status
}

func TestRemoteWrite(t *testing.T) {
	t.Parallel()
	b := setup(t)
	now := time.Now()
	seriesOf := func(metric string, labels, fields object) object {
		return with(object{"driver": "prometheus", "read": object{"metric": metric, "labels": labels}}, fields)
	}
	send := func(u *unit, series ...[]byte) {
		u.t.Helper()
		var message []byte
		for _, s := range series {
			message = append(message, s...)
		}
		require.Equal(u.t, http.StatusNoContent, u.write(snappy.Encode(nil, message), "Content-Encoding: snappy"))
	}
	count := func(u *unit) (n int) {
		require.NoError(u.t, u.dwh.QueryRow(u.t.Context(), "SELECT count(*) FROM frame WHERE equipment = $1", u.equipment).Scan(&n))
		return n
	}

	t.Run("series that are bound are kept, scaled, those of one moment together", func(t *testing.T) {
		t.Parallel()
		u := b.unit(t)
		u.changed()
		u.put(u.sourceAt(b.named("gain")), seriesOf("gain", object{"job": "a"}, object{"scale": 10, "offset": 1})).Is(created)
		u.put(u.sourceAt(b.named("level")), seriesOf("level", object{"job": "a"}, nil)).Is(created)
		message := [][]byte{
			written(now, []string{"__name__", "gain", "job", "a", "instance", "x"}, sample{1, 3 * time.Second}, sample{2, time.Second}),
			written(now, []string{"__name__", "level", "job", "a"}, sample{-1, 3 * time.Second}, sample{math.Inf(1), time.Second}),
			written(now, []string{"__name__", "gain", "job", "b"}, sample{5, time.Second}), // another job
			written(now, []string{"__name__", "up", "job", "a"}, sample{1, time.Second}),   // nobody's
		}
		waittest.Until(t, "the binding that was made last is known, and so is the other", func() bool {
			send(u, written(now, []string{"__name__", "level", "job", "a"}, sample{-1, 9 * time.Second}))
			return count(u) == 1
		})
		send(u, message...)
		require.Equal(t, 3, count(u))
		require.Equal(t, []string{"gain 21 good", "level null bad"}, u.shown(""))
		send(u, message...)
		require.Equal(t, 3, count(u), "sent again it is the same")
		require.Positive(t, b.instance.Metric(t, "ctrl_remote_write_unbound_total"))
	})
	t.Run("late samples are kept, those that are too old or of the future are left out, and none is an error", func(t *testing.T) {
		t.Parallel()
		u := b.unit(t)
		u.changed()
		u.put(u.sourceAt(b.named("gain")), seriesOf("late", nil, nil)).Is(created)
		labels := []string{"__name__", "late"}
		waittest.Until(t, "the binding is known", func() bool { send(u, written(now, labels, sample{1, time.Second})); return count(u) == 1 })
		send(u, written(now, labels, sample{2, time.Hour}, sample{3, 1000 * time.Hour}, sample{4, -time.Hour}))
		require.Equal(t, 2, count(u))
		require.Equal(t, []string{"gain 1 good"}, u.shown(""))
	})
	t.Run("the end of a series is no value", func(t *testing.T) {
		t.Parallel()
		u := b.unit(t)
		u.changed()
		u.put(u.sourceAt(b.named("gain")), seriesOf("ended", nil, nil)).Is(created)
		labels := []string{"__name__", "ended"}
		waittest.Until(t, "the binding is known", func() bool { send(u, written(now, labels, sample{1, 2 * time.Second})); return count(u) == 1 })
		send(u, written(now, labels, sample{math.Float64frombits(0x7ff0000000000002), time.Second}))
		require.Equal(t, 1, count(u))
	})
}

// Which series are bound is known whatever happened meanwhile.
func TestBindingsOfSeriesAreFollowed(t *testing.T) {
	t.Parallel()
	b := setup(t)
	now := time.Now()
	bind := func(u *unit, metric string) {
		u.t.Helper()
		u.put(u.sourceAt(b.named("gain")), object{"driver": "prometheus", "read": object{"metric": metric}})
	}
	second := 0
	known := func(u *unit, metric string) {
		u.t.Helper()
		waittest.Until(u.t, "the binding of "+metric+" is known", func() bool {
			second++
			at := time.UnixMilli(now.UnixMilli()).Add(-time.Duration(second) * time.Second)
			message := written(at, []string{"__name__", metric}, sample{1, 0})
			require.Equal(u.t, http.StatusNoContent, u.write(snappy.Encode(nil, message), "Content-Encoding: snappy"))
			var found bool
			require.NoError(u.t, u.dwh.QueryRow(u.t.Context(), "SELECT EXISTS (SELECT FROM frame WHERE equipment = $1 AND at = $2)", u.equipment, at).Scan(&found))
			return found
		})
	}
	first, other := b.unit(t), b.unit(t)
	bind(first, "first")
	known(first, "first")

	first.exec("UPDATE command SET undo_cmd_id = NULL, archived_at = now() WHERE equipment_id = $1", first.equipment)
	first.exec("UPDATE equipment SET archived_at = now() WHERE id = $1", first.equipment)
	first.changed()
	bind(other, "other")
	known(other, "other")
	first.exec("UPDATE equipment SET archived_at = NULL WHERE id = $1", first.equipment)
	first.changed()
	known(first, "first") // it was restored

	require.NoError(t, b.pool.InTx(t.Context(), db.TxOptions{}, func(ctx context.Context, tx db.Tx[db.NMS]) error {
		_, err := tx.Exec(ctx, `UPDATE telemetry_binding SET read = '{"metric": "changed"}', revision = nextval('ctrl_revision') WHERE equipment_id = $1`, first.equipment)
		bind(other, "later")
		known(other, "later")
		return err
	}))
	known(first, "changed") // an earlier revision was committed later
}

func TestRemoteWriteThatIsNone(t *testing.T) {
	t.Parallel()
	b := setup(t)
	require.Equal(t, http.StatusBadRequest, b.write([]byte("no snappy"), "Content-Encoding: snappy"))
	require.Equal(t, http.StatusBadRequest, b.write(snappy.Encode(nil, []byte("\x0a\x7fshort")), "Content-Encoding: snappy"))
	require.Equal(t, http.StatusNoContent, b.write(snappy.Encode(nil, nil), "Content-Encoding: snappy"))
	require.Equal(t, http.StatusNoContent, b.write(snappy.Encode(nil, nil)), "some leave the header out")
	require.Equal(t, http.StatusRequestEntityTooLarge, b.write(snappy.Encode(nil, make([]byte, 9<<20)), "Content-Encoding: snappy"))
	require.Equal(t, http.StatusUnsupportedMediaType, b.write([]byte("x"), "Content-Encoding: br"))
	for kind, status := range map[string]int{
		"application/x-protobuf;proto=prometheus.WriteRequest":              http.StatusNoContent,
		"application/x-protobuf; proto=io.prometheus.write.v2.Request":      http.StatusUnsupportedMediaType,
		`application/x-protobuf; Proto="io.prometheus.write.v2.Request"`:    http.StatusUnsupportedMediaType,
		"application/x-protobuf;proto=io.prometheus.write.v2.Request;q=0.5": http.StatusUnsupportedMediaType,
	} { // what is of version 2 would be read as a request of version 1 without any series, and so be lost
		require.Equal(t, status, b.Call(http.MethodPost, "/telemetry/prometheus", snappy.Encode(nil, nil), "Content-Encoding: snappy", "Content-Type: "+kind).Status, kind)
	}
}
