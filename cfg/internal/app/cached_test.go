package app_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"nms.example/common/waittest"
)

var fillsMetric = regexp.MustCompile(`(?m)^nms_cache_fills_total(?:\{[^}]*\})? (\d+)`)

// fills is how often the instance has filled its cache from the database.
func (b *bundle) fills() int {
	b.t.Helper()
	match := fillsMetric.FindSubmatch(b.Outside().Get("/metrics").Is(http.StatusOK).Body)
	require.NotNil(b.t, match)
	n, err := strconv.Atoi(string(match[1]))
	require.NoError(b.t, err)
	return n
}

// readAtOnce reads all paths through both instances from many clients.
func readAtOnce(instances []*bundle, paths []string) {
	var readers sync.WaitGroup
	for i := range 8 {
		readers.Go(func() {
			for _, path := range paths {
				instances[i%len(instances)].Get(path).Is(http.StatusOK)
			}
		})
	}
	readers.Wait()
}

func TestEachAnswerIsReadFromTheDatabaseOncePerChangeOverAllInstances(t *testing.T) {
	t.Parallel()
	one := setup(t)
	two := one.another()
	instances := []*bundle{one, two}
	root := one.node("Root", 0)
	leaf := one.node("Leaf", root)
	command := one.command("C", leaf, one.section("S", 0), nil)
	paths := []string{
		"/equipments", fmt.Sprintf("/equipments/%d", leaf), "/commands-toc", "/commands",
		fmt.Sprintf("/commands/%d", command), "/telemetry",
	}
	total := func() int { return one.fills() + two.fills() }
	// Until both instances hold a lease, reads go past the memory.
	require.Eventually(t, func() bool {
		readAtOnce(instances, paths)
		before := total()
		readAtOnce(instances, paths)
		return total() == before
	}, waittest.Bound, 50*time.Millisecond)

	// Redis answers within 50 ms or counts as away, and then each instance fills by itself: on a busy machine
	// that happens now and then, so a change has three tries.
	change := func(what func(try int), fills int) {
		t.Helper()
		got := 0
		for try := range 3 {
			before := total()
			what(try)
			for range 3 {
				readAtOnce(instances, paths)
			}
			if got = total() - before; got == fills {
				return
			}
			require.Greater(t, got, fills, "something was not read anew")
		}
		require.Equal(t, fills, got)
	}
	patch := func(b *bundle, path, form string) func(int) {
		return func(try int) { b.Patch(path, fmt.Sprintf(form, try)).Is(http.StatusOK) }
	}
	rootPath, commandPath := fmt.Sprintf("/equipments/%d", root), fmt.Sprintf("/commands/%d", command)
	change(func(int) {}, 0)
	change(patch(one, rootPath, `{"name_full":"changed %d"}`), 1) // the tree alone: the leaf does not show it
	change(patch(two, rootPath, `{"name":"Renamed %d"}`), 4)      // the tree, the leaf's way, what shows equipment by name
	change(patch(two, commandPath, `{"description":"changed %d"}`), 2)
	change(func(try int) { one.section(fmt.Sprintf("Another %d", try), 0) }, 1)
	change(patch(one, commandPath, `{"name":"c%d"}`), 2)
	change(func(int) { // refused: nothing changes
		one.Patch(commandPath, fmt.Sprintf(`{"undo_cmd_id":%d}`, command)).Is(http.StatusConflict)
	}, 0)
}

func TestFilteredTreesAreCachedLikeTheWholeOne(t *testing.T) {
	t.Parallel()
	b := setup(t)
	root := b.node("Root", 0)
	leaf := b.node("Leaf", root)
	paths := []string{
		fmt.Sprintf("/equipments?root-id=%d", root), fmt.Sprintf("/equipments?root-id=%d&depth=0", root), "/equipments?depth=0",
		"/equipments?name=leaf", "/equipments?root-name=root", fmt.Sprintf("/equipments?id=%d", leaf), "/equipments?q=eaf",
	}
	read := func(paths ...string) int {
		before := b.fills()
		readAtOnce([]*bundle{b}, paths)
		return b.fills() - before
	}
	require.Eventually(t, func() bool { return read(paths...) == 0 }, waittest.Bound, 50*time.Millisecond) // from the lease on
	try := 0
	waittest.Until(t, "each is read once, whatever the number of readers", func() bool { // as above, Redis may count as away
		try++
		b.Patch(fmt.Sprintf("/equipments/%d", leaf), fmt.Sprintf(`{"name_full":"changed %d"}`, try)).Is(http.StatusOK)
		got := read(paths...)
		require.GreaterOrEqual(t, got, len(paths), "something was not read anew")
		return got == len(paths)
	})
	require.Zero(t, read(paths...))
	require.Zero(t, read(fmt.Sprintf("/equipments?root-id=%d&name=leaf", root)), "what is overruled makes no other answer")
	b.section("S", 0)
	require.Zero(t, read(paths...), "another catalogue's change")

	b.Get("/equipments?name=unknown").Is(http.StatusOK)
	before := b.fills()
	b.Get("/equipments?name=unknown").Is(http.StatusOK)
	require.Equal(t, 1, b.fills()-before, "what has found nothing is not kept")
}
