package app_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"nms.example/common/lanetest"
	"nms.example/common/servicetest"
)

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
	a := b.Get(path)
	if a.Status != http.StatusOK {
		require.Equal(b.t, http.StatusNotFound, a.Status, "%s: %s", path, a.Body)
		return "404"
	}
	var fields map[string]json.RawMessage
	if json.Unmarshal(a.Body, &fields) != nil || fields["params"] == nil {
		return string(a.Body)
	}
	return fmt.Sprintf("%s of %s, goes on: %t", fields["content"], fields["total"], fields["next"] != nil) // a cursor is of its own filters
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
func (c *changer) made(ids *[]int64, a *servicetest.Answer) {
	if a.Status == http.StatusCreated {
		*ids = append(*ids, a.ID())
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
		c.made(tree.ids, c.Post(tree.path, map[string]any{"name": c.name(), "name_full": text["name_full"], "parent_id": c.parent(*tree.ids)}))
	case 2:
		c.Patch(one(tree.path, *tree.ids), map[string]any{"name": c.name()})
	case 3, 4, 5:
		c.Patch(one(tree.path, *tree.ids), map[string]any{"parent_id": c.parent(*tree.ids)})
	case 6:
		c.Delete(one(tree.path, *tree.ids))
	case 7:
		c.Delete(one("/equipments", c.equipment) + "?recursive=true")
	case 8:
		c.Post(one(tree.path, *tree.ids)+"/restore", nil)
	case 9:
		c.Post(one("/equipments", c.equipment)+"/restore?recursive=true", nil)
	case 10:
		c.made(&c.commands, c.Post("/commands", map[string]any{
			"name": c.name(), "name_full": text["name_full"], "description": "about", "equipment_id": c.pick(c.equipment), "toc_id": c.pick(c.sections),
		}))
	case 11:
		c.Patch(one("/commands", c.commands), []map[string]any{
			{"equipment_id": c.pick(c.equipment)}, {"toc_id": c.pick(c.sections)}, {"name": c.name()}, {"undo_cmd_id": c.pick(c.commands)}, text,
		}[c.random.IntN(5)])
	case 12:
		c.Delete(one("/commands", c.commands))
		c.Post(one("/commands", c.commands)+"/restore", nil)
	case 13:
		c.made(&c.telemetry, c.Post("/telemetry", map[string]any{"name": c.name(), "name_full": "f", "description": "d", "value_validator": map[string]any{"minimum": c.named}}))
		c.Patch(one("/telemetry", c.telemetry), text)
	case 14:
		c.Delete(one("/telemetry", c.telemetry))
		c.Post(one("/telemetry", c.telemetry)+"/restore", nil)
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
	c.Post("/equipments:batch?atomic=false", map[string]any{"operations": operations}).Is(http.StatusOK).Into(&done)
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

// Sixty commits; in the everyday run twenty.
func TestThePastIsWhatWasReadThen(t *testing.T) {
	t.Parallel()
	most := 20
	if lanetest.Workshop {
		most = 60
	}
	b := setup(t)
	conn := b.connect()
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	c := &changer{bundle: b, random: rand.New(rand.NewPCG(seed, 1))}
	for range 4 {
		c.equipment = append(c.equipment, b.node(c.name(), 0))
		c.sections = append(c.sections, b.section(c.name(), 0))
		c.commands = append(c.commands, b.command(c.name(), c.equipment[0], c.sections[0], nil))
		c.telemetry = append(c.telemetry, b.Post("/telemetry", map[string]any{"name": c.name(), "name_full": "f", "description": "d", "value_validator": map[string]any{}}).Is(http.StatusCreated).ID())
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
	for len(commits) < most {
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
