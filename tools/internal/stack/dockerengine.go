package stack

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"time"
)

// What the stack needs of Docker, at least.
const (
	leastEngine  = "23.0" // its builder is BuildKit, which the Dockerfile's mounts need
	leastCompose = "2.24"
	leastBuildx  = "0.10"
	// From this version on compose leaves building to `docker buildx bake`, of a version of its own choice.
	bakingCompose, bakingBuildx = "2.37", "0.17"
)

// dockerPatience is how long the engine may take for an answer about itself.
const dockerPatience = 15 * time.Second

// errNoEngine: there is no docker program, or no engine that answers it.
var errNoEngine = errors.New("no Docker engine answers")

// dockerEnviron is the environment of the docker program: how it reaches the engine and the terminal. It holds nothing that
// compose, or compose.yaml, would take for a setting, such as COMPOSE_FILE or VERSION.
func dockerEnviron(all []string) []string {
	exact := []string{
		"PATH", "HOME", "USER", "LOGNAME", "TMPDIR", "TERM", "COLUMNS", "LINES", "NO_COLOR", "LANG", "XDG_CONFIG_HOME", "XDG_RUNTIME_DIR",
		"SSH_AUTH_SOCK", "SSL_CERT_FILE", "SSL_CERT_DIR", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY",
	}
	return slices.DeleteFunc(slices.Clone(all), func(entry string) bool {
		name, _, _ := strings.Cut(entry, "=")
		return !slices.Contains(exact, strings.ToUpper(name)) && !strings.HasPrefix(name, "DOCKER_") &&
			!strings.HasPrefix(name, "BUILDX_") && !strings.HasPrefix(name, "LC_")
	})
}

// dockerCommand prepares a call of the docker program.
func dockerCommand(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "docker", args...)
	cmd.Env = dockerEnviron(os.Environ())
	return cmd
}

// docker runs the docker program and returns what it prints, without blanks around it.
func docker(ctx context.Context, args ...string) (string, error) {
	cmd := dockerCommand(ctx, args...)
	var out, words bytes.Buffer
	cmd.Stdout, cmd.Stderr, cmd.WaitDelay = &out, &words, time.Second
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		text := strings.TrimSpace(words.String())
		return "", fmt.Errorf("docker %s: %w: %s", args[0], err, text[strings.LastIndexByte(text, '\n')+1:])
	}
	return strings.TrimSpace(out.String()), nil
}

var versionNumber = regexp.MustCompile(`\d+(\.\d+)+`)

// checkDocker looks at the engine and the plug-ins and names all that is missing or too old. The error is errNoEngine when
// there is nothing that could be mended by a plug-in or an update.
func checkDocker(ctx context.Context) error {
	if _, err := exec.LookPath("docker"); err != nil {
		return fmt.Errorf("%w: there is no program docker", errNoEngine)
	}
	ctx, cancel := context.WithTimeout(ctx, dockerPatience)
	defer cancel()
	engine, err := docker(ctx, "version", "--format", "{{.Server.Version}}")
	if err != nil {
		return fmt.Errorf("%w: %w", errNoEngine, err)
	}
	var missing []string
	note := func(what, version, least string) {
		switch {
		case version == "":
			missing = append(missing, fmt.Sprintf("%s is not there (%s or newer is needed)", what, least))
		case !atLeast(version, least):
			missing = append(missing, fmt.Sprintf("%s is %s, %s or newer is needed", what, version, least))
		}
	}
	note("the engine", versionNumber.FindString(engine), leastEngine)
	compose := pluginVersion(ctx, "compose", "version", "--short")
	note("the plug-in compose", compose, leastCompose)
	least := leastBuildx
	if compose != "" && atLeast(compose, bakingCompose) {
		least = bakingBuildx
	}
	note("the plug-in buildx", pluginVersion(ctx, "buildx", "version"), least)
	if ctx.Err() != nil {
		return fmt.Errorf("%w within %s", errNoEngine, dockerPatience)
	}
	if len(missing) > 0 {
		return errors.New(strings.Join(missing, "; "))
	}
	return nil
}

// pluginVersion is empty when docker does not know the plug-in.
func pluginVersion(ctx context.Context, args ...string) string {
	out, err := docker(ctx, args...)
	if err != nil {
		return ""
	}
	return versionNumber.FindString(out)
}
