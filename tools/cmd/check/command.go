package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"nms.example/tools/internal/workspace"
)

// goEnv is the environment for Go commands in a module: the workspace's, or none for the modules outside it.
func (c *checker) goEnv(module workspace.Module) []string {
	work := filepath.Join(c.workspace.Root, "go.work")
	if module.Dir == workspace.ToolsDir || module.Dir == deploymentDir {
		work = "off"
	}
	return append(os.Environ(), "GOWORK="+work)
}

// command prepares a program; an interruption gives it a moment to end by itself.
func command(ctx context.Context, dir string, env []string, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir, cmd.Env = dir, env
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 5 * time.Second
	return cmd
}

// tool builds one of the programs that tools/go.mod pins and gives its path.
func (c *checker) tool(ctx context.Context, pkg string) (string, error) {
	built := c.building(pkg)
	dir := filepath.Join(c.workspace.Root, workspace.ToolsDir)
	bin := filepath.Join(c.workspace.Root, ".local", "bin")
	// Without cgo sqlc brings PostgreSQL's parser as WebAssembly and needs no C compiler.
	env := append(os.Environ(), "GOWORK=off", "CGO_ENABLED=0")
	out, err := command(ctx, dir, env, "go", "build", "-buildvcs=false", "-o", bin+string(filepath.Separator), pkg).CombinedOutput()
	built()
	if err != nil {
		return "", fmt.Errorf("build %s: %w\n%s", pkg, err, out)
	}
	parts := strings.Split(pkg, "/")
	return filepath.Join(bin, parts[len(parts)-1]), nil
}

// building says what is being built when that takes longer than a moment, and after its end how long it took.
func (c *checker) building(what string) (built func()) {
	begun := time.Now()
	said := make(chan struct{})
	announcement := time.AfterFunc(time.Second, func() {
		fmt.Fprintf(c.out, "   building %s …\n", what)
		close(said)
	})
	return func() {
		if announcement.Stop() {
			return
		}
		<-said // so that the two lines neither mix nor change places
		fmt.Fprintf(c.out, "   built after %.0f s\n", time.Since(begun).Seconds())
	}
}
