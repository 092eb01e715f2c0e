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

	"nms.example/common/authn"
	"nms.example/common/authntest"
	"nms.example/common/waittest"
)

// withdraw takes a trace out, once its own event is published.
func (b *bundle) withdraw(guid uuid.UUID, reason string) {
	b.t.Helper()
	waittest.Until(b.t, "the trace is withdrawn", func() bool {
		got := b.Delete(of(traces, guid) + "?reason=" + url.QueryEscape(reason))
		require.Contains(b.t, []int{http.StatusNoContent, http.StatusServiceUnavailable}, got.Status, "%s", got.Body)
		return got.Status == http.StatusNoContent
	})
}

func TestWithdrawalAndBackfill(t *testing.T) {
	t.Parallel()
	b := setup(t)
	t.Run("a withdrawn trace", func(t *testing.T) {
		t.Parallel()
		withdrawn(t, b.in(t).as(manager(t)))
	})
	t.Run("backfill", func(t *testing.T) {
		t.Parallel()
		backfilled(t, b.in(t).as(manager(t)))
	})
	past := time.Now().AddDate(0, 0, -60)
	for _, permission := range []authn.Permission{authn.InboxRead, authn.InboxWrite, authn.InboxManage} {
		access := authn.Mask(permission)
		t.Run("with "+strings.Join(access.Names(), "")+" alone", func(t *testing.T) {
			t.Parallel()
			b := b.in(t).as(authntest.WithSecret(t, secret).Token(t, access))
			guid := uuid.New()
			if permission == authn.InboxManage {
				b.Delete(of(traces, guid)+"?reason=x").Refused(notFound, "path.guid", "not_found")
			} else {
				b.Delete(of(traces, guid)+"?reason=x").Refused(http.StatusForbidden, "request", "forbidden")
			}
			b.Post(traces+"?backfill=true", sample(guid, past)).Refused(http.StatusForbidden, "request", "forbidden")
			b.Post(traces+"?backfill=true", sample(guid, past), ndjson).Refused(http.StatusForbidden, "request", "forbidden")
			require.Zero(t, b.taken(guid))
		})
	}
}

func withdrawn(t *testing.T, b *bundle) {
	t.Helper()
	now := time.Now()
	wrong, right := b.trace(now, by("withdrawn")...), uuid.New()
	kept := sample(right, now.Add(-time.Second), by("withdrawn")...)
	b.send(kept)
	signal := b.signal(wrong, 100000, 100200, 100100)
	path := of(traces, wrong)
	tag := b.Get(path).Is(http.StatusOK).Header.Get("ETag")
	followed := b.broker.Follow("inbox.trace.withdrawn")
	t.Run("is withdrawn for a reason", func(t *testing.T) {
		b := b.in(t)
		for reason, code := range map[string]string{"": "required", "reason=": "required", "reason=+++": "bad_format", "reason=" + strings.Repeat("x", 301): "too_long"} {
			b.Delete(path+"?"+reason).Refused(unprocessable, "query.reason", code)
		}
		b.withdraw(wrong, "wrong antenna, § 3")
	})
	t.Run("is told of in an event, with the reason and who did it", func(t *testing.T) {
		e := told(t, followed, wrong)
		require.Equal(t, "user:1", e.Actor)
		require.Equal(t, "tester", e.ActorLogin)
		require.Contains(t, string(e.Data), `"reason":"wrong antenna, § 3"`)
		require.Contains(t, string(e.Data), `"numpoints":5`)
	})
	t.Run("is not found in any form, with its signals, whatever who asks has", func(t *testing.T) {
		b := b.in(t)
		for _, gone := range []string{
			path, path + "?format=png", path + "?format=raw", path + "?format=sigmf", path + "/signals", of(signals, signal),
			of(signals, signal) + "/power", of(signals, signal) + "/cut", of(signals, signal) + "/cut?format=svg",
		} {
			b.Get(gone).Is(notFound)
			b.Get(gone, "If-None-Match: "+tag).Is(notFound)
			b.Get(gone, "If-None-Match: *").Is(notFound)
		}
	})
	t.Run("is in no list and no sum", func(t *testing.T) {
		b := b.in(t)
		require.Equal(t, []string{right.String()}, b.found(traces, "source=withdrawn").guids())
		require.Empty(t, b.found(signals, "source=withdrawn").Content)
		require.Zero(t, b.marked(wrong))
		for _, sum := range []string{waterfall, statistics} {
			require.EqualValues(t, 1, b.Get(sum+"?format=json&source=withdrawn").Is(http.StatusOK).Field("sweeps"), sum)
		}
	})
	t.Run("cannot be withdrawn again, and none that never was", func(t *testing.T) {
		b := b.in(t)
		b.Delete(path+"?reason=again").Refused(notFound, "path.guid", "not_found")
		b.Delete(of(traces, uuid.New())+"?reason=again").Refused(notFound, "path.guid", "not_found")
	})
	t.Run("keeps its guid, by every way in", func(t *testing.T) {
		b := b.in(t)
		again := sample(wrong, now, by("withdrawn")...)
		b.Post(traces, again).Refused(conflict, "body.guid", "trace_withdrawn")
		lines := b.lines(again + "\n" + kept)
		require.Equal(t, []int{conflict, http.StatusOK}, []int{lines[0].Status, lines[1].Status})
		require.Equal(t, "trace_withdrawn", lines[0].Errors[0].Code)
		letters := b.deadLetters()
		b.outside().send(plain(again))
		letters.of(t, []byte(again), "was withdrawn")
		require.Equal(t, 2, b.taken(wrong, right))
	})
	t.Run("takes no signals any more; those of others that come with them are not stored either", func(t *testing.T) {
		b := b.in(t)
		for _, guid := range []uuid.UUID{signal, uuid.New()} {
			b.Post(signals, "["+signalJSON(uuid.New(), right, 100000, 100200, 100100)+","+signalJSON(guid, wrong, 100000, 100200, 100100)+"]").
				Refused(conflict, "body[1].trace_guid", "trace_withdrawn")
		}
		require.Zero(t, b.marked(wrong, right))
	})
}

func backfilled(t *testing.T, b *bundle) {
	t.Helper()
	const kept = 2160 * time.Hour
	now := time.Now()
	past, edge, gone := now.AddDate(0, 0, -60), now.Add(-kept+time.Minute), now.Add(-kept-time.Minute)
	t.Run("is asked for", func(t *testing.T) {
		t.Parallel()
		b := b.in(t)
		b.Post(traces, sample(uuid.New(), past)).Refused(unprocessable, "body.timestamp", "too_old")
		b.Post(traces+"?backfill=false", sample(uuid.New(), past)).Refused(unprocessable, "body.timestamp", "too_old")
	})
	t.Run("takes what retention keeps, and knows it again", func(t *testing.T) {
		t.Parallel()
		b := b.in(t)
		old := sample(uuid.New(), past)
		b.Post(traces+"?backfill=true", old).Is(http.StatusCreated)
		b.Post(traces+"?backfill=true", old).Is(http.StatusOK)
		b.Post(traces+"?backfill=true", sample(uuid.New(), gone)).Refused(unprocessable, "body.timestamp", "past_retention")
		b.Post(traces+"?backfill=true", sample(uuid.New(), now.Add(time.Hour))).Refused(unprocessable, "body.timestamp", "in_future")
	})
	t.Run("takes it by the line, too", func(t *testing.T) {
		t.Parallel()
		b := b.in(t)
		var body strings.Builder
		guids := make([]uuid.UUID, 0, 4)
		for _, at := range []time.Time{edge, gone, past.AddDate(0, 0, 1), now} {
			guids = append(guids, uuid.New())
			fmt.Fprintln(&body, sample(guids[len(guids)-1], at, by("past")...))
		}
		var statuses []int
		for _, line := range b.linesTo(traces+"?backfill=true", body.String()) {
			statuses = append(statuses, line.Status)
		}
		require.Equal(t, []int{http.StatusCreated, unprocessable, http.StatusCreated, http.StatusCreated}, statuses)
		require.Equal(t, 3, b.stored(guids...))
		require.Len(t, b.found(traces, "source=past&to="+url.QueryEscape(now.AddDate(0, 0, -30).Format(time.RFC3339))).Content, 2)
	})
}
