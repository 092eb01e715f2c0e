package app_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"nms.example/common/apitest"
	"nms.example/common/authn"
	"nms.example/common/authntest"
	"nms.example/common/waittest"
)

// withdraw takes a trace out, once its own event is published.
func (b *bundle) withdraw(guid uuid.UUID, reason string) {
	b.t.Helper()
	waittest.Until(b.t, "the trace is withdrawn", func() bool {
		got := b.call(http.MethodDelete, traces+"/"+guid.String()+"?reason="+url.QueryEscape(reason), nil)
		require.Contains(b.t, []int{http.StatusNoContent, http.StatusServiceUnavailable}, got.Status, "%s", got.Body)
		return got.Status == http.StatusNoContent
	})
}

func manager(t *testing.T) string {
	t.Helper()
	return token(t, authn.Mask(authn.InboxRead|authn.InboxWrite|authn.InboxManage))
}

func TestAWithdrawnTraceIsGoneFromEveryAnswer(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.token = manager(t)
	wrong, right, of := uuid.New(), uuid.New(), uuid.New()
	now := time.Now()
	require.Equal(t, http.StatusCreated, b.post(traces, sample(wrong, now)).Status)
	require.Equal(t, http.StatusCreated, b.post(traces, sample(right, now.Add(-time.Second))).Status)
	require.Equal(t, http.StatusCreated, b.post(signals, "["+signalJSON(of, wrong, 100000, 100200, 100100)+"]").Status)
	path := traces + "/" + wrong.String()
	tag := b.get(path).Header.Get("ETag")
	events := b.published("inbox.trace.withdrawn")

	for reason, code := range map[string]string{"": "required", "reason=": "required", "reason=+++": "bad_format", "reason=" + strings.Repeat("x", 301): "too_long"} {
		got := b.call(http.MethodDelete, path+"?"+reason, nil)
		problem := apitest.Problem(t, got.Header, got.Body, http.StatusUnprocessableEntity)
		require.Equal(t, "query.reason", problem.Errors[0].Location)
		require.EqualValues(t, code, problem.Errors[0].Code)
	}
	b.withdraw(wrong, "wrong antenna, § 3")
	select {
	case e := <-events:
		require.Equal(t, wrong.String(), e.Subject)
		require.Equal(t, "user:1", e.Actor)
		require.Equal(t, "tester", e.ActorLogin)
		require.Contains(t, string(e.Data), `"reason":"wrong antenna, § 3"`)
		require.Contains(t, string(e.Data), `"numpoints":5`)
	case <-time.After(waittest.Bound):
		require.Fail(t, "no event came")
	}

	for _, gone := range []string{
		path, path + "?format=png", path + "?format=raw", path + "?format=sigmf", path + "/signals", signals + "/" + of.String(),
		signals + "/" + of.String() + "/power", signals + "/" + of.String() + "/cut", signals + "/" + of.String() + "/cut?format=svg",
	} {
		require.Equal(t, http.StatusNotFound, b.get(gone).Status, gone)
		require.Equal(t, http.StatusNotFound, b.get(gone, "If-None-Match", tag).Status, gone)
		require.Equal(t, http.StatusNotFound, b.get(gone, "If-None-Match", "*").Status, gone)
	}
	require.Equal(t, []string{right.String()}, b.list("").guids())
	require.Empty(t, b.signalPage("").Content)
	for _, sum := range []string{"/api/v1/inbox/waterfall?format=json", "/api/v1/inbox/statistics?format=json"} {
		var of struct{ Sweeps int }
		b.get(sum).Into(&of)
		require.Equal(t, 1, of.Sweeps, sum)
	}
	require.Equal(t, http.StatusNotFound, b.call(http.MethodDelete, path+"?reason=again", nil).Status)
	require.Equal(t, http.StatusNotFound, b.call(http.MethodDelete, traces+"/"+uuid.NewString()+"?reason=again", nil).Status)

	// The guid stays taken, by every way in; so do those of signals of it.
	refused := b.post(traces, sample(wrong, now))
	require.EqualValues(t, "trace_withdrawn", apitest.Problem(t, refused.Header, refused.Body, http.StatusConflict).Errors[0].Code)
	require.Equal(t, "body.guid", apitest.Problem(t, refused.Header, refused.Body, http.StatusConflict).Errors[0].Location)
	lines := results(t, b.call(http.MethodPost, traces, []byte(sample(wrong, now)+"\n"+sample(right, now.Add(-time.Second))), "Content-Type", "application/x-ndjson").Body)
	require.Equal(t, []int{http.StatusConflict, http.StatusOK}, []int{lines[0].Status, lines[1].Status})
	require.Equal(t, "trace_withdrawn", lines[0].Errors[0].Code)
	o := b.outside()
	o.send(plain(sample(wrong, now)))
	b.letter("was withdrawn")
	for _, guid := range []uuid.UUID{of, uuid.New()} {
		refused = b.post(signals, "["+signalJSON(uuid.New(), right, 100000, 100200, 100100)+","+signalJSON(guid, wrong, 100000, 100200, 100100)+"]")
		problem := apitest.Problem(t, refused.Header, refused.Body, http.StatusConflict)
		require.EqualValues(t, "trace_withdrawn", problem.Errors[0].Code)
		require.Equal(t, "body[1].trace_guid", problem.Errors[0].Location)
	}
	require.Zero(t, b.count("signal"), "all or none")
	require.Equal(t, 2, b.count("trace_key"))
}

func TestOnlyManagersWithdrawAndBackfill(t *testing.T) {
	t.Parallel()
	b := setup(t)
	kit := authntest.WithSecret(t, secret)
	guid := uuid.New()
	past := time.Now().AddDate(0, 0, -60)
	for _, access := range []authn.Permission{authn.InboxRead, authn.InboxWrite, authn.InboxManage} {
		b.token = kit.Token(t, authn.Mask(access))
		want := http.StatusForbidden
		if access == authn.InboxManage {
			want = http.StatusNotFound
		}
		require.Equal(t, want, b.call(http.MethodDelete, traces+"/"+guid.String()+"?reason=x", nil).Status, access)
		require.Equal(t, http.StatusForbidden, b.post(traces+"?backfill=true", sample(guid, past)).Status, "it needs both")
		require.Equal(t, http.StatusForbidden, b.call(http.MethodPost, traces+"?backfill=true", []byte(sample(guid, past)), "Content-Type", "application/x-ndjson").Status)
	}
	require.Zero(t, b.count("trace_key"))
}

func TestBackfillTakesWhatRetentionKeeps(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.token = manager(t)
	now := time.Now()
	past, edge, gone := now.AddDate(0, 0, -60), now.Add(-2160*time.Hour+time.Minute), now.Add(-2160*time.Hour-time.Minute)
	refused := b.post(traces, sample(uuid.New(), past))
	require.EqualValues(t, "too_old", apitest.Problem(t, refused.Header, refused.Body, http.StatusUnprocessableEntity).Errors[0].Code)
	require.Equal(t, http.StatusUnprocessableEntity, b.post(traces+"?backfill=false", sample(uuid.New(), past)).Status)

	guid := uuid.New()
	require.Equal(t, http.StatusCreated, b.post(traces+"?backfill=true", sample(guid, past)).Status)
	require.Equal(t, http.StatusOK, b.post(traces+"?backfill=true", sample(guid, past)).Status)
	refused = b.post(traces+"?backfill=true", sample(uuid.New(), gone))
	problem := apitest.Problem(t, refused.Header, refused.Body, http.StatusUnprocessableEntity)
	require.Equal(t, []string{"body.timestamp", "past_retention"}, []string{problem.Errors[0].Location, string(problem.Errors[0].Code)})
	refused = b.post(traces+"?backfill=true", sample(uuid.New(), now.Add(time.Hour)))
	require.EqualValues(t, "in_future", apitest.Problem(t, refused.Header, refused.Body, http.StatusUnprocessableEntity).Errors[0].Code)

	var body strings.Builder
	for _, at := range []time.Time{edge, gone, past.AddDate(0, 0, 1), now} {
		fmt.Fprintln(&body, sample(uuid.New(), at))
	}
	var statuses []int
	for _, line := range results(t, b.call(http.MethodPost, traces+"?backfill=true", []byte(body.String()), "Content-Type", "application/x-ndjson").Body) {
		statuses = append(statuses, line.Status)
	}
	require.Equal(t, []int{http.StatusCreated, http.StatusUnprocessableEntity, http.StatusCreated, http.StatusCreated}, statuses)
	require.Equal(t, 4, b.count("trace"))
	require.Len(t, b.list("to="+url.QueryEscape(now.AddDate(0, 0, -30).Format(time.RFC3339))).Content, 3)
}
