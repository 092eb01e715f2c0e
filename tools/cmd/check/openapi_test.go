//go:build workshop

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"nms.example/tools/internal/release"
)

// document is the OpenAPI document of the scratch service at its release.
const document = `{"openapi":"3.1.0","info":{"title":"auth","version":"0"},"paths":{"/users":{"get":{"operationId":"auth-users-list",
"parameters":[{"name":"q","in":"query","schema":{"type":"string"}}],
"responses":{"200":{"description":"the users","content":{"application/json":{"schema":{"type":"object",
"properties":{"id":{"type":"integer"},"login":{"type":"string"}},"required":["id","login"]}}}}}}}}}`

// released makes a repository with a service whose document has a tag.
func released(t *testing.T, tag bool) (root string, out func() string, check func() error) {
	t.Helper()
	root, said, with := setup(t)
	for _, name := range []string{"go.mod", "go.sum"} { // the program that compares is pinned as in this repository
		content, err := os.ReadFile(filepath.Join("..", "..", "openapi", name))
		require.NoError(t, err)
		write(t, root, release.DifferModule+"/"+name, string(content))
	}
	write(t, root, "docs/openapi/auth.json", document)
	write(t, root, "auth/CHANGELOG.md", "# Changelog\n\n## [Unreleased]\n\n## [0.1.0] - 2026-11-23\n\n- Breaking: long ago.\n")
	git := func(args ...string) {
		cmd := exec.CommandContext(t.Context(), "git", append([]string{"-c", "user.name=t", "-c", "user.email=t@t.example", "-C", root}, args...)...)
		answer, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s", answer)
	}
	git("init", "-q")
	git("add", ".")
	git("commit", "-q", "-m", "first")
	if tag {
		git("tag", "auth/v0.1.0")
	}
	return root, said.String, func() error { return with(false).openapi(t.Context()) }
}

func TestWhatBreaksClientsHasToBeSaid(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ old, changed, finding string }{
		"nothing":                  {"", "", ""},
		"a description":            {"the users", "all users", ""},
		"a further field":          {`"login":{"type":"string"}`, `"login":{"type":"string"},"name":{"type":"string"}`, ""},
		"an optional parameter":    {`"parameters":[`, `"parameters":[{"name":"sort","in":"query","schema":{"type":"string"}},`, ""},
		"a further operation":      {`"paths":{`, `"paths":{"/roles":{"get":{"responses":{"204":{"description":"none"}}}},`, ""},
		"a removed field":          {`,"login":{"type":"string"}},"required":["id","login"]`, `},"required":["id"]`, "login"},
		"a new required parameter": {`"parameters":[`, `"parameters":[{"name":"sort","in":"query","required":true,"schema":{"type":"string"}},`, "sort"},
		"a changed status":         {`"200":`, `"202":`, "200"},
		"a removed operation":      {`"get":{"operationId"`, `"head":{"operationId"`, "GET /users"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			root, _, check := released(t, true)
			changed := strings.Replace(document, tc.old, tc.changed, 1)
			require.Equal(t, tc.old == "", changed == document)
			write(t, root, "docs/openapi/auth.json", changed)

			err := check()

			if tc.finding == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, "docs/openapi/auth.json breaks clients of auth/v0.1.0")
			require.ErrorContains(t, err, "auth/CHANGELOG.md")
			require.ErrorContains(t, err, "/users: ")
			require.ErrorContains(t, err, tc.finding)

			log := read(t, root, "auth/CHANGELOG.md")
			write(t, root, "auth/CHANGELOG.md", strings.Replace(log, "[Unreleased]\n", "[Unreleased]\n\n### Changed\n\n- **Breaking:** users look otherwise.\n", 1))
			require.NoError(t, check())
		})
	}
}

func TestWithoutAReleaseNothingIsCompared(t *testing.T) {
	t.Parallel()
	root, out, check := released(t, false)
	write(t, root, "docs/openapi/auth.json", "{}")
	require.NoError(t, check())
	require.Equal(t, "   no release yet to compare with: auth\n", out())
}
