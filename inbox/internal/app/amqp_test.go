package app_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/klauspost/compress/zstd"
	amqp "github.com/rabbitmq/amqp091-go"
	"github.com/stretchr/testify/require"

	"nms.example/common/bus"
	"nms.example/common/servicetest"
	"nms.example/common/waittest"
	"nms.example/inbox/internal/app"
	"nms.example/inbox/internal/intake"
)

// patience is how long anything may take.
const patience = waittest.Bound

// outside is an outside system that may write to the exchange of the traces and nothing else.
type outside struct {
	t  *testing.T
	ch *amqp.Channel
	// user is how the broker knows it.
	user string
}

func (b *bundle) outside() *outside {
	b.t.Helper()
	dsn := b.broker.User("receiver", "^inbox[.]traces$").Reveal()
	conn, err := amqp.Dial(dsn)
	require.NoError(b.t, err)
	b.t.Cleanup(func() { _ = conn.Close() })
	uri, err := amqp.ParseURI(dsn)
	require.NoError(b.t, err)
	o := &outside{t: b.t, user: uri.Username}
	b.broker.AwaitBindingOf(intake.Queue, intake.Queue, 1) // the service makes it, a moment after its start
	o.ch, err = conn.Channel()
	require.NoError(b.t, err)
	require.NoError(b.t, o.ch.Confirm(false))
	return o
}

// try publishes with confirm and gives the broker's refusal.
func (o *outside) try(exchange, key string, m amqp.Publishing) error {
	m.DeliveryMode = amqp.Persistent
	confirm, err := o.ch.PublishWithDeferredConfirm(exchange, key, true, false, m)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(o.t.Context(), patience)
	defer cancel()
	acked, err := confirm.WaitContext(ctx)
	if err == nil && !acked {
		return amqp.ErrClosed
	}
	return err
}

func (o *outside) send(m amqp.Publishing) {
	o.t.Helper()
	require.NoError(o.t, o.try(intake.Queue, "", m))
}

func plain(body string) amqp.Publishing {
	return amqp.Publishing{ContentType: "application/json", Body: []byte(body)}
}

func (b *bundle) awaitTraces(n int) {
	b.t.Helper()
	found := 0
	require.Eventually(b.t, func() bool { // the database may be away meanwhile
		return b.pool.QueryRow(b.t.Context(), "SELECT count(*) FROM trace").Scan(&found) == nil && found == n
	}, patience, 100*time.Millisecond, "traces: want %d", n)
}

func (b *bundle) count(table string) (n int) {
	b.t.Helper()
	require.NoError(b.t, b.pool.QueryRow(b.t.Context(), "SELECT count(*) FROM "+pgx.Identifier{table}.Sanitize()).Scan(&n))
	return n
}

// letter waits for the next dead letter and checks its error.
func (b *bundle) letter(want string) bus.DeadLetter {
	b.t.Helper()
	if b.letters == nil {
		b.letters = make(chan bus.DeadLetter, 100)
		conn := b.broker.Dial()
		ctx, stop := context.WithCancel(context.WithoutCancel(b.t.Context()))
		done := make(chan error, 1)
		go func() {
			done <- bus.ConsumeDead(ctx, conn, func(_ context.Context, l bus.DeadLetter) error { b.letters <- l; return nil })
		}()
		b.t.Cleanup(func() { stop(); require.NoError(b.t, <-done) })
	}
	select {
	case l := <-b.letters:
		require.Equal(b.t, intake.Queue, l.Queue)
		require.Equal(b.t, bus.ReasonPermanent, l.Reason)
		require.Equal(b.t, 1, l.Attempts, "what can never be taken is not tried again")
		require.Contains(b.t, l.Error, want)
		return l
	case <-time.After(patience):
		require.Fail(b.t, "no dead letter came", want)
		return bus.DeadLetter{}
	}
}

const traceID = "4bf92f3577b34da6a3ce929d0e0e4736"

func TestTracesOverRabbitMQ(t *testing.T) {
	t.Parallel()
	b := setup(t, "MAX_BODY_BYTES=65536")
	o := b.outside()
	guid, now := uuid.New(), time.Now()

	events := b.published("inbox.#")

	// Good, with who sent it and in which trace; the event tells both.
	m := plain(sample(guid, now))
	m.UserId, m.MessageId = o.user, "receiver-7:1"
	m.Headers = amqp.Table{"traceparent": "00-" + traceID + "-00f067aa0ba902b7-01"}
	o.send(m)
	b.awaitTraces(1)
	select {
	case e := <-events:
		require.Equal(t, guid.String(), e.Subject)
		require.Equal(t, "amqp:"+o.user, e.Actor)
		require.Empty(t, e.ActorLogin)
		require.Equal(t, "receiver-7:1", e.RequestID)
		require.Contains(t, e.TraceParent, traceID)
	case <-time.After(patience):
		require.Fail(t, "no event came")
	}
	require.Equal(t, http.StatusOK, b.get(traces+"/"+guid.String()).Status)

	// The same again changes nothing, by which way ever; other content under the guid is refused for good.
	o.send(m)
	require.Equal(t, http.StatusOK, b.post(traces, sample(guid, now)).Status)
	o.send(plain(strings.Replace(sample(guid, now), "-75.24", "-75.25", 1)))
	b.letter("other content")

	// Compressed.
	encoder, err := zstd.NewWriter(nil)
	require.NoError(t, err)
	small := encoder.EncodeAll([]byte(sample(uuid.New(), now)), nil)
	o.send(amqp.Publishing{ContentEncoding: "GZIP", Body: []byte(gzipped(t, sample(uuid.New(), now)))})
	o.send(amqp.Publishing{ContentType: "application/json; charset=utf-8", ContentEncoding: "zstd", Body: small})
	b.awaitTraces(3)

	// What can never be taken.
	for _, x := range []struct {
		message amqp.Publishing
		want    string
	}{
		{plain(`{"guid":`), "not valid JSON"},
		{plain(strings.Replace(sample(uuid.New(), now), `"lat":55.75`, `"lat":155.75`, 1)), "location.lat"},
		{plain(""), "not valid"},
		{plain(sample(uuid.New(), now) + strings.Repeat(" ", 1<<16)), "too large"},
		{amqp.Publishing{ContentEncoding: "gzip", Body: []byte(gzipped(t, strings.Repeat(" ", 1<<26)))}, "too large"},
		{amqp.Publishing{ContentEncoding: "gzip", Body: []byte("no gzip at all")}, "gzip"},
		{amqp.Publishing{ContentEncoding: "br", Body: []byte("{}")}, "content encoding"},
		{amqp.Publishing{ContentType: "application/xml", Body: []byte("<trace/>")}, "no JSON"},
	} {
		o.send(x.message)
		l := b.letter(x.want)
		require.Equal(t, x.message.Body, l.Body)
		require.Equal(t, x.message.ContentEncoding, l.ContentEncoding, "a replay needs it")
	}
	require.Equal(t, 3, b.count("trace"))
	metrics := string(b.get("/metrics").Body)
	for _, status := range []int{200, 201, 400, 409, 413, 415, 422} {
		require.Contains(t, metrics, fmt.Sprintf(`inbox_amqp_duration_seconds_count{status="%d"}`, status))
	}
}

// Whoever may send traces may do nothing else: neither make up events nor reach other queues.
func TestTheSenderOfTracesMayDoNothingElse(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, x := range [][2]string{{bus.Exchange, "inbox.trace.received"}, {"", intake.Queue}, {bus.Dead, intake.Queue}} {
		o := b.outside()
		require.Error(t, o.try(x[0], x[1], plain("{}")), "exchange %q", x[0])
		_, err := o.ch.Consume(intake.Queue, "", true, false, false, false, nil)
		require.Error(t, err)
	}
	// Headers that only we may set count for nothing.
	o := b.outside()
	m := plain("{")
	m.Headers = amqp.Table{bus.HeaderAttempts: int32(99), bus.HeaderQueue: "admin.journal", bus.HeaderUser: "somebody"}
	o.send(m)
	b.letter("not valid JSON")
}

// The database goes away and comes back while traces arrive, and so does the service: each trace is there once.
func TestNoTraceIsLostOnTheWay(t *testing.T) {
	t.Parallel()
	b := setup(t, "HEALTH_INTERVAL=100ms")
	o := b.outside()
	const each = 100
	now := time.Now()
	send := func(n int) {
		for range n {
			m := plain(sample(uuid.New(), now))
			m.DeliveryMode = amqp.Persistent
			require.NoError(t, o.ch.PublishWithContext(t.Context(), intake.Queue, "", true, false, m))
		}
	}
	send(each)
	b.database(false)
	send(each)
	require.Eventually(t, func() bool {
		return b.instance.Service.HealthCode() != 0
	}, patience, 20*time.Millisecond, "the database is away")
	require.Eventually(t, func() bool {
		return b.instance.Metric(t, "inbox_commit_failed_total") > 0
	}, patience, 20*time.Millisecond, "what the alert NMSCommitsFail asks for")
	b.database(true)
	b.awaitTraces(2 * each)
	require.Eventually(t, func() bool { // 201, or 200 for one whose commit was cut off and that was there when it came again
		return b.instance.Metric(t, "inbox_amqp_duration_seconds_count", `status="20`) >= 2*each
	}, patience, 20*time.Millisecond, "each is counted when it is acknowledged")

	send(each)
	b.instance.Stop(t) // in the middle of them
	send(each)
	b.instance = servicetest.Start(t, app.Identity, app.Build, b.settings)
	b.awaitTraces(4 * each)
	require.Equal(t, 4*each, b.count("trace_key"))
	require.Empty(t, b.letters)
}

// database takes the test's database out of service or back into it.
func (b *bundle) database(open bool) {
	b.t.Helper()
	config, err := pgx.ParseConfig(b.settings["DB_DWH_DSN"])
	require.NoError(b.t, err)
	name := config.Database
	conn, err := pgx.Connect(b.t.Context(), os.Getenv("TEST_POSTGRES_DSN"))
	require.NoError(b.t, err)
	defer func() { require.NoError(b.t, conn.Close(b.t.Context())) }()
	_, err = conn.Exec(b.t.Context(), fmt.Sprintf("ALTER DATABASE %s ALLOW_CONNECTIONS %t", pgx.Identifier{name}.Sanitize(), open))
	require.NoError(b.t, err)
	if !open {
		_, err = conn.Exec(b.t.Context(), "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", name)
		require.NoError(b.t, err)
	}
}
