package bus_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"nms.example/common/bus"
	"nms.example/common/bustest"
	"nms.example/common/event"
	"nms.example/common/fault"
	"nms.example/common/request"
	"nms.example/common/waittest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const patience = waittest.Bound

type fixture struct {
	t      *testing.T
	broker *bustest.Broker
	conn   *bus.Conn
}

func setup(t *testing.T) *fixture {
	t.Helper()
	broker := bustest.New(t)
	return &fixture{t: t, broker: broker, conn: broker.Dial()}
}

// counter reads one of the connection's metrics.
func (f *fixture) counter(name string) float64 {
	f.t.Helper()
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(f.conn.Collectors()...)
	families, err := registry.Gather()
	require.NoError(f.t, err)
	for _, family := range families {
		if family.GetName() == name {
			return family.GetMetric()[0].GetCounter().GetValue()
		}
	}
	require.Fail(f.t, "no such metric", name)
	return 0
}

// consume runs a subscription until the test ends or stop is called; stop waits for it.
func consume(t *testing.T, conn *bus.Conn, s bus.Subscription) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	done := make(chan error, 1)
	go func() { done <- bus.Consume(ctx, conn, s) }()
	stop = sync.OnceFunc(func() {
		cancel()
		require.NoError(t, <-done)
	})
	t.Cleanup(stop)
	return stop
}

// recorder collects events.
type recorder struct {
	mu     sync.Mutex
	events []event.Event
}

func (r *recorder) take(_ context.Context, e event.Event) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.events = append(r.events, e)
	return nil
}

func (r *recorder) all() []event.Event {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.events)
}

func (r *recorder) await(t *testing.T, n int) []event.Event {
	t.Helper()
	require.Eventually(t, func() bool { return len(r.all()) >= n }, patience, 10*time.Millisecond)
	return r.all()
}

func newEvent(t *testing.T, kind, subject string, data any) event.Event {
	t.Helper()
	e, err := event.Declare[any](kind, "").New(subject, data)
	require.NoError(t, err)
	return e
}

func TestPublishedEventsArriveInOrderWithTheirContext(t *testing.T) {
	t.Parallel()
	f := setup(t)
	var got recorder
	var requestID, actor string
	consume(t, f.conn, bus.Subscription{Queue: "test.all", Bindings: []string{"cfg.#"}, Workers: 3,
		Handler: func(ctx context.Context, e event.Event) error {
			if e.Subject == "first" {
				requestID, actor = request.ID(ctx), request.Actor(ctx)
			}
			return got.take(ctx, e)
		}})
	f.broker.AwaitBinding("test.all", 1)
	ctx := request.WithID(request.WithActor(t.Context(), "user:1"), "req-9")
	require.NoError(t, f.conn.Publisher().Publish(ctx, newEvent(t, "cfg.equipment.created", "first", 1)))
	var many []event.Event
	for i := range 500 {
		kind := "cfg.equipment.updated"
		if i%7 == 0 {
			kind = "cfg.equipment.moved"
		}
		many = append(many, newEvent(t, kind, strconv.Itoa(i%5), i))
	}
	require.NoError(t, f.conn.Publisher().Publish(ctx, many...))
	events := got.await(t, 501)
	require.Equal(t, "req-9", requestID)
	require.Equal(t, "user:1", actor)
	last := map[string]int{}
	for _, e := range events[1:] {
		var n int
		_, err := fmt.Sscan(string(e.Data), &n)
		require.NoError(t, err)
		require.GreaterOrEqual(t, n, last[e.Subject], "order of one entity")
		last[e.Subject] = n
	}
}

func TestEventsWithoutListenersAreConfirmedAndKept(t *testing.T) {
	t.Parallel()
	f := setup(t)
	require.NoError(t, f.conn.Publisher().Publish(t.Context(), newEvent(t, "x.nobody.listens", "1", nil)))
	require.Eventually(t, func() bool {
		return slices.ContainsFunc(f.broker.Queues(), func(q bustest.Queue) bool { return q.Name == bus.Unrouted && q.Messages == 1 })
	}, patience, 100*time.Millisecond)
}

func TestWhatNobodyListenedToIsTakenByWhoTakesAll(t *testing.T) {
	t.Parallel()
	f := setup(t)
	early := []event.Event{newEvent(t, "x.y.created", "1", 1), newEvent(t, "x.y.created", "2", 2), newEvent(t, "x.y.refused", "3", 3)}
	require.NoError(t, f.conn.Publisher().Publish(t.Context(), early...))
	var got recorder
	all := bus.Subscription{Queue: "test.all", Bindings: []string{"#"}, SingleActive: true, TakeUnrouted: true,
		Handler: func(ctx context.Context, e event.Event) error {
			if e.Type == "x.y.refused" {
				return bus.Permanent(errors.New("never"))
			}
			return got.take(ctx, e)
		}}
	consume(t, f.conn, all)
	consume(t, f.broker.Dial(), all) // another instance moves them, too
	taken := got.await(t, 2)
	require.ElementsMatch(t, []uuid.UUID{early[0].ID, early[1].ID}, []uuid.UUID{taken[0].ID, taken[1].ID})

	letters := make(chan bus.DeadLetter, 1)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		done <- bus.ConsumeDead(ctx, f.conn, func(_ context.Context, l bus.DeadLetter) error { letters <- l; return nil })
	}()
	letter := <-letters
	cancel()
	require.NoError(t, <-done)
	require.Equal(t, []string{"test.all", "x.y.refused", early[2].ID.String()}, []string{letter.Queue, letter.RoutingKey, letter.ID})

	require.NoError(t, f.conn.Publisher().Publish(t.Context(), newEvent(t, "x.y.created", "4", 4)))
	got.await(t, 3)
	require.Eventually(t, func() bool {
		return slices.ContainsFunc(f.broker.Queues(), func(q bustest.Queue) bool { return q.Name == bus.Unrouted && q.Messages == 0 })
	}, patience, 100*time.Millisecond)
	require.Len(t, got.all(), 3)

	some := all
	some.Bindings = []string{"x.#"}
	require.ErrorContains(t, bus.Consume(t.Context(), f.conn, some), "not for all events")
}

func TestReturnedMessagesAreReportedAndTheTopologyRepaired(t *testing.T) {
	t.Parallel()
	f := setup(t)
	e := newEvent(t, "x.nobody.listens", "1", nil)
	require.NoError(t, f.conn.Publisher().Publish(t.Context(), e))
	f.broker.DeleteExchange(bus.Unrouted)
	err := f.conn.Publisher().Publish(t.Context(), e)
	require.ErrorIs(t, err, bus.ErrReturned)
	require.Eventually(t, func() bool { return f.conn.Publisher().Publish(t.Context(), e) == nil }, patience, 10*time.Millisecond, "declared anew")
}

// A binding may not be answered while a node of the broker's cluster hangs. Whoever publishes does not wait for it.
func TestAReturnedMessageHoldsUpNoOther(t *testing.T) {
	t.Parallel()
	f := setup(t)
	var got recorder
	consume(t, f.conn, bus.Subscription{Queue: "test.some", Bindings: []string{"x.#"}, Handler: got.take})
	f.broker.AwaitBinding("test.some", 1)
	hanging := newProxy(t, hostOf(t, f.broker.DSN))
	publisher := bustest.Dial(t, bus.Settings{DSN: at(t, f.broker.DSN, hanging.addr)}).Publisher()
	hanging.lose(queueBind)
	f.broker.DeleteQueue(bus.Unrouted)
	nobodys := newEvent(t, "nobody.listens.here", "1", nil)
	require.ErrorIs(t, publisher.Publish(t.Context(), nobodys), bus.ErrReturned)
	for i := range 3 {
		require.NoError(t, publisher.Publish(t.Context(), newEvent(t, "x.y.z", "1", i)))
	}
	require.Eventually(t, func() bool { return hanging.called(queueBind) > 2 }, patience, 10*time.Millisecond, "bound at first, and again")
	require.NoError(t, publisher.Publish(t.Context(), newEvent(t, "x.y.z", "1", 3)))
	got.await(t, 4)

	hanging.lose()
	hanging.cut() // the node is given up by the others
	require.Eventually(t, func() bool { return publisher.Publish(t.Context(), nobodys) == nil }, patience, 10*time.Millisecond)
}

// What was bound to an exchange that somebody deletes is bound to its successor.
func TestADeletedExchangeComesBackWithItsBindings(t *testing.T) {
	t.Parallel()
	f := setup(t)
	var got recorder
	consume(t, f.conn, bus.Subscription{Queue: "test.all", Bindings: []string{"x.#"}, Handler: got.take})
	f.broker.AwaitBinding("test.all", 1)
	f.broker.DeleteExchange(bus.Exchange)
	require.Eventually(t, func() bool {
		err := f.conn.Publisher().Publish(t.Context(), newEvent(t, "x.y.z", "1", nil))
		return err == nil && len(got.all()) > 0
	}, patience, 50*time.Millisecond)
}

func TestRefusedEventsAreRetriedThenDead(t *testing.T) {
	t.Parallel()
	f := setup(t)
	var got, tries recorder
	consume(t, f.conn, bus.Subscription{Queue: "test.picky", Bindings: []string{"x.#"}, MaxAttempts: 3, RetryDelay: 50 * time.Millisecond,
		Handler: func(ctx context.Context, e event.Event) error {
			_ = tries.take(ctx, e)
			switch e.Subject {
			case "always":
				return errors.New("secret detail of the database")
			case "invalid":
				return fault.New(fault.CodeInvalid, "that is not valid")
			case "permanent":
				return bus.Permanent(errors.New("never"))
			case "panics":
				panic("boom")
			case "once":
				if len(subjects(tries.all(), "once")) == 1 {
					return errors.New("not yet")
				}
			}
			return got.take(ctx, e)
		}})
	f.broker.AwaitBinding("test.picky", 1)
	var batch []event.Event // one message: the good ones must not suffer from the bad ones
	for _, subject := range []string{"good", "always", "invalid", "permanent", "panics", "once", "good"} {
		batch = append(batch, newEvent(t, "x.y.z", subject, nil))
	}
	require.NoError(t, f.conn.Publisher().Publish(t.Context(), batch...))
	require.NoError(t, f.conn.Publisher().Send(t.Context(), bus.Message{RoutingKey: "x.y.z", ID: "?", Body: []byte("no JSON")}))

	letters := make(chan bus.DeadLetter, 16)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		done <- bus.ConsumeDead(ctx, f.conn, func(_ context.Context, l bus.DeadLetter) error { letters <- l; return nil })
	}()
	byReason := map[string]bus.DeadLetter{}
	for range 5 {
		select {
		case l := <-letters:
			subject := "unreadable"
			if events, err := event.Parse(l.ContentType, l.Body); err == nil {
				subject = events[0].Subject
			}
			byReason[subject] = l
		case <-time.After(patience):
			t.Fatal("a dead letter is missing")
		}
	}
	cancel()
	require.NoError(t, <-done)
	for subject, want := range map[string]struct {
		reason   bus.Reason
		text     string
		attempts int
	}{
		"always":     {bus.ReasonAttempts, "internal error", 3},
		"panics":     {bus.ReasonAttempts, "internal error", 3},
		"invalid":    {bus.ReasonPermanent, "that is not valid", 1},
		"permanent":  {bus.ReasonPermanent, "internal error", 1},
		"unreadable": {bus.ReasonUnreadable, event.ErrEvent.Error(), 1},
	} {
		l := byReason[subject]
		require.Equal(t, want.reason, l.Reason, subject)
		require.Equal(t, want.text, l.Error, subject)
		require.Equal(t, want.attempts, l.Attempts, subject)
		require.Equal(t, "test.picky", l.Queue)
		require.Equal(t, "x.y.z", l.RoutingKey)
		require.WithinDuration(t, time.Now(), l.Time, time.Minute)
	}
	require.Len(t, subjects(got.all(), "good"), 2)
	require.Len(t, subjects(got.all(), "once"), 1)
	require.Len(t, subjects(tries.all(), "always"), 3)

	require.GreaterOrEqual(t, f.counter("nms_bus_retried_events_total"), 5.0, "two each for what always fails, one for what fails once")
	require.GreaterOrEqual(t, f.counter("nms_bus_dead_letters_total"), 5.0)

	// Replayed, it is tried again from the start.
	require.NoError(t, f.conn.Publisher().Replay(t.Context(), byReason["always"]))
	require.Eventually(t, func() bool { return len(subjects(tries.all(), "always")) == 6 }, patience, 10*time.Millisecond)
}

func subjects(events []event.Event, subject string) []event.Event {
	return slices.DeleteFunc(events, func(e event.Event) bool { return e.Subject != subject })
}

func TestUnavailableHoldsTheEventWithoutUsingAttempts(t *testing.T) {
	t.Parallel()
	f := setup(t)
	var got recorder
	calls := 0
	consume(t, f.conn, bus.Subscription{Queue: "test.waits", Bindings: []string{"x.#"}, MaxAttempts: 1,
		Handler: func(ctx context.Context, e event.Event) error {
			if calls++; calls < 3 {
				return fault.New(fault.CodeUnavailable, "the database is away")
			}
			return got.take(ctx, e)
		}})
	f.broker.AwaitBinding("test.waits", 1)
	require.NoError(t, f.conn.Publisher().Publish(t.Context(), newEvent(t, "x.y.z", "1", nil), newEvent(t, "x.y.z", "2", nil)))
	events := got.await(t, 2)
	require.Equal(t, "1", events[0].Subject, "order is kept")
	require.Equal(t, "2", events[1].Subject)
	require.InDelta(t, 2, f.counter("nms_bus_waiting_events_total"), 0)
}

func TestStopDrains(t *testing.T) {
	t.Parallel()
	f := setup(t)
	var got recorder
	started, release := make(chan struct{}, 10), make(chan struct{})
	stop := consume(t, f.conn, bus.Subscription{Queue: "test.drain", Bindings: []string{"x.#"},
		Handler: func(ctx context.Context, e event.Event) error {
			started <- struct{}{}
			<-release
			if ctx.Err() != nil {
				return ctx.Err()
			}
			return got.take(ctx, e)
		}})
	f.broker.AwaitBinding("test.drain", 1)
	// Two messages: only the one in hand is finished.
	require.NoError(t, f.conn.Publisher().Publish(t.Context(), newEvent(t, "x.y.a", "1", nil), newEvent(t, "x.y.b", "2", nil)))
	<-started
	stopped := make(chan struct{})
	go func() { stop(); close(stopped) }()
	select {
	case <-stopped:
		t.Fatal("did not wait for the handler")
	case <-time.After(50 * time.Millisecond):
	}
	close(release)
	<-stopped
	require.Len(t, got.all(), 1)

	var rest recorder
	consume(t, f.conn, bus.Subscription{Queue: "test.drain", Handler: rest.take})
	require.Equal(t, "2", rest.await(t, 1)[0].Subject)
	require.Len(t, rest.all(), 1, "the finished one was acknowledged")
}

func TestConnectionsThatAreCutComeBack(t *testing.T) {
	t.Parallel()
	f := setup(t)
	var got recorder
	consume(t, f.conn, bus.Subscription{Queue: "test.cut", Bindings: []string{"x.#"}, Handler: got.take})
	f.broker.AwaitBinding("test.cut", 1)
	require.NoError(t, f.conn.Publisher().Publish(t.Context(), newEvent(t, "x.y.z", "before", nil)))
	got.await(t, 1)
	require.NoError(t, f.conn.Check(t.Context()))
	require.GreaterOrEqual(t, f.broker.CutConnections(2), 2)
	require.Eventually(t, func() bool { return f.conn.Losses() >= 2 }, patience, time.Millisecond)
	e := newEvent(t, "x.y.z", "after", nil)
	require.Eventually(t, func() bool { return f.conn.Publisher().Publish(t.Context(), e) == nil }, patience, 50*time.Millisecond)
	require.Equal(t, "after", got.await(t, 2)[1].Subject)
	require.Eventually(t, func() bool { return f.conn.Check(t.Context()) == nil }, patience, 10*time.Millisecond)
}

func TestTapShowsEventsAndDropsSlowReaders(t *testing.T) {
	t.Parallel()
	f := setup(t)
	tap := bus.NewTap(f.conn, "test.live", "inbox.*.*")
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- tap.Run(ctx) }()
	select {
	case <-tap.Ready():
	case <-time.After(patience):
		t.Fatal("the tap did not connect")
	}
	quick, slow, gone := tap.Reader(100), tap.Reader(2), tap.Reader(1)
	gone.Close()
	gone.Close()
	var events []event.Event
	for i := range 20 {
		events = append(events, newEvent(t, "inbox.trace.stored", strconv.Itoa(i), nil))
	}
	require.NoError(t, f.conn.Publisher().Publish(t.Context(), events...))
	for i := range 20 {
		require.Equal(t, strconv.Itoa(i), (<-quick.Events).Event.Subject)
	}
	n := 0
	for range slow.Events {
		n++
	}
	require.Equal(t, 2, n)
	require.ErrorIs(t, slow.Err(), bus.ErrSlowReader)
	require.NoError(t, gone.Err())
	cancel()
	require.NoError(t, <-done)
	_, open := <-quick.Events
	require.False(t, open)
	require.ErrorIs(t, quick.Err(), bus.ErrTapClosed)
	require.ErrorIs(t, tap.Reader(1).Err(), bus.ErrTapClosed)
}

func TestDialSaysInOneSentenceWhatIsWrong(t *testing.T) {
	t.Parallel()
	broker := bustest.New(t)
	good := broker.DSN.Reveal()
	for name, c := range map[string]struct{ from, to, want string }{
		"nobody there":   {"127.0.0.1:", "127.0.0.1:1", "cannot be reached"},
		"wrong password": {":guest@", ":s3cret@", "refuses the user or password in MQ_DSN"},
		"no such vhost":  {"/test-", "/other-", "has no virtual host"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := bus.Settings{DSN: broker.DSN}
			if c.to == "127.0.0.1:1" {
				require.NoError(t, s.DSN.Decode("amqp://guest:s3cret@127.0.0.1:1/"))
			} else {
				require.NoError(t, s.DSN.Decode(strings.Replace(good, c.from, c.to, 1)))
			}
			_, err := bus.Dial(t.Context(), s)
			require.ErrorContains(t, err, c.want)
			require.NotContains(t, err.Error(), "s3cret")
			require.NotContains(t, err.Error(), "\n")
		})
	}
}

func TestEventIDsAreUnique(t *testing.T) {
	t.Parallel()
	seen := map[uuid.UUID]bool{}
	for range 1000 {
		e := event.Event{Type: "x.y.z"}
		require.NoError(t, e.Complete(t.Context()))
		require.False(t, seen[e.ID])
		seen[e.ID] = true
	}
}
