// Package standtest starts the real services beside a console, for its tests. They are built from this checkout once for a test
// binary and run as processes of their own, as services talk to each other over HTTP alone. It is imported from tests only.
package standtest

import (
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"nms.example/common/bustest"
	"nms.example/common/db"
	"nms.example/common/pgtest"
	"nms.example/common/proctest"
	"nms.example/common/redistest"
	"nms.example/common/servicetest"
	"nms.example/common/waittest"

	"nms.example/console/internal/app"
)

const (
	// AdminPassword is that of the first user, admin_nms.
	AdminPassword = "correct horse battery"
	// WebhookKey names the secret of receivers of notifications.
	WebhookKey = "webhook"
	// Key seals the sessions of the consoles.
	Key    = "a key for tests that is long enough for the console"
	secret = "a key for tests that is long enough for HS256" //nolint:gosec // for tests alone
)

// build compiles the services as ./task up does, so that one takes what the other has compiled. One test binary does so at a time, for the same reason.
var build = sync.OnceValues(func() (string, error) {
	root, err := findRoot()
	if err != nil {
		return "", err
	}
	lock, err := os.OpenFile(filepath.Join(os.TempDir(), "nms-stand.lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return "", err
	}
	defer lock.Close() // which lets it go
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		return "", err
	}
	dir, err := os.MkdirTemp("", "nms-stand-")
	if err != nil {
		return "", err
	}
	to := dir + string(filepath.Separator)
	cmd := exec.Command("go", "build", "-buildvcs=false", "-tags=nomsgpack,grpcnotrace", "-ldflags=-s -w", "-o", to, //nolint:gosec // a folder of its own
		"./admin", "./auth", "./cfg", "./ctrl", "./ctrl/cmd/simulator", "./inbox", "./inbox/cmd/spectra")
	cmd.Dir, cmd.Env, cmd.Stderr = root, append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=", "GOWORK="+filepath.Join(root, "go.work")), os.Stderr
	return dir, cmd.Run()
})

// Remove removes what was built; TestMain calls it at the end.
func Remove() {
	if dir, err := build(); err == nil {
		_ = os.RemoveAll(dir) // the system's temporary folder is emptied by itself
	}
}

func findRoot() (string, error) {
	dir, err := os.Getwd()
	for err == nil && dir != filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.work")); err == nil {
			return dir, nil
		}
		dir = filepath.Dir(dir)
	}
	return "", os.ErrNotExist
}

// Stand is a set of services with databases, a virtual host and a Redis prefix of their own.
type Stand struct {
	t   testing.TB
	dir string
	// Settings are those of a console of this stand.
	Settings map[string]string
	// Broker is where the services publish.
	Broker *bustest.Broker

	common map[string]string
}

// New starts services by their names; auth is always among them.
func New(tb testing.TB, names ...string) *Stand {
	tb.Helper()
	dir, err := build()
	require.NoError(tb, err, "build the services")
	s := &Stand{t: tb, dir: dir}
	s.Broker = bustest.New(tb)
	redis := map[string]string{"REDIS_DSN": redistest.DSN(tb).Reveal(), "REDIS_PREFIX": redistest.Prefix(tb), "REDIS_TIMEOUT": "30s"}
	s.common = map[string]string{
		"ENVIRONMENT": "dev", "HOST": "127.0.0.1", "JWT_SECRET_KEY": secret, "MQ_DSN": s.Broker.DSN.Reveal(), "RATE_LIMIT": "0",
		"AUTH_ADMIN_PASSWORD": AdminPassword, "BCRYPT_COST": "4", "BCRYPT_MAX_WAIT": "1m", "DB_MAX_CONNS": "4", "DB_STATEMENT_TIMEOUT": "5m",
		"HEALTH_INTERVAL": "200ms", "CTRL_ALLOWED_NETWORKS": "127.0.0.0/8", "DB_AUTH_DSN": pgtest.DSN[db.AUTH](tb).Reveal(),
	}
	secrets := tb.TempDir()
	require.NoError(tb, os.WriteFile(filepath.Join(secrets, WebhookKey), []byte("a key of signatures"), 0o600))
	s.common["CTRL_SECRETS_DIR"], s.common["NOTIFY_ALLOWED_NETWORKS"] = secrets, "127.0.0.0/8"
	if len(names) > 0 {
		s.common["DB_NMS_DSN"], s.common["DB_DWH_DSN"] = pgtest.DSN[db.NMS](tb).Reveal(), pgtest.DSN[db.DWH](tb).Reveal()
		s.common["DB_ADMIN_DSN"] = pgtest.DSN[db.ADMIN](tb).Reveal()
	}
	maps.Copy(s.common, redis)
	s.Settings = maps.Clone(redis)
	s.Settings["CONSOLE_KEY"] = Key
	names = append([]string{"auth"}, names...)
	var listening []func()
	for _, name := range names {
		address, await := s.begin(name)
		s.Settings[variables[name]], listening = "http://"+address, append(listening, await)
	}
	for i, name := range names {
		listening[i]()
		s.ready(s.Settings[variables[name]])
	}
	return s
}

var variables = map[string]string{"auth": "AUTH_URL", "cfg": "CFG_URL", "ctrl": "CTRL_URL", "inbox": "INBOX_URL", "admin": "ADMIN_URL"}

// begin starts one program and returns its address, and what waits until it listens there.
func (s *Stand) begin(name string) (address string, await func()) {
	s.t.Helper()
	port := proctest.FreePort(s.t)
	env := []string{"PORT=" + strconv.Itoa(port)}
	for variable, value := range s.common {
		env = append(env, variable+"="+value)
	}
	p := proctest.New(s.t, s.t.TempDir(), env, filepath.Join(s.dir, name))
	s.t.Cleanup(func() {
		if s.t.Failed() {
			s.t.Logf("output of %s:\n%s", name, p.Output())
		}
	})
	p.Start()
	return "127.0.0.1:" + strconv.Itoa(port), func() { p.AwaitPort(port, waittest.Bound) }
}

func (s *Stand) ready(url string) {
	s.t.Helper()
	waittest.Until(s.t, url+" is ready", func() bool {
		r, err := http.NewRequestWithContext(s.t.Context(), http.MethodGet, url+"/readyz", http.NoBody)
		require.NoError(s.t, err)
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			return false
		}
		defer answer.Body.Close()
		return answer.StatusCode == http.StatusOK
	})
}

// Simulator starts a station of receivers and returns its address, host:port.
func (s *Stand) Simulator() string {
	address, await := s.begin("simulator")
	await()
	return address
}

// Spectra runs the program spectra to its end.
func (s *Stand) Spectra(args ...string) {
	s.t.Helper()
	cmd := exec.CommandContext(s.t.Context(), filepath.Join(s.dir, "spectra"), args...) //nolint:gosec // the tests say which
	cmd.Env = append(os.Environ(), "SPECTRA_PASSWORD="+AdminPassword)
	out, err := cmd.CombinedOutput()
	require.NoError(s.t, err, "%s", out)
}

// Receivers has spectra come in, several a second, until the test ends.
func (s *Stand) Receivers() {
	s.t.Helper()
	p := proctest.New(s.t, s.t.TempDir(), []string{"SPECTRA_PASSWORD=" + AdminPassword}, filepath.Join(s.dir, "spectra"),
		"generate", "-live", "-sites", "2", "-every", "500ms", "-auth", s.Settings["AUTH_URL"], "-inbox", s.Settings["INBOX_URL"])
	p.Start()
}

// Console starts a console in this process; further settings take precedence over the stand's.
func (s *Stand) Console(further ...map[string]string) *servicetest.Instance {
	s.t.Helper()
	settings := maps.Clone(s.Settings)
	for _, more := range further {
		maps.Copy(settings, more)
	}
	return servicetest.Start(s.t, app.Identity, app.Build, settings)
}
