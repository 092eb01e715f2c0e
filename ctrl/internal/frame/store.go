package frame

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"sync"
	"time"

	"nms.example/common/db"

	"nms.example/ctrl/internal/dwhdb"
)

// Bucket is the width of the shortest rollup.
const Bucket = 5 * time.Minute

const day = 24 * time.Hour

// row is a frame as it is stored: all its values are of one definition.
type row struct {
	of         int // the frame among those of its caller
	equipment  int64
	definition int32
	at         time.Time
	values     []Value
	fresh      bool // it was not there before
}

type rowKey struct {
	equipment  int64
	definition int32
	at         int64 // microseconds since 1970
}

func (r *row) key() rowKey { return rowKey{r.equipment, r.definition, r.at.UnixMicro()} }

// store writes frames into the database dwh.
type store struct {
	pool *db.Pool[db.DWH]

	mu   sync.Mutex
	days map[time.Time]struct{} // beginnings of the UTC days whose partition has been seen
}

func newStore(pool *db.Pool[db.DWH]) *store {
	return &store{pool: pool, days: map[time.Time]struct{}{}}
}

// commit stores the rows that are not there yet in one transaction, and marks those in fresh.
func (s *store) commit(ctx context.Context, rows []*row) error {
	// Everybody stores in this order, so that two transactions never wait for each other in a circle.
	slices.SortFunc(rows, func(a, b *row) int {
		return cmp.Or(cmp.Compare(a.equipment, b.equipment), cmp.Compare(a.definition, b.definition), a.at.Compare(b.at))
	})
	if err := s.ensurePartitions(ctx, rows, false); err != nil {
		return err
	}
	err := s.write(ctx, rows)
	if db.IsMissingPartition(err) { // retention dropped one that had been seen
		if err := s.ensurePartitions(ctx, rows, true); err != nil {
			return err
		}
		err = s.write(ctx, rows)
	}
	return db.MapError(err, nil)
}

func (s *store) write(ctx context.Context, rows []*row) error {
	return s.pool.InTx(ctx, db.TxOptions{}, func(ctx context.Context, tx db.Tx[db.DWH]) error {
		q := dwhdb.New(tx)
		stored, err := q.FrameInsert(ctx, columns(rows))
		if err != nil {
			return fmt.Errorf("store frames: %w", err)
		}
		fresh := markFresh(rows, stored)
		if len(fresh) == 0 {
			return nil
		}
		if err := q.LatestPut(ctx, dwhdb.LatestPutParams(columns(newest(fresh)))); err != nil {
			return fmt.Errorf("store the latest values: %w", err)
		}
		if texts := textsOf(fresh); len(texts.Vals) > 0 {
			if err := q.TextPut(ctx, texts); err != nil {
				return fmt.Errorf("store texts: %w", err)
			}
		}
		if err := q.FrameMark(ctx, marks(fresh)); err != nil {
			return fmt.Errorf("mark rollups: %w", err)
		}
		return nil
	})
}

// columns returns rows as the generated queries take them.
func columns(rows []*row) dwhdb.FrameInsertParams {
	total := 0
	for _, r := range rows {
		total += len(r.values)
	}
	n := len(rows)
	c := dwhdb.FrameInsertParams{
		Vals: make([]float64, 0, total), Equipments: make([]int64, n), Ats: make([]time.Time, n), Frames: make([]int32, n),
		Lows: make([]int32, n), Highs: make([]int32, n), Qualities: make([][]byte, n),
	}
	for i, r := range rows {
		c.Equipments[i], c.Ats[i], c.Frames[i] = r.equipment, r.at, r.definition
		c.Lows[i] = int32(len(c.Vals) + 1)
		for j := range r.values {
			c.Vals = append(c.Vals, r.values[j].Number)
		}
		c.Highs[i] = int32(len(c.Vals))
		c.Qualities[i] = qualities(r.values)
	}
	return c
}

// qualities returns the column quality, nil when all values are good numbers.
func qualities(values []Value) []byte {
	for i := range values {
		if values[i].mark() == 0 {
			continue
		}
		all := make([]byte, len(values))
		for j := range values {
			all[j] = values[j].mark()
		}
		return all
	}
	return nil
}

// markFresh marks the rows that were stored, and returns them in their order.
func markFresh(rows []*row, stored []dwhdb.FrameInsertRow) []*row {
	if len(stored) == len(rows) {
		for _, r := range rows {
			r.fresh = true
		}
		return rows
	}
	keys := make(map[rowKey]struct{}, len(stored))
	for _, k := range stored {
		keys[rowKey{k.Equipment, k.Frame, k.At.UnixMicro()}] = struct{}{}
	}
	fresh := make([]*row, 0, len(stored))
	for _, r := range rows {
		_, r.fresh = keys[r.key()]
		if r.fresh {
			delete(keys, r.key()) // the same frame twice in a batch is stored once
			fresh = append(fresh, r)
		}
	}
	return fresh
}

// newest returns, of rows in their order, the last one of each piece of equipment and definition.
func newest(rows []*row) []*row {
	last := make([]*row, 0, len(rows))
	for i, r := range rows {
		if i+1 == len(rows) || rows[i+1].equipment != r.equipment || rows[i+1].definition != r.definition {
			last = append(last, r)
		}
	}
	return last
}

func textsOf(rows []*row) (p dwhdb.TextPutParams) {
	for _, r := range rows {
		for i := range r.values {
			if v := &r.values[i]; v.Exact != nil {
				p.Equipments, p.Params, p.Ats = append(p.Equipments, r.equipment), append(p.Params, v.Parameter), append(p.Ats, r.at)
				p.Vals = append(p.Vals, v.Exact)
			}
		}
	}
	return p
}

// marks returns the marks of the buckets that rows belong to.
func marks(rows []*row) dwhdb.FrameMarkParams {
	byBucket := map[time.Time][]*row{}
	for _, r := range rows {
		bucket := r.at.Truncate(Bucket)
		in := byBucket[bucket]
		if n := len(in); n == 0 || in[n-1].equipment != r.equipment || in[n-1].definition != r.definition {
			byBucket[bucket] = append(in, r)
		}
	}
	p := dwhdb.FrameMarkParams{WidthS: int32(Bucket / time.Second)}
	for bucket, in := range byBucket {
		p.Buckets, p.Lows = append(p.Buckets, bucket), append(p.Lows, int32(len(p.Equipments)+1))
		for _, r := range in {
			p.Equipments, p.Frames = append(p.Equipments, r.equipment), append(p.Frames, r.definition)
		}
		p.Highs = append(p.Highs, int32(len(p.Equipments)))
	}
	return p
}

// ensurePartitions makes the partitions that the rows need and that have not been seen; again makes it forget what it has seen.
func (s *store) ensurePartitions(ctx context.Context, rows []*row, again bool) error {
	s.mu.Lock()
	if again {
		clear(s.days)
	}
	missing := map[time.Time]struct{}{}
	for _, r := range rows {
		begins := r.at.UTC().Truncate(day)
		if _, seen := s.days[begins]; !seen {
			missing[begins] = struct{}{}
		}
	}
	s.mu.Unlock()
	for begins := range missing {
		if _, err := dwhdb.New(s.pool).FramePartitionEnsure(ctx, dwhdb.FramePartitionEnsureParams{Parent: "frame", Moment: begins}); err != nil {
			return db.MapError(fmt.Errorf("make a partition: %w", err), nil)
		}
		s.mu.Lock()
		s.days[begins] = struct{}{}
		s.mu.Unlock()
	}
	return nil
}

// numberJSON writes a number as JSON; nil when it is none.
func numberJSON(n float64) json.RawMessage {
	if math.IsNaN(n) || math.IsInf(n, 0) {
		return nil
	}
	raw, err := json.Marshal(n)
	if err != nil {
		return nil
	}
	return raw
}
