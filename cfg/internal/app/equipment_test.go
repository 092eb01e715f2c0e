package app_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestEquipmentIsCreated(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.node("Root", 0)
	t.Run("names of fifty and full names of a hundred and fifty characters are taken", func(t *testing.T) {
		t.Parallel()
		created := b.in(t).Post("/equipments/", fmt.Sprintf(`{"name":%q,"name_full":%q}`, strings.Repeat("я", 50), strings.Repeat("ж", 150))).Is(http.StatusCreated)
		require.Equal(t, fmt.Sprintf("/api/v1/cfg/equipments/%d", created.ID()), created.Header.Get("Location"))
	})
	for claim, c := range map[string]struct {
		body        string
		status      int
		place, code string
	}{
		"a name that a sibling has is refused":         {`{"name":"ROOT","name_full":"x"}`, conflict, "body.name", "name_taken"},
		"a missing name is refused":                    {`{"name_full":"x"}`, unprocessable, "body.name", "required"},
		"a name of more than 50 characters is refused": {fmt.Sprintf(`{"name":%q,"name_full":"x"}`, strings.Repeat("n", 51)), unprocessable, "body.name", "too_long"},
		"a full name of more than 150 is refused":      {fmt.Sprintf(`{"name":"n","name_full":%q}`, strings.Repeat("ж", 151)), unprocessable, "body.name_full", "too_long"},
		"a parent that is not there is refused":        {`{"name":"n","name_full":"x","parent_id":999999}`, conflict, "body.parent_id", "reference_missing"},
		"half a body is refused":                       {`{"name":"n",`, badRequest, "body", "not_json"},
	} {
		t.Run(claim, func(t *testing.T) {
			t.Parallel()
			b.in(t).Post("/equipments", c.body).Refused(c.status, c.place, c.code)
		})
	}
}

// PATCH is RFC 7396: what is absent is unchanged, null is the root level.
func TestEquipmentIsChanged(t *testing.T) {
	t.Parallel()
	b := setup(t)
	// family makes a root with a child and a leaf below that.
	family := func(b *bundle, name string) (root, child, leaf int64) {
		root = b.node("Root of "+name, 0)
		child = b.node("Child", root)
		return root, child, b.node("Leaf", child)
	}
	t.Run("what is absent stays", func(t *testing.T) {
		t.Parallel()
		b := b.in(t)
		root, child, _ := family(b, "absent")
		var item treeNode
		b.Patch(of("/equipments", child), `{"name_full":"new text"}`).Is(http.StatusOK).Into(&item)
		require.Equal(t, root, *item.ParentID)
		require.Equal(t, "Child", item.Name)
	})
	t.Run("a parent of null makes it a root, with all below it", func(t *testing.T) {
		t.Parallel()
		b := b.in(t)
		_, child, leaf := family(b, "null")
		var item treeNode
		b.Patch(of("/equipments", child)+"/", `{"name":"Own","parent_id":null}`).Is(http.StatusOK).Into(&item)
		require.Nil(t, item.ParentID)
		require.Equal(t, "0", item.ParentPath)
		below := b.at(of("/equipments", leaf))
		require.Equal(t, fmt.Sprintf("0.%d", child), below.ParentPath)
		require.Equal(t, "/Own", below.ParentPathName)
	})
	t.Run("a move and a new name are seen by all below", func(t *testing.T) {
		t.Parallel()
		b := b.in(t)
		_, child, leaf := family(b, "move")
		other := b.node("Other", 0)
		b.Patch(of("/equipments", child), fmt.Sprintf(`{"parent_id":%d,"name":"Дитя"}`, other)).Is(http.StatusOK)
		require.Equal(t, "/Other/Дитя", b.at(of("/equipments", leaf)).ParentPathName)
	})
	t.Run("nothing, and the item as it was read, change nothing", func(t *testing.T) {
		t.Parallel()
		b := b.in(t)
		_, child, _ := family(b, "same")
		b.Patch(of("/equipments", child), `{}`).Is(http.StatusOK)
		whole := b.Get(of("/equipments", child)).Is(http.StatusOK)
		b.Patch(of("/equipments", child), whole.Body).Is(http.StatusOK)
		require.JSONEq(t, string(whole.Body), string(b.Get(of("/equipments", child)).Body))
	})
	t.Run("a name is unique among siblings alone", func(t *testing.T) {
		t.Parallel()
		b := b.in(t)
		root, child, leaf := family(b, "unique")
		b.node("Sibling", root)
		b.Patch(of("/equipments", child), `{"name":"sIBLING"}`).Refused(conflict, "body.name", "name_taken")
		b.Patch(of("/equipments", leaf), `{"name":"sIBLING"}`).Is(http.StatusOK)
	})
	_, child, leaf := family(b, "refusals")
	for claim, c := range map[string]struct {
		body        string
		status      int
		place, code string
	}{
		"a parent below it is refused":          {fmt.Sprintf(`{"parent_id":%d}`, leaf), conflict, "body.parent_id", "cycle"},
		"itself is refused as parent":           {fmt.Sprintf(`{"parent_id":%d}`, child), conflict, "body.parent_id", "cycle"},
		"a parent that is not there is refused": {`{"parent_id":999999}`, conflict, "body.parent_id", "reference_missing"},
		"a parent of 0 is refused":              {`{"parent_id":0}`, unprocessable, "body.parent_id", "below_minimum"},
		"a name of null is refused":             {`{"name":null}`, unprocessable, "body.name", "not_null"},
		"an empty name is refused":              {`{"name":""}`, unprocessable, "body.name", "too_short"},
	} {
		t.Run(claim, func(t *testing.T) {
			t.Parallel()
			b.in(t).Patch(of("/equipments", child), c.body).Refused(c.status, c.place, c.code)
		})
	}
	t.Run("an unknown id is not found", func(t *testing.T) {
		t.Parallel()
		b.in(t).Patch("/equipments/999999", `{"name":"x"}`).Refused(http.StatusNotFound, "path.id", "not_found")
	})
}
