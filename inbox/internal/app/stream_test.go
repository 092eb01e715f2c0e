package app_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
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

// sent is a server-sent event.
type sent struct {
	name, id string
	data     map[string]any
}

// guid is that of what the event tells of.
func (s sent) guid() string {
	if trace, ok := s.data["trace"].(map[string]any); ok {
		return fmt.Sprint(trace["guid"])
	}
	return fmt.Sprint(s.data["guid"])
}

// listener is one connection to the stream.
type listener struct {
	t     *testing.T
	lines *bufio.Scanner
	cut   context.CancelFunc
}

// listen opens the stream at this instance; headers are those of a call.
func (b *bundle) listen(query string, headers ...string) *listener {
	b.t.Helper()
	l, status := b.tryListen(new(http.Transport), query, headers...)
	require.Equal(b.t, http.StatusOK, status)
	return l
}

// tryListen is listen through a transport, where the stream may be refused.
func (b *bundle) tryListen(transport *http.Transport, query string, headers ...string) (*listener, int) {
	b.t.Helper()
	ctx, cut := context.WithTimeout(b.t.Context(), waittest.Bound)
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, b.instance.URL+base+"/stream?"+query, nil)
	require.NoError(b.t, err)
	if strings.HasPrefix(b.token, "nms_") {
		request.Header.Set("X-Api-Key", b.token)
	} else {
		request.Header.Set("Authorization", "Bearer "+b.token)
	}
	for _, header := range headers {
		name, value, _ := strings.Cut(header, ": ")
		request.Header.Set(name, value)
	}
	response, err := transport.RoundTrip(request)
	require.NoError(b.t, err)
	b.t.Cleanup(func() { cut(); _ = response.Body.Close(); transport.CloseIdleConnections() })
	l := &listener{b.t, bufio.NewScanner(response.Body), cut}
	if response.StatusCode == http.StatusOK {
		require.Equal(b.t, "text/event-stream", response.Header.Get("Content-Type"))
		l.lines.Buffer(nil, 1<<20)
		require.True(b.t, l.lines.Scan())
		require.Equal(b.t, ": welcome", l.lines.Text())
	}
	return l, response.StatusCode
}

// read returns the next event; false at the end of the stream.
func (l *listener) read() (s sent, more bool) {
	for l.lines.Scan() {
		line := l.lines.Text()
		field, value, _ := strings.Cut(line, ": ")
		switch {
		case line == "" && s.name != "":
			return s, true
		case field == "event":
			s.name = value
		case field == "id":
			s.id = value
		case field == "data":
			if json.Unmarshal([]byte(value), &s.data) != nil {
				return s, false
			}
		}
	}
	return s, false
}

// next returns the next event.
func (l *listener) next() sent {
	l.t.Helper()
	s, more := l.read()
	require.True(l.t, more, "the stream has ended: %v", l.lines.Err())
	return s
}

// guids hands on the guids of the traces that a stream shows, until it ends.
func (l *listener) guids() <-chan string {
	guids := make(chan string, 100_000) // never full: this side has to keep up
	go func() {
		defer close(guids)
		for s, more := l.read(); more; s, more = l.read() {
			if s.name == "trace" {
				guids <- s.guid()
			}
		}
	}()
	return guids
}

// streamReaders reads the metric of the clients that keep up.
func (b *bundle) streamReaders() float64 {
	b.t.Helper()
	return b.instance.Metric(b.t, "inbox_stream_readers")
}

// smallWindow is a transport whose connections receive little ahead of their reader.
func smallWindow() *http.Transport {
	dialer := net.Dialer{Control: func(_, _ string, conn syscall.RawConn) error {
		return conn.Control(func(fd uintptr) { _ = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, 4096) })
	}}
	return &http.Transport{DialContext: dialer.DialContext, ReadBufferSize: 1024}
}

// TestASlowReaderOfTheStreamIsDropped has one reader that takes nothing and one that takes everything: the
// latter misses nothing, and the former's stream ends before what came after it was dropped.
func TestASlowReaderOfTheStreamIsDropped(t *testing.T) {
	t.Parallel()
	b := setup(t)
	quick := b.listen("").guids()
	slow, status := b.tryListen(smallWindow(), "points=1000") // with the values, so that less of it fits between here and there
	require.Equal(t, http.StatusOK, status)
	require.InDelta(t, 2, b.streamReaders(), 0)

	var last string
	wave := func() {
		var lines strings.Builder
		for range 300 {
			last = uuid.NewString()
			lines.WriteString(wide(uuid.MustParse(last), time.Now(), 1000) + "\n")
		}
		b.sendLines(lines.String())
		for guid := range quick {
			if guid == last {
				return
			}
		}
		require.Fail(t, "the quick reader's stream ended")
	}
	for b.streamReaders() == 2 {
		wave()
		require.NoError(t, t.Context().Err())
	}
	wave()
	require.InDelta(t, 1, b.streamReaders(), 0)
	for guid := range slow.guids() {
		require.NotEqual(t, last, guid, "it was dropped long before")
	}
}
