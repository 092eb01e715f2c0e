package chaos

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// sound is evidence without a fault: a piece of equipment made and renamed, a trace, a login; and one request of each
// without an answer, of which one was committed.
func sound() *evidence {
	at := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	return &evidence{
		changes: []change{
			{entity: "cfg.equipment", subject: "7", request: "chaos-1", status: 201, content: "marker-1"},
			{entity: "cfg.equipment", subject: "7", request: "chaos-2", status: 200, content: "marker-2"},
			{entity: "cfg.equipment", subject: "7", request: "chaos-3", content: "marker-3"},
			{entity: "inbox.trace", subject: "t1", request: "chaos-4", status: 201, content: "sum"},
			{entity: "inbox.trace", subject: "t2", request: "chaos-5", status: 503, content: "sum"},
			{entity: "auth.login", request: "chaos-6", status: 200},
			{entity: "auth.user", subject: "3", request: "chaos-7", status: 204, idle: true},
			{entity: "cfg.equipment", subject: "7", request: "chaos-8", status: 409, content: "marker-4"},
		},
		versions: []stored{
			{"cfg.equipment", "7", "chaos-1", "marker-1"}, {"cfg.equipment", "7", "chaos-2", "marker-2"},
			{"cfg.equipment", "7", "chaos-3", "marker-3"}, {"inbox.trace", "t1", "", "sum"},
		},
		ledger: []committed{
			{"nms", 1, 1, "e1", "cfg.equipment.created", "7", "chaos-1"},
			{"nms", 2, 1, "e2", "cfg.equipment.updated", "7", "chaos-2"},
			{"nms", 3, 1, "e3", "cfg.equipment.updated", "7", "chaos-3"},
			{"dwh", 1, 1, "e4", "inbox.trace.received", "t1", "chaos-4"},
			{"auth", 1, 1, "e5", "auth.login.succeeded", "1", "chaos-6"},
		},
		journal: []journalled{
			{1, at, "e0", "auth.user.created", "1", ""},
			{2, at.Add(1), "e1", "cfg.equipment.created", "7", "chaos-1"},
			{3, at.Add(4), "e4", "inbox.trace.received", "t1", "chaos-4"},
			{4, at.Add(2), "e2", "cfg.equipment.updated", "7", "chaos-2"},
			{5, at.Add(3), "e3", "cfg.equipment.updated", "7", "chaos-3"},
			{6, at.Add(5), "e5", "auth.login.succeeded", "1", "chaos-6"},
		},
		before: map[string]bool{"e0": true},
	}
}

func violationsOf(e *evidence) []string {
	var all []string
	for _, row := range e.compare() {
		all = append(all, row.violations()...)
	}
	return all
}

func TestSoundEvidenceHasNoViolations(t *testing.T) {
	t.Parallel()
	e := sound()
	require.True(t, e.complete())
	require.Empty(t, violationsOf(e))
	rows := map[string]EntityRow{}
	for _, row := range e.compare() {
		rows[row.Entity] = row
	}
	require.Equal(t, EntityRow{Entity: "cfg.equipment", Counts: Counts{Sent: 4, Done: 2, Refused: 1, Lost: 1},
		Stored: 3, Committed: 3, Journal: 3}, rows["cfg.equipment"])
	require.Equal(t, EntityRow{Entity: "inbox.trace", Counts: Counts{Sent: 2, Done: 1, Refused: 1},
		Stored: 1, Committed: 1, Journal: 1}, rows["inbox.trace"])
}

// Each promise is broken once: what proves soundness has to notice.
func TestEveryBrokenPromiseIsFound(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		spoil func(e *evidence)
		want  []string
	}{
		"a change is gone": {func(e *evidence) { e.versions = e.versions[1:] },
			[]string{"cfg.equipment: 1 answered 2xx and not stored", "cfg.equipment: 1 versions and events that do not match"}},
		"a change has other content": {func(e *evidence) { e.versions[1].content = "marker-9" },
			[]string{"cfg.equipment: 1 answered 2xx and not stored"}},
		"a trace is gone with its event": {func(e *evidence) {
			e.versions, e.ledger, e.journal = e.versions[:3], cut(e.ledger, 3), cut(e.journal, 2)
		},
			[]string{"inbox.trace: 1 answered 2xx and not stored"}},
		"a login is gone": {func(e *evidence) { e.ledger, e.journal = e.ledger[:4], e.journal[:5] },
			[]string{"auth.login: 1 answered 2xx and not stored"}},
		"a version has no event": {func(e *evidence) { e.ledger, e.journal = cut(e.ledger, 2), cut(e.journal, 4) },
			[]string{"cfg.equipment: 1 versions and events that do not match"}},
		"an event is not in the journal": {func(e *evidence) { e.journal = e.journal[:4] },
			[]string{"auth.login: 1 committed and not in the journal", "cfg.equipment: 1 committed and not in the journal"}},
		"an event is there twice": {func(e *evidence) { e.journal = append(e.journal, e.journal[5]) },
			[]string{"auth.login: 1 more than once in the journal"}},
		"an event was never committed": {func(e *evidence) {
			e.journal = append(e.journal, journalled{7, time.Time{}, "e9", "inbox.trace.received", "t2", "chaos-5"})
		}, []string{"inbox.trace: 1 in the journal and never committed"}},
		"two changes are swapped": {func(e *evidence) { e.journal[3], e.journal[4] = e.journal[4], e.journal[3] },
			[]string{"cfg.equipment: 1 out of order in the journal"}},
		"two changes are swapped by their times": {func(e *evidence) { e.journal[3].time = e.journal[3].time.Add(time.Hour) },
			[]string{"cfg.equipment: 1 out of order in the journal"}},
		"a refused change is stored": {func(e *evidence) { e.changes[4].status = 422; e.changes[4].subject = "t1" },
			[]string{"inbox.trace: 1 refused with 4xx and stored all the same"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := sound()
			c.spoil(e)
			require.ElementsMatch(t, c.want, violationsOf(e))
		})
	}
}

// cut leaves one out.
func cut[T any](list []T, i int) []T { return append(list[:i:i], list[i+1:]...) }

func TestKilledIngestIsCounted(t *testing.T) {
	t.Parallel()
	row, seen := KillRow{}, sightings{known: map[string]bool{"old": true}, taken: map[string]bool{"late": true}}
	row.compare([]change{
		{entity: traceEntity, subject: "kept", status: 201, content: "a"},
		{entity: traceEntity, subject: "lost", status: 201, content: "b"},
		{entity: traceEntity, subject: "altered", status: 200, content: "c"},
		{entity: traceEntity, subject: "unanswered", content: "d"},
		{entity: traceEntity, subject: "unknown", status: 503, content: "e"},
		{entity: traceEntity, subject: "refused", status: 422, content: "f"},
		{entity: signalEntity, subject: "signal", status: 201},
	}, map[string]string{"old": "o", "kept": "a", "altered": "x", "unanswered": "d", "refused": "f", "stranger": "g", "late": "h"}, seen)
	require.Equal(t, KillRow{Counts: Counts{Sent: 6, Done: 3, Refused: 2, Lost: 1}, Stored: 6, Unanswered: 2, Missing: 2, Foreign: 2}, row)
	require.True(t, seen.known["kept"])
}

func TestTheReportNamesWhatMustNotBe(t *testing.T) {
	t.Parallel()
	r := &Report{Faults: []FaultRow{{Name: "kill −9 redis", Healthy: 1500 * time.Millisecond}},
		Entities: []EntityRow{{Entity: "auth.login", Stored: 0}, {Entity: "cfg.equipment", Stored: 5}}, Kills: []KillRow{{Number: 1}}}
	var out strings.Builder
	r.Write(&out)
	require.Contains(t, out.String(), "| kill −9 redis |")
	require.Contains(t, out.String(), "Nothing was lost")
	r.violate("cfg.equipment: 1 answered 2xx and not stored")
	out.Reset()
	r.Write(&out)
	require.NotContains(t, out.String(), "Nothing was lost")
	require.Contains(t, out.String(), "- cfg.equipment: 1 answered 2xx and not stored")
}
