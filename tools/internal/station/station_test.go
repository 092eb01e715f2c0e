package station

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

func TestTheDocumentSpeaksOfWhatIsInIt(t *testing.T) {
	t.Parallel()
	read := map[string]bool{}
	for _, p := range parameters {
		read[p["name"].(string)] = true
	}
	paths := map[string]bool{above: true}
	for _, d := range devices() {
		require.True(t, paths[d.parent], d.path())
		require.False(t, paths[d.path()], d.path())
		paths[d.path()] = true
		names := map[string]bool{"": true}
		for _, c := range d.kind.commands {
			require.LessOrEqual(t, len(c.name), 10, c.name)
			require.LessOrEqual(t, utf8.RuneCountInString(c.description), 300, c.name)
			names[c.name] = true
			for _, p := range c.binding["points"].([]object) {
				require.True(t, read[p["parameter"].(string)], "%s reads %s", c.name, p["parameter"])
			}
		}
		for _, c := range d.kind.commands {
			require.True(t, names[c.undo], "%s is undone by %s", c.name, c.undo)
			require.Equal(t, c.undo != "", c.binding["undo_args"] != nil, c.name)
		}
	}
	require.Len(t, paths, 2*pairs+1)
}

func TestARefusalIsTold(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusBadRequest)
		_, _ = w.Write([]byte(`{"detail":"login or password is wrong","errors":[{"location":"body","message":"is refused"}]}`))
	}))
	defer server.Close()
	err := Load(t.Context(), System{Auth: server.URL, Login: "x", Password: "y"}, "")
	require.EqualError(t, err, "the answer is 400: login or password is wrong; body is refused")
}

func TestTheRecordIsWhatTheSimulatorPrints(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "log")
	at := time.Date(2026, 11, 30, 12, 0, 0, 5e8, time.UTC)
	require.NoError(t, os.WriteFile(file, []byte("the station listens on 127.0.0.1:1\n2026-11-30T12:00:00.5Z executed rx1 frequency_hz 10001\n"+
		"the station listens on 127.0.0.1:1\n2026-11-30T12:00:00.5Z executed rx8 bandwidth_hz 10002\n"), 0o600))
	list, err := ReadExecuted(file)
	require.NoError(t, err)
	require.Equal(t, []Execution{{at, "rx1", 10001}, {at, "rx8", 10002}}, list)
	for _, wrong := range []string{"2026-11-30T12:00:00Z executed rx1 mode \"on\"\n", "noon executed rx1 gain_db 1\n"} {
		require.NoError(t, os.WriteFile(file, []byte(wrong), 0o600))
		_, err = ReadExecuted(file)
		require.ErrorContains(t, err, "record")
	}
}
