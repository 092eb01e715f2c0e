package app_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

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

// TestABatchOfAllKinds sends one batch, of which half must fail, in each of its ways.
//
//nolint:paralleltest,tparallel // the last one changes what the others read
func TestABatchOfAllKinds(t *testing.T) {
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
	check := func(t *testing.T, got batchAnswer) {
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
	t.Run("it is all or nothing", func(t *testing.T) {
		b := b.in(t)
		b.Post("/equipments:batch", mixed).Refused(conflict, "body.operations[1].item.name", "name_taken")
		require.Equal(t, []string{"Kept"}, names(b.tree("/equipments")))
	})
	t.Run("a dry run tells each result and changes nothing", func(t *testing.T) {
		b := b.in(t)
		var got batchAnswer
		b.Post("/equipments:batch?atomic=false&dry-run=true", mixed).Is(http.StatusOK).Into(&got)
		require.True(t, got.DryRun)
		check(t, got)
		require.Equal(t, []string{"Kept"}, names(b.tree("/equipments")))
	})
	t.Run("one by one, what can be done is done", func(t *testing.T) {
		b := b.in(t)
		var got batchAnswer
		b.Post("/equipments:batch/?atomic=false", mixed).Is(http.StatusOK).Into(&got)
		check(t, got)
		require.Equal(t, []string{"Changed", "New"}, names(b.tree("/equipments")))
	})
}

func TestBatches(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for claim, c := range map[string]struct{ path, body, place, code string }{
		"an empty batch is refused": {"/equipments:batch", `{"operations":[]}`, "body.operations", "too_few"},
		"an update needs an id":     {"/equipments:batch", `{"operations":[{"op":"update","item":{"name":"x"}}]}`, "body.operations[0].id", "required"},
		"a creation needs an item":  {"/equipments:batch", `{"operations":[{"op":"create"}]}`, "body.operations[0].item", "required"},
		"a fault is told where it stands": {"/telemetry:batch",
			`{"operations":[{"op":"create","item":{"name":"t","name_full":"c","description":"c","value_validator":{"type":"x"}}}]}`,
			"body.operations[0].item.value_validator.type", "bad_schema"},
	} {
		t.Run(claim, func(t *testing.T) {
			t.Parallel()
			b.in(t).Post(c.path, c.body).Refused(unprocessable, c.place, c.code)
		})
	}
	t.Run("a path that goes on otherwise is none", func(t *testing.T) {
		t.Parallel()
		b.in(t).Post("/equipmentsX", `{}`).Refused(http.StatusNotFound, "path", "no_route")
	})
	t.Run("every catalogue takes them", func(t *testing.T) {
		t.Parallel()
		b := b.in(t)
		unit, section := b.node("U", 0), b.section("S", 0)
		b.Post("/commands:batch", fmt.Sprintf(`{"operations":[{"op":"create","item":{"name":"C1","name_full":"c","description":"c","equipment_id":%d,"toc_id":%d}}]}`, unit, section)).
			Is(http.StatusOK)
		b.Post("/commands-toc:batch", `{"operations":[{"op":"create","item":{"name":"S2"}}]}`).Is(http.StatusOK)
		b.Post("/telemetry:batch", `{"operations":[{"op":"create","item":{"name":"t","name_full":"c","description":"c","value_validator":{}}}]}`).Is(http.StatusOK)
	})
}
