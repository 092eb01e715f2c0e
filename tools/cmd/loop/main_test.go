package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"nms.example/tools/internal/measure"
)

func TestThePageHasAPlaceForTheTable(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("../../../docs/local.md")
	require.NoError(t, err)
	page := filepath.Join(t.TempDir(), "local.md")
	require.NoError(t, os.WriteFile(page, raw, 0o600))
	require.NoError(t, measure.ReplaceSection(page, section, "a table"))
}
