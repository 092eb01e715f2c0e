package check

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/engine"
	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/labels"
)

// What Helm shows after an installation chooses the deployments that it has made.
func TestNotesChooseWhatWasInstalled(t *testing.T) {
	t.Parallel()
	c, err := loader.Load(chartDir("nms"))
	require.NoError(t, err)
	full, err := chartutil.ToRenderValues(c, nil, chartutil.ReleaseOptions{Name: "nms", Namespace: "radio", Revision: 1, IsInstall: true}, chartutil.DefaultCapabilities)
	require.NoError(t, err)
	files, err := engine.Engine{Strict: true}.Render(c, full)
	require.NoError(t, err)
	notes := files["nms/templates/NOTES.txt"]
	names, ok := c.Values["services"].(map[string]any)
	require.True(t, ok)
	require.Contains(t, notes, strings.Join(slices.Sorted(maps.Keys(names)), ", "))
	selectors := regexp.MustCompile(`kubectl --namespace radio .*--selector (\S+)`).FindAllStringSubmatch(notes, -1)
	require.Len(t, selectors, strings.Count(notes, "kubectl"))
	for _, match := range selectors {
		selector, err := labels.Parse(match[1])
		require.NoError(t, err)
		for _, d := range typed[*appsv1.Deployment](t, nil) {
			require.True(t, selector.Matches(labels.Set(d.Labels)), "%s, %s", match[1], d.Name)
			require.True(t, selector.Matches(labels.Set(d.Spec.Template.Labels)), "%s, the pods of %s", match[1], d.Name)
		}
	}
}
