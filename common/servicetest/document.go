package servicetest

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"nms.example/common/service"
)

// CheckDocument compares docs/openapi/<name>.json at the root of the repository with the service's operations. A
// module that was taken out of the repository has nothing to compare with.
func CheckDocument(t *testing.T, identity service.Identity) {
	t.Helper()
	want, err := service.Document(t.Context(), identity)
	require.NoError(t, err)
	root := findRoot(t)
	if root == "" {
		return
	}
	got, err := os.ReadFile(filepath.Join(root, "docs", "openapi", identity.Name+".json"))
	require.NoError(t, err, "./task gen writes it")
	if !bytes.Equal(want, got) {
		require.Equal(t, string(want), string(got), "docs/openapi/%s.json is not what the code says; ./task gen writes it", identity.Name)
	}
}
