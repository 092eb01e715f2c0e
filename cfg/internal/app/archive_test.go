package app_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// site is a root with a child that has two commands, of which R2 is undone by R1.
type site struct{ root, child, r1, r2 int64 }

func (b *bundle) site(name string, section int64) (s site) {
	b.t.Helper()
	s.root = b.node(name, 0)
	s.child = b.node("Child", s.root)
	s.r1 = b.command("R1", s.child, section, nil)
	s.r2 = b.command("R2", s.child, section, s.r1)
	return s
}

type usage struct {
	InUse bool `json:"in_use"`
	Uses  []struct {
		Resource, Relation string
		Total              int
		Items              []struct{ ID int64 }
	}
}

func (b *bundle) usage(item string) (u usage) {
	b.t.Helper()
	b.Get(item + "/usage").Is(http.StatusOK).Into(&u)
	return u
}

func TestWhatIsInUseIsNotArchived(t *testing.T) {
	t.Parallel()
	b := setup(t)
	section := b.section("S", 0)
	s := b.site("Site", section)
	t.Run("equipment with children", func(t *testing.T) {
		t.Parallel()
		b := b.in(t)
		u := b.usage(of("/equipments", s.root))
		require.True(t, u.InUse)
		require.Equal(t, "child", u.Uses[0].Relation)
		require.Equal(t, s.child, u.Uses[0].Items[0].ID)
		b.Delete(of("/equipments", s.root)).Refused(conflict, "path.id", "has_children")
	})
	t.Run("equipment with commands", func(t *testing.T) {
		t.Parallel()
		b.in(t).Delete(of("/equipments", s.child)).Refused(conflict, "path.id", "has_commands")
	})
	t.Run("a command that undoes another", func(t *testing.T) {
		t.Parallel()
		b := b.in(t)
		b.Delete(of("/commands", s.r1)).Refused(conflict, "path.id", "undo_in_use")
		require.Equal(t, "undo", b.usage(of("/commands", s.r1)).Uses[0].Relation)
	})
	t.Run("a section with commands", func(t *testing.T) {
		t.Parallel()
		b.in(t).Delete(of("/commands-toc", section)).Refused(conflict, "path.id", "has_commands")
	})
	t.Run("a section with sections, until they are archived", func(t *testing.T) {
		t.Parallel()
		b := b.in(t)
		top := b.section("Top", 0)
		sub := b.section("Sub", top)
		require.False(t, b.usage(of("/commands-toc", sub)).InUse)
		b.Delete(of("/commands-toc", top)).Refused(conflict, "path.id", "has_children")
		b.Delete(of("/commands-toc", sub)).Is(http.StatusNoContent)
		b.Delete(of("/commands-toc", top)).Is(http.StatusNoContent)
	})
	t.Run("a whole site with a command that undoes one elsewhere", func(t *testing.T) {
		t.Parallel()
		b := b.in(t)
		s := b.site("Undone elsewhere", section)
		lone := b.command("R3", b.node("Lone", 0), section, nil)
		b.Patch(of("/commands", lone), fmt.Sprintf(`{"undo_cmd_id":%d}`, s.r1)).Is(http.StatusOK)
		b.Delete(of("/equipments", s.root)+"?recursive=true").Refused(conflict, "path.id", "undo_in_use")
		b.Patch(of("/commands", lone), `{"undo_cmd_id":null}`).Is(http.StatusOK)
		b.Delete(of("/equipments", s.root) + "?recursive=true").Is(http.StatusNoContent)
	})
}

func TestEquipmentIsArchivedAndRestored(t *testing.T) {
	t.Parallel()
	b := setup(t)
	section := b.section("S", 0)
	t.Run("recursively, with all below and its commands", func(t *testing.T) {
		t.Parallel()
		b := b.in(t)
		s := b.site("Whole", section)
		require.Empty(t, b.Delete(of("/equipments", s.root)+"?recursive=true").Is(http.StatusNoContent).Body)
		for _, path := range []string{of("/equipments", s.root), of("/equipments", s.child), of("/commands", s.r1)} {
			b.Get(path).Refused(http.StatusNotFound, "path.id", "not_found")
		}
		require.NotContains(t, names(b.tree("/equipments")), "Whole")
	})
	t.Run("not below what is archived itself", func(t *testing.T) {
		t.Parallel()
		b := b.in(t)
		s := b.site("Parent archived", section)
		b.Delete(of("/equipments", s.root) + "?recursive=true").Is(http.StatusNoContent)
		b.Post(of("/equipments", s.child)+"/restore", nil).Refused(conflict, "body.parent_id", "reference_missing")
	})
	t.Run("alone, without what is below", func(t *testing.T) {
		t.Parallel()
		b := b.in(t)
		s := b.site("Alone", section)
		b.Delete(of("/equipments", s.root) + "?recursive=true").Is(http.StatusNoContent)
		b.Post(of("/equipments", s.root)+"/restore", nil).Is(http.StatusOK)
		b.Get(of("/equipments", s.child)).Is(http.StatusNotFound)
	})
	t.Run("recursively, with what was archived in the same act", func(t *testing.T) {
		t.Parallel()
		b := b.in(t)
		s := b.site("Two acts", section)
		b.Delete(of("/equipments", s.root) + "?recursive=true").Is(http.StatusNoContent)
		b.Post(of("/equipments", s.root)+"/restore", nil).Is(http.StatusOK)
		b.Delete(of("/equipments", s.root)).Is(http.StatusNoContent)
		b.Post(of("/equipments", s.root)+"/restore?recursive=true", nil).Is(http.StatusOK)
		b.Get(of("/equipments", s.child)).Is(http.StatusNotFound)
		b.Post(of("/equipments", s.child)+"/restore?recursive=true", nil).Is(http.StatusOK)
		b.Get(of("/commands", s.r1)).Is(http.StatusOK)
	})
	t.Run("what is not archived is not restored", func(t *testing.T) {
		t.Parallel()
		b := b.in(t)
		b.Post(of("/equipments", b.node("Live", 0))+"/restore", nil).Refused(conflict, "path.id", "not_archived")
		b.Post("/equipments/99999/restore", nil).Refused(http.StatusNotFound, "path.id", "not_found")
	})
}

func TestHistoryOfEquipment(t *testing.T) {
	t.Parallel()
	b := setup(t)
	root := b.node("Root", 0)
	one := of("/equipments", root)
	for range 2 {
		b.Delete(one).Is(http.StatusNoContent)
		b.Post(one+"/restore", nil).Is(http.StatusOK)
	}
	type history struct {
		Total   int
		Next    string
		Content []struct {
			Version    int
			Op, Actor  string
			RequestID  string  `json:"request_id"`
			ValidFrom  string  `json:"valid_from"`
			ValidUntil *string `json:"valid_until"`
			Item       map[string]any
			Archived   bool
		}
	}
	read := func(b *bundle, query string) (h history) {
		b.Get(one + "/history" + query).Is(http.StatusOK).Into(&h)
		return h
	}
	t.Run("it names each change, who made it, and has no gap and no overlap", func(t *testing.T) {
		t.Parallel()
		h := read(b.in(t), "")
		var ops []string
		for i, v := range h.Content {
			ops = append(ops, v.Op)
			require.Equal(t, "user:1", v.Actor)
			require.NotEmpty(t, v.RequestID)
			require.Equal(t, "Root", v.Item["name"])
			if i > 0 {
				require.Equal(t, h.Content[i-1].ValidFrom, *v.ValidUntil)
			}
		}
		require.Equal(t, []string{"restored", "archived", "restored", "archived", "created"}, ops)
		require.Nil(t, h.Content[0].ValidUntil)
		require.Equal(t, 5, h.Total)
	})
	t.Run("it is read page by page, by cursor and by number", func(t *testing.T) {
		t.Parallel()
		b := b.in(t)
		first := read(b, "?limit=2")
		require.Len(t, first.Content, 2)
		require.Equal(t, 3, read(b, "?limit=2&cursor="+first.Next).Content[0].Version)
		require.Equal(t, 1, read(b, "?limit=2&page=3").Content[0].Version)
	})
	t.Run("an unknown id has none", func(t *testing.T) {
		t.Parallel()
		b.in(t).Get("/equipments/99999/history").Refused(http.StatusNotFound, "path.id", "not_found")
	})
}

//nolint:paralleltest,tparallel // the last claim restores everything
func TestWhatWasArchivedIsListed(t *testing.T) {
	t.Parallel()
	b := setup(t)
	root := b.node("Root", 0)
	place := b.node("Site", root)
	unit := b.node("Unit", place)
	b.node("Other", root)
	section := b.section("S", 0)
	command := b.command("C1", unit, b.section("T", 0), nil)
	parameter := b.parameter("t1", `{}`).Is(http.StatusCreated).ID()
	for _, list := range []string{"/equipments", "/commands-toc"} {
		require.Empty(t, b.tree(list+"?archived=true"), "nothing was archived yet")
	}
	b.Delete(of("/equipments", place) + "?recursive=true").Is(http.StatusNoContent)
	b.Delete(of("/commands-toc", section)).Is(http.StatusNoContent)
	b.Delete(of("/telemetry", parameter)).Is(http.StatusNoContent)
	archived := b.tree("/equipments?archived=true")
	moment := archived[0].ArchivedAt
	require.NotNil(t, moment)

	t.Run("each catalogue", func(t *testing.T) {
		b := b.in(t)
		require.Equal(t, []string{"Site"}, names(archived))
		require.Equal(t, "/Root", archived[0].ParentPathName)
		require.Equal(t, []string{"Unit"}, names(archived[0].Content))
		require.Equal(t, moment, archived[0].Content[0].ArchivedAt, "one act, one moment")
		require.Equal(t, []string{"S"}, names(b.tree("/commands-toc?archived=true")))
		commands := b.page("/commands?archived=true")
		require.Equal(t, []string{"C1"}, commands.names())
		require.Equal(t, 1, commands.Total)
		require.Equal(t, map[string]any{"archived": true}, commands.Params)
		require.Equal(t, "Unit", commands.Content[0]["equipment_name"])
		require.Equal(t, moment.Format(time.RFC3339Nano), commands.Content[0]["archived_at"])
		require.NotEmpty(t, b.page("/telemetry?archived=true").Content[0]["archived_at"])
	})
	t.Run("filters choose among it", func(t *testing.T) {
		b := b.in(t)
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
	})
	t.Run("archived_at is absent on what lives", func(t *testing.T) {
		b := b.in(t)
		require.JSONEq(t, fmt.Sprintf(`[{"archived_at":%q,"content":[{"archived_at":%[1]q}]}]`, moment.Format(time.RFC3339Nano)),
			string(b.Get("/equipments?archived=true&fields=archived_at").Body))
		require.NotContains(t, string(b.Get("/equipments").Body)+string(b.Get("/commands").Body), "archived_at")
		require.JSONEq(t, `[{"content":[{}]}]`, string(b.Get("/equipments?fields=archived_at").Is(http.StatusOK).Body))
	})
	t.Run("restored, it is in the past alone", func(t *testing.T) {
		b := b.in(t)
		one := of("/equipments", unit)
		b.Get(atParam(one, *moment)).Is(http.StatusNotFound)
		b.Get(atParam(one, moment.Add(-time.Microsecond))).Is(http.StatusOK)
		b.Post(of("/equipments", place)+"/restore?recursive=true", nil).Is(http.StatusOK)
		require.Empty(t, b.tree("/equipments?archived=true"))
		b.Patch(one, archived[0].Content[0]).Is(http.StatusOK) // as it was listed
		require.Equal(t, []string{"Site"}, names(b.tree(atParam("/equipments?archived=true", *moment))))
		b.Get(one).Is(http.StatusOK)
		b.Get(of("/commands", command)).Is(http.StatusOK)
	})
}
