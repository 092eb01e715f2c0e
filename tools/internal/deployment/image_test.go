package deployment

import (
	"debug/elf"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/stretchr/testify/require"

	"nms.example/tools/internal/layout"
)

// maxImage bounds what an image may hold, in bytes. The images are these files and nothing else.
const maxImage = 30 << 20

// The service with the most dependencies (plots, their fonts) stands for all. It is built with the Dockerfile's
// own flags but for -trimpath, which would compile everything a second time.
func TestTheLargestImageIsSmallStaticAndStamped(t *testing.T) {
	t.Parallel()
	d := setupDockerfile(t)
	binary := filepath.Join(t.TempDir(), "service")
	flags := strings.ReplaceAll(environmentOf(t, d, "source")["GOFLAGS"], "-trimpath", "")
	match := regexp.MustCompile(`-ldflags "([^"]*common/service[^"]*)"`).FindSubmatch(d.raw)
	require.NotNil(t, match, "the Dockerfile stamps no version")
	ldflags := strings.NewReplacer("$VERSION", "v9.8.7", "$COMMIT", "0123abc").Replace(string(match[1]))

	build := exec.CommandContext(t.Context(), "go", "build", "-ldflags", ldflags, "-o", binary, "./inbox")
	build.Dir = root
	work, err := filepath.Abs(filepath.Join(root, "go.work"))
	require.NoError(t, err)
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOFLAGS="+strings.TrimSpace(flags), "GOWORK="+work)
	out, err := build.CombinedOutput()
	require.NoError(t, err, string(out))

	file, err := elf.Open(binary)
	require.NoError(t, err)
	defer file.Close()
	libraries, err := file.ImportedLibraries()
	require.NoError(t, err)
	require.Empty(t, libraries, "an image without libraries needs a static binary")
	require.False(t, slices.ContainsFunc(file.Progs, func(p *elf.Prog) bool { return p.Type == elf.PT_INTERP }))
	info, err := os.Stat(binary)
	require.NoError(t, err)
	const authorities = 256 << 10 // ca-certificates.crt
	t.Logf("%.1f MB", float64(info.Size()+authorities)/1e6)
	require.Less(t, info.Size()+authorities, int64(maxImage), "`go build -ldflags=-dumpdep` tells what keeps methods alive: look for ReflectMethod")

	version, err := exec.CommandContext(t.Context(), binary, "--version").CombinedOutput()
	require.NoError(t, err, string(version))
	require.Contains(t, string(version), "inbox v9.8.7 (0123abc) go1.")
	require.Contains(t, string(version), "nms.example/common ")
}

// environmentOf gives the ENV of a stage.
func environmentOf(t *testing.T, d dockerfile, stage string) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, s := range d.stages {
		if s.Name != stage {
			continue
		}
		for _, command := range s.Commands {
			if env, ok := command.(*instructions.EnvCommand); ok {
				for _, pair := range env.Env {
					found[pair.Key] = strings.Trim(pair.Value, `"`)
				}
			}
		}
	}
	require.Contains(t, found, "GOFLAGS")
	require.Contains(t, found["GOFLAGS"], "-tags="+layout.BuildTags, "./task up builds with other tags")
	require.Equal(t, "0", found["CGO_ENABLED"], "a static binary needs CGO_ENABLED=0")
	return found
}

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
		require.NotEmpty(t, labels["org.opencontainers.image.title"])
	}
}
