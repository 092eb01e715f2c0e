package app_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/klauspost/compress/zstd"
	amqp "github.com/rabbitmq/amqp091-go"
	"github.com/stretchr/testify/require"

	"nms.example/common/bus"
	"nms.example/common/bustest"
	"nms.example/common/servicetest"
	"nms.example/common/waittest"
	"nms.example/inbox/internal/app"
	"nms.example/inbox/internal/intake"
)

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

// try publishes with confirm and returns the broker's refusal.
func (o *outside) try(exchange, key string, m amqp.Publishing) error {
	m.DeliveryMode = amqp.Persistent
	confirm, err := o.ch.PublishWithDeferredConfirm(exchange, key, true, false, m)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(o.t.Context(), waittest.Bound)
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

// await waits until a trace is there.
func (b *bundle) await(guid uuid.UUID) {
	b.t.Helper()
	waittest.Until(b.t, "the trace comes", func() bool { return b.stored(guid) == 1 })
}

const traceID = "4bf92f3577b34da6a3ce929d0e0e4736"

//nolint:paralleltest,tparallel // the last claim is about all messages
func TestTracesOverRabbitMQ(t *testing.T) {
	t.Parallel()
	b := setup(t, "MAX_BODY_BYTES=65536")
	o, letters := b.outside(), b.deadLetters()
	followed := b.broker.Follow("inbox.#")
	guid, now := uuid.New(), time.Now()
	good := sample(guid, now)
	m := plain(good)
	m.UserId, m.MessageId = o.user, "receiver-7:1"
	m.Headers = amqp.Table{"traceparent": "00-" + traceID + "-00f067aa0ba902b7-01"}
	o.send(m)
	t.Run("a message becomes a trace", func(t *testing.T) {
		b := b.in(t)
		b.await(guid)
		b.Get(of(traces, guid)).Is(http.StatusOK)
	})
	t.Run("whose event tells who sent it, and in which trace", func(t *testing.T) {
		e := told(t, followed, guid)
		require.Equal(t, "amqp:"+o.user, e.Actor)
		require.Empty(t, e.ActorLogin)
		require.Equal(t, "receiver-7:1", e.RequestID)
		require.Contains(t, e.TraceParent, traceID)
	})
	t.Run("the same again changes nothing, by whichever way", func(t *testing.T) {
		o.send(m)
		b.in(t).Post(traces, good).Is(http.StatusOK)
	})
	t.Run("other content under its guid dies", func(t *testing.T) {
		other := sample(guid, now, "-75.24", "-75.25")
		o.send(plain(other))
		letters.of(t, []byte(other), "other content")
	})
	t.Run("messages may be compressed", func(t *testing.T) {
		b := b.in(t)
		zipped, small := uuid.New(), uuid.New()
		encoder, err := zstd.NewWriter(nil)
		require.NoError(t, err)
		o.send(amqp.Publishing{ContentEncoding: "GZIP", Body: []byte(gzipped(t, sample(zipped, now)))})
		o.send(amqp.Publishing{ContentType: "application/json; charset=utf-8", ContentEncoding: "zstd", Body: encoder.EncodeAll([]byte(sample(small, now)), nil)})
		b.await(zipped)
		b.await(small)
	})
	t.Run("what can never be taken dies at once, as it came", func(t *testing.T) {
		never := uuid.New()
		for _, c := range []struct {
			message amqp.Publishing
			want    string
		}{
			{plain(`{"guid":`), "not valid JSON"},
			{plain(sample(never, now, `"lat":55.75`, `"lat":155.75`)), "location.lat"},
			{plain(""), "not valid"},
			{plain(sample(never, now) + strings.Repeat(" ", 1<<16)), "too large"},
			{amqp.Publishing{ContentEncoding: "gzip", Body: []byte(gzipped(t, strings.Repeat(" ", 1<<26)))}, "too large"},
			{amqp.Publishing{ContentEncoding: "gzip", Body: []byte("no gzip at all")}, "gzip"},
			{amqp.Publishing{ContentEncoding: "br", Body: []byte("{}")}, "content encoding"},
			{amqp.Publishing{ContentType: "application/xml", Body: []byte("<trace/>")}, "no JSON"},
		} {
			o.send(c.message)
			require.Equal(t, c.message.ContentEncoding, letters.of(t, c.message.Body, c.want).ContentEncoding, "a replay needs it")
		}
		require.Equal(t, 3, b.in(t).count(`SELECT count(*) FROM trace`))
	})
	t.Run("what its receiver knows is in the event, the list and every form", func(t *testing.T) { contextTravels(t, b.in(t), o, followed) })
	t.Run("whoever may send traces may do nothing else: neither make up events nor reach other queues", func(t *testing.T) {
		b := b.in(t)
		for _, to := range [][2]string{{bus.Exchange, "inbox.trace.received"}, {"", intake.Queue}, {bus.Dead, intake.Queue}} {
			o := b.outside()
			require.Error(t, o.try(to[0], to[1], plain("{}")), "exchange %q", to[0])
			_, err := o.ch.Consume(intake.Queue, "", true, false, false, false, nil)
			require.Error(t, err)
		}
	})
	t.Run("headers that only we may set count for nothing", func(t *testing.T) {
		m := plain("{")
		m.Headers = amqp.Table{bus.HeaderAttempts: int32(99), bus.HeaderQueue: "admin.journal", bus.HeaderUser: "somebody"}
		o.send(m)
		letters.of(t, m.Body, "not valid JSON")
	})
	t.Run("each is counted by the status that a post would have had", func(t *testing.T) {
		b := b.in(t)
		for _, status := range []int{200, 201, 400, 409, 413, 415, 422} {
			sample := fmt.Sprintf(`inbox_amqp_duration_seconds_count{status="%d"}`, status)
			waittest.Until(t, sample, func() bool {
				return strings.Contains(string(b.Outside().Get("/metrics").Is(http.StatusOK).Body), sample)
			})
		}
	})
}

// contextTravels sends a trace with all that a receiver may know, and looks for it wherever the trace is shown.
func contextTravels(t *testing.T, b *bundle, o *outside, followed *bustest.Followed) {
	t.Helper()
	guid := uuid.New()
	e := withContext(t)
	body := e.body(t, guid, time.Now())
	o.send(plain(body))
	var change struct{ After json.RawMessage }
	require.NoError(t, json.Unmarshal(told(t, followed, guid).Data, &change))
	sent, told := numbers(t, []byte(body)), numbers(t, change.After)
	b.requireGivenBack(guid, sent)
	var page struct{ Content []json.RawMessage }
	b.Get(traces + "?source=RX7").Is(http.StatusOK).Into(&page)
	require.Len(t, page.Content, 1)
	listed := numbers(t, page.Content[0])
	meta := numbers(t, b.Get(of(traces, guid)+"?format=sigmf-meta").Is(http.StatusOK).Body)
	global, ok := meta["global"].(map[string]any)
	require.True(t, ok)
	table := string(b.Get(of(traces, guid) + "?format=csv").Is(http.StatusOK).Body)
	for name, value := range sent {
		if slices.Contains([]string{"guid", "y_val_dbm", "timestamp", "location", "numpoints"}, name) {
			continue
		}
		require.Equal(t, value, global["nms:"+name], name)
		if name == "meta" {
			require.Contains(t, table, `# meta,"{""campaign"":""north"",""run"":7}"`)
			continue
		}
		require.Equal(t, value, told[name], name)
		require.Equal(t, value, listed[name], name)
		require.Regexp(t, `(?m)^# `+name+`,`, table)
	}
	require.Equal(t, sent["location"], told["location"])
	require.Equal(t, sent["location"], listed["location"])
	require.Contains(t, table, "# location.alt_m,210.5\n")
	drawn := string(b.Get(of(traces, guid) + "?format=svg").Is(http.StatusOK).Body)
	for _, text := range []string{"RX7", "equipment 4", "RBW 3 kHz", "rms", "max-hold", "discone", "210.5 m"} {
		require.Contains(t, drawn, text)
	}
}

// TestNoTraceIsLostOnTheWay: the database goes away and comes back while traces arrive, and so does the service. Each trace is there once.
//
//nolint:paralleltest,tparallel // one outage after the other
func TestNoTraceIsLostOnTheWay(t *testing.T) {
	t.Parallel()
	b := setup(t, "HEALTH_INTERVAL=100ms")
	o, letters := b.outside(), b.deadLetters()
	const each = 100
	now := time.Now()
	send := func() {
		for range each {
			m := plain(sample(uuid.New(), now))
			m.DeliveryMode = amqp.Persistent
			require.NoError(t, o.ch.PublishWithContext(t.Context(), intake.Queue, "", true, false, m))
		}
	}
	t.Run("while the database is away", func(t *testing.T) {
		b := b.in(t)
		send()
		b.database(false)
		send()
		waittest.Until(t, "the database is away", func() bool { return b.instance.Service.HealthCode() != 0 })
		waittest.Until(t, "what the alert NMSCommitsFail asks for", func() bool { return b.instance.Metric(t, "inbox_commit_failed_total") > 0 })
		b.database(true)
		b.awaitTraces(2 * each)
		// 201, or 200 for one whose commit was cut off and that was there when it came again.
		waittest.Until(t, "each is counted when it is acknowledged", func() bool {
			return b.instance.Metric(t, "inbox_amqp_duration_seconds_count", `status="20`) >= 2*each
		})
	})
	t.Run("while the service is stopped in the middle of them, and started again", func(t *testing.T) {
		send()
		b.instance.Stop(t)
		send()
		servicetest.Start(t, app.Identity, app.Build, b.settings)
		b.in(t).awaitTraces(4 * each)
	})
	t.Run("none is there twice, and none has died", func(t *testing.T) {
		require.Equal(t, 4*each, b.in(t).count(`SELECT count(*) FROM trace_key`))
		require.Empty(t, letters.bodies())
	})
}

func (b *bundle) awaitTraces(n int) {
	b.t.Helper()
	waittest.Until(b.t, fmt.Sprintf("there are %d traces", n), func() bool { // the database may be away meanwhile
		found := 0
		return b.pool.QueryRow(b.t.Context(), "SELECT count(*) FROM trace").Scan(&found) == nil && found == n
	})
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
