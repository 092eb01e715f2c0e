package app_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
)

func (b *bundle) connect() *pgx.Conn {
	b.t.Helper()
	conn, err := pgx.Connect(b.t.Context(), b.settings["DB_NMS_DSN"])
	require.NoError(b.t, err)
	b.t.Cleanup(func() { _ = conn.Close(context.WithoutCancel(b.t.Context())) })
	return conn
}

// now is the database's time.
func (b *bundle) now() (now time.Time) {
	b.t.Helper()
	require.NoError(b.t, b.connect().QueryRow(b.t.Context(), "SELECT clock_timestamp()").Scan(&now))
	return now
}

// atParam adds the moment to a path.
func atParam(path string, moment time.Time) string {
	sign := "?"
	if strings.Contains(path, "?") {
		sign = "&"
	}
	return path + sign + "at=" + url.QueryEscape(moment.Format(time.RFC3339Nano))
}

// seen is an answer as it was read: its status and, but for the echo of the parameters, its body.
func (b *bundle) seen(path string) string {
	b.t.Helper()
	a := b.get(path)
	if a.status != http.StatusOK {
		require.Equal(b.t, http.StatusNotFound, a.status, "%s: %s", path, a.body)
		return "404"
	}
	var fields map[string]json.RawMessage
	if json.Unmarshal(a.body, &fields) != nil || fields["params"] == nil {
		return string(a.body)
	}
	return fmt.Sprintf("%s of %s, next %s", fields["content"], fields["total"], fields["next"])
}

// changer changes the catalogues at random; some of what it tries is refused.
type changer struct {
	*bundle

	random                                   *rand.Rand
	equipment, sections, commands, telemetry []int64
	named                                    int
}

func (c *changer) name() string {
	c.named++
	return fmt.Sprintf("%c%d", 'a'+c.random.IntN(26), c.named)
}

func (c *changer) pick(ids []int64) int64 { return ids[c.random.IntN(len(ids))] }

// parent is a node or none.
func (c *changer) parent(ids []int64) any {
	if c.random.IntN(5) == 0 {
		return nil
	}
	return c.pick(ids)
}

// made notes the id of what a POST has made.
func (c *changer) made(ids *[]int64, a *answer) {
	if a.status == http.StatusCreated {
		*ids = append(*ids, a.id())
	}
}

// change tries one change.
func (c *changer) change() {
	one := func(path string, ids []int64) string { return fmt.Sprintf("%s/%d", path, c.pick(ids)) }
	text := map[string]any{"name_full": "full " + c.name(), "description": "about"}
	trees := []struct {
		path string
		ids  *[]int64
	}{{"/equipments", &c.equipment}, {"/commands-toc", &c.sections}}
	tree := trees[c.random.IntN(2)]
	switch c.random.IntN(16) {
	case 0, 1:
		c.made(tree.ids, c.post(tree.path, map[string]any{"name": c.name(), "name_full": text["name_full"], "parent_id": c.parent(*tree.ids)}))
	case 2:
		c.patch(one(tree.path, *tree.ids), map[string]any{"name": c.name()})
	case 3, 4, 5:
		c.patch(one(tree.path, *tree.ids), map[string]any{"parent_id": c.parent(*tree.ids)})
	case 6:
		c.delete(one(tree.path, *tree.ids))
	case 7:
		c.delete(one("/equipments", c.equipment) + "?recursive=true")
	case 8:
		c.post(one(tree.path, *tree.ids)+"/restore", nil)
	case 9:
		c.post(one("/equipments", c.equipment)+"/restore?recursive=true", nil)
	case 10:
		c.made(&c.commands, c.post("/commands", map[string]any{
			"name": c.name(), "name_full": text["name_full"], "description": "about", "equipment_id": c.pick(c.equipment), "toc_id": c.pick(c.sections),
		}))
	case 11:
		c.patch(one("/commands", c.commands), []map[string]any{
			{"equipment_id": c.pick(c.equipment)}, {"toc_id": c.pick(c.sections)}, {"name": c.name()}, {"undo_cmd_id": c.pick(c.commands)}, text,
		}[c.random.IntN(5)])
	case 12:
		c.delete(one("/commands", c.commands))
		c.post(one("/commands", c.commands)+"/restore", nil)
	case 13:
		c.made(&c.telemetry, c.post("/telemetry", map[string]any{"name": c.name(), "name_full": "f", "description": "d", "value_validator": map[string]any{"minimum": c.named}}))
		c.patch(one("/telemetry", c.telemetry), text)
	case 14:
		c.delete(one("/telemetry", c.telemetry))
		c.post(one("/telemetry", c.telemetry)+"/restore", nil)
	default:
		c.batch()
	}
}

// batch tries several changes in one transaction, some of them of the same node.
func (c *changer) batch() {
	var operations []map[string]any
	for range 2 + c.random.IntN(5) {
		operations = append(operations, []map[string]any{
			{"op": "create", "item": map[string]any{"name": c.name(), "name_full": "f", "parent_id": c.parent(c.equipment)}},
			{"op": "update", "id": c.pick(c.equipment), "item": map[string]any{"name": c.name(), "parent_id": c.parent(c.equipment)}},
			{"op": "delete", "id": c.pick(c.equipment)},
			{"op": "restore", "id": c.pick(c.equipment)},
		}[c.random.IntN(4)])
	}
	var done batchAnswer
	c.post("/equipments:batch?atomic=false", map[string]any{"operations": operations}).is(http.StatusOK).into(&done)
	for _, r := range done.Results {
		if r.Op == "create" && r.Status == http.StatusCreated {
			c.equipment = append(c.equipment, r.ID)
		}
	}
}

// views are the lists, and some of the items and of what filters choose.
func (c *changer) views() []string {
	e, s := c.pick(c.equipment), c.pick(c.sections)
	letter := string(rune('a' + c.random.IntN(26)))
	views := []string{"/equipments", "/commands-toc", "/commands?limit=5000", "/telemetry?limit=5000",
		"/equipments?archived=true", "/commands?archived=true"}
	more := []string{
		fmt.Sprintf("/equipments/%d", e), fmt.Sprintf("/equipments/%d", c.pick(c.equipment)), fmt.Sprintf("/commands-toc/%d", s),
		fmt.Sprintf("/commands/%d", c.pick(c.commands)), fmt.Sprintf("/telemetry/%d", c.pick(c.telemetry)),
		fmt.Sprintf("/equipments?id=%d", e), fmt.Sprintf("/equipments?root-id=%d", e), fmt.Sprintf("/equipments?root-id=%d&depth=1", e),
		fmt.Sprintf("/equipments?root-id=%d&archived=true", e), fmt.Sprintf("/equipments?name=%s%d", strings.ToUpper(letter), c.random.IntN(c.named)),
		"/equipments?q=" + letter, "/equipments?depth=0", "/equipments?depth=2&fields=name,parent_path_name", "/equipments?sort=-name_full",
		fmt.Sprintf("/equipments?root-name=%s%d&depth=1", letter, c.random.IntN(c.named)), "/commands-toc?q=" + letter, "/commands-toc?archived=true&sort=id",
		fmt.Sprintf("/commands?toc-id=%d", s), fmt.Sprintf("/commands?equipment-id=%d", e), "/commands?sort=-equipment_name", "/commands?limit=2&page=2",
		"/commands?q=FULL&fields=id,equipment_name,undo_cmd_name", fmt.Sprintf("/commands?equipment-name=%s%d", letter, c.random.IntN(c.named)),
		"/telemetry?sort=-id&limit=2", "/telemetry?archived=true", fmt.Sprintf("/telemetry?name=%s%d", letter, c.random.IntN(c.named)),
	}
	for range 6 {
		views = append(views, more[c.random.IntN(len(more))])
	}
	return views
}

// commit is what was read after a commit, and the first and the last moment from which something of it counts.
type commit struct {
	first, last time.Time
	views       []string
	seen        map[string]string
}

// boundariesSQL are the moments behind one at which a version begins or ends.
const boundariesSQL = `
SELECT min(moment), max(moment) FROM (
    SELECT valid_from AS moment FROM row_version UNION ALL SELECT valid_until FROM row_version WHERE valid_until IS NOT NULL
) m WHERE moment > $1`

func TestThePastIsWhatWasReadThen(t *testing.T) {
	t.Parallel()
	b := setup(t)
	conn := b.connect()
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	c := &changer{bundle: b, random: rand.New(rand.NewPCG(seed, 1))}
	for range 4 {
		c.equipment = append(c.equipment, b.node(c.name(), 0))
		c.sections = append(c.sections, b.section(c.name(), 0))
		c.commands = append(c.commands, b.command(c.name(), c.equipment[0], c.sections[0], nil))
		c.telemetry = append(c.telemetry, b.post("/telemetry", map[string]any{"name": c.name(), "name_full": "f", "description": "d", "value_validator": map[string]any{}}).is(http.StatusCreated).id())
	}
	var commits []commit
	look := func() {
		t.Helper()
		var first, last *time.Time
		since := time.Time{}
		if n := len(commits); n > 0 {
			since = commits[n-1].last
		}
		require.NoError(t, conn.QueryRow(t.Context(), boundariesSQL, since).Scan(&first, &last))
		if first == nil {
			return // everything was refused
		}
		now := commit{first: *first, last: *last, views: c.views(), seen: map[string]string{}}
		for _, path := range now.views {
			now.seen[path] = b.seen(path)
		}
		commits = append(commits, now)
	}
	look()
	for len(commits) < 60 {
		c.change()
		look()
	}
	for i, now := range commits {
		for _, path := range now.views {
			want := now.seen[path]
			require.Equal(t, want, b.seen(atParam(path, now.last)), "%s when commit %d began to count", path, i)
			if i+1 < len(commits) {
				require.Equal(t, want, b.seen(atParam(path, commits[i+1].first.Add(-time.Microsecond))), "%s right before commit %d", path, i+1)
			}
		}
	}
	require.Equal(t, "[]", b.seen(atParam("/equipments", commits[0].first.Add(-time.Microsecond))))
}

func TestMomentsThatAreNone(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id := b.node("Node", 0)
	unit, section := b.node("Unit", 0), b.section("S", 0)
	command := b.command("C", unit, section, nil)
	paths := []string{
		"/equipments", "/commands-toc", "/commands", "/telemetry",
		fmt.Sprintf("/equipments/%d", id), fmt.Sprintf("/commands-toc/%d", section), fmt.Sprintf("/commands/%d", command),
	}
	now := b.now()
	for _, path := range paths {
		for _, moment := range []string{"yesterday", "2026-11-30", "2026-11-30T12:00:00", "2026-13-30T12:00:00Z"} {
			b.get(path+"?at="+moment).refused(http.StatusUnprocessableEntity, "query.at")
		}
		b.get(atParam(path, now.Add(time.Hour))).refused(http.StatusUnprocessableEntity, "query.at")
		b.get(atParam(path, time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC))).refused(http.StatusUnprocessableEntity, "query.at")
		b.get(atParam(path, now.In(time.FixedZone("", 5*3600+1800)))).is(http.StatusOK)
		for _, early := range []time.Time{now.Add(-time.Hour), time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC)} {
			if a := b.get(atParam(path, early)); strings.Count(path, "/") > 1 {
				a.refused(http.StatusNotFound, "path.id")
			} else {
				a.is(http.StatusOK)
				require.NotContains(t, string(a.body), `"id"`)
			}
		}
		first := b.get(atParam(path, now)).is(http.StatusOK)
		b.get(atParam(path, now), "If-None-Match: "+first.header.Get("ETag")).is(http.StatusNotModified)
	}
	require.Equal(t, now.UTC().Format(time.RFC3339Nano), b.page(atParam("/commands", now.UTC())).Params["at"])
	b.patch(fmt.Sprintf("/equipments/%d?at=2026-01-01T00:00:00Z", id), `{}`).refused(http.StatusUnprocessableEntity, "query.at")
}

func TestWhatWasArchivedIsListed(t *testing.T) {
	t.Parallel()
	b := setup(t)
	root := b.node("Root", 0)
	site := b.node("Site", root)
	unit := b.node("Unit", site)
	b.node("Other", root)
	section := b.section("S", 0)
	command := b.command("C1", unit, b.section("T", 0), nil)
	parameter := b.post("/telemetry", `{"name":"t1","name_full":"f","description":"d","value_validator":{}}`).is(http.StatusCreated).id()
	for _, list := range []string{"/equipments", "/commands-toc"} {
		require.Empty(t, b.tree(list+"?archived=true"))
	}
	b.delete(fmt.Sprintf("/equipments/%d?recursive=true", site)).is(http.StatusNoContent)
	b.delete(fmt.Sprintf("/commands-toc/%d", section)).is(http.StatusNoContent)
	b.delete(fmt.Sprintf("/telemetry/%d", parameter)).is(http.StatusNoContent)

	archived := b.tree("/equipments?archived=true")
	require.Equal(t, []string{"Site"}, names(archived))
	require.Equal(t, "/Root", archived[0].ParentPathName)
	require.Equal(t, []string{"Unit"}, names(archived[0].Content))
	moment := archived[0].ArchivedAt
	require.NotNil(t, moment)
	require.Equal(t, moment, archived[0].Content[0].ArchivedAt, "one act, one moment")
	require.Equal(t, []string{"S"}, names(b.tree("/commands-toc?archived=true")))
	commands := b.page("/commands?archived=true")
	require.Equal(t, []string{"C1"}, commands.names())
	require.Equal(t, 1, commands.Total)
	require.Equal(t, map[string]any{"archived": true}, commands.Params)
	require.Equal(t, "Unit", commands.Content[0]["equipment_name"])
	require.Equal(t, moment.Format(time.RFC3339Nano), commands.Content[0]["archived_at"])
	require.NotEmpty(t, b.page("/telemetry?archived=true").Content[0]["archived_at"])
	for path, want := range map[string][]string{
		"/equipments?archived=true&name=uNIT":                        {"Unit"},
		"/equipments?archived=true&name=Other":                       {},
		fmt.Sprintf("/equipments?archived=true&root-id=%d", root):    {"Site"},
		fmt.Sprintf("/equipments?archived=true&root-id=%d", unit):    {"Unit"},
		"/equipments?archived=true&q=nit&fields=id,name,archived_at": {"Unit"},
		"/equipments?archived=false":                                 {"Root"},
		fmt.Sprintf("/equipments?archived=true&id=%d", root):         {},
	} {
		require.Equal(t, want, names(b.tree(path)), path)
	}
	require.Equal(t, int64(1), b.tree("/equipments?archived=true&depth=0")[0].Children)
	require.JSONEq(t, fmt.Sprintf(`[{"archived_at":%q,"content":[{"archived_at":%[1]q}]}]`, moment.Format(time.RFC3339Nano)),
		string(b.get("/equipments?archived=true&fields=archived_at").body))
	require.NotContains(t, string(b.get("/equipments").body)+string(b.get("/commands").body), "archived_at", "absent on live ones")
	require.JSONEq(t, `[{"content":[{}]}]`, string(b.get("/equipments?fields=archived_at").is(http.StatusOK).body))

	one := fmt.Sprintf("/equipments/%d", unit)
	b.get(atParam(one, *moment)).is(http.StatusNotFound)
	b.get(atParam(one, moment.Add(-time.Microsecond))).is(http.StatusOK)
	b.post(fmt.Sprintf("/equipments/%d/restore?recursive=true", archived[0].ID), nil).is(http.StatusOK)
	require.Empty(t, b.tree("/equipments?archived=true"))
	b.patch(one, archived[0].Content[0]).is(http.StatusOK) // as it was listed
	require.Equal(t, []string{"Site"}, names(b.tree(atParam("/equipments?archived=true", *moment))))
	b.get(one).is(http.StatusOK)
	b.get(fmt.Sprintf("/commands/%d", command)).is(http.StatusOK)
}

func TestTreesOpenLevelByLevel(t *testing.T) {
	t.Parallel()
	b := setup(t)
	root := b.node("Root", 0)
	b.node("Alone", 0)
	var sites []int64
	for i := range 3 {
		site := b.node(fmt.Sprintf("Site%d", i), root)
		sites = append(sites, site)
		for j := range i {
			b.node(fmt.Sprintf("Unit%d%d", i, j), site)
		}
	}
	gone := b.node("Gone", sites[2])
	b.delete(fmt.Sprintf("/equipments/%d", gone)).is(http.StatusNoContent)

	require.JSONEq(t, `[{"name":"Alone"},{"name":"Root","children":3}]`, string(b.get("/equipments?depth=0&fields=name").is(http.StatusOK).body))
	for _, other := range []string{"", "&sort=name", "&at=" + b.now().UTC().Format(time.RFC3339Nano)} {
		top := b.tree("/equipments?depth=1" + other)
		require.Equal(t, []string{"Alone", "Root"}, names(top))
		require.Zero(t, top[1].Children)
		require.Equal(t, []string{"Site0", "Site1", "Site2"}, names(top[1].Content))
		require.Equal(t, []int64{0, 1, 2}, children(top[1].Content), "the archived one does not count")
		require.Equal(t, "/Root", top[1].Content[2].ParentPathName)
		opened := b.tree(fmt.Sprintf("/equipments?root-id=%d&depth=1%s", sites[2], other))
		require.Equal(t, []string{"Unit20", "Unit21"}, names(opened[0].Content))
		require.Equal(t, "/Root/Site2", opened[0].Content[0].ParentPathName)
		require.Equal(t, "/Root", opened[0].ParentPathName)
		require.Equal(t, []int64{2}, children(b.tree("/equipments?root-name=site2&depth=0"+other)))
		require.Equal(t, []int64{2}, children(b.tree("/equipments?root-name=/root/SITE2&depth=0"+other)), "by its path")
		require.Empty(t, b.tree("/equipments?root-name=/Site2&depth=0"+other), "it is no root")
		require.Equal(t, []int64{0}, children(b.tree("/equipments?name=site2&depth=0"+other)), "only this node: nothing is cut off")
		require.Equal(t, b.get("/equipments?"+other).body, b.get("/equipments?depth=100"+other).body)
		require.Equal(t, []int64{2}, children(b.tree("/equipments?q=2&depth=0"+other)), "of those that are chosen")
	}
	require.Empty(t, b.tree("/equipments?root-id=99999&depth=1"))
	require.Empty(t, b.tree(fmt.Sprintf("/equipments?root-id=%d&depth=1", gone)))
	for _, depth := range []string{"-1", "101", "x"} {
		b.get("/equipments?depth="+depth).refused(http.StatusUnprocessableEntity, "query.depth")
	}

	// A section below another of the same name does not come to the top, and is cut off with it.
	outer := b.section("Same", 0)
	inner := b.section("same", b.section("Between", outer))
	b.section("Below", inner)
	top := b.tree("/commands-toc?root-name=SAME&depth=1")
	require.Len(t, top, 1)
	require.Equal(t, []int64{1}, children(top[0].Content))
	b.section("Same", b.section("Elsewhere", 0))
	top = b.tree("/commands-toc?root-name=SAME&depth=2")
	require.Equal(t, []string{"Same", "Same"}, names(top))
	require.Equal(t, []int64{1}, children(top[slices.IndexFunc(top, func(n treeNode) bool { return n.ID == outer })].Content[0].Content))
}

func children(nodes []treeNode) []int64 {
	list := []int64{}
	for _, n := range nodes {
		list = append(list, n.Children)
	}
	return list
}
