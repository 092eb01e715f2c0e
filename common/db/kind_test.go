package db_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	schema "nms.example/sql"

	"nms.example/common/db"
)

// compile builds one of testdata's programs and returns the compiler's words.
func compile(t *testing.T, name string) (string, error) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "build", "-gcflags=-e", "-o", filepath.Join(t.TempDir(), name), "./testdata/"+name)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func TestKindsAreCheckedByTheCompiler(t *testing.T) {
	t.Parallel()
	out, err := compile(t, "samekind")
	require.NoError(t, err, out)

	out, err = compile(t, "otherkind")
	require.Error(t, err)
	source, err := os.ReadFile("testdata/otherkind/main.go")
	require.NoError(t, err)
	refused := 0
	for i, line := range strings.Split(string(source), "\n") {
		if strings.Contains(line, "// refused:") {
			refused++
			require.Regexp(t, `main\.go:`+strconv.Itoa(i+1)+`:\d+: `, out, "line %d: %s", i+1, line)
		}
	}
	require.Equal(t, 4, refused)
	require.Equal(t, refused, strings.Count(out, "main.go:"), "nothing else is wrong with the program:\n%s", out)
	require.Contains(t, out, "*db.Pool[db.DWH] does not implement db.Conn[db.NMS]")
}

func TestDatabaseOfKind(t *testing.T) {
	t.Parallel()
	kinds := []schema.Database{db.DatabaseOf[db.AUTH](), db.DatabaseOf[db.NMS](), db.DatabaseOf[db.DWH](), db.DatabaseOf[db.ADMIN]()}
	require.Equal(t, schema.Databases(), kinds)
}
