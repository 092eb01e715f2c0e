package app_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

type page struct {
	Page, Limit, Total int
	Params             map[string]any
	Content            []map[string]any
	Next               string
}

func (b *bundle) page(path string) page {
	b.t.Helper()
	var p page
	b.get(path).is(http.StatusOK).into(&p)
	return p
}

func (p page) names() []string {
	list := []string{}
	for _, item := range p.Content {
		list = append(list, fmt.Sprint(item["name"]))
	}
	return list
}

func TestSections(t *testing.T) {
	t.Parallel()
	b := setup(t)
	a := b.section("A", 0)
	sub := b.section("Раздел", a)
	b.section("Раздел", b.section("B", 0))
	b.post("/commands-toc", fmt.Sprintf(`{"name":"РАЗДЕЛ","parent_id":%d}`, a)).refused(http.StatusConflict, "body.name")
	b.post("/commands-toc", `{"name":"a"}`).refused(http.StatusConflict, "body.name")
	b.post("/commands-toc", fmt.Sprintf(`{"name":%q}`, strings.Repeat("x", 101))).refused(http.StatusUnprocessableEntity, "body.name")
	b.post("/commands-toc", fmt.Sprintf(`{"name":%q}`, strings.Repeat("x", 100))).is(http.StatusCreated)
	b.patch(fmt.Sprintf("/commands-toc/%d", a), fmt.Sprintf(`{"parent_id":%d}`, sub)).refused(http.StatusConflict, "body.parent_id")
	require.Len(t, b.tree("/commands-toc?name=раздел"), 2)

	var item treeNode
	b.get(fmt.Sprintf("/commands-toc/%d", sub)).is(http.StatusOK).into(&item)
	require.Equal(t, "Раздел", item.NameFull, "without a full name it shows its name")
	b.patch(fmt.Sprintf("/commands-toc/%d", sub), `{"name_full":"Long"}`).is(http.StatusOK)
	b.patch(fmt.Sprintf("/commands-toc/%d", sub), `{"name":"C","parent_id":null}`).is(http.StatusOK).into(&item)
	require.Equal(t, "Long", item.NameFull)
	b.patch(fmt.Sprintf("/commands-toc/%d", sub), `{"name_full":null}`).is(http.StatusOK).into(&item)
	require.Equal(t, "C", item.NameFull)
}

func TestCommands(t *testing.T) {
	t.Parallel()
	b := setup(t)
	unit, other := b.node("Unit", 0), b.node("Прибор", 0)
	top := b.section("Top", 0)
	sub := b.section("Sub", b.section("Mid", top))
	r1 := b.command("105", unit, top, nil)
	r2 := b.command("R2", unit, sub, r1)
	b.command("A3", other, b.section("Else", 0), nil)

	all := b.page("/commands")
	require.Equal(t, []string{"105", "A3", "R2"}, all.names())
	require.Equal(t, 1500, all.Limit)
	require.Equal(t, 3, all.Total)
	require.Empty(t, all.Params)
	require.Equal(t, "Unit", all.Content[2]["equipment_name"])
	require.Equal(t, "105", all.Content[2]["undo_cmd_name"])
	require.Contains(t, all.Content[0], "undo_cmd_id")
	require.Nil(t, all.Content[0]["undo_cmd_name"])

	byName := b.page("/commands?name=105")
	require.Equal(t, map[string]any{"name": "105"}, byName.Params, "a name stays a string")
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
	require.Equal(t, map[string]any{"toc-id": float64(top)}, b.page(fmt.Sprintf("/commands?toc-id=%d", top)).Params)
	for _, sort := range []string{"", "&sort=-name", "&sort=id", "&sort=-equipment_name", "&sort=name_full"} {
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
		require.Equal(t, whole, walked, sort)
	}
	require.Equal(t, []map[string]any{{"name": "A3"}}, b.page("/commands?name=A3&fields=name").Content)
	require.Contains(t, string(b.get("/commands?name=A3&fields=name,name").is(http.StatusOK).body), `[{"name":"A3"}]`, "once")

	for path, place := range map[string]string{
		"/commands?page=0": "query.page", "/commands?limit=0": "query.limit", "/commands?limit=5001": "query.limit",
		"/commands?page=9223372036854775808": "query.page", "/commands?toc-id=0": "query.toc-id",
		"/commands?cursor=abc": "query.cursor", "/commands?sort=x": "query.sort", "/commands?equipment-id=x": "query.equipment-id",
	} {
		b.get(path).refused(http.StatusUnprocessableEntity, place)
	}

	one := fmt.Sprintf("/commands/%d", r2)
	b.patch(one, fmt.Sprintf(`{"undo_cmd_id":%d}`, r2)).refused(http.StatusConflict, "body.undo_cmd_id")
	b.patch(one, `{"undo_cmd_id":99999}`).refused(http.StatusConflict, "body.undo_cmd_id")
	b.patch(one, `{"equipment_id":99999}`).refused(http.StatusConflict, "body.equipment_id")
	b.patch(one, `{"toc_id":99999}`).refused(http.StatusConflict, "body.toc_id")
	b.patch(one, `{"toc_id":null}`).refused(http.StatusUnprocessableEntity, "body.toc_id")
	b.patch(one, `{"name":"105"}`).refused(http.StatusConflict, "body.name")
	b.patch(one, fmt.Sprintf(`{"name":"a3","equipment_id":%d}`, other)).refused(http.StatusConflict, "body.name")
	var item map[string]any
	b.patch(one, `{"undo_cmd_id":null}`).is(http.StatusOK).into(&item)
	require.Nil(t, item["undo_cmd_id"])
	require.Equal(t, "R2", item["name"])
	b.delete(fmt.Sprintf("/commands/%d", r1)).is(http.StatusNoContent)
	b.patch(one, fmt.Sprintf(`{"undo_cmd_id":%d}`, r1)).refused(http.StatusConflict, "body.undo_cmd_id")
	b.post("/commands", `{"equipment_id":1,"toc_id":1,"name":"12345678901","name_full":"x","description":""}`).
		refused(http.StatusUnprocessableEntity, "body.name").refused(http.StatusUnprocessableEntity, "body.description")
}

func TestTelemetry(t *testing.T) {
	t.Parallel()
	b := setup(t)
	parameter := func(name, validator string) *answer {
		return b.post("/telemetry", fmt.Sprintf(`{"name":%q,"name_full":"full","description":"d","value_validator":%s}`, name, validator))
	}
	id := parameter("tmi1", `{"type":"array","items":{"type":"integer","minimum":9007199254740993}}`).is(http.StatusCreated).id()
	require.Contains(t, string(b.get(fmt.Sprintf("/telemetry/%d", id)).body), "9007199254740993", "numbers stay exact")
	parameter("TMI1", `{}`).refused(http.StatusConflict, "body.name")
	parameter("x", `{"type":"strange"}`).refused(http.StatusUnprocessableEntity, "body.value_validator.type")
	parameter("x", `{"$ref":"http://example.com/schema"}`).refused(http.StatusUnprocessableEntity, "body.value_validator")
	parameter("x", `[]`).refused(http.StatusUnprocessableEntity, "body.value_validator")
	parameter("x", `null`).is(http.StatusUnprocessableEntity)
	older := parameter("old", `{"length":4,"parser":"int"}`).is(http.StatusCreated).id()
	b.patch(fmt.Sprintf("/telemetry/%d", older), `{"value_validator":{"type":1}}`).refused(http.StatusUnprocessableEntity, "body.value_validator.type")

	var result struct {
		Valid  bool
		Errors []struct{ Location, Message, Code string }
	}
	b.post(fmt.Sprintf("/telemetry/%d/validate", id), `{"value":[9007199254740993,9007199254740992]}`).is(http.StatusOK).into(&result)
	require.False(t, result.Valid)
	require.Equal(t, "value[1]", result.Errors[0].Location)
	require.Equal(t, "below_minimum", result.Errors[0].Code)
	answer := b.post(fmt.Sprintf("/telemetry/%d/validate", id), `{"value":[]}`).is(http.StatusOK)
	require.JSONEq(t, `{"valid":true,"errors":[]}`, string(answer.body))
	b.post(fmt.Sprintf("/telemetry/%d/validate", older), `{"value":"12345"}`).is(http.StatusOK).into(&result)
	require.False(t, result.Valid)
	b.post(fmt.Sprintf("/telemetry/%d/validate", older), `{"value":null}`).is(http.StatusOK).into(&result)
	require.False(t, result.Valid)
	b.post(fmt.Sprintf("/telemetry/%d/validate", older), `{}`).refused(http.StatusUnprocessableEntity, "body.value")
	b.post("/telemetry/99999/validate", `{"value":1}`).is(http.StatusNotFound)

	list := b.page("/telemetry")
	require.Equal(t, 100, list.Limit)
	require.Equal(t, []string{"old", "tmi1"}, list.names())
	require.Equal(t, []string{"tmi1"}, b.page("/telemetry?name=TMI1").names())
	require.Equal(t, []string{"tmi1", "old"}, b.page("/telemetry?sort=-name").names())
	b.get("/telemetry?limit=5001").refused(http.StatusUnprocessableEntity, "query.limit")
	b.delete(fmt.Sprintf("/telemetry/%d", id)).is(http.StatusNoContent)
	parameter("tmi1", `{}`).is(http.StatusCreated)
	b.post(fmt.Sprintf("/telemetry/%d/restore", id), nil).refused(http.StatusConflict, "body.name")
}
