package app_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"nms.example/common/apitest"
	"nms.example/common/authn"
	"nms.example/common/bus"
	"nms.example/common/event"
	"nms.example/common/waittest"
)

func TestEveryOperationNeedsItsPermission(t *testing.T) {
	t.Parallel()
	b := setup(t)
	apitest.CheckAccess(t, b.instance.Service.API(), func(m authn.Mask) string { return token(t, m) },
		"GET /openapi.json", "GET /", "GET /ctrl", "GET /healthz", "GET /readyz", "GET /metrics")
	reader := *b
	reader.token = token(t, authn.Mask(authn.CfgRead))
	reader.get("/equipments").is(http.StatusOK)
	reader.post("/equipments", `{"name":"x","name_full":"x"}`).is(http.StatusForbidden)
	reader.post("/equipments:batch", `{"operations":[]}`).is(http.StatusForbidden)
}

func TestETagsAndConditions(t *testing.T) {
	t.Parallel()
	b := setup(t)
	root := b.node("Root", 0)
	id := b.node("Node", root)
	one := fmt.Sprintf("/equipments/%d", id)
	for _, path := range []string{one, "/equipments", "/equipments?root-name=root", "/commands", "/telemetry", "/export"} {
		first := b.get(path).is(http.StatusOK)
		etag := first.header.Get("ETag")
		require.NotEmpty(t, etag, path)
		same := b.get(path, "If-None-Match: "+etag).is(http.StatusNotModified)
		require.Empty(t, same.body)
		require.Equal(t, etag, same.header.Get("ETag"))
		b.get(path, `If-None-Match: "other"`).is(http.StatusOK)
	}
	etag := b.get(one).header.Get("ETag")
	changed := b.patch(one, `{"name_full":"changed"}`, "If-Match: "+etag).is(http.StatusOK)
	b.patch(one, `{"name_full":"again"}`, "If-Match: "+etag).refused(http.StatusPreconditionFailed, "header.If-Match")
	require.Equal(t, changed.header.Get("ETag"), b.get(one).header.Get("ETag"))
	// What is shown of a node changes with its ancestors, and so does its tag.
	etag = b.get(one).header.Get("ETag")
	b.patch(fmt.Sprintf("/equipments/%d", root), `{"name":"Renamed"}`).is(http.StatusOK)
	b.get(one, "If-None-Match: "+etag).is(http.StatusOK)
	b.delete(one, "If-Match: "+etag).refused(http.StatusPreconditionFailed, "header.If-Match")
	b.delete(one+"?recursive=true", "If-Match: "+etag).refused(http.StatusPreconditionFailed, "header.If-Match")
	b.delete(one, "If-Match: "+b.get(one).header.Get("ETag")).is(http.StatusNoContent)
}

func TestOfChangesWithOneTagOnlyOneIsTaken(t *testing.T) {
	t.Parallel()
	b := setup(t)
	one := fmt.Sprintf("/equipments/%d", b.node("Node", 0))
	for round := range 5 {
		etag := b.get(one).header.Get("ETag")
		statuses := make([]int, 8)
		var writers sync.WaitGroup
		for i := range statuses {
			writers.Go(func() {
				statuses[i] = b.patch(one, fmt.Sprintf(`{"name_full":"round %d, writer %d"}`, round, i), "If-Match: "+etag).status
			})
		}
		writers.Wait()
		slices.Sort(statuses)
		require.Equal(t, http.StatusOK, statuses[0])
		require.Equal(t, slices.Repeat([]int{http.StatusPreconditionFailed}, len(statuses)-1), statuses[1:])
	}
}

func TestLargeAnswersAreCompressedOnceForThoseWhoTakeIt(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var rows []string
	for i := range 600 {
		rows = append(rows, fmt.Sprintf("Name %d,Full name of number %d", i, i))
	}
	b.call(http.MethodPost, "/import?catalogue=equipments", "name,name_full\n"+strings.Join(rows, "\n"), "Content-Type: text/csv").is(http.StatusOK)
	plain := b.get("/equipments").is(http.StatusOK)
	require.Greater(t, len(plain.body), 50<<10)
	require.Empty(t, plain.header.Get("Content-Encoding"))
	packed := b.get("/equipments", "Accept-Encoding: gzip").is(http.StatusOK)
	require.Equal(t, "gzip", packed.header.Get("Content-Encoding"))
	require.NotEqual(t, plain.header.Get("ETag"), packed.header.Get("ETag"), "another coding is another representation")
	r, err := gzip.NewReader(bytes.NewReader(packed.body))
	require.NoError(t, err)
	inflated, err := io.ReadAll(r)
	require.NoError(t, err)
	require.Equal(t, plain.body, inflated)
	b.get("/equipments", "Accept-Encoding: gzip", "If-None-Match: "+packed.header.Get("ETag")).is(http.StatusNotModified)
}

type batchAnswer struct {
	Atomic  bool
	DryRun  bool `json:"dry_run"`
	Results []struct {
		Index, Status int
		Op            string
		ID            int64
		Item          map[string]any
		Errors        []struct{ Location, Message, Code string }
	}
}

func TestBatches(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id := b.node("Kept", 0)
	mixed := fmt.Sprintf(`{"operations":[
		{"op":"create","item":{"name":"New","name_full":"n"}},
		{"op":"create","item":{"name":"new","name_full":"n"}},
		{"op":"update","id":%d,"item":{"name":"Changed"}},
		{"op":"update","id":%d,"item":{"name_full":"x"},"if_match":"\"stale\""},
		{"op":"update","id":99999,"item":{"name":"x"}},
		{"op":"create","item":{"name_full":"n"}},
		{"op":"delete","id":%d},
		{"op":"restore","id":%d}]}`, id, id, id, id)
	b.post("/equipments:batch", mixed).refused(http.StatusConflict, "body.operations[1].item.name")
	require.Equal(t, []string{"Kept"}, names(b.tree("/equipments")), "all or nothing")

	var got batchAnswer
	check := func() {
		t.Helper()
		var statuses []int
		for i, r := range got.Results {
			require.Equal(t, i, r.Index)
			statuses = append(statuses, r.Status)
		}
		require.Equal(t, []int{201, 409, 200, 412, 404, 422, 204, 200}, statuses)
		for i, want := range map[int][2]string{
			1: {"body.operations[1].item.name", "name_taken"}, 3: {"body.operations[3].if_match", "changed_meanwhile"},
			4: {"body.operations[4].id", "not_found"}, 5: {"body.operations[5].item.name", "too_short"},
		} {
			reason := got.Results[i].Errors[0]
			require.Equal(t, want, [2]string{reason.Location, reason.Code})
		}
		require.Equal(t, "Changed", got.Results[2].Item["name"])
	}
	b.post("/equipments:batch?atomic=false&dry-run=true", mixed).is(http.StatusOK).into(&got)
	require.True(t, got.DryRun)
	check()
	require.Equal(t, []string{"Kept"}, names(b.tree("/equipments")), "a dry run changes nothing")
	b.post("/equipments:batch/?atomic=false", mixed).is(http.StatusOK).into(&got)
	check()
	require.Equal(t, []string{"Changed", "New"}, names(b.tree("/equipments")))

	b.post("/equipments:batch", `{"operations":[]}`).is(http.StatusUnprocessableEntity)
	b.post("/equipments:batch", `{"operations":[{"op":"update","item":{"name":"x"}}]}`).refused(http.StatusUnprocessableEntity, "body.operations[0].id")
	b.post("/equipments:batch", `{"operations":[{"op":"create"}]}`).refused(http.StatusUnprocessableEntity, "body.operations[0].item")
	b.post("/equipmentsX", `{}`).is(http.StatusNotFound)
	unit, section := b.node("U", 0), b.section("S", 0)
	b.post("/commands:batch", fmt.Sprintf(`{"operations":[{"op":"create","item":{"name":"C1","name_full":"c","description":"c","equipment_id":%d,"toc_id":%d}}]}`, unit, section)).is(http.StatusOK)
	b.post("/telemetry:batch", `{"operations":[{"op":"create","item":{"name":"t","name_full":"c","description":"c","value_validator":{"type":"x"}}}]}`).
		refused(http.StatusUnprocessableEntity, "body.operations[0].item.value_validator.type")
	b.post("/commands-toc:batch", `{"operations":[{"op":"create","item":{"name":"S2"}}]}`).is(http.StatusOK)
}

func TestEventsOfEveryChange(t *testing.T) {
	t.Parallel()
	b := setup(t)
	conn := b.broker.Dial()
	var mu sync.Mutex
	var events []event.Event
	ctx, cancel := context.WithCancel(t.Context())
	var done sync.WaitGroup
	done.Go(func() {
		_ = bus.Consume(ctx, conn, bus.Subscription{
			Queue: "test", Bindings: []string{"cfg.#"},
			Handler: func(_ context.Context, e event.Event) error {
				mu.Lock()
				defer mu.Unlock()
				events = append(events, e)
				return nil
			},
		})
	})
	t.Cleanup(func() { cancel(); done.Wait() })
	b.broker.AwaitBinding("test", 1)

	root := b.node("Root", 0)
	child := b.node("Child", root)
	one := fmt.Sprintf("/equipments/%d", root)
	b.patch(one, `{"name":"Renamed"}`).is(http.StatusOK)
	b.patch(one, `{"name":"Renamed"}`).is(http.StatusOK) // changes nothing
	b.patch(one, fmt.Sprintf(`{"parent_id":%d}`, b.node("Place", 0))).is(http.StatusOK)
	b.patch(one, `{"parent_id":null}`).is(http.StatusOK)
	b.post("/equipments", `{"name":"renamed","name_full":"x"}`).is(http.StatusConflict)
	b.post("/equipments:batch?dry-run=true", `{"operations":[{"op":"create","item":{"name":"No","name_full":"n"}}]}`).is(http.StatusOK)
	b.delete(one + "?recursive=true").is(http.StatusNoContent)
	b.post(one+"/restore", nil).is(http.StatusOK)
	b.section("S", 0)
	b.post("/telemetry", `{"name":"t","name_full":"f","description":"d","value_validator":{}}`).is(http.StatusCreated)
	b.call(http.MethodPost, "/import?catalogue=equipments", "name,name_full\nImported,x\nRenamed,changed", "Content-Type: text/csv").is(http.StatusOK)

	want := []string{
		fmt.Sprint("cfg.equipment.created ", root), fmt.Sprint("cfg.equipment.created ", child),
		fmt.Sprint("cfg.equipment.created ", child+1),
		// A move is one event, whatever hangs below.
		fmt.Sprint("cfg.equipment.updated ", root), fmt.Sprint("cfg.equipment.updated ", root),
		fmt.Sprint("cfg.equipment.updated ", root), fmt.Sprint("cfg.equipment.archived ", root),
		fmt.Sprint("cfg.equipment.archived ", child), fmt.Sprint("cfg.equipment.restored ", root),
		"cfg.command_toc.created 1", "cfg.telemetry.created 1",
		fmt.Sprint("cfg.equipment.created ", child+3), fmt.Sprint("cfg.equipment.updated ", root),
	}
	seen := func() (list []string) {
		mu.Lock()
		defer mu.Unlock()
		for _, e := range events {
			list = append(list, e.Type+" "+e.Subject)
		}
		return list
	}
	require.Eventually(t, func() bool { return len(seen()) >= len(want) }, waittest.Bound, 20*time.Millisecond, "got %v", seen())
	got := seen()
	// The refused POST took an id, so the imported node's is not foretold exactly.
	require.Len(t, got, len(want))
	for _, e := range want {
		if !strings.HasPrefix(e, "cfg.equipment.created") {
			require.Contains(t, got, e)
		}
	}
	mu.Lock()
	defer mu.Unlock()
	for _, e := range events {
		require.Equal(t, "user:1", e.Actor)
		require.Equal(t, "admin_nms", e.ActorLogin)
		require.NotEmpty(t, e.RequestID)
		var change struct{ Before, After map[string]any }
		require.NoError(t, json.Unmarshal(e.Data, &change))
		verb := e.Type[strings.LastIndexByte(e.Type, '.')+1:]
		require.Equal(t, verb == "created" || verb == "restored", change.Before == nil, e.Type)
		require.Equal(t, verb == "archived", change.After == nil, e.Type)
		if e.Type == "cfg.equipment.updated" && change.Before["name"] == "Root" {
			require.Equal(t, "Renamed", change.After["name"])
		}
	}
}

func TestStartDataComeOnceAndOnlyInDev(t *testing.T) {
	t.Parallel()
	b := setupIn(t, "dev", nil)
	b.another() // at the same time as far as the database is concerned
	count := func(nodes []treeNode) int {
		var walk func([]treeNode) int
		walk = func(nodes []treeNode) (n int) {
			for _, one := range nodes {
				n += 1 + walk(one.Content)
			}
			return n
		}
		return walk(nodes)
	}
	tree := b.tree("/equipments")
	require.Equal(t, 11, count(tree))
	require.Equal(t, []string{"ROOT_Object", "Service_Control_1"}, names(tree))
	require.Equal(t, []string{"Service_Core", "Service_Support"}, names(tree[0].Content))
	require.Equal(t, 8, count(b.tree("/commands-toc")))
	commands := b.page("/commands")
	require.Equal(t, []string{"R105", "R106", "R107", "R115"}, commands.names())
	require.Equal(t, "R105", commands.Content[1]["undo_cmd_name"])
	require.Equal(t, "R115", commands.Content[2]["undo_cmd_name"])
	require.Equal(t, []string{"tmi1", "tmi2", "tmi3", "tmi4"}, b.page("/telemetry").names())

	b.delete(fmt.Sprintf("/equipments/%d", tree[1].ID)).is(http.StatusNoContent)
	b.instance.Stop(t)
	again := b.another()
	require.Equal(t, []string{"ROOT_Object"}, names(again.tree("/equipments")), "what a user archived stays archived")
	require.Empty(t, setup(t).tree("/equipments"), "none in prod")
}
