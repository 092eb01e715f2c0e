package tracebody

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Every message that a trace can be refused with has a code: the constants msg… of this package.
func TestEveryMessageHasACode(t *testing.T) {
	t.Parallel()
	sources, err := filepath.Glob("*.go")
	require.NoError(t, err)
	found := 0
	for _, source := range sources {
		file, err := parser.ParseFile(token.NewFileSet(), source, nil, 0)
		require.NoError(t, err)
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok || !strings.HasPrefix(spec.Names[0].Name, "msg") {
				return true
			}
			value, ok := spec.Values[0].(*ast.BasicLit)
			require.True(t, ok, spec.Names[0].Name)
			message, err := strconv.Unquote(value.Value)
			require.NoError(t, err)
			require.NotNil(t, codes[message], spec.Names[0].Name)
			found++
			return true
		})
	}
	require.Equal(t, len(codes), found, "a code for a message that is gone")
}

func TestMessagesNameTheWords(t *testing.T) {
	t.Parallel()
	for message, words := range map[string][]string{msgUnit: units, msgDetector: detectors, msgTraceMode: traceModes} {
		require.Equal(t, "must be one of "+strings.Join(words, ", "), message)
	}
}
