package ingest

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"nms.example/common/change"
	"nms.example/common/db"
	"nms.example/common/event"
	"nms.example/common/fault"
	"nms.example/inbox/internal/dwhdb"
	"nms.example/inbox/internal/trace"
	"nms.example/inbox/internal/tracebody"
)

var (
	// ErrConflict says that the guid belongs to a trace with other content.
	ErrConflict = fault.At(fault.Field("guid"), fault.CodeGUIDTaken, "the guid belongs to a trace with other content")
	// ErrWithdrawn says that the guid belongs to a trace that was withdrawn.
	ErrWithdrawn = fault.At(fault.Field("guid"), trace.CodeWithdrawn, "the guid belongs to a trace that was withdrawn")
)

// Committer is the Store on the database dwh.
type Committer struct {
	writer *change.Writer[db.DWH]

	mu   sync.Mutex
	days map[time.Time]struct{} // beginnings of the UTC days whose partition has been seen
}

// NewCommitter makes a Store that commits through w.
func NewCommitter(w *change.Writer[db.DWH]) *Committer {
	return &Committer{writer: w, days: map[time.Time]struct{}{}}
}

// Commit implements Store.
func (c *Committer) Commit(ctx context.Context, items []*Item) ([]Outcome, []error, error) {
	if err := c.ensurePartitions(ctx, items, false); err != nil {
		return nil, nil, err
	}
	outcomes, errs, err := c.store(ctx, items)
	if db.IsMissingPartition(err) {
		// Retention dropped a partition that had been seen.
		if err := c.ensurePartitions(ctx, items, true); err != nil {
			return nil, nil, err
		}
		outcomes, errs, err = c.store(ctx, items)
	}
	if err != nil {
		return nil, nil, db.MapError(err, nil)
	}
	return outcomes, errs, nil
}

// owners returns the items that introduce a guid, sorted by it, and for each guid the item that does. A
// batch may hold a guid more than once; the first one stands for it.
func owners(items []*Item) (sorted []*Item, byGUID map[uuid.UUID]*Item) {
	sorted, byGUID = make([]*Item, 0, len(items)), make(map[uuid.UUID]*Item, len(items))
	for _, item := range items {
		if byGUID[item.Trace.GUID] == nil {
			byGUID[item.Trace.GUID] = item
			sorted = append(sorted, item)
		}
	}
	slices.SortFunc(sorted, func(a, b *Item) int { return bytes.Compare(a.Trace.GUID[:], b.Trace.GUID[:]) })
	return sorted, byGUID
}

func (c *Committer) store(ctx context.Context, items []*Item) (outcomes []Outcome, errs []error, err error) {
	sorted, owner := owners(items)
	err = c.writer.Do(ctx, func(ctx context.Context, tx db.Tx[db.DWH], changes *change.Changes) error {
		queries := dwhdb.New(tx)
		claimed, err := claim(ctx, queries, sorted)
		if err != nil {
			return err
		}
		if err := insert(ctx, queries, sorted, claimed, changes); err != nil {
			return err
		}
		stored, withdrawn, err := unclaimed(ctx, queries, sorted, claimed)
		if err != nil {
			return err
		}
		outcomes, errs = judge(items, owner, claimed, stored, withdrawn)
		return nil
	})
	return outcomes, errs, err
}

// claim takes the guids that are still free, for good once this transaction commits. Of a guid that
// another transaction is just taking it waits for the end. Signals that wait for these traces are listed with them from then on.
func claim(ctx context.Context, queries *dwhdb.Queries, sorted []*Item) (map[uuid.UUID]bool, error) {
	params := dwhdb.TraceKeyClaimParams{
		Guids: make([]uuid.UUID, len(sorted)), MeasuredAt: make([]time.Time, len(sorted)),
	}
	for i, item := range sorted {
		params.Guids[i], params.MeasuredAt[i] = item.Trace.GUID, item.Trace.Time
	}
	free, err := queries.TraceKeyClaim(ctx, params)
	if err != nil {
		return nil, fmt.Errorf("claim guids: %w", err)
	}
	claimed := make(map[uuid.UUID]bool, len(free))
	for _, guid := range free {
		claimed[guid] = true
	}
	return claimed, nil
}

// insert stores the claimed traces and their events.
func insert(ctx context.Context, queries *dwhdb.Queries, sorted []*Item, claimed map[uuid.UUID]bool, changes *change.Changes) error {
	if len(claimed) == 0 {
		return nil
	}
	rows := make([]dwhdb.TraceInsertParams, 0, len(claimed))
	events := make([]event.Event, 0, len(claimed))
	for _, item := range sorted {
		t := &item.Trace
		if !claimed[t.GUID] {
			continue
		}
		rows = append(rows, rowOf(t))
		events = append(events, item.Event)
	}
	if _, err := queries.TraceInsert(ctx, rows); err != nil {
		return fmt.Errorf("copy traces: %w", err)
	}
	changes.RecordUnordered(events) // no other one comes before a trace's is published, see Withdrawals
	return nil
}

// unclaimed reads the traces whose guids were taken before, and which of them were withdrawn.
func unclaimed(ctx context.Context, queries *dwhdb.Queries, sorted []*Item, claimed map[uuid.UUID]bool) (
	stored map[uuid.UUID]*tracebody.Trace, withdrawn []uuid.UUID, err error,
) {
	if len(claimed) == len(sorted) {
		return nil, nil, nil
	}
	guids := make([]uuid.UUID, 0, len(sorted)-len(claimed))
	for _, item := range sorted {
		if !claimed[item.Trace.GUID] {
			guids = append(guids, item.Trace.GUID)
		}
	}
	rows, err := queries.TraceList(ctx, guids)
	if err != nil {
		return nil, nil, fmt.Errorf("read known traces: %w", err)
	}
	stored = make(map[uuid.UUID]*tracebody.Trace, len(rows))
	for i := range rows {
		stored[rows[i].Guid] = &trace.Of(&rows[i]).Trace
	}
	if len(rows) < len(guids) {
		if withdrawn, err = queries.TraceKeyWithdrawn(ctx, guids); err != nil {
			return nil, nil, fmt.Errorf("look for withdrawn traces: %w", err)
		}
	}
	return stored, withdrawn, nil
}

// judge sets each item's outcome: new, or like or unlike the trace that has its guid.
func judge(items []*Item, owner map[uuid.UUID]*Item, claimed map[uuid.UUID]bool, stored map[uuid.UUID]*tracebody.Trace,
	withdrawn []uuid.UUID,
) ([]Outcome, []error) {
	outcomes, errs := make([]Outcome, len(items)), make([]error, len(items))
	for i, item := range items {
		guid := item.Trace.GUID
		present := stored[guid]
		if claimed[guid] {
			if owner[guid] == item {
				outcomes[i] = Created
				continue
			}
			present = &owner[guid].Trace
		}
		if slices.Contains(withdrawn, guid) {
			errs[i] = ErrWithdrawn
			continue
		}
		// A key whose trace is gone waits for retention to remove it; there is nothing to compare with.
		if present == nil || !item.Trace.Same(present) {
			errs[i] = ErrConflict
			continue
		}
		outcomes[i] = Known
	}
	return outcomes, errs
}

func rowOf(t *tracebody.Trace) dwhdb.TraceInsertParams {
	row := dwhdb.TraceInsertParams{
		MeasuredAt: t.Time, Guid: t.GUID, StartFreqHz: t.StartHz, StopFreqHz: t.StopHz, StepFreqHz: t.StepHz,
		NoiseDbm: t.NoiseDBm, Lat: t.Lat, Lng: t.Lng, AltM: t.AltM, Power: t.Power, Source: t.Source, EquipmentID: t.EquipmentID,
		RbwHz: t.RBWHz, EnbwHz: t.ENBWHz, Unit: t.Unit, Detector: t.Detector, TraceMode: t.TraceMode, SweepTimeS: t.SweepTimeS,
		AttenuationDb: t.AttenuationDB, GainDb: t.GainDB, Antenna: t.Antenna, AzimuthDeg: t.AzimuthDeg, Overload: t.Overload,
	}
	if len(t.Meta) > 0 { // an empty one would be no JSON
		row.Meta = t.Meta
	}
	return row
}

// ensurePartitions makes the partitions that the items need and that have not been seen; again makes it
// forget what it has seen.
func (c *Committer) ensurePartitions(ctx context.Context, items []*Item, again bool) error {
	c.mu.Lock()
	if again {
		clear(c.days)
	}
	missing := map[time.Time]struct{}{}
	for _, item := range items {
		begins := item.Trace.Time.Truncate(day)
		if _, seen := c.days[begins]; !seen {
			missing[begins] = struct{}{}
		}
	}
	c.mu.Unlock()
	for begins := range missing {
		if _, err := dwhdb.New(c.writer.Pool()).PartitionEnsure(ctx, begins); err != nil {
			return db.MapError(fmt.Errorf("make a partition: %w", err), nil)
		}
		c.mu.Lock()
		c.days[begins] = struct{}{}
		c.mu.Unlock()
	}
	return nil
}

const day = 24 * time.Hour
