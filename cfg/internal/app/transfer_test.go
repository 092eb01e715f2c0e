package app_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

type report struct {
	DryRun     bool `json:"dry_run"`
	Catalogues []struct {
		Catalogue                   string
		Created, Updated, Unchanged int
		Changes                     []struct {
			Op, Key       string
			Before, After map[string]any
		}
	}
}

const document = `{"format":"nms.cfg/1",
"equipments":[
	{"name":"Leaf","name_full":"Лист","parent":"Middle"},
	{"name":"Middle","name_full":"Середина","parent":"Top"},
	{"name":"Top","name_full":"Верх","parent":null}],
"commands_toc":[{"path":["A/B","C\\D"],"name_full":null},{"path":["A/B"],"name_full":"Раздел"}],
"commands":[
	{"name":"R2","name_full":"two","description":"line one\nline two","equipment":"leaf","toc":["a/b","c\\d"],"undo_cmd":"R1"},
	{"name":"R1","name_full":"=1+1","description":"@evil","equipment":"Top","toc":["A/B"],"undo_cmd":null}],
"telemetry":[
	{"name":"t1","name_full":"'quoted","description":"-","value_validator":{"type":"number","maximum":1e2}},
	{"name":"t2","name_full":"\"","description":"\r\n\"a\r\nb\rc\n\n","value_validator":{}},
	{"name":"t3","name_full":"''","description":"\n","value_validator":{}}]}`

func TestImportIsIdempotentAndShowsTheDifference(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var r report
	b.post("/import?dry-run=true", document).is(http.StatusOK).into(&r)
	require.True(t, r.DryRun)
	require.Len(t, r.Catalogues, 4)
	require.Equal(t, 3, r.Catalogues[0].Created)
	require.Empty(t, b.tree("/equipments"), "a dry run changes nothing")

	b.post("/import", document).is(http.StatusOK)
	tree := b.tree("/equipments")
	require.Equal(t, "/Top/Middle", tree[0].Content[0].Content[0].ParentPathName)
	require.Equal(t, "R1", b.page("/commands").Content[1]["undo_cmd_name"])
	require.Equal(t, "Leaf", b.page("/commands").Content[1]["equipment_name"])
	b.post("/import", document).is(http.StatusOK).into(&r)
	for _, c := range r.Catalogues {
		require.Zero(t, c.Created+c.Updated, "%+v", c)
	}
	history := func() (p page) {
		b.get(fmt.Sprintf("/equipments/%d/history", tree[0].ID)).is(http.StatusOK).into(&p)
		return p
	}
	require.Equal(t, 1, history().Total)

	exported := b.get("/export").is(http.StatusOK)
	b.post("/import", string(exported.body)).is(http.StatusOK).into(&r)
	for _, c := range r.Catalogues {
		require.Zero(t, c.Created+c.Updated, "%+v", c)
	}
	// Spell, describe and add, in any order: where a node is, is what it is known by.
	b.post("/import", `{"format":"nms.cfg/1","equipments":[
		{"name":"New","name_full":"new","parent":"middle/Added"},
		{"name":"Added","name_full":"added","parent":"middle"},
		{"name":"LEAF","name_full":"leaf","parent":"Top/Middle"},
		{"name":"Middle","name_full":"Середина","parent":"Top"}]}`).is(http.StatusOK).into(&r)
	require.Equal(t, 2, r.Catalogues[0].Created)
	require.Equal(t, 1, r.Catalogues[0].Updated)
	require.Equal(t, 1, r.Catalogues[0].Unchanged)
	require.Equal(t, "Top/Middle/Added/New", r.Catalogues[0].Changes[1].Key)
	require.Equal(t, "Leaf", r.Catalogues[0].Changes[2].Before["name"])
	require.Equal(t, "Top/Middle", r.Catalogues[0].Changes[2].After["parent"])
	tree = b.tree("/equipments")
	require.Equal(t, []string{"Top"}, names(tree))
	require.Equal(t, []string{"Added", "LEAF"}, names(tree[0].Content[0].Content))
	require.Equal(t, "/Top/Middle/Added", tree[0].Content[0].Content[0].Content[0].ParentPathName)
}

func TestExportFitsAnotherSystem(t *testing.T) {
	t.Parallel()
	b, other := setup(t), setup(t)
	b.post("/import", document).is(http.StatusOK)
	other.node("shifts the ids", 0)
	other.post("/import", string(b.get("/export").is(http.StatusOK).body)).is(http.StatusOK)
	require.Equal(t, string(b.get("/export?catalogue=commands").body), string(other.get("/export?catalogue=commands").body))

	// CSV, one catalogue after the other, with everything that spreadsheets do to files.
	third := setup(t)
	for _, catalogue := range []string{"equipments", "commands-toc", "commands", "telemetry"} {
		csv := b.get("/export?format=csv&bom=true&catalogue=" + catalogue).is(http.StatusOK)
		require.Equal(t, "text/csv; charset=utf-8", csv.header.Get("Content-Type"))
		require.NotContains(t, string(csv.body), ",=1+1", "no cell is a formula")
		third.call(http.MethodPost, "/import?catalogue="+catalogue, string(csv.body), "Content-Type: text/csv").is(http.StatusOK)
	}
	require.Equal(t, string(b.get("/export").body), string(third.get("/export").body))
	var r report
	third.call(http.MethodPost, "/import?catalogue=equipments", "\uFEFFparent;name_full;name\r\n;\"a;b\";Новый прибор\r\n", "Content-Type: text/csv; charset=utf-8").
		is(http.StatusOK).into(&r)
	require.Equal(t, "Новый прибор", r.Catalogues[0].Changes[0].Key)
}

func TestImportRefusesAsAWhole(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.post("/import", document).is(http.StatusOK)
	before := string(b.get("/export").body)
	for body, place := range map[string]string{
		`{"format":"other"}`: "body.format",
		`{"format":"nms.cfg/1","equipments":[{"name":"X","name_full":"x","parent":"nobody"}]}`:                                                                 "body.equipments[0].parent",
		`{"format":"nms.cfg/1","equipments":[{"name":"ok","name_full":"x"},{"name":"OK","name_full":"x"}]}`:                                                    "body.equipments[1].name",
		`{"format":"nms.cfg/1","equipments":[{"name":"A","name_full":"x","parent":"B"},{"name":"B","name_full":"x","parent":"a"}]}`:                            "body.equipments[0].parent",
		`{"format":"nms.cfg/1","equipments":[{"name":"","name_full":"x"}]}`:                                                                                    "body.equipments[0].name",
		`{"format":"nms.cfg/1","commands_toc":[{"path":["none","x"],"name_full":null}]}`:                                                                       "body.commands_toc[0].path",
		`{"format":"nms.cfg/1","commands_toc":[{"path":[],"name_full":null}]}`:                                                                                 "body.commands_toc[0].path",
		`{"format":"nms.cfg/1","commands":[{"name":"C","name_full":"c","description":"d","equipment":"none","toc":["A/B"],"undo_cmd":null}]}`:                  "body.commands[0].equipment",
		`{"format":"nms.cfg/1","commands":[{"name":"C","name_full":"c","description":"d","equipment":"Top","toc":["none"],"undo_cmd":null}]}`:                  "body.commands[0].toc",
		`{"format":"nms.cfg/1","commands":[{"name":"C","name_full":"c","description":"d","equipment":"Top","toc":["A/B"],"undo_cmd":"c"}]}`:                    "body.commands[0].undo_cmd",
		`{"format":"nms.cfg/1","commands":[{"name":"C","name_full":"c","description":"d","equipment":"Top","toc":["A/B"],"undo_cmd":"none"}]}`:                 "body.commands[0].undo_cmd",
		`{"format":"nms.cfg/1","telemetry":[{"name":"T","name_full":"c","description":"d","value_validator":{"type":"wrong"}}]}`:                               "body.telemetry[0].value_validator.type",
		`{"format":"nms.cfg/1","equipments":[{"name":"Fine","name_full":"x"}],"telemetry":[{"name":"","name_full":"","description":"","value_validator":{}}]}`: "body.telemetry[0].name",
	} {
		b.post("/import", body).refused(http.StatusUnprocessableEntity, place)
	}
	b.post("/import", `{"format":"nms.cfg/1","equipment":[]}`).refused(http.StatusBadRequest, "body")
	b.call(http.MethodPost, "/import", "name\nx", "Content-Type: text/csv").refused(http.StatusUnprocessableEntity, "query.catalogue")
	csv := func(text string) *answer {
		return b.call(http.MethodPost, "/import?catalogue=equipments", text, "Content-Type: text/csv")
	}
	csv("name,colour\nx,y").refused(http.StatusUnprocessableEntity, "body")
	csv("name\nx").refused(http.StatusUnprocessableEntity, "body")
	csv("name,name_full\nx").refused(http.StatusUnprocessableEntity, "body.lines[2].name_full")
	csv("").refused(http.StatusUnprocessableEntity, "body")
	csv("name,name_full\n\xff\xfe,x").refused(http.StatusUnprocessableEntity, "body")
	b.call(http.MethodPost, "/import", "x", "Content-Type: application/xml").is(http.StatusUnsupportedMediaType)
	require.Equal(t, before, string(b.get("/export").body))
}
