package stack

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"regexp"
	"strconv"
	"syscall"
)

// Account is the unprivileged user that the servers run as when root starts them.
type Account struct {
	Name     string
	UID, GID uint32
}

// Checkout says where one checkout's stack keeps its things.
type Checkout struct {
	// Root is the checkout.
	Root string
	// Local is <Root>/.local: built tools, state, logs. `down --purge` removes it.
	Local string
	// Data holds the servers' data and the built services. It lies below Local where it can.
	Data string
	// Account is who runs the servers; nil: whoever started the stack.
	Account *Account
}

// rootDataHome is where root keeps data when the unprivileged user may not enter the checkout.
const rootDataHome = "/var/lib/nms-devstack"

// plainPath matches the paths that the start scripts of RabbitMQ and Erlang survive.
var plainPath = regexp.MustCompile(`^[A-Za-z0-9/._+@-]+$`)

// FindCheckout locates the checkout that holds dir and decides where its data go. Nothing is created.
func FindCheckout(dir string) (Checkout, error) {
	root, err := findRoot(dir)
	if err != nil {
		return Checkout{}, err
	}
	checkout := Checkout{Root: root, Local: filepath.Join(root, ".local")}
	sum := sha256.Sum256([]byte(root))
	name := hex.EncodeToString(sum[:8])
	inside := filepath.Join(checkout.stateDir(), "data")
	if os.Geteuid() == 0 {
		return checkout.forRoot(inside, filepath.Join(rootDataHome, name))
	}
	checkout.Data = inside
	if !plainPath.MatchString(inside) {
		cache, err := os.UserCacheDir()
		if err != nil || !plainPath.MatchString(cache) {
			return Checkout{}, fmt.Errorf("the folder %q has characters that RabbitMQ's start scripts do not bear: "+
				"move the checkout to a path of letters, digits and / . _ + @ -", root)
		}
		checkout.Data = filepath.Join(cache, "nms-devstack", name)
	}
	return checkout, nil
}

func (p Checkout) forRoot(inside, outside string) (Checkout, error) {
	nobody, err := user.Lookup("nobody")
	if err != nil {
		return Checkout{}, errors.New("root may not run PostgreSQL and there is no user «nobody» to run it as: " +
			"start as an ordinary user")
	}
	uid, errUID := strconv.ParseUint(nobody.Uid, 10, 32)
	gid, errGID := strconv.ParseUint(nobody.Gid, 10, 32)
	if err := errors.Join(errUID, errGID); err != nil {
		return Checkout{}, fmt.Errorf("user nobody: %w", err)
	}
	p.Account = &Account{Name: nobody.Username, UID: uint32(uid), GID: uint32(gid)}
	p.Data = inside
	if !plainPath.MatchString(inside) || !openToAll(p.Root) {
		p.Data = outside
	}
	return p, nil
}

// findRoot walks up to the folder that holds go.work and tools/.
func findRoot(dir string) (string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	if dir, err = filepath.EvalSymlinks(dir); err != nil {
		return "", err
	}
	for {
		_, errWork := os.Stat(filepath.Join(dir, "go.work"))
		_, errTools := os.Stat(filepath.Join(dir, "tools", "go.mod"))
		if errWork == nil && errTools == nil {
			return dir, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", errors.New("no go.work in this folder or above: run this inside the checkout")
		}
		dir = parent
	}
}

// openToAll tells whether every folder down to dir lets any user pass through.
func openToAll(dir string) bool {
	for {
		info, err := os.Stat(dir)
		if err != nil || info.Mode().Perm()&0o001 == 0 {
			return false
		}
		if dir == filepath.Dir(dir) {
			return true
		}
		dir = filepath.Dir(dir)
	}
}

func (p Checkout) stateDir() string    { return filepath.Join(p.Local, "stack") }
func (p Checkout) statePath() string   { return filepath.Join(p.stateDir(), "state.json") }
func (p Checkout) lockPath() string    { return filepath.Join(p.stateDir(), "lock") }
func (p Checkout) upLockPath() string  { return filepath.Join(p.stateDir(), "up.lock") }
func (p Checkout) envPath() string     { return filepath.Join(p.stateDir(), "env") }
func (p Checkout) secretsPath() string { return filepath.Join(p.stateDir(), "secrets.json") }
func (p Checkout) composeOverridePath() string {
	return filepath.Join(p.stateDir(), "compose.override.json")
}
func (p Checkout) composeSecretsDir() string { return filepath.Join(p.stateDir(), "secrets") }
func (p Checkout) logDir() string            { return filepath.Join(p.stateDir(), "log") }
func (p Checkout) logPath(n string) string   { return filepath.Join(p.logDir(), n+".log") }
func (p Checkout) dataDir(n string) string   { return filepath.Join(p.Data, n) }
func (p Checkout) binary(n string) string    { return filepath.Join(p.Data, "bin", n) }
func (p Checkout) built(n string) string     { return filepath.Join(p.Data, "built", n) }
func (p Checkout) requestPath() string       { return filepath.Join(p.stateDir(), "request.json") }
func (p Checkout) outside() bool             { return p.Data != filepath.Join(p.stateDir(), "data") }
func (p Checkout) installedPath() string     { return filepath.Join(p.stateDir(), "installed") }
func (p Checkout) supervisorErrors() string  { return p.logPath("supervisor") }

// prepare creates the folders. Those on the way to the data are open to all, the data themselves are not.
func (p Checkout) prepare() error {
	if err := os.MkdirAll(p.logDir(), 0o755); err != nil {
		return err
	}
	for _, dir := range []string{p.binary(""), p.built("")} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return fmt.Errorf("folder for the servers' data: %w", err)
		}
	}
	for _, dir := range []string{p.Local, p.stateDir(), p.Data, p.binary(""), p.built("")} {
		if err := os.Chmod(dir, 0o755); err != nil { // whatever the umask was
			return err
		}
	}
	if p.Account == nil {
		return nil
	}
	if probe := p.Data; !openToAll(probe) {
		return fmt.Errorf("the user %s cannot enter %s, so PostgreSQL could not run there", p.Account.Name, probe)
	}
	return nil
}

// private makes a folder below the data that only the servers' user may enter.
func (p Checkout) private(elem ...string) (string, error) {
	dir := filepath.Join(append([]string{p.Data}, elem...)...)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	return dir, p.own(dir)
}

// own makes the servers' user the owner of a file or folder.
func (p Checkout) own(path string) error {
	if p.Account == nil {
		return nil
	}
	return os.Chown(path, int(p.Account.UID), int(p.Account.GID))
}

// write writes a file that only the servers' user may read.
func (p Checkout) write(path, content string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.WriteFile(path, []byte(content), 0o400); err != nil {
		return err
	}
	return p.own(path)
}

// Purge removes all that the stack made: data, logs, state and built tools.
func (p Checkout) Purge() error {
	p.releaseMemory()
	if p.outside() {
		if err := os.RemoveAll(p.Data); err != nil {
			return err
		}
		// The common parent goes with the last checkout; another one's data keep it.
		if err := os.Remove(filepath.Dir(p.Data)); err != nil && !errors.Is(err, fs.ErrNotExist) &&
			!errors.Is(err, syscall.ENOTEMPTY) && !errors.Is(err, syscall.EEXIST) {
			return err
		}
	}
	return os.RemoveAll(p.Local)
}

// releaseMemory frees what a killed PostgreSQL, or its initdb, has left in the kernel.
func (p Checkout) releaseMemory() {
	for _, name := range []string{"postgres", "postgres.new"} {
		releaseSharedMemory(filepath.Join(p.dataDir(name), "postmaster.pid"))
	}
}
