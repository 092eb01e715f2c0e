package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"nms.example/tools/internal/workspace"
)

// deploymentDir is the module with the tests of what deploys the system.
const deploymentDir = "deploy/check"

// modules lists every module whose files are looked at: those that are built and released, and deploymentDir where it
// is there.
func (c *checker) modules() []workspace.Module {
	all := slices.Clone(c.workspace.Modules)
	for _, dir := range []string{deploymentDir, bundleModule} {
		if _, err := os.Stat(filepath.Join(c.workspace.Root, filepath.FromSlash(dir), "go.mod")); err == nil {
			all = append(all, workspace.Module{Dir: dir})
		}
	}
	return all
}

// deployment runs the tests of deploy/check, a module of its own that neither go.work nor tools knows: Helm,
// Kubernetes and Prometheus as libraries are too heavy for `./task up` and `./task test` to wait for.
func (c *checker) deployment(ctx context.Context) error {
	dir := filepath.Join(c.workspace.Root, filepath.FromSlash(deploymentDir))
	out, err := command(ctx, dir, append(os.Environ(), "GOWORK=off", "CGO_ENABLED=0"), "go", "test", "-count=1", "./...").CombinedOutput()
	if err != nil {
		return fmt.Errorf("go test in %s: %w\n%s", deploymentDir, err, indent(out))
	}
	return nil
}
