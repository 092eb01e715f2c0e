package deployment

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/client/llb/sourceresolver"
	"github.com/moby/buildkit/frontend/dockerfile/dockerfile2llb"
	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/opencontainers/go-digest"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"nms.example/tools/internal/workspace"
)

type dockerfile struct {
	raw    []byte
	stages []instructions.Stage
}

func setupDockerfile(t *testing.T) dockerfile {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(root, "Dockerfile"))
	require.NoError(t, err)
	tree, err := parser.Parse(bytes.NewReader(raw))
	require.NoError(t, err)
	stages, _, err := instructions.Parse(tree.AST, nil)
	require.NoError(t, err)
	return dockerfile{raw: raw, stages: stages}
}

// emptyImages answers for every image that a Dockerfile may begin with, so that no registry is asked.
type emptyImages struct{}

func (emptyImages) ResolveImageConfig(_ context.Context, ref string, _ sourceresolver.Opt) (string, digest.Digest, []byte, error) {
	config, err := json.Marshal(ocispecs.Image{Platform: ocispecs.Platform{OS: "linux", Architecture: "amd64"}})
	return ref, digest.FromBytes(config), config, err
}

func TestDockerfilePassesBuildkitsLinter(t *testing.T) {
	t.Parallel()
	d := setupDockerfile(t)
	// Without a target all stages are looked at.
	results, err := dockerfile2llb.DockerfileLint(t.Context(), d.raw, dockerfile2llb.ConvertOpt{
		MetaResolver: emptyImages{},
		SourceMap: &llb.SourceMap{
			Definition: &llb.Definition{}, Filename: "Dockerfile", Language: "Dockerfile", Data: d.raw,
		},
	})
	require.NoError(t, err)
	require.Nil(t, results.Error)
	for _, warning := range results.Warnings {
		assert.Fail(t, "buildkit's linter objects", "%s: %s", warning.RuleName, warning.Detail)
	}
}

// An image that ends in scratch has neither shell nor package manager, and runs as a number that no
// passwd file has to know.
func TestDockerfileMakesImagesWithoutShellAndRoot(t *testing.T) {
	t.Parallel()
	d := setupDockerfile(t)
	seen := map[string]bool{}
	for _, stage := range d.stages {
		if stage.Name != "service" && stage.Name != "migrate" {
			continue
		}
		seen[stage.Name] = true
		require.Equal(t, "scratch", stage.BaseName)
		var user string
		health := false
		for _, command := range stage.Commands {
			switch c := command.(type) {
			case *instructions.UserCommand:
				user = c.User
			case *instructions.HealthCheckCommand:
				health = true
				require.Equal(t, []string{"CMD", "/service", "--healthcheck"}, c.Health.Test)
			case *instructions.EntrypointCommand:
				require.False(t, c.PrependShell, "%s needs a shell to start", stage.Name)
			}
		}
		require.Equal(t, "65532:65532", user, stage.Name)
		require.Equal(t, stage.Name == "service", health, stage.Name)
	}
	require.Len(t, seen, 2)
	require.Equal(t, "service", d.stages[len(d.stages)-1].Name, "the last stage is what `docker build .` makes")
}

// The layer of downloaded modules needs each go.mod by name; a module that is forgotten breaks the build.
func TestDockerfileCopiesEveryModuleFile(t *testing.T) {
	t.Parallel()
	d := setupDockerfile(t)
	w, err := workspace.Load(root)
	require.NoError(t, err)
	for _, module := range w.Modules {
		if module.Dir != workspace.ToolsDir {
			line := "COPY " + module.Dir + "/go.mod " + module.Dir + "/go.sum " + module.Dir + "/\n"
			require.Contains(t, string(d.raw), line)
		}
	}
}
