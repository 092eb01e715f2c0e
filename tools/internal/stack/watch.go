package stack

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/fsnotify/fsnotify"

	"nms.example/tools/internal/workspace"
)

// quiet is how long no file may change before what changed is built: an editor writes a file in several steps, and git many
// files one after the other.
const quiet = 150 * time.Millisecond

// Watch does what Up does, and again whenever a source has been saved, until ctx ends or the stack is stopped. A fault
// is shown, and what ran goes on running. So does the stack after the end of Watch.
func Watch(ctx context.Context, checkout Checkout, console Console, options UpOptions) error {
	tree, err := watchTree(checkout.Root)
	if err != nil {
		return err
	}
	defer tree.Close()
	if err := Up(ctx, checkout, console, options); err != nil {
		state, broken := checkout.readState()
		if ctx.Err() != nil || broken != nil || !state.Running() {
			return err
		}
		console.printf("%v", err)
	}
	console.printf("Watching the sources; Ctrl-C ends this, and the stack goes on running.")
	stopped, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		defer cancel()
		for checkout.stands() && pause(stopped, time.Second) == nil {
		}
	}()
	for {
		paths, err := tree.await(stopped)
		switch {
		case ctx.Err() != nil:
			console.printf("The stack goes on running; ./task down stops it.")
			return nil
		case stopped.Err() != nil:
			console.printf("The stack was stopped.")
			return nil
		case err != nil:
			return err
		}
		console.printf("\n%s  %s", time.Now().Format("15:04:05"), summary(paths))
		if err := checkout.again(stopped, console, options, paths); err != nil && stopped.Err() == nil {
			console.printf("%v", err)
		}
	}
}

// stands tells whether there is a stack that has not been stopped.
func (p Checkout) stands() bool {
	state, err := p.readState()
	return err == nil && state != nil && (state.Mode == modeDocker || state.Running())
}

// again brings the running stack to what the sources say. When this very program has changed, which knows the services
// and their settings, it is built and takes over.
func (p Checkout) again(ctx context.Context, console Console, options UpOptions, paths []string) error {
	if slices.ContainsFunc(paths, func(path string) bool { return strings.HasPrefix(path, workspace.ToolsDir+"/") }) {
		if err := p.replaceSelf(ctx); err != nil {
			return err
		}
	}
	state, err := p.readState()
	if err != nil {
		return err
	}
	if state != nil && state.Mode == modeDocker {
		return dockerUp(ctx, p, console)
	}
	lock, err := p.awaitUpLock(ctx, console)
	if err != nil {
		return err
	}
	defer lock.Close()
	if state, err = p.readState(); err != nil { // of now: it may have been stopped meanwhile
		return err
	}
	if !state.Running() || state.Phase != Ready {
		return errors.New("the stack does not run")
	}
	return p.refresh(ctx, console, state, options)
}

// replaceSelf builds this program and, when it has changed, runs it in the place of this process.
func (p Checkout) replaceSelf(ctx context.Context) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	before, err := digest(self)
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, "go", "build", "-buildvcs=false", "-o", self, "./cmd/devstack")
	cmd.Dir, cmd.Env = filepath.Join(p.Root, workspace.ToolsDir), append(os.Environ(), "GOWORK=off", "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("the tools do not build:\n%s", strings.TrimSpace(string(out)))
	}
	after, err := digest(self)
	if err != nil || after == before {
		return err
	}
	return syscall.Exec(self, os.Args, os.Environ()) // this very program with its own arguments
}

func summary(paths []string) string {
	const few = 3
	if len(paths) <= few {
		return strings.Join(paths, ", ")
	}
	return fmt.Sprintf("%s and %d more files", strings.Join(paths[:few], ", "), len(paths)-few)
}

// tree watches all folders of a checkout that hold sources.
type tree struct {
	*fsnotify.Watcher

	root string
}

func watchTree(root string) (*tree, error) {
	watcher, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, err
	}
	t := &tree{Watcher: watcher, root: root}
	if err := t.add(root); err != nil {
		return nil, errors.Join(err, watcher.Close())
	}
	return t, nil
}

// add watches a folder and those below it. One that goes meanwhile is no fault.
func (t *tree) add(dir string) error {
	return filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil
		case err != nil:
			return err
		case !entry.IsDir():
			return nil
		case path != t.root && t.ignored(path):
			return filepath.SkipDir
		}
		if err := t.Add(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("watch %s: %w", path, err)
		}
		return nil
	})
}

// forget ends the watch of a folder and of those below it.
func (t *tree) forget(dir string) {
	for _, watched := range t.WatchList() {
		if watched == dir || strings.HasPrefix(watched, dir+string(filepath.Separator)) {
			_ = t.Remove(watched) // gone already is as good
		}
	}
}

// ignored tells what no service is built from: hidden files (.git, .local, swap files of editors), backups, tests and
// documents.
func (t *tree) ignored(path string) bool {
	relative, err := filepath.Rel(t.root, path)
	if err != nil {
		return true
	}
	for part := range strings.SplitSeq(filepath.ToSlash(relative), "/") {
		if strings.HasPrefix(part, ".") || slices.Contains([]string{"docs", "deploy", "testdata", "node_modules"}, part) {
			return true
		}
	}
	name := filepath.Base(path)
	if strings.HasPrefix(name, "#") || strings.Trim(name, "0123456789") == "" { // Emacs; vim tries whether it may write with «4913»
		return true
	}
	for _, end := range []string{"~", "_test.go", ".md", ".tmp", ".bak", ".swp", ".orig", ".rej", ".test", ".out", ".prof", "___"} {
		if strings.HasSuffix(name, end) {
			return true
		}
	}
	return false
}

// await returns the files that have changed, in alphabetical order and relative to the checkout, once none has changed for
// a moment.
func (t *tree) await(ctx context.Context) ([]string, error) {
	changed := map[string]bool{}
	var still <-chan time.Time
	for {
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-still:
			var paths []string
			for path := range changed {
				paths = append(paths, path)
			}
			slices.Sort(paths)
			return paths, nil
		case event := <-t.Events:
			if event.Op == fsnotify.Chmod || t.ignored(event.Name) {
				continue
			}
			if event.Has(fsnotify.Rename) {
				t.forget(event.Name) // a folder would go on telling of its files by its old name
			}
			if info, err := os.Stat(event.Name); err == nil && info.IsDir() {
				if err := t.add(event.Name); err != nil {
					return nil, err
				}
			}
			t.note(changed, event.Name)
		case err := <-t.Errors:
			if !errors.Is(err, fsnotify.ErrEventOverflow) {
				return nil, err
			}
			if err := t.add(t.root); err != nil { // folders may have come unseen
				return nil, err
			}
			t.note(changed, t.root)
		}
		still = time.After(quiet)
	}
}

func (t *tree) note(changed map[string]bool, path string) {
	if relative, err := filepath.Rel(t.root, path); err == nil {
		changed[filepath.ToSlash(relative)] = true
	}
}
