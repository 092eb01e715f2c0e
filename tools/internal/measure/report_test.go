package measure

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"nms.example/tools/internal/load"
)

func TestMedianAndGoals(t *testing.T) {
	t.Parallel()
	require.Zero(t, Samples{}.Median())
	unsorted := Samples{3, 1, 2}
	require.InDelta(t, 2, unsorted.Median(), 0)
	require.Equal(t, Samples{3, 1, 2}, unsorted, "the rounds keep their order")
	require.True(t, AtLeast(0.5).Reached(0.5))
	require.False(t, AtLeast(0.5).Reached(0.49))
	require.True(t, AtMost(3).Reached(3))
	require.False(t, AtMost(3).Reached(3.1))
	require.True(t, Goal{}.Reached(-1))
}

func TestTheReportShowsEverythingAndWhatFallsShort(t *testing.T) {
	t.Parallel()
	r := Report{
		Head: []string{"commit: abc"},
		Ratios: []Ratio{
			{Name: "good one", Unit: "/s", Against: "bare gin", Ours: Samples{600}, Ceiling: Samples{1000}, Ratios: Samples{0.5, 0.6, 0.7}, Goal: AtLeast(0.5)},
			{Name: "slow one", Ratios: Samples{0.1}, Goal: AtLeast(0.5)},
		},
		Figures:    []Figure{{Name: "top rate", Unit: "/s", Values: Samples{5001}, Goal: AtLeast(5000)}},
		Latencies:  []Latency{{Name: "posts", Rate: 100, P50: 1.5, P99: 80, Goal: AtMost(50), CPU: map[string]float64{"postgres": 40, "inbox": 30}}},
		Programs:   []Program{{Name: "auth", Ready: Samples{0.2}, Idle: 41, Loaded: 60}, {Name: "postgres", Idle: 300}},
		Benchmarks: []Benchmark{{Name: "cfg: Import", Ratio: 0.4, Goal: AtLeast(0.3), Metrics: "1 x"}},
	}
	var out strings.Builder
	require.NoError(t, r.Markdown(&out))
	for _, line := range []string{
		"- commit: abc",
		"| good one | 600 /s | 1000 (bare gin) | **0.60** | 0.50–0.70 | ≥ 0.50 | ✓ |",
		"| slow one | 0  | 0 () | **0.10** |  | ≥ 0.50 | **short** |",
		"| top rate | **5001** /s |  | ≥ 5000 | ✓ |",
		"| posts | 100 | 1.50 | **80** | ≤ 50 | **short** | inbox 30, postgres 40 |",
		"| auth | 0.20 () | 41 | 60 | **short** |",
		"| postgres |  | 300 | 0 |  |",
		"| cfg: Import | **0.40** | ≥ 0.30 | ✓ | 1 x |",
	} {
		require.Contains(t, out.String(), line+"\n")
	}
	require.Contains(t, out.String(), "### Against their ceilings\n")
	r.Beside = "Beside the original"
	out.Reset()
	require.NoError(t, r.Markdown(&out))
	require.Contains(t, out.String(), "### Beside the original\n")
	require.Equal(t, []string{"slow one: 0.10, goal ≥ 0.50", "posts, p99 in ms: 80, goal ≤ 50", "auth idle, MiB: 41, goal ≤ 40"}, r.Missed())
}

func TestBenchmarkLinesAreRead(t *testing.T) {
	t.Parallel()
	found := parseBenchmarks("cfg", []byte(`goos: linux
BenchmarkImport-2    	       1	         0.3000 floor	     50000 import-rows/s	         0.6000 ratio	       0 ns/op
BenchmarkMove/points=1-000-2 	       1	 3.000 ceiling	 0.9000 ratio
BenchmarkVerify/first-2  	   50000	     31000 ns/op	    5000 B/op	      59 allocs/op
PASS
`))
	require.Equal(t, []Benchmark{
		{Name: "cfg: Import", Ratio: 0.6, Goal: AtLeast(0.3), Metrics: "50000 import-rows/s"},
		{Name: "cfg: Move/points=1-000", Ratio: 0.9, Goal: AtMost(3)},
		{Name: "cfg: Verify/first", Metrics: "31000 ns/op, 5000 B/op, 59 allocs/op"},
	}, found)
}

func TestASectionIsReplaced(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "page.md")
	require.NoError(t, os.WriteFile(file, []byte("# Title\n<!-- a: begin -->\nold\n<!-- a: end -->\n<!-- b: begin -->\nkept\n<!-- b: end -->\n"), 0o600))
	require.NoError(t, ReplaceSection(file, "a", "new\n"))
	page, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, "# Title\n<!-- a: begin -->\n\nnew\n\n<!-- a: end -->\n<!-- b: begin -->\nkept\n<!-- b: end -->\n", string(page))
	require.ErrorContains(t, ReplaceSection(file, "c", ""), "no section")
}

func TestTheBareServerGivesWhatItWasGiven(t *testing.T) {
	t.Parallel()
	leash, hold := io.Pipe()
	said, say := io.Pipe()
	served := make(chan error, 1)
	go func() { served <- ServeBare(t.Context(), leash, say) }()
	line, err := bufio.NewReader(said).ReadString('\n')
	require.NoError(t, err)
	b := &bare{address: strings.TrimSpace(line)}
	require.NoError(t, b.offer(t.Context(), "x", Ready{Status: http.StatusOK, Header: http.Header{"Etag": {`"1"`}}, Body: []byte("bytes")}))
	c, err := load.Dial(t.Context(), b.address)
	require.NoError(t, err)
	defer c.Close()
	c.Body = &bytes.Buffer{}
	for _, one := range []struct {
		request []byte
		status  int
		body    string
	}{
		{load.Get(b.address, "/x"), http.StatusOK, "bytes"},
		{load.Get(b.address, "/y"), http.StatusNotFound, ""},
		{load.Request(http.MethodPost, b.address, "/a/b", []byte("dropped")), http.StatusCreated, ""},
		{load.Request(http.MethodPost, b.address, "/a/b", []byte("{}\n"), "Content-Type: application/x-ndjson"), http.StatusOK, ""},
	} {
		status, err := c.Do(one.request)
		require.NoError(t, err)
		require.Equal(t, one.status, status)
		require.Equal(t, one.body, c.Body.String())
	}
	require.NoError(t, hold.Close())
	require.NoError(t, <-served, "it ends with its leash")
}

func TestWhatTheOriginalLacksIsNamed(t *testing.T) {
	t.Parallel()
	_, err := findPython(t.Context(), []string{"PYTHONPATH=" + t.TempDir()})
	require.ErrorContains(t, err, "apt-get install python3-fastapi")
}
