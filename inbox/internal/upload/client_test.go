package upload_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"nms.example/inbox/internal/upload"
)

// The command's tests send to a real inbox. Here stands what a real one does not answer, or seldom.

// client makes one of a server that answers with the answers in turn, the last one for ever.
func client(t *testing.T, answers ...func(http.ResponseWriter)) (*upload.Client, *[]string) {
	t.Helper()
	waits := new([]string)
	next := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		answer := answers[min(next, len(answers)-1)]
		next++
		answer(w)
	}))
	t.Cleanup(server.Close)
	return &upload.Client{
		URL: server.URL + "/", Authorize: func(*http.Request) {}, Patience: 2 * time.Second,
		Waiting: func(reason error) { *waits = append(*waits, reason.Error()) },
	}, waits
}

func says(status int, text string) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) {
		w.WriteHeader(status)
		fmt.Fprint(w, text)
	}
}

func TestSend(t *testing.T) {
	t.Parallel()
	two := [][]byte{[]byte("{}"), []byte("{}")}
	t.Run("a line that there is no room for is sent again, alone", func(t *testing.T) {
		t.Parallel()
		c, _ := client(t,
			says(200, `{"line":1,"guid":null,"status":503,"errors":[]}`+"\n"+`{"line":2,"status":201}`+"\n"),
			says(200, `{"line":1,"status":422,"errors":[{"location":"body.noise","message":"is required"}]}`+"\n"))
		results, err := c.Send(t.Context(), two)
		require.NoError(t, err)
		require.Equal(t, []upload.Result{{422, []upload.Reason{{"body.noise", "is required"}}}, {201, nil}}, results)
	})
	t.Run("a stream that ended early leaves no line out", func(t *testing.T) {
		t.Parallel()
		c, _ := client(t, says(200, `{"line":1,"status":201}`+"\n"), says(200, `{"line":1,"status":200}`+"\n"))
		results, err := c.Send(t.Context(), two)
		require.NoError(t, err)
		require.Equal(t, []upload.Result{{201, nil}, {200, nil}}, results)
	})
	t.Run("what is no result is tried again and then told", func(t *testing.T) {
		t.Parallel()
		for _, text := range []string{`{"line":7,"status":201}`, `{"line":0,"status":201}`, `{"line":1}`, "<html>", ""} {
			c, waits := client(t, says(200, text))
			results, err := c.Send(t.Context(), two)
			require.Error(t, err, text)
			require.NotEmpty(t, *waits, text)
			require.Equal(t, make([]upload.Result, 2), results)
		}
	})
	t.Run("a refusal of all is final", func(t *testing.T) {
		t.Parallel()
		c, waits := client(t, says(403, `{"detail":"not allowed","errors":[{"location":"header.authorization","message":"lacks inbox:write"}]}`))
		_, err := c.Send(t.Context(), two)
		require.EqualError(t, err, "inbox answers 403 Forbidden: not allowed (header.authorization lacks inbox:write)")
		require.Empty(t, *waits)
	})
	t.Run("credentials that cannot be renewed are final", func(t *testing.T) {
		t.Parallel()
		c, _ := client(t, says(401, ""))
		_, err := c.Send(t.Context(), two)
		var status *upload.StatusError
		require.ErrorAs(t, err, &status)
		require.Equal(t, 401, status.Status)
		c.Renew = func(context.Context) error { return os.ErrPermission }
		_, err = c.Send(t.Context(), two)
		require.ErrorIs(t, err, os.ErrPermission)
	})
	t.Run("a stop is a stop", func(t *testing.T) {
		t.Parallel()
		c, _ := client(t, says(503, ""))
		ctx, cancel := context.WithCancel(t.Context())
		c.Patience = time.Hour
		c.Waiting = func(error) { cancel() }
		_, err := c.Send(ctx, two)
		require.ErrorIs(t, err, context.Canceled)
	})
}

func TestStore(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	store, err := upload.OpenStore(filepath.Join(folder, "new"), "http://a", "x.csv")
	require.NoError(t, err)
	require.Zero(t, store.Load())
	require.NoError(t, store.Forget())
	chain := upload.Chain{}.Add(uuid.New()).Add(uuid.New())
	require.NoError(t, store.Save(2, 1, chain))
	kept := store.Load()
	require.Equal(t, [2]int{2, 1}, [2]int{kept.Traces, kept.Refused})
	require.True(t, kept.Matches(chain))
	require.False(t, kept.Matches(chain.Add(uuid.New())))
	other, err := upload.OpenStore(filepath.Join(folder, "new"), "http://b", "x.csv")
	require.NoError(t, err)
	require.Zero(t, other.Load(), "another inbox has got nothing yet")

	files, err := filepath.Glob(filepath.Join(folder, "new", "*"))
	require.NoError(t, err)
	require.Len(t, files, 1)
	for _, broken := range []string{"", "{", `{"traces":-1}`, `[]`} {
		require.NoError(t, os.WriteFile(files[0], []byte(broken), 0o600))
		require.Zero(t, store.Load(), broken)
	}
	require.NoError(t, store.Forget())
	require.NoFileExists(t, files[0])
	var none *upload.Store
	require.NoError(t, none.Save(1, 0, chain))
	require.Zero(t, none.Load())
	require.NoError(t, none.Forget())
}
