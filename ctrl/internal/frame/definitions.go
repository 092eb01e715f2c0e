package frame

import (
	"context"
	"encoding/binary"
	"sync"

	"nms.example/common/db"

	"nms.example/ctrl/internal/dwhdb"
)

// maxDefinitions bounds the sets of parameters that frames are kept by. Beyond, a new set is stored as frames of one value each: a sender
// whose frames are never twice of the same parameters must not fill the table of definitions.
const maxDefinitions = 10_000

// definitions knows the numbers of sets of parameters. They are never changed or removed.
type definitions struct {
	pool *db.Pool[db.DWH]

	mu    sync.RWMutex
	ids   map[string]int32 // by the set's parameters
	known int64            // how many the database has, as far as is known
	last  int32
}

func newDefinitions(pool *db.Pool[db.DWH]) *definitions {
	return &definitions{pool: pool, ids: map[string]int32{}}
}

// keyOf appends the key of a set.
func keyOf(dst []byte, values []Value) []byte {
	for i := range values {
		dst = binary.BigEndian.AppendUint64(dst, uint64(values[i].Parameter))
	}
	return dst
}

// of returns the number of the values' set; ok is false when there are too many sets already.
func (d *definitions) of(ctx context.Context, values []Value, buffer *[]byte) (id int32, ok bool, err error) {
	*buffer = keyOf((*buffer)[:0], values)
	d.mu.RLock()
	id, ok = d.ids[string(*buffer)]
	d.mu.RUnlock()
	if ok {
		return id, true, nil
	}
	params := make([]int64, len(values))
	for i := range values {
		params[i] = values[i].Parameter
	}
	return d.learn(ctx, string(*buffer), params)
}

// learn reads what other instances have added, and adds the set.
func (d *definitions) learn(ctx context.Context, key string, params []int64) (int32, bool, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.known >= maxDefinitions && len(params) > 1 {
		return 0, false, nil
	}
	q := dwhdb.New(d.pool)
	if err := d.read(ctx, q); err != nil {
		return 0, false, err
	}
	if id, ok := d.ids[key]; ok {
		return id, true, nil
	}
	if err := q.FrameDefInsert(ctx, params); err != nil {
		return 0, false, db.MapError(err, nil)
	}
	id, err := q.FrameDefFind(ctx, params)
	if err != nil {
		return 0, false, db.MapError(err, nil)
	}
	d.ids[key] = id
	d.known++
	return id, true, nil
}

func (d *definitions) read(ctx context.Context, q *dwhdb.Queries) error {
	rows, err := q.FrameDefList(ctx, d.last)
	if err != nil {
		return db.MapError(err, nil)
	}
	for _, row := range rows {
		values := make([]Value, len(row.Params))
		for i, p := range row.Params {
			values[i].Parameter = p
		}
		key := string(keyOf(nil, values))
		if _, seen := d.ids[key]; !seen {
			d.ids[key] = row.ID
			d.known++
		}
		d.last = row.ID
	}
	return nil
}
