package stack

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"nms.example/tools/internal/layout"
)

// migrator is the program that brings the databases to the schema of the sources.
const migrator = "migrate"

// builtPrograms names what is built: the migrator, every service and what runs beside them.
func builtPrograms() []string { return append([]string{migrator}, programNames()...) }

// buildFlags are those of every build of the services. Nothing of the commit goes into the programs, so that a commit
// alone changes none of them.
func buildFlags() []string { return []string{"-buildvcs=false", "-tags=" + layout.BuildTags} }

func buildPackages() []string {
	packages := []string{"./sql/cmd/migrate"}
	for _, service := range layout.Services {
		packages = append(packages, "./"+service.Name)
	}
	for _, program := range layout.Programs {
		packages = append(packages, "./"+program.Module+"/"+program.Package)
	}
	return packages
}

// goCommand prepares the go command for this checkout's workspace.
func (s *server) goCommand(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = s.checkout.Root
	cmd.Env = append(os.Environ(), "GOWORK="+filepath.Join(s.checkout.Root, "go.work"), "CGO_ENABLED=0")
	cmd.WaitDelay = 5 * time.Second
	return cmd
}

// build compiles the services, what runs beside them and the migrator, with one go command, into the folder "built" of the data. What runs is
// not touched: install takes a program from there. note is told what is being compiled; nil: nobody.
func (s *server) build(ctx context.Context, note func(string)) error {
	lock, err := s.checkout.awaitBuildLock(ctx)
	if err != nil {
		return err
	}
	defer lock.Close()
	log, err := os.Create(s.checkout.logPath("build"))
	if err != nil {
		return err
	}
	defer log.Close()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	progress := &buildProgress{log: log, note: note, count: s.countStale}
	args := slices.Concat([]string{"build", "-v"}, buildFlags(), []string{"-o", s.checkout.built("") + string(filepath.Separator)}, buildPackages())
	cmd := s.goCommand(ctx, args...)
	cmd.Stdout, cmd.Stderr = progress, progress
	cmd.Cancel = func() error { killGroup(cmd.Process.Pid, syscall.SIGINT); return nil }
	if err := s.spawner.start(cmd, nil, syscall.SIGINT); err != nil {
		return fmt.Errorf("go build: %w", err)
	}
	if note != nil {
		go progress.watch(ctx)
	}
	err = cmd.Wait()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		return fmt.Errorf("the services do not build:\n  %s", strings.Join(tail(s.checkout.logPath("build"), 15), "\n  "))
	}
	for _, name := range builtPrograms() { // for the servers' user, whatever the umask was
		if err := os.Chmod(s.checkout.built(name), 0o755); err != nil {
			return err
		}
	}
	return nil
}

// countStale counts the packages that are still to be compiled. Go lists as such those, too, that depend on them.
func (s *server) countStale(ctx context.Context) int {
	args := slices.Concat([]string{"list", "-deps", "-f", "{{if .Stale}}{{.ImportPath}}{{end}}"}, buildFlags(), buildPackages())
	cmd := s.goCommand(ctx, args...)
	var out bytes.Buffer
	cmd.Stdout = &out
	if s.spawner.start(cmd, nil, syscall.SIGINT) != nil || cmd.Wait() != nil {
		return 0
	}
	return len(strings.Fields(out.String()))
}

// buildProgress takes what `go build -v` prints: a line for each package that is compiled, downloads, and errors. The
// errors go into the log.
type buildProgress struct {
	log   io.Writer
	note  func(string)
	count func(context.Context) int

	mu       sync.Mutex
	rest     []byte
	compiled int
	total    int // 0: not known
	last     string
}

// Write takes any piece of the output.
func (b *buildProgress) Write(piece []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.rest = append(b.rest, piece...)
	for {
		line, rest, whole := bytes.Cut(b.rest, []byte("\n"))
		if !whole {
			return len(piece), nil
		}
		b.rest = rest
		if err := b.line(string(line)); err != nil {
			return 0, err
		}
	}
}

func (b *buildProgress) line(line string) error {
	switch download, isDownload := strings.CutPrefix(line, "go: downloading "); {
	case isDownload:
		b.last = "downloading " + download
	case line != "" && !strings.ContainsAny(line, " \t:#"):
		b.compiled++
		b.last = line
	default:
		_, err := fmt.Fprintln(b.log, line)
		return err
	}
	return nil
}

// watch reports a build that takes long: every second what is being compiled and, once that is known, of how many.
func (b *buildProgress) watch(ctx context.Context) {
	const short, least = 3 * time.Second, 5
	begun, counted := time.Now(), false
	for pause(ctx, time.Second) == nil {
		b.mu.Lock()
		compiled := b.compiled
		b.note(b.words())
		b.mu.Unlock()
		if counted || time.Since(begun) < short || compiled < least {
			continue
		}
		counted = true
		if left := b.count(ctx); left > 0 {
			b.mu.Lock()
			b.total = compiled + left
			b.mu.Unlock()
		}
	}
}

func (b *buildProgress) words() string {
	switch {
	case b.compiled == 0 || strings.HasPrefix(b.last, "downloading "):
		return b.last
	case b.total == 0:
		return fmt.Sprintf("%d packages, now %s", b.compiled, b.last)
	default:
		return fmt.Sprintf("%d of %d packages, now %s", b.compiled, max(b.total, b.compiled), b.last)
	}
}

// awaitBuildLock lets one build of a checkout run at a time: two would compile everything twice, the second one after the
// other finds it all in Go's cache.
func (p Checkout) awaitBuildLock(ctx context.Context) (io.Closer, error) {
	for {
		lock, err := tryLock(filepath.Join(p.Root, ".local", "build.lock"))
		if err == nil || !errors.Is(err, errLocked) {
			return lock, err
		}
		if err := pause(ctx, 50*time.Millisecond); err != nil {
			return nil, err
		}
	}
}

// changed tells whether the built program differs from the installed one, which may not be there.
func (p Checkout) changed(name string) (bool, error) {
	built, err := os.Stat(p.built(name))
	if err != nil {
		return false, err
	}
	installed, err := os.Stat(p.binary(name))
	if errors.Is(err, os.ErrNotExist) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	if os.SameFile(built, installed) {
		return false, nil
	}
	if built.Size() != installed.Size() {
		return true, nil
	}
	first, errFirst := digest(p.built(name))
	second, errSecond := digest(p.binary(name))
	return first != second, errors.Join(errFirst, errSecond)
}

// digest is the SHA-256 of a file.
func digest(path string) (sum [sha256.Size]byte, err error) {
	file, err := os.Open(path)
	if err != nil {
		return sum, err
	}
	defer file.Close()
	hash := sha256.New()
	_, err = io.Copy(hash, file)
	return [sha256.Size]byte(hash.Sum(nil)), err
}

// replace renames a file. Two names of one file are left as they are by a rename (POSIX), so that the first one is removed.
func replace(from, to string) error {
	if err := os.Rename(from, to); err != nil {
		return err
	}
	if err := os.Remove(from); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

// install puts the built program in the place of the installed one, which is kept until keep; back returns to it.
func (p Checkout) install(name string) (keep, back func() error, err error) {
	target := p.binary(name)
	fresh, old := target+".new", target+".old"
	for _, path := range []string{fresh, old} {
		if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
			return nil, nil, err
		}
	}
	first := false
	switch err := os.Link(target, old); {
	case errors.Is(err, os.ErrNotExist):
		first = true
	case err != nil:
		return nil, nil, err
	}
	if err := os.Link(p.built(name), fresh); err != nil {
		return nil, nil, err
	}
	if err := replace(fresh, target); err != nil {
		return nil, nil, err
	}
	if first {
		return func() error { return nil }, func() error { return os.Remove(target) }, nil
	}
	return func() error { return os.Remove(old) }, func() error { return replace(old, target) }, nil
}

// installAll installs what was built.
func (p Checkout) installAll() error {
	for _, name := range builtPrograms() {
		keep, _, err := p.install(name)
		if err == nil {
			err = keep()
		}
		if err != nil {
			return err
		}
	}
	return nil
}
