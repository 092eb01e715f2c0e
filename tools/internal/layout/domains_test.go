package layout

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// placeOfARequest is how HTTP answers name places. A domain says fault.Field, fault.Target or fault.Version instead; package
// api turns that into a place of the request at hand.
var placeOfARequest = regexp.MustCompile(`^(body|path|query|header)[.\[]|^(body|query)$`)

// transports are the packages of services that speak a transport themselves, by their last folders.
var transports = []string{
	"internal/api",    // HTTP
	"internal/app",    // wires it
	"internal/intake", // messages of RabbitMQ
	"internal/seed",   // environment variables
}

func TestDomainsDoNotSpeakHTTP(t *testing.T) {
	t.Parallel()
	services, err := filepath.Glob("../../../*/internal/app/events.go")
	require.NoError(t, err)
	require.NotEmpty(t, services)
	files := 0
	for _, service := range services {
		root := filepath.Dir(filepath.Dir(service)) // <service>/internal
		require.NoError(t, filepath.WalkDir(root, func(path string, entry os.DirEntry, err error) error {
			if err != nil || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
				return err
			}
			below, err := filepath.Rel(filepath.Dir(root), filepath.Dir(path))
			if err != nil || slices.Contains(transports, filepath.ToSlash(below)) {
				return err
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
			if err != nil {
				return err
			}
			files++
			for _, found := range placesIn(file) {
				t.Errorf("%s says %s: a domain names a field or the target (package fault)", path, found)
			}
			return nil
		}))
	}
	require.Greater(t, files, 50)
}

// placesIn lists what names a place of a request: texts, and calls of fault.Request.
func placesIn(file *ast.File) []string {
	var found []string
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ImportSpec:
			return false
		case *ast.BasicLit:
			text, err := strconv.Unquote(n.Value)
			if err == nil && n.Kind == token.STRING && placeOfARequest.MatchString(text) {
				found = append(found, n.Value)
			}
		case *ast.SelectorExpr:
			if pkg, ok := n.X.(*ast.Ident); ok && pkg.Name == "fault" && n.Sel.Name == "Request" {
				found = append(found, "fault.Request")
			}
		}
		return true
	})
	return found
}

func TestPlacesOfRequestsAreFound(t *testing.T) {
	t.Parallel()
	file, err := parser.ParseFile(token.NewFileSet(), "a.go", `package a
import "path"
var a, b, c = fault.Request(x), "body.name", "query"
var d, e = "bodyguard", "the path.id"
`, 0)
	require.NoError(t, err)
	require.Equal(t, []string{"fault.Request", `"body.name"`, `"query"`}, placesIn(file))
}
