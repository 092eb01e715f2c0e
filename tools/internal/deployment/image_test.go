package deployment

import (
	"strings"
	"testing"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/stretchr/testify/require"
)

// What a registry shows of an image.
func TestImagesAreLabelled(t *testing.T) {
	t.Parallel()
	for _, stage := range setupDockerfile(t).stages {
		if stage.Name != "service" && stage.Name != "migrate" {
			continue
		}
		labels := map[string]string{}
		for _, command := range stage.Commands {
			if label, ok := command.(*instructions.LabelCommand); ok {
				for _, pair := range label.Labels {
					labels[pair.Key] = strings.Trim(pair.Value, `"`)
				}
			}
		}
		require.Equal(t, "$VERSION", labels["org.opencontainers.image.version"])
		require.Equal(t, "$COMMIT", labels["org.opencontainers.image.revision"])
		require.Equal(t, "$SOURCE", labels["org.opencontainers.image.source"])
		if stage.Name == "service" {
			require.Equal(t, "$TITLE", labels["org.opencontainers.image.title"], "the service's name, or that of another command")
		} else {
			require.Equal(t, "nms-"+stage.Name, labels["org.opencontainers.image.title"])
		}
	}
}
