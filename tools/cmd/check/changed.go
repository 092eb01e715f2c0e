package main

import (
	"context"
	"fmt"
	"strings"

	"nms.example/tools/internal/git"
	"nms.example/tools/internal/reach"
)

// onlyChanged chooses the packages of which a file differs from a commit.
func (c *checker) onlyChanged(ctx context.Context, base string) error {
	files, since, err := reach.Files(ctx, git.Repo{Dir: c.workspace.Root}, base)
	if err != nil {
		return err
	}
	graph, err := reach.Load(ctx, c.workspace)
	if err != nil {
		return err
	}
	c.packages = map[string][]string{}
	touched := graph.Touched(files)
	for _, p := range touched {
		c.packages[p.Module] = append(c.packages[p.Module], "."+strings.TrimPrefix(p.Dir, p.Module))
	}
	for _, file := range files {
		if strings.HasPrefix(file, deploymentDir+"/") { // a module beside the workspace
			c.packages[deploymentDir] = []string{"./..."}
		}
	}
	fmt.Fprintf(c.out, "== %d files differ from %s, in %d packages; only these are linted\n", len(files), since, len(touched))
	return nil
}
