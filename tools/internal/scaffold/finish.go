package scaffold

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// Finish generates the code of the new queries and puts the go.mod files in order, by the tool check.
// Where sqlc has to be built for the first time, that takes a minute or two.
func Finish(ctx context.Context, root string, out io.Writer) error {
	cmd := exec.CommandContext(ctx, "go", "run", "-buildvcs=false", "./cmd/check", "-fix", "generated", "tidy")
	cmd.Dir = filepath.Join(root, "tools")
	cmd.Env = append(os.Environ(), "GOWORK=off", "CGO_ENABLED=0")
	cmd.Stdout, cmd.Stderr = out, out
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 10 * time.Second
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("complete the service's code (try ./task gen and ./task fmt): %w", err)
	}
	return nil
}
