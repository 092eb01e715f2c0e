package servicetest

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"nms.example/common/service"
)

// CheckDocument checks that the OpenAPI document of a service speaks the dialect of all, and compares
// docs/openapi/<name>.json at the root of the repository with the service's operations, and docs/errors.md with its
// codes. A module that was taken out of the repository has nothing to compare with.
func CheckDocument(t *testing.T, identity service.Identity) {
	t.Helper()
	want, err := service.Document(t.Context(), identity)
	require.NoError(t, err)
	checkDialect(t, identity.Name, want)
	root := findRoot(t)
	if root == "" {
		return
	}
	got, err := os.ReadFile(filepath.Join(root, "docs", "openapi", identity.Name+".json"))
	require.NoError(t, err, "./task gen writes it")
	if !bytes.Equal(want, got) {
		require.Equal(t, string(want), string(got), "docs/openapi/%s.json is not what the code says; ./task gen writes it", identity.Name)
	}
	checkErrors(t, root, identity.Name)
}

// errorRow is a line of the table in docs/errors.md: code, statuses, meaning, services.
var errorRow = regexp.MustCompile("(?m)^\\| `([a-z0-9_]+)` \\| ([0-9, ]+) \\| (.+) \\| ([a-z, ]+) \\|$")

func checkErrors(t *testing.T, root, name string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "docs", "errors.md"))
	require.NoError(t, err, "./task gen writes its table")
	listed := map[string]string{}
	for _, row := range errorRow.FindAllStringSubmatch(string(text), -1) {
		if row[4] == "all" || slices.Contains(strings.Split(row[4], ", "), name) {
			listed[row[1]] = row[2] + ": " + row[3]
		}
	}
	declared := map[string]string{}
	for _, e := range service.Errors() {
		statuses := strings.Trim(strings.ReplaceAll(fmt.Sprint(e.Statuses), " ", ", "), "[]")
		declared[e.Code] = statuses + ": " + e.Meaning
	}
	require.Equal(t, declared, listed, "docs/errors.md is not what the code says; ./task gen writes it")
}
