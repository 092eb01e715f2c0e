package migrate

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	schema "nms.example/sql"
	"nms.example/sql/internal/testdb"
)

// backup runs a script of deploy/backup on one database.
func backup(t *testing.T, script string, d schema.Database, url, dir string) {
	t.Helper()
	script, err := filepath.Abs(filepath.Join("..", "..", "deploy", "backup", script))
	require.NoError(t, err)
	cmd := exec.CommandContext(t.Context(), script, dir)
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, "DB_") {
			cmd.Env = append(cmd.Env, variable)
		}
	}
	cmd.Env = append(cmd.Env, d.Variable()+"="+url)
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, string(out))
}

func TestABackupOfNothingIsRefused(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "dumps")
	cmd := exec.CommandContext(t.Context(), filepath.Join("..", "..", "deploy", "backup", "backup.sh"), dir)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH")}
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	require.ErrorAs(t, err, &exit)
	require.Equal(t, 2, exit.ExitCode())
	require.Contains(t, string(out), "no DB_…_DSN is set")
	require.NoDirExists(t, dir)
}

// withoutParentheses has a OR (b OR c) and (a OR b) OR c be the same: a dump flattens them.
func withoutParentheses(lines []string) []string {
	return strings.Split(strings.NewReplacer("(", "", ")", "").Replace(strings.Join(lines, "\n")), "\n")
}

// What pg_dump writes is restored without a search path, so that a trigger or a check may be fine here and yet
// be refused there: a backup that nobody has restored is none.
func TestADumpRestoresEverySchema(t *testing.T) {
	t.Parallel()
	for _, d := range schema.Databases() {
		t.Run(string(d), func(t *testing.T) {
			t.Parallel()
			target := Target{Database: d, URL: testdb.New(t)}
			_, err := Up(t.Context(), target, io.Discard)
			require.NoError(t, err)
			before := withoutParentheses(testdb.Catalogue(t, target.URL))
			dir := filepath.Join(t.TempDir(), "dumps")
			backup(t, "backup.sh", d, target.URL, dir)
			testdb.Empty(t, target.URL)
			backup(t, "restore.sh", d, target.URL, dir)
			require.Equal(t, before, withoutParentheses(testdb.Catalogue(t, target.URL)))
			status, err := ReadStatus(t.Context(), target)
			require.NoError(t, err)
			require.Empty(t, status.Pending)
		})
	}
}
