package app_test

import (
	"fmt"
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"
)

// network is what two sites with the same units look like. Names hold what paths and CSV have to escape.
const network = `{"format":"nms.cfg/1",
"equipments":[
	{"name":"Site A","name_full":"a","parent":null},{"name":"Site B","name_full":"b","parent":null},
	{"name":"PSU","name_full":"psu a","parent":"Site A"},{"name":"PSU","name_full":"psu b","parent":"Site B"},
	{"name":"A/B, \\;","name_full":"odd","parent":"Site A"},{"name":"PSU","name_full":"psu of odd","parent":"Site A/A\\/B, \\\\;"},
	{"name":"A","name_full":"a","parent":"Site A"},{"name":"B, \\;","name_full":"not odd","parent":"Site A/A"}],
"commands_toc":[{"path":["Power"],"name_full":null},{"path":["Power","Off/On"],"name_full":"x"}],
"commands":[
	{"name":"R105","name_full":"off","description":"a","equipment":"Site A/PSU","toc":["Power"],"undo_cmd":"R/6"},
	{"name":"R/6","name_full":"on","description":"a","equipment":"/Site A/PSU","toc":["Power","Off/On"],"undo_cmd":"R105"},
	{"name":"R105","name_full":"off","description":"b","equipment":"site b/psu","toc":["Power"],"undo_cmd":"R\\/6"},
	{"name":"R/6","name_full":"on","description":"b","equipment":"Site B/PSU","toc":["Power","Off/On"],"undo_cmd":null},
	{"name":"R105","name_full":"off","description":"odd","equipment":"Site A/A\\/B, \\\\;/PSU","toc":["Power"],"undo_cmd":"Site B/PSU/R\\/6"}],
"telemetry":[{"name":"t1","name_full":"x","description":"x","value_validator":{}}]}`

func TestTwoSitesWithTheSameUnitsGoRound(t *testing.T) {
	t.Parallel()
	b, again, tables := setup(t), setup(t), setup(t)
	b.Post("/import", network).Is(http.StatusOK)
	require.Len(t, b.tree("/equipments?name=psu"), 3, "a name filter finds all of them")
	require.Equal(t, []string{"PSU", "PSU", "PSU"}, names(b.tree("/equipments?root-name=psu")))
	require.Equal(t, []string{"PSU"}, names(b.tree("/equipments?root-name="+url.QueryEscape("/site b/psu"))))
	require.Equal(t, []string{"A/B, \\;"}, names(b.tree("/equipments?root-name="+url.QueryEscape(`/Site A/A\/B, \\;`))))
	require.Empty(t, b.tree("/equipments?root-name=/PSU"), "no root")
	require.Empty(t, b.tree("/equipments?root-name=/"))
	require.Equal(t, []string{"Off/On"}, names(b.tree("/commands-toc?root-name="+url.QueryEscape(`/power/off\/on`))))
	commands := b.page("/commands?name=r105")
	require.Equal(t, []string{"R105", "R105", "R105"}, commands.names())
	require.Equal(t, 3, commands.Total)
	require.Equal(t, 3, b.page("/commands?equipment-name=psu&name=R105").Total)

	whole := string(b.Get("/export").Is(http.StatusOK).Body)
	require.Contains(t, whole, `"parent":"Site A/A\\/B, \\\\;"`)
	require.Contains(t, whole, `"undo_cmd":"Site B/PSU/R\\/6"`)
	again.node("shifts the ids", 0)
	again.Delete("/equipments/1").Is(http.StatusNoContent)
	again.Post("/import", whole).Is(http.StatusOK)
	require.Equal(t, whole, string(again.Get("/export").Body))
	for _, catalogue := range []string{"equipments", "commands-toc", "commands", "telemetry"} {
		file := b.Get("/export?format=csv&catalogue=" + catalogue).Is(http.StatusOK)
		tables.csv(catalogue, string(file.Body)).Is(http.StatusOK)
	}
	require.Equal(t, whole, string(tables.Get("/export").Body))
	var r report
	tables.Post("/import", whole).Is(http.StatusOK).Into(&r)
	for _, c := range r.Catalogues {
		require.Zero(t, c.Created+c.Updated, "%+v", c)
	}
}

//nolint:paralleltest,tparallel // a service takes two imports at once
func TestPlainNamesAreTakenWhereTheyAreClear(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.Post("/import", network).Is(http.StatusOK)
	before := string(b.Get("/export").Body)
	const several = "is the name of several pieces of equipment: write its path"
	command := `"commands":[{"name":"New","name_full":"x","description":"x","toc":["Power"],"equipment":%q,"undo_cmd":%q}]`
	t.Run("and refused where they are not", func(t *testing.T) {
		for claim, c := range map[string]struct{ row, place, code, message string }{
			"a parent that several are": {`"equipments":[{"name":"Fan","name_full":"x","parent":"PSU"}]`, "body.equipments[0].parent", "ambiguous_name", several},
			"a parent that several rows are": {`"equipments":[{"name":"X","name_full":"x","parent":"Site C"},{"name":"Y","name_full":"x","parent":"X"},
				{"name":"X","name_full":"x","parent":"Site A"},{"name":"Site C","name_full":"c"}]`, "body.equipments[1].parent", "ambiguous_name", several},
			"equipment that several are": {fmt.Sprintf(command, "PSU", "R105"), "body.commands[0].equipment", "ambiguous_name", several},
			"equipment that none is":     {fmt.Sprintf(command, "Site A/nothing", "R105"), "body.commands[0].equipment", "reference_missing", "is no live equipment"},
			"an undo that several are": {fmt.Sprintf(command, "Site B", "R105"), "body.commands[0].undo_cmd", "ambiguous_name",
				"is the name of several commands of other equipment"},
			"an undo that none is": {fmt.Sprintf(command, "Site B", "nothing"), "body.commands[0].undo_cmd", "reference_missing", "is no live command"},
		} {
			t.Run(claim, func(t *testing.T) {
				require.Contains(t, string(b.in(t).Post("/import", `{"format":"nms.cfg/1",`+c.row+`}`).Refused(unprocessable, c.place, c.code).Body), c.message)
			})
		}
	})
	require.Equal(t, before, string(b.Get("/export").Body), "nothing of that was taken")

	// A plain name that only one has, also of a node that the document makes; "A/B, \;" as it was written before there were paths.
	b.Post("/import", `{"format":"nms.cfg/1","equipments":[
		{"name":"Fan","name_full":"x","parent":"Shelf"},{"name":"Shelf","name_full":"x","parent":"Site B"},{"name":"LED","name_full":"x","parent":"B, \\;"},
		{"name":"PSU","name_full":"another","parent":"Shelf"}],
		"commands":[{"name":"New","name_full":"x","description":"x","toc":["Power"],"equipment":"fan","undo_cmd":null},
		{"name":"Newer","name_full":"x","description":"x","toc":["Power"],"equipment":"A/B, \\;","undo_cmd":"New"}]}`).Is(http.StatusOK)
	require.Equal(t, "/Site B/Shelf", b.tree("/equipments?name=fan")[0].ParentPathName)
	require.Equal(t, "/Site A/A/B, \\;", b.tree("/equipments?name=led")[0].ParentPathName)
	require.Len(t, b.tree("/equipments?name=psu"), 4, "none was moved")
	newer := b.page("/commands?name=newer").Content[0]
	require.Equal(t, "A/B, \\;", newer["equipment_name"])
	require.Equal(t, "New", newer["undo_cmd_name"])
}

//nolint:paralleltest,tparallel // a service takes two imports at once
func TestSpreadsheets(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.node("Unit", 0)
	b.section("S", 0)
	i := 0
	for claim, file := range map[string]string{
		"semicolons, an empty column and an empty row": "name;name_full;parent;\r\nSite%d;s;;\r\nUnit;u;Site%[1]d;\r\n;;;\r\n",
		"a byte order mark, columns in capitals":       "\uFEFFName;Name_Full;PARENT\nSite%d;s;\n;;\n\nUnit;u;Site%[1]d\n",
		"tabs":                                         "name\tname_full\tparent\nSite%d\ts\t\n\t\t\nUnit\tu\tSite%[1]d\n",
		"empty rows above, columns in another order":   ";;\r\n;;\r\nparent;\"name\";Name_full;;\r\n;Site%d;s\r\nSite%[1]d;Unit;u;;",
		"commas, cells left out at the end":            "name,name_full,parent,,\nSite%d,\"s\"\nUnit,u,Site%[1]d,,\n,,,,\n",
	} {
		i++
		file, key := fmt.Sprintf(file, i), fmt.Sprintf("Site%d/Unit", i)
		t.Run("what a spreadsheet saves is read: "+claim, func(t *testing.T) {
			var r report
			b.in(t).csv("equipments", file).Is(http.StatusOK).Into(&r)
			require.Equal(t, 2, r.Catalogues[0].Created)
			require.Equal(t, key, r.Catalogues[0].Changes[1].Key)
		})
	}
	for file, want := range map[string]string{
		"name;name_full;parent;\r\nOk;x;;\r\n;;;\r\nBad ;x;;\r\n": "line 4, column 1 (name): must not begin or end with blanks",
		"parent;name_full;name\n;\"two\nlines\";A\n;;\n;x;B \n":   "line 2, column 2 (name_full): must not contain control characters",
		"parent;name_full;name\nnobody;x;A\n":                     "line 2, column 1 (parent): is no live equipment",
		"name,name_full\nA,\n":                                    "line 2, column 2 (name_full): must have 1 to 150 characters",
		"name,name_full\n\nA,x\na,x\n":                            "line 4, column 1 (name): is the same as that of line 3",
		"name,name_full\nA,x,y\n":                                 "line 2, column 3: holds a value, but the first line names no such column",
		"name,name_full,\nA,x,y\n":                                "line 2, column 3: holds a value, but the first line names no such column",
		"name,name_full\nA,\"x\n":                                 "line 2: is not CSV",
		"name,colour\nA,x\n":                                      "line 1, column 2: is unknown or there already; the columns are name, name_full, parent",
		"name,NAME,name_full\nA,x,y\n":                            "line 1, column 2: is unknown or there already",
		",,\nname,parent\nA,x\n":                                  "line 2: lacks the column name_full",
		"name,name_full\n\xff,x\n":                                "must be UTF-8",
		"\n;;\n":                                                  "must begin with a line that names the columns",
	} {
		t.Run("a fault is told by line and column: "+want, func(t *testing.T) {
			require.Contains(t, b.in(t).csv("equipments", file).Problem(unprocessable).Errors[0].Message, want)
		})
	}
	t.Run("a cell of several lines: the line of an editor and the row of a spreadsheet are two things", func(t *testing.T) {
		a := b.in(t).csv("commands", "name;name_full;description;equipment;toc\nA;a;\"one\ntwo\nthree\";Unit;S\n\nB;b;;Unit;S\n").
			Refused(unprocessable, "body.lines[6].description", "too_short")
		require.Contains(t, string(a.Body), "line 6 (row 4), column 3 (description): must have 1 to 300 characters")
	})
	t.Run("a fault inside a cell", func(t *testing.T) {
		a := b.in(t).csv("telemetry", "name;name_full;description;value_validator\nt;t;t;\"{\"\"type\"\":\"\"strange\"\"}\"\n").Is(unprocessable)
		require.Contains(t, string(a.Body), "line 2, column 4 (value_validator.type)")
	})
}
