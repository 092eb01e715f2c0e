package layout

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Tests and what only they use may drop errors of a clean-up, and generated code is not ours.
var notJudged = regexp.MustCompile(`_test\.go$|(^|/)(common/[a-z]+test|hostile)/|/[a-z]+db/|/testdata/|(^|/)\.`)

// An error that is assigned to nothing has a comment on its line, or on the line before, that says why nobody needs it.
// Closing is left out: what is closed there is given up already. (The linter errcheck finds the calls whose results are
// not even assigned; its check-blank would want a nolint directive at each of these places.)
func TestDroppedErrorsSayWhy(t *testing.T) {
	t.Parallel()
	root := filepath.Join("..", "..", "..")
	files := 0
	require.NoError(t, filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		name = filepath.ToSlash(name)
		if entry.IsDir() && strings.HasPrefix(entry.Name(), ".") && name != "." {
			return filepath.SkipDir
		}
		if entry.IsDir() || !strings.HasSuffix(name, ".go") || notJudged.MatchString(name) {
			return nil
		}
		files++
		for _, place := range silent(t, path) {
			t.Errorf("%s:%s: a comment has to say why this error is dropped", name, place)
		}
		return nil
	}))
	require.Greater(t, files, 200, "the sources were not found")
}

// silent returns line and text of the assignments of a call's results to blanks that no comment explains.
func silent(t *testing.T, path string) (places []string) {
	t.Helper()
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, path, text, parser.ParseComments)
	require.NoError(t, err)
	explained := map[int]bool{}
	for _, group := range file.Comments {
		for line := set.Position(group.Pos()).Line; line <= set.Position(group.End()).Line; line++ {
			explained[line] = true
		}
	}
	lines := strings.Split(string(text), "\n")
	ast.Inspect(file, func(node ast.Node) bool {
		assign, ok := node.(*ast.AssignStmt)
		if !ok || len(assign.Rhs) != 1 || !allBlank(assign.Lhs) {
			return true
		}
		call, ok := assign.Rhs[0].(*ast.CallExpr)
		if !ok || closes(call) {
			return true
		}
		first, last := set.Position(assign.Pos()).Line, set.Position(assign.End()).Line
		if !explained[first-1] && !explained[first] && !explained[last] {
			places = append(places, fmt.Sprintf("%d: %s", first, strings.TrimSpace(lines[first-1])))
		}
		return true
	})
	return places
}

func allBlank(list []ast.Expr) bool {
	for _, expr := range list {
		if name, ok := expr.(*ast.Ident); !ok || name.Name != "_" {
			return false
		}
	}
	return true
}

// closes tells the calls that give something up.
func closes(call *ast.CallExpr) bool {
	selector, ok := call.Fun.(*ast.SelectorExpr)
	return ok && strings.HasPrefix(selector.Sel.Name, "Close")
}
