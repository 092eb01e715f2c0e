package stack

import (
	"bytes"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"nms.example/tools/internal/layout"
)

func TestTheProgressOfABuildTellsPackagesFromErrors(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	b := &buildProgress{log: &log}
	write := func(text string) {
		_, err := b.Write([]byte(text))
		require.NoError(t, err)
	}
	write("go: downloading github.com/redis/go-redis/v9 v9.23.0\n")
	require.Equal(t, "downloading github.com/redis/go-redis/v9 v9.23.0", b.words())
	write("golang.org/x/sys/unix\nnms.example/")
	require.Equal(t, "1 packages, now golang.org/x/sys/unix", b.words())
	write("cfg\n# nms.example/cfg\ncfg/main.go:13:26: syntax error\n")
	b.total = 7
	require.Equal(t, "2 of 7 packages, now nms.example/cfg", b.words())
	require.Equal(t, "# nms.example/cfg\ncfg/main.go:13:26: syntax error\n", log.String())
}

func TestABuiltProgramIsInstalledAndTakenBack(t *testing.T) {
	t.Parallel()
	checkout, err := checkoutIn(t.TempDir())
	require.NoError(t, err)
	checkout.Account = nil
	require.NoError(t, checkout.prepare())
	built := func(content string) {
		require.NoError(t, os.RemoveAll(checkout.built("cfg"))) // as go build does
		require.NoError(t, os.WriteFile(checkout.built("cfg"), []byte(content), 0o600))
	}
	installed := func() string {
		raw, err := os.ReadFile(checkout.binary("cfg"))
		require.NoError(t, err)
		return string(raw)
	}
	changed := func() bool {
		is, err := checkout.changed("cfg")
		require.NoError(t, err)
		return is
	}
	_, err = checkout.changed("cfg")
	require.ErrorIs(t, err, os.ErrNotExist)
	built("one")
	require.True(t, changed())
	_, back, err := checkout.install("cfg")
	require.NoError(t, err)
	require.False(t, changed())
	require.NoError(t, back())
	require.NoFileExists(t, checkout.binary("cfg"), "there was none before")
	keep, _, err := checkout.install("cfg")
	require.NoError(t, err)
	require.NoError(t, keep())

	built("one")
	require.False(t, changed(), "another file with the same content")
	built("two")
	require.True(t, changed())
	_, back, err = checkout.install("cfg")
	require.NoError(t, err)
	require.Equal(t, "two", installed())
	require.NoError(t, back())
	require.Equal(t, "one", installed())
	require.True(t, changed())
	keep, _, err = checkout.install("cfg")
	require.NoError(t, err)
	require.NoError(t, keep())
	require.Equal(t, "two", installed())
	require.NoFileExists(t, checkout.binary("cfg")+".old")

	// Other variables have a program exchanged for itself.
	for range 2 {
		_, back, err = checkout.install("cfg")
		require.NoError(t, err)
		require.NoFileExists(t, checkout.binary("cfg")+".new")
		require.NoError(t, back())
		require.NoFileExists(t, checkout.binary("cfg")+".old")
		require.Equal(t, "two", installed())
	}
}

func TestTheCallersVariablesStayUntilTheyAreSetAnew(t *testing.T) {
	t.Parallel()
	checkout, err := FindCheckout(".")
	require.NoError(t, err)
	known, err := checkout.knownVariables()
	require.NoError(t, err)
	first := known.passed(nil, []string{"LOG_LEVEL=debug", "CFG_PORT=5000", "HOME=/root", "OTEL_X=1"})
	require.Equal(t, []string{"LOG_LEVEL=debug", "OTEL_X=1"}, first)
	require.Equal(t, first, known.passed(first, []string{"HOME=/home"}))
	require.Equal(t, []string{"LOG_LEVEL=info", "OTEL_X=1"}, known.passed(first, []string{"LOG_LEVEL=info"}))
}

func TestEachServiceIsPassedTheVariablesThatItReads(t *testing.T) {
	t.Parallel()
	checkout, err := FindCheckout(".")
	require.NoError(t, err)
	known, err := checkout.knownVariables()
	require.NoError(t, err)
	for _, service := range layout.Services {
		require.NotEmpty(t, known[service.Name], "%s stands in no table of %s", service.Name, variablesPage)
	}
	environ := []string{"HOST=laptop", "ENVIRONMENT=prod", "PORT=1", "DB_NMS_DSN=a", "REDIS_DSN_FILE=b", "JWT_SECRET_KEY_FILE=c",
		"DB_MAX_CONNS=3", "BCRYPT_COST=12", "INTAKE_RATE_LIMIT=5", "TELEMETRY_RETENTION=2160h", "AUTH_ADMIN_PASSWORD_FILE=d"}
	require.Equal(t, []string{"DB_MAX_CONNS=3", "BCRYPT_COST=12", "AUTH_ADMIN_PASSWORD_FILE=d"}, known.passedOn("auth", environ))
	require.Equal(t, []string{"DB_MAX_CONNS=3"}, known.passedOn("cfg", environ))
	require.Equal(t, []string{"DB_MAX_CONNS=3", "INTAKE_RATE_LIMIT=5"}, known.passedOn("inbox", environ))
	require.Equal(t, []string{"DB_MAX_CONNS=3", "TELEMETRY_RETENTION=2160h"}, known.passedOn("ctrl", environ))
}

func TestValuesAreQuotedForAShell(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{
		"": "''", "Europe/Rome": "Europe/Rome", "http://127.0.0.1:4000,x": "http://127.0.0.1:4000,x",
		"postgres://a:b@c/d?sslmode=disable": "'postgres://a:b@c/d?sslmode=disable'", "it's": `'it'\''s'`, "a b": "'a b'",
	} {
		require.Equal(t, want, quoted(value))
	}
}

func TestAServiceThatIsNotThereCannotStepAside(t *testing.T) {
	t.Parallel()
	require.NoError(t, UpOptions{Without: []string{"cfg", "auth"}}.check())
	require.ErrorContains(t, UpOptions{Without: []string{"weather"}}.check(), "there are console, auth, cfg")
}
