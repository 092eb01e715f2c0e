//go:build workshop

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

// An image holds the binary and the certificate authorities, nothing else; together they stay below maxImage bytes. An
// operation of the API costs some 25 kB of them; ctrl, with more than fifty, is the largest.
const (
	maxImage    = 35_000_000
	authorities = 256 << 10 // ca-certificates.crt, and some room for it to grow
)

// The binaries are built with the Dockerfile's own flags but for -trimpath, which would compile everything a second
// time; file names of the checkout make them a little larger than those of the images.
func TestImagesAreSmallStaticAndStamped(t *testing.T) {
	t.Parallel()
	d := setupDockerfile(t)
	flags := strings.ReplaceAll(environmentOf(t, d, "source")["GOFLAGS"], "-trimpath", "")
	match := regexp.MustCompile(`-ldflags "([^"]*common/service[^"]*)"`).FindSubmatch(d.raw)
	require.NotNil(t, match, "the Dockerfile stamps no version")
	ldflags := strings.NewReplacer("$VERSION", "v9.8.7", "$COMMIT", "0123abc").Replace(string(match[1]))
	work, err := filepath.Abs(filepath.Join(root, "go.work"))
	require.NoError(t, err)

	for _, service := range layout.Services { // one after the other: each link takes all processors
		binary := filepath.Join(t.TempDir(), service.Name)
		build := exec.CommandContext(t.Context(), "go", "build", "-ldflags", ldflags, "-o", binary, "./"+service.Name)
		build.Dir = root
		build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOFLAGS="+strings.TrimSpace(flags), "GOWORK="+work)
		out, err := build.CombinedOutput()
		require.NoError(t, err, string(out))
		requireStatic(t, binary)

		info, err := os.Stat(binary)
		require.NoError(t, err)
		t.Logf("%s: %.1f MB", service.Name, float64(info.Size()+authorities)/1e6)
		require.Less(t, info.Size()+authorities, int64(maxImage), "%s: `go tool nm -size -sort size` on a binary built without "+
			"-ldflags tells what is large; `go build -ldflags=-dumpdep` what keeps methods alive, look for ReflectMethod", service.Name)

		version, err := exec.CommandContext(t.Context(), binary, "--version").CombinedOutput()
		require.NoError(t, err, string(version))
		require.Contains(t, string(version), service.Name+" v9.8.7 (0123abc) go1.")
		require.Contains(t, string(version), "nms.example/common ")
	}
}

// requireStatic: an image without libraries needs a binary that asks for none.
func requireStatic(t *testing.T, binary string) {
	t.Helper()
	file, err := elf.Open(binary)
	require.NoError(t, err)
	defer file.Close()
	libraries, err := file.ImportedLibraries()
	require.NoError(t, err)
	require.Empty(t, libraries, binary)
	require.False(t, slices.ContainsFunc(file.Progs, func(p *elf.Prog) bool { return p.Type == elf.PT_INTERP }), binary)
}

// environmentOf returns the ENV of a stage.
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
