package tree

import (
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// grown makes a list of branches, each as "name<parent": ids are the places in the list, from 1; a parent of 0 is none.
func grown(texts ...string) []*Branch {
	list := make([]*Branch, len(texts))
	for i, text := range texts {
		name, above, _ := strings.Cut(text, "<")
		list[i] = &Branch{ListedNode: ListedNode{Node: Node{ID: int64(i + 1), Name: name, NameFull: strconv.Itoa(len(texts) - i)}}}
		if parent, _ := strconv.ParseInt(above, 10, 64); parent != 0 {
			list[i].ParentID = new(parent)
		}
	}
	return list
}

// shape writes a forest as "a(b c(d))".
func shape(forest []*Branch) string {
	parts := make([]string, len(forest))
	for i, n := range forest {
		parts[i] = n.Name
		if n.Children > 0 {
			parts[i] += "+" + strconv.FormatInt(n.Children, 10)
		}
		if len(n.Content) > 0 {
			parts[i] += "(" + shape(n.Content) + ")"
		}
	}
	return strings.Join(parts, " ")
}

func TestNest(t *testing.T) {
	t.Parallel()
	for claim, c := range map[string]struct {
		list []*Branch
		want string
	}{
		"nothing is an empty forest":                     {grown(), ""},
		"roots stay in their order":                      {grown("b", "a"), "b a"},
		"children come below their parents":              {grown("a", "b<1", "c<2", "d<1"), "a(b(c) d)"},
		"a parent may come behind its children":          {grown("c<3", "b<3", "a"), "a(c b)"},
		"a node whose parent is not there is on top":     {grown("a", "b<99", "c<2"), "a b(c)"},
		"what is above itself is on no level, nor hangs": {grown("a", "b<3", "c<2"), "a"},
	} {
		t.Run(claim, func(t *testing.T) {
			t.Parallel()
			forest := Nest(c.list)
			require.NotNil(t, forest)
			require.Equal(t, c.want, shape(forest))
		})
	}
}

func TestCut(t *testing.T) {
	t.Parallel()
	for depth, want := range map[int]string{0: "a+2", 1: "a(b+1 d)", 2: "a(b(c) d)", 9: "a(b(c) d)"} {
		t.Run("down to the level "+strconv.Itoa(depth), func(t *testing.T) {
			t.Parallel()
			forest := Nest(grown("a", "b<1", "c<2", "d<1"))
			Cut(forest, depth)
			require.Equal(t, want, shape(forest))
		})
	}
}

func TestSort(t *testing.T) {
	t.Parallel()
	for claim, c := range map[string]struct {
		key        string
		descending bool
		want       string
	}{
		"by name":                     {"name", false, "a a b c"},
		"by name, backwards":          {"name", true, "c b a a"},
		"by id":                       {"id", false, "c a b a"},
		"by the full name":            {"name_full", false, "a b a c"},
		"by the full name, backwards": {"name_full", true, "c a b a"},
	} {
		t.Run(claim, func(t *testing.T) {
			t.Parallel()
			list := grown("c", "a", "b", "a")
			Sort(list, c.key, c.descending)
			require.Equal(t, c.want, shape(list))
		})
	}
	t.Run("what is equal goes by id", func(t *testing.T) {
		t.Parallel()
		list := grown("x", "x", "x")
		Sort(list, "name", true)
		require.Equal(t, []int64{3, 2, 1}, []int64{list[0].ID, list[1].ID, list[2].ID})
	})
}
