package app_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
)

// refusedNames are what no name may be; each looks like another one, or like nothing.
var refusedNames = []string{
	"fldRX1 ", " fldRX1", "fld\u00A0RX1", "fld\u200BRX1", "\uFEFFfldRX1", "fld\u00ADRX1", "fld\u202ERX1", "   ", "\u3000", "\u2800", "a\nb", "x\uE000",
}

// ways are the ways in for one item of each catalogue, given the JSON members of its name.
func ways(equipment, section int64) map[string]string {
	return map[string]string{
		"/equipments":   `{"name":%s,"name_full":"x"}`,
		"/commands-toc": `{"name":%s}`,
		"/commands":     fmt.Sprintf(`{"name":%%s,"name_full":"x","description":"x","equipment_id":%d,"toc_id":%d}`, equipment, section),
		"/telemetry":    `{"name":%s,"name_full":"x","description":"x","value_validator":{}}`,
	}
}

func TestNamesThatLookLikeOthersAreRefusedOnEveryWayIn(t *testing.T) {
	t.Parallel()
	b := setup(t)
	unit, section := b.node("Unit", 0), b.section("S", 0)
	const invalid = http.StatusUnprocessableEntity
	for path, item := range ways(unit, section) {
		id := b.post(path, fmt.Sprintf(item, `"fldRX1"`)).is(http.StatusCreated).id()
		for _, name := range refusedNames {
			quoted, err := json.Marshal(name)
			require.NoError(t, err)
			b.post(path, fmt.Sprintf(item, quoted)).refused(invalid, "body.name")
			b.patch(fmt.Sprintf("%s/%d", path, id), fmt.Sprintf(`{"name":%s}`, quoted)).refused(invalid, "body.name")
			b.post(path+":batch", `{"operations":[{"op":"create","item":`+fmt.Sprintf(item, quoted)+`}]}`).
				refused(invalid, "body.operations[0].item.name")
		}
	}
	for _, name := range refusedNames {
		quoted, err := json.Marshal(name)
		require.NoError(t, err)
		for row, place := range map[string]string{
			`"equipments":[{"name":%s,"name_full":"x"}]`:                                                "body.equipments[0].name",
			`"commands_toc":[{"path":[%s]}]`:                                                            "body.commands_toc[0].name",
			`"commands":[{"name":%s,"name_full":"x","description":"x","equipment":"Unit","toc":["S"]}]`: "body.commands[0].name",
			`"telemetry":[{"name":%s,"name_full":"x","description":"x","value_validator":{}}]`:          "body.telemetry[0].name",
			`"equipments":[{"name":"ok","name_full":"x"},{"name":%s,"name_full":"x","parent":"ok"}]`:    "body.equipments[1].name",
		} {
			b.post("/import", `{"format":"nms.cfg/1",`+fmt.Sprintf(row, quoted)+`}`).refused(invalid, place)
		}
		cell := `"` + name + `"`
		b.csv("equipments", "name,name_full\nok,x\n"+cell+",x").refused(invalid, "body.lines[3].name")
		b.csv("commands-toc", "path,name_full\n"+cell+",x").refused(invalid, "body.lines[2].path")
	}
}

func (b *bundle) csv(catalogue, text string) *answer {
	b.t.Helper()
	return b.call(http.MethodPost, "/import?catalogue="+catalogue, text, "Content-Type: text/csv")
}

func TestNamesAreEqualAfterFolding(t *testing.T) {
	t.Parallel()
	b := setup(t)
	unit, section := b.node("Unit", 0), b.section("S", 0)
	for path, item := range ways(unit, section) {
		b.post(path, fmt.Sprintf(item, `"οδοσ"`)).is(http.StatusCreated)
		b.post(path, fmt.Sprintf(item, `"straße"`)).is(http.StatusCreated)
		for _, name := range []string{`"ΟΔΟΣ"`, `"οδος"`, `"STRASSE"`, `"ｓｔｒａßｅ"`} {
			b.post(path, fmt.Sprintf(item, name)).refused(http.StatusConflict, "body.name")
		}
		require.Contains(t, string(b.get(path+"?name="+url.QueryEscape("ΟΔΟΣ")).is(http.StatusOK).body), "οδοσ")
	}
	var r report
	b.csv("equipments", "name,name_full\nΟΔΟΣ,y").is(http.StatusOK).into(&r)
	require.Equal(t, 1, r.Catalogues[0].Updated, "the same equipment in another spelling")
	b.csv("equipments", "name,name_full\nΟΔΟΣ,y\nοδος,y").refused(http.StatusUnprocessableEntity, "body.lines[3].name")
}

// Names of live rows are unique in the database, whoever is first: each of several spellings at once, in two places each.
func TestEqualNamesAtOnceInEveryCatalogue(t *testing.T) {
	t.Parallel()
	b := setup(t)
	one, other, section := b.node("One", 0), b.node("Other", 0), b.section("S", 0)
	command := `{"name":%q,"name_full":"x","description":"x","equipment_id":%d,"toc_id":` + strconv.FormatInt(section, 10) + `}`
	under := `{"name":%q,"name_full":"x","parent_id":%d}`
	places := []struct{ path, body string }{
		{"/equipments", under}, {"/commands", command},
		{"/commands-toc", under},
	}
	spellings := []string{"οδοσ", "ΟΔΟΣ", "οδος", "Οδοσ"}
	race := func(path string, bodies []string) (made int) {
		statuses := make([]int, len(bodies))
		var writers sync.WaitGroup
		for i, body := range bodies {
			writers.Go(func() { statuses[i] = b.post(path, body).status })
		}
		writers.Wait()
		for _, status := range statuses {
			if status == http.StatusCreated {
				made++
				continue
			}
			require.Equal(t, http.StatusConflict, status, path)
		}
		return made
	}
	sectionOther := b.section("S2", 0)
	for _, p := range places {
		parents := []int64{one, other}
		if p.path == "/commands-toc" {
			parents = []int64{section, sectionOther}
		}
		var bodies []string
		for _, spelling := range spellings {
			for _, parent := range parents {
				bodies = append(bodies, fmt.Sprintf(p.body, spelling, parent))
			}
		}
		require.Equal(t, len(parents), race(p.path, bodies), p.path)
	}
	var bodies []string
	for _, spelling := range spellings {
		bodies = append(bodies, fmt.Sprintf(`{"name":%q,"name_full":"x","description":"x","value_validator":{}}`, spelling))
	}
	require.Equal(t, 1, race("/telemetry", bodies))
}

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
	b.post("/import", network).is(http.StatusOK)
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

	whole := string(b.get("/export").is(http.StatusOK).body)
	require.Contains(t, whole, `"parent":"Site A/A\\/B, \\\\;"`)
	require.Contains(t, whole, `"undo_cmd":"Site B/PSU/R\\/6"`)
	again.node("shifts the ids", 0)
	again.delete("/equipments/1").is(http.StatusNoContent)
	again.post("/import", whole).is(http.StatusOK)
	require.Equal(t, whole, string(again.get("/export").body))
	for _, catalogue := range []string{"equipments", "commands-toc", "commands", "telemetry"} {
		file := b.get("/export?format=csv&catalogue=" + catalogue).is(http.StatusOK)
		tables.csv(catalogue, string(file.body)).is(http.StatusOK)
	}
	require.Equal(t, whole, string(tables.get("/export").body))
	var r report
	tables.post("/import", whole).is(http.StatusOK).into(&r)
	for _, c := range r.Catalogues {
		require.Zero(t, c.Created+c.Updated, "%+v", c)
	}
}

func TestPlainNamesAreTakenWhereTheyAreClear(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.post("/import", network).is(http.StatusOK)
	before := string(b.get("/export").body)
	refused := func(row, place, message string) {
		t.Helper()
		a := b.post("/import", `{"format":"nms.cfg/1",`+row+`}`).refused(http.StatusUnprocessableEntity, place)
		require.Contains(t, string(a.body), message)
	}
	const several = "is the name of several pieces of equipment: write its path"
	refused(`"equipments":[{"name":"Fan","name_full":"x","parent":"PSU"}]`, "body.equipments[0].parent", several)
	refused(`"equipments":[{"name":"X","name_full":"x","parent":"Site C"},{"name":"Y","name_full":"x","parent":"X"},{"name":"X","name_full":"x","parent":"Site A"},
		{"name":"Site C","name_full":"c"}]`, "body.equipments[1].parent", several)
	command := `"commands":[{"name":"New","name_full":"x","description":"x","toc":["Power"],"equipment":%q,"undo_cmd":%q}]`
	refused(fmt.Sprintf(command, "PSU", "R105"), "body.commands[0].equipment", several)
	refused(fmt.Sprintf(command, "Site A/nothing", "R105"), "body.commands[0].equipment", "is no live equipment")
	refused(fmt.Sprintf(command, "Site B", "R105"), "body.commands[0].undo_cmd", "is the name of several commands of other equipment")
	refused(fmt.Sprintf(command, "Site B", "nothing"), "body.commands[0].undo_cmd", "is no live command")
	require.Equal(t, before, string(b.get("/export").body))

	// A plain name that only one has, also of a node that the document makes; "A/B, \;" as it was written before there were paths.
	b.post("/import", `{"format":"nms.cfg/1","equipments":[
		{"name":"Fan","name_full":"x","parent":"Shelf"},{"name":"Shelf","name_full":"x","parent":"Site B"},{"name":"LED","name_full":"x","parent":"B, \\;"},
		{"name":"PSU","name_full":"another","parent":"Shelf"}],
		"commands":[{"name":"New","name_full":"x","description":"x","toc":["Power"],"equipment":"fan","undo_cmd":null},
		{"name":"Newer","name_full":"x","description":"x","toc":["Power"],"equipment":"A/B, \\;","undo_cmd":"New"}]}`).is(http.StatusOK)
	require.Equal(t, "/Site B/Shelf", b.tree("/equipments?name=fan")[0].ParentPathName)
	require.Equal(t, "/Site A/A/B, \\;", b.tree("/equipments?name=led")[0].ParentPathName)
	require.Len(t, b.tree("/equipments?name=psu"), 4, "none was moved")
	newer := b.page("/commands?name=newer").Content[0]
	require.Equal(t, "A/B, \\;", newer["equipment_name"])
	require.Equal(t, "New", newer["undo_cmd_name"])
}

func TestSpreadsheets(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for i, file := range []string{
		"name;name_full;parent;\r\nSite%d;s;;\r\nUnit;u;Site%[1]d;\r\n;;;\r\n",
		"\uFEFFName;Name_Full;PARENT\nSite%d;s;\n;;\n\nUnit;u;Site%[1]d\n",
		"name\tname_full\tparent\nSite%d\ts\t\n\t\t\nUnit\tu\tSite%[1]d\n",
		";;\r\n;;\r\nparent;\"name\";Name_full;;\r\n;Site%d;s\r\nSite%[1]d;Unit;u;;",
		"name,name_full,parent,,\nSite%d,\"s\"\nUnit,u,Site%[1]d,,\n,,,,\n",
	} {
		var r report
		b.csv("equipments", fmt.Sprintf(file, i)).is(http.StatusOK).into(&r)
		require.Equal(t, 2, r.Catalogues[0].Created, "%q", file)
		require.Equal(t, fmt.Sprintf("Site%d/Unit", i), r.Catalogues[0].Changes[1].Key, "%q", file)
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
		a := b.csv("equipments", file).is(http.StatusUnprocessableEntity)
		var p struct {
			Errors []struct{ Location, Message string }
		}
		a.into(&p)
		require.Contains(t, p.Errors[0].Message, want, "%q", file)
	}
	// A cell of several lines: the line of an editor and the row of a spreadsheet are two things.
	b.node("Unit", 0)
	b.section("S", 0)
	a := b.csv("commands", "name;name_full;description;equipment;toc\nA;a;\"one\ntwo\nthree\";Unit;S\n\nB;b;;Unit;S\n").is(http.StatusUnprocessableEntity)
	require.Contains(t, string(a.body), `"body.lines[6].description"`)
	require.Contains(t, string(a.body), "line 6 (row 4), column 3 (description): must have 1 to 300 characters")
	a = b.csv("telemetry", "name;name_full;description;value_validator\nt;t;t;\"{\"\"type\"\":\"\"strange\"\"}\"\n").is(http.StatusUnprocessableEntity)
	require.Contains(t, string(a.body), "line 2, column 4 (value_validator.type)")
}

// Names that are older than the rule go on being served; their items can be changed, exported, imported, archived, restored and renamed.
func TestOlderNamesGoOn(t *testing.T) {
	t.Parallel()
	b := setup(t)
	root := b.node("Root", 0)
	conn, err := pgx.Connect(t.Context(), b.settings["DB_NMS_DSN"])
	require.NoError(t, err)
	_, err = conn.Exec(t.Context(), `ALTER TABLE equipment DISABLE TRIGGER equipment_name_insert;
		INSERT INTO equipment (parent_id, name, name_full, name_clash) VALUES
			(1, ' fldRX1', 'x', 0), (1, 'οδος', 'first', 0), (1, 'οδοσ', 'second', 1);
		ALTER TABLE equipment ENABLE TRIGGER equipment_name_insert`)
	require.NoError(t, err)
	require.NoError(t, conn.Close(t.Context()))

	require.Equal(t, []string{" fldRX1", "οδος", "οδοσ"}, names(b.tree("/equipments")[0].Content))
	require.Len(t, b.tree("/equipments?name="+url.QueryEscape("ΟΔΟΣ")), 2)
	for id := root + 1; id <= root+3; id++ {
		one := fmt.Sprintf("/equipments/%d", id)
		var item treeNode
		b.patch(one, `{"name_full":"changed"}`).is(http.StatusOK).into(&item)
		b.patch(one, fmt.Sprintf(`{"name":%q,"name_full":"again"}`, item.Name)).is(http.StatusOK)
	}
	var r report
	exported := string(b.get("/export").is(http.StatusOK).body)
	b.post("/import", exported).is(http.StatusOK).into(&r)
	require.Equal(t, 4, r.Catalogues[0].Unchanged)
	b.post("/import", strings.ReplaceAll(exported, "again", "once more")).is(http.StatusOK).into(&r)
	require.Equal(t, 3, r.Catalogues[0].Updated)

	dirty, second := fmt.Sprintf("/equipments/%d", root+1), fmt.Sprintf("/equipments/%d", root+3)
	b.delete(dirty).is(http.StatusNoContent)
	b.post(dirty+"/restore", nil).is(http.StatusOK)
	b.patch(dirty, `{"name":"fldRX1 "}`).refused(http.StatusUnprocessableEntity, "body.name")
	b.patch(dirty, `{"name":"fldRX1"}`).is(http.StatusOK)
	b.post("/equipments", fmt.Sprintf(`{"name":"ΟΔΟΣ","name_full":"third","parent_id":%d}`, root)).refused(http.StatusConflict, "body.name")
	b.patch(second, `{"name":"own"}`).is(http.StatusOK)
	b.patch(second, `{"name":"οδοσ"}`).refused(http.StatusConflict, "body.name")
}
