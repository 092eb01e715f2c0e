package app_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"nms.example/common/event"
)

func TestEventsOfEveryChange(t *testing.T) {
	t.Parallel()
	b := setup(t)
	f := b.broker.Follow("cfg.#")
	root := b.node("Root", 0)
	child := b.node("Child", root)
	one := of("/equipments", root)
	b.Patch(one, `{"name":"Renamed"}`).Is(http.StatusOK)
	b.Patch(one, `{"name":"Renamed"}`).Is(http.StatusOK) // changes nothing
	b.Patch(one, fmt.Sprintf(`{"parent_id":%d}`, b.node("Place", 0))).Is(http.StatusOK)
	b.Patch(one, `{"parent_id":null}`).Is(http.StatusOK)
	b.Post("/equipments", `{"name":"renamed","name_full":"x"}`).Is(conflict)
	b.Post("/equipments:batch?dry-run=true", `{"operations":[{"op":"create","item":{"name":"No","name_full":"n"}}]}`).Is(http.StatusOK)
	b.Delete(one + "?recursive=true").Is(http.StatusNoContent)
	b.Post(one+"/restore", nil).Is(http.StatusOK)
	b.section("S", 0)
	b.parameter("t", `{}`).Is(http.StatusCreated)
	b.csv("equipments", "name,name_full\nImported,x\nRenamed,changed").Is(http.StatusOK)

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
	events := f.Await("all events", func(got []event.Event) bool { return len(got) >= len(want) })

	t.Run("there is one for each change, and none for what changes nothing", func(t *testing.T) {
		t.Parallel()
		var got []string
		for _, e := range events {
			got = append(got, e.Type+" "+e.Subject)
		}
		// The refused POST took an id, so the imported node's is not foretold exactly.
		require.Len(t, got, len(want))
		for _, e := range want {
			if !strings.HasPrefix(e, "cfg.equipment.created") {
				require.Contains(t, got, e)
			}
		}
	})
	t.Run("each tells who did it, and what was before and after", func(t *testing.T) {
		t.Parallel()
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
	})
}
