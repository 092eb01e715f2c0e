package chaos

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5"
)

// overdue is how long an instance of ctrl has to stand still for another to take its share of the evaluation over, which it leases for 5 s.
const overdue = 7 * time.Second

// upsets are what happens to the parts between a value and whoever is told.
func (r *run) upsets() []fault {
	brief := func(program string) fault {
		f := r.kill(program)
		f.inflict = func(ctx context.Context) error {
			if err := r.system.Kill(program); err != nil {
				return err
			}
			pause(ctx, rand.N(500*time.Millisecond))
			return r.start(ctx, program)
		}
		return f
	}
	var list []fault
	for _, name := range r.alarming.instances {
		list = append(list, brief(name))
	}
	list = append(list, brief("postgres"), r.hang(r.alarming.instances[0], overdue), brief(webhooks), r.hang("postgres", 2*time.Second), r.hang(webhooks, 2*time.Second))
	if len(r.alarming.instances) > 1 {
		list = append(list, r.hang(r.alarming.instances[1], overdue))
	}
	return list
}

// upset sends values that cross limits, and kills and pauses one after the other of what they pass through, each at a random moment. Nobody waits until
// all is well in between.
func (r *run) upset(ctx context.Context) error {
	if r.Upsets == 0 {
		return nil
	}
	r.newTraffic()
	if err := r.traffic.start(ctx, r.alarming.all()...); err != nil {
		return err
	}
	list := r.upsets()
	for number := range r.Upsets {
		f := list[number%len(list)]
		w := window{fault: f.name, from: time.Now()}
		pause(ctx, 200*time.Millisecond+rand.N(time.Second))
		w.inflicted = time.Now()
		if err := f.inflict(ctx); err != nil {
			return fmt.Errorf("%s: %w", f.name, err)
		}
		pause(ctx, 200*time.Millisecond+rand.N(time.Second))
		w.end = time.Now()
		r.alarming.windows = append(r.alarming.windows, w)
		fmt.Fprintf(r.Out, "  while values cross limits, %2d: %s\n", number+1, f.name)
	}
	_, err := r.awaitHealthy(ctx, time.Now())
	r.traffic.drain()
	if err != nil {
		return err
	}
	return r.revive(ctx, "while values crossed limits")
}

// settleAlarms waits until all values are evaluated, those that are waited for are missed, and all steps are told; at most for Drain and the time that
// they may stay away. What is left then is for the comparison to tell.
func (r *run) settleAlarms(ctx context.Context) error {
	// In the order in which one leads to the next: what was found to be empty stays so.
	waiting := []struct{ database, query string }{
		{"dwh", "SELECT count(*) FROM limit_feed"},
		{"nms", fmt.Sprintf("SELECT greatest(0, %d - count(*)) FROM alarm WHERE type = 'stale' AND NOT is_cleared", pulsing)},
		{"nms", "SELECT count(*) FROM alarm_notice"},
		{"nms", "SELECT count(*) FROM delivery WHERE state = 'waiting'"},
	}
	var left string
	for begun := time.Now(); time.Since(begun) < r.Drain+staleAfter && ctx.Err() == nil; pause(ctx, 200*time.Millisecond) {
		left = ""
		for _, w := range waiting {
			n, err := collect(ctx, r.system, w.database, w.query, pgx.RowTo[int])
			if err != nil {
				return err
			}
			if n[0] > 0 {
				left = fmt.Sprintf("%s still returns %d", w.query, n[0])
			}
		}
		if left == "" {
			return nil
		}
	}
	if left != "" {
		r.report.violate("alarms do not settle: " + left)
	}
	return ctx.Err()
}

// judgeAlarms compares values, alarms and what was told of them.
func (r *run) judgeAlarms(ctx context.Context) error {
	if err := r.settleAlarms(ctx); err != nil {
		return err
	}
	a := r.alarming
	e := &alarmEvidence{
		limits: a.limits, listeners: a.listeners, sent: a.sent, shelved: a.shelvable, windows: append(r.windows, a.windows...),
		values: map[place][]reading{}, delivered: map[string]string{}, deliveries: map[string]string{}, doubts: map[int64]int{},
	}
	var err error
	if e.calls, err = readWebhooks(r.system.Log(webhooks)); err != nil {
		return err
	}
	if err := errors.Join(r.readValues(ctx, e), r.readAlarms(ctx, e), r.readDeliveries(ctx, e), r.readDoubts(ctx, e)); err != nil {
		return err
	}
	rows, faults := e.compare()
	r.report.Alarms = rows
	r.report.violate(faults...)
	return nil
}

// readValues reads the values of the parameters that have limits.
func (r *run) readValues(ctx context.Context, e *alarmEvidence) error {
	names := map[int64]string{}
	for name, id := range r.alarming.telemetry {
		names[id] = name
	}
	_, err := collect(ctx, r.system, "dwh", `SELECT f.equipment, f.at, f.received_at, p.id, f.value[p.place::integer] FROM frame f JOIN frame_def d ON d.id = f.frame
		CROSS JOIN LATERAL unnest(d.params) WITH ORDINALITY AS p (id, place) WHERE f.equipment = ANY ($1) ORDER BY f.equipment, f.at`,
		func(row pgx.CollectableRow) (none struct{}, err error) {
			var at place
			var parameter int64
			var v reading
			err = row.Scan(&at.equipment, &v.at, &v.received, &parameter, &v.value)
			at.parameter = names[parameter]
			e.values[at] = append(e.values[at], v)
			return none, err
		}, append(append([]int64(nil), r.alarming.sensors...), r.alarming.pulsing...))
	return err
}

// readAlarms reads the alarms with their steps.
func (r *run) readAlarms(ctx context.Context, e *alarmEvidence) (err error) {
	e.alarms, err = collect(ctx, r.system, "nms", "SELECT id, equipment_id, type, qualifier, is_cleared FROM alarm ORDER BY id",
		func(row pgx.CollectableRow) (a alarmRecord, err error) {
			return a, row.Scan(&a.id, &a.equipment, &a.kind, &a.qualifier, &a.cleared)
		})
	if err != nil {
		return err
	}
	index := map[int64]*alarmRecord{}
	for i := range e.alarms {
		index[e.alarms[i].id] = &e.alarms[i]
	}
	_, err = collect(ctx, r.system, "nms", "SELECT alarm_id, at, version, event, severity, value FROM alarm_step ORDER BY alarm_id, version",
		func(row pgx.CollectableRow) (none struct{}, err error) {
			var id int64
			var s alarmStep
			if err = row.Scan(&id, &s.at, &s.version, &s.event, &s.severity, &s.value); err == nil {
				index[id].steps = append(index[id].steps, s)
			}
			return none, err
		})
	return err
}

// readDeliveries reads what ctrl says of what it has told.
func (r *run) readDeliveries(ctx context.Context, e *alarmEvidence) error {
	_, err := collect(ctx, r.system, "nms", `SELECT guid::text, state, format('%s, attempts %s, created %s, due %s, ended %s', id, attempts, created_at, due_at, ended_at)
		FROM delivery`, func(row pgx.CollectableRow) (none struct{}, err error) {
		var id, state, facts string
		err = row.Scan(&id, &state, &facts)
		e.delivered[id], e.deliveries[id] = state, facts
		return none, err
	})
	return err
}

// readDoubts counts the commands of unknown outcome.
func (r *run) readDoubts(ctx context.Context, e *alarmEvidence) error {
	_, err := collect(ctx, r.system, "nms", `SELECT c.equipment_id, count(*) FROM issued_command_step s JOIN issued_command c ON c.id = s.issued_command
		WHERE s.event = 'lose' GROUP BY c.equipment_id`, func(row pgx.CollectableRow) (none struct{}, err error) {
		var equipment int64
		var n int
		err = row.Scan(&equipment, &n)
		e.doubts[equipment] = n
		return none, err
	})
	return err
}
