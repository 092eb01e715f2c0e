//go:build workshop

package stack

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"nms.example/tools/internal/layout"
)

// whole is a copy of the checkout with ports of its own, to be started on a real engine.
type whole struct {
	t        *testing.T
	ctx      context.Context //nolint:containedctx // one for the whole way
	checkout Checkout
	ports    Ports
	out      bytes.Buffer
}

func setupWhole(t *testing.T) *whole {
	t.Helper()
	here, err := FindCheckout(".")
	require.NoError(t, err)
	root := t.TempDir()
	list := exec.CommandContext(t.Context(), "git", "-C", here.Root, "ls-files", "--cached", "--others", "--exclude-standard", "-z")
	names, err := list.Output()
	require.NoError(t, err)
	for name := range strings.SplitSeq(strings.TrimRight(string(names), "\x00"), "\x00") {
		content, err := os.ReadFile(filepath.Join(here.Root, name))
		if os.IsNotExist(err) {
			continue // removed, and not yet committed
		}
		require.NoError(t, err)
		require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(root, name)), 0o755))
		info, err := os.Stat(filepath.Join(here.Root, name))
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(root, name), content, info.Mode().Perm()))
	}
	w := &whole{t: t, ctx: context.WithoutCancel(t.Context())}
	w.checkout, err = FindCheckout(root)
	require.NoError(t, err)
	w.ports, err = freePorts(programNames()...)
	require.NoError(t, err)
	t.Cleanup(func() { _ = Down(w.ctx, w.checkout, Console{Out: io.Discard}, true) })
	return w
}

// with sets the variables that say where the stack listens.
func (w *whole) with(ports Ports) {
	for name, port := range ports {
		w.t.Setenv(layout.PortVariable(name), strconv.Itoa(port))
	}
}

func (w *whole) up() error {
	w.out.Reset()
	w.with(w.ports)
	return Up(w.ctx, w.checkout, Console{Out: &w.out}, UpOptions{})
}

func (w *whole) status() error { return Status(w.ctx, w.checkout, Console{Out: &w.out}) }

func (w *whole) down(purge bool) error { return Down(w.ctx, w.checkout, Console{Out: &w.out}, purge) }

// running maps each service to the id of its container.
func (w *whole) running() map[string]string {
	w.t.Helper()
	list, err := w.checkout.containers(w.ctx)
	require.NoError(w.t, err)
	ids := map[string]string{}
	for _, c := range list {
		ids[c.service] = c.id
	}
	return ids
}

func (w *whole) requireNothingLeft() {
	w.t.Helper()
	list, err := w.checkout.containers(w.ctx)
	require.NoError(w.t, err)
	require.Empty(w.t, list)
	for _, kind := range []string{"network", "volume", "image"} {
		left, err := w.checkout.labelled(w.ctx, kind)
		require.NoError(w.t, err)
		require.Empty(w.t, left, kind)
	}
}

// requireLogin has a user log in, which takes the database, its start data and the secrets.
func (w *whole) requireLogin() {
	w.t.Helper()
	client := http.Client{Timeout: time.Minute}
	form := url.Values{"grant_type": {"password"}, "username": {"admin_nms"}, "password": {"user_super"}}
	answer, err := client.PostForm("http://"+layout.Loopback(w.ports["auth"])+"/api/v1/auth/token", form)
	require.NoError(w.t, err)
	defer answer.Body.Close()
	client.CloseIdleConnections()
	require.Equal(w.t, http.StatusOK, answer.StatusCode)
}

// The whole way on a real engine. It pulls the servers' images and builds the services', which takes minutes.
func TestTheWholeWayInDocker(t *testing.T) {
	if err := checkDocker(t.Context()); err != nil {
		t.Skipf("Docker cannot be used here: %v", err)
	}
	t.Setenv("STACK", modeDocker)
	t.Setenv("ENVIRONMENT", "prod") // of the shell, and of no interest
	w := setupWhole(t)
	require.NoError(t, w.up(), w.out.String())
	require.NoError(t, w.status(), w.out.String())
	w.requireLogin()

	// Again: nothing is exchanged, and after a change in cfg only cfg.
	first := w.running()
	require.NoError(t, w.up(), w.out.String())
	require.Equal(t, first, w.running())
	source := filepath.Join(w.checkout.Root, "cfg", "internal", "app", "app.go")
	content, err := os.ReadFile(source)
	require.NoError(t, err)
	changed := strings.Replace(string(content), `About:       "`, `About:       "changed `, 1)
	require.NotEqual(t, string(content), changed)
	require.NoError(t, os.WriteFile(source, []byte(changed), 0o600))
	require.NoError(t, w.up(), w.out.String())
	second := w.running()
	require.NotEqual(t, first["cfg"], second["cfg"])
	first["cfg"] = second["cfg"]
	require.Equal(t, first, second)
	dangling, err := w.checkout.labelled(t.Context(), "image", "dangling=true")
	require.NoError(t, err)
	require.Empty(t, dangling)

	w.tryAnotherCheckout()
	w.tryAStoppedService()
	w.tryTwoInstances()

	// Removed under it, the stack is still found.
	require.NoError(t, os.RemoveAll(w.checkout.Local))
	require.ErrorIs(t, w.status(), ErrNotReady)
	w.out.Reset()
	require.NoError(t, Logs(w.ctx, w.checkout, Console{Out: &w.out}, []string{"auth"}, false, 100))
	require.Contains(t, w.out.String(), "ready to serve")
	require.NoError(t, w.down(false))
	require.Empty(t, w.running())
	require.NoError(t, w.down(true))
	w.requireNothingLeft()
}

// tryAnotherCheckout: on the same ports it is refused and leaves nothing, on others it runs beside, and its end is its own.
func (w *whole) tryAnotherCheckout() {
	t := w.t
	t.Helper()
	other := setupWhole(t)
	free := other.ports
	other.ports = w.ports
	require.ErrorContains(t, other.up(), "set INBOX_PORT to another")
	require.Empty(t, other.running())
	other.ports = free
	require.NoError(t, other.up(), other.out.String())
	require.NoError(t, other.status(), other.out.String())
	require.NoError(t, w.status(), w.out.String())
	other.requireLogin()
	require.NoError(t, other.down(true))
	other.requireNothingLeft()
	require.NoError(t, w.status(), w.out.String())
}

func (w *whole) tryAStoppedService() {
	t := w.t
	t.Helper()
	_, err := docker(w.ctx, "stop", w.running()["inbox"])
	require.NoError(t, err)
	require.ErrorIs(t, w.status(), ErrNotReady)
	require.NoError(t, w.up(), w.out.String())
	require.NoError(t, w.status(), w.out.String())
	w.requireLogin() // with the data of before
}

func (w *whole) tryTwoInstances() {
	t := w.t
	t.Helper()
	further, err := freePorts()
	require.NoError(t, err)
	port := further[portRedis]
	env := append(w.checkout.composeEnv(w.ports), "CFG_PORTS="+strconv.Itoa(port)+"-"+strconv.Itoa(port+3))
	require.NoError(t, w.checkout.compose(w.ctx, Console{Out: &w.out}, env, "up", "--wait", "--scale", "cfg=2"), w.out.String())
	list, err := w.checkout.containers(w.ctx)
	require.NoError(t, err)
	instances := 0
	for _, c := range list {
		if c.service == "cfg" {
			instances++
			require.Len(t, c.ports, 1)
			require.NoError(t, serviceReady(w.ctx, c.ports[0]))
		}
	}
	require.Equal(t, 2, instances)
}
