package chaos

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	alarmEntity = "ctrl.alarm"
	ctrlPath    = "/api/v1/ctrl"
)

// The parameters that have limits.
const (
	level = "chaos_level" // two levels above and one below, with hysteresis
	load  = "chaos_load"  // raised and cleared by several values of several
	pulse = "chaos_pulse" // is waited for
)

const (
	// sensors send level and load, pulsing ones pulse. There are more than slots by which ctrl evaluates.
	sensors, pulsing = 24, 4
	// staleAfter is how long values of pulse may stay away: longer than an instance of ctrl or PostgreSQL does.
	staleAfter = 15 * time.Second
	// webhookSecret is the key of the webhooks' signatures, and the name of its file.
	webhookSecret = "chaos"
)

// ranks are the severities, the worst last.
var ranks = []string{"", "indeterminate", "warning", "minor", "major", "critical"}

func rank(severity string) int { return slices.Index(ranks, severity) }

// bound is a level of a limit.
type bound struct {
	severity string
	high     bool
	at       float64 // a value beyond it raises
	clear    float64 // one at it, or on its good side, clears
}

// rule is what a limit asks: so many of the last values raise a level, and so many clear it.
type rule struct {
	parameter string
	bounds    []bound
	raise, of int
	clear, in int
	stale     time.Duration
}

// rules are those of the proof, one of each parameter.
func rules() []rule {
	return []rule{
		{parameter: level, raise: 1, of: 1, clear: 1, in: 1, bounds: []bound{
			{"minor", true, 10, 8}, {"critical", true, 20, 15}, {"major", false, -10, -8},
		}},
		{parameter: load, raise: 2, of: 3, clear: 3, in: 4, bounds: []bound{{"warning", true, 50, 40}}},
		{parameter: pulse, raise: 1, of: 1, clear: 1, in: 1, bounds: []bound{{"major", true, 0.5, 0.5}}, stale: staleAfter},
	}
}

// document is the rule as ctrl takes it.
func (r *rule) document(telemetryID int64) map[string]any {
	var levels []map[string]any
	for _, b := range r.bounds {
		side := "low"
		if b.high {
			side = "high"
		}
		levels = append(levels, map[string]any{"severity": b.severity, side: b.at, "clear": b.clear})
	}
	d := map[string]any{"telemetry_id": telemetryID, "name": r.parameter, "levels": levels,
		"raise_after": map[string]int{"count": r.raise, "of": r.of}, "clear_after": map[string]int{"count": r.clear, "of": r.in}}
	if r.stale > 0 {
		d["stale_after"] = r.stale.Seconds()
	}
	return d
}

// listener is who is told of alarms by a webhook, of those of a severity or worse.
type listener struct {
	path  string
	least string
	group float64 // seconds in which what happens is told together
	id    int64
}

// alarming is the traffic of values that cross limits.
type alarming struct {
	instances []string // of ctrl
	sensors   []int64  // equipment
	pulsing   []int64
	telemetry map[string]int64 // parameters by name
	limits    map[int64]rule   // by the limit's id
	listeners []listener
	workers   []worker // those who go on where they stopped
	windows   []window

	mu   sync.Mutex
	sent []measurement // those that were answered 2xx
}

// newAlarming sets the equipment, its limits and who is told up.
func (r *run) newAlarming(ctx context.Context) error {
	if err := r.system.StartOwn(ctx, webhooks, WebhooksCommand); err != nil {
		return err
	}
	a := &alarming{telemetry: map[string]int64{}, limits: map[int64]rule{}}
	r.alarming = a
	c := newClient(r.system)
	c.prefix = "setup-" // it is no traffic
	defer c.close()
	if answer, token := c.logIn(ctx, true); token == "" {
		return fmt.Errorf("log in to set the alarms up: status %d", answer.status)
	}
	if answer := c.doJSON(ctx, "cfg", http.MethodPost, "/api/v1/cfg/import", sensorDocument()); !answer.ok() {
		return fmt.Errorf("set the sensors up: status %d: %.300s", answer.status, answer.body)
	}
	if err := a.find(ctx, r); err != nil {
		return err
	}
	for _, one := range rules() {
		id, err := create(ctx, c, "/limits", one.document(a.telemetry[one.parameter]))
		if err != nil {
			return err
		}
		a.limits[id] = one
	}
	a.listeners = []listener{{path: "/all", least: "warning"}, {path: "/gathered", least: "minor", group: 1}, {path: "/critical", least: "critical"}}
	for i := range a.listeners {
		if err := a.listeners[i].create(ctx, c, r.system.URL(webhooks)); err != nil {
			return err
		}
	}
	return nil
}

// find looks the ids up that cfg has given.
func (a *alarming) find(ctx context.Context, r *run) error {
	type item struct {
		id   int64
		name string
	}
	read := func(query string) ([]item, error) {
		return collect(ctx, r.system, "nms", query, func(row pgx.CollectableRow) (one item, err error) {
			return one, row.Scan(&one.id, &one.name)
		})
	}
	equipment, err := read(`SELECT id, name FROM equipment WHERE name ~ '^(sensor|pulse)[0-9]+$' ORDER BY id`)
	if err != nil {
		return err
	}
	for _, one := range equipment {
		if one.name[0] == 's' {
			a.sensors = append(a.sensors, one.id)
		} else {
			a.pulsing = append(a.pulsing, one.id)
		}
	}
	parameters, err := read(`SELECT id, name FROM telemetry WHERE name LIKE 'chaos\_%'`)
	for _, one := range parameters {
		a.telemetry[one.name] = one.id
	}
	return err
}

// sensorDocument is what cfg imports.
func sensorDocument() map[string]any {
	const root = "Sensors"
	equipment := []map[string]any{{"name": root, "name_full": root, "parent": nil}}
	for kind, count := range map[string]int{"sensor": sensors, "pulse": pulsing} {
		for i := range count {
			name := kind + strconv.Itoa(i+1)
			equipment = append(equipment, map[string]any{"name": name, "name_full": name, "parent": root})
		}
	}
	var parameters []map[string]any
	for _, one := range rules() {
		parameters = append(parameters, map[string]any{"name": one.parameter, "name_full": one.parameter, "description": one.parameter,
			"value_validator": map[string]any{"type": "number"}})
	}
	return map[string]any{"format": "nms.cfg/1", "equipments": equipment, "telemetry": parameters}
}

// create makes something in ctrl and returns its id.
func create(ctx context.Context, c *client, path string, document any) (int64, error) {
	answer := c.doJSON(ctx, "ctrl", http.MethodPost, ctrlPath+path, document)
	var made struct {
		ID int64 `json:"id"`
	}
	if !answer.ok() || json.Unmarshal(answer.body, &made) != nil {
		return 0, fmt.Errorf("make one of %s: status %d: %.300s", path, answer.status, answer.body)
	}
	return made.ID, nil
}

// create makes the receiver and its route.
func (l *listener) create(ctx context.Context, c *client, address string) (err error) {
	l.id, err = create(ctx, c, "/receivers", map[string]any{"name": "chaos " + l.path, "kind": "webhook", "address": address + l.path, "secret": webhookSecret})
	if err != nil {
		return err
	}
	_, err = create(ctx, c, "/routes", map[string]any{"name": "chaos " + l.path, "receivers": []int64{l.id}, "severity": l.least, "group": l.group})
	return err
}

// secrets makes a folder with the key of the signatures, readable to the services.
func secrets() (dir string, err error) {
	if dir, err = os.MkdirTemp("", "chaos-secrets-"); err != nil {
		return "", err
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		return "", err
	}
	return dir, os.WriteFile(filepath.Join(dir, webhookSecret), []byte(webhookSecret), 0o644)
}

// all are the workers: those who send values go on where they stopped, so that no value comes behind a later one of the same equipment.
func (a *alarming) all() []worker {
	if a.workers == nil {
		const each = 4 // sensors of a worker
		for i, some := range slices.Collect(slices.Chunk(a.sensors, each)) {
			a.workers = append(a.workers, &sensorWorker{alarming: a, caller: caller{instances: a.instances, turn: i}, equipment: some})
		}
		for i, one := range a.pulsing {
			a.workers = append(a.workers, &pulseWorker{alarming: a, caller: caller{instances: a.instances, turn: i}, equipment: one})
		}
		a.workers = append(a.workers, &operator{alarming: a, caller: caller{instances: a.instances}})
	}
	return a.workers
}

// note remembers what was answered 2xx.
func (a *alarming) note(m *measurement) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.sent = append(a.sent, *m)
}
