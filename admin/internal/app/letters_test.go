package app_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
	"github.com/stretchr/testify/require"

	"nms.example/common/bus"
	"nms.example/common/event"
	"nms.example/common/fault"
	"nms.example/common/waittest"
)

type letter struct {
	ID                              int64
	State, Queue, Reason, Error     string
	MessageID                       string `json:"message_id"`
	RoutingKey                      string `json:"routing_key"`
	Attempts, Deaths, Replays, Size int
	ReplayedAt                      *time.Time `json:"replayed_at"`
	Message                         json.RawMessage
	Raw                             []byte
}

type letterPage struct {
	Total   int64
	Content []letter
	Next    string
}

func (b *bundle) letters(query string) (p letterPage) {
	b.t.Helper()
	b.get("/dead-letters?"+query, &p)
	return p
}

// dead waits until that many letters are dead.
func (b *bundle) dead(n int64) []letter {
	b.t.Helper()
	require.Eventually(b.t, func() bool { return b.letters("").Total == n }, patience, 20*time.Millisecond, "dead letters: want %d", n)
	return b.letters("").Content
}

// consumer takes the events of a queue and refuses them while it is told to.
type consumer struct {
	mu     sync.Mutex
	refuse bool
	taken  []string
}

func (c *consumer) handle(_ context.Context, e event.Event) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.refuse {
		return fault.New(fault.CodeInvalid, "not today").Because(errors.New("a secret of the inside"))
	}
	c.taken = append(c.taken, e.Subject)
	return nil
}

func (c *consumer) set(refuse bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.refuse = refuse
}

func (c *consumer) got() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]string{}, c.taken...)
}

func (b *bundle) consume(queue string, refuse bool) *consumer {
	b.t.Helper()
	c := &consumer{refuse: refuse}
	ctx, stop := context.WithCancel(context.WithoutCancel(b.t.Context()))
	done := make(chan error, 1)
	go func() {
		done <- bus.Consume(ctx, b.conn, bus.Subscription{Queue: queue, Bindings: []string{"cfg.#"}, Handler: c.handle})
	}()
	b.t.Cleanup(func() { stop(); require.NoError(b.t, <-done) })
	b.broker.AwaitBinding(queue, 1)
	return c
}

//nolint:paralleltest,tparallel // a letter's life, claim by claim
func TestADeadLetterIsReplayedToItsOwnQueueOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	refusing, other := b.consume("test.refusing", true), b.consume("test.other", false)
	b.publish(change("cfg.equipment.updated", "17", time.Now(), nil, name{"x"}))
	b.journalled(1)
	l := b.dead(1)[0]
	path := fmt.Sprintf("/dead-letters/%d", l.ID)

	t.Run("it is listed with where, why and how often it died", func(t *testing.T) {
		require.Equal(t, "test.refusing", l.Queue)
		require.Equal(t, "cfg.equipment.updated", l.RoutingKey)
		require.Equal(t, "permanent not today dead 1 1", fmt.Sprint(l.Reason, " ", l.Error, " ", l.State, " ", l.Attempts, " ", l.Deaths))
		waittest.Until(t, "it is counted", func() bool { return b.admin.Metric(t, "nms_dead_letters_taken_total") == 1 })
	})
	t.Run("it is shown as it was published", func(t *testing.T) {
		var whole letter
		b.in(t).get(path, &whole)
		var e event.Event
		require.NoError(t, json.Unmarshal(whole.Message, &e))
		require.Equal(t, "17", e.Subject)
		require.Equal(t, l.MessageID, e.ID.String())
	})
	t.Run("replayed and refused again, it is dead once more, not twice on the list", func(t *testing.T) {
		b := b.in(t)
		b.client().Post(path+"/replay", nil).Is(http.StatusOK)
		waittest.Until(t, "it is dead once more", func() bool {
			again := b.letters("").Content
			return len(again) == 1 && again[0].Deaths == 2 && again[0].Replays == 1 && again[0].ID == l.ID
		})
	})
	t.Run("replayed and taken, it has gone, and repeating that changes nothing", func(t *testing.T) {
		b := b.in(t)
		refusing.set(false)
		for range 3 {
			b.client().Post(path+"/replay", nil).Is(http.StatusOK).Into(&l)
			require.Equal(t, "replayed 2", fmt.Sprint(l.State, " ", l.Replays))
			require.NotNil(t, l.ReplayedAt)
		}
		waittest.Until(t, "it is taken", func() bool { return len(refusing.got()) == 1 })
		require.Empty(t, b.letters("").Content)
		require.Len(t, b.letters("state=replayed").Content, 1)
		require.Len(t, b.letters("state=all").Content, 1)
	})
	t.Run("the other consumer and the journal have seen the event once, and the journal who replayed it", func(t *testing.T) {
		b := b.in(t)
		b.journalled(3)
		require.Equal(t, []string{"17"}, other.got())
		require.Equal(t, []string{"17"}, refusing.got())
		require.EqualValues(t, 1, b.events("type=cfg.*").Total)
		replays := b.events("type=admin.deadletter.replayed&actor=user:7")
		require.EqualValues(t, 2, replays.Total)
		require.NotEmpty(t, replays.Content[0].RequestID)
	})
	t.Run("deleted, it is not found any more", func(t *testing.T) {
		b := b.in(t)
		b.client().Delete(path).Is(http.StatusNoContent)
		b.client().Delete(path).Refused(http.StatusNotFound, "path.id", "not_found")
		b.client().Get(path).Refused(http.StatusNotFound, "path.id", "not_found")
		b.client().Post(path+"/replay", nil).Refused(http.StatusNotFound, "path.id", "not_found")
		b.client().Post("/dead-letters/0/replay", nil).Refused(http.StatusUnprocessableEntity, "path.id", "below_minimum")
		waittest.Until(t, "the journal has it", func() bool { return b.events("type=admin.deadletter.deleted").Total == 1 })
	})
}

func TestReplaysAtOnceSendOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	c := b.consume("test.refusing", true)
	b.publish(change("cfg.equipment.updated", "17", time.Now(), nil, nil))
	path := fmt.Sprintf("/dead-letters/%d/replay", b.dead(1)[0].ID)
	c.set(false)
	statuses := make([]int, 6)
	var group sync.WaitGroup
	for i := range statuses {
		group.Go(func() { statuses[i] = b.client().Post(path, nil).Status })
	}
	group.Wait()
	require.Equal(t, []int{200, 200, 200, 200, 200, 200}, statuses)
	b.publish(change("cfg.equipment.updated", "18", time.Now(), nil, nil)) // behind the replays in the queue
	require.Eventually(t, func() bool { return len(c.got()) == 2 }, patience, 20*time.Millisecond)
	require.Equal(t, []string{"17", "18"}, c.got())
}

func TestLettersOfAnyKindAreKept(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var bodies [][]byte
	for i, body := range []string{"no JSON \x00\xff", `{"specversion":"0.3"}`, `[]`} {
		bodies = append(bodies, []byte(body))
		require.NoError(t, b.conn.Publisher().Replay(t.Context(), bus.DeadLetter{
			ID: fmt.Sprint("odd-", i), Queue: "nms.dead", RoutingKey: "x", ContentType: "text/odd", Body: bodies[i],
		}))
	}
	for _, l := range b.dead(3) {
		var whole letter
		b.get(fmt.Sprintf("/dead-letters/%d", l.ID), &whole)
		require.Equal(t, "deliveries", l.Reason, "put there by no consumer of ours")
		i := int(l.MessageID[len(l.MessageID)-1] - '0')
		require.Equal(t, len(bodies[i]), l.Size)
		if i == 0 {
			require.Equal(t, bodies[i], whole.Raw)
		} else {
			require.JSONEq(t, string(bodies[i]), string(whole.Message))
		}
	}
	first := b.letters("limit=2")
	require.Len(t, first.Content, 2)
	require.Len(t, b.letters("limit=2&cursor="+first.Next).Content, 1)
	require.Zero(t, b.letters("queue=nobody").Total)
	b.client().Get("/dead-letters?state=lost").Refused(http.StatusUnprocessableEntity, "query.state", "not_one_of")
}

func TestAReplayNeedsItsQueue(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, err := b.pool.Exec(t.Context(), `INSERT INTO dead_letter
		(fingerprint, message_id, queue, routing_key, reason, error, attempts, died_at, content_type, body)
		VALUES ('x', 'm', 'test.gone', 'a.b.c', 'attempts', 'no', 5, now(), 'application/json', '{}')`)
	require.NoError(t, err)
	l := b.dead(1)[0]
	b.client().Post(fmt.Sprintf("/dead-letters/%d/replay", l.ID), nil).Refused(http.StatusConflict, "path.id", "queue_gone")
	require.Equal(t, "dead", b.dead(1)[0].State)
}

// A message of an outside system that is no event is listed as it came, and a replay brings it back with its encoding.
func TestADeadMessageOfAnOutsideSystem(t *testing.T) {
	t.Parallel()
	b := setup(t)
	const queue = "test.intake"
	taken := make(chan *bus.Incoming, 1)
	var refuse atomic.Bool
	refuse.Store(true)
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	done := make(chan error, 1)
	go func() {
		done <- bus.ConsumeIntake(ctx, b.conn, bus.Intake{Queue: queue, Handler: func(_ context.Context, m *bus.Incoming) error {
			if refuse.Load() {
				return fault.At(fault.Field("step_freq_hz"), fault.CodeBelow, "must be positive")
			}
			taken <- m
			return nil
		}})
	}()
	t.Cleanup(func() { stop(); require.NoError(t, <-done) })
	b.broker.AwaitBindingOf(queue, queue, 1)

	conn, err := amqp.Dial(b.broker.User("outside", "^test[.]intake$").Reveal())
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	ch, err := conn.Channel()
	require.NoError(t, err)
	body := []byte{0x1f, 0x8b, 0, 1, 2}
	require.NoError(t, ch.PublishWithContext(t.Context(), queue, "", true, false, amqp.Publishing{
		DeliveryMode: amqp.Persistent, ContentType: "application/json", ContentEncoding: "gzip", Body: body,
	}))
	l := b.dead(1)[0]
	require.Equal(t, queue, l.Queue)
	require.Equal(t, "permanent", l.Reason)
	require.Equal(t, "body.step_freq_hz: must be positive", l.Error)
	require.NotEmpty(t, l.MessageID)
	path := fmt.Sprintf("/dead-letters/%d", l.ID)
	b.get(path, &l)
	require.Equal(t, body, l.Raw)
	require.Contains(t, string(b.client().Get(path).Body), `"content_encoding":"gzip"`)

	refuse.Store(false)
	b.client().Post(path+"/replay", nil).Is(http.StatusOK)
	select {
	case m := <-taken:
		require.Equal(t, body, m.Body)
		require.Equal(t, "gzip", m.ContentEncoding)
	case <-time.After(patience):
		require.Fail(t, "the replay did not come")
	}
}
