package app_test

import (
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

//nolint:paralleltest,tparallel // each claim goes on from the one before
func TestImportIsIdempotentAndShowsTheDifference(t *testing.T) {
	t.Parallel()
	b := setup(t)
	imported := func(t *testing.T, query, document string) (r report) {
		t.Helper()
		b.in(t).Post("/import"+query, document).Is(http.StatusOK).Into(&r)
		return r
	}
	unchanged := func(t *testing.T, r report) {
		t.Helper()
		for _, c := range r.Catalogues {
			require.Zero(t, c.Created+c.Updated, "%+v", c)
		}
	}
	t.Run("a dry run tells what would be done and changes nothing", func(t *testing.T) {
		r := imported(t, "?dry-run=true", document)
		require.True(t, r.DryRun)
		require.Len(t, r.Catalogues, 4)
		require.Equal(t, 3, r.Catalogues[0].Created)
		require.Empty(t, b.in(t).tree("/equipments"))
	})
	t.Run("rows come in any order and are found by their names", func(t *testing.T) {
		imported(t, "", document)
		b := b.in(t)
		require.Equal(t, "/Top/Middle", b.tree("/equipments")[0].Content[0].Content[0].ParentPathName)
		require.Equal(t, "R1", b.page("/commands").Content[1]["undo_cmd_name"])
		require.Equal(t, "Leaf", b.page("/commands").Content[1]["equipment_name"])
	})
	t.Run("the same once more changes nothing and makes no version", func(t *testing.T) {
		unchanged(t, imported(t, "", document))
		b := b.in(t)
		require.Equal(t, 1, b.page(of("/equipments", b.tree("/equipments")[0].ID)+"/history").Total)
	})
	t.Run("what was exported changes nothing", func(t *testing.T) {
		unchanged(t, imported(t, "", string(b.in(t).Get("/export").Is(http.StatusOK).Body)))
	})
	t.Run("where a node is, is what it is known by: it is spelt anew, described, added to", func(t *testing.T) {
		r := imported(t, "", `{"format":"nms.cfg/1","equipments":[
			{"name":"New","name_full":"new","parent":"middle/Added"},
			{"name":"Added","name_full":"added","parent":"middle"},
			{"name":"LEAF","name_full":"leaf","parent":"Top/Middle"},
			{"name":"Middle","name_full":"Середина","parent":"Top"}]}`)
		require.Equal(t, 2, r.Catalogues[0].Created)
		require.Equal(t, 1, r.Catalogues[0].Updated)
		require.Equal(t, 1, r.Catalogues[0].Unchanged)
		require.Equal(t, "Top/Middle/Added/New", r.Catalogues[0].Changes[1].Key)
		require.Equal(t, "Leaf", r.Catalogues[0].Changes[2].Before["name"])
		require.Equal(t, "Top/Middle", r.Catalogues[0].Changes[2].After["parent"])
		tree := b.in(t).tree("/equipments")
		require.Equal(t, []string{"Top"}, names(tree))
		require.Equal(t, []string{"Added", "LEAF"}, names(tree[0].Content[0].Content))
		require.Equal(t, "/Top/Middle/Added", tree[0].Content[0].Content[0].Content[0].ParentPathName)
	})
}

func TestExportFitsAnotherSystem(t *testing.T) {
	t.Parallel()
	b, other := setup(t), setup(t)
	b.Post("/import", document).Is(http.StatusOK)
	other.node("shifts the ids", 0)
	other.Post("/import", string(b.Get("/export").Is(http.StatusOK).Body)).Is(http.StatusOK)
	require.Equal(t, string(b.Get("/export?catalogue=commands").Body), string(other.Get("/export?catalogue=commands").Body))

	// CSV, one catalogue after the other, with everything that spreadsheets do to files.
	third := setup(t)
	for _, catalogue := range []string{"equipments", "commands-toc", "commands", "telemetry"} {
		csv := b.Get("/export?format=csv&bom=true&catalogue=" + catalogue).Is(http.StatusOK)
		require.Equal(t, "text/csv; charset=utf-8", csv.Header.Get("Content-Type"))
		require.NotContains(t, string(csv.Body), ",=1+1", "no cell is a formula")
		third.csv(catalogue, string(csv.Body)).Is(http.StatusOK)
	}
	require.Equal(t, string(b.Get("/export").Body), string(third.Get("/export").Body))
	var r report
	third.Post("/import?catalogue=equipments", "\uFEFFparent;name_full;name\r\n;\"a;b\";Новый прибор\r\n", "Content-Type: text/csv; charset=utf-8").
		Is(http.StatusOK).Into(&r)
	require.Equal(t, "Новый прибор", r.Catalogues[0].Changes[0].Key)
}

//nolint:paralleltest,tparallel // a service takes two imports at once
func TestImportRefusesAsAWhole(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.Post("/import", document).Is(http.StatusOK)
	before := string(b.Get("/export").Body)
	t.Run("a document with", func(t *testing.T) {
		for claim, c := range map[string]struct{ content, place, code string }{
			"another format":                   {`"format":"other"`, "body.format", "not_one_of"},
			"a parent that is not there":       {`"equipments":[{"name":"X","name_full":"x","parent":"nobody"}]`, "body.equipments[0].parent", "reference_missing"},
			"a name twice":                     {`"equipments":[{"name":"ok","name_full":"x"},{"name":"OK","name_full":"x"}]`, "body.equipments[1].name", "repeated"},
			"nodes above each other":           {`"equipments":[{"name":"A","name_full":"x","parent":"B"},{"name":"B","name_full":"x","parent":"a"}]`, "body.equipments[0].parent", "cycle"},
			"an empty name":                    {`"equipments":[{"name":"","name_full":"x"}]`, "body.equipments[0].name", "too_short"},
			"a section below one that is none": {`"commands_toc":[{"path":["none","x"],"name_full":null}]`, "body.commands_toc[0].path", "reference_missing"},
			"a section of no path":             {`"commands_toc":[{"path":[],"name_full":null}]`, "body.commands_toc[0].path", "too_few"},
			"a command of equipment that is none": {`"commands":[{"name":"C","name_full":"c","description":"d","equipment":"none","toc":["A/B"],"undo_cmd":null}]`,
				"body.commands[0].equipment", "reference_missing"},
			"a command in a section that is none": {`"commands":[{"name":"C","name_full":"c","description":"d","equipment":"Top","toc":["none"],"undo_cmd":null}]`,
				"body.commands[0].toc", "reference_missing"},
			"a command that undoes itself": {`"commands":[{"name":"C","name_full":"c","description":"d","equipment":"Top","toc":["A/B"],"undo_cmd":"c"}]`,
				"body.commands[0].undo_cmd", "cycle"},
			"an undo that is none": {`"commands":[{"name":"C","name_full":"c","description":"d","equipment":"Top","toc":["A/B"],"undo_cmd":"none"}]`,
				"body.commands[0].undo_cmd", "reference_missing"},
			"a validator that is none": {`"telemetry":[{"name":"T","name_full":"c","description":"d","value_validator":{"type":"wrong"}}]`,
				"body.telemetry[0].value_validator.type", "bad_schema"},
			"a fault in its last catalogue": {`"equipments":[{"name":"Fine","name_full":"x"}],"telemetry":[{"name":"","name_full":"","description":"","value_validator":{}}]`,
				"body.telemetry[0].name", "too_short"},
		} {
			t.Run(claim, func(t *testing.T) {
				content := c.content
				if claim != "another format" {
					content = `"format":"nms.cfg/1",` + content
				}
				b.in(t).Post("/import", "{"+content+"}").Refused(unprocessable, c.place, c.code)
			})
		}
		t.Run("an unknown catalogue", func(t *testing.T) {
			b.in(t).Post("/import", `{"format":"nms.cfg/1","equipment":[]}`).Refused(badRequest, "body", "unknown_document")
		})
	})
	t.Run("a table", func(t *testing.T) {
		t.Run("of no catalogue", func(t *testing.T) {
			b.in(t).Post("/import", "name\nx", "Content-Type: text/csv").Refused(unprocessable, "query.catalogue", "required")
		})
		for claim, c := range map[string]struct{ text, place, code string }{
			"with an unknown column": {"name,colour\nx,y", "body", "bad_columns"},
			"without a column":       {"name\nx", "body", "bad_columns"},
			"without a cell":         {"name,name_full\nx", "body.lines[2].name_full", "too_short"},
			"of nothing":             {"", "body", "bad_columns"},
			"that is not UTF-8":      {"name,name_full\n\xff\xfe,x", "body", "not_utf8"},
		} {
			t.Run(claim, func(t *testing.T) {
				b.in(t).csv("equipments", c.text).Refused(unprocessable, c.place, c.code)
			})
		}
	})
	t.Run("a file of another kind", func(t *testing.T) {
		b.in(t).Post("/import", "x", "Content-Type: application/xml").Refused(http.StatusUnsupportedMediaType, "header.Content-Type", "unsupported_media_type")
	})
	require.Equal(t, before, string(b.Get("/export").Body), "nothing of all that was taken")
}
