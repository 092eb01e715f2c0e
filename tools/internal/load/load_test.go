package load_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"nms.example/tools/internal/load"
)

// serve answers what the path asks for and returns the address.
func serve(t *testing.T, handler http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return strings.TrimPrefix(server.URL, "http://")
}

func TestEveryAnswerIsCounted(t *testing.T) {
	t.Parallel()
	var asked atomic.Int64
	address := serve(t, func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		if r.URL.Path == "/refused" {
			w.WriteHeader(http.StatusTeapot)
		}
		_, _ = io.WriteString(w, "an answer")
	})
	result, err := load.Run(t.Context(), load.Target{Address: address, Want: http.StatusOK, Request: func(dst []byte, n int64) []byte {
		path := "/"
		if n%3 == 0 {
			path = "/refused"
		}
		return append(dst, load.Get(address, path)...)
	}}, load.Plan{Clients: 3, For: 200 * time.Millisecond})
	require.NoError(t, err)
	require.Equal(t, asked.Load(), result.Done+result.Other)
	require.Equal(t, (asked.Load()+2)/3, result.Other)
	require.Equal(t, http.StatusTeapot, result.OtherStatus)
	require.Positive(t, result.PerSecond())
	require.LessOrEqual(t, result.Wait(0.5), result.Wait(0.99))
}

func TestAPaceIsKept(t *testing.T) {
	t.Parallel()
	address := serve(t, func(http.ResponseWriter, *http.Request) {})
	result, err := load.Run(t.Context(), load.Target{Address: address, Want: http.StatusOK, Request: load.Same(load.Get(address, "/"))},
		load.Plan{Clients: 4, For: 500 * time.Millisecond, Pace: 100})
	require.NoError(t, err)
	require.EqualValues(t, 50, result.Done)
	require.GreaterOrEqual(t, result.Took, 490*time.Millisecond)
}

func TestBodiesOfEveryKindAreReadToTheirEnd(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("0123456789", 50_000)
	address := serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		switch r.URL.Path {
		case "/chunked":
			for part := range strings.SplitSeq(long, "5") {
				_, _ = io.WriteString(w, part)
				_ = http.NewResponseController(w).Flush()
			}
		case "/long":
			_, _ = io.WriteString(w, long)
		case "/echo":
			fmt.Fprintf(w, "%s %s %s", r.Method, r.Header.Get("X-Test"), body)
		case "/none":
			w.WriteHeader(http.StatusNoContent)
		}
	})
	c, err := load.Dial(t.Context(), address)
	require.NoError(t, err)
	defer c.Close()
	c.Body = &bytes.Buffer{}
	for _, one := range []struct {
		request []byte
		status  int
		body    string
	}{
		{load.Get(address, "/chunked"), http.StatusOK, strings.ReplaceAll(long, "5", "")},
		{load.Get(address, "/long"), http.StatusOK, long},
		{load.Get(address, "/none"), http.StatusNoContent, ""},
		{load.Request(http.MethodPost, address, "/echo", []byte("body"), "X-Test: yes"), http.StatusOK, "POST yes body"},
	} {
		status, err := c.Do(one.request)
		require.NoError(t, err)
		require.Equal(t, one.status, status)
		require.Equal(t, one.body, c.Body.String())
	}
}

func TestAServerThatIsNotThereIsAnError(t *testing.T) {
	t.Parallel()
	address := serve(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) })
	plan := load.Plan{Clients: 2, For: 50 * time.Millisecond}
	_, err := load.Run(t.Context(), load.Target{Address: address, Want: http.StatusOK, Request: load.Same(load.Get(address, "/"))}, plan)
	require.ErrorContains(t, err, "as 502")
	_, err = load.Run(t.Context(), load.Target{Address: "127.0.0.1:1", Want: http.StatusOK, Request: load.Same(nil)}, plan)
	require.ErrorContains(t, err, "refused")
}
