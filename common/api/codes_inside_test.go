package api

import (
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"
	"github.com/stretchr/testify/require"

	"nms.example/common/fault"
)

// Whatever the validator may say has a code: a new version's new message is found here.
func TestEveryMessageOfTheValidatorHasACode(t *testing.T) {
	t.Parallel()
	pkg, err := build.Import("github.com/danielgtaylor/huma/v2/validation", ".", build.FindOnly)
	require.NoError(t, err)
	sources, err := filepath.Glob(filepath.Join(pkg.Dir, "*.go"))
	require.NoError(t, err)
	found := 0
	for _, source := range sources {
		file, err := parser.ParseFile(token.NewFileSet(), source, nil, 0)
		require.NoError(t, err)
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok || !strings.HasPrefix(spec.Names[0].Name, "Msg") {
				return true
			}
			value, ok := spec.Values[0].(*ast.BasicLit)
			require.True(t, ok, spec.Names[0].Name)
			message, err := strconv.Unquote(value.Value)
			require.NoError(t, err)
			require.NotNil(t, validatorCodes[message], spec.Names[0].Name)
			found++
			return true
		})
	}
	require.Greater(t, found, 40)
}

func TestReasonsOfTheValidatorKeepTheirCode(t *testing.T) {
	t.Parallel()
	for format, c := range map[string]struct {
		args []any
		want ProblemDetail
	}{
		"expected length >= %d": {[]any{3}, ProblemDetail{"body.a", "expected length >= 3", "too_short"}},
		"expected number <= %v": {[]any{1e15}, ProblemDetail{"body.a", "expected number <= 1000000000000000", "above_maximum"}},
		"expected number >= %v": {[]any{-75.24}, ProblemDetail{"body.a", "expected number >= -75.24", "below_minimum"}},
		"expected string":       {nil, ProblemDetail{"body.a", "expected string", "wrong_type"}},
		"expected string to be RFC 4122 uuid: %v": {
			[]any{strconv.ErrSyntax}, ProblemDetail{"body.a", "expected string to be RFC 4122 uuid", "bad_format"},
		},
		"expected required property %s to be present": {[]any{"b"}, ProblemDetail{"body.a.b", "is required", "required"}},
		"something new": {nil, ProblemDetail{"body.a", "something new", "invalid"}},
	} {
		message := format
		if c.args != nil {
			message = huma.ErrorFormatter(format, c.args...)
		}
		require.Equal(t, c.want, cleanDetail("body.a", message))
	}
}

// Where a domain's place is in a request.
func TestPlacesInARequest(t *testing.T) {
	t.Parallel()
	get := &call{route: &route{pattern: "/items/{id}/parts/{sid}", query: []string{"at", "min-width"}}}
	post := &call{route: &route{pattern: "/items", hasBody: true}}
	for name, c := range map[string]struct {
		call *call
		of   fault.Place
		want string
	}{
		"the call":              {get, fault.Place{}, ""},
		"the target":            {get, fault.Target, "path.sid"},
		"no target":             {post, fault.Target, "request"},
		"the version":           {get, fault.Version, "header.If-Match"},
		"a parameter":           {get, fault.Field("at"), "query.at"},
		"one of two words":      {get, fault.Field("min_width"), "query.min-width"},
		"a field of the body":   {post, fault.Field("cidrs[2]"), "body.cidrs[2]"},
		"a member of an array":  {post, fault.Field("[3].guid"), "body[3].guid"},
		"no parameter":          {get, fault.Field("name"), "body.name"},
		"the whole query":       {get, fault.Input, "query"},
		"the whole body":        {post, fault.Input, "body"},
		"a transport's own":     {post, fault.Request("header.Expect"), "header.Expect"},
		"outside of a request":  {nil, fault.Field("name"), "body.name"},
		"a target without call": {nil, fault.Target, "path"},
	} {
		require.Equal(t, c.want, locate(c.call, c.of), name)
	}
}

func TestStatusesOfCodes(t *testing.T) {
	t.Parallel()
	require.Equal(t, []int{400, 422}, StatusesOf(fault.CodeRequired))
	require.Equal(t, []int{409}, StatusesOf(fault.CodeNameTaken))
	require.Equal(t, []int{405}, StatusesOf(codeMethod))
}
