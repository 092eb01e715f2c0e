package station

import (
	"net/http"
	"net/http/httptest"
	"testing"
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
