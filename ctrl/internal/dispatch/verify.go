package dispatch

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"math/big"
	"regexp"
	"slices"
	"time"
	"unicode/utf8"

	"nms.example/common/change"
	"nms.example/common/db"
	"nms.example/common/name"
	"nms.example/common/retry"

	"nms.example/ctrl/internal/binding"
	"nms.example/ctrl/internal/command"
	"nms.example/ctrl/internal/driver"
	"nms.example/ctrl/internal/nmsdb"
	"nms.example/ctrl/internal/template"
)

// look is how often verifiers are asked while they do not hold yet.
const look = 200 * time.Millisecond

// window returns how long after the acceptance the last verifier has to hold.
func window(verifiers []binding.Condition) (within time.Duration) {
	for _, v := range verifiers {
		within = max(within, seconds(max(v.After, v.Within)))
	}
	return within
}

// patience returns how long verifiers are asked at most: the last question is asked when the window ends, and waits for its
// answer.
func patience(b binding.Binding) time.Duration { return window(b.Verifiers) + seconds(b.Timeout) }

// verifiedBy returns when the verifiers have said their word at the latest, written down included.
func (t *term) verifiedBy(j *job) time.Time {
	return time.Now().Add(patience(j.plan.Binding()) + margin)
}

// verdict is what verifiers say.
type verdict struct {
	event    command.Event // Confirm, Contradict or GiveUp
	reason   string
	readings []command.Reading
}

// verify looks for the effect of an accepted command. At a stop it is left as it is: another instance begins anew.
func (t *term) verify(j *job) {
	defer t.watch()()
	v, ok := t.observe(j)
	if !ok {
		return
	}
	t.conclude(j, v)
}

// conclude writes a verdict: of a verification together with others, since what was unknown has an alarm that its outcome clears.
func (t *term) conclude(j *job, v verdict) {
	read, err := json.Marshal(v.readings)
	if err != nil {
		t.options.Logger.ErrorContext(t.held, "what was read of equipment cannot be kept", "command", j.row.ID, "error", err)
		return
	}
	end := command.Move{Event: v.event, Change: command.Change{
		Reason: v.reason, Detail: v.reason, Edit: func(to *command.Columns) { to.Readback = read },
	}}
	if command.State(j.row.State) == command.Verifying && t.together(j, false, end) {
		return
	}
	t.persist(j, func(ctx context.Context, tx db.Tx[db.NMS], changes *change.Changes, row nmsdb.IssuedCommand) (nmsdb.IssuedCommand, error) {
		if row.Version != j.row.Version {
			return row, command.ErrState
		}
		return t.commands.Advance(ctx, tx, changes, row, end.Event, end.Change)
	})
}

// observe asks the verifiers until all have held, or the time of one is over. ok is false when it was broken off.
func (t *term) observe(j *job) (v verdict, ok bool) {
	begun := time.Now()
	ctx, cancel := t.within(patience(j.plan.Binding()))
	defer cancel()
	pending := slices.Clone(j.plan.Binding().Verifiers)
	seen := map[string]command.Reading{} // by parameter, as it was read last
	for {
		due := slices.DeleteFunc(slices.Clone(pending), func(c binding.Condition) bool { return time.Since(begun) < seconds(c.After) })
		asked := time.Now()
		readings := t.ask(ctx, j, due)
		for _, r := range readings {
			seen[r.Parameter] = r
		}
		pending = slices.DeleteFunc(pending, func(c binding.Condition) bool {
			holds, _ := met(c, readings, j.args)
			return holds && slices.ContainsFunc(due, func(d binding.Condition) bool { return same(c, d) })
		})
		v.readings = sorted(seen)
		if len(pending) == 0 {
			v.event = command.Confirm
			return v, true
		}
		if t.ended() {
			return v, false
		}
		for _, c := range pending {
			if asked.Sub(begun) < seconds(max(c.After, c.Within)) && ctx.Err() == nil {
				continue
			}
			v.event, v.reason = t.missed(c, seen, j.args)
			return v, true
		}
		retry.Sleep(ctx, look)
	}
}

// missed says what it means that a verifier has not held in its time.
func (t *term) missed(c binding.Condition, seen map[string]command.Reading, args template.Args) (command.Event, string) {
	r, ok := seen[c.Parameter]
	if !ok || r.Problem != "" {
		return command.GiveUp, "its effect could not be seen: " + c.Parameter + " was not to be read in time"
	}
	_, why := met(c, []command.Reading{r}, args)
	return command.Contradict, "a verifier does not hold: " + why
}

// ask reads the parameters of conditions; nothing when the equipment does not answer.
func (t *term) ask(ctx context.Context, j *job, conditions []binding.Condition) []command.Reading {
	if len(conditions) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, seconds(j.plan.Binding().Timeout))
	defer cancel()
	readings, err := j.read(ctx, conditions)
	if err != nil && !t.ended() {
		t.options.Logger.InfoContext(t.held, "equipment cannot be read", "equipment", j.row.EquipmentID, "error", err)
	}
	if j.row.SentAt == nil {
		return readings
	}
	return append(readings, t.arrived(ctx, j, conditions, readings, *j.row.SentAt)...)
}

// arrived returns what has come of the parameters that could not be read, since a moment.
func (t *term) arrived(ctx context.Context, j *job, conditions []binding.Condition, readings []command.Reading, since time.Time) []command.Reading {
	var names []string
	for _, c := range conditions {
		if find(readings, c.Parameter) == nil && !slices.Contains(names, c.Parameter) {
			names = append(names, c.Parameter)
		}
	}
	if len(names) == 0 || t.options.Arrived == nil {
		return nil
	}
	found, err := t.options.Arrived(ctx, j.row.EquipmentID, names, since)
	if err != nil && !t.ended() {
		t.options.Logger.InfoContext(t.held, "the values that have come cannot be read", "equipment", j.row.EquipmentID, "error", err)
	}
	return found
}

// arrivedBefore returns what had come, before the sending, of what verifiers look at and could not be read: no earlier than a verifier waits for a value
// afterwards, since what is older says nothing of the moment before.
func (t *term) arrivedBefore(ctx context.Context, j *job, readings []command.Reading) (before []command.Reading) {
	for _, v := range j.plan.Binding().Verifiers {
		since := time.Now().Add(-window([]binding.Condition{v}))
		before = append(before, t.arrived(ctx, j, []binding.Condition{v}, slices.Concat(readings, before), since)...)
	}
	return before
}

// investigate looks whether a command of unknown outcome has had its effect. Only a change is taken as proof: verifiers that hold
// now, of which one did not before the sending. What does not show an effect now may show it later, and what held before says
// nothing. Otherwise the first values that could be read are kept for whoever resolves it.
func (t *term) investigate(j *job) {
	proves, err := j.differed()
	if err != nil {
		t.options.Logger.ErrorContext(t.held, "what was read before a command cannot be understood", "command", j.row.ID, "error", err)
	}
	if !proves && j.row.Readback.Valid {
		return
	}
	defer t.watch()()
	v := verdict{event: command.ReadBack}
	if proves {
		observed, ok := t.observe(j)
		if !ok {
			return
		}
		if v.readings = observed.readings; observed.event == command.Confirm {
			v.event, v.reason = command.Confirm, "every verifier holds, and not all did before it was sent, so that it was executed"
		}
	} else {
		ctx, cancel := t.within(seconds(j.plan.Binding().Timeout))
		defer cancel()
		v.readings = t.ask(ctx, j, slices.Concat(conditionsOf(j.plan.Binding().Points), j.plan.Binding().Verifiers))
	}
	if v.event == command.ReadBack {
		v.reason = text(j.row.Reason)
		if len(v.readings) == 0 || j.row.Readback.Valid {
			return
		}
		if len(j.plan.Binding().Verifiers) > 0 {
			v.reason += "; its verifiers prove nothing: they held before it was sent, or could not be read"
		}
	}
	t.conclude(j, v)
}

// differed reports whether a verifier was seen not to hold before the command was sent.
func (j *job) differed() (bool, error) {
	if !j.row.ReadBefore.Valid {
		return false, nil
	}
	var before []command.Reading
	if err := json.Unmarshal(j.row.ReadBefore.RawMessage, &before); err != nil {
		return false, err
	}
	return slices.ContainsFunc(j.plan.Binding().Verifiers, func(c binding.Condition) bool {
		if r := find(before, c.Parameter); r == nil || r.Problem != "" {
			return false
		}
		holds, _ := met(c, before, j.args)
		return !holds
	}), nil
}

func conditionsOf(points []binding.Point) []binding.Condition {
	list := make([]binding.Condition, len(points))
	for i, p := range points {
		list[i] = binding.Condition{Parameter: p.Parameter}
	}
	return list
}

// read polls the parameters of conditions, in their order, through the binding's own points.
func (j *job) read(ctx context.Context, conditions []binding.Condition) ([]command.Reading, error) {
	var points []driver.Point
	asked := map[string]bool{}
	for _, c := range conditions {
		for _, p := range j.plan.Binding().Points {
			if p.Parameter == c.Parameter && !asked[p.Parameter] {
				asked[p.Parameter] = true
				points = append(points, driver.Point{Parameter: p.Parameter, Read: p.Read})
			}
		}
	}
	if len(points) == 0 {
		return nil, nil
	}
	values, err := j.plan.Driver.Poll(ctx, j.to, points)
	readings := make([]command.Reading, 0, len(values))
	for _, v := range values {
		v = kept(v)
		raw, encoding := json.Marshal(v.Value)
		if encoding != nil {
			return readings, encoding
		}
		readings = append(readings, command.Reading{Parameter: v.Parameter, Value: raw, At: v.At.UTC(), Problem: v.Problem})
	}
	return readings, err
}

// kept returns a value in a form that can be kept and compared: a number within float64, a text of at most maxCharacters
// in which all is seen, a truth value.
// Equipment answers what it likes.
func kept(v driver.Value) driver.Value {
	switch value := v.Value.(type) {
	case nil, bool:
	case string:
		v.Value = name.Visible(value)
		if utf8.RuneCountInString(value) > maxCharacters {
			v.Value, v.Problem = nil, "the text is too long"
		}
	case json.Number:
		if !plain(value) {
			v.Value, v.Problem = nil, "the number is too long or out of range"
		}
	default:
		v.Value, v.Problem = nil, "the value is no number, text or truth value"
	}
	v.Problem = name.Visible(v.Problem)
	if v.Value == nil && v.Problem == "" {
		v.Problem = "the equipment has no value"
	}
	return v
}

const (
	// maxDigits bounds the length of a number as it is written.
	maxDigits = 100
	// maxCharacters bounds a text.
	maxCharacters = 500
)

// plain reports whether a number can be kept and computed with exactly: it is not long, and within float64.
func plain(n json.Number) bool {
	f, err := n.Float64()
	return err == nil && len(n) <= maxDigits && (f != 0 || zero.MatchString(n.String()))
}

// zero matches the ways to write nought; any other number that becomes it is too small.
var zero = regexp.MustCompile(`^-?0(\.0*)?([eE]|$)`)

// met reports whether a condition holds of what was read, and if not, why.
func met(c binding.Condition, readings []command.Reading, args template.Args) (holds bool, why string) {
	r := find(readings, c.Parameter)
	if r == nil || r.Problem != "" {
		return false, c.Parameter + " could not be read"
	}
	var got, want any
	if decode(r.Value, &got) != nil {
		return false, c.Parameter + " could not be read"
	}
	if c.Arg != "" {
		want = args[c.Arg]
	} else if decode(c.Value, &want) != nil {
		return false, "the binding's value is no JSON"
	}
	if text, ok := want.(string); ok {
		want = name.Visible(text) // as what was read is kept
	}
	if compare(got, c.Op, want) {
		return true, ""
	}
	return false, fmt.Sprintf("%s is %s, not %s %v", c.Parameter, r.Value, c.Op, want)
}

// find returns what was read of a parameter, nil when nothing was.
func find(readings []command.Reading, parameter string) *command.Reading {
	i := slices.IndexFunc(readings, func(r command.Reading) bool { return r.Parameter == parameter })
	if i < 0 {
		return nil
	}
	return &readings[i]
}

// compare compares numbers exactly, whatever their form, and all else as it is written.
func compare(got any, op string, want any) bool {
	order := 0
	a, isNumber := number(got)
	b, areNumbers := number(want)
	switch {
	case isNumber && areNumbers:
		order = a.Cmp(b)
	case op == "eq" || op == "ne":
		if fmt.Sprint(got) != fmt.Sprint(want) {
			order = 1
		}
	default:
		return false // a text is neither more nor less
	}
	switch op {
	case "eq":
		return order == 0
	case "ne":
		return order != 0
	case "lt":
		return order < 0
	case "le":
		return order <= 0
	case "gt":
		return order > 0
	case "ge":
		return order >= 0
	default:
		return false
	}
}

func number(v any) (*big.Rat, bool) {
	n, ok := v.(json.Number)
	if !ok || !plain(n) {
		return nil, false
	}
	return new(big.Rat).SetString(n.String())
}

func same(a, b binding.Condition) bool {
	return a.Parameter == b.Parameter && a.Op == b.Op && a.Arg == b.Arg && bytes.Equal(a.Value, b.Value) && a.After == b.After && a.Within == b.Within
}

func sorted(seen map[string]command.Reading) []command.Reading {
	list := make([]command.Reading, 0, len(seen))
	for _, r := range seen {
		list = append(list, r)
	}
	slices.SortFunc(list, func(a, b command.Reading) int { return cmp.Compare(a.Parameter, b.Parameter) })
	return list
}

// decode reads JSON with its numbers as they are written.
func decode(raw json.RawMessage, v any) error {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	return decoder.Decode(v)
}
