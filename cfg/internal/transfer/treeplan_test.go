package transfer

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"nms.example/common/fault"

	"nms.example/cfg/internal/tree"
)

// rack is the live tree: Site A > PSU and Rack > PSU; Site B.
func rack() *index {
	return newIndex([]tree.Row{
		{ID: 1, ParentPath: "0", Name: "Site A"},
		{ID: 2, ParentPath: "0", Name: "Site B"},
		{ID: 3, ParentID: new(int64(1)), ParentPath: "0.1", Name: "PSU"},
		{ID: 4, ParentID: new(int64(1)), ParentPath: "0.1", Name: "Rack"},
		{ID: 5, ParentID: new(int64(4)), ParentPath: "0.1.4", Name: "PSU"},
	}, func(int) string { return "full" })
}

// planned plans rows, each as "parent|name|full name", and returns what is to be made and changed, by paths.
func planned(t *testing.T, rows ...string) (creates, updates []string, same int, err error) {
	t.Helper()
	p := &treePlan{index: rack(), refusals: refusals{member: "rows"}, field: "parent", nameField: "name", nobody: "is nobody"}
	for _, text := range rows {
		cells := strings.Split(text, "|")
		p.rows = append(p.rows, treeRow{above: tree.SplitPath(cells[0]), plain: cells[0], name: cells[1], nameFull: cells[2]})
	}
	err = p.run(func(r treeRow, was string) error {
		if r.name == "bad" && was == "" {
			return fault.At(fault.Field("name"), fault.CodeInvalid, "is bad")
		}
		return nil
	})
	for _, n := range p.creates {
		creates = append(creates, n.path())
	}
	for _, n := range p.updates {
		updates = append(updates, n.path())
	}
	return creates, updates, p.same, err
}

func TestATreePlan(t *testing.T) {
	t.Parallel()
	for claim, c := range map[string]struct {
		rows, creates, updates []string
		same                   int
	}{
		"what is there as it is stays":                  {[]string{"Site A|PSU|full", "|Site B|full"}, nil, nil, 2},
		"a new spelling and a new full name change":     {[]string{"Site A|psu|full", "|Site B|other"}, nil, []string{"Site A/psu", "Site B"}, 0},
		"parents are made before what is below them":    {[]string{"Site C/Hall|Unit|x", "Site C|Hall|x", "|Site C|x"}, []string{"Site C", "Site C/Hall", "Site C/Hall/Unit"}, nil, 0},
		"a name in another place is another node":       {[]string{"Site B|PSU|full"}, []string{"Site B/PSU"}, nil, 0},
		"a plain name that one has is the place":        {[]string{"rack|Fan|x"}, []string{"Site A/Rack/Fan"}, nil, 0},
		"a plain name of a row is the place":            {[]string{"Shelf|Fan|x", "Site B|Shelf|x"}, []string{"Site B/Shelf", "Site B/Shelf/Fan"}, nil, 0},
		"a path that a row has goes before plain names": {[]string{"PSU|Fan|x", "|PSU|x"}, []string{"PSU", "PSU/Fan"}, nil, 0},
	} {
		t.Run(claim, func(t *testing.T) {
			t.Parallel()
			creates, updates, same, err := planned(t, c.rows...)
			require.NoError(t, err)
			require.Equal(t, c.creates, creates)
			require.Equal(t, c.updates, updates)
			require.Equal(t, c.same, same)
		})
	}
}

func TestATreePlanRefuses(t *testing.T) {
	t.Parallel()
	for claim, c := range map[string]struct {
		rows        []string
		place, code string
	}{
		"a place that is nowhere":             {[]string{"nobody|Fan|x"}, "rows[0].parent", "reference_missing"},
		"a plain name that several have":      {[]string{"PSU|Fan|x"}, "rows[0].parent", "ambiguous_name"},
		"one that a live node and a row have": {[]string{"Rack|Fan|x", "Site B|Rack|x"}, "rows[0].parent", "ambiguous_name"},
		"a node twice":                        {[]string{"Site A|PSU|x", "site a|psu|y"}, "rows[1].name", "repeated"},
		"a new node twice":                    {[]string{"|New|x", "|NEW|x"}, "rows[1].name", "repeated"},
		"nodes above each other":              {[]string{"B|A|x", "A|B|x"}, "rows[0].parent", "cycle"},
		"what the check refuses":              {[]string{"|fine|x", "|bad|x"}, "rows[1].name", "invalid"},
	} {
		t.Run(claim, func(t *testing.T) {
			t.Parallel()
			_, _, _, err := planned(t, c.rows...)
			refusal := fault.As(err)
			require.NotNil(t, refusal, "%v", err)
			detail := refusal.Details[0]
			require.Equal(t, c.place+" "+c.code, detail.Place().Name()+" "+detail.Code().Name)
		})
	}
}

func TestWhereANodeIs(t *testing.T) {
	t.Parallel()
	x := rack()
	made := &treeNode{id: 9, name: "A/B", parent: x.byID[4], index: 0}
	require.Equal(t, tree.Node{ID: 9, ParentID: new(int64(4)), ParentPath: "0.1.4", ParentPathName: "/Site A/Rack", Name: "A/B", NameFull: "A/B"},
		item(made, map[*treeNode]position{}), "without a full name it shows its name")
	require.Equal(t, `Site A/Rack/A\/B`, made.path())
	renamed := x.byID[4]
	renamed.name = "Shelf"
	require.Equal(t, "/Site A/Shelf", item(x.byID[5], map[*treeNode]position{}).ParentPathName, "as it will be")
	require.Equal(t, "/Site A/Rack", itemWas(x.byID[5]).ParentPathName, "as it was")
	require.Equal(t, "/", itemWas(x.byID[1]).ParentPathName)
	var order []string
	for _, n := range rack().ordered() {
		order = append(order, n.path())
	}
	require.Equal(t, []string{"Site A", "Site A/PSU", "Site A/Rack", "Site A/Rack/PSU", "Site B"}, order, "each followed by what is below it")
}
