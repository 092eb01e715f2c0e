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
)

var fillsMetric = regexp.MustCompile(`(?m)^nms_cache_fills_total(?:\{[^}]*\})? (\d+)`)

// fills is how often the instance has filled its cache from the database.
func (b *bundle) fills() int {
	b.t.Helper()
	outside := *b
	outside.url = b.instance.URL
	match := fillsMetric.FindSubmatch(outside.get("/metrics").is(http.StatusOK).body)
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
				instances[i%len(instances)].get(path).is(http.StatusOK)
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
	}, 20*time.Second, 50*time.Millisecond)

	change := func(what func(), fills int) {
		t.Helper()
		before := total()
		what()
		for range 3 {
			readAtOnce(instances, paths)
		}
		require.Equal(t, before+fills, total())
	}
	change(func() {}, 0)
	change(func() { // the tree, and nothing else: leaf does not show its parent's full name
		one.patch(fmt.Sprintf("/equipments/%d", root), `{"name_full":"changed"}`).is(http.StatusOK)
	}, 1)
	change(func() { // the tree, the leaf's way, and what shows equipment by name
		two.patch(fmt.Sprintf("/equipments/%d", root), `{"name":"Renamed"}`).is(http.StatusOK)
	}, 4)
	change(func() {
		two.patch(fmt.Sprintf("/commands/%d", command), `{"description":"changed"}`).is(http.StatusOK)
	}, 2)
	change(func() { one.section("Another", 0) }, 1)
	change(func() { one.patch(fmt.Sprintf("/commands/%d", command), `{"name":"c"}`).is(http.StatusOK) }, 2)
	change(func() { // refused: nothing changes
		one.patch(fmt.Sprintf("/commands/%d", command), fmt.Sprintf(`{"undo_cmd_id":%d}`, command)).is(http.StatusConflict)
	}, 0)
}
