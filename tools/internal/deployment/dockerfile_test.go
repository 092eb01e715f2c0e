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

// A build that downloaded the whole workspace would fetch ten times what an image needs. And what is compiled for all
// images at once may not depend on which of them is built, or it would be compiled once for each.
func TestDockerfileCompilesOnceWhatAllImagesShare(t *testing.T) {
	t.Parallel()
	d := setupDockerfile(t)
	require.NotContains(t, string(d.raw), "mod download")
	for _, stage := range d.stages {
		switch stage.Name {
		case "compile":
			for _, command := range stage.Commands {
				if arg, ok := command.(*instructions.ArgCommand); ok {
					require.NotContains(t, []string{"SERVICE", "VERSION", "COMMIT"}, arg.Args[0].Key)
				}
			}
		case "build", "build-migrate":
			require.Equal(t, "compile", stage.BaseName)
		}
	}
}
