package equipment_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"nms.example/common/cache"
	"nms.example/common/change"
	"nms.example/common/db"
	"nms.example/common/pgtest"

	"nms.example/cfg/internal/app"
	"nms.example/cfg/internal/catalogue"
	"nms.example/cfg/internal/equipment"
)

// bundle is the equipment tree on an empty database of its own.
type bundle struct {
	pool      *db.Pool[db.NMS]
	equipment *equipment.Catalogue
}

// setup makes them. Nothing is cached: the store is not running.
func setup(t *testing.T) *bundle {
	t.Helper()
	pool := pgtest.New[db.NMS](t)
	store := cache.NewStore(pool, nil, cache.StoreOptions{})
	w := change.NewWriter(pool, app.Events, change.Options[db.NMS]{Cache: func() change.Invalidation { return store.Change() }})
	return &bundle{pool: pool, equipment: equipment.New(w)}
}

// node makes a piece of equipment below parent (0: a root) and returns its id.
func (c *bundle) node(t *testing.T, name string, parent int64) int64 {
	t.Helper()
	d := equipment.Input{Name: name, NameFull: name}
	if parent != 0 {
		d.ParentID = &parent
	}
	item, err := c.equipment.Create(t.Context(), d)
	require.NoError(t, err)
	return item.ID
}

// move is the edit that puts equipment below parent, 0 for the roots.
func move(parent int64) catalogue.Edit[equipment.Input] {
	return catalogue.Edit[equipment.Input]{Moves: true, Apply: func(d *equipment.Input) {
		d.ParentID = nil
		if parent != 0 {
			d.ParentID = &parent
		}
	}}
}

// rename is the edit that gives equipment another name.
func rename(name string) catalogue.Edit[equipment.Input] {
	return catalogue.Edit[equipment.Input]{Apply: func(d *equipment.Input) { d.Name = name }}
}

// untrueSQL finds what must never be: paths that are not their parent's, live rows below archived ones,
// nodes that cannot be reached from a root.
const untrueSQL = `
WITH RECURSIVE way AS (
    SELECT id, '0'::ltree AS path FROM %[1]s WHERE parent_id IS NULL
    UNION ALL
    SELECT e.id, w.path || w.id::text FROM %[1]s e JOIN way w ON e.parent_id = w.id
)
SELECT count(*) FROM %[1]s e LEFT JOIN way w USING (id) LEFT JOIN %[1]s p ON p.id = e.parent_id
WHERE w.id IS NULL OR w.path <> e.parent_path OR (e.archived_at IS NULL AND p.archived_at IS NOT NULL)`

// requireTrue checks the trees' truth in the database.
func (c *bundle) requireTrue(t *testing.T) {
	t.Helper()
	for _, table := range []string{"equipment", "command_toc"} {
		var untrue int
		require.NoError(t, c.pool.QueryRow(t.Context(), fmt.Sprintf(untrueSQL, table)).Scan(&untrue))
		require.Zero(t, untrue, "rows of %s whose path or place is not true", table)
	}
}
