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
	quote := func(name string) string {
		quoted, err := json.Marshal(name)
		require.NoError(t, err)
		return string(quoted)
	}
	for path, item := range ways(unit, section) {
		t.Run("one by one and in batches: "+path, func(t *testing.T) {
			t.Parallel()
			b := b.in(t)
			one := of(path, b.Post(path, fmt.Sprintf(item, `"fldRX1"`)).Is(http.StatusCreated).ID())
			for _, name := range refusedNames {
				b.Post(path, fmt.Sprintf(item, quote(name))).Refused(unprocessable, "body.name", "forbidden_characters")
				b.Patch(one, fmt.Sprintf(`{"name":%s}`, quote(name))).Refused(unprocessable, "body.name", "forbidden_characters")
				b.Post(path+":batch", `{"operations":[{"op":"create","item":`+fmt.Sprintf(item, quote(name))+`}]}`).
					Refused(unprocessable, "body.operations[0].item.name", "forbidden_characters")
			}
		})
	}
	for place, row := range map[string]string{
		"body.equipments[0].name":   `"equipments":[{"name":%s,"name_full":"x"}]`,
		"body.commands_toc[0].name": `"commands_toc":[{"path":[%s]}]`,
		"body.commands[0].name":     `"commands":[{"name":%s,"name_full":"x","description":"x","equipment":"Unit","toc":["S"]}]`,
		"body.telemetry[0].name":    `"telemetry":[{"name":%s,"name_full":"x","description":"x","value_validator":{}}]`,
		"body.equipments[1].name":   `"equipments":[{"name":"ok","name_full":"x"},{"name":%s,"name_full":"x","parent":"ok"}]`,
	} {
		t.Run("in a document, at "+place, func(t *testing.T) {
			b := b.in(t)
			for _, name := range refusedNames {
				b.Post("/import", `{"format":"nms.cfg/1",`+fmt.Sprintf(row, quote(name))+`}`).Refused(unprocessable, place, "forbidden_characters")
			}
		})
	}
	t.Run("in a table", func(t *testing.T) {
		b := b.in(t)
		for _, name := range refusedNames {
			cell := `"` + name + `"`
			b.csv("equipments", "name,name_full\nok,x\n"+cell+",x").Refused(unprocessable, "body.lines[3].name", "forbidden_characters")
			b.csv("commands-toc", "path,name_full\n"+cell+",x").Refused(unprocessable, "body.lines[2].path", "forbidden_characters")
		}
	})
}

func TestNamesAreEqualAfterFolding(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for path, item := range ways(b.node("Unit", 0), b.section("S", 0)) {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			b := b.in(t)
			b.Post(path, fmt.Sprintf(item, `"οδοσ"`)).Is(http.StatusCreated)
			b.Post(path, fmt.Sprintf(item, `"straße"`)).Is(http.StatusCreated)
			for _, name := range []string{`"ΟΔΟΣ"`, `"οδος"`, `"STRASSE"`, `"ｓｔｒａßｅ"`} {
				b.Post(path, fmt.Sprintf(item, name)).Refused(conflict, "body.name", "name_taken")
			}
			require.Contains(t, string(b.Get(path+"?name="+url.QueryEscape("ΟΔΟΣ")).Is(http.StatusOK).Body), "οδοσ")
		})
	}
	t.Run("a table spells what is there anew", func(t *testing.T) {
		t.Parallel()
		b := b.in(t)
		b.node("δρομοσ", 0)
		var r report
		b.csv("equipments", "name,name_full\nΔΡΟΜΟΣ,y").Is(http.StatusOK).Into(&r)
		require.Equal(t, 1, r.Catalogues[0].Updated, "the same equipment in another spelling")
		b.csv("equipments", "name,name_full\nΔΡΟΜΟΣ,y\nδρομος,y").Refused(unprocessable, "body.lines[3].name", "repeated")
	})
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
			writers.Go(func() { statuses[i] = b.Post(path, body).Status })
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

// Names that are older than the rule go on being served; their items can be changed, exported, imported, archived, restored and renamed.
func TestOlderNamesGoOn(t *testing.T) {
	t.Parallel()
	b := setup(t)
	root := b.node("Root", 0)
	_, err := b.connect().Exec(t.Context(), `ALTER TABLE equipment DISABLE TRIGGER equipment_name_insert;
		INSERT INTO equipment (parent_id, name, name_full, name_clash) VALUES
			(1, ' fldRX1', 'x', 0), (1, 'οδος', 'first', 0), (1, 'οδοσ', 'second', 1);
		ALTER TABLE equipment ENABLE TRIGGER equipment_name_insert`)
	require.NoError(t, err)

	require.Equal(t, []string{" fldRX1", "οδος", "οδοσ"}, names(b.tree("/equipments")[0].Content))
	require.Len(t, b.tree("/equipments?name="+url.QueryEscape("ΟΔΟΣ")), 2)
	for id := root + 1; id <= root+3; id++ {
		one := fmt.Sprintf("/equipments/%d", id)
		var item treeNode
		b.Patch(one, `{"name_full":"changed"}`).Is(http.StatusOK).Into(&item)
		b.Patch(one, fmt.Sprintf(`{"name":%q,"name_full":"again"}`, item.Name)).Is(http.StatusOK)
	}
	var r report
	exported := string(b.Get("/export").Is(http.StatusOK).Body)
	b.Post("/import", exported).Is(http.StatusOK).Into(&r)
	require.Equal(t, 4, r.Catalogues[0].Unchanged)
	b.Post("/import", strings.ReplaceAll(exported, "again", "once more")).Is(http.StatusOK).Into(&r)
	require.Equal(t, 3, r.Catalogues[0].Updated)

	dirty, second := fmt.Sprintf("/equipments/%d", root+1), fmt.Sprintf("/equipments/%d", root+3)
	b.Delete(dirty).Is(http.StatusNoContent)
	b.Post(dirty+"/restore", nil).Is(http.StatusOK)
	b.Patch(dirty, `{"name":"fldRX1 "}`).Refused(unprocessable, "body.name", "forbidden_characters")
	b.Patch(dirty, `{"name":"fldRX1"}`).Is(http.StatusOK)
	b.Post("/equipments", fmt.Sprintf(`{"name":"ΟΔΟΣ","name_full":"third","parent_id":%d}`, root)).Refused(conflict, "body.name", "name_taken")
	b.Patch(second, `{"name":"own"}`).Is(http.StatusOK)
	b.Patch(second, `{"name":"οδοσ"}`).Refused(conflict, "body.name", "name_taken")
}
