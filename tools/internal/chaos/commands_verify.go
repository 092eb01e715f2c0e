package chaos

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"nms.example/tools/internal/station"
)

// issued is a command as ctrl's database has it at the end.
type issued struct {
	id, state         string
	equipment, number int64
	repeatable        bool
	sends, notSent    int
	steps             []commandStep
}

// commandStep is one of its steps.
type commandStep struct {
	at           time.Time
	state, event string
}

// window is the time of one fault, with the traffic before it; doubt tells that it may leave commands in doubt, which it does from
// its infliction until all was well again.
type window struct {
	fault                string
	from, inflicted, end time.Time
	doubt                bool
}

// CommandRow is what became of the commands that were sent last, or came to their end without being sent, around one fault.
type CommandRow struct {
	Fault string
	// Commands; Executed ones are those among them that the simulator has executed.
	Commands, Executed int
	// How they ended: Unknown ones were in doubt at some time, and are among the others too.
	Succeeded, Failed, Unverified, Expired, Unknown int
	// DoubtExecuted is how many of the unknown ones had been executed, Confirmed how many a verifier decided; somebody resolved the others.
	DoubtExecuted, Confirmed int
	// NotSent attempts, of this time, provably sent nothing; Again is how often an idempotent command was executed once more.
	NotSent, Again int
}

// commandEvidence is all that there is to compare.
type commandEvidence struct {
	issued   []issued
	executed []station.Execution
	windows  []window
}

// inFlight are the states in which the equipment may be at a command.
var inFlight = []string{"sending", "accepted", "verifying", "unknown"}

var endStates = []string{"succeeded", "failed", "unverified", "rejected", "expired", "cancelled"}

// compare returns a row per fault and what must not be.
func (e *commandEvidence) compare() (rows []CommandRow, faults []string) {
	count := map[int64]int{}
	for _, one := range e.executed {
		count[one.Number]++
	}
	known := map[int64]bool{}
	rows = make([]CommandRow, len(e.windows)+1)
	for i, w := range e.windows {
		rows[i].Fault = w.fault
	}
	rows[len(e.windows)].Fault = "otherwise"
	for i := range e.issued {
		c := &e.issued[i]
		known[c.number] = true
		e.row(rows, c.moment()).add(c, count[c.number])
		for _, s := range c.steps {
			if s.event == "not_sent" {
				e.row(rows, s.at).NotSent++
			}
		}
		for _, fault := range e.judge(c, count[c.number]) {
			faults = append(faults, fmt.Sprintf("command %d (%s, %d × executed): %s", c.number, c.state, count[c.number], fault))
		}
	}
	for _, one := range e.executed {
		if !known[one.Number] {
			faults = append(faults, fmt.Sprintf("%s has executed the command %d, which was never taken", one.Device, one.Number))
		}
	}
	if last := len(e.windows); rows[last] == (CommandRow{Fault: rows[last].Fault}) {
		rows = rows[:last]
	}
	return rows, slices.Concat(faults, e.order(), e.apart())
}

// row returns the row of a moment.
func (e *commandEvidence) row(rows []CommandRow, at time.Time) *CommandRow {
	for i, w := range e.windows {
		if !at.Before(w.from) && at.Before(w.end) {
			return &rows[i]
		}
	}
	return &rows[len(e.windows)]
}

// moment is when it was sent last; when it never was, of its last step.
func (c *issued) moment() (at time.Time) {
	for _, s := range slices.Backward(c.steps) {
		if s.event == "send" {
			return s.at
		}
		if at.IsZero() {
			at = s.at
		}
	}
	return at
}

// add counts one command.
func (r *CommandRow) add(c *issued, executed int) {
	r.Commands++
	if executed > 0 {
		r.Executed++
		r.Again += executed - 1
	}
	switch c.state {
	case "succeeded":
		r.Succeeded++
	case "failed":
		r.Failed++
	case "unverified":
		r.Unverified++
	case "expired":
		r.Expired++
	}
	if !c.has("lose") {
		return
	}
	r.Unknown++
	if executed > 0 {
		r.DoubtExecuted++
	}
	if c.has("confirm") {
		r.Confirmed++
	}
}

func (c *issued) has(events ...string) bool {
	return slices.ContainsFunc(c.steps, func(s commandStep) bool { return slices.Contains(events, s.event) })
}

// judge says what is wrong with one command.
func (e *commandEvidence) judge(c *issued, executed int) (faults []string) {
	wrong := func(is bool, what string) {
		if is {
			faults = append(faults, what)
		}
	}
	wrong(!slices.Contains(endStates, c.state), "it has no end")
	wrong(executed > 1 && !c.repeatable, "executed more than once")
	wrong(executed > c.sends-c.notSent, "executed although it was said that nothing was sent")
	wrong(executed == 0 && c.has("accept", "confirm"), "accepted and never executed")
	wrong(executed > 0 && c.has("refuse", "expire", "refuse_release"),
		"refused or expired, and executed all the same")
	wrong(executed > 0 && c.has("resolve_failed"), "executed after somebody had seen that it was not")
	wrong(executed == 0 && c.has("resolve_succeeded"), "resolved as done, and not executed")
	wrong(c.has("lose") && !e.inDoubt(c), "unknown without a fault that would explain it")
	return faults
}

// inDoubt tells whether the sending that ended as unknown was under way while something was wrong.
func (e *commandEvidence) inDoubt(c *issued) bool {
	var sent time.Time
	for _, s := range c.steps {
		switch s.event {
		case "send":
			sent = s.at
		case "lose":
			return slices.ContainsFunc(e.windows, func(w window) bool {
				return w.doubt && sent.Before(w.end) && s.at.After(w.inflicted)
			})
		}
	}
	return false
}

// order looks for commands of one device that were executed before an earlier one. An idempotent one counts where it was executed first:
// a repetition of what was still under way may come later.
func (e *commandEvidence) order() (faults []string) {
	last, seen := map[string]int64{}, map[int64]bool{}
	for _, one := range e.executed {
		if seen[one.Number] {
			continue
		}
		seen[one.Number] = true
		if before := last[one.Device]; before > one.Number {
			faults = append(faults, fmt.Sprintf("%s has executed %d before %d", one.Device, before, one.Number))
		}
		last[one.Device] = one.Number
	}
	return faults
}

// apart looks for commands that were sent while the equipment was at another one, or while one was unknown.
func (e *commandEvidence) apart() (faults []string) {
	type flight struct {
		number   int64
		from, to time.Time
	}
	flights := map[int64][]flight{}
	for i := range e.issued {
		c := &e.issued[i]
		var now *flight
		for _, s := range c.steps {
			flying := slices.Contains(inFlight, s.state)
			switch {
			case flying && now == nil:
				now = &flight{c.number, s.at, time.Time{}}
			case !flying && now != nil:
				now.to = s.at
				flights[c.equipment] = append(flights[c.equipment], *now)
				now = nil
			}
		}
	}
	for equipment, list := range flights {
		slices.SortFunc(list, func(a, b flight) int { return a.from.Compare(b.from) })
		for i := 1; i < len(list); i++ {
			if list[i].from.Before(list[i-1].to) {
				faults = append(faults, fmt.Sprintf("equipment %d was sent %d while %d was in flight or unknown", equipment, list[i].number, list[i-1].number))
			}
		}
	}
	slices.Sort(faults)
	return faults
}

// settleCommands resolves what is unknown until every command has its end, at most for Drain; what has none then is for the comparison
// to tell.
func (r *run) settleCommands(ctx context.Context) error {
	w := &resolver{commanding: r.commands, caller: caller{instances: r.commands.instances}, seen: map[string]time.Time{}}
	for begun := time.Now(); time.Since(begun) < r.Drain && ctx.Err() == nil; pause(ctx, inspected) {
		left, err := collect(ctx, r.system, "nms", "SELECT count(*) FROM issued_command WHERE state <> ALL ($1)", pgx.RowTo[int], endStates)
		if err != nil || left[0] == 0 {
			return err
		}
		w.step(ctx, r.traffic)
	}
	return ctx.Err()
}

// judgeCommands compares what ctrl says with what the simulator has executed.
func (r *run) judgeCommands(ctx context.Context) error {
	e := &commandEvidence{windows: r.windows}
	var errs [2]error
	e.issued, errs[0] = readIssued(ctx, r)
	e.executed, errs[1] = station.ReadExecuted(r.system.Log("simulator"))
	rows, faults := e.compare()
	r.report.Commands = rows
	r.report.violate(faults...)
	return errors.Join(errs[:]...)
}

func readIssued(ctx context.Context, r *run) ([]issued, error) {
	list, err := collect(ctx, r.system, "nms", `SELECT id::text, equipment_id, state, (args->>'to')::bigint, idempotent, sends, not_sent
		FROM issued_command`, func(row pgx.CollectableRow) (issued, error) {
		var c issued
		err := row.Scan(&c.id, &c.equipment, &c.state, &c.number, &c.repeatable, &c.sends, &c.notSent)
		return c, err
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(list, func(a, b issued) int { return cmp.Compare(a.number, b.number) })
	place := map[string]*issued{}
	for i := range list {
		place[list[i].id] = &list[i]
	}
	_, err = collect(ctx, r.system, "nms", `SELECT issued_command::text, at, state, event FROM issued_command_step ORDER BY issued_command, version`,
		func(row pgx.CollectableRow) (struct{}, error) {
			var id string
			var s commandStep
			err := row.Scan(&id, &s.at, &s.state, &s.event)
			if c := place[id]; c != nil {
				c.steps = append(c.steps, s)
			}
			return struct{}{}, err
		})
	return list, err
}
