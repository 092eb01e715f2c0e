//nolint:paralleltest // the engine that is asked is chosen by variables of the process
package stack

import (
	"bytes"
	"context"
	"encoding/json"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"nms.example/tools/internal/layout"
)

// engine is a program `docker` that notes its calls and answers from files, and a checkout to use it on. It stands for
// versions, states and labels alone; what an engine does with containers is tried by the tests of the workshop.
type engine struct {
	t        *testing.T
	dir      string
	checkout Checkout
	out      bytes.Buffer
}

// fakeDocker answers `docker KIND ls` from the file KIND, `docker ps` from the file ps, and forgets what was removed.
const fakeDocker = `#!/bin/sh
dir=%DIR%
echo "$*" >>"$dir/calls"
answer() { [ ! -e "$dir/$1" ] || cat "$dir/$1"; }
[ -e "$dir/engine" ] || { echo "Cannot connect to the Docker daemon" >&2; exit 1; }
case "$1 $2" in
"version --format") cat "$dir/engine" ;;
"compose version") cat "$dir/compose" ;;
"buildx version") cat "$dir/buildx" ;;
"ps --all") answer ps ;;
"rm --force") rm -f "$dir/ps" ;;
*" ls") answer "$1" ;;
*" rm") rm -f "$dir/$1" ;;
"compose --project-name")
	case "$*" in *" up "*)
		env >"$dir/environment"
		cp "$dir/started" "$dir/ps" 2>/dev/null
		exit "$(answer exit)" ;;
	esac ;;
esac
`

func setupEngine(t *testing.T) *engine {
	t.Helper()
	e := &engine{t: t, dir: t.TempDir()}
	bin, root := filepath.Join(e.dir, "bin"), filepath.Join(e.dir, "checkout")
	require.NoError(t, os.MkdirAll(bin, 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(bin, "docker"), []byte(strings.ReplaceAll(fakeDocker, "%DIR%", e.dir)), 0o755))
	for _, file := range []string{filepath.Join("deploy", "compose", "secrets.sh"), filepath.FromSlash(variablesPage)} {
		content, err := os.ReadFile(filepath.Join("..", "..", "..", file))
		require.NoError(t, err)
		require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(root, file)), 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(root, file), content, 0o755))
	}
	e.checkout = Checkout{Root: root, Local: filepath.Join(root, ".local")}
	e.checkout.Data = filepath.Join(e.checkout.stateDir(), "data")
	t.Setenv("PATH", bin+string(filepath.ListSeparator)+os.Getenv("PATH"))
	t.Setenv("STACK", "")
	e.answer("engine", "26.1.5+dfsg1")
	e.answer("compose", "2.40.3")
	e.answer("buildx", "github.com/docker/buildx v0.17.1 257815a")
	e.answer("exit", "0")
	ports, err := freePorts(programNames()...)
	require.NoError(t, err)
	for name, port := range ports {
		t.Setenv(layout.PortVariable(name), strconv.Itoa(port))
	}
	return e
}

func (e *engine) answer(name, content string) {
	e.t.Helper()
	require.NoError(e.t, os.WriteFile(filepath.Join(e.dir, name), []byte(content+"\n"), 0o600))
}

func (e *engine) forget(name string) {
	e.t.Helper()
	require.NoError(e.t, os.RemoveAll(filepath.Join(e.dir, name)))
}

func (e *engine) calls() string {
	raw, err := os.ReadFile(filepath.Join(e.dir, "calls"))
	if err != nil {
		return ""
	}
	return string(raw)
}

func (e *engine) up() error {
	return Up(context.WithoutCancel(e.t.Context()), e.checkout, Console{Out: &e.out}, UpOptions{})
}

func (e *engine) down(purge bool) error {
	return Down(context.WithoutCancel(e.t.Context()), e.checkout, Console{Out: &e.out}, purge)
}

func (e *engine) status() error {
	return Status(context.WithoutCancel(e.t.Context()), e.checkout, Console{Out: &e.out})
}

// healthy is Docker's list of a stack that works, but for the services whose lines are given.
func healthy(other map[string]string) string {
	var lines []string
	for i, service := range composeServices() {
		line := "running\tUp 2 minutes (healthy)"
		if service == "migrate" {
			line = "exited\tExited (0) 2 minutes ago"
		}
		if word, ok := other[service]; ok {
			line = word
		}
		if line != "" {
			lines = append(lines, strconv.Itoa(i)+"\t"+service+"\t"+line+"\t")
		}
	}
	return strings.Join(lines, "\n")
}

func TestWhatDockerLacksIsNamed(t *testing.T) {
	for name, c := range map[string]struct{ engine, compose, buildx, want string }{
		"all there":      {"26.1.5+dfsg1", "2.26.1-4", "github.com/docker/buildx 0.13.1+ds1 0.13.1+ds1-3", ""},
		"newest":         {"29.0.1", "v5.0.0", "github.com/docker/buildx v0.30.0 abc", ""},
		"no engine":      {"", "2.40.3", "v0.17.1", "no Docker engine answers: docker version: exit status 1: Cannot connect to the Docker daemon"},
		"old engine":     {"20.10.24", "2.40.3", "v0.17.1", "the engine is 20.10.24, 23.0 or newer is needed"},
		"no compose":     {"26.1.5", "", "v0.17.1", "the plug-in compose is not there (2.24 or newer is needed)"},
		"old compose":    {"26.1.5", "2.17.2", "v0.17.1", "the plug-in compose is 2.17.2"},
		"no buildx":      {"26.1.5", "2.26.1", "", "the plug-in buildx is not there"},
		"buildx too old": {"26.1.5", "2.40.3", "v0.13.1", "the plug-in buildx is 0.13.1, 0.17 or newer is needed"},
		"both away":      {"26.1.5", "", "", "compose is not there (2.24 or newer is needed); the plug-in buildx"},
	} {
		t.Run(name, func(t *testing.T) {
			e := setupEngine(t)
			for file, version := range map[string]string{"engine": c.engine, "compose": c.compose, "buildx": c.buildx} {
				e.forget(file)
				if version != "" {
					e.answer(file, version)
				}
			}
			err := checkDocker(t.Context())
			if c.want == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, c.want)
			t.Setenv("STACK", modeDocker)
			require.ErrorContains(t, e.up(), c.want)
			require.NoFileExists(t, e.checkout.statePath(), "a start that was not even tried leaves no note")
			t.Setenv("STACK", modeNative)
			require.NoError(t, e.checkout.checkMode(t.Context()))
			require.NoError(t, e.down(false))
		})
	}
}

func TestAFailedStartInDockerLeavesNothingAndLocksNothing(t *testing.T) {
	e := setupEngine(t)
	e.answer("exit", "1")
	e.answer("started", healthy(map[string]string{"inbox": "running\tUp 1 minute (unhealthy)"}))
	require.ErrorContains(t, e.up(), "docker compose up")
	require.Contains(t, e.out.String(), "inbox: Up 1 minute (unhealthy)", "it says what did not become ready")
	require.NoFileExists(t, filepath.Join(e.dir, "ps"), "what was started is removed")
	require.NotContains(t, e.calls(), "volume rm", "data are not")
	require.NoFileExists(t, e.checkout.statePath())
	require.ErrorIs(t, e.status(), ErrNotReady)
	t.Setenv("STACK", modeNative)
	require.NoError(t, e.checkout.checkMode(t.Context()))
	require.NoError(t, e.down(true))
	require.NoDirExists(t, e.checkout.Local)
}

func TestAFailedUpdateLeavesTheStackThatRan(t *testing.T) {
	e := setupEngine(t)
	e.answer("ps", healthy(nil))
	e.answer("exit", "17")
	require.ErrorContains(t, e.up(), "docker compose up")
	require.FileExists(t, filepath.Join(e.dir, "ps"))
	require.Contains(t, e.out.String(), "what runs now stays")
}

func TestAStackInDockerIsNotedWhenItIsReady(t *testing.T) {
	e := setupEngine(t)
	e.answer("started", healthy(nil))
	e.answer("image", "old1\nold2")
	require.NoError(t, e.up())
	require.NoError(t, e.status())
	require.Contains(t, e.calls(), "image ls --quiet --filter label=com.docker.compose.project="+e.checkout.project()+" --filter dangling=true")
	require.Contains(t, e.calls(), "image rm old1 old2", "a later build has taken their names")
	t.Setenv("STACK", modeNative)
	require.ErrorContains(t, e.up(), "./task down comes first")
	require.NoError(t, e.down(false))
	require.ErrorIs(t, e.status(), ErrNotReady)
	require.NoError(t, e.checkout.checkMode(t.Context()))
}

// The label tells what is the stack's, whatever was noted, also when .local was removed under it.
func TestDownGoesByTheLabel(t *testing.T) {
	e := setupEngine(t)
	e.answer("ps", healthy(nil))
	e.answer("volume", "v1\nv2")
	e.answer("network", "n1")
	e.answer("image", "i1\ni1\ni2")
	require.ErrorIs(t, e.status(), ErrNotReady, "its passwords are gone")
	require.Contains(t, e.out.String(), "./task down --purge")
	require.NoError(t, Logs(t.Context(), e.checkout, Console{Out: &e.out}, []string{"auth"}, false, 5))
	require.Contains(t, e.calls(), "compose --project-name "+e.checkout.project()+" logs --tail 5 auth\n")
	require.NoError(t, e.down(false))
	require.NoFileExists(t, filepath.Join(e.dir, "ps"))
	require.NoFileExists(t, filepath.Join(e.dir, "network"))
	require.FileExists(t, filepath.Join(e.dir, "volume"))
	require.ErrorContains(t, e.up(), "./task down --purge", "the data of lost passwords are of no use")

	require.NoError(t, e.down(true)) // after a down
	require.NoFileExists(t, filepath.Join(e.dir, "volume"))
	require.Contains(t, e.calls(), "image rm --force i1 i2\n")
	for call := range strings.Lines(e.calls()) {
		if strings.Contains(call, " ls ") || strings.HasPrefix(call, "ps ") {
			require.Contains(t, call, "label=com.docker.compose.project="+e.checkout.project())
		}
	}
}

func TestServicesStopBeforeTheirServers(t *testing.T) {
	e := setupEngine(t)
	e.answer("ps", healthy(map[string]string{"cfg": "exited\tExited (137) 1 minute ago"}))
	require.NoError(t, e.down(false))
	var stops []string
	for call := range strings.Lines(e.calls()) {
		if strings.HasPrefix(call, "stop ") {
			stops = append(stops, strings.TrimSpace(call))
		}
	}
	services := []string{"stop"}
	for i, service := range composeServices() { // as healthy numbers them
		if i > 3 && service != "cfg" {
			services = append(services, strconv.Itoa(i))
		}
	}
	require.Equal(t, []string{strings.Join(services, " "), "stop 0 1 2"}, stops)
}

func TestAnEngineThatIsAwayLocksNothing(t *testing.T) {
	e := setupEngine(t)
	e.answer("started", healthy(nil))
	require.NoError(t, e.up())
	e.forget("engine")
	require.ErrorContains(t, e.status(), "Cannot connect to the Docker daemon")
	require.ErrorContains(t, e.up(), "no Docker engine answers", "not silently natively, without its data")
	require.ErrorContains(t, e.down(false), "run ./task down again when the engine answers")
	require.NotContains(t, e.out.String(), "The stack is stopped")
	require.NoFileExists(t, e.checkout.statePath())
	require.NoError(t, e.down(false))
}

func TestTwoCheckoutsAreTwoProjects(t *testing.T) {
	t.Parallel()
	one, other := Checkout{Root: "/home/a/nms"}, Checkout{Root: "/home/b/nms"}
	require.NotEqual(t, one.project(), other.project())
	require.Equal(t, one.project(), Checkout{Root: "/home/a/nms"}.project())
	require.Regexp(t, `^nms-[0-9a-f]{8}$`, one.project())
	require.Contains(t, one.composeArgs("up"), one.project())
}

func TestStatusInDockerIsReadyWhenAllIsWell(t *testing.T) {
	for name, c := range map[string]struct {
		service, line string
		ready         bool
	}{
		"all well":     {"", "", true},
		"stopped":      {"inbox", "exited\tExited (0) 1 minute ago", false},
		"unhealthy":    {"cfg", "running\tUp 2 minutes (unhealthy)", false},
		"starting":     {"auth", "running\tUp 2 seconds (health: starting)", false},
		"restarting":   {"admin", "restarting\tRestarting (1) 3 seconds ago", false},
		"missing":      {"redis", "", false},
		"not migrated": {"migrate", "exited\tExited (1) 1 minute ago", false},
	} {
		t.Run(name, func(t *testing.T) {
			e := setupEngine(t)
			e.answer("started", healthy(nil))
			require.NoError(t, e.up())
			e.out.Reset()
			e.answer("ps", healthy(map[string]string{c.service: c.line}))
			if c.ready {
				require.NoError(t, e.status())
				return
			}
			require.ErrorIs(t, e.status(), ErrNotReady)
			require.Contains(t, e.out.String(), c.service)
		})
	}
}

func TestComposeSeesWhatTheDocsPromiseAndNothingElse(t *testing.T) {
	e := setupEngine(t)
	for name, value := range map[string]string{
		"ENVIRONMENT": "prod", "REDIS_PASSWORD": "other", "VERSION": "v9", "COMPOSE_FILE": "/other.yaml", "COMPOSE_PROJECT_NAME": "nms", "JWT_SECRET_KEY": "mine",
		"DEBUG": "true", "RATE_LIMIT": "7", "OTEL_SERVICE_NAME": "a$b", "AUTH_LOCKOUT": "x", "AUTH_SECRET_FILE": "/here", "DOCKER_CONTEXT": "remote",
	} {
		t.Setenv(name, value)
	}
	require.NoError(t, e.up())
	raw, err := os.ReadFile(filepath.Join(e.dir, "environment"))
	require.NoError(t, err)
	seen := "\n" + string(raw)
	require.Contains(t, seen, "\nENVIRONMENT=dev\n")
	require.Contains(t, seen, "\nDOCKER_CONTEXT=remote\n", "how the engine is reached")
	require.Contains(t, seen, "\nINBOX_PORT="+os.Getenv("INBOX_PORT")+"\n")
	for _, name := range []string{"REDIS_PASSWORD", "VERSION", "COMPOSE_FILE", "COMPOSE_PROJECT_NAME", "JWT_SECRET_KEY", "DEBUG"} {
		require.NotContains(t, seen, "\n"+name+"=")
	}
	require.Contains(t, e.calls(), "--env-file "+os.DevNull+" --file "+filepath.Join(e.checkout.Root, "compose.yaml"))

	raw, err = os.ReadFile(e.checkout.composeOverridePath())
	require.NoError(t, err)
	var override composeFile
	require.NoError(t, json.Unmarshal(raw, &override))
	for _, service := range layout.Services {
		env := override.Services[service.Name].Environment
		require.Equal(t, "true", env["DEBUG"], service.Name)
		require.Equal(t, "7", env["RATE_LIMIT"], service.Name)
		require.Equal(t, "a$$b", env["OTEL_SERVICE_NAME"], "compose takes $$ for one $")
		require.NotContains(t, env, "AUTH_SECRET_FILE", "a file of this machine is not in the container")
		require.NotContains(t, env, "ENVIRONMENT")
		require.NotContains(t, env, "JWT_SECRET_KEY")
	}
	require.Equal(t, "x", override.Services["auth"].Environment["AUTH_LOCKOUT"])
	require.NotContains(t, override.Services["cfg"].Environment, "AUTH_LOCKOUT")
}

func TestATakenPortIsNamedBeforeAnythingStarts(t *testing.T) {
	e := setupEngine(t)
	listener, err := net.ListenTCP("tcp4", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	require.NoError(t, err)
	defer listener.Close()
	port := strconv.Itoa(listener.Addr().(*net.TCPAddr).Port)
	t.Setenv("INBOX_PORT", port)
	require.ErrorContains(t, e.up(), "port "+port+", wanted by inbox, is taken (set INBOX_PORT to another)")
	require.NotContains(t, e.calls(), " up ")
	require.NoFileExists(t, e.checkout.statePath())

	// The port of the stack's own container is not somebody else's.
	e.answer("ps", "1\tinbox\trunning\tUp 2 minutes (healthy)\t127.0.0.1:"+port+"->4043/tcp")
	require.NoError(t, e.up())
	require.Equal(t, []int{4000, 4141, 4142, 4143}, publishedPorts("127.0.0.1:4000->4000/tcp, 127.0.0.1:4141-4143->4041-4043/tcp, 15671/tcp"))
}

// An image's labels name the commit that changed it last, so that a commit elsewhere leaves it the same image.
func TestAnImageIsStampedWithTheCommitThatChangedIt(t *testing.T) {
	t.Parallel()
	checkout := Checkout{Root: t.TempDir()}
	git := func(args ...string) {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), "git", append([]string{"-C", checkout.Root, "-c", "user.name=t", "-c", "user.email=t@example.org"}, args...)...)
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, string(out))
	}
	stamp := func(module string) string {
		return checkout.stamped(t.Context(), module, "common", "sql").Build.Args["COMMIT"]
	}
	require.Equal(t, "unknown", stamp("auth"))
	git("init", "--quiet")
	commit := func(path string) {
		t.Helper()
		require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(checkout.Root, path)), 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(checkout.Root, path), []byte(path), 0o600))
		git("add", ".")
		git("commit", "--quiet", "--message", path)
	}
	commit("auth/main.go")
	commit("cfg/main.go")
	auth, cfg := stamp("auth"), stamp("cfg")
	require.NotEqual(t, auth, cfg)
	require.Equal(t, "dev-"+cfg[:12], checkout.stamped(t.Context(), "cfg").Build.Args["VERSION"])
	for _, elsewhere := range []string{"docs/local.md", "auth/main_test.go", "common/testdata/x", "common/README.md", "inbox/main.go"} {
		commit(elsewhere)
		require.Equal(t, auth, stamp("auth"), elsewhere)
	}
	commit("common/bus/bus.go")
	require.NotEqual(t, auth, stamp("auth"))
	require.Equal(t, stamp("auth"), stamp("cfg"))
	require.NoError(t, os.WriteFile(filepath.Join(checkout.Root, "cfg", "main.go"), []byte("changed"), 0o600))
	require.Equal(t, stamp("auth")+"-dirty", stamp("cfg"))
}
