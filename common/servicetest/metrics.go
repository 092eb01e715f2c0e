package servicetest

import (
	"bufio"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"nms.example/common/waittest"
)

// metricsFolder holds a list of metrics per service, against which the alert rules and the dashboard are
// checked, below the root of the repository.
const metricsFolder = "deploy/prometheus/metrics"

// CheckMetrics compares what the service exposes at /metrics with its list in deploy/prometheus/metrics, a line
// "name type" for each. UPDATE_METRICS=1 writes the list anew. A module that was taken out of the
// repository has no list to compare with.
func (i *Instance) CheckMetrics(t testing.TB) {
	t.Helper()
	i.checkMetrics(t, i.Service.Identity().Name, "")
}

// CheckSomeMetrics does so with those alone whose names begin with a prefix, and a list of another name: for what services
// expose with certain settings only.
func (i *Instance) CheckSomeMetrics(t testing.TB, list, prefix string) {
	t.Helper()
	i.checkMetrics(t, list, prefix)
}

func (i *Instance) checkMetrics(t testing.TB, list, prefix string) {
	t.Helper()
	root := findRoot(t)
	if root == "" {
		return
	}
	chosen := slices.DeleteFunc(i.metrics(t), func(line string) bool { return !strings.HasPrefix(line, prefix) })
	exposed := strings.Join(chosen, "\n") + "\n"
	file := filepath.Join(root, metricsFolder, list+".txt")
	if os.Getenv("UPDATE_METRICS") != "" {
		require.NoError(t, os.WriteFile(file, []byte(exposed), 0o600))
		return
	}
	listed, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, strings.ReplaceAll(string(listed), "\r\n", "\n"), exposed,
		"the list is not true any more: UPDATE_METRICS=1 go test writes it anew")
}

// metrics returns "name type" of what the service exposes, sorted. The Go runtime's own metrics change with
// its version and are left out.
func (i *Instance) metrics(t testing.TB) []string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, i.URL+"/metrics", http.NoBody)
	require.NoError(t, err)
	req.Close = true
	var found []string
	// A request is counted after it was answered, so only a later answer shows the first one.
	require.Eventually(t, func() bool {
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			return false
		}
		defer resp.Body.Close()
		found = metricTypes(resp.Body)
		return slices.Contains(found, "http_request_duration_seconds histogram")
	}, waittest.Bound, 20*time.Millisecond)
	return found
}

// metricTypes returns what stands before the first line that cannot be read.
func metricTypes(text io.Reader) []string {
	var found []string
	for lines := bufio.NewScanner(text); lines.Scan(); {
		if line, ok := strings.CutPrefix(lines.Text(), "# TYPE "); ok && !strings.HasPrefix(line, "go_") {
			found = append(found, line)
		}
	}
	slices.Sort(found)
	return found
}

// Metric reads a metric at /metrics: the sum of its samples whose labels hold all of the given ones, written as
// `dependency="bus"`; for a histogram name its _count. It fails when the service exposes no such sample.
func (i *Instance) Metric(t testing.TB, name string, labels ...string) float64 {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, i.URL+"/metrics", http.NoBody)
	require.NoError(t, err)
	req.Close = true
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer resp.Body.Close()
	sum, found := 0.0, false
	for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
		end := strings.LastIndexByte(lines.Text(), ' ')
		if end < 0 || strings.HasPrefix(lines.Text(), "#") {
			continue
		}
		sample := lines.Text()[:end]
		own, _, _ := strings.Cut(sample, "{")
		if own != name || slices.ContainsFunc(labels, func(label string) bool { return !strings.Contains(sample, label) }) {
			continue
		}
		value, err := strconv.ParseFloat(lines.Text()[end+1:], 64)
		require.NoError(t, err, lines.Text())
		sum, found = sum+value, true
	}
	require.True(t, found, "the service exposes no %s%v", name, labels)
	return sum
}
