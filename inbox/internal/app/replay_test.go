package app_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"nms.example/common/authn"
	"nms.example/common/servicetest"
	"nms.example/common/waittest"
	"nms.example/inbox/internal/app"
)

// sent is a server-sent event.
type sent struct {
	name, id string
	data     map[string]any
}

// guid is that of what the event tells of.
func (s sent) guid() string {
	if trace, ok := s.data["trace"].(map[string]any); ok {
		return fmt.Sprint(trace["guid"])
	}
	return fmt.Sprint(s.data["guid"])
}

// following is one connection to a stream.
type following struct {
	t     *testing.T
	lines *bufio.Scanner
	cut   context.CancelFunc
}

// following opens the stream at an instance; headers come in pairs.
func (b *bundle) following(instance *servicetest.Instance, query string, headers ...string) *following {
	b.t.Helper()
	ctx, cut := context.WithTimeout(b.t.Context(), waittest.Bound)
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, instance.URL+"/api/v1/inbox/stream?"+query, nil)
	require.NoError(b.t, err)
	request.Header.Set("Authorization", "Bearer "+b.token)
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := http.DefaultClient.Do(request)
	require.NoError(b.t, err)
	b.t.Cleanup(func() { cut(); _ = response.Body.Close() })
	require.Equal(b.t, http.StatusOK, response.StatusCode)
	f := &following{b.t, bufio.NewScanner(response.Body), cut}
	f.lines.Buffer(nil, 1<<20)
	require.True(b.t, f.lines.Scan())
	require.Equal(b.t, ": welcome", f.lines.Text())
	return f
}

// next returns the next event.
func (f *following) next() (s sent) {
	f.t.Helper()
	for f.lines.Scan() {
		line := f.lines.Text()
		field, value, _ := strings.Cut(line, ": ")
		switch {
		case line == "" && s.name != "":
			return s
		case field == "event":
			s.name = value
		case field == "id":
			s.id = value
		case field == "data":
			require.NoError(f.t, json.Unmarshal([]byte(value), &s.data))
		}
	}
	require.Fail(f.t, "the stream has ended", "%v", f.lines.Err())
	return s
}

// TestAStreamThatWasCutGoesOn reads the same stream twice while traces and signals come in by two instances: once through,
// and once with the connection cut again and again, each time going on at the other instance. Both are the same.
func TestAStreamThatWasCutGoesOn(t *testing.T) {
	t.Parallel()
	b := setup(t)
	instances := []*servicetest.Instance{b.instance, servicetest.Start(t, app.Identity, app.Build, b.settings)}
	const query = "start-freq-hz=100000&stop-freq-hz=100100"
	whole, parts := b.following(instances[1], query), b.following(instances[0], query)
	const posts = 200
	posted := make(chan struct{})
	go func() {
		defer close(posted)
		for i := range posts {
			sender := *b
			sender.instance = instances[i%2]
			guid := uuid.New()
			var lines strings.Builder
			lines.WriteString(sample(guid, time.Now()) + "\n")
			elsewhere := strings.NewReplacer(`"start_freq_hz":100000`, `"start_freq_hz":200000`, `"stop_freq_hz":100400`, `"stop_freq_hz":200400`)
			lines.WriteString(elsewhere.Replace(sample(uuid.New(), time.Now())) + "\n" + sample(uuid.New(), time.Now()) + "\n")
			sender.call(http.MethodPost, traces, []byte(lines.String()), "Content-Type", "application/x-ndjson")
			sender.post(signals, "["+signalJSON(uuid.New(), guid, 100000, 100200, 100100)+","+signalJSON(uuid.New(), guid, 100300, 100400, 100350)+"]")
		}
	}()
	var want, got []sent
	for len(want) < 3*posts {
		want = append(want, whole.next())
	}
	for i := 1; len(got) < 3*posts; i++ {
		for range min(50+i, 3*posts-len(got)) {
			got = append(got, parts.next())
		}
		parts.cut()
		parts = b.following(instances[i%2], query, "Last-Event-ID", got[len(got)-1].id)
	}
	<-posted
	require.Equal(t, want, got)
	seen := map[string]bool{}
	for _, s := range got {
		require.False(t, seen[s.name+s.guid()], "twice")
		seen[s.name+s.guid()] = true
	}

	// An instance that has just started knows what went before, and a stream at its end goes on with what comes.
	third := servicetest.Start(t, app.Identity, app.Build, b.settings)
	late := b.following(third, query, "Last-Event-ID", want[10].id)
	for _, s := range want[11:] {
		require.Equal(t, s, late.next())
	}
	guid := uuid.New()
	require.Equal(t, http.StatusCreated, b.post(traces, sample(guid, time.Now())).Status)
	require.Equal(t, guid.String(), late.next().guid())
	require.Equal(t, guid.String(), parts.next().guid())
}

// TestWhoeverComesTooLateIsTold: a place that the stream does not have, or that is none, is answered with an event of its own.
func TestWhoeverComesTooLateIsTold(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first := b.following(b.instance, "")
	require.Equal(t, http.StatusCreated, b.post(traces, sample(uuid.New(), time.Now())).Status)
	known := first.next().id
	offset, _, _ := strings.Cut(known, ".")
	for _, id := range []string{
		"rubbish", uuid.NewString(), known + "0", "-1.0." + uuid.NewString(), offset + ".0." + uuid.NewString(), offset + ".7" + known[len(known)-37:],
		"99999999.0." + uuid.NewString(), "99999999999999999999.0." + uuid.NewString(),
	} {
		f := b.following(b.instance, "", "Last-Event-ID", id)
		lost := f.next()
		require.Equal(t, "lost", lost.name, id)
		require.Empty(t, lost.id, "the client's own stays what it was")
		guid := uuid.New()
		require.Equal(t, http.StatusCreated, b.post(traces, sample(guid, time.Now())).Status)
		require.Equal(t, guid.String(), f.next().guid(), "it goes on from there: %s", id)
		f.cut()
	}
	long := b.get("/api/v1/inbox/stream", "Last-Event-ID", strings.Repeat("1", 201))
	require.Equal(t, http.StatusUnprocessableEntity, long.Status)
	require.Contains(t, string(long.Body), `"header.Last-Event-ID"`)
}

// TestTheStreamIsFiltered: band, place and receiver choose, the values come on demand, and what is withdrawn is told.
func TestTheStreamIsFiltered(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.token = token(t, authn.Mask(authn.InboxRead|authn.InboxWrite|authn.InboxManage))
	everything := b.following(b.instance, "")
	filtered := map[string]*following{}
	for _, query := range []string{"source=RX7", "equipment-id=4", "bbox=37,55,38,56", "bbox=170,55,38,56", "start-freq-hz=100200&stop-freq-hz=100300", "points=2&source=RX7"} {
		filtered[query] = b.following(b.instance, query)
	}
	now := time.Now()
	of := func(guid uuid.UUID, changes ...string) string {
		return strings.NewReplacer(changes...).Replace(sample(guid, now))
	}
	ours, theirs := uuid.New(), uuid.New()
	early, inside, outside, foreign, last := uuid.New(), uuid.New(), uuid.New(), uuid.New(), uuid.New()
	post := func(body string) { require.Equal(t, http.StatusCreated, b.post(traces, body).Status) }
	mark := func(guid, trace uuid.UUID, start, stop float64) {
		require.Equal(t, http.StatusCreated, b.post(signals, "["+signalJSON(guid, trace, start, stop, start)+"]").Status)
	}
	mark(early, ours, 100200, 100300)
	post(of(ours, `"numpoints"`, `"source":"RX7","equipment_id":4,"numpoints"`))
	post(of(theirs, `"lat":55.75`, `"lat":15.75`, `"start_freq_hz":100000`, `"start_freq_hz":200000`, `"stop_freq_hz":100400`, `"stop_freq_hz":200400`))
	mark(inside, ours, 100200, 100300)
	mark(outside, ours, 100000, 100100)
	mark(foreign, theirs, 200000, 200100)
	b.withdraw(ours, "wrong antenna")
	own := []string{"trace " + ours.String(), "signal " + inside.String(), "signal " + outside.String(), "withdrawn " + ours.String()}
	want := append([]string{"signal " + early.String(), "trace " + theirs.String(), "signal " + foreign.String()}, own...)
	var came []string
	for range want { // those of different traces and signals have no order
		e := everything.next()
		came = append(came, e.name+" "+e.guid())
	}
	require.ElementsMatch(t, want, came)
	post(of(last, `"numpoints"`, `"source":"RX7","equipment_id":4,"numpoints"`))

	own = append(own, "trace "+last.String())
	until := func(f *following) (names []string) {
		for {
			s := f.next()
			names = append(names, s.name+" "+s.guid())
			if s.guid() == last.String() {
				return names
			}
		}
	}
	for query, f := range filtered {
		switch {
		case strings.HasPrefix(query, "start"):
			require.ElementsMatch(t, []string{"signal " + early.String(), own[0], own[1], own[3], own[4]}, until(f), query)
		case strings.HasPrefix(query, "points"):
			for s := f.next(); ; s = f.next() {
				if s.name == "trace" && s.guid() == last.String() {
					require.Equal(t, []any{100100.0, 100300.0}, []any{s.data["freq_hz"].([]any)[0], s.data["freq_hz"].([]any)[1]})
					require.Len(t, s.data["y_val_dbm"], 2)
					require.EqualValues(t, 5, s.data["numpoints"])
					break
				}
			}
		default:
			// The trace of a signal is looked up when that is shown: it may not be there yet, or not any more.
			require.Subset(t, append(own, "signal "+early.String()), until(f), query)
		}
	}
	for query, place := range map[string]string{
		"from=2026-01-01T00:00:00Z": "query.from", "points=1": "query.points", "bbox=1": "query.bbox", "start-freq-hz=2&stop-freq-hz=1": "query.stop-freq-hz",
	} {
		got := b.get("/api/v1/inbox/stream?" + query)
		require.Equal(t, http.StatusUnprocessableEntity, got.Status)
		require.Contains(t, string(got.Body), `"`+place+`"`)
	}
}
