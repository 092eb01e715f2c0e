// Package release ships one module of the repository apart from the others: it builds it against the tags that
// its go.mod pins, writes its changelog, and tags it.
//
// Everything is tried on a private copy (a clone that borrows the objects of the checkout). The checkout
// is touched at the very end, when all has held, and only if that was asked for.
package release

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/mod/module"

	"nms.example/tools/internal/git"
	"nms.example/tools/internal/workspace"
)

var (
	// ErrRefused wraps every reason for which nothing is released.
	ErrRefused = errors.New("refused")

	errUntagged = errors.New("there is no tag")
)

// Releaser works on one checkout.
type Releaser struct {
	// Root is the top folder of the checkout.
	Root string
	// Out gets the account of what is done.
	Out io.Writer
	// Environ is the environment of the go commands.
	Environ []string
	// Now tells the day that a changelog gets.
	Now func() time.Time
	// Yes makes it so; without, everything is tried and nothing changed.
	Yes bool
}

// session is one call: the private copy and what was made for it.
type session struct {
	*Releaser

	workspace *workspace.Workspace
	origin    git.Repo // the checkout
	copy      git.Repo // the private copy, at the checkout's HEAD
	head      string   // that commit
	temp      string
	proxy     string            // folder that serves the tags of the repository's own modules
	staged    map[string]string // tag to hash of what is served
	goEnv     []string
}

// open makes the private copy.
func (r *Releaser) open(ctx context.Context) (s *session, err error) {
	s = &session{Releaser: r, origin: git.Repo{Dir: r.Root}, staged: map[string]string{}}
	if s.temp, err = os.MkdirTemp("", "nms-release-"); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			s.close()
		}
	}()
	// Git names folders without symbolic links; zip.CreateFromVCS compares them with what it was given.
	if s.temp, err = filepath.EvalSymlinks(s.temp); err != nil {
		return nil, err
	}
	s.proxy = filepath.Join(s.temp, "proxy")
	s.copy = git.Repo{Dir: filepath.Join(s.temp, "copy")}
	if s.head, err = s.origin.Line(ctx, "rev-parse", "HEAD"); err != nil {
		return nil, err
	}
	// A clone, not a second work tree: that would leave its traces in the checkout's .git.
	if _, err = s.origin.Run(ctx, "clone", "--quiet", "--shared", "--no-checkout", "--config", "core.fsync=none", r.Root, s.copy.Dir); err != nil {
		return nil, err
	}
	if err = s.checkout(ctx, s.head); err != nil {
		return nil, err
	}
	s.goEnv, err = s.laneEnv(ctx)
	return s, err
}

// checkout moves the copy to a commit.
func (s *session) checkout(ctx context.Context, commit string) error {
	if _, err := s.copy.Run(ctx, "checkout", "--quiet", "--detach", commit); err != nil {
		return err
	}
	var err error
	s.workspace, err = workspace.Load(s.copy.Dir)
	return err
}

func (s *session) close() { _ = os.RemoveAll(s.temp) } // a temporary folder

func (s *session) sayf(format string, args ...any) { fmt.Fprintf(s.Out, format+"\n", args...) }

// refuse makes an error that says why nothing is released.
func refuse(format string, args ...any) error {
	return fmt.Errorf("%w: %w", ErrRefused, fmt.Errorf(format, args...))
}

// module finds a module that can be released by its folder.
func (s *session) module(dir string) (workspace.Module, error) {
	m, found := s.workspace.Module(strings.Trim(filepath.ToSlash(dir), "/"))
	if found && m.Dir != workspace.ToolsDir {
		return m, nil
	}
	var names []string
	for _, m := range s.workspace.Modules {
		if m.Dir != workspace.ToolsDir {
			names = append(names, m.Dir)
		}
	}
	return m, fmt.Errorf("no module %q is released here; there are %s", dir, strings.Join(names, ", "))
}

// laneEnv is the environment of the release lane: no workspace, a module cache of its own that knows nothing of the
// repository's modules, the staged tags as the first place to look, and for the modules of others what was
// downloaded already, then what the machine is configured for.
//
// Built with -trimpath, as the images are; so the compiled packages of others are found again in Go's build cache
// although the module cache lies elsewhere each time.
func (s *session) laneEnv(ctx context.Context) ([]string, error) {
	cmd := exec.CommandContext(ctx, "go", "env", "-json", "GOPROXY", "GOMODCACHE", "GONOSUMDB", "GONOPROXY")
	cmd.Dir, cmd.Env = s.copy.Dir, append(slices.Clone(s.Environ), "GOWORK=off")
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go env: %w", err)
	}
	var machine struct {
		Proxy       string `json:"GOPROXY"`
		ModuleCache string `json:"GOMODCACHE"`
		NoSumDB     string `json:"GONOSUMDB"`
		NoProxy     string `json:"GONOPROXY"`
	}
	if err := json.Unmarshal(out, &machine); err != nil {
		return nil, fmt.Errorf("go env: %w", err)
	}
	var ours []string
	noProxy := machine.NoProxy
	for _, m := range s.workspace.Modules {
		ours = append(ours, m.Path)
		if module.MatchPrefixPatterns(machine.NoProxy, m.Path) {
			noProxy = "none" // our own must come from the staged tags and nowhere else
		}
	}
	if machine.NoSumDB != "" {
		ours = append(ours, machine.NoSumDB)
	}
	return append(slices.Clone(s.Environ),
		"GOWORK=off",
		"GOFLAGS=-trimpath -modcacherw -buildvcs=false",
		"CGO_ENABLED=0",
		"GOMODCACHE="+filepath.Join(s.temp, "mod"),
		"GOPROXY="+fileURL(s.proxy)+","+fileURL(filepath.Join(machine.ModuleCache, "cache", "download"))+","+machine.Proxy,
		"GONOSUMDB="+strings.Join(ours, ","),
		"GONOPROXY="+noProxy,
	), nil
}

func fileURL(path string) string {
	return (&url.URL{Scheme: "file", Path: filepath.ToSlash(path)}).String()
}

// goRun runs a go command in the release lane's environment.
func (s *session) goRun(ctx context.Context, dir string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir, cmd.Env = dir, s.goEnv
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 5 * time.Second
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			return "", ctx.Err()
		}
		return "", fmt.Errorf("go %s: %w\n%s%s", strings.Join(args[:min(2, len(args))], " "), err, stdout.Bytes(), stderr.Bytes())
	}
	return stdout.String(), nil
}
