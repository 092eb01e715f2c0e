package app_test

import (
	"encoding/json"
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

func signalJSON(guid, trace uuid.UUID, start, stop, f0 float64) string {
	return fmt.Sprintf(`{"guid":%q,"trace_guid":%q,"start_freq_hz":%s,"stop_freq_hz":%s,"f0_freq_hz":%s}`, guid, trace,
		rf.AppendHz(nil, start), rf.AppendHz(nil, stop), rf.AppendHz(nil, f0))
}

// power asks for what a signal measures.
func (b *bundle) power(guid uuid.UUID) (power struct {
	MaxDBm     float64  `json:"max_dbm"`
	MeanDBm    float64  `json:"mean_dbm"`
	ChannelDBm float64  `json:"channel_power_dbm"`
	Bandwidth  float64  `json:"noise_bandwidth_hz"`
	Assumed    bool     `json:"assumed"`
	Occupied   float64  `json:"occupied_bandwidth_hz"`
	SNRdB      *float64 `json:"snr_db"`
},
) {
	b.t.Helper()
	got := b.get(signals + "/" + guid.String() + "/power")
	require.Equal(b.t, http.StatusOK, got.Status, "%s", got.Body)
	got.Into(&power)
	return power
}

func TestASignalMayComeBeforeItsTrace(t *testing.T) {
	t.Parallel()
	b := setup(t)
	trace, inside, outside := uuid.New(), uuid.New(), uuid.New()
	body := "[" + signalJSON(inside, trace, 100100, 100350, 100200) + "," + signalJSON(outside, trace, 100350, 100500, 100400) + "]"

	got := b.post(signals, gzipped(t, body), "Content-Encoding", "gzip")
	require.Equal(t, http.StatusCreated, got.Status, "%s", got.Body)
	require.JSONEq(t, fmt.Sprintf(`[%q,%q]`, inside, outside), string(got.Body))
	again := b.post(signals, body)
	require.Equal(t, http.StatusOK, again.Status)
	require.JSONEq(t, string(got.Body), string(again.Body))

	require.Equal(t, http.StatusNotFound, b.get(signals+"/"+inside.String()+"/power").Status, "the trace is missing")
	require.Equal(t, http.StatusCreated, b.post(traces, sample(trace, time.Now())).Status)

	var list []map[string]any
	b.get(traces + "/" + trace.String() + "/signals").Into(&list)
	require.Len(t, list, 2)
	require.Equal(t, inside.String(), list[0]["guid"])

	power := b.power(inside)
	sum := rf.Milliwatts(-8000) + rf.Milliwatts(0) + rf.Milliwatts(32767)
	require.InDelta(t, 327.67, power.MaxDBm, 1e-9)
	require.InDelta(t, 10*math.Log10(sum/3), power.MeanDBm, 1e-9)
	require.InDelta(t, 10*math.Log10(sum), power.ChannelDBm, 1e-9)

	var cut struct {
		Start  int64     `json:"start_freq_hz"`
		Stop   int64     `json:"stop_freq_hz"`
		Points int       `json:"numpoints"`
		Power  []float64 `json:"y_val_dbm"`
	}
	b.get(signals + "/" + inside.String() + "/cut").Into(&cut)
	require.Equal(t, int64(100100), cut.Start)
	require.Equal(t, int64(100300), cut.Stop)
	require.Equal(t, []float64{-80, 0, 327.67}, cut.Power)
	b.get(signals + "/" + inside.String() + "/cut?min-bandwidth-hz=300").Into(&cut)
	require.Equal(t, int64(100400), cut.Stop)

	refused := b.get(signals + "/" + outside.String() + "/cut")
	require.Equal(t, "path.guid", apitest.Problem(t, refused.Header, refused.Body, http.StatusUnprocessableEntity).Errors[0].Location)
	refused = b.get(signals + "/" + inside.String() + "/cut?min-bandwidth-hz=400")
	require.Equal(t, "query.min-bandwidth-hz", apitest.Problem(t, refused.Header, refused.Body, http.StatusUnprocessableEntity).Errors[0].Location)
	require.Equal(t, http.StatusNotFound, b.get(signals+"/"+uuid.NewString()+"/cut").Status)
	require.Equal(t, http.StatusUnprocessableEntity, b.get(signals+"/17/cut").Status)
	require.Equal(t, http.StatusNotFound, b.get(traces+"/"+uuid.NewString()+"/signals").Status)
}

func TestSignalsAreStoredAllOrNone(t *testing.T) {
	t.Parallel()
	b := setup(t)
	known, trace := uuid.New(), uuid.New()
	require.Equal(t, http.StatusCreated, b.post(signals, "["+signalJSON(known, trace, 1, 5, 3)+"]").Status)

	got := b.post(signals, "["+signalJSON(uuid.New(), trace, 1, 5, 3)+","+signalJSON(known, trace, 1, 6, 3)+"]")
	require.Equal(t, http.StatusConflict, got.Status)
	require.Contains(t, string(got.Body), `body[1].guid`)
	twin := uuid.New()
	got = b.post(signals, "["+signalJSON(twin, trace, 1, 5, 3)+","+signalJSON(twin, trace, 1, 6, 3)+"]")
	require.Equal(t, http.StatusConflict, got.Status)
	require.Equal(t, http.StatusCreated, b.post(signals, "["+signalJSON(twin, trace, 1, 5, 3)+","+signalJSON(twin, trace, 1, 5, 3)+"]").Status)

	got = b.post(signals, "["+signalJSON(uuid.New(), trace, 5, 1, 3)+","+signalJSON(uuid.New(), trace, 1, 2, 3)+"]")
	require.Equal(t, http.StatusUnprocessableEntity, got.Status)
	require.Contains(t, string(got.Body), `body[0].stop_freq_hz`)
	require.Contains(t, string(got.Body), `body[1].f0_freq_hz`)
	require.Equal(t, http.StatusUnprocessableEntity, b.post(signals, "[]").Status)

	var stored, events int
	require.NoError(t, b.pool.QueryRow(t.Context(), `SELECT count(*) FROM signal`).Scan(&stored))
	require.Equal(t, 2, stored)
	require.Eventually(t, func() bool {
		require.NoError(t, b.pool.QueryRow(t.Context(), `SELECT count(*) FROM outbox`).Scan(&events))
		return events == 0
	}, waittest.Bound, 10*time.Millisecond, "the relay empties the outbox")
}

func TestExamplesOfPower(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, e := range examples(t, "power.json") {
		measure := func(e example) uuid.UUID {
			trace, whole := uuid.New(), uuid.New()
			require.Equal(t, http.StatusCreated, b.post(traces, e.body(t, trace, time.Now())).Status)
			start, err := e.Trace["start_freq_hz"].(json.Number).Float64()
			require.NoError(t, err)
			stop, err := e.Trace["stop_freq_hz"].(json.Number).Float64()
			require.NoError(t, err)
			require.Equal(t, http.StatusCreated, b.post(signals, "["+signalJSON(whole, trace, start, stop, start)+"]").Status)
			return whole
		}
		whole := measure(e)
		power := b.power(whole)
		require.InDelta(t, e.ChannelDBm, power.ChannelDBm, 0.005, e.Case)
		require.False(t, power.Assumed, e.Case)
		require.NotNil(t, power.SNRdB, e.Case)
		require.Positive(t, power.Occupied)
		if e.BinSumDBm != 0 {
			require.InDelta(t, 106_450, power.Bandwidth, 1e-6)
			delete(e.Trace, "rbw_hz")
			power = b.power(measure(e))
			require.InDelta(t, e.BinSumDBm, power.ChannelDBm, 0.005, e.Case)
			require.True(t, power.Assumed, e.Case)
		}
		for _, unit := range []string{"dBuV", "dBuV/m", "dBFS"} {
			e.Trace["unit"] = unit
			refused := b.get(signals + "/" + measure(e).String() + "/power")
			require.Equal(t, "path.guid", apitest.Problem(t, refused.Header, refused.Body, http.StatusUnprocessableEntity).Errors[0].Location)
		}
		e.Trace["unit"], e.Trace["noise"] = "dBm", 10
		require.Nil(t, b.power(measure(e)).SNRdB, "nothing rises above such a noise floor")
	}
}

func TestACutHasEveryForm(t *testing.T) {
	t.Parallel()
	b := setup(t)
	e, trace, sig := withContext(t), uuid.New(), uuid.New()
	require.Equal(t, http.StatusCreated, b.post(traces, e.body(t, trace, time.Now())).Status)
	require.Equal(t, http.StatusCreated, b.post(signals, "["+signalJSON(sig, trace, 100.1e6, 100.35e6, 100.2e6)+"]").Status)
	path := signals + "/" + sig.String() + "/cut"
	want := rf.AppendBytes(nil, []rf.Level{-8050, -6000, -9999})
	whole := numbers(t, b.get(path).Body)
	require.Equal(t, sig.String(), whole["guid"])
	require.Equal(t, "RX7", whole["source"], "what was known of the trace is true of its part")
	require.Equal(t, []any{json.Number("-80.5"), json.Number("-60"), json.Number("-99.99")}, whole["y_val_dbm"])
	require.Equal(t, want, b.get(path, "Accept", "application/octet-stream").Body)
	require.Equal(t, rf.AppendBytes(nil, []rf.Level{-6000, -9999}), b.get(path+"?format=raw&points=2").Body)
	table := b.get(path, "Accept", "text/csv")
	require.Equal(t, "text/csv", table.Header.Get("Content-Type"))
	require.Contains(t, string(table.Body), "# guid,"+sig.String()+"\n")
	require.Contains(t, string(table.Body), "freq_hz,value\n100100000,-80.5\n100200000,-60\n100300000,-99.99\n")
	for _, pictures := range []string{"image/png", "image/svg+xml"} {
		got := b.get(path, "Accept", pictures)
		require.Equal(t, http.StatusOK, got.Status, "%s", got.Body)
		require.Equal(t, pictures, got.Header.Get("Content-Type"))
		require.Contains(t, got.Header.Values("Vary"), "Accept, Authorization, X-API-Key")
	}
	require.Contains(t, string(b.get(path+"?format=svg&lang=ru").Body), "Спектр")
	meta := string(b.get(path + "?format=sigmf-meta").Body)
	require.Contains(t, meta, `"nms:source":"RX7"`)
	require.Contains(t, meta, `"core:uuid":"`+sig.String()+`"`, "the signal is marked in its cut")
	archive := b.get(path, "Accept", "application/vnd.sigmf+tar")
	require.Contains(t, string(archive.Body), string(want))
	require.Contains(t, archive.Header.Get("Content-Disposition"), sig.String())
}
