package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"nms.example/tools/internal/workspace"
)

const sumsFile = "go.work.sum"

// sums looks whether go.work.sum is complete. Go itself adds what it lacks in passing, after asking the checksum database;
// an image's build, which begins from what is committed, has to ask it too, and fails where it cannot.
//
// A download of all modules of the workspace needs their go.mod and go.sum files alone, so it runs on copies of them.
func (c *checker) sums(ctx context.Context) error {
	temp, err := os.MkdirTemp("", "nms-sums-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(temp)
	committed, err := c.copyWorkspace(temp)
	if err != nil {
		return err
	}
	env := append(os.Environ(), "GOWORK="+filepath.Join(temp, "go.work"), "GOFLAGS=-mod=readonly -modcacherw")
	if out, err := command(ctx, temp, env, "go", "mod", "download").CombinedOutput(); err != nil {
		return fmt.Errorf("go mod download: %w\n%s", err, out)
	}
	complete, err := os.ReadFile(filepath.Join(temp, sumsFile))
	if err != nil && !errors.Is(err, fs.ErrNotExist) { // there is none where every go.sum says all
		return err
	}
	if bytes.Equal(committed, complete) {
		return nil
	}
	if c.fix {
		return writeChanged(filepath.Join(c.workspace.Root, sumsFile), complete)
	}
	return fmt.Errorf("%s is not what a download of the workspace's modules makes of it:\n%s", sumsFile, difference(committed, complete))
}

// copyWorkspace copies the workspace's go.work, go.mod and sum files and returns go.work.sum.
func (c *checker) copyWorkspace(to string) ([]byte, error) {
	files := []string{"go.work", sumsFile}
	for _, module := range c.workspace.Modules {
		if module.Dir != workspace.ToolsDir {
			files = append(files, filepath.Join(module.Dir, "go.mod"), filepath.Join(module.Dir, "go.sum"))
		}
	}
	var sums []byte
	for _, name := range files {
		content, err := os.ReadFile(filepath.Join(c.workspace.Root, name))
		if errors.Is(err, fs.ErrNotExist) {
			continue // a module that requires nothing
		}
		if err != nil {
			return nil, err
		}
		if name == sumsFile {
			sums = content
		}
		if err := os.MkdirAll(filepath.Dir(filepath.Join(to, name)), 0o755); err != nil {
			return nil, err
		}
		if err := os.WriteFile(filepath.Join(to, name), content, 0o600); err != nil {
			return nil, err
		}
	}
	return sums, nil
}

// difference shows the lines that only one of two sum files has, at most some of them.
func difference(old, fresh []byte) string {
	const most = 5
	var b strings.Builder
	show := func(sign string, lines, others []byte) {
		there := map[string]bool{}
		for line := range strings.Lines(string(others)) {
			there[line] = true
		}
		n := 0
		for line := range strings.Lines(string(lines)) {
			if there[line] {
				continue
			}
			if n++; n <= most {
				b.WriteString(sign + line)
			}
		}
		if n > most {
			fmt.Fprintf(&b, "%s and %d more\n", sign, n-most)
		}
	}
	show("+ ", fresh, old)
	show("- ", old, fresh)
	return b.String()
}
