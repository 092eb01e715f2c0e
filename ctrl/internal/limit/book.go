package limit

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"

	"nms.example/common/db"
	"nms.example/common/retry"

	"nms.example/ctrl/internal/frame"
	"nms.example/ctrl/internal/nmsdb"
	"nms.example/ctrl/internal/threshold"
)

const (
	// look is how often it is looked whether limits have changed.
	look = 500 * time.Millisecond
	// recent is how long ago that was at most, unless the database is away or the process stood still.
	recent = 2 * look
)

// Entry is a limit with its rule.
type Entry struct {
	Limit
	Rule    threshold.Rule
	StaleAs threshold.Severity // of the alarm when no values come
}

// place is a parameter of a piece of equipment.
type place struct{ equipment, parameter int64 }

// Snapshot is all limits as they were at one moment.
type Snapshot struct {
	version   nmsdb.LimitVersionRow
	byID      map[int64]*Entry
	general   map[int64][]*Entry // by parameter
	own       map[place][]*Entry
	equipment map[int64][]*Entry // those of a piece of equipment alone
}

// Of returns the limits that hold for a parameter of a piece of equipment: its own, or, when it has none, the general ones.
func (s *Snapshot) Of(equipment, parameter int64) []*Entry {
	if own := s.own[place{equipment, parameter}]; own != nil {
		return own
	}
	return s.general[parameter]
}

// Entry returns a limit by its id, nil when there is none.
func (s *Snapshot) Entry(id int64) *Entry { return s.byID[id] }

// Own returns the limits of a piece of equipment alone.
func (s *Snapshot) Own(equipment int64) []*Entry { return s.equipment[equipment] }

// Equipment lists the equipment that has limits of its own.
func (s *Snapshot) Equipment() (ids []int64) {
	for id := range s.equipment {
		ids = append(ids, id)
	}
	return ids
}

// Watches reports whether a limit may hold for a parameter of a piece of equipment.
func (s *Snapshot) Watches(equipment, parameter int64) bool {
	if len(s.general[parameter]) > 0 {
		return true
	}
	return s.equipment[equipment] != nil && s.own[place{equipment, parameter}] != nil
}

// Book holds all limits in memory.
type Book struct {
	pool *db.Pool[db.NMS]
	log  *slog.Logger

	mu      sync.Mutex // whoever reads holds it
	current atomic.Pointer[Snapshot]
	checked atomic.Int64 // when current was known to be what the database has, in nanoseconds since 1970
}

// NewBook makes one. Run must be running for it to be up to date.
func NewBook(pool *db.Pool[db.NMS], log *slog.Logger) *Book { return &Book{pool: pool, log: log} }

// Run brings it up to date until ctx ends.
func (b *Book) Run(ctx context.Context) error {
	for {
		b.catchUp(ctx)
		if !retry.Sleep(ctx, look) {
			return nil
		}
	}
}

func (b *Book) catchUp(ctx context.Context) {
	if err := b.refresh(ctx); err != nil && ctx.Err() == nil {
		b.log.WarnContext(ctx, "the limits cannot be read; those that are known hold", "error", err)
	}
}

// Known returns the limits as they were half a second ago at most, older only while the database cannot be read; nil when they were never read.
func (b *Book) Known() *Snapshot { return b.current.Load() }

// isRecent reports whether the limits were looked at lately.
func (b *Book) isRecent() bool { return time.Now().UnixNano()-b.checked.Load() < int64(recent) }

// Recent returns the limits as they were a second ago at most.
func (b *Book) Recent(ctx context.Context) (*Snapshot, error) {
	if s := b.Known(); s != nil && b.isRecent() {
		return s, nil
	}
	return b.Present(ctx)
}

// Watches reports whether a limit may hold for one of the values of a piece of equipment. As long as it is not known which limits there are now, one may.
func (b *Book) Watches(equipment int64, values []frame.Value) bool {
	s := b.Known()
	if s == nil || !b.isRecent() {
		return true
	}
	for i := range values {
		if s.Watches(equipment, values[i].Parameter) {
			return true
		}
	}
	return false
}

// Present returns the limits as they are now.
func (b *Book) Present(ctx context.Context) (*Snapshot, error) {
	if err := b.refresh(ctx); err != nil {
		return nil, err
	}
	return b.current.Load(), nil
}

func (b *Book) refresh(ctx context.Context) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	begun := time.Now()
	version, err := nmsdb.New(b.pool).LimitVersion(ctx)
	if err != nil {
		return db.MapError(err, nil)
	}
	if s := b.current.Load(); s != nil && s.version == version {
		b.checked.Store(begun.UnixNano())
		return nil
	}
	var rows []nmsdb.TelemetryLimit
	err = b.pool.InTx(ctx, db.TxOptions{ReadOnly: true, Isolation: pgx.RepeatableRead}, func(ctx context.Context, tx db.Tx[db.NMS]) (err error) {
		q := nmsdb.New(tx)
		if version, err = q.LimitVersion(ctx); err == nil {
			rows, err = q.LimitAll(ctx)
		}
		return err
	})
	if err != nil {
		return db.MapError(err, nil)
	}
	s := &Snapshot{version: version, byID: map[int64]*Entry{}, general: map[int64][]*Entry{}, own: map[place][]*Entry{}, equipment: map[int64][]*Entry{}}
	for i := range rows {
		l, err := Of(&rows[i])
		if err != nil {
			return err
		}
		s.add(EntryOf(l))
	}
	b.current.Store(s)
	b.checked.Store(begun.UnixNano())
	return nil
}

// EntryOf returns a limit with its rule.
func EntryOf(l Limit) *Entry {
	e := &Entry{Limit: l, Rule: l.Rule()}
	e.StaleAs, _ = threshold.SeverityOf(l.StaleSeverity)
	return e
}

func (s *Snapshot) add(e *Entry) {
	s.byID[e.ID] = e
	if e.EquipmentID == nil {
		s.general[e.TelemetryID] = append(s.general[e.TelemetryID], e)
		return
	}
	key := place{*e.EquipmentID, e.TelemetryID}
	s.own[key] = append(s.own[key], e)
	s.equipment[*e.EquipmentID] = append(s.equipment[*e.EquipmentID], e)
}
