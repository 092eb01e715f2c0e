package equipment_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/require"

	"nms.example/common/fault"

	"nms.example/cfg/internal/catalogue"
	"nms.example/cfg/internal/equipment"
	"nms.example/cfg/internal/tree"
)

func TestPathsFollowEveryMoveAndRename(t *testing.T) {
	t.Parallel()
	c := setup(t)
	a, b := c.node(t, "A", 0), c.node(t, "B", 0)
	a1 := c.node(t, "A1", a)
	a2 := c.node(t, "A2", a1)
	a3 := c.node(t, "A3", a2)

	moved, err := c.equipment.Update(t.Context(), a1, nil, move(b))
	require.NoError(t, err)
	require.Equal(t, fmt.Sprintf("0.%d", b), moved.ParentPath)
	deep, err := c.equipment.Get(t.Context(), a3)
	require.NoError(t, err)
	require.Equal(t, fmt.Sprintf("0.%d.%d.%d", b, a1, a2), deep.ParentPath)
	require.Equal(t, "/B/A1/A2", deep.ParentPathName)

	_, err = c.equipment.Update(t.Context(), b, nil, rename("Бета"))
	require.NoError(t, err)
	deep, err = c.equipment.Get(t.Context(), a3)
	require.NoError(t, err)
	require.Equal(t, "/Бета/A1/A2", deep.ParentPathName)

	root, err := c.equipment.Update(t.Context(), a1, nil, move(0))
	require.NoError(t, err)
	require.Equal(t, "0", root.ParentPath)
	require.Equal(t, "/", root.ParentPathName)
	c.requireTrue(t)
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	c := setup(t)
	a := c.node(t, "A", 0)
	b := c.node(t, "B", a)
	d := c.node(t, "D", b)
	gone := c.node(t, "Gone", 0)
	require.NoError(t, c.equipment.Archive(t.Context(), gone, nil))
	create := func(name string, parent *int64) error {
		_, err := c.equipment.Create(t.Context(), equipment.Input{ParentID: parent, Name: name, NameFull: "x"})
		return err
	}
	unknown := int64(1 << 40)

	_, err := c.equipment.Update(t.Context(), a, nil, move(d))
	require.ErrorIs(t, err, equipment.ErrCycle)
	_, err = c.equipment.Update(t.Context(), a, nil, move(a))
	require.ErrorIs(t, err, equipment.ErrCycle)
	_, err = c.equipment.Update(t.Context(), a, nil, move(gone))
	require.ErrorIs(t, err, equipment.ErrParent)
	require.ErrorIs(t, create("X", &gone), equipment.ErrParent)
	require.ErrorIs(t, create("X", &unknown), equipment.ErrParent)
	require.ErrorIs(t, create("b", &a), equipment.ErrNameTaken)
	require.NoError(t, create("b", &d), "under another parent")
	require.ErrorIs(t, c.equipment.Archive(t.Context(), a, nil), equipment.ErrHasNodes)
	require.ErrorIs(t, c.equipment.Archive(t.Context(), gone, nil), catalogue.ErrNotFound)
	_, err = c.equipment.Update(t.Context(), gone, nil, rename("Y"))
	require.ErrorIs(t, err, catalogue.ErrNotFound)
	_, err = c.equipment.Restore(t.Context(), a)
	require.ErrorIs(t, err, catalogue.ErrNotArchived)
	require.Equal(t, fault.Invalid, fault.KindOf(create("", nil)))
	require.Equal(t, fault.Invalid, fault.KindOf(create(strings.Repeat("ж", 51), nil)))
	require.NoError(t, create(strings.Repeat("ж", 50), nil))
	require.Equal(t, fault.Invalid, fault.KindOf(create("two\nlines", nil)))

	// What was archived leaves its name free, and is refused back while another has it.
	require.NoError(t, create("GONE", nil))
	_, err = c.equipment.Restore(t.Context(), gone)
	require.ErrorIs(t, err, equipment.ErrNameTaken)
	c.requireTrue(t)
}

func TestNamesAreOneForEveryScriptAndComposition(t *testing.T) {
	t.Parallel()
	c := setup(t)
	for one, other := range map[string]string{
		"Service1": "sERVICE1", "Приёмник": "ПРИЁМНИК", "Ёлка": "е\u0308лка", "Σίγμα": "ΣΊΓΜΑ", "straße": "STRASSE", "ΟΔΟΣ": "οδοσ",
	} {
		c.node(t, one, 0)
		_, err := c.equipment.Create(t.Context(), equipment.Input{Name: other, NameFull: "x"})
		require.ErrorIs(t, err, equipment.ErrNameTaken, "%q beside %q", other, one)
		found, err := c.equipment.List(t.Context(), tree.Filter{Name: &other})
		require.NoError(t, err)
		require.Len(t, found, 1)
		require.Equal(t, one, found[0].Name)
	}
}

func TestTheTreeIsBounded(t *testing.T) {
	t.Parallel()
	c := setup(t)
	parent := int64(0)
	for i := range 100 {
		parent = c.node(t, fmt.Sprintf("level %d", i), parent)
	}
	_, err := c.equipment.Create(t.Context(), equipment.Input{ParentID: &parent, Name: "too deep", NameFull: "x"})
	require.ErrorIs(t, err, equipment.ErrDepth)
	other := c.node(t, "other", 0)
	_, err = c.equipment.Update(t.Context(), 1, nil, move(other))
	require.ErrorIs(t, err, equipment.ErrDepth, "the deepest descendant would be too deep")
	c.requireTrue(t)
}

// Writers that go past the service are held to the same rules.
func TestTheDatabaseRefusesByItself(t *testing.T) {
	t.Parallel()
	c := setup(t)
	a := c.node(t, "A", 0)
	b := c.node(t, "B", a)
	for sql, constraint := range map[string]string{
		fmt.Sprintf("UPDATE equipment SET parent_id = %d WHERE id = %d", b, a):                                                  "equipment_cycle_check",
		fmt.Sprintf("UPDATE equipment SET parent_path = '0' WHERE id = %d", b):                                                  "equipment_parent_path_check",
		fmt.Sprintf("INSERT INTO equipment (parent_id, parent_path, name, name_full) VALUES (%d, '0', 'C', 'C')", a):            "equipment_parent_path_check",
		"INSERT INTO equipment (parent_path, name, name_full) VALUES ('0.5', 'C', 'C')":                                         "equipment_parent_path_check",
		fmt.Sprintf("UPDATE equipment SET archived_at = now() WHERE id = %d", a):                                                "equipment_live_parent_fkey",
		"INSERT INTO equipment (name, name_full) VALUES ('a', 'C')":                                                             "equipment_name_key",
		"INSERT INTO equipment (name, name_full) VALUES ('', 'C')":                                                              "equipment_name_check",
		"INSERT INTO equipment (id, name, name_full) VALUES (0, 'Z', 'C')":                                                      "equipment_id_check",
		fmt.Sprintf("UPDATE equipment SET parent_id = CASE id WHEN %d THEN %d ELSE %d END WHERE id IN (%d, %d)", a, b, a, a, b): "equipment_cycle_check",
		fmt.Sprintf("DELETE FROM equipment WHERE id = %d", a):                                                                   "equipment_parent_fkey",
	} {
		_, err := c.pool.Exec(t.Context(), sql)
		var pg *pgconn.PgError
		require.ErrorAs(t, err, &pg, sql)
		require.Equal(t, constraint, pg.ConstraintName, sql)
	}
	tag, err := c.pool.Exec(t.Context(), "INSERT INTO equipment (parent_id, name, name_full) SELECT $1, 'bulk ' || g, 'x' FROM generate_series(1, 100) g", b)
	require.NoError(t, err)
	require.Equal(t, int64(100), tag.RowsAffected())
	c.requireTrue(t)
}

// race runs the functions at the same time and returns their errors.
func race(functions ...func() error) []error {
	errs := make([]error, len(functions))
	var start, done sync.WaitGroup
	start.Add(1)
	for i, f := range functions {
		done.Go(func() {
			start.Wait()
			errs[i] = f()
		})
	}
	start.Done()
	done.Wait()
	return errs
}

const rounds = 40

func TestOppositeMovesNeverMakeACycle(t *testing.T) {
	t.Parallel()
	c := setup(t)
	for i := range rounds {
		a, b := c.node(t, fmt.Sprintf("A%d", i), 0), c.node(t, fmt.Sprintf("B%d", i), 0)
		below := c.node(t, fmt.Sprintf("C%d", i), b)
		errs := race(
			func() error { _, err := c.equipment.Update(t.Context(), a, nil, move(below)); return err },
			func() error { _, err := c.equipment.Update(t.Context(), b, nil, move(a)); return err },
		)
		require.NotEqual(t, errs[0] == nil, errs[1] == nil, "exactly one of two opposite moves succeeds: %v", errs)
		require.ErrorIs(t, errors.Join(errs...), equipment.ErrCycle)
	}
	c.requireTrue(t)
}

func TestAMoveAgainstAnArchive(t *testing.T) {
	t.Parallel()
	c := setup(t)
	for i := range rounds {
		target, node := c.node(t, fmt.Sprintf("T%d", i), 0), c.node(t, fmt.Sprintf("N%d", i), 0)
		errs := race(
			func() error { _, err := c.equipment.Update(t.Context(), node, nil, move(target)); return err },
			func() error { return c.equipment.Archive(t.Context(), target, nil) },
		)
		require.NotEqual(t, errs[0] == nil, errs[1] == nil, "a node never lands below an archived one: %v", errs)
	}
	c.requireTrue(t)
}

func TestACreateAgainstAMoveAndADeepArchive(t *testing.T) {
	t.Parallel()
	c := setup(t)
	target := c.node(t, "target", 0)
	for i := range rounds {
		top := c.node(t, fmt.Sprintf("T%d", i), 0)
		parent := c.node(t, fmt.Sprintf("P%d", i), top)
		create := func(name string) func() error {
			return func() error {
				_, err := c.equipment.Create(t.Context(), equipment.Input{ParentID: &parent, Name: name, NameFull: "x"})
				return err
			}
		}
		errs := race(
			create(fmt.Sprintf("X%d", i)), create(fmt.Sprintf("Y%d", i)),
			func() error { _, err := c.equipment.Update(t.Context(), top, nil, move(target)); return err },
		)
		require.NoError(t, errors.Join(errs...))
		errs = race(create(fmt.Sprintf("Z%d", i)), func() error { return c.equipment.ArchiveDeep(t.Context(), top, nil) })
		require.NoError(t, errs[1])
		if errs[0] != nil {
			require.ErrorIs(t, errs[0], equipment.ErrParent)
		}
	}
	c.requireTrue(t)
}

func TestEqualNamesAtOnce(t *testing.T) {
	t.Parallel()
	c := setup(t)
	for i := range rounds {
		create := func(name string) func() error {
			return func() error {
				_, err := c.equipment.Create(t.Context(), equipment.Input{Name: name, NameFull: "x"})
				return err
			}
		}
		errs := race(create(fmt.Sprintf("имя%d", i)), create(fmt.Sprintf("ИМЯ%d", i)), create(fmt.Sprintf("Имя%d", i)))
		won := 0
		for _, err := range errs {
			if err == nil {
				won++
				continue
			}
			require.ErrorIs(t, err, equipment.ErrNameTaken)
		}
		require.Equal(t, 1, won)
	}
}

// Many writers move, create, archive and restore at random; after each round everything is still true.
func TestRandomWritersKeepTheTreeTrue(t *testing.T) {
	t.Parallel()
	c := setup(t)
	ids := make([]int64, 30)
	for i := range ids {
		parent := int64(0)
		if i > 0 && i%3 != 0 {
			parent = ids[i-1]
		}
		ids[i] = c.node(t, fmt.Sprintf("n%d", i), parent)
	}
	writer := func(seed uint64) func() error {
		return func() error {
			random := rand.New(rand.NewPCG(seed, 7))
			pick := func() int64 { return ids[random.IntN(len(ids))] }
			for i := range 25 {
				var err error
				switch random.IntN(6) {
				case 0:
					parent := pick()
					_, err = c.equipment.Create(t.Context(), equipment.Input{ParentID: &parent, Name: fmt.Sprintf("w%d-%d", seed, i), NameFull: "x"})
				case 1:
					err = c.equipment.ArchiveDeep(t.Context(), pick(), nil)
				case 2:
					_, err = c.equipment.RestoreDeep(t.Context(), pick())
				case 3:
					err = c.equipment.Archive(t.Context(), pick(), nil)
				default:
					_, err = c.equipment.Update(t.Context(), pick(), nil, move(pick()))
				}
				if kind := fault.KindOf(err); err != nil && kind != fault.Conflict && kind != fault.NotFound {
					return err
				}
			}
			return nil
		}
	}
	require.NoError(t, errors.Join(race(writer(1), writer(2), writer(3), writer(4))...))
	c.requireTrue(t)
}
