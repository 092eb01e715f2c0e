package app_test

import (
	"fmt"
	"math"
	"net/http"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"nms.example/common/rf"
	"nms.example/common/waittest"
)

// powerOf is what a signal measures.
type powerOf struct {
	MaxDBm     float64  `json:"max_dbm"`
	MeanDBm    float64  `json:"mean_dbm"`
	ChannelDBm float64  `json:"channel_power_dbm"`
	Bandwidth  float64  `json:"noise_bandwidth_hz"`
	Assumed    bool     `json:"assumed"`
	Occupied   float64  `json:"occupied_bandwidth_hz"`
	SNRdB      *float64 `json:"snr_db"`
}

func (b *bundle) power(signal uuid.UUID) (power powerOf) {
	b.t.Helper()
	b.Get(of(signals, signal) + "/power").Is(http.StatusOK).Into(&power)
	return power
}

// cutOf is a signal as a trace of its own.
type cutOf struct {
	Start int64     `json:"start_freq_hz"`
	Stop  int64     `json:"stop_freq_hz"`
	Power []float64 `json:"y_val_dbm"`
}

func TestSignalsAreTaken(t *testing.T) {
	t.Parallel()
	b := setup(t)
	t.Run("one may come before its trace", func(t *testing.T) {
		t.Parallel()
		signalsBeforeTheirTraces(t, b.in(t))
	})
	t.Run("those sent together are stored all or none", func(t *testing.T) {
		t.Parallel()
		signalsTogether(t, b.in(t))
	})
	t.Run("those that race their traces, by two instances, meet them", func(t *testing.T) {
		t.Parallel()
		signalsMeetTheirTraces(t, b.in(t))
	})
}

func signalsBeforeTheirTraces(t *testing.T, b *bundle) {
	t.Helper()
	trace, inside, outside := uuid.New(), uuid.New(), uuid.New()
	body := "[" + signalJSON(inside, trace, 100100, 100350, 100200) + "," + signalJSON(outside, trace, 100350, 100500, 100400) + "]"
	first := b.Post(signals, gzipped(t, body), "Content-Encoding: gzip").Is(http.StatusCreated)
	t.Run("it is answered with the guids, and once more when it is sent again", func(t *testing.T) {
		t.Parallel()
		require.JSONEq(t, fmt.Sprintf(`[%q,%q]`, inside, outside), string(first.Body))
		require.JSONEq(t, string(first.Body), string(b.in(t).Post(signals, body).Is(http.StatusOK).Body))
	})
	t.Run("it has no power until the trace is there", func(t *testing.T) {
		b.in(t).Get(of(signals, inside)+"/power").Refused(notFound, "path.guid", "trace_missing")
	})
	b.send(sample(trace, time.Now()))
	t.Run("then it is listed with its trace, by frequency", func(t *testing.T) {
		t.Parallel()
		var list []map[string]any
		b.in(t).Get(of(traces, trace) + "/signals").Is(http.StatusOK).Into(&list)
		require.Len(t, list, 2)
		require.Equal(t, inside.String(), list[0]["guid"])
	})
	t.Run("and measured in it", func(t *testing.T) {
		t.Parallel()
		power := b.in(t).power(inside)
		sum := rf.Milliwatts(-8000) + rf.Milliwatts(0) + rf.Milliwatts(32767)
		require.InDelta(t, 327.67, power.MaxDBm, 1e-9)
		require.InDelta(t, 10*math.Log10(sum/3), power.MeanDBm, 1e-9)
		require.InDelta(t, 10*math.Log10(sum), power.ChannelDBm, 1e-9)
	})
	t.Run("and cut out of it, as wide as is asked for", func(t *testing.T) {
		t.Parallel()
		b := b.in(t)
		var cut cutOf
		b.Get(of(signals, inside) + "/cut").Is(http.StatusOK).Into(&cut)
		require.Equal(t, cutOf{100100, 100300, []float64{-80, 0, 327.67}}, cut)
		b.Get(of(signals, inside) + "/cut?min-bandwidth-hz=300").Is(http.StatusOK).Into(&cut)
		require.Equal(t, int64(100400), cut.Stop)
	})
	for claim, c := range map[string]struct {
		path        string
		status      int
		place, code string
	}{
		"a cut that would leave the trace is refused": {of(signals, outside) + "/cut", unprocessable, "path.guid", "outside_trace"},
		"so is a width that would":                    {of(signals, inside) + "/cut?min-bandwidth-hz=400", unprocessable, "query.min-bandwidth-hz", "outside_trace"},
		"an unknown signal is not found":              {of(signals, uuid.New()) + "/cut", notFound, "path.guid", "not_found"},
		"what is no guid is refused":                  {signals + "/17/cut", unprocessable, "path.guid", "wrong_type"},
		"an unknown trace has no signals":             {of(traces, uuid.New()) + "/signals", notFound, "path.guid", "not_found"},
	} {
		t.Run(claim, func(t *testing.T) {
			t.Parallel()
			b.in(t).Get(c.path).Refused(c.status, c.place, c.code)
		})
	}
	t.Run("no power is told of what was not measured", func(t *testing.T) {
		t.Parallel()
		b := b.in(t)
		trace := b.trace(time.Now())
		for _, band := range [][2]float64{{100000, 100400}, {99950, 100450}} { // a value stands for a step around it
			b.power(b.signal(trace, band[0], band[1], band[0]))
		}
		for _, band := range [][2]float64{{99949, 100200}, {100200, 100451}, {200000, 200100}} {
			b.Get(of(signals, b.signal(trace, band[0], band[1], band[0]))+"/power").Refused(unprocessable, "path.guid", "outside_trace")
		}
	})
}

func signalsMeetTheirTraces(t *testing.T, b *bundle) {
	t.Helper()
	other := b.another()
	const n = 200
	guids := make([]uuid.UUID, n)
	for i := range guids {
		guids[i] = uuid.New()
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for _, guid := range guids {
			other.Post(signals, "["+signalJSON(uuid.New(), guid, 5e6, 5.1e6, 5e6)+"]")
		}
	}()
	for _, guid := range guids {
		b.send(sample(guid, time.Now()))
	}
	<-done
	waittest.Until(t, "all signals are listed", func() bool { return b.found(signals, "start-freq-hz=5000000&limit=1").Total == n })
}

func signalsTogether(t *testing.T, b *bundle) {
	t.Helper()
	trace, known, twin := uuid.New(), uuid.New(), uuid.New()
	fresh := func(start, stop, f0 float64) string { return signalJSON(uuid.New(), trace, start, stop, f0) }
	b.Post(signals, "["+signalJSON(known, trace, 1, 5, 3)+"]").Is(http.StatusCreated)
	t.Run("none when one has the guid of another signal", func(t *testing.T) {
		b.in(t).Post(signals, "["+fresh(1, 5, 3)+","+signalJSON(known, trace, 1, 6, 3)+"]").Refused(conflict, "body[1].guid", "guid_taken")
	})
	t.Run("none when two of one guid differ", func(t *testing.T) {
		b.in(t).Post(signals, "["+signalJSON(twin, trace, 1, 5, 3)+","+signalJSON(twin, trace, 1, 6, 3)+"]").Refused(conflict, "body[1].guid", "guid_taken")
	})
	t.Run("one when two are the same", func(t *testing.T) {
		b.in(t).Post(signals, "["+signalJSON(twin, trace, 1, 5, 3)+","+signalJSON(twin, trace, 1, 5, 3)+"]").Is(http.StatusCreated)
	})
	t.Run("none when any cannot be; each of those is named", func(t *testing.T) {
		b.in(t).Post(signals, "["+fresh(5, 1, 3)+","+fresh(1, 2, 3)+"]").
			Refused(unprocessable, "body[0].stop_freq_hz", "wrong_order").Refused(unprocessable, "body[1].f0_freq_hz", "out_of_range")
	})
	t.Run("none at all is refused", func(t *testing.T) {
		b.in(t).Post(signals, "[]").Refused(unprocessable, "body", "too_few")
	})
	t.Run("what was refused is not there, and the events of what was not are published", func(t *testing.T) {
		b := b.in(t)
		require.Equal(t, 2, b.marked(trace))
		waittest.Until(t, "the relay empties the outbox", func() bool { return b.count(`SELECT count(*) FROM outbox`) == 0 })
	})
}
