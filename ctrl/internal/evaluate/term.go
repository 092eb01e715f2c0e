package evaluate

import (
	"cmp"
	"context"
	"encoding/json"
	"maps"
	"slices"
	"time"

	"nms.example/common/change"
	"nms.example/common/db"

	"nms.example/ctrl/internal/alarm"
	"nms.example/ctrl/internal/catalogue"
	"nms.example/ctrl/internal/dwhdb"
	"nms.example/ctrl/internal/frame"
	"nms.example/ctrl/internal/limit"
	"nms.example/ctrl/internal/nmsdb"
)

// term is what an evaluator knows while nothing fails.
type term struct {
	*Evaluator

	taken       map[int16]*slot   // those that are held
	units       map[int64]*unit   // by equipment
	definitions map[int32][]int64 // the parameters of frames
	plans       map[planKey][]point
	limits      *limit.Snapshot
	known       *catalogue.Snapshot
	signals     []alarm.Signal // found and not written yet
	more        bool           // there was more to read than was read

	renewed, listened time.Time
	last              time.Time // of the last round, by the clock of the database
}

// slot is a share of the equipment.
type slot struct {
	done    []int64   // the rows of its feed that are evaluated and may still be there
	written time.Time // when it was last written how far it is evaluated
}

func newTerm(e *Evaluator) *term {
	return &term{Evaluator: e, taken: map[int16]*slot{}, units: map[int64]*unit{}, definitions: map[int32][]int64{}}
}

func slotOf(equipment int64) int16 { return int16(equipment % frame.Slots) }

func allSlots() []int16 {
	all := make([]int16, frame.Slots)
	for i := range all {
		all[i] = int16(i)
	}
	return all
}

// slots lists the slots that are held, in order.
func (t *term) slots() []int16 {
	return slices.Sorted(maps.Keys(t.taken))
}

// round looks once what has come.
func (t *term) round(ctx context.Context) error {
	// The moment before what is read: whatever came until then is seen, or is still being committed.
	now, err := dwhdb.New(t.values).Clock(ctx)
	if err != nil {
		return err
	}
	if time.Since(t.renewed) >= renewal {
		t.renewed = time.Now()
		if err := t.renew(ctx, now); err != nil {
			return err
		}
	}
	if t.last.IsZero() || now.Sub(t.last) > lease { // it stood still, or the database was away: what may have come meanwhile does not count as missing
		t.watchAnew(now)
	}
	t.last, t.more = now, false
	if len(t.taken) == 0 {
		return nil
	}
	if err := t.read(ctx, now); err != nil {
		return err
	}
	if !t.more && time.Since(t.listened) >= silence {
		t.listened = time.Now()
		t.listen(now)
	}
	if slots := t.due(); len(slots) > 0 {
		return t.commitSlots(ctx, slots)
	}
	return nil
}

// due are the slots that are to be written: those of the equipment whose alarms change, and of the others the one that was written longest ago. All at once
// would take so long that an alarm would wait for it.
func (t *term) due() (slots []int16) {
	for i := range t.signals {
		if s := slotOf(t.signals[i].EquipmentID); !slices.Contains(slots, s) {
			slots = append(slots, s)
		}
	}
	held := t.slots()
	oldest := slices.MinFunc(held, func(a, b int16) int { return t.taken[a].written.Compare(t.taken[b].written) })
	if time.Since(t.taken[oldest].written) >= checkpoint && !slices.Contains(slots, oldest) {
		slots = append(slots, oldest)
	}
	slices.Sort(slots)
	return slots
}

// watchAnew has all values waited for from a moment on.
func (t *term) watchAnew(now time.Time) {
	for _, u := range t.units {
		for _, m := range u.machines {
			m.since = now
		}
	}
}

// renew keeps the leases, and takes or leaves slots so that each instance has its share.
func (t *term) renew(ctx context.Context, now time.Time) error {
	q := nmsdb.New(t.writer.Pool())
	others, err := q.EvaluatorKeep(ctx, nmsdb.EvaluatorKeepParams{ID: t.id, LeaseS: lease.Seconds()})
	if err != nil {
		return err
	}
	held, err := q.SlotRenew(ctx, nmsdb.SlotRenewParams{Owner: t.id, LeaseS: lease.Seconds()})
	if err != nil {
		return err
	}
	if slices.Sort(held); !slices.Equal(held, t.slots()) {
		return errLost
	}
	share := int((frame.Slots + others) / (others + 1))
	switch {
	case len(held) > share:
		err = t.leave(ctx, held[share:])
	case len(held) < share:
		err = t.take(ctx, q, share-len(held), now)
	}
	t.held.Set(float64(len(t.taken)))
	return err
}

// leave lets slots go, with all that is known of them written.
func (t *term) leave(ctx context.Context, slots []int16) error {
	if err := t.commit(ctx); err != nil {
		return err
	}
	for _, id := range slots {
		delete(t.taken, id)
	}
	for equipment := range t.units {
		if slices.Contains(slots, slotOf(equipment)) {
			delete(t.units, equipment)
		}
	}
	t.plans = nil
	t.limits = nil // what is held is looked through anew
	return t.let(ctx, slots)
}

// take takes slots that nobody holds.
func (t *term) take(ctx context.Context, q *nmsdb.Queries, number int, now time.Time) error {
	claimed, err := q.SlotClaim(ctx, nmsdb.SlotClaimParams{Owner: t.id, LeaseS: lease.Seconds(), Take: int32(number)})
	if err != nil || len(claimed) == 0 {
		return err
	}
	slots := make([]int16, len(claimed))
	for i, c := range claimed {
		slots[i] = c.ID
		t.taken[c.ID] = &slot{done: c.Taken, written: time.Now()}
	}
	rows, err := q.StateList(ctx, slots)
	if err != nil {
		return err
	}
	for _, row := range rows {
		if t.units[row.EquipmentID], err = read(row.EquipmentID, row.States, now); err != nil {
			return err
		}
	}
	t.limits = nil // what is held is looked through anew
	return nil
}

// read evaluates what has come, by the limits and catalogues as they are after that.
func (t *term) read(ctx context.Context, now time.Time) error {
	q := dwhdb.New(t.values)
	done := []int64{}
	for _, s := range t.taken {
		done = append(done, s.done...)
	}
	rows, err := q.FeedList(ctx, dwhdb.FeedListParams{Slots: t.slots(), Taken: done, Take: atOnce})
	if err != nil {
		return err
	}
	if err := t.refresh(ctx, len(rows) > 0, now); err != nil || len(rows) == 0 {
		return err
	}
	var keys dwhdb.FeedFramesParams
	number := map[int16]int{}
	for _, row := range rows {
		keys.Equipments, keys.Frames, keys.Ats = append(keys.Equipments, row.Equipments...), append(keys.Frames, row.Frames...), append(keys.Ats, row.Ats...)
		number[row.Slot]++
		t.more = t.more || number[row.Slot] == atOnce
	}
	frames, err := q.FeedFrames(ctx, keys)
	if err != nil {
		return err
	}
	if err := t.define(ctx, q, frames); err != nil {
		return err
	}
	// In the order in which they came; devices' clocks lie.
	slices.SortFunc(frames, func(a, b dwhdb.FeedFramesRow) int {
		return cmp.Or(a.ReceivedAt.Compare(b.ReceivedAt), a.At.Compare(b.At))
	})
	for i := range frames {
		t.evaluate(&frames[i], now)
	}
	for _, row := range rows {
		s := t.taken[row.Slot]
		s.done = append(s.done, row.ID)
	}
	return nil
}

// define learns the definitions of frames.
func (t *term) define(ctx context.Context, q *dwhdb.Queries, frames []dwhdb.FeedFramesRow) error {
	missing := func(f dwhdb.FeedFramesRow) bool { _, known := t.definitions[f.Frame]; return !known }
	if !slices.ContainsFunc(frames, missing) {
		return nil
	}
	rows, err := q.FrameDefList(ctx, 0) // their numbers are not committed in their order
	for _, row := range rows {
		t.definitions[row.ID] = row.Params
	}
	return err
}

// commit is commitSlots of all that are held.
func (t *term) commit(ctx context.Context) error { return t.commitSlots(ctx, t.slots()) }

// commitSlots writes what was found, how far the limits of slots, all in which something was found, are evaluated, and which rows of the feed that was made of;
// then it removes these.
func (t *term) commitSlots(ctx context.Context, slots []int16) error {
	p := nmsdb.SlotCommitParams{Owner: t.id, Ids: slots, Taken: []int64{}}
	for _, id := range slots {
		p.Lows = append(p.Lows, int32(len(p.Taken)+1))
		p.Taken = append(p.Taken, t.taken[id].done...)
		p.Highs = append(p.Highs, int32(len(p.Taken)))
	}
	states, gone, err := t.states(slots)
	if err != nil {
		return err
	}
	if len(p.Taken)+len(t.signals)+len(states.Equipments)+len(gone) > 0 {
		if err := t.write(ctx, p, states, gone); err != nil {
			return err
		}
	}
	if len(p.Taken) > 0 {
		if err := dwhdb.New(t.values).FeedDelete(ctx, dwhdb.FeedDeleteParams{Slots: slots, Ids: p.Taken}); err != nil {
			return err
		}
	}
	for _, s := range t.signals {
		t.changed.WithLabelValues(s.Type).Inc()
	}
	for _, id := range slots {
		*t.taken[id] = slot{written: time.Now()}
	}
	for _, equipment := range gone {
		delete(t.units, equipment)
	}
	for _, equipment := range states.Equipments {
		t.units[equipment].dirty = false
	}
	t.signals = nil
	return nil
}

func (t *term) write(ctx context.Context, p nmsdb.SlotCommitParams, states nmsdb.StatePutParams, gone []int64) error {
	return t.writer.Do(ctx, func(ctx context.Context, tx db.Tx[db.NMS], changes *change.Changes) error {
		q := nmsdb.New(tx)
		held, err := q.SlotCommit(ctx, p)
		if err != nil {
			return err
		}
		if len(held) != len(p.Ids) {
			return errLost
		}
		if err := t.alarms.Signal(ctx, tx, changes, slices.Clone(t.signals)); err != nil {
			return err
		}
		if len(states.Equipments) > 0 {
			if err := q.StatePut(ctx, states); err != nil {
				return err
			}
		}
		if len(gone) > 0 {
			return q.StateDelete(ctx, gone)
		}
		return nil
	})
}

// states returns what is to be written of how far the limits of slots are evaluated, and the equipment of which nothing is left to know.
func (t *term) states(slots []int16) (p nmsdb.StatePutParams, gone []int64, err error) {
	for equipment, u := range t.units {
		switch {
		case !u.dirty || !slices.Contains(slots, slotOf(equipment)):
		case len(u.machines) == 0:
			gone = append(gone, equipment)
		default:
			p.Equipments = append(p.Equipments, equipment)
		}
	}
	slices.Sort(p.Equipments)
	for _, equipment := range p.Equipments {
		raw, err := json.Marshal(t.units[equipment].kept())
		if err != nil {
			return p, nil, err
		}
		p.States = append(p.States, string(raw))
	}
	return p, gone, nil
}
