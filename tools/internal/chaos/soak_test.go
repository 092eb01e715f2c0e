package chaos

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"nms.example/tools/internal/stack"
)

func TestWhatGrowsIsToldFromWhatWavers(t *testing.T) {
	t.Parallel()
	for _, one := range []struct {
		name   string
		values []float64
		flat   bool
	}{
		{"a start that settles", []float64{10, 60, 100, 101, 99, 100, 100, 101, 102}, true},
		{"single peaks", []float64{100, 100, 100, 100, 100, 100, 100, 900, 100}, true},
		{"a slow growth", []float64{100, 110, 120, 130, 140, 150, 160, 170, 180}, false},
		{"from nothing", []float64{0, 0, 0, 0, 0, 0, 50, 50, 50}, false},
		{"within the slack", []float64{0, 0, 0, 0, 0, 0, 5, 5, 5}, true},
	} {
		require.Equal(t, one.flat, (&Series{Values: one.values, Slack: 5}).Flat(), one.name)
	}
}

func TestASoakComplainsOfEveryFailureAndGrowth(t *testing.T) {
	t.Parallel()
	r := SoakReport{
		Report: &Report{},
		Services: map[string]Counts{
			"auth": {Sent: 3, Done: 3, Reads: 2, ReadsDone: 2}, "cfg": {Sent: 3, Done: 2, Refused: 1}, "inbox": {Reads: 2, ReadsDone: 1},
		},
		Series: []*Series{{Name: "memory", Unit: "MiB", Values: []float64{1, 1, 1, 1, 9, 9}}, {Name: "files", Values: []float64{1, 1, 1, 1, 1, 1}}},
	}
	require.Equal(t, []string{
		"cfg: of 3 changes 1 were refused and 0 not answered, of 0 reads 0 failed",
		"inbox: of 0 changes 0 were refused and 0 not answered, of 2 reads 1 failed",
		"memory grows: 1.0 MiB in the middle, 9.0 at the end",
	}, r.complaints())
	var text strings.Builder
	r.Write(&text)
	require.Contains(t, text.String(), "**grows**")
}

func TestMetricsAndQueuesAreRead(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := map[string]string{
			"/metrics":    "# HELP a b\na 1.5e+06\nb{x=\"a\"} 3\nc 2\n",
			"/api/queues": `[{"name":"nms.dead","messages":3},{"name":"amq.gen-1","messages":1},{"name":"amq.gen-2","messages":1}]`,
		}[r.URL.Path]
		if answer == "" {
			w.WriteHeader(http.StatusNotFound)
		}
		_, _ = w.Write([]byte(answer))
	}))
	defer server.Close()
	found, err := scrape(t.Context(), server.URL+"/metrics", "a", "c")
	require.NoError(t, err)
	require.Equal(t, map[string]float64{"a": 1.5e6, "c": 2}, found)
	_, err = scrape(t.Context(), server.URL+"/metrics", "d")
	require.ErrorContains(t, err, "lacks")
	queues, err := queueLengths(t.Context(), server.URL)
	require.NoError(t, err)
	require.Equal(t, map[string]int{"nms.dead": 3, "of single instances": 2}, queues)
	_, err = queueLengths(t.Context(), server.URL+"/nowhere")
	require.ErrorContains(t, err, "404")
	_, err = Soak(t.Context(), stack.Checkout{}, stack.PrivateOptions{}, SoakOptions{For: time.Second, Every: time.Second})
	require.ErrorContains(t, err, "fewer than 6 samples")
}
