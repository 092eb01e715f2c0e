package app_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestCommandsAreListed reads 105 and R2, which is undone by it, of Unit, and A3 of Прибор, in Top > Mid > Sub and Else.
func TestCommandsAreListed(t *testing.T) {
	t.Parallel()
	b := setup(t)
	unit, other := b.node("Unit", 0), b.node("Прибор", 0)
	top := b.section("Top", 0)
	sub := b.section("Sub", b.section("Mid", top))
	b.command("R2", unit, sub, b.command("105", unit, top, nil))
	b.command("A3", other, b.section("Else", 0), nil)

	t.Run("by name, with the names of what they belong to", func(t *testing.T) {
		t.Parallel()
		all := b.in(t).page("/commands")
		require.Equal(t, []string{"105", "A3", "R2"}, all.names())
		require.Equal(t, 1500, all.Limit)
		require.Equal(t, 3, all.Total)
		require.Empty(t, all.Params)
		require.Equal(t, "Unit", all.Content[2]["equipment_name"])
		require.Equal(t, "105", all.Content[2]["undo_cmd_name"])
		require.Contains(t, all.Content[0], "undo_cmd_id")
		require.Nil(t, all.Content[0]["undo_cmd_name"])
	})
	t.Run("filters choose, those below a section included", func(t *testing.T) {
		t.Parallel()
		b := b.in(t)
		for path, want := range map[string][]string{
			fmt.Sprintf("/commands?toc-id=%d", top):                        {"105", "R2"},
			fmt.Sprintf("/commands?toc-id=%d", sub):                        {"R2"},
			fmt.Sprintf("/commands?toc-id=%d&equipment-id=%d", top, other): {},
			fmt.Sprintf("/commands?equipment-id=%d", other):                {"A3"},
			"/commands?equipment-name=прибор":                              {"A3"},
			"/commands?name=r2&equipment-name=UNIT":                        {"R2"},
			"/commands?q=ABOUT%20a":                                        {"A3"},
			"/commands?sort=-name":                                         {"R2", "A3", "105"},
			"/commands?sort=equipment_name":                                {"105", "R2", "A3"},
			"/commands?limit=1&page=2":                                     {"A3"},
			"/commands?limit=1&page=9":                                     {},
			"/commands?toc-id=99999":                                       {},
		} {
			require.Equal(t, want, b.page(path).names(), path)
		}
	})
	t.Run("params repeats the filters in their own types", func(t *testing.T) {
		t.Parallel()
		b := b.in(t)
		require.Equal(t, map[string]any{"name": "105"}, b.page("/commands?name=105").Params, "a name stays a text")
		require.Equal(t, map[string]any{"toc-id": float64(top)}, b.page(fmt.Sprintf("/commands?toc-id=%d", top)).Params)
	})
	for _, sort := range []string{"", "&sort=-name", "&sort=id", "&sort=-equipment_name", "&sort=name_full"} {
		t.Run("cursors walk the whole list in the order "+sort, func(t *testing.T) {
			t.Parallel()
			b := b.in(t)
			whole := b.page("/commands?limit=5000" + sort).names()
			var walked []string
			next := ""
			for range 5 {
				p := b.page("/commands?limit=1" + sort + next)
				walked = append(walked, p.names()...)
				if p.Next == "" {
					break
				}
				next = "&cursor=" + p.Next
			}
			require.Equal(t, whole, walked)
		})
	}
	t.Run("a cursor carries its order, and leads on with the same filters only", func(t *testing.T) {
		t.Parallel()
		b := b.in(t)
		next := b.page("/commands?limit=1&sort=-name").Next
		rest := b.page("/commands?limit=1&sort=-name&page=2").names()
		require.Equal(t, rest, b.page("/commands?limit=1&cursor="+next).names())
		require.Equal(t, rest, b.page("/commands?limit=1&sort=-name&cursor="+next).names())
		b.refuses(map[string]string{
			"/commands?limit=1&sort=id&cursor=" + next: "query.sort contradiction", "/commands?limit=1&name=A3&cursor=" + next: "query.cursor bad_cursor",
			"/telemetry?limit=1&cursor=" + next: "query.cursor bad_cursor",
		})
	})
	t.Run("fields chooses members, each once", func(t *testing.T) {
		t.Parallel()
		b := b.in(t)
		require.Equal(t, []map[string]any{{"name": "A3"}}, b.page("/commands?name=A3&fields=name").Content)
		require.Contains(t, string(b.Get("/commands?name=A3&fields=name,name").Is(http.StatusOK).Body), `[{"name":"A3"}]`)
	})
	t.Run("parameters that cannot be are refused", func(t *testing.T) {
		t.Parallel()
		b.in(t).refuses(map[string]string{
			"/commands?page=0": "query.page below_minimum", "/commands?limit=0": "query.limit below_minimum", "/commands?limit=5001": "query.limit above_maximum",
			"/commands?page=9223372036854775808": "query.page wrong_type", "/commands?toc-id=0": "query.toc-id below_minimum",
			"/commands?cursor=abc": "query.cursor bad_cursor", "/commands?sort=x": "query.sort not_one_of", "/commands?equipment-id=x": "query.equipment-id wrong_type",
		})
	})
}

func TestCommandsAreChanged(t *testing.T) {
	t.Parallel()
	b := setup(t)
	unit, other, section := b.node("Unit", 0), b.node("Прибор", 0), b.section("S", 0)
	r2 := b.command("R2", unit, section, b.command("105", unit, section, nil))
	b.command("A3", other, section, nil)
	for claim, c := range map[string]struct {
		body        string
		status      int
		place, code string
	}{
		"a command is not undone by itself":             {fmt.Sprintf(`{"undo_cmd_id":%d}`, r2), conflict, "body.undo_cmd_id", "cycle"},
		"an undo that is not there is refused":          {`{"undo_cmd_id":99999}`, conflict, "body.undo_cmd_id", "reference_missing"},
		"equipment that is not there is refused":        {`{"equipment_id":99999}`, conflict, "body.equipment_id", "reference_missing"},
		"a section that is not there is refused":        {`{"toc_id":99999}`, conflict, "body.toc_id", "reference_missing"},
		"a section of null is refused":                  {`{"toc_id":null}`, unprocessable, "body.toc_id", "not_null"},
		"a name that its equipment has is refused":      {`{"name":"105"}`, conflict, "body.name", "name_taken"},
		"a name that its new equipment has, is refused": {fmt.Sprintf(`{"name":"a3","equipment_id":%d}`, other), conflict, "body.name", "name_taken"},
	} {
		t.Run(claim, func(t *testing.T) {
			t.Parallel()
			b.in(t).Patch(of("/commands", r2), c.body).Refused(c.status, c.place, c.code)
		})
	}
	t.Run("an undo is taken away by null, and all else stays", func(t *testing.T) {
		t.Parallel()
		b := b.in(t)
		undo := b.command("Undo", unit, section, nil)
		var item map[string]any
		b.Patch(of("/commands", b.command("Undone", unit, section, undo)), `{"undo_cmd_id":null}`).Is(http.StatusOK).Into(&item)
		require.Nil(t, item["undo_cmd_id"])
		require.Equal(t, "Undone", item["name"])
	})
	t.Run("an archived command undoes nothing", func(t *testing.T) {
		t.Parallel()
		b := b.in(t)
		gone := b.command("Gone", unit, section, nil)
		b.Delete(of("/commands", gone)).Is(http.StatusNoContent)
		b.Patch(of("/commands", r2), fmt.Sprintf(`{"undo_cmd_id":%d}`, gone)).Refused(conflict, "body.undo_cmd_id", "reference_missing")
	})
	t.Run("a new one is told all that is wrong with it at once", func(t *testing.T) {
		t.Parallel()
		b.in(t).Post("/commands", `{"equipment_id":1,"toc_id":1,"name":"12345678901","name_full":"x","description":""}`).
			Refused(unprocessable, "body.name", "too_long").Refused(unprocessable, "body.description", "too_short")
	})
}
