package app_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"nms.example/common/event"
)

type name struct {
	Name string `json:"name"`
}

// TestEventsFromBeforeTheFirstStart: a service that is ready sooner publishes into nobody's queue.
func TestEventsFromBeforeTheFirstStart(t *testing.T) {
	t.Parallel()
	b := prepare(t)
	early := change("cfg.equipment.created", "5", time.Now(), nil, map[string]any{"name": "A"})
	require.NoError(t, b.conn.Publisher().Publish(t.Context(), early))
	b.admin = b.start()
	b.journalled(1)
	require.Equal(t, "5", b.events("").subjects())
}

func TestAnEventIsInTheJournalAsItWasPublished(t *testing.T) {
	t.Parallel()
	b := setup(t)
	now := time.Now().UTC().Truncate(time.Microsecond)
	renamed := change("cfg.equipment.updated", "17", now, name{"old"}, name{"new"})
	renamed.ID = uuid.Must(uuid.NewV7())
	renamed.ActorLogin = "иванов"
	b.publish(renamed, event.Event{Type: "inbox.trace.thinned", Subject: "x", Time: now.Add(-time.Second), Data: json.RawMessage(`[1]`)},
		change("cfg.equipment.created", "18", now.Add(-time.Minute), nil, name{"new"}))
	b.journalled(3)

	p := b.events("")
	t.Run("newest first", func(t *testing.T) {
		t.Parallel()
		require.EqualValues(t, 3, p.Total)
		require.Equal(t, "17 x 18", p.subjects())
	})
	t.Run("with what was before and after a change, and who made it", func(t *testing.T) {
		t.Parallel()
		require.Equal(t, item{
			ID: renamed.ID.String(), Type: "cfg.equipment.updated", Source: "/nms/cfg", Subject: "17", Actor: "user:1", ActorLogin: "иванов",
			RequestID: "request-17", Time: now, Before: json.RawMessage(`{"name":"old"}`), After: json.RawMessage(`{"name":"new"}`),
		}, compact(p.Content[0]))
		require.Empty(t, p.Content[2].ActorLogin, "published by a service of before")
	})
	t.Run("with the data of what is no change", func(t *testing.T) {
		t.Parallel()
		require.Equal(t, "null", string(p.Content[1].Before))
		require.JSONEq(t, `[1]`, string(p.Content[1].Data))
	})
	t.Run("with nothing before a creation", func(t *testing.T) {
		t.Parallel()
		require.Equal(t, "null", string(p.Content[2].Before))
		require.JSONEq(t, `{"name":"new"}`, string(p.Content[2].After))
	})
}

// compact leaves out the spaces that jsonb adds.
func compact(i item) item {
	var v any
	for _, field := range []*json.RawMessage{&i.Before, &i.After} {
		if json.Unmarshal(*field, &v) == nil {
			*field, _ = json.Marshal(v)
		}
	}
	return i
}

func TestARepeatedEventIsThereOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	events := make([]event.Event, 50)
	for i := range events {
		events[i] = change("cfg.equipment.updated", "1", time.Now(), nil, nil)
		events[i].ID = uuid.Must(uuid.NewV7())
	}
	b.publish(events...)
	b.publish(events...)
	b.publish(events[10:20]...)
	b.publish(change("cfg.equipment.deleted", "2", time.Now(), nil, nil)) // the last in the queue
	require.Eventually(t, func() bool { return b.events("type=cfg.equipment.deleted").Total == 1 }, patience, 20*time.Millisecond)
	b.journalled(51)
	for _, result := range []string{"added", "repeated"} {
		require.Eventually(t, func() bool {
			return b.admin.Metric(t, "nms_journal_events_total", `result="`+result+`"`) >= map[string]float64{"added": 51, "repeated": 60}[result]
		}, patience, 20*time.Millisecond, result)
	}
	require.Positive(t, b.admin.Metric(t, "nms_journal_transactions_total"))
}

func TestFilters(t *testing.T) {
	t.Parallel()
	b := setup(t)
	noon := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	at := func(minute int) time.Time { return noon.Add(time.Duration(minute) * time.Minute) }
	e := []event.Event{
		change("cfg.equipment.created", "1", at(0), nil, name{"a"}),
		change("cfg.equipment.updated", "2", at(1), name{"a"}, name{"b"}),
		change("cfg.equipmentx.updated", "3", at(2), name{"a"}, name{"b"}),
		change("cfgx.equipment.updated", "4", at(3), nil, nil),
		change("auth.user.blocked", "5", at(4), nil, nil),
		change("auth.user.blocked", "1", at(5), nil, nil),
	}
	e[4].Actor, e[4].Source = "apikey:x", "/other/auth"
	e[5].RequestID = ""
	b.publish(e...)
	b.journalled(6)
	stamp := func(minute int) string {
		return url.QueryEscape(at(minute).In(time.FixedZone("", 3*3600)).Format(time.RFC3339))
	}
	for claim, c := range map[string]struct{ query, want string }{
		"nothing":                    {"", "1 5 4 3 2 1"},
		"a type":                     {"type=cfg.equipment.updated", "2"},
		"the types of an entity":     {"type=cfg.equipment.*", "2 1"},
		"the types of a service":     {"type=cfg.*", "3 2 1"},
		"the beginning of a type":    {"type=cfg", ""},
		"a wildcard of SQL":          {"type=cfg.equipment.%25", ""},
		"a subject":                  {"subject=1", "1 1"},
		"a subject and types":        {"subject=1&type=auth.*", "1"},
		"who did it":                 {"actor=apikey:x", "5"},
		"a service":                  {"source=cfg", "3 2 1"},
		"a source":                   {"source=/other/auth", "5"},
		"a request":                  {"request-id=request-2", "2"},
		"a beginning, which counts":  {"from=" + stamp(2), "1 5 4 3"},
		"an end, which does not":     {"to=" + stamp(2), "2 1"},
		"a beginning and an end":     {"from=" + stamp(1) + "&to=" + stamp(3), "3 2"},
		"what is no subject but SQL": {"subject=1'%20OR%20true--", ""},
	} {
		t.Run("events are filtered by "+claim, func(t *testing.T) {
			t.Parallel()
			p := b.in(t).events(c.query)
			require.Equal(t, c.want, p.subjects())
			require.EqualValues(t, len(p.Content), p.Total)
		})
	}
	t.Run("filters are repeated in their own types", func(t *testing.T) {
		t.Parallel()
		require.Equal(t, map[string]any{"subject": "1", "request-id": "105"}, b.in(t).events("subject=1&request-id=105").Params)
	})
	for query, c := range map[string]struct{ place, code string }{
		"limit=0": {"query.limit", "below_minimum"}, "limit=1001": {"query.limit", "above_maximum"}, "page=0": {"query.page", "below_minimum"}, "cursor=abc": {"query.cursor", "bad_cursor"},
		"from=yesterday": {"query.from", "bad_format"}, "from=" + stamp(1) + "&to=" + stamp(1): {"query.to", "wrong_order"},
		"page=1000000000": {"query.page", "page_too_deep"}, "subject=%00": {"query.subject", "forbidden_characters"},
	} {
		t.Run("refused: "+query, func(t *testing.T) {
			t.Parallel()
			b.in(t).client().Get("/events?"+query).Refused(http.StatusUnprocessableEntity, c.place, c.code)
		})
	}
}

func TestPagesByCursor(t *testing.T) {
	t.Parallel()
	b := setup(t)
	start := time.Now().Add(-time.Hour).UTC()
	var events []event.Event
	for i := range 25 { // five share each moment, and the moments lie in two partitions
		events = append(events, change("cfg.equipment.updated", strconv.Itoa(i), start.AddDate(0, -(i/15), 0).Add(-time.Duration(i/5)*time.Second), nil, nil))
	}
	b.publish(events...)
	b.journalled(25)
	seen := map[string]bool{}
	var last time.Time
	filter := "limit=7&to=" + url.QueryEscape(start.Add(time.Millisecond).Format(time.RFC3339Nano))
	query := filter
	for pages := 1; ; pages++ {
		p := b.events(query)
		require.EqualValues(t, 25, p.Total)
		for i, e := range p.Content {
			require.False(t, seen[e.Subject], "twice")
			seen[e.Subject] = true
			require.True(t, (pages == 1 && i == 0) || !e.Time.After(last))
			last = e.Time
		}
		// What comes in meanwhile is newer and does not shift the pages.
		b.publish(change("cfg.equipment.updated", "new", time.Now(), nil, nil))
		require.Eventually(t, func() bool { return b.events("subject=new").Total == int64(pages) }, patience, 20*time.Millisecond)
		if p.Next == "" {
			require.Equal(t, 4, pages)
			break
		}
		query = filter + "&cursor=" + p.Next
	}
	require.Len(t, seen, 25)
	require.Len(t, b.events("limit=7&page=5").Content, 1, "pages go by number too")
}

// One entity's events keep their order, over several instances of which one stops in the middle.
func TestOrderOverInstances(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.broker.AwaitBinding("admin.journal", 1)
	second := b.start()
	const entities, changes = 5, 120
	for n := range changes {
		var events []event.Event
		for entity := range entities {
			events = append(events, change("cfg.equipment.updated", strconv.Itoa(entity), time.Now(), n, n+1))
		}
		b.publish(events...)
		if n == changes/2 {
			b.admin.Stop(t)
		}
	}
	b.admin = second
	b.journalled(entities * changes)
	rows, err := b.pool.Query(t.Context(), `SELECT subject, before::int FROM event ORDER BY seq`)
	require.NoError(t, err)
	defer rows.Close()
	next := map[string]int{}
	for rows.Next() {
		var subject string
		var n int
		require.NoError(t, rows.Scan(&subject, &n))
		require.Equal(t, next[subject], n, "entity %s", subject)
		next[subject]++
	}
	require.NoError(t, rows.Err())
	require.Len(t, next, entities)
}

// An event that the database cannot take is a dead letter, and those beside it are in the journal.
func TestEventsThatCannotBeKept(t *testing.T) {
	t.Parallel()
	b := prepare(t)
	b.settings["DB_ADMIN_DSN"] += "&application_name=provoked%20by%20a%20test" // see tools/internal/stack/serverlog.go
	b.admin = b.start()
	bad := change("cfg.equipment.updated", "bad", time.Now(), nil, nil)
	bad.Data = json.RawMessage(`{"before":null,"after":"\u0000"}`)
	events := []event.Event{bad}
	for i := range 40 {
		events = append(events, change("cfg.equipment.updated", strconv.Itoa(i), time.Now(), nil, nil))
	}
	b.publish(events...)
	b.journalled(40)
	require.Eventually(t, func() bool { return b.letters("queue=admin.journal&reason=permanent").Total == 1 }, patience, 20*time.Millisecond)
	require.EqualValues(t, 40, b.count("event"))
}

// Cut connections lose nothing and repeat nothing.
func TestCutConnections(t *testing.T) {
	t.Parallel()
	b := setup(t)
	const n = 300
	b.broker.AwaitBinding("admin.journal", 1)
	done := make(chan int)
	go func() { done <- b.broker.CutConnections(3) }()
	for i := range n {
		e := change("cfg.equipment.updated", strconv.Itoa(i%7), time.Now(), i, i)
		e.ID = uuid.Must(uuid.NewV7())
		require.Eventually(t, func() bool { return b.conn.Publisher().Publish(t.Context(), e) == nil }, patience, 20*time.Millisecond)
	}
	require.GreaterOrEqual(t, <-done, 3)
	b.journalled(n)
}
