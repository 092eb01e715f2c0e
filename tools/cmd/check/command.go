package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"nms.example/tools/internal/toolcache"
	"nms.example/tools/internal/workspace"
)

// goEnv is the environment for Go commands in a module: the workspace's, or none for the modules outside it.
func (c *checker) goEnv(module workspace.Module) []string {
	work := filepath.Join(c.workspace.Root, "go.work")
	if module.Dir == workspace.ToolsDir || module.Dir == deploymentDir || module.Dir == bundleModule {
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

// tool returns the path of one of the programs that tools/go.mod pins, built if need be.
func (c *checker) tool(ctx context.Context, pkg string) (string, error) {
	return toolcache.Cache{
		Dir: toolcache.Dir(c.workspace.Root), Module: filepath.Join(c.workspace.Root, workspace.ToolsDir), Building: c.building,
	}.Program(ctx, pkg)
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
