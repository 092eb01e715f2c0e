package app_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// The stream shows what comes in by any instance, in the same order at each.
//
//nolint:paralleltest,tparallel // a stream is one after the other
func TestTheStream(t *testing.T) {
	t.Parallel()
	b := setup(t)
	instances := []*bundle{b, b.another()}
	var whole []sent
	t.Run("one that was cut goes on where it was, at whichever instance, and shows each event once", func(t *testing.T) {
		whole = cutAndResumed(t, instances)
	})
	t.Run("an event tells of a trace all but its values, and of a signal its band", func(t *testing.T) {
		for _, s := range whole {
			require.NotContains(t, s.data, "y_val_dbm")
			switch s.name {
			case "trace":
				require.EqualValues(t, 5, s.data["numpoints"])
			case "signal":
				require.EqualValues(t, 100100, s.data["f0_freq_hz"])
			}
		}
	})
	t.Run("an instance that has just started knows what went before, and goes on with what comes", func(t *testing.T) {
		late := b.in(t).another().listen(resumed, "Last-Event-ID: "+whole[10].id)
		for _, s := range whole[11:] {
			require.Equal(t, s, late.next())
		}
		require.Equal(t, b.in(t).trace(time.Now()).String(), late.next().guid())
	})
	t.Run("whoever comes too late, or from nowhere, is told, and goes on with what comes", func(t *testing.T) {
		comeTooLate(t, b.in(t))
	})
	t.Run("band, place and receiver choose, values come on demand, and what is withdrawn is told", func(t *testing.T) {
		filtered(t, b.in(t).as(manager(t)))
	})
	t.Run("filters that cannot be are refused", func(t *testing.T) {
		b.in(t).refuses(map[string]string{
			"/stream?from=2026-01-01T00:00:00Z": "query.from unknown_parameter", "/stream?points=1": "query.points below_minimum",
			"/stream?bbox=1": "query.bbox bad_format", "/stream?start-freq-hz=2&stop-freq-hz=1": "query.stop-freq-hz wrong_order",
		})
	})
}

// resumed is a filter that leaves out a part of what cutAndResumed sends.
const resumed = "start-freq-hz=100000&stop-freq-hz=100100"

// cutAndResumed reads the same stream twice while traces and signals come in by two instances: once through, and once with the
// connection cut again and again, each time going on at the other instance. Both are the same.
func cutAndResumed(t *testing.T, instances []*bundle) (whole []sent) {
	t.Helper()
	through, parts := instances[1].in(t).listen(resumed), instances[0].in(t).listen(resumed)
	const posts = 200
	posted := make(chan struct{})
	go func() {
		defer close(posted)
		for i := range posts {
			b, guid, now := instances[i%2], uuid.New(), time.Now()
			elsewhere := []string{`"start_freq_hz":100000`, `"start_freq_hz":200000`, `"stop_freq_hz":100400`, `"stop_freq_hz":200400`}
			b.Post(traces, sample(guid, now)+"\n"+sample(uuid.New(), now, elsewhere...)+"\n"+sample(uuid.New(), now), ndjson)
			b.Post(signals, "["+signalJSON(uuid.New(), guid, 100000, 100200, 100100)+","+signalJSON(uuid.New(), guid, 100300, 100400, 100350)+"]")
		}
	}()
	for len(whole) < 3*posts {
		whole = append(whole, through.next())
	}
	var got []sent
	for i := 1; len(got) < 3*posts; i++ {
		for range min(50+i, 3*posts-len(got)) {
			got = append(got, parts.next())
		}
		parts.cut()
		parts = instances[i%2].in(t).listen(resumed, "Last-Event-ID: "+got[len(got)-1].id)
	}
	<-posted
	require.Equal(t, whole, got)
	seen := map[string]bool{}
	for _, s := range got {
		require.False(t, seen[s.name+s.guid()], "twice")
		seen[s.name+s.guid()] = true
	}
	// At its end it goes on with what comes.
	last := instances[0].in(t).trace(time.Now())
	require.Equal(t, last.String(), parts.next().guid())
	return append(whole, through.next())
}

// comeTooLate asks for places that the stream does not have, and for what is no place at all.
func comeTooLate(t *testing.T, b *bundle) {
	t.Helper()
	first := b.listen("source=late")
	b.trace(time.Now(), by("late")...)
	known := first.next().id
	offset, _, _ := strings.Cut(known, ".")
	for _, id := range []string{
		"rubbish", uuid.NewString(), known + "0", "-1.0." + uuid.NewString(), offset + ".0." + uuid.NewString(), offset + ".7" + known[len(known)-37:],
		"99999999.0." + uuid.NewString(), "99999999999999999999.0." + uuid.NewString(),
	} {
		l := b.listen("", "Last-Event-ID: "+id)
		lost := l.next()
		require.Equal(t, "lost", lost.name, id)
		require.Empty(t, lost.id, "the client's own stays what it was")
		require.Equal(t, b.trace(time.Now()).String(), l.next().guid(), "it goes on from there: %s", id)
		l.cut()
	}
	b.Get("/stream", "Last-Event-ID: "+strings.Repeat("1", 201)).Refused(unprocessable, "header.Last-Event-ID", "too_long")
}

// filtered follows the stream through several filters at once.
func filtered(t *testing.T, b *bundle) {
	t.Helper()
	everything := b.listen("")
	const byBand, withValues = "start-freq-hz=100200&stop-freq-hz=100300", "points=2&source=RX7"
	chosen := map[string]*listener{}
	for _, query := range []string{"source=RX7", "equipment-id=4", "bbox=37,55,38,56", "bbox=170,55,38,56", byBand, withValues} {
		chosen[query] = b.listen(query)
	}
	now := time.Now()
	rx7 := with(`"source":"RX7","equipment_id":4`)
	ours, early := uuid.New(), uuid.New()
	b.Post(signals, "["+signalJSON(early, ours, 100200, 100300, 100200)+"]").Is(http.StatusCreated)
	b.send(sample(ours, now, rx7...))
	theirs := b.trace(now, `"lat":55.75`, `"lat":15.75`, `"start_freq_hz":100000`, `"start_freq_hz":200000`, `"stop_freq_hz":100400`, `"stop_freq_hz":200400`)
	inside, outside, foreign := b.signal(ours, 100200, 100300, 100200), b.signal(ours, 100000, 100100, 100000), b.signal(theirs, 200000, 200100, 200000)
	b.withdraw(ours, "wrong antenna")
	own := []string{"trace " + ours.String(), "signal " + inside.String(), "signal " + outside.String(), "withdrawn " + ours.String()}
	want := append([]string{"signal " + early.String(), "trace " + theirs.String(), "signal " + foreign.String()}, own...)
	var came []string
	for range want { // those of different traces and signals have no order
		s := everything.next()
		came = append(came, s.name+" "+s.guid())
	}
	require.ElementsMatch(t, want, came)

	last := b.trace(now, rx7...)
	own = append(own, "trace "+last.String())
	until := func(l *listener) (names []string, at sent) {
		for at.guid() != last.String() {
			at = l.next()
			names = append(names, at.name+" "+at.guid())
		}
		return names, at
	}
	for query, l := range chosen {
		names, at := until(l)
		switch query {
		case byBand:
			require.ElementsMatch(t, []string{"signal " + early.String(), own[0], own[1], own[3], own[4]}, names)
		case withValues:
			require.Equal(t, []any{100100.0, 100300.0}, at.data["freq_hz"])
			require.Len(t, at.data["y_val_dbm"], 2)
			require.EqualValues(t, 5, at.data["numpoints"])
		default:
			// The trace of a signal is looked up when that is shown: it may not be there yet, or not any more.
			require.Subset(t, append(own, "signal "+early.String()), names, query)
		}
	}
}
