package app_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestStartDataComeOnceAndOnlyInDev(t *testing.T) {
	t.Parallel()
	b := setupIn(t, "dev", nil)
	b.another() // at the same time as far as the database is concerned
	var count func(nodes []treeNode) int
	count = func(nodes []treeNode) (n int) {
		for _, one := range nodes {
			n += 1 + count(one.Content)
		}
		return n
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

	b.Delete(of("/equipments", tree[1].ID)).Is(http.StatusNoContent)
	b.instance.Stop(t)
	again := b.another()
	require.Equal(t, []string{"ROOT_Object"}, names(again.tree("/equipments")), "what a user archived stays archived")
	require.Empty(t, setup(t).tree("/equipments"), "none in prod")
}
