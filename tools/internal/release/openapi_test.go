//go:build workshop

package release

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// A service whose operations change their status breaks its clients: before v1 in a minor version, from v1 on in a major one,
// and in neither without a word in its changelog.
func TestAServiceThatBreaksItsClients(t *testing.T) {
	t.Parallel()
	document := func(status string) string {
		return `{"openapi":"3.1.0","info":{"title":"auth","version":"0"},"paths":{"/users":{"get":{"responses":{"` + status + `":{"description":"x"}}}}}}`
	}
	for previous, tc := range map[string]struct{ small, enough string }{"v0.1.0": {"patch", "minor"}, "v1.0.0": {"minor", ""}} {
		t.Run(previous, func(t *testing.T) {
			t.Parallel()
			s := setup(t)
			for _, name := range []string{"go.mod", "go.sum"} {
				content, err := os.ReadFile(filepath.Join("..", "..", "openapi", name))
				require.NoError(t, err)
				s.write(DifferModule+"/"+name, string(content))
			}
			s.write("docs/openapi/auth.json", document("200"))
			s.commit("feat(auth): users")
			s.release("common", "minor")
			require.Contains(t, s.release("auth", previous), "docs/openapi/auth.json: no release before to compare it with")

			s.write("docs/openapi/auth.json", document("202"))
			s.write("auth/note.go", "package main\n")
			s.commit("fix(auth): users are told later")
			release := func(how string) func(context.Context, *Releaser) error {
				return func(ctx context.Context, r *Releaser) error { return r.Release(ctx, "auth", how) }
			}
			require.Contains(t, s.refused(release(tc.small)), "a "+tc.small+" release may not break the clients of auth/"+previous+":\nGET /users: ")
			if tc.enough == "" {
				return // a major version needs another module path first
			}
			require.Contains(t, s.refused(release(tc.enough)), `no line of the changelog begins with "Breaking:"`)

			s.write("auth/CHANGELOG.md", "# Changelog\n\n## [Unreleased]\n\n- Breaking: users are told later.\n")
			s.commit("docs(auth): say so")
			require.Contains(t, s.release("auth", tc.enough), "breaks clients: GET /users: ")
			s.write("auth/note.go", "package main\n\n// Nothing of interest.\n")
			s.commit("fix(auth): a note")
			require.NotContains(t, s.release("auth", "patch"), "breaks clients")
		})
	}
}
