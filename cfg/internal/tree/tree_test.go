package tree

import (
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
)

// planted is a tree at a moment: 1 above 2 and 10, 2 above 3, which is archived, 3 above 4, which is too; 5 is a root.
func planted() []Past {
	archived := new(time.Date(2026, 11, 30, 0, 0, 0, 0, time.UTC))
	return []Past{
		{ID: 4, ParentID: new(int64(3)), Name: "d", ArchivedAt: archived},
		{ID: 3, ParentID: new(int64(2)), Name: "c", ArchivedAt: archived, Matches: true},
		{ID: 10, ParentID: new(int64(1)), Name: "a", Matches: true},
		{ID: 2, ParentID: new(int64(1)), Name: "b", Matches: true},
		{ID: 5, Name: "e", Matches: true},
		{ID: 1, Name: "z"},
	}
}

func paths(list []*Branch) []string {
	out := []string{}
	for _, n := range list {
		out = append(out, n.ParentPath+" "+n.ParentPathName+" "+n.Name)
	}
	return out
}

func TestAMomentIsChosenFrom(t *testing.T) {
	t.Parallel()
	for name, one := range map[string]struct {
		filter Filter
		want   []string
	}{
		"an id":                 {Filter{ID: new(int64(2))}, []string{"0.1 /z b"}},
		"an archived id":        {Filter{ID: new(int64(4))}, []string{}},
		"names":                 {Filter{Name: new("x")}, []string{"0 / e", "0.1 /z a", "0.1 /z b"}},
		"a root":                {Filter{RootID: new(int64(1))}, []string{"0 / z", "0.1 /z a", "0.1 /z b"}},
		"a root in the middle":  {Filter{RootID: new(int64(2))}, []string{"0.1 /z b"}},
		"an unknown root":       {Filter{RootID: new(int64(99))}, []string{}},
		"roots by name":         {Filter{RootName: new("x")}, []string{"0 / e", "0.1 /z a", "0.1 /z b"}},
		"what is archived":      {Filter{Archived: true, RootID: new(int64(1))}, []string{"0.1.2 /z/b c", "0.1.2.3 /z/b/c d"}},
		"archived ones by name": {Filter{Archived: true, Name: new("x")}, []string{"0.1.2 /z/b c"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, one.want, paths(chooseAt(planted(), one.filter)))
		})
	}
	t.Run("one node with those above it", func(t *testing.T) {
		t.Parallel()
		all := planted()
		node, err := NodeAt([]Past{all[3], all[5]})
		require.NoError(t, err)
		require.Equal(t, Node{ID: 2, ParentID: new(int64(1)), ParentPath: "0.1", ParentPathName: "/z", Name: "b"}, node)
		_, err = NodeAt([]Past{all[1], all[3], all[5]})
		require.ErrorIs(t, err, pgx.ErrNoRows, "archived")
		_, err = NodeAt(nil)
		require.ErrorIs(t, err, pgx.ErrNoRows)
	})
	t.Run("a shape that cannot be ends", func(t *testing.T) {
		t.Parallel()
		list := chooseAt([]Past{
			{ID: 1, ParentID: new(int64(2)), Matches: true}, {ID: 2, ParentID: new(int64(1)), Matches: true},
			{ID: 3, ParentID: new(int64(99)), Matches: true},
		}, Filter{})
		require.Len(t, list, 3)
	})
}

func TestCutCountsTheChildrenThatItCutsOff(t *testing.T) {
	t.Parallel()
	forest := Nest(chooseAt(planted(), Filter{RootID: new(int64(1))}))
	Cut(forest, 1)
	require.Len(t, forest[0].Content, 2)
	require.Zero(t, forest[0].Children)
	Cut(forest, 0)
	require.Empty(t, forest[0].Content)
	require.Equal(t, int64(2), forest[0].Children)
}

func TestAnOverruledFilterIsNone(t *testing.T) {
	t.Parallel()
	require.Equal(t, Filter{RootID: new(int64(1)), Depth: new(2)},
		Filter{RootID: new(int64(1)), RootName: new("x"), Query: new("y"), Depth: new(2)}.Plain())
}
