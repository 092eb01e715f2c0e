package app_test

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"nms.example/common/waittest"
)

// follow opens a stream; receive bounds the connection's receive buffer, in bytes, 0 for the usual one.
func (b *bundle) follow(ctx context.Context, receive int) io.Reader {
	b.t.Helper()
	dialer := net.Dialer{Control: func(_, _ string, conn syscall.RawConn) error {
		if receive == 0 {
			return nil
		}
		return conn.Control(func(fd uintptr) {
			_ = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, receive)
		})
	}}
	client := &http.Client{Transport: &http.Transport{DialContext: dialer.DialContext, ReadBufferSize: 1024}}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, b.instance.URL+"/api/v1/inbox/stream", nil)
	require.NoError(b.t, err)
	request.Header.Set("Authorization", "Bearer "+b.token)
	response, err := client.Do(request)
	require.NoError(b.t, err)
	b.t.Cleanup(func() {
		_ = response.Body.Close()
		client.CloseIdleConnections()
	})
	require.Equal(b.t, http.StatusOK, response.StatusCode)
	return response.Body
}

// traceOf returns the guid of a line with a trace's data, empty for any other line.
func traceOf(line string) string {
	data, ok := strings.CutPrefix(line, "data: ")
	if !ok {
		return ""
	}
	var document struct{ GUID string }
	if json.Unmarshal([]byte(data), &document) != nil {
		return ""
	}
	return document.GUID
}

// guidsOf hands on the guids of the traces that a stream shows, until it ends.
func guidsOf(stream io.Reader) <-chan string {
	guids := make(chan string, 100_000) // never full: this side has to keep up
	go func() {
		defer close(guids)
		for lines := bufio.NewScanner(stream); lines.Scan(); {
			if guid := traceOf(lines.Text()); guid != "" {
				guids <- guid
			}
		}
	}()
	return guids
}

// streamReaders reads the metric of the clients that keep up.
func (b *bundle) streamReaders() string {
	for line := range strings.Lines(string(b.get("/metrics").Body)) {
		if value, ok := strings.CutPrefix(line, "inbox_stream_readers "); ok {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// TestASlowReaderOfTheStreamIsDropped has one reader that takes nothing and one that takes everything: the
// latter misses nothing, and the former's stream ends before what came after it was dropped.
func TestASlowReaderOfTheStreamIsDropped(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ctx, cancel := context.WithTimeout(t.Context(), waittest.Bound)
	defer cancel()
	quick := guidsOf(b.follow(ctx, 0))
	for connected := false; !connected; { // the tap may still be on its way
		b.post(traces, sample(uuid.New(), time.Now()))
		select {
		case <-quick:
			connected = true
		case <-time.After(50 * time.Millisecond):
			require.NoError(t, ctx.Err())
		}
	}
	slow := b.follow(ctx, 4096)
	require.Equal(t, "2", b.streamReaders())

	var last string
	wave := func() {
		var lines strings.Builder
		for range 300 {
			last = uuid.NewString()
			lines.WriteString(sample(uuid.MustParse(last), time.Now()) + "\n")
		}
		require.Equal(t, http.StatusOK, b.call(http.MethodPost, traces, []byte(lines.String()), "Content-Type", "application/x-ndjson").Status)
		for guid := range quick {
			if guid == last {
				return
			}
		}
		require.Fail(t, "the quick reader's stream ended")
	}
	for b.streamReaders() == "2" {
		wave()
		require.NoError(t, ctx.Err())
	}
	wave()
	require.Equal(t, "1", b.streamReaders())
	for guid := range guidsOf(slow) {
		require.NotEqual(t, last, guid, "it was dropped long before")
	}
}
