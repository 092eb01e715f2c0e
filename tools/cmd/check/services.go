package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"nms.example/tools/internal/layout"
)

// openapiDir holds each service's OpenAPI document.
const openapiDir = "docs/openapi"

// fromServices compares the documentation that services print of themselves: docs/events, docs/errors.md,
// docs/configuration.md and docs/openapi.
func (c *checker) fromServices(ctx context.Context) error {
	services, err := c.buildServices(ctx)
	if err != nil {
		return err
	}
	defer os.RemoveAll(services.dir)
	return errors.Join(c.events(ctx, services), c.errorCodes(ctx, services), c.variables(ctx, services), c.documents(ctx, services))
}

// documents compares docs/openapi with the operations of the services.
func (c *checker) documents(ctx context.Context, services *builtServices) error {
	wanted := map[string][]byte{}
	for _, name := range services.names {
		out, err := services.ask(ctx, name, "--openapi")
		if err != nil {
			return err
		}
		wanted[name+".json"] = out
	}
	return c.generatedFiles(openapiDir, "*.json", wanted)
}

// generatedFiles compares the files of a folder with what they should hold, or writes them. Others there that match the
// pattern should not be.
func (c *checker) generatedFiles(folder, pattern string, wanted map[string][]byte) error {
	dir := filepath.Join(c.workspace.Root, filepath.FromSlash(folder))
	present, err := filepath.Glob(filepath.Join(dir, pattern))
	if err != nil {
		return err
	}
	var behind []string
	for name, content := range wanted {
		old, err := os.ReadFile(filepath.Join(dir, name))
		if err == nil && bytes.Equal(old, content) {
			continue
		}
		behind = append(behind, name)
		if c.fix {
			if err := errors.Join(os.MkdirAll(dir, 0o755), os.WriteFile(filepath.Join(dir, name), content, 0o644)); err != nil {
				return err
			}
		}
	}
	for _, path := range present {
		name := filepath.Base(path)
		if _, ok := wanted[name]; ok {
			continue
		}
		behind = append(behind, name)
		if c.fix {
			if err := os.Remove(path); err != nil {
				return err
			}
		}
	}
	if c.fix || len(behind) == 0 {
		return nil
	}
	slices.Sort(behind)
	return fmt.Errorf("%s differs from what the services say (./task gen writes it anew): %s", folder, strings.Join(behind, ", "))
}

// builtServices are the services' programs in a temporary folder.
type builtServices struct {
	dir   string
	names []string
}

// buildServices compiles every service; the caller removes the folder.
func (c *checker) buildServices(ctx context.Context) (*builtServices, error) {
	bin, err := os.MkdirTemp("", "nms-services-")
	if err != nil {
		return nil, err
	}
	services := &builtServices{dir: bin}
	var packages []string
	for _, module := range c.workspace.Modules {
		if _, err := os.Stat(filepath.Join(c.workspace.Root, module.Dir, "internal", "app", "events.go")); err == nil {
			services.names, packages = append(services.names, module.Dir), append(packages, "./"+module.Dir)
		}
	}
	slices.Sort(services.names)
	// Compiled as ./task up does it, so that one serves the other; without symbols it links faster.
	args := append([]string{"build", "-buildvcs=false", "-tags=" + layout.BuildTags, "-ldflags=-s -w", "-o", bin + string(filepath.Separator)}, packages...)
	env := append(os.Environ(), "GOWORK="+filepath.Join(c.workspace.Root, "go.work"), "CGO_ENABLED=0")
	built := c.building("the services, to ask them for their events, errors, variables and operations")
	out, err := command(ctx, c.workspace.Root, env, "go", args...).CombinedOutput()
	built()
	if err != nil {
		return nil, errors.Join(fmt.Errorf("build the services: %w\n%s", err, indent(out)), os.RemoveAll(bin))
	}
	return services, nil
}

// ask returns what a service prints with a flag.
func (s *builtServices) ask(ctx context.Context, name, flag string) ([]byte, error) {
	out, err := command(ctx, s.dir, os.Environ(), filepath.Join(s.dir, name), flag).Output()
	if err != nil {
		if failed, ok := errors.AsType[*exec.ExitError](err); ok {
			out = failed.Stderr
		}
		return nil, fmt.Errorf("%s %s: %w\n%s", name, flag, err, indent(out))
	}
	return out, nil
}
