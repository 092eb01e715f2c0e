package app_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestTheTreeOfEquipment reads a tree: ROOT > Core > Early and Leaf, and Another.
func TestTheTreeOfEquipment(t *testing.T) {
	t.Parallel()
	b := setup(t)
	require.JSONEq(t, "[]", string(b.Get("/equipments").Is(http.StatusOK).Body), "of nothing")
	root, other := b.node("ROOT", 0), b.node("Another", 0)
	core := b.node("Core", root)
	leaf := b.node("Leaf", core)
	b.node("Early", core)

	t.Run("roots and children are sorted by name", func(t *testing.T) {
		t.Parallel()
		tree := b.in(t).tree("/equipments")
		require.Equal(t, []string{"Another", "ROOT"}, names(tree))
		require.Equal(t, []string{"Early", "Leaf"}, names(tree[1].Content[0].Content))
	})
	t.Run("a node says where it is, by ids and by names", func(t *testing.T) {
		t.Parallel()
		tree := b.in(t).tree("/equipments")
		require.Equal(t, "0", tree[1].ParentPath)
		require.Equal(t, "/", tree[1].ParentPathName)
		require.Nil(t, tree[1].ParentID)
		deep := tree[1].Content[0].Content[1]
		require.Equal(t, fmt.Sprintf("0.%d.%d", root, core), deep.ParentPath)
		require.Equal(t, "/ROOT/Core", deep.ParentPathName)
	})
	t.Run("leaves have no content and roots a parent_id of null", func(t *testing.T) {
		t.Parallel()
		raw := string(b.in(t).Get("/equipments").Body)
		require.Equal(t, 2, strings.Count(raw, `"content"`))
		require.Contains(t, raw, `"parent_id":null`)
	})
	t.Run("filters choose, the first of id, root-id, root-name and name alone", func(t *testing.T) {
		t.Parallel()
		b := b.in(t)
		for path, want := range map[string][]string{
			fmt.Sprintf("/equipments?id=%d", core):                            {"Core"},
			"/equipments?name=cORE":                                           {"Core"},
			fmt.Sprintf("/equipments?root-id=%d", core):                       {"Core"},
			"/equipments?root-name=CORE":                                      {"Core"},
			fmt.Sprintf("/equipments/?id=%d&name=Leaf&root-name=ROOT", other): {"Another"},
			fmt.Sprintf("/equipments?name=Leaf&root-id=%d", root):             {"Leaf"},
			fmt.Sprintf("/equipments?root-name=ROOT&root-id=%d", other):       {"Another"},
			"/equipments?id=99999":                                            {},
			"/equipments?name=unknown":                                        {},
			"/equipments?root-id=99999":                                       {},
			"/equipments?root-name=unknown":                                   {},
			"/equipments?q=EAF":                                               {"Leaf"},
			"/equipments?sort=-name":                                          {"ROOT", "Another"},
		} {
			require.Equal(t, want, names(b.tree(path)), path)
		}
	})
	t.Run("an id chooses one node without those below it", func(t *testing.T) {
		t.Parallel()
		require.Empty(t, b.in(t).tree(fmt.Sprintf("/equipments?id=%d", core))[0].Content)
	})
	t.Run("a root chooses all below it, with the path from the top", func(t *testing.T) {
		t.Parallel()
		below := b.in(t).tree("/equipments?root-name=core")[0]
		require.Equal(t, []string{"Early", "Leaf"}, names(below.Content))
		require.Equal(t, "/ROOT", below.ParentPathName, "known although ROOT is not in the list")
	})
	t.Run("fields chooses members on every level", func(t *testing.T) {
		t.Parallel()
		require.JSONEq(t, `[{"name":"Core","content":[{"name":"Early"},{"name":"Leaf"}]}]`,
			string(b.in(t).Get("/equipments?root-name=core&fields=name").Is(http.StatusOK).Body))
	})
	t.Run("parameters that cannot be are refused", func(t *testing.T) {
		t.Parallel()
		b.in(t).refuses(map[string]string{
			"/equipments?id=0": "query.id below_minimum", "/equipments?id=9223372036854775808": "query.id wrong_type", "/equipments?id=x": "query.id wrong_type",
			"/equipments?root-id=-1": "query.root-id below_minimum", "/equipments?sort=color": "query.sort not_one_of", "/equipments?fields=color": "query.fields not_one_of",
			"/equipments/0": "path.id below_minimum", "/equipments/-5": "path.id below_minimum", "/equipments/9223372036854775808": "path.id wrong_type",
		})
	})
	t.Run("an unknown id is not found", func(t *testing.T) {
		t.Parallel()
		b.in(t).Get("/equipments/99999").Refused(http.StatusNotFound, "path.id", "not_found")
	})
	t.Run("a slash at the end makes no difference", func(t *testing.T) {
		t.Parallel()
		require.Equal(t, leaf, b.in(t).Get(of("/equipments", leaf)+"/").Is(http.StatusOK).ID())
	})
}

// TestTreesOpenLevelByLevel reads Root > Site0, Site1 (one unit), Site2 (two units and an archived one), and Alone.
func TestTreesOpenLevelByLevel(t *testing.T) {
	t.Parallel()
	b := setup(t)
	root := b.node("Root", 0)
	b.node("Alone", 0)
	var sites []int64
	for i := range 3 {
		site := b.node(fmt.Sprintf("Site%d", i), root)
		sites = append(sites, site)
		for j := range i {
			b.node(fmt.Sprintf("Unit%d%d", i, j), site)
		}
	}
	gone := b.node("Gone", sites[2])
	b.Delete(of("/equipments", gone)).Is(http.StatusNoContent)

	t.Run("a depth of nothing shows roots with the number of their children", func(t *testing.T) {
		t.Parallel()
		require.JSONEq(t, `[{"name":"Alone"},{"name":"Root","children":3}]`, string(b.in(t).Get("/equipments?depth=0&fields=name").Is(http.StatusOK).Body))
	})
	now := b.now().UTC().Format(time.RFC3339Nano)
	for how, other := range map[string]string{"from the cache": "", "in an order": "&sort=name", "in the past": "&at=" + url.QueryEscape(now)} {
		t.Run("the next level is opened by its parent, "+how, func(t *testing.T) {
			t.Parallel()
			b := b.in(t)
			top := b.tree("/equipments?depth=1" + other)
			require.Equal(t, []string{"Alone", "Root"}, names(top))
			require.Zero(t, top[1].Children)
			require.Equal(t, []string{"Site0", "Site1", "Site2"}, names(top[1].Content))
			require.Equal(t, []int64{0, 1, 2}, children(top[1].Content), "the archived one does not count")
			require.Equal(t, "/Root", top[1].Content[2].ParentPathName)
			opened := b.tree(fmt.Sprintf("/equipments?root-id=%d&depth=1%s", sites[2], other))
			require.Equal(t, []string{"Unit20", "Unit21"}, names(opened[0].Content))
			require.Equal(t, "/Root/Site2", opened[0].Content[0].ParentPathName)
			require.Equal(t, "/Root", opened[0].ParentPathName)
		})
		t.Run("filters and a depth go together, "+how, func(t *testing.T) {
			t.Parallel()
			b := b.in(t)
			require.Equal(t, []int64{2}, children(b.tree("/equipments?root-name=site2&depth=0"+other)))
			require.Equal(t, []int64{2}, children(b.tree("/equipments?root-name=/root/SITE2&depth=0"+other)), "by its path")
			require.Empty(t, b.tree("/equipments?root-name=/Site2&depth=0"+other), "it is no root")
			require.Equal(t, []int64{0}, children(b.tree("/equipments?name=site2&depth=0"+other)), "only this node: nothing is cut off")
			require.Equal(t, string(b.Get("/equipments?"+other).Body), string(b.Get("/equipments?depth=100"+other).Body))
			require.Equal(t, []int64{2}, children(b.tree("/equipments?q=2&depth=0"+other)), "of those that are chosen")
		})
	}
	t.Run("an unknown or archived root opens nothing", func(t *testing.T) {
		t.Parallel()
		b := b.in(t)
		require.Empty(t, b.tree("/equipments?root-id=99999&depth=1"))
		require.Empty(t, b.tree(fmt.Sprintf("/equipments?root-id=%d&depth=1", gone)))
	})
	t.Run("a depth that cannot be is refused", func(t *testing.T) {
		t.Parallel()
		b.in(t).refuses(map[string]string{
			"/equipments?depth=-1": "query.depth below_minimum", "/equipments?depth=101": "query.depth above_maximum", "/equipments?depth=x": "query.depth wrong_type",
		})
	})
	t.Run("a section below another of the same name stays below it, and is cut off with it", func(t *testing.T) {
		t.Parallel()
		b := b.in(t)
		outer := b.section("Same", 0)
		inner := b.section("same", b.section("Between", outer))
		b.section("Below", inner)
		top := b.tree("/commands-toc?root-name=SAME&depth=1")
		require.Len(t, top, 1)
		require.Equal(t, []int64{1}, children(top[0].Content))
		b.section("Same", b.section("Elsewhere", 0))
		top = b.tree("/commands-toc?root-name=SAME&depth=2")
		require.Equal(t, []string{"Same", "Same"}, names(top))
		require.Equal(t, []int64{1}, children(top[slices.IndexFunc(top, func(n treeNode) bool { return n.ID == outer })].Content[0].Content))
	})
}

func children(nodes []treeNode) []int64 {
	list := []int64{}
	for _, n := range nodes {
		list = append(list, n.Children)
	}
	return list
}
