package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
)

// deployment runs the tests of deploy/check, a module of its own that neither go.work nor tools knows: Helm,
// Kubernetes and Prometheus as libraries are too heavy for `./task up` and `./task test` to wait for.
func (c *checker) deployment(ctx context.Context) error {
	dir := filepath.Join(c.workspace.Root, "deploy", "check")
	out, err := command(ctx, dir, append(os.Environ(), "GOWORK=off", "CGO_ENABLED=0"), "go", "test", "-count=1", "./...").CombinedOutput()
	if err != nil {
		return fmt.Errorf("go test in deploy/check: %w\n%s", err, indent(out))
	}
	return nil
}
