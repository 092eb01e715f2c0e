package app_test

import (
	"bufio"
	"bytes"
	"encoding/json"
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

type lineResult struct {
	Line   int
	GUID   *string
	Status int
	Errors []struct{ Location, Message, Code string }
}

func results(t *testing.T, body []byte) (out []lineResult) {
	t.Helper()
	for text := range bytes.Lines(body) {
		var r lineResult
		require.NoError(t, json.Unmarshal(text, &r), "%s", text)
		out = append(out, r)
	}
	return out
}

func TestAStreamAnswersLineByLine(t *testing.T) {
	t.Parallel()
	b := setup(t, "MAX_BODY_BYTES=4096")
	first, second, old := uuid.New(), uuid.New(), uuid.New()
	now := time.Now()
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
	got := b.call(http.MethodPost, traces, encoder.EncodeAll([]byte(body), nil),
		"Content-Type", "application/x-ndjson", "Content-Encoding", "zstd")
	require.Equal(t, http.StatusOK, got.Status)
	require.Equal(t, "application/x-ndjson", got.Header.Get("Content-Type"))
	lines := results(t, got.Body)
	var summary []string
	for _, l := range lines {
		guid := "-"
		if l.GUID != nil {
			guid = map[string]string{first.String(): "first", second.String(): "second", old.String(): "old"}[*l.GUID]
		}
		place := ""
		if len(l.Errors) > 0 {
			place = l.Errors[0].Location + " " + l.Errors[0].Code
		}
		summary = append(summary, fmt.Sprint(l.Line, " ", guid, " ", l.Status, " ", place))
	}
	require.Equal(t, []string{
		"1 first 201 ", "3 - 400 body not_json", "4 old 422 body.timestamp too_old", "5 first 200 ", "6 first 409 body.guid guid_taken",
		"7 - 413 body too_large", "8 second 201 ",
	}, summary)
}

// TestAStreamIsAnsweredWhileItIsSent sends a line only after the answer to the one before it.
func TestAStreamIsAnsweredWhileItIsSent(t *testing.T) {
	t.Parallel()
	b := setup(t)
	reader, writer := io.Pipe()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, b.instance.URL+traces, reader)
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

func TestABrokenStreamKeepsWhatCameBefore(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var body strings.Builder
	for range 500 {
		body.WriteString(sample(uuid.New(), time.Now()) + "\n")
	}
	packed := gzipped(t, body.String())
	got := b.call(http.MethodPost, traces, []byte(packed[:len(packed)/2]), "Content-Type", "application/x-ndjson", "Content-Encoding", "gzip")
	require.Equal(t, http.StatusOK, got.Status)
	lines := results(t, got.Body)
	require.Greater(t, len(lines), 100)
	for _, l := range lines[:len(lines)-1] {
		require.Equal(t, http.StatusCreated, l.Status)
	}
	require.Equal(t, http.StatusBadRequest, lines[len(lines)-1].Status)
	require.Nil(t, lines[len(lines)-1].GUID)
}
