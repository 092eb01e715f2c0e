package deployment

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"nms.example/tools/internal/layout"
)

// chartValues is what the charts' values.yaml say about services and databases. Everything else about the charts is
// checked in deploy/check, which has Helm and Kubernetes at hand.
func chartValues[T any](t *testing.T, chart string) (v T) {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(root, "deploy", "helm", chart, "values.yaml"))
	require.NoError(t, err)
	require.NoError(t, yaml.Unmarshal(content, &v))
	return v
}

func TestChartHasEveryServiceAndDatabase(t *testing.T) {
	t.Parallel()
	services := chartValues[struct {
		Services map[string]struct {
			Port      int
			Databases []string
		}
		Secrets struct{ Databases map[string]any }
	}](t, "nms")
	for _, want := range layout.Services {
		service, ok := services.Services[want.Name]
		require.True(t, ok, "deploy/helm/nms/values.yaml has no service %s", want.Name)
		require.Equal(t, want.Port, service.Port, want.Name)
		require.Equal(t, want.Databases, service.Databases, want.Name)
	}
	require.Len(t, services.Services, len(layout.Services))
	require.ElementsMatch(t, layout.Databases, slices.Collect(maps.Keys(services.Secrets.Databases)))

	servers := chartValues[struct {
		Postgres struct{ Databases map[string]any }
	}](t, "nms-servers")
	require.ElementsMatch(t, layout.Databases, slices.Collect(maps.Keys(servers.Postgres.Databases)))
}
