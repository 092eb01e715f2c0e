package chaos

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
)

// kind is a sort of entity that is made, changed and put away over HTTP.
type kind struct {
	// entity is "<service>.<entity>", as in the types of events; path is where its items live.
	entity, path string
	// marker is the field that takes a text of our own, so that every version can be told from the others.
	marker string
	// parents: items can be moved below others of the same kind.
	parents bool
	// fields makes the other fields of a new item; nil: what it needs is not there yet.
	fields func(w *catalogueWorker) map[string]any
	// verbs are calls that change an item and take no body ("block").
	verbs []string
}

func (k *kind) service() string {
	service, _, _ := strings.Cut(k.entity, ".")
	return service
}

// item is an entity that the traffic has made.
type item struct {
	kind   *kind
	id     string
	marker string
	// certain: every answer about it came, so that marker and gone are known.
	certain, gone bool
}

// catalogueWorker makes, changes, moves and archives items of several kinds.
type catalogueWorker struct {
	kinds []*kind
	items []*item // all of them, those that are gone too
}

// markers numbers the texts.
var markers atomic.Int64 //nolint:gochecknoglobals // unique within the process

func newMarker() string { return fmt.Sprintf("marker-%d", markers.Add(1)) }

func (w *catalogueWorker) step(ctx context.Context, t *Traffic) bool {
	k := w.kinds[rand.IntN(len(w.kinds))]
	live := w.live(k.entity)
	const few = 4
	choice := rand.IntN(100)
	switch {
	case len(live) < few || choice < 25:
		return w.create(ctx, t, k)
	case choice < 65:
		return w.patch(ctx, t, pick(live), nil)
	case choice < 80 && k.parents:
		// The first two are made to be parents and never moved, so that nothing becomes its own ancestor.
		return w.patch(ctx, t, live[2+rand.IntN(len(live)-2)], map[string]any{"parent_id": json.Number(live[rand.IntN(2)].id)})
	case choice < 90 && len(k.verbs) > 0:
		return w.verb(ctx, t, pick(live), k.verbs[rand.IntN(len(k.verbs))])
	default:
		return w.archive(ctx, t, live[2+rand.IntN(len(live)-2)])
	}
}

func pick(items []*item) *item { return items[rand.IntN(len(items))] }

// live lists what is there as far as is known.
func (w *catalogueWorker) live(entity string) []*item {
	var live []*item
	for _, one := range w.items {
		if one.kind.entity == entity && !one.gone {
			live = append(live, one)
		}
	}
	return live
}

func (w *catalogueWorker) create(ctx context.Context, t *Traffic, k *kind) bool {
	document := k.fields(w)
	if document == nil {
		return true
	}
	marker := newMarker()
	document[k.marker] = marker
	a := t.client.doJSON(ctx, k.service(), http.MethodPost, k.path, document)
	made := change{entity: k.entity, request: a.id, status: a.status, content: marker}
	var answered struct {
		ID json.RawMessage `json:"id"`
	}
	if a.ok() && json.Unmarshal(a.body, &answered) == nil {
		made.subject = strings.Trim(string(answered.ID), `"`)
		w.items = append(w.items, &item{kind: k, id: made.subject, marker: marker, certain: true})
	}
	t.record(k.service(), made)
	return a.ok()
}

func (w *catalogueWorker) patch(ctx context.Context, t *Traffic, one *item, fields map[string]any) bool {
	document := map[string]any{}
	maps.Copy(document, fields)
	marker := newMarker()
	document[one.kind.marker] = marker
	a := t.client.doJSON(ctx, one.kind.service(), http.MethodPatch, one.kind.path+"/"+one.id, document)
	t.record(one.kind.service(), change{entity: one.kind.entity, subject: one.id, request: a.id, status: a.status, content: marker})
	one.settle(a)
	if a.ok() {
		one.marker = marker
	}
	return a.ok()
}

// verb calls an action; an item that is in the wanted state already does not change, so alternate verbs are in order.
func (w *catalogueWorker) verb(ctx context.Context, t *Traffic, one *item, verb string) bool {
	a := t.client.do(ctx, request{service: one.kind.service(), method: http.MethodPost, path: one.kind.path + "/" + one.id + "/" + verb})
	t.record(one.kind.service(), change{entity: one.kind.entity, subject: one.id, request: a.id, status: a.status, idle: true})
	one.settle(a)
	return a.ok()
}

func (w *catalogueWorker) archive(ctx context.Context, t *Traffic, one *item) bool {
	a := t.client.do(ctx, request{service: one.kind.service(), method: http.MethodDelete, path: one.kind.path + "/" + one.id})
	t.record(one.kind.service(), change{entity: one.kind.entity, subject: one.id, request: a.id, status: a.status,
		retried: true, idle: !one.certain}) // an earlier answer in doubt may have put it away
	one.settle(a)
	if a.ok() || a.status == http.StatusNotFound || a.status == 0 {
		one.gone = true
	}
	return a.ok()
}

// settle notes whether an answer leaves the item's state in doubt. A server's error may follow on a commit.
func (i *item) settle(a answer) {
	if a.status == 0 || a.status >= http.StatusInternalServerError {
		i.certain = false
	}
}

// number is an item's id as JSON.
func (i *item) number() json.Number { return json.Number(i.id) }

// catalogueKinds are those of cfg, accountKinds those of auth.
func catalogueKinds() []*kind {
	const prefix = "/api/v1/cfg/"
	const equipment, section = "cfg.equipment", "cfg.command_toc"
	return []*kind{
		{entity: equipment, path: prefix + "equipments", marker: "name_full", parents: true,
			fields: func(*catalogueWorker) map[string]any { return map[string]any{"name": newMarker()} }},
		{entity: section, path: prefix + "commands-toc", marker: "name_full", parents: true,
			fields: func(*catalogueWorker) map[string]any { return map[string]any{"name": newMarker()} }},
		{entity: "cfg.command", path: prefix + "commands", marker: "name_full",
			fields: func(w *catalogueWorker) map[string]any {
				owners, sections := w.live(equipment), w.live(section)
				if len(owners) == 0 || len(sections) == 0 {
					return nil
				}
				return map[string]any{"name": fmt.Sprintf("C%d", markers.Add(1)), "description": "made by chaos",
					"equipment_id": owners[0].number(), "toc_id": sections[0].number()}
			}},
		{entity: "cfg.telemetry", path: prefix + "telemetry", marker: "name_full",
			fields: func(*catalogueWorker) map[string]any {
				return map[string]any{"name": newMarker(), "description": "made by chaos",
					"value_validator": map[string]any{"type": "number"}}
			}},
	}
}

func accountKinds() []*kind {
	const prefix = "/api/v1/auth/"
	const role = "auth.role"
	return []*kind{
		{entity: role, path: prefix + "roles", marker: "description",
			fields: func(*catalogueWorker) map[string]any {
				return map[string]any{"id": newMarker(), "permissions": []string{"cfg:read"}}
			}},
		{entity: "auth.user", path: prefix + "users", marker: "name", verbs: []string{"block", "unblock"},
			fields: func(w *catalogueWorker) map[string]any {
				roles := w.live(role)
				if len(roles) == 0 {
					return nil
				}
				return map[string]any{"login": newMarker(), "password": "a long word of chaos", "role_id": roles[0].id}
			}},
	}
}

// sessionWorker logs in and out.
type sessionWorker struct{}

func (sessionWorker) step(ctx context.Context, t *Traffic) bool {
	a, token := t.client.logIn(ctx, false)
	t.record("auth", change{entity: "auth.login", request: a.id, status: a.status})
	if token == "" {
		return false
	}
	b := t.client.do(ctx, request{service: "auth", method: http.MethodPost, path: "/api/v1/auth/logout", token: token})
	t.record("auth", change{entity: "auth.session", request: b.id, status: b.status})
	return b.ok()
}

// reader reads a little of everything, the journal too.
type reader struct{ turn int }

func (r *reader) step(ctx context.Context, t *Traffic) bool {
	reads := []request{
		{service: "auth", path: "/api/v1/auth/users?limit=20"},
		{service: "auth", path: "/api/v1/auth/roles"},
		{service: "cfg", path: "/api/v1/cfg/equipments"},
		{service: "cfg", path: "/api/v1/cfg/commands?limit=50"},
		{service: "cfg", path: "/api/v1/cfg/telemetry"},
		{service: "inbox", path: tracesPath + "?limit=10"},
		{service: "admin", path: "/api/v1/admin/events?limit=20"},
		{service: "admin", path: "/api/v1/admin/services"},
	}
	one := reads[r.turn%len(reads)]
	r.turn++
	one.method = http.MethodGet
	a := t.client.do(ctx, one)
	t.recordRead(one.service, a.ok())
	return a.ok()
}

// certainItems are those whose state is known, at most so many of each kind, the newest first.
func certainItems(workers []*catalogueWorker, most int) []*item {
	count := map[*kind]int{}
	var certain []*item
	for _, w := range workers {
		for _, one := range slices.Backward(w.items) {
			if one.certain && count[one.kind] < most {
				count[one.kind]++
				certain = append(certain, one)
			}
		}
	}
	return certain
}
