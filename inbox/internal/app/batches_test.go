package app_test

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/klauspost/compress/zstd"
	"github.com/stretchr/testify/require"
)

// Traces sent as a stream, one a line.
func TestTracesAreTakenByTheLine(t *testing.T) {
	t.Parallel()
	b := setup(t, "MAX_BODY_BYTES=4096")
	t.Run("each line has its own answer, in order", func(t *testing.T) {
		t.Parallel()
		answeredLineByLine(t, b.in(t))
	})
	t.Run("a line is answered before the next one is sent", func(t *testing.T) {
		t.Parallel()
		answeredWhileItIsSent(t, b.in(t))
	})
	t.Run("one that breaks off keeps what came before", func(t *testing.T) {
		t.Parallel()
		var body strings.Builder
		for range 500 {
			body.WriteString(sample(uuid.New(), time.Now()) + "\n")
		}
		packed := gzipped(t, body.String())
		lines := b.in(t).lines(packed[:len(packed)/2], "Content-Encoding: gzip")
		require.Greater(t, len(lines), 100)
		last := len(lines) - 1
		for _, l := range lines[:last] {
			require.Equal(t, http.StatusCreated, l.Status)
		}
		require.Equal(t, http.StatusBadRequest, lines[last].Status)
		require.Nil(t, lines[last].GUID)
	})
}

func answeredLineByLine(t *testing.T, b *bundle) {
	t.Helper()
	now := time.Now()
	first, second, old := uuid.New(), uuid.New(), uuid.New()
	body := strings.Join([]string{
		sample(first, now),
		"",
		`{"guid": oops`,
		sample(old, now.AddDate(-1, 0, 0)),
		sample(first, now),
		sample(first, now.Add(-time.Second)),
		`{"x":"` + strings.Repeat("y", 100_000) + `"}`,
		sample(second, now),
	}, "\n")
	encoder, err := zstd.NewWriter(nil)
	require.NoError(t, err)
	var summary []string
	for _, l := range b.lines(string(encoder.EncodeAll([]byte(body), nil)), "Content-Encoding: zstd") {
		guid, reason := "-", ""
		if l.GUID != nil {
			guid = map[string]string{first.String(): "first", second.String(): "second", old.String(): "old"}[*l.GUID]
		}
		if len(l.Errors) > 0 {
			reason = l.Errors[0].Location + " " + l.Errors[0].Code
		}
		summary = append(summary, fmt.Sprint(l.Line, " ", guid, " ", l.Status, " ", reason))
	}
	require.Equal(t, []string{
		"1 first 201 ", "3 - 400 body not_json", "4 old 422 body.timestamp too_old", "5 first 200 ", "6 first 409 body.guid guid_taken",
		"7 - 413 body too_large", "8 second 201 ",
	}, summary)
}

// answeredWhileItIsSent sends a line only after the answer to the one before it.
func answeredWhileItIsSent(t *testing.T, b *bundle) {
	t.Helper()
	reader, writer := io.Pipe()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, b.instance.URL+base+traces, reader)
	require.NoError(t, err)
	request.Header.Set("Authorization", "Bearer "+b.token)
	request.Header.Set("Content-Type", "application/x-ndjson")
	answered := make(chan *http.Response, 1)
	failed := make(chan error, 1)
	go func() {
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			failed <- err
			return
		}
		answered <- response
	}()
	_, err = io.WriteString(writer, sample(uuid.New(), time.Now())+"\n")
	require.NoError(t, err)
	var response *http.Response
	select {
	case response = <-answered:
	case err := <-failed:
		require.NoError(t, err)
	}
	defer func() { _ = response.Body.Close() }()
	lines := bufio.NewScanner(response.Body)
	for i := range 5 {
		require.True(t, lines.Scan())
		require.Contains(t, lines.Text(), fmt.Sprintf(`{"line":%d,`, i+1))
		require.Contains(t, lines.Text(), `"status":201`)
		_, err = io.WriteString(writer, sample(uuid.New(), time.Now())+"\n")
		require.NoError(t, err)
	}
	require.NoError(t, writer.Close())
	require.True(t, lines.Scan())
	require.False(t, lines.Scan())
}
