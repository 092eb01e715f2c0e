//go:build workshop

//nolint:paralleltest // one stack is brought from state to state
package stack

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"nms.example/tools/internal/layout"
)

// loop is a stack of its own beside the checkout's. Sources are changed for its builds alone, through go's -overlay.
type loop struct {
	checkout Checkout
	ports    Ports
	overlay  string            // the file that go reads
	sources  string            // the folder that holds the changed files
	changes  map[string]string // file of the checkout to the changed one
}

func startLoop(t *testing.T) *loop {
	t.Helper()
	found, err := FindCheckout(".")
	require.NoError(t, err)
	dir, err := found.temporary()
	require.NoError(t, err)
	checkout, err := checkoutIn(dir)
	require.NoError(t, err)
	ports, err := freePorts(programNames()...)
	require.NoError(t, err)
	for name, port := range ports {
		t.Setenv(layout.PortVariable(name), strconv.Itoa(port))
	}
	t.Setenv(superviseFolder, dir)
	sources, err := os.MkdirTemp(checkout.Root, "loop-test-") //nolint:usetesting // in the checkout, where Watch sees it
	require.NoError(t, err)
	l := &loop{checkout: checkout, ports: ports, sources: sources, changes: map[string]string{}}
	l.overlay = filepath.Join(t.TempDir(), "overlay.json")
	t.Setenv("GOFLAGS", "-overlay="+l.overlay)
	l.write(t)
	t.Cleanup(func() {
		require.NoError(t, Down(context.Background(), checkout, Console{Out: new(bytes.Buffer)}, true))
		require.NoError(t, os.RemoveAll(sources))
	})
	return l
}

func (l *loop) write(t *testing.T) {
	t.Helper()
	raw, err := json.Marshal(map[string]any{"Replace": l.changes})
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(l.overlay, raw, 0o600))
}

// change puts a text behind what a file of the checkout holds; one that is not there is made.
func (l *loop) change(t *testing.T, file, text string) {
	t.Helper()
	target := filepath.Join(l.checkout.Root, file)
	raw, err := os.ReadFile(target)
	if err != nil {
		require.ErrorIs(t, err, os.ErrNotExist)
	}
	changed := filepath.Join(l.sources, filepath.Base(file))
	l.changes[target] = changed
	l.write(t)
	require.NoError(t, os.WriteFile(changed, append(raw, text...), 0o600))
}

func (l *loop) restore(t *testing.T) {
	t.Helper()
	clear(l.changes)
	l.write(t)
}

func (l *loop) up(t *testing.T, without ...string) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Minute)
	defer cancel()
	var out bytes.Buffer
	err := Up(ctx, l.checkout, Console{Out: &out}, UpOptions{Without: without})
	return out.String(), err
}

func (l *loop) programs(t *testing.T) map[string]Ident {
	t.Helper()
	state, err := l.checkout.readState()
	require.NoError(t, err)
	require.True(t, state.Running())
	idents := map[string]Ident{}
	for _, one := range state.Programs {
		require.True(t, one.Ident.Alive(), one.Name)
		idents[one.Name] = one.Ident
	}
	return idents
}

// same tells that the programs but the named ones have kept their processes, and those have new ones.
func same(t *testing.T, before, after map[string]Ident, exchanged ...string) {
	t.Helper()
	for name, ident := range after {
		if strings.Contains(" "+strings.Join(exchanged, " ")+" ", " "+name+" ") {
			require.NotEqual(t, before[name], ident, name)
		} else {
			require.Equal(t, before[name], ident, name)
		}
	}
}

const changedMain = "cfg/internal/app/app.go"

func TestUpBringsARunningStackToWhatTheSourcesSay(t *testing.T) {
	l := startLoop(t)
	_, err := l.up(t)
	require.NoError(t, err)
	first := l.programs(t)
	require.Len(t, first, len(programNames())+4, "the services, what runs beside them, three servers and epmd")

	t.Run("nothing changed", func(t *testing.T) {
		out, err := l.up(t)
		require.NoError(t, err)
		require.Contains(t, out, "Nothing to do")
		require.Equal(t, first, l.programs(t))
	})
	t.Run("a service that hangs is waited for", func(t *testing.T) {
		require.NoError(t, first["cfg"].Signal(syscall.SIGSTOP))
		out := &journal{}
		ended := make(chan error, 1)
		go func() { ended <- Up(t.Context(), l.checkout, Console{Out: out}, UpOptions{}) }()
		require.Eventually(t, func() bool { return strings.Contains(out.String(), "wait for cfg …") }, 5*time.Minute, 20*time.Millisecond)
		require.NoError(t, first["cfg"].Signal(syscall.SIGCONT))
		require.NoError(t, <-ended)
		require.Equal(t, first, l.programs(t))
	})
	t.Run("a changed service is exchanged, and started again from the new program", func(t *testing.T) {
		l.change(t, changedMain, "\nfunc init() { println(\"the changed program\") }\n")
		out, err := l.up(t)
		require.NoError(t, err)
		require.Contains(t, out, "exchange cfg")
		after := l.programs(t)
		same(t, first, after, "cfg")
		require.Equal(t, 1, l.logged(t, "the changed program"))
		require.NoError(t, after["cfg"].Signal(syscall.SIGKILL))
		require.Eventually(t, func() bool { return l.logged(t, "the changed program") == 2 }, 5*time.Minute, 20*time.Millisecond)
		l.awaitReady(t, "cfg")
	})
	t.Run("so is the simulator, whose devices were put into the catalogues once", func(t *testing.T) {
		before := l.programs(t)
		note, err := os.ReadFile(l.checkout.stationPath(modeNative))
		require.NoError(t, err)
		require.Equal(t, layout.Loopback(l.ports[simulator])+"\n", string(note))
		l.change(t, "ctrl/cmd/simulator/main.go", "\nfunc init() { println(\"the changed simulator\") }\n")
		out, err := l.up(t)
		require.NoError(t, err)
		require.Contains(t, out, "exchange simulator")
		require.NotContains(t, out, "into the catalogues")
		same(t, before, l.programs(t), simulator)
		status, err := l.status(t)
		require.NoError(t, err)
		require.Regexp(t, `(?m)^simulator +\d+ +\S+ +0 +ready$`, status)
		var logs bytes.Buffer
		require.NoError(t, Logs(t.Context(), l.checkout, Console{Out: &logs}, []string{simulator}, false, 20))
		require.Contains(t, logs.String(), "the changed simulator")
	})
	before := l.programs(t)
	t.Run("a compile error leaves the old programs", func(t *testing.T) {
		l.change(t, changedMain, "\nfunc init() { nowhere() }\n")
		_, err := l.up(t)
		require.ErrorContains(t, err, "undefined: nowhere")
		require.Equal(t, before, l.programs(t))
	})
	t.Run("what does not get ready makes room for the old program", func(t *testing.T) {
		l.change(t, changedMain, "\nfunc init() { panic(\"a broken start\") }\n")
		_, err := l.up(t)
		require.ErrorContains(t, err, "panic: a broken start")
		require.ErrorContains(t, err, "cfg runs with its old program again")
		after := l.programs(t)
		same(t, before, after, "cfg")
		l.awaitReady(t, "cfg")
		require.Equal(t, 3, l.logged(t, "the changed program"))
		l.restore(t)
		_, err = l.up(t)
		require.NoError(t, err)
		require.Equal(t, 3, l.logged(t, "the changed program"))
	})
	before = l.programs(t)
	const migration = "sql/nms/migrations/29990101000000_loop.sql"
	t.Run("a migration that fails leaves the old programs", func(t *testing.T) {
		l.change(t, migration, "-- migrate:up\nSELECT 1/0;\n-- migrate:down\n")
		_, err := l.up(t)
		require.ErrorContains(t, err, "division by zero")
		require.ErrorContains(t, err, "The services were left as they are")
		require.Equal(t, before, l.programs(t))
	})
	t.Run("a new migration is applied, and a change that all share exchanges all", func(t *testing.T) {
		l.change(t, migration, "-- migrate:up\nCREATE TABLE loop (id integer);\n-- migrate:down\nDROP TABLE loop;\n")
		_, err := l.up(t)
		require.NoError(t, err)
		same(t, before, l.programs(t), serviceNames()...) // the simulator has no schema
		conn, err := pgx.Connect(t.Context(), postgresDSN("nms", "nms", "nms", l.ports[portPostgres]))
		require.NoError(t, err)
		defer conn.Close(context.Background())
		_, err = conn.Exec(t.Context(), "SELECT id FROM loop")
		require.NoError(t, err)
	})
	t.Run("a service steps aside for one that is run by hand with its variables", func(t *testing.T) { l.aside(t) })
	t.Run("every save is followed, until the end", func(t *testing.T) { l.watched(t) })
}

// logged counts a line in the log of cfg.
func (l *loop) logged(t *testing.T, line string) int {
	t.Helper()
	raw, err := os.ReadFile(l.checkout.logPath("cfg"))
	require.NoError(t, err)
	return strings.Count(string(raw), line)
}

func (l *loop) awaitReady(t *testing.T, service string) {
	t.Helper()
	require.Eventually(t, func() bool { return serviceReady(t.Context(), l.ports[service]) == nil }, 5*time.Minute, 20*time.Millisecond)
}

func (l *loop) aside(t *testing.T) {
	t.Helper()
	before := l.programs(t)
	out, err := l.up(t, "cfg")
	require.NoError(t, err)
	require.Contains(t, out, "stop cfg")
	after := l.programs(t)
	require.NotContains(t, after, "cfg")
	same(t, before, after)
	require.ErrorContains(t, serviceReady(t.Context(), l.ports["cfg"]), "does not answer")

	env, err := l.checkout.ServiceEnv("cfg")
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "cfg.env")
	require.NoError(t, os.WriteFile(file, []byte(strings.Join(env, "\n")), 0o600))
	byHand := exec.Command("/bin/sh", "-c", `set -a; . "$0"; exec "$1"`, file, l.checkout.binary("cfg")) // interrupted below
	byHand.Env, byHand.Dir = []string{}, t.TempDir()
	var said bytes.Buffer
	byHand.Stdout, byHand.Stderr = &said, &said
	require.NoError(t, byHand.Start())
	ended := make(chan error, 1)
	go func() { ended <- byHand.Wait() }()
	require.Eventually(t, func() bool {
		select {
		case err := <-ended:
			require.Fail(t, "cfg ended", "%v: %s", err, said.String())
		default:
		}
		return serviceReady(t.Context(), l.ports["cfg"]) == nil
	}, 5*time.Minute, 20*time.Millisecond)
	_, err = l.up(t)
	require.ErrorContains(t, err, "wanted by cfg, is taken")
	same(t, before, l.programs(t))
	require.NoError(t, byHand.Process.Signal(syscall.SIGTERM))
	require.NoError(t, <-ended)

	_, err = l.up(t)
	require.NoError(t, err)
	same(t, before, l.programs(t), "cfg")
	l.awaitReady(t, "cfg")
}

// journal is an output that may be read while it is written.
type journal struct {
	mu   sync.Mutex
	text strings.Builder
}

func (j *journal) Write(piece []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(piece)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}

func (l *loop) watched(t *testing.T) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	out := &journal{}
	ended := make(chan error, 1)
	go func() { ended <- Watch(ctx, l.checkout, Console{Out: out}, UpOptions{}) }()
	says := func(text string) {
		t.Helper()
		require.Eventually(t, func() bool { return strings.Contains(out.String(), text) }, 10*time.Minute, 20*time.Millisecond,
			"«%s» in %s", text, out)
	}
	says("Watching the sources")
	before := l.programs(t)
	l.change(t, changedMain, "\nfunc init() { elsewhere() }\n")
	says("undefined: elsewhere")
	require.Equal(t, before, l.programs(t))
	l.change(t, changedMain, "\nfunc init() { println(\"a saved program\") }\n")
	says("Done: exchange cfg")
	same(t, before, l.programs(t), "cfg")
	require.Equal(t, 1, l.logged(t, "a saved program"))
	stop()
	require.NoError(t, <-ended)
	require.Contains(t, out.String(), "goes on running")
	l.awaitReady(t, "cfg")
}
