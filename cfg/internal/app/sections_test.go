package app_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSections(t *testing.T) {
	t.Parallel()
	b := setup(t)
	a := b.section("A", 0)
	sub := b.section("Раздел", a)
	b.section("Раздел", b.section("B", 0))
	t.Run("a name is unique among siblings, whatever its case", func(t *testing.T) {
		t.Parallel()
		b := b.in(t)
		b.Post("/commands-toc", fmt.Sprintf(`{"name":"РАЗДЕЛ","parent_id":%d}`, a)).Refused(conflict, "body.name", "name_taken")
		b.Post("/commands-toc", `{"name":"a"}`).Refused(conflict, "body.name", "name_taken")
		require.Len(t, b.tree("/commands-toc?name=раздел"), 2)
	})
	t.Run("a name has at most 100 characters", func(t *testing.T) {
		t.Parallel()
		b := b.in(t)
		b.Post("/commands-toc", fmt.Sprintf(`{"name":%q}`, strings.Repeat("x", 101))).Refused(unprocessable, "body.name", "too_long")
		b.Post("/commands-toc", fmt.Sprintf(`{"name":%q}`, strings.Repeat("x", 100))).Is(http.StatusCreated)
	})
	t.Run("a section is not put below itself", func(t *testing.T) {
		t.Parallel()
		b.in(t).Patch(of("/commands-toc", a), fmt.Sprintf(`{"parent_id":%d}`, sub)).Refused(conflict, "body.parent_id", "cycle")
	})
	t.Run("without a full name it shows its name", func(t *testing.T) {
		t.Parallel()
		b := b.in(t)
		require.Equal(t, "Раздел", b.at(of("/commands-toc", sub)).NameFull)
		one := of("/commands-toc", b.section("Short", a))
		var item treeNode
		b.Patch(one, `{"name_full":"Long"}`).Is(http.StatusOK)
		b.Patch(one, `{"name":"C","parent_id":null}`).Is(http.StatusOK).Into(&item)
		require.Equal(t, "Long", item.NameFull)
		b.Patch(one, `{"name_full":null}`).Is(http.StatusOK).Into(&item)
		require.Equal(t, "C", item.NameFull)
	})
}
