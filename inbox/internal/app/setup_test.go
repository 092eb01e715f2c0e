package app_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"nms.example/common/authn"
	"nms.example/common/authntest"
	"nms.example/common/bus"
	"nms.example/common/bustest"
	"nms.example/common/db"
	"nms.example/common/event"
	"nms.example/common/pgtest"
	"nms.example/common/redistest"
	"nms.example/common/rf"
	"nms.example/common/servicetest"
	"nms.example/common/waittest"
	"nms.example/inbox/internal/app"
	"nms.example/inbox/internal/intake"
)

const (
	secret = "a key for tests that is long enough, 0123456789"
	base   = "/api/v1/inbox"

	// What is below base.
	traces     = "/traces"
	signals    = "/signals"
	waterfall  = "/waterfall"
	statistics = "/statistics"

	ndjson = "Content-Type: application/x-ndjson"

	conflict      = http.StatusConflict
	notFound      = http.StatusNotFound
	unprocessable = http.StatusUnprocessableEntity
)

// bundle is a running inbox with a database, a virtual host and a Redis prefix of its own, and a client that may read and write.
type bundle struct {
	*servicetest.Client

	t        *testing.T
	instance *servicetest.Instance
	pool     *db.Pool[db.DWH]
	broker   *bustest.Broker
	settings map[string]string
	token    string
}

// setup starts inbox; changes are settings, "NAME=value".
func setup(t *testing.T, changes ...string) *bundle {
	t.Helper()
	dsn := pgtest.DSN[db.DWH](t)
	b := &bundle{
		t: t, broker: bustest.New(t), pool: pgtest.Open[db.DWH](t, db.Settings{DSN: dsn, ApplicationName: "test"}),
		token: token(t, authn.Mask(authn.InboxRead|authn.InboxWrite)),
	}
	b.settings = map[string]string{
		"DB_DWH_DSN": dsn.Reveal(), "MQ_DSN": b.broker.DSN.Reveal(), "REDIS_DSN": redistest.DSN(t).Reveal(), "REDIS_PREFIX": redistest.Prefix(t),
		"JWT_SECRET_KEY": secret, "PARTITIONS_AHEAD": "1",
	}
	for _, change := range changes {
		name, value, _ := strings.Cut(change, "=")
		b.settings[name] = value
	}
	b.instance = servicetest.Start(t, app.Identity, app.Build, b.settings)
	b.Client = b.instance.Client(t).As(b.token)
	return b
}

// in is the same service for a subtest.
func (b *bundle) in(t *testing.T) *bundle {
	t.Helper()
	other := *b
	other.t, other.Client = t, b.For(t)
	return &other
}

// another starts a second instance of the same system.
func (b *bundle) another() *bundle {
	b.t.Helper()
	other := *b
	other.instance = servicetest.Start(b.t, app.Identity, app.Build, b.settings)
	other.Client = b.At(other.instance)
	return &other
}

// as is the same service for another caller.
func (b *bundle) as(credential string) *bundle {
	other := *b
	other.token, other.Client = credential, b.As(credential)
	return &other
}

func token(tb testing.TB, access authn.Mask) string {
	tb.Helper()
	claims := authntest.Claims(access)
	claims.UserID, claims.Login, claims.Role = 1, "tester", "tester"
	return authntest.WithSecret(tb, secret).Sign(tb, claims)
}

func manager(t *testing.T) string {
	t.Helper()
	return token(t, authn.Mask(authn.InboxRead|authn.InboxWrite|authn.InboxManage))
}

// of is the path of an item of a list.
func of(list string, guid uuid.UUID) string { return list + "/" + guid.String() }

// sample is a trace of five values on 100.0 to 100.4 kHz; changes are pairs of texts, the latter in place of the former.
func sample(guid uuid.UUID, at time.Time, changes ...string) string {
	return strings.NewReplacer(changes...).Replace(fmt.Sprintf(`{"guid":%q,"start_freq_hz":100000,"stop_freq_hz":100400,"step_freq_hz":100,`+
		`"noise":-101.5,"numpoints":5,"y_val_dbm":[-75.24,-80,0.005,327.67,-12.345],"timestamp":%q,"location":{"lat":55.75,"lng":37.62}}`,
		guid, at.Format(time.RFC3339Nano)))
}

// by is a change of a sample: the receiver that took it.
func by(source string) []string { return with(`"source":"` + source + `"`) }

// with is a change of a sample: more members.
func with(members string) []string { return []string{`"noise"`, members + `,"noise"`} }

// wide is a sample of that many values.
func wide(guid uuid.UUID, at time.Time, points int) string {
	return sample(guid, at, "-75.24,-80,0.005,327.67,-12.345", strings.Repeat("-90.5,", points-1)+"-90.5",
		`"numpoints":5`, fmt.Sprintf(`"numpoints":%d`, points), `"stop_freq_hz":100400`, fmt.Sprintf(`"stop_freq_hz":%d`, 100000+100*(points-1)))
}

// send posts a trace that is new.
func (b *bundle) send(body string) {
	b.t.Helper()
	b.Post(traces, body).Is(http.StatusCreated)
}

// trace posts a sample, made as sample does, and returns its guid.
func (b *bundle) trace(at time.Time, changes ...string) uuid.UUID {
	b.t.Helper()
	guid := uuid.New()
	b.send(sample(guid, at, changes...))
	return guid
}

// signalJSON is a signal as it is sent.
func signalJSON(guid, trace uuid.UUID, start, stop, f0 float64) string {
	return fmt.Sprintf(`{"guid":%q,"trace_guid":%q,"start_freq_hz":%s,"stop_freq_hz":%s,"f0_freq_hz":%s}`, guid, trace,
		rf.AppendHz(nil, start), rf.AppendHz(nil, stop), rf.AppendHz(nil, f0))
}

// signal posts a signal of a trace and returns its guid.
func (b *bundle) signal(trace uuid.UUID, start, stop, f0 float64) uuid.UUID {
	b.t.Helper()
	guid := uuid.New()
	b.Post(signals, "["+signalJSON(guid, trace, start, stop, f0)+"]").Is(http.StatusCreated)
	return guid
}

// lineResult is the answer to a line of a stream of traces.
type lineResult struct {
	Line   int
	GUID   *string
	Status int
	Errors []struct{ Location, Message, Code string }
}

// lines posts a stream of traces, one a line, and returns the results.
func (b *bundle) lines(body string, headers ...string) (out []lineResult) {
	b.t.Helper()
	return b.linesTo(traces, body, headers...)
}

func (b *bundle) linesTo(path, body string, headers ...string) (out []lineResult) {
	b.t.Helper()
	answer := b.Post(path, body, append([]string{ndjson}, headers...)...).Is(http.StatusOK)
	require.Equal(b.t, "application/x-ndjson", answer.Header.Get("Content-Type"))
	for text := range bytes.Lines(answer.Body) {
		var r lineResult
		require.NoError(b.t, json.Unmarshal(text, &r), "%s", text)
		out = append(out, r)
	}
	return out
}

// sendLines posts a stream of traces that are new.
func (b *bundle) sendLines(body string) {
	b.t.Helper()
	for _, line := range b.lines(body) {
		require.Equal(b.t, http.StatusCreated, line.Status, "%+v", line)
	}
}

// refuses expects each GET to be refused with 422 at a place for a reason, both as "query.id below_minimum".
func (b *bundle) refuses(reasons map[string]string) {
	b.t.Helper()
	for path, reason := range reasons {
		place, code, _ := strings.Cut(reason, " ")
		b.Get(path).Refused(unprocessable, place, code)
	}
}

// count asks the database for a number.
func (b *bundle) count(query string, args ...any) (n int) {
	b.t.Helper()
	require.NoError(b.t, b.pool.QueryRow(b.t.Context(), query, args...).Scan(&n))
	return n
}

// stored counts which of some traces are there.
func (b *bundle) stored(guids ...uuid.UUID) int {
	b.t.Helper()
	return b.count(`SELECT count(*) FROM trace WHERE guid = ANY($1)`, guids)
}

// taken counts which of some guids belong to traces, withdrawn ones included.
func (b *bundle) taken(guids ...uuid.UUID) int {
	b.t.Helper()
	return b.count(`SELECT count(*) FROM trace_key WHERE guid = ANY($1)`, guids)
}

// marked counts the signals of traces.
func (b *bundle) marked(traces ...uuid.UUID) int {
	b.t.Helper()
	return b.count(`SELECT count(*) FROM signal WHERE trace_guid = ANY($1)`, traces)
}

// told waits for the event that tells of a trace or a signal.
func told(t *testing.T, followed *bustest.Followed, guid uuid.UUID) (e event.Event) {
	t.Helper()
	followed.Await("the event of "+guid.String(), func(events []event.Event) bool {
		i := slices.IndexFunc(events, func(e event.Event) bool { return e.Subject == guid.String() })
		if i >= 0 {
			e = events[i]
		}
		return i >= 0
	})
	return e
}

// deadLetters are those that the broker has had since somebody asked for them.
type deadLetters struct {
	mu  sync.Mutex
	all []bus.DeadLetter
}

func (b *bundle) deadLetters() *deadLetters {
	b.t.Helper()
	d := new(deadLetters)
	conn := b.broker.Dial()
	ctx, stop := context.WithCancel(context.WithoutCancel(b.t.Context()))
	done := make(chan error, 1)
	go func() {
		done <- bus.ConsumeDead(ctx, conn, func(_ context.Context, l bus.DeadLetter) error {
			d.mu.Lock()
			defer d.mu.Unlock()
			d.all = append(d.all, l)
			return nil
		})
	}()
	b.t.Cleanup(func() { stop(); require.NoError(b.t, <-done) })
	return d
}

// bodies lists what has died so far.
func (d *deadLetters) bodies() (list []string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, l := range d.all {
		list = append(list, string(l.Body))
	}
	return list
}

// of waits for the letter with a body, which can never be taken, and checks its error.
func (d *deadLetters) of(t *testing.T, body []byte, want string) bus.DeadLetter {
	t.Helper()
	at := -1
	waittest.Until(t, "the dead letter: "+want, func() bool {
		at = slices.Index(d.bodies(), string(body))
		return at >= 0
	})
	d.mu.Lock()
	l := d.all[at]
	d.mu.Unlock()
	require.Equal(t, intake.Queue, l.Queue)
	require.Equal(t, bus.ReasonPermanent, l.Reason)
	require.Equal(t, 1, l.Attempts, "what can never be taken is not tried again")
	require.Contains(t, l.Error, want)
	return l
}

func gzipped(t *testing.T, body string) string {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, err := w.Write([]byte(body))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return out.String()
}
