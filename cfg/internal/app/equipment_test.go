package app_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestEquipmentTree(t *testing.T) {
	t.Parallel()
	b := setup(t)
	require.JSONEq(t, "[]", string(b.get("/equipments").is(http.StatusOK).body))
	root := b.node("ROOT", 0)
	other := b.node("Another", 0)
	core := b.node("Core", root)
	leaf := b.node("Leaf", core)
	early := b.node("Early", core)

	tree := b.tree("/equipments")
	require.Equal(t, []string{"Another", "ROOT"}, names(tree), "roots by name")
	require.Equal(t, "0", tree[1].ParentPath)
	require.Equal(t, "/", tree[1].ParentPathName)
	require.Nil(t, tree[1].ParentID)
	require.Equal(t, []string{"Early", "Leaf"}, names(tree[1].Content[0].Content))
	deep := tree[1].Content[0].Content[1]
	require.Equal(t, fmt.Sprintf("0.%d.%d", root, core), deep.ParentPath)
	require.Equal(t, "/ROOT/Core", deep.ParentPathName)
	raw := string(b.get("/equipments").body)
	require.Equal(t, 2, strings.Count(raw, `"content"`), "absent on leaves")
	require.Contains(t, raw, `"parent_id":null`)

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
	require.Empty(t, b.tree(fmt.Sprintf("/equipments?id=%d", core))[0].Content, "id chooses one node")
	below := b.tree("/equipments?root-name=core")[0]
	require.Equal(t, []string{"Early", "Leaf"}, names(below.Content))
	require.Equal(t, "/ROOT", below.ParentPathName, "known although ROOT is not in the list")
	require.JSONEq(t, `[{"name":"Core","content":[{"name":"Early"},{"name":"Leaf"}]}]`,
		string(b.get("/equipments?root-name=core&fields=name").is(http.StatusOK).body))

	for path, place := range map[string]string{
		"/equipments?id=0": "query.id", "/equipments?id=9223372036854775808": "query.id", "/equipments?id=x": "query.id",
		"/equipments?root-id=-1": "query.root-id", "/equipments?sort=color": "query.sort", "/equipments?fields=color": "query.fields",
		"/equipments/0": "path.id", "/equipments/-5": "path.id", "/equipments/9223372036854775808": "path.id",
	} {
		b.get(path).refused(http.StatusUnprocessableEntity, place)
	}
	b.get("/equipments/99999").refused(http.StatusNotFound, "path.id")
	require.Equal(t, leaf, b.get(fmt.Sprintf("/equipments/%d/", leaf)).is(http.StatusOK).id(), "with a trailing slash")
	_ = early
}

func TestEquipmentWrites(t *testing.T) {
	t.Parallel()
	b := setup(t)
	root := b.node("Root", 0)
	child := b.node("Child", root)
	leaf := b.node("Leaf", child)
	one := fmt.Sprintf("/equipments/%d", child)

	// PATCH is RFC 7396: absent is unchanged, null is the root level.
	var item treeNode
	b.patch(one, `{"name_full":"new text"}`).is(http.StatusOK).into(&item)
	require.Equal(t, root, *item.ParentID)
	require.Equal(t, "Child", item.Name)
	b.patch(one+"/", `{"parent_id":null}`).is(http.StatusOK).into(&item)
	require.Nil(t, item.ParentID)
	require.Equal(t, "0", item.ParentPath)
	b.get(fmt.Sprintf("/equipments/%d", leaf)).is(http.StatusOK).into(&item)
	require.Equal(t, fmt.Sprintf("0.%d", child), item.ParentPath)
	require.Equal(t, "/Child", item.ParentPathName)
	b.patch(one, fmt.Sprintf(`{"parent_id":%d,"name":"Дитя"}`, root)).is(http.StatusOK)
	b.get(fmt.Sprintf("/equipments/%d", leaf)).is(http.StatusOK).into(&item)
	require.Equal(t, "/Root/Дитя", item.ParentPathName)
	b.patch(one, `{}`).is(http.StatusOK)
	whole := b.get(one).is(http.StatusOK)
	b.patch(one, string(whole.body)).is(http.StatusOK)

	b.patch(one, fmt.Sprintf(`{"parent_id":%d}`, leaf)).refused(http.StatusConflict, "body.parent_id")
	b.patch(one, fmt.Sprintf(`{"parent_id":%d}`, child)).refused(http.StatusConflict, "body.parent_id")
	b.patch(one, `{"parent_id":999999}`).refused(http.StatusConflict, "body.parent_id")
	b.patch(one, `{"parent_id":0}`).refused(http.StatusUnprocessableEntity, "body.parent_id")
	b.patch(one, `{"name":null}`).refused(http.StatusUnprocessableEntity, "body.name")
	b.patch(one, `{"name":""}`).refused(http.StatusUnprocessableEntity, "body.name")
	b.node("Sibling", root)
	b.patch(one, `{"name":"sIBLING"}`).refused(http.StatusConflict, "body.name")
	b.patch(fmt.Sprintf("/equipments/%d", leaf), `{"name":"sIBLING"}`).is(http.StatusOK)
	b.patch("/equipments/999999", `{"name":"x"}`).refused(http.StatusNotFound, "path.id")
	b.post("/equipments", `{"name":"ROOT","name_full":"x"}`).refused(http.StatusConflict, "body.name")
	b.post("/equipments", `{"name_full":"x"}`).refused(http.StatusUnprocessableEntity, "body.name")
	b.post("/equipments", fmt.Sprintf(`{"name":%q,"name_full":"x"}`, strings.Repeat("n", 51))).refused(http.StatusUnprocessableEntity, "body.name")
	b.post("/equipments", fmt.Sprintf(`{"name":"n","name_full":%q}`, strings.Repeat("ж", 151))).refused(http.StatusUnprocessableEntity, "body.name_full")
	b.post("/equipments", `{"name":"n","name_full":"x","parent_id":999999}`).refused(http.StatusConflict, "body.parent_id")
	b.post("/equipments", `{"name":"n",`).is(http.StatusBadRequest)
	created := b.post("/equipments/", fmt.Sprintf(`{"name":%q,"name_full":%q}`, strings.Repeat("я", 50), strings.Repeat("ж", 150))).is(http.StatusCreated)
	require.Equal(t, fmt.Sprintf("/api/v1/cfg/equipments/%d", created.id()), created.header.Get("Location"))
}

func TestArchiveRestoreUsageAndHistory(t *testing.T) {
	t.Parallel()
	b := setup(t)
	root := b.node("Root", 0)
	child := b.node("Child", root)
	section := b.section("S", 0)
	r1 := b.command("R1", child, section, nil)
	b.command("R2", child, section, r1)
	lone := b.command("R3", b.node("Lone", 0), section, nil)
	one := fmt.Sprintf("/equipments/%d", root)

	var usage struct {
		InUse bool `json:"in_use"`
		Uses  []struct {
			Resource, Relation string
			Total              int
			Items              []struct{ ID int64 }
		}
	}
	b.get(one + "/usage").is(http.StatusOK).into(&usage)
	require.True(t, usage.InUse)
	require.Equal(t, "child", usage.Uses[0].Relation)
	require.Equal(t, child, usage.Uses[0].Items[0].ID)
	b.delete(one).refused(http.StatusConflict, "path.id")
	b.delete(fmt.Sprintf("/equipments/%d", child)).refused(http.StatusConflict, "path.id")
	b.delete(fmt.Sprintf("/commands/%d", r1)).refused(http.StatusConflict, "path.id")
	b.get(fmt.Sprintf("/commands/%d/usage", r1)).is(http.StatusOK).into(&usage)
	require.Equal(t, "undo", usage.Uses[0].Relation)

	// A command elsewhere that is undone by one below keeps the whole from being archived.
	b.patch(fmt.Sprintf("/commands/%d", lone), fmt.Sprintf(`{"undo_cmd_id":%d}`, r1)).is(http.StatusOK)
	b.delete(one+"?recursive=true").refused(http.StatusConflict, "path.id")
	b.patch(fmt.Sprintf("/commands/%d", lone), `{"undo_cmd_id":null}`).is(http.StatusOK)
	require.Empty(t, b.delete(one+"?recursive=true").is(http.StatusNoContent).body)
	b.get(one).is(http.StatusNotFound)
	b.get(fmt.Sprintf("/equipments/%d", child)).is(http.StatusNotFound)
	b.get(fmt.Sprintf("/commands/%d", r1)).is(http.StatusNotFound)
	require.Equal(t, []string{"Lone"}, names(b.tree("/equipments")))
	b.post(fmt.Sprintf("/equipments/%d/restore", child), nil).refused(http.StatusConflict, "body.parent_id")

	b.post(one+"/restore", nil).is(http.StatusOK)
	b.get(fmt.Sprintf("/equipments/%d", child)).is(http.StatusNotFound)
	b.delete(one).is(http.StatusNoContent)
	b.post(one+"/restore?recursive=true", nil).is(http.StatusOK)
	b.get(fmt.Sprintf("/equipments/%d", child)).is(http.StatusNotFound)
	b.post(fmt.Sprintf("/equipments/%d/restore?recursive=true", child), nil).is(http.StatusOK)
	b.get(fmt.Sprintf("/commands/%d", r1)).is(http.StatusOK)
	b.post(one+"/restore", nil).refused(http.StatusConflict, "path.id")
	b.post("/equipments/99999/restore", nil).is(http.StatusNotFound)

	var history struct {
		Total   int
		Next    string
		Content []struct {
			Version    int
			Op, Actor  string
			RequestID  string  `json:"request_id"`
			ValidFrom  string  `json:"valid_from"`
			ValidUntil *string `json:"valid_until"`
			Item       map[string]any
			Archived   bool
		}
	}
	b.get(one + "/history").is(http.StatusOK).into(&history)
	var ops []string
	for i, v := range history.Content {
		ops = append(ops, v.Op)
		require.Equal(t, "user:1", v.Actor)
		require.NotEmpty(t, v.RequestID)
		require.Equal(t, "Root", v.Item["name"])
		if i > 0 {
			require.Equal(t, history.Content[i-1].ValidFrom, *v.ValidUntil, "no gap and no overlap")
		}
	}
	require.Equal(t, []string{"restored", "archived", "restored", "archived", "created"}, ops)
	require.Nil(t, history.Content[0].ValidUntil)
	require.Equal(t, 5, history.Total)
	b.get(one + "/history?limit=2").is(http.StatusOK).into(&history)
	require.Len(t, history.Content, 2)
	b.get(one + "/history?limit=2&cursor=" + history.Next).is(http.StatusOK).into(&history)
	require.Equal(t, 3, history.Content[0].Version)
	b.get(one + "/history?limit=2&page=3").is(http.StatusOK).into(&history)
	require.Equal(t, 1, history.Content[0].Version)
	b.get("/equipments/99999/history").is(http.StatusNotFound)

	b.delete(fmt.Sprintf("/commands-toc/%d", section)).refused(http.StatusConflict, "path.id")
	sub := b.section("Sub", b.section("Top", 0))
	b.get(fmt.Sprintf("/commands-toc/%d/usage", sub)).is(http.StatusOK).into(&usage)
	require.False(t, usage.InUse)
	b.delete(fmt.Sprintf("/commands-toc/%d", sub-1)).refused(http.StatusConflict, "path.id")
	b.delete(fmt.Sprintf("/commands-toc/%d", sub)).is(http.StatusNoContent)
	b.delete(fmt.Sprintf("/commands-toc/%d", sub-1)).is(http.StatusNoContent)
}
