package app_test

import (
	"fmt"
	"math"
	"net/http"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"nms.example/common/apitest"
	"nms.example/common/rf"
	"nms.example/common/waittest"
)

func signalJSON(guid, trace uuid.UUID, start, stop, f0 int64) string {
	return fmt.Sprintf(`{"guid":%q,"trace_guid":%q,"start_freq_hz":%d,"stop_freq_hz":%d,"f0_freq_hz":%d}`, guid, trace, start, stop, f0)
}

func TestASignalMayComeBeforeItsTrace(t *testing.T) {
	t.Parallel()
	b := setup(t)
	trace, inside, outside := uuid.New(), uuid.New(), uuid.New()
	body := "[" + signalJSON(inside, trace, 100100, 100350, 100200) + "," + signalJSON(outside, trace, 100350, 100500, 100400) + "]"

	got := b.post(signals, gzipped(t, body), "Content-Encoding", "gzip")
	require.Equal(t, http.StatusCreated, got.status, "%s", got.body)
	require.JSONEq(t, fmt.Sprintf(`[%q,%q]`, inside, outside), string(got.body))
	again := b.post(signals, body)
	require.Equal(t, http.StatusOK, again.status)
	require.JSONEq(t, string(got.body), string(again.body))

	require.Equal(t, http.StatusNotFound, b.get(signals+"/"+inside.String()+"/power").status, "the trace is missing")
	require.Equal(t, http.StatusCreated, b.post(traces, sample(trace, time.Now())).status)

	var list []map[string]any
	b.get(traces+"/"+trace.String()+"/signals").decode(t, &list)
	require.Len(t, list, 2)
	require.Equal(t, inside.String(), list[0]["guid"])

	var power struct{ MaxDBm, MeanDBm, ChannelPowerDBm float64 }
	var raw map[string]float64
	b.get(signals+"/"+inside.String()+"/power").decode(t, &raw)
	power.MaxDBm, power.MeanDBm, power.ChannelPowerDBm = raw["max_dbm"], raw["mean_dbm"], raw["channel_power_dbm"]
	sum := rf.Milliwatts(-8000) + rf.Milliwatts(0) + rf.Milliwatts(32767)
	require.InDelta(t, 327.67, power.MaxDBm, 1e-9)
	require.InDelta(t, 10*math.Log10(sum/3), power.MeanDBm, 1e-9)
	require.InDelta(t, 10*math.Log10(sum), power.ChannelPowerDBm, 1e-9)

	var cut struct {
		Start  int64     `json:"start_freq_hz"`
		Stop   int64     `json:"stop_freq_hz"`
		Points int       `json:"numpoints"`
		Power  []float64 `json:"y_val_dbm"`
	}
	b.get(signals+"/"+inside.String()+"/cut").decode(t, &cut)
	require.Equal(t, int64(100100), cut.Start)
	require.Equal(t, int64(100300), cut.Stop)
	require.Equal(t, []float64{-80, 0, 327.67}, cut.Power)
	b.get(signals+"/"+inside.String()+"/cut?min-bandwidth-hz=300").decode(t, &cut)
	require.Equal(t, int64(100400), cut.Stop)

	refused := b.get(signals + "/" + outside.String() + "/cut")
	require.Equal(t, "path.guid", apitest.Problem(t, refused.header, refused.body, http.StatusUnprocessableEntity).Errors[0].Location)
	refused = b.get(signals + "/" + inside.String() + "/cut?min-bandwidth-hz=400")
	require.Equal(t, "query.min-bandwidth-hz", apitest.Problem(t, refused.header, refused.body, http.StatusUnprocessableEntity).Errors[0].Location)
	require.Equal(t, http.StatusNotFound, b.get(signals+"/"+uuid.NewString()+"/cut").status)
	require.Equal(t, http.StatusUnprocessableEntity, b.get(signals+"/17/cut").status)
	require.Equal(t, http.StatusNotFound, b.get(traces+"/"+uuid.NewString()+"/signals").status)
}

func TestSignalsAreStoredAllOrNone(t *testing.T) {
	t.Parallel()
	b := setup(t)
	known, trace := uuid.New(), uuid.New()
	require.Equal(t, http.StatusCreated, b.post(signals, "["+signalJSON(known, trace, 1, 5, 3)+"]").status)

	got := b.post(signals, "["+signalJSON(uuid.New(), trace, 1, 5, 3)+","+signalJSON(known, trace, 1, 6, 3)+"]")
	require.Equal(t, http.StatusConflict, got.status)
	require.Contains(t, string(got.body), `body[1].guid`)
	twin := uuid.New()
	got = b.post(signals, "["+signalJSON(twin, trace, 1, 5, 3)+","+signalJSON(twin, trace, 1, 6, 3)+"]")
	require.Equal(t, http.StatusConflict, got.status)
	require.Equal(t, http.StatusCreated, b.post(signals, "["+signalJSON(twin, trace, 1, 5, 3)+","+signalJSON(twin, trace, 1, 5, 3)+"]").status)

	got = b.post(signals, "["+signalJSON(uuid.New(), trace, 5, 1, 3)+","+signalJSON(uuid.New(), trace, 1, 2, 3)+"]")
	require.Equal(t, http.StatusUnprocessableEntity, got.status)
	require.Contains(t, string(got.body), `body[0].stop_freq_hz`)
	require.Contains(t, string(got.body), `body[1].f0_freq_hz`)
	require.Equal(t, http.StatusUnprocessableEntity, b.post(signals, "[]").status)

	var stored, events int
	require.NoError(t, b.pool.QueryRow(t.Context(), `SELECT count(*) FROM signal`).Scan(&stored))
	require.Equal(t, 2, stored)
	require.Eventually(t, func() bool {
		require.NoError(t, b.pool.QueryRow(t.Context(), `SELECT count(*) FROM outbox`).Scan(&events))
		return events == 0
	}, waittest.Bound, 10*time.Millisecond, "the relay empties the outbox")
}
