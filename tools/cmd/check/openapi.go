package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"nms.example/tools/internal/release"
	"nms.example/tools/internal/workspace"
)

// openapi compares the OpenAPI document of each service with that of its last release. What breaks clients has to be
// said in the service's changelog.
func (c *checker) openapi(ctx context.Context) error {
	documents := release.Documents{Root: c.workspace.Root, Building: c.building}
	var first, unsaid []string
	for _, module := range c.workspace.Modules {
		name, found := documents.Document(module)
		if !found {
			continue
		}
		tag, broken, err := documents.Broken(ctx, module)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if tag == "" {
			first = append(first, module.Dir)
			continue
		}
		said, err := documents.SaysBreaking(module)
		if err != nil {
			return err
		}
		if len(broken) > 0 && !said {
			unsaid = append(unsaid, fmt.Sprintf("%s breaks clients of %s; say it in %s/CHANGELOG.md under [Unreleased], in a line that begins with \"Breaking:\":\n%s",
				name, tag, module.Dir, indent([]byte(strings.Join(broken, "\n")))))
		}
	}
	if len(first) > 0 {
		fmt.Fprintf(c.out, "   no release yet to compare with: %s\n", strings.Join(first, ", "))
	}
	if len(unsaid) > 0 {
		return fmt.Errorf("%s", strings.Join(unsaid, "   "))
	}
	return nil
}

// pinsOnly lists the modules that hold nothing but the version of a tool.
func (c *checker) pinsOnly() []workspace.Module {
	return slices.DeleteFunc([]workspace.Module{{Dir: release.DifferModule}}, func(m workspace.Module) bool {
		_, err := os.Stat(filepath.Join(c.workspace.Root, filepath.FromSlash(m.Dir), "go.mod"))
		return err != nil
	})
}
