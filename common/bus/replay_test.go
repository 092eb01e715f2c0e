package bus_test

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"nms.example/common/bus"
	"nms.example/common/event"
	"nms.example/common/waittest"
)

// tap runs a tap of all events until the test ends, and waits until it is ready.
func (f *fixture) tap(conn *bus.Conn) *bus.Tap {
	f.t.Helper()
	tap := bus.NewTap(conn, "test.live", "#")
	runTap(f.t, tap)
	select {
	case <-tap.Ready():
	case <-time.After(patience):
		f.t.Fatal("the tap did not connect")
	}
	return tap
}

// publish sends events with these subjects, as one message of each kind.
func (f *fixture) publish(subjects ...string) {
	f.t.Helper()
	events := make([]event.Event, len(subjects))
	for i, subject := range subjects {
		events[i] = newEvent(f.t, "inbox.trace.stored", subject, strings.Repeat("x", 100))
	}
	require.NoError(f.t, f.conn.Publisher().Publish(f.t.Context(), events...))
}

// shown is the next that a reader receives.
func shown(t *testing.T, r *bus.TapReader) bus.Shown {
	t.Helper()
	select {
	case s, open := <-r.Events:
		require.True(t, open, "%v", r.Err())
		return s
	case <-time.After(patience):
		require.Fail(t, "nothing is shown")
		return bus.Shown{}
	}
}

func numbers(from, to int) (out []string) {
	for i := from; i < to; i++ {
		out = append(out, strconv.Itoa(i))
	}
	return out
}

// A reader leaves and goes on at another instance, and again, while events come: it receives each once, in the order in which
// one receives them that stayed.
func TestAReaderGoesOnWhereItLeft(t *testing.T) {
	t.Parallel()
	f := setup(t)
	taps := []*bus.Tap{f.tap(f.conn), f.tap(f.broker.Dial())}
	const n = 3000
	stays, leaves := taps[0].Reader(n), taps[1].Reader(n)
	sent := make(chan struct{})
	go func() {
		defer close(sent)
		for i := 0; i < n; i += 10 {
			f.publish(numbers(i, i+10)...)
		}
	}()
	var want, got []string
	for range n {
		s := shown(t, stays)
		want = append(want, s.Place())
	}
	for i := 0; len(got) < n; i++ {
		for range min(7+37*i%100, n-len(got)) {
			got = append(got, shown(t, leaves).Place())
		}
		leaves.Close()
		leaves.Close()
		leaves = taps[i%2].ReaderAfter(t.Context(), 16, got[len(got)-1])
	}
	<-sent
	require.Equal(t, want, got)
	require.True(t, slices.IsSortedFunc(want, func(a, b string) int {
		return int(place(t, a) - place(t, b))
	}))
	f.publish("last")
	require.Equal(t, "last", shown(t, leaves).Event.Subject)
	require.NoError(t, leaves.Err())
	leaves.Close()
	require.Equal(t, 1, taps[0].Readers()+taps[1].Readers())

	// One that begins anew knows what went before, also while nothing comes.
	third := f.tap(f.broker.Dial())
	late := third.ReaderAfter(t.Context(), 16, want[n-100])
	for _, place := range want[n-99:] {
		require.Equal(t, place, shown(t, late).Place())
	}
	require.Equal(t, "last", shown(t, late).Event.Subject)
	f.publish("more")
	require.Equal(t, "more", shown(t, late).Event.Subject)
}

func place(t *testing.T, text string) int64 {
	t.Helper()
	offset, _, _ := strings.Cut(text, ".")
	n, err := strconv.ParseInt(offset, 10, 64)
	require.NoError(t, err)
	return n
}

// While the connection is lost the broker keeps what passes: readers receive it afterwards, once.
func TestReadersMissNothingOverALostConnection(t *testing.T) {
	t.Parallel()
	f := setup(t)
	other := &fixture{t: t, broker: f.broker, conn: f.broker.Dial()}
	tap := f.tap(other.conn)
	reader := tap.Reader(1000)
	const n = 300
	events := make([]event.Event, n)
	for i := range events {
		events[i] = newEvent(t, "inbox.trace.stored", strconv.Itoa(i), nil)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for _, e := range events {
			waittest.Until(t, "it is published", func() bool { return f.conn.Publisher().Publish(t.Context(), e) == nil })
			time.Sleep(10 * time.Millisecond) // the cut falls in the middle of them
		}
	}()
	require.Equal(t, "0", shown(t, reader).Event.Subject)
	f.broker.CutConnections(2)
	for i := 1; i < n; {
		s := shown(t, reader)
		require.NotNil(t, s.Event, "nothing is lost")
		if s.Event.Subject == strconv.Itoa(i-1) {
			continue // it was published twice, without a confirm for the first one
		}
		require.Equal(t, strconv.Itoa(i), s.Event.Subject)
		i++
	}
	<-done
}

// The broker drops what is past the bound. Who comes for it is told so, and receives what passes from then on.
func TestAReaderIsToldWhatIsLost(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.broker.Policy("^test[.]live$", map[string]any{"max-length-bytes": 2_000_000, "stream-max-segment-size-bytes": 1_000_000})
	tap := f.tap(f.conn)
	reader := tap.Reader(10)
	f.publish("first")
	first := shown(t, reader).Place()
	reader.Close()
	data := strings.Repeat("x", 200_000)
	lost := false
	for i := 0; !lost; i++ {
		require.Less(t, i, 1000, "nothing is dropped")
		require.NoError(t, f.conn.Publisher().Publish(t.Context(), newEvent(t, "inbox.trace.stored", strconv.Itoa(i), data)))
		r := tap.ReaderAfter(t.Context(), 10, first)
		s := shown(t, r)
		if lost = s.Event == nil; lost {
			f.publish("behind")
			require.Equal(t, "behind", shown(t, r).Event.Subject)
		}
		r.Close()
	}

	// So is who names no place at all, one of another stream, or one that is not there yet.
	last := first
	for _, none := range []string{"", "x", uuid.NewString(), last + "x", strings.Replace(last, ".0.", ".00.", 1), "1000000.0." + uuid.NewString(), "0.0." + uuid.NewString()} {
		r := tap.ReaderAfter(t.Context(), 10, none)
		require.Nil(t, shown(t, r).Event, none)
		f.publish(none + "!")
		require.Equal(t, none+"!", shown(t, r).Event.Subject)
		r.Close()
	}
}

// A stream that was made anew is another one: who followed it is told.
func TestReadersAreToldOfANewStream(t *testing.T) {
	t.Parallel()
	f := setup(t)
	tap := f.tap(f.conn)
	reader := tap.Reader(10)
	for _, subject := range numbers(0, 5) {
		f.publish(subject)
	}
	place := shown(t, reader).Place()
	for _, subject := range numbers(1, 5) {
		require.Equal(t, subject, shown(t, reader).Event.Subject)
	}
	f.broker.DeleteQueue("test.live")
	waittest.Until(t, "the stream is there again", func() bool {
		f.publish("third")
		select {
		case s := <-reader.Events:
			require.Nil(t, s.Event, "it begins with what is lost")
			return true
		case <-time.After(100 * time.Millisecond):
			return false
		}
	})
	require.Equal(t, "third", shown(t, reader).Event.Subject)
	again := tap.ReaderAfter(t.Context(), 10, place)
	require.Nil(t, shown(t, again).Event)
}

// Replays end with their readers and with the tap.
func TestReplaysEnd(t *testing.T) {
	t.Parallel()
	f := setup(t)
	tap := bus.NewTap(f.conn, "test.live", "#")
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- tap.Run(ctx) }()
	<-tap.Ready()
	reader := tap.Reader(1000)
	f.publish(numbers(0, 500)...)
	first := shown(t, reader).Place()
	gone := tap.ReaderAfter(t.Context(), 1, first)
	shown(t, gone)
	gone.Close()
	for range gone.Events {
	}
	require.NoError(t, gone.Err())
	stuck := tap.ReaderAfter(t.Context(), 1, first)
	shown(t, stuck)
	stop()
	require.NoError(t, <-done)
	for range stuck.Events {
	}
	require.ErrorIs(t, stuck.Err(), bus.ErrTapClosed)
	require.ErrorIs(t, tap.ReaderAfter(t.Context(), 1, first).Err(), bus.ErrTapClosed)
	require.ErrorIs(t, tap.ReaderAfter(t.Context(), 1, "x").Err(), bus.ErrTapClosed)
}
