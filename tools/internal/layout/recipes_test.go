package layout

import (
	"go/ast"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var (
	codeSpan = regexp.MustCompile("`([^`\n]+)`")
	// recipePath is a path of the checkout; a part in angle brackets stands for any.
	recipePath = regexp.MustCompile(`^[\w.<>-]+(/[\w.<>-]+)+/?$`)
	// recipeTest is a test in a folder, as go test names it.
	recipeTest  = regexp.MustCompile(`^([\w<>/-]+)\.(Test\w+)$`)
	placeholder = regexp.MustCompile(`<\w+>`)
)

// Each file and test that CONTRIBUTING.md names is there; what is there for every service is there for each.
func TestTheRecipesNameWhatIsThere(t *testing.T) {
	t.Parallel()
	tests, paths := 0, 0
	for _, span := range codeSpan.FindAllStringSubmatch(read(t, "CONTRIBUTING.md"), -1) {
		for _, name := range ofEachService(span[1]) {
			if test := recipeTest.FindStringSubmatch(name); test != nil {
				require.True(t, hasTest(t, test[1], test[2]), "there is no test %s", name)
				tests++
			} else if recipePath.MatchString(name) {
				require.NotEmpty(t, glob(t, name), "there is no %s", name)
				paths++
			}
		}
	}
	require.Greater(t, tests, 10, "the tests were not found")
	require.Greater(t, paths, 10, "the paths were not found")
}

func ofEachService(name string) (names []string) {
	if !strings.HasPrefix(name, "<service>/") {
		return []string{name}
	}
	for _, s := range Services {
		names = append(names, strings.Replace(name, "<service>", s.Name, 1))
	}
	return names
}

func glob(t *testing.T, name string) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join("../../..", placeholder.ReplaceAllString(name, "*")))
	require.NoError(t, err)
	return found
}

func hasTest(t *testing.T, folder, name string) bool {
	t.Helper()
	return slices.ContainsFunc(glob(t, folder+"/<any>_test.go"), func(file string) bool {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		return strings.Contains(string(text), "\nfunc "+name+"(")
	})
}

// Where each field of a type has to be dealt with by hand, and where nothing else finds one that was forgotten: a function
// of a Go file, or a query of an SQL file.
var dealtWith = []struct {
	of, fields string // the file of the type and its name
	file       string
	in         []string
}{
	{"cfg/internal/telemetry/telemetry.go", "Input", "cfg/internal/telemetry/telemetry.go", []string{"Parameter.Input", "Input.Item"}},
	{"cfg/internal/telemetry/telemetry.go", "Input", "cfg/internal/telemetry/store.go", []string{"store.Lock", "store.Update"}},
	{"cfg/internal/telemetry/telemetry.go", "Input", "cfg/internal/api/telemetry.go", []string{"telemetryNew.input", "telemetryPatch.edit"}},
	{"cfg/internal/telemetry/telemetry.go", "Input", "cfg/internal/transfer/telemetry.go", []string{"TelemetryRow.cells", "telemetryRowOf", "TelemetryRow.same", "writeTelemetry"}},
	{"cfg/internal/telemetry/telemetry.go", "Input", "sql/nms/queries/cfg/telemetry.sql", []string{"TelemetryInsert", "TelemetryUpdate", "TelemetryUpdateMany"}},
	{"cfg/internal/nmsdb/telemetry.sql.go", "TelemetryUpdateManyParams", "cfg/internal/transfer/telemetry.go", []string{"writeTelemetry"}},
	{"cfg/internal/command/command.go", "Input", "cfg/internal/command/command.go", []string{"Command.Input", "Input.Item"}},
	{"cfg/internal/command/command.go", "Input", "cfg/internal/command/store.go", []string{"store.Lock", "store.Update"}},
	{"cfg/internal/command/command.go", "Input", "cfg/internal/api/commands.go", []string{"commandNew.input", "commandPatch.edit"}},
	{"cfg/internal/command/command.go", "Input", "sql/nms/queries/cfg/command.sql", []string{"CommandInsert", "CommandUpdate", "CommandUpdateMany"}},
	{"cfg/internal/nmsdb/command.sql.go", "CommandUpdateManyParams", "cfg/internal/transfer/commands.go", []string{"writeCommands"}},
}

func TestEveryFieldIsDealtWithEverywhere(t *testing.T) {
	t.Parallel()
	for _, one := range dealtWith {
		fields := fieldsOf(t, one.of, one.fields)
		require.NotEmpty(t, fields, "%s has no struct %s", one.of, one.fields)
		for _, name := range one.in {
			words := wordsIn(t, one.file, name)
			require.NotEmpty(t, words, "%s has no %s", one.file, name)
			for _, field := range fields {
				if strings.HasSuffix(one.file, ".sql") {
					field = column(field)
				}
				if !words[field] {
					t.Errorf("%s: %s does not deal with %s of %s.%s", one.file, name, field, filepath.Base(filepath.Dir(one.of)), one.fields)
				}
			}
		}
	}
}

// fieldsOf lists the fields of a struct.
func fieldsOf(t *testing.T, file, name string) (fields []string) {
	t.Helper()
	ast.Inspect(parse(t, file), func(n ast.Node) bool {
		spec, ok := n.(*ast.TypeSpec)
		if !ok || spec.Name.Name != name {
			return true
		}
		if of, ok := spec.Type.(*ast.StructType); ok {
			for _, field := range of.Fields.List {
				for _, ident := range field.Names {
					fields = append(fields, ident.Name)
				}
			}
		}
		return false
	})
	return fields
}

// wordsIn are the identifiers of a function or of a query.
func wordsIn(t *testing.T, file, name string) map[string]bool {
	t.Helper()
	words := map[string]bool{}
	if strings.HasSuffix(file, ".sql") {
		_, query, _ := strings.Cut(read(t, file), "-- name: "+name+" :")
		query, _, _ = strings.Cut(query, "-- name: ")
		for _, word := range regexp.MustCompile(`\w+`).FindAllString(query, -1) {
			words[word] = true
		}
		return words
	}
	if f := function(t, file, name); f != nil {
		ast.Inspect(f.Body, func(n ast.Node) bool {
			if ident, ok := n.(*ast.Ident); ok {
				words[ident.Name] = true
			}
			return true
		})
	}
	return words
}

// column is the name of the column for a field: EquipmentID is equipment_id.
func column(field string) string {
	return strings.ToLower(regexp.MustCompile(`([a-z])([A-Z])`).ReplaceAllString(field, "${1}_${2}"))
}
