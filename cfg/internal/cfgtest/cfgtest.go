// Package cfgtest gives tests the catalogues on a database of their own. It is imported only from tests.
package cfgtest

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"nms.example/common/cache"
	"nms.example/common/db"
	"nms.example/common/pgtest"

	"nms.example/cfg/internal/catalogue"
	"nms.example/cfg/internal/command"
	"nms.example/cfg/internal/equipment"
	"nms.example/cfg/internal/telemetry"
	"nms.example/cfg/internal/toc"
)

// Catalogues are the four on one empty database.
type Catalogues struct {
	Pool      *db.Pool[db.NMS]
	Writer    *catalogue.Writer
	Equipment *equipment.Catalogue
	Sections  *toc.Catalogue
	Commands  *command.Catalogue
	Telemetry *telemetry.Catalogue
}

// New makes them. Nothing is cached: the store is not running.
func New(t testing.TB) *Catalogues {
	t.Helper()
	pool := pgtest.New[db.NMS](t)
	w := catalogue.NewWriter(pool, cache.NewStore(pool, nil, cache.StoreOptions{}))
	return &Catalogues{
		Pool: pool, Writer: w, Equipment: equipment.New(w), Sections: toc.New(w),
		Commands: command.New(w), Telemetry: telemetry.New(w),
	}
}

// Node makes a piece of equipment below parent (0: a root) and gives its id.
func (c *Catalogues) Node(t testing.TB, name string, parent int64) int64 {
	t.Helper()
	d := equipment.Draft{Name: name, NameFull: name}
	if parent != 0 {
		d.ParentID = &parent
	}
	item, err := c.Equipment.Create(t.Context(), d)
	require.NoError(t, err)
	return item.ID
}

// Section makes a section below parent (0: a root) and gives its id.
func (c *Catalogues) Section(t testing.TB, name string, parent int64) int64 {
	t.Helper()
	d := toc.Draft{Name: name}
	if parent != 0 {
		d.ParentID = &parent
	}
	item, err := c.Sections.Create(t.Context(), d)
	require.NoError(t, err)
	return item.ID
}

// Command makes a command and gives its id; undo 0 is none.
func (c *Catalogues) Command(t testing.TB, name string, equipmentID, section, undo int64) int64 {
	t.Helper()
	d := command.Draft{EquipmentID: equipmentID, TocID: section, Name: name, NameFull: name, Description: name}
	if undo != 0 {
		d.UndoCmdID = &undo
	}
	item, err := c.Commands.Create(t.Context(), d)
	require.NoError(t, err)
	return item.ID
}

// Move is the edit that puts equipment below parent, 0 for the roots.
func Move(parent int64) catalogue.Edit[equipment.Draft] {
	return catalogue.Edit[equipment.Draft]{Moves: true, Apply: func(d *equipment.Draft) {
		d.ParentID = nil
		if parent != 0 {
			d.ParentID = &parent
		}
	}}
}

// Rename is the edit that gives equipment another name.
func Rename(name string) catalogue.Edit[equipment.Draft] {
	return catalogue.Edit[equipment.Draft]{Apply: func(d *equipment.Draft) { d.Name = name }}
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

// RequireTrue checks the trees' truth in the database.
func (c *Catalogues) RequireTrue(t testing.TB) {
	t.Helper()
	for _, table := range []string{"equipment", "command_toc"} {
		var untrue int
		require.NoError(t, c.Pool.QueryRow(t.Context(), fmt.Sprintf(untrueSQL, table)).Scan(&untrue))
		require.Zero(t, untrue, "rows of %s whose path or place is not true", table)
	}
}
