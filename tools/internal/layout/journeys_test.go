package layout

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// mostStops is how many functions somebody has to read to know a journey.
const mostStops = 12

// stop is a row of a journey: its number, a file and a function in it.
var stop = regexp.MustCompile("^\\| (\\d+) \\| `([^`]+)` \\| `([^`]+)` \\| \\S.* \\|$")

// The journeys of docs/architecture.md lead through functions that exist, and never back into a package that they have left.
func TestTheJourneysLeadThroughTheCode(t *testing.T) {
	t.Parallel()
	_, section, found := strings.Cut(read(t, "docs/architecture.md"), "\n## Three journeys through the code\n")
	require.True(t, found)
	section, _, _ = strings.Cut(section, "\n## ")
	journeys := strings.Split(section, "\n### ")[1:]
	require.Len(t, journeys, 3)
	for _, journey := range journeys {
		title, text, _ := strings.Cut(journey, "\n")
		t.Run(title, func(t *testing.T) {
			t.Parallel()
			var packages []string
			number := 0
			for line := range strings.Lines(text) {
				if !strings.HasPrefix(line, "| ") || strings.HasPrefix(line, "| stop ") {
					continue
				}
				row := stop.FindStringSubmatch(strings.TrimRight(line, "\n"))
				require.NotNil(t, row, "%s is no stop: number, file, function, what happens", line)
				number++
				require.Equal(t, strconv.Itoa(number), row[1])
				require.NotNil(t, function(t, row[2], row[3]), "%s has no function %s", row[2], row[3])
				if here := path.Dir(row[2]); len(packages) == 0 || packages[len(packages)-1] != here {
					require.NotContains(t, packages, here, "stop %d goes back", number)
					packages = append(packages, here)
				}
			}
			require.Positive(t, number)
			require.LessOrEqual(t, number, mostStops)
		})
	}
}

// function finds "Name" or "Type.Name" in a Go file below the root; nil when it is not there.
func function(t *testing.T, file, name string) *ast.FuncDecl {
	t.Helper()
	for _, declared := range parse(t, file).Decls {
		if f, ok := declared.(*ast.FuncDecl); ok && nameOf(f) == name {
			return f
		}
	}
	return nil
}

func parse(t *testing.T, file string) *ast.File {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), filepath.Join("../../..", file), nil, parser.SkipObjectResolution)
	require.NoError(t, err)
	return parsed
}

// nameOf is a function's name, behind that of its receiver's type when it is a method.
func nameOf(f *ast.FuncDecl) string {
	if f.Recv == nil {
		return f.Name.Name
	}
	receiver := f.Recv.List[0].Type
	for {
		switch of := receiver.(type) {
		case *ast.StarExpr:
			receiver = of.X
		case *ast.IndexExpr:
			receiver = of.X
		case *ast.IndexListExpr:
			receiver = of.X
		case *ast.Ident:
			return of.Name + "." + f.Name.Name
		default:
			return f.Name.Name
		}
	}
}
