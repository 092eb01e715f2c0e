package main

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"crypto/sha512"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"nms.example/tools/internal/toolcache"
)

const (
	// bundleModule is the folder of the program that makes what the browser gets.
	bundleModule = "tools/bundle"
	pagesDir     = "console/web"
	// typescript is the version of the compiler that looks at the types; its native program needs no Node.
	typescript = "7.0.2"
)

// integrity is what npm tells of the packages with the compiler, by the platform that they are for (Subresource Integrity).
var integrity = map[string]string{
	"linux-x64":    "sha512-EYdf2cNg7rgCWJnxCdJ+F3V39O8ihb37eHAu1LK8oAFizgTQbPOK7zHHXbPt8rX24COqODXeI3sIf0fCXG7H/A==",
	"linux-arm64":  "sha512-Qh4eU4/y3yDjnfjjyPYihMj5/ODIlmt+Bzu17OI+fiSRDW57QmU5SiN63exPRNJPKUzcc1INa1NXdrJ+MqHjUQ==",
	"darwin-arm64": "sha512-gowzar9MwS/aRWp6f3a4KUqzRjAZjOsmGNCM6LcTgXum+dBfgsBVMN+AgvOCCbguXyick6LJhpBszxMebJ8syA==",
	"darwin-x64":   "sha512-SZ9xZInqApNlNGc9s0W1VSsktYSOe9cFqNOIqmN1Gs8SmkjKZYFt017G4VwPxASInODuAdbTW7sXiFUf893RgA==",
}

// pages compares the types that pages have of the services, and the bundle, with what they are made of.
func (c *checker) pages(ctx context.Context) error {
	args := []string{"run", "-buildvcs=false", "."}
	if !c.fix {
		args = append(args, "-check")
	}
	dir := filepath.Join(c.workspace.Root, filepath.FromSlash(bundleModule))
	if _, err := os.Stat(dir); errors.Is(err, os.ErrNotExist) {
		return nil // a repository of another shape, as tests make
	}
	env := append(os.Environ(), "GOWORK=off", "CGO_ENABLED=0")
	out, err := command(ctx, dir, env, "go", append(args, c.workspace.Root)...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("the pages of the console: %w\n%s", err, indent(out))
	}
	return nil
}

// types has the TypeScript compiler look at the pages: a change of an API that they do not follow is an error, and so is a text that one of
// the languages lacks.
func (c *checker) types(ctx context.Context) error {
	compiler, err := c.compiler(ctx)
	if err != nil {
		return err
	}
	out, err := command(ctx, filepath.Join(c.workspace.Root, filepath.FromSlash(pagesDir)), os.Environ(), compiler, "--project", "tsconfig.json").CombinedOutput()
	if err != nil {
		return fmt.Errorf("the types of the pages do not fit (%s):\n%s", pagesDir, indent(out))
	}
	return nil
}

// compiler returns the path of tsc in the cache of tools. It is fetched once, by npm, and must be what npm has promised.
func (c *checker) compiler(ctx context.Context) (string, error) {
	platform := runtime.GOOS + "-" + strings.ReplaceAll(runtime.GOARCH, "amd64", "x64")
	want, known := integrity[platform]
	if !known {
		return "", fmt.Errorf("%w: there is no TypeScript compiler for %s", errNotChecked, platform)
	}
	dir := filepath.Join(toolcache.Dir(c.workspace.Root), "typescript-"+typescript+"-"+platform)
	program := filepath.Join(dir, "lib", "tsc")
	if _, err := os.Stat(program); err == nil {
		return program, nil
	}
	if _, err := exec.LookPath("npm"); err != nil {
		return "", fmt.Errorf("%w: the TypeScript compiler is fetched by npm, which is not here", errNotChecked)
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return "", err
	}
	temp, err := os.MkdirTemp(filepath.Dir(dir), ".typescript-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(temp)
	fetched := c.building("the TypeScript compiler, fetched by npm")
	out, err := command(ctx, temp, os.Environ(), "npm", "pack", "--silent", "@typescript/typescript-"+platform+"@"+typescript).CombinedOutput()
	fetched()
	if err != nil {
		return "", fmt.Errorf("%w: npm does not get the TypeScript compiler: %w\n%s", errNotChecked, err, indent(out))
	}
	archives, err := filepath.Glob(filepath.Join(temp, "*.tgz"))
	if err != nil || len(archives) != 1 {
		return "", errors.Join(errors.New("npm has left no package"), err)
	}
	unpacked := filepath.Join(temp, "package")
	if err := unpackVerified(archives[0], want, temp); err != nil {
		return "", err
	}
	if err := os.Rename(unpacked, dir); err != nil && !errors.Is(err, os.ErrExist) {
		return "", fmt.Errorf("keep the TypeScript compiler: %w", err)
	}
	return program, nil
}

// unpackVerified extracts a package whose archive has the hash that was promised; programs stay programs.
func unpackVerified(archive, want, dir string) error {
	raw, err := os.ReadFile(archive)
	if err != nil {
		return err
	}
	sum := sha512.Sum512(raw)
	if got := "sha512-" + base64.StdEncoding.EncodeToString(sum[:]); got != want {
		return fmt.Errorf("the package of the TypeScript compiler is another one than was pinned: %s", got)
	}
	plain, err := gzip.NewReader(strings.NewReader(string(raw)))
	if err != nil {
		return err
	}
	root, err := os.OpenRoot(dir) // nothing can be written outside
	if err != nil {
		return err
	}
	defer root.Close()
	for reader := tar.NewReader(plain); ; {
		header, err := reader.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if header.Typeflag != tar.TypeReg {
			continue
		}
		name := filepath.FromSlash(header.Name)
		if err := writeFile(root, name, reader); err != nil {
			return err
		}
		if err := root.Chmod(name, header.FileInfo().Mode().Perm()); err != nil {
			return err
		}
	}
}
