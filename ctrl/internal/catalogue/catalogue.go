// Package catalogue holds what cfg keeps of telemetry parameters and equipment in memory, for values that come by the
// thousand.
package catalogue

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"

	"nms.example/common/db"
	"nms.example/common/name"
	"nms.example/common/retry"

	"nms.example/ctrl/internal/nmsdb"
)

const (
	// stale is how old a snapshot may get before it is looked at whether the catalogues have changed.
	stale = time.Second
	// spacing is between two readings that were asked for because something was not found.
	spacing = 200 * time.Millisecond
)

// Catalogue reads the catalogues of the database nms.
type Catalogue struct {
	pool *db.Pool[db.NMS]
	log  *slog.Logger

	current atomic.Pointer[Snapshot]
	checked atomic.Int64 // when the version was looked at last, in nanoseconds since 1970
	mu      sync.Mutex   // whoever reads holds it
}

// New makes a catalogue.
func New(pool *db.Pool[db.NMS], log *slog.Logger) *Catalogue { return &Catalogue{pool: pool, log: log} }

// Snapshot is the catalogues as they were at one moment.
type Snapshot struct {
	version   int64
	begun     time.Time
	byName    map[string]*Parameter // by their folded names
	byID      map[int64]*Parameter
	equipment map[int64]struct{}
}

// Named returns the live parameter of a name in any letter case, nil when there is none.
func (s *Snapshot) Named(text string) *Parameter {
	if p := s.byName[text]; p != nil && p.Name == text {
		return p
	}
	return s.byName[name.Fold(text)]
}

// Parameter returns a live parameter, nil when there is none.
func (s *Snapshot) Parameter(id int64) *Parameter { return s.byID[id] }

// HasEquipment reports whether a piece of equipment is live.
func (s *Snapshot) HasEquipment(id int64) bool {
	_, ok := s.equipment[id]
	return ok
}

// Present returns the catalogues as they were a second ago at most; older only while the database cannot be read.
func (c *Catalogue) Present(ctx context.Context) (*Snapshot, error) {
	s := c.current.Load()
	if s == nil {
		return c.Fresh(ctx)
	}
	if time.Now().UnixNano()-c.checked.Load() < int64(stale) || !c.mu.TryLock() {
		return s, nil
	}
	defer c.mu.Unlock()
	begun := time.Now()
	version, err := nmsdb.New(c.pool).CatalogueVersion(ctx)
	if err == nil && version != s.version {
		s, err = c.read(ctx)
	}
	if err != nil {
		if ctx.Err() == nil {
			c.log.WarnContext(ctx, "the catalogues cannot be read; values are taken by what is known of them", "error", err)
		}
		return c.current.Load(), nil
	}
	c.checked.Store(begun.UnixNano())
	return s, nil
}

// Fresh returns the catalogues as they are now, for somebody who has not found what he was told to be there.
func (c *Catalogue) Fresh(ctx context.Context) (*Snapshot, error) {
	asked := time.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.current.Load()
	if s == nil {
		return c.read(ctx)
	}
	if c.checked.Load() > asked.UnixNano() {
		return s, nil // somebody has looked meanwhile
	}
	begun := time.Now()
	version, err := nmsdb.New(c.pool).CatalogueVersion(ctx)
	if err != nil {
		return nil, db.MapError(err, nil)
	}
	if version == s.version {
		c.checked.Store(begun.UnixNano())
		return s, nil
	}
	if wait := spacing - time.Since(s.begun); wait > 0 && !retry.Sleep(ctx, wait) {
		return nil, context.Cause(ctx)
	}
	return c.read(ctx)
}

// read reads everything. The caller holds mu.
func (c *Catalogue) read(ctx context.Context) (*Snapshot, error) {
	s := &Snapshot{begun: time.Now(), byName: map[string]*Parameter{}, byID: map[int64]*Parameter{}, equipment: map[int64]struct{}{}}
	before := c.current.Load()
	err := c.pool.InTx(ctx, db.TxOptions{ReadOnly: true, Isolation: pgx.RepeatableRead}, func(ctx context.Context, tx db.Tx[db.NMS]) error {
		q := nmsdb.New(tx)
		var err error
		if s.version, err = q.CatalogueVersion(ctx); err != nil {
			return err
		}
		rows, err := q.ParameterList(ctx)
		if err != nil {
			return err
		}
		for _, row := range rows {
			var p *Parameter
			if before != nil {
				p = before.byID[row.ID]
			}
			if p == nil || p.version != row.Version || p.Name != row.Name {
				p = newParameter(row)
			}
			s.byID[p.ID], s.byName[name.Fold(p.Name)] = p, p
		}
		live, err := q.EquipmentListLive(ctx)
		if err != nil {
			return err
		}
		for _, id := range live {
			s.equipment[id] = struct{}{}
		}
		return nil
	})
	if err != nil {
		return nil, db.MapError(err, nil)
	}
	c.current.Store(s)
	c.checked.Store(s.begun.UnixNano())
	return s, nil
}
