package chaos

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"nms.example/tools/internal/stack"
)

// EntityRow is what became of the changes of one sort of entity.
type EntityRow struct {
	Entity string
	Counts
	// Stored versions (of traces and signals: rows), Committed events and Journal entries.
	Stored, Committed, Journal int
	// Unstored changes were answered 2xx and are not in their table, or not with their content.
	Unstored int
	// Unreported versions have no event in the transaction that stored them, or an event has no version.
	Unreported int
	// Missing events were committed and are not in the journal; Foreign ones are there and were not committed.
	Missing, Foreign int
	// Duplicates are entries beyond the first of one event; Disordered ones stand before an earlier change.
	Duplicates, Disordered int
	// Sneaked changes were refused (4xx) and are stored all the same.
	Sneaked int
}

// evidence is all that there is to compare.
type evidence struct {
	changes  []change
	versions []stored
	ledger   []committed
	journal  []journalled
	// before are the events that the journal had before the ledgers were laid.
	before map[string]bool
}

// unordered entities have no row whose lock would order their events.
var unordered = []string{"auth.login", "auth.session"}

// unversioned entities have no table of versions that knows requests.
func unversioned(entity string) bool { return slices.Contains(unordered, entity) }

// sentOnce entities are made by an id of the sender's and known by it alone: an event of their making always means a row.
func sentOnce(entity string) bool {
	return strings.HasPrefix(entity, "inbox.") || entity == commandEntity
}

// isStep tells of a type of event that follows the making of such an entity.
func isStep(kind string) bool { return kind == commandEntity+".updated" }

// key tells one change from the others: what is sent once, and the steps of an alarm, by the entity, all else by entity and request.
func key(entity, subject, request string) string {
	if sentOnce(entity) || entity == alarmEntity {
		request = ""
	}
	return entity + "\x00" + subject + "\x00" + request
}

// compare finds every violation; the table is sorted by entity.
func (e *evidence) compare() []EntityRow {
	rows := map[string]*EntityRow{}
	row := func(entity string) *EntityRow {
		if rows[entity] == nil {
			rows[entity] = &EntityRow{Entity: entity}
		}
		return rows[entity]
	}
	e.compareStored(row)
	e.compareCommitted(row)
	e.compareJournal(row)
	e.compareOrder(row)
	var table []EntityRow
	for _, entity := range slices.Sorted(maps.Keys(rows)) {
		table = append(table, *rows[entity])
	}
	return table
}

// compareStored holds the answers against the tables.
func (e *evidence) compareStored(row func(string) *EntityRow) {
	versions := map[string][]string{}
	for _, v := range e.versions {
		row(v.entity).Stored++
		k := key(v.entity, v.subject, v.request)
		versions[k] = append(versions[k], v.content)
	}
	events, requests := map[string]bool{}, map[string]bool{}
	for _, c := range e.ledger {
		events[key(entityOf(c.kind), c.subject, c.request)] = true
		requests[entityOf(c.kind)+c.request] = true
	}
	for i := range e.changes {
		c := &e.changes[i]
		r := row(c.entity)
		r.count(c)
		k := key(c.entity, c.subject, c.request)
		switch {
		case c.done() && unversioned(c.entity):
			if !requests[c.entity+c.request] {
				r.Unstored++
			}
		case c.done() && c.idle && len(versions[k]) == 0:
		case c.done():
			if len(versions[k]) != 1 || c.content != "" && versions[k][0] != c.content || !events[k] {
				r.Unstored++
			}
		case c.status/100 == 4 && !c.retried:
			if events[k] || c.subject == "" && requests[c.entity+c.request] {
				r.Sneaked++
			}
		}
	}
}

// compareCommitted holds the tables against the events of their transactions: one each.
func (e *evidence) compareCommitted(row func(string) *EntityRow) {
	balance := map[string]int{}
	entities := map[string]string{}
	for _, v := range e.versions {
		k := key(v.entity, v.subject, v.request)
		balance[k]++
		entities[k] = v.entity
	}
	for _, c := range e.ledger {
		entity := entityOf(c.kind)
		row(entity).Committed++
		ours := entity == alarmEntity || strings.HasPrefix(c.request, requestPrefix) // the others were made before the traffic
		if unversioned(entity) || isStep(c.kind) || !ours {
			continue
		}
		k := key(entity, c.subject, c.request)
		balance[k]--
		entities[k] = entity
	}
	for k, n := range balance {
		if n != 0 {
			row(entities[k]).Unreported++
		}
	}
}

// compareJournal holds the committed events against the journal: each once, and no others.
func (e *evidence) compareJournal(row func(string) *EntityRow) {
	entries := map[string]int{}
	for _, j := range e.journal {
		if e.before[j.id] {
			continue
		}
		entries[j.id]++
		row(entityOf(j.kind)).Journal++
		if entries[j.id] > 1 {
			row(entityOf(j.kind)).Duplicates++
		}
	}
	known := map[string]bool{}
	for _, c := range e.ledger {
		known[c.id] = true
		if entries[c.id] == 0 {
			row(entityOf(c.kind)).Missing++
		}
	}
	for _, j := range e.journal {
		if !e.before[j.id] && !known[j.id] {
			row(entityOf(j.kind)).Foreign++
		}
	}
}

// compareOrder looks for entries of one entity that stand in another order than their changes: in the order in which the
// journal was written, and in that of its lists (time, then sequence).
func (e *evidence) compareOrder(row func(string) *EntityRow) {
	position := map[string]int{}
	for i, c := range e.ledger {
		if !unversioned(entityOf(c.kind)) {
			position[c.id] = i + 1
		}
	}
	listed := slices.SortedStableFunc(slices.Values(e.journal), func(a, b journalled) int { return a.time.Compare(b.time) })
	for _, journal := range [][]journalled{e.journal, listed} {
		last := map[string]int{}
		for _, j := range journal {
			at := position[j.id]
			if at == 0 {
				continue
			}
			entity := entityOf(j.kind)
			if k := entity + "\x00" + j.subject; at < last[k] {
				row(entity).Disordered++
			} else {
				last[k] = at
			}
		}
	}
}

// violations says in words what must not be.
func (r *EntityRow) violations() []string {
	var faults []string
	for text, n := range map[string]int{
		"answered 2xx and not stored":              r.Unstored,
		"versions and events that do not match":    r.Unreported,
		"committed and not in the journal":         r.Missing,
		"in the journal and never committed":       r.Foreign,
		"more than once in the journal":            r.Duplicates,
		"out of order in the journal":              r.Disordered,
		"refused with 4xx and stored all the same": r.Sneaked,
	} {
		if n > 0 {
			faults = append(faults, fmt.Sprintf("%s: %d %s", r.Entity, n, text))
		}
	}
	slices.Sort(faults)
	return faults
}

// gather waits until the journal has caught up, at most so long, and collects what there is to compare.
func gather(ctx context.Context, system *stack.Private, changes []change, before map[string]bool, limit time.Duration) (*evidence, error) {
	if err := settle(ctx, system, limit); err != nil {
		return nil, err
	}
	e := &evidence{changes: changes, before: before}
	var err error
	if e.versions, err = readVersions(ctx, system); err != nil {
		return nil, err
	}
	if e.ledger, err = readLedgers(ctx, system); err != nil {
		return nil, err
	}
	for begun := time.Now(); ; pause(ctx, 500*time.Millisecond) {
		if e.journal, err = readJournal(ctx, system); err != nil {
			return nil, err
		}
		if e.complete() || time.Since(begun) > limit || ctx.Err() != nil {
			return e, ctx.Err()
		}
	}
}

// complete tells whether the journal has all that was committed.
func (e *evidence) complete() bool {
	have := map[string]bool{}
	for _, j := range e.journal {
		have[j.id] = true
	}
	return !slices.ContainsFunc(e.ledger, func(c committed) bool { return !have[c.id] })
}

// settle waits until the outboxes are empty. That they stay full is for the comparison to tell.
func settle(ctx context.Context, system *stack.Private, limit time.Duration) error {
	for begun := time.Now(); ; pause(ctx, 200*time.Millisecond) {
		rows, err := waiting(ctx, system)
		if err != nil {
			return err
		}
		if rows == 0 || time.Since(begun) > limit || ctx.Err() != nil {
			return ctx.Err()
		}
	}
}

// readBack asks the services themselves for items whose state is known. It returns how many were asked for, and a line for
// each that is not as it was promised.
func readBack(ctx context.Context, t *Traffic, items []*item) (asked int, faults []string) {
	for _, one := range items {
		a := t.client.do(ctx, request{service: one.kind.service(), method: http.MethodGet, path: one.kind.path + "/" + one.id})
		asked++
		archivedUser := one.gone && one.kind.entity == "auth.user" // is still there, with another status
		if one.gone && !archivedUser {
			if a.status != http.StatusNotFound {
				faults = append(faults, fmt.Sprintf("%s %s was put away and is answered %d", one.kind.entity, one.id, a.status))
			}
			continue
		}
		var document map[string]any
		if !a.ok() || json.Unmarshal(a.body, &document) != nil {
			faults = append(faults, fmt.Sprintf("%s %s is answered %d: %.200s", one.kind.entity, one.id, a.status, a.body))
		} else if document[one.kind.marker] != one.marker {
			faults = append(faults, fmt.Sprintf("%s %s: %s is %q and was promised to be %q", one.kind.entity, one.id,
				one.kind.marker, document[one.kind.marker], one.marker))
		}
	}
	return asked, faults
}
