// Command changed prints which modules a range of commits touches, so that CI builds those and no others.
//
//	changed [-json] BASE [HEAD]
//
// The range is what HEAD (the checked-out commit when left out) adds since it left BASE. With -json the
// answer is the matrix for CI: {"modules":["auth"],"images":["auth"],"reasons":{"auth":["its own files"]}}. Images
// are made of the services, and of sql, which is the migrator's.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"nms.example/tools/internal/git"
	"nms.example/tools/internal/program"
	"nms.example/tools/internal/workspace"
)

func main() {
	program.Main("changed", func(ctx context.Context, args []string) error {
		return run(ctx, ".", args, os.Stdout)
	})
}

func run(ctx context.Context, dir string, args []string, out io.Writer) error {
	flags := program.Flags("changed", "./task changed [-json] BASE [HEAD], for example: ./task changed origin/main")
	asJSON := flags.Bool("json", false, "print the CI matrix")
	revisions, err := program.Parse(flags, args)
	if err != nil {
		return err
	}
	if len(revisions) < 1 || len(revisions) > 2 {
		return program.Usage(flags, "since which commit? One or two are wanted.")
	}
	base, head := revisions[0], "HEAD"
	if len(revisions) == 2 {
		head = revisions[1]
	}

	repo := git.Repo{Dir: dir}
	root, err := repo.Root(ctx)
	if err != nil {
		return err
	}
	w, err := workspace.Load(root)
	if err != nil {
		return err
	}
	files, err := changedFiles(ctx, repo, base, head)
	if err != nil {
		return err
	}
	reasons := w.Affected(files)
	if *asJSON {
		return printJSON(out, w, reasons)
	}
	return printText(out, reasons, len(files), base)
}

// changedFiles lists both sides of a rename, so that a file moved out of a module still touches it.
func changedFiles(ctx context.Context, repo git.Repo, base, head string) ([]string, error) {
	for _, revision := range []string{base, head} {
		if _, found := repo.Commit(ctx, revision); !found {
			return nil, fmt.Errorf("no commit is known as %q; fetch it first (a shallow clone may lack it)", revision)
		}
	}
	list, err := repo.Run(ctx, "diff", "--name-only", "--no-renames", "-z", base+"..."+head, "--")
	if err != nil {
		return nil, err
	}
	return strings.FieldsFunc(list, func(r rune) bool { return r == 0 }), nil
}

func printJSON(out io.Writer, w *workspace.Workspace, reasons workspace.Reasons) error {
	modules := append([]string{}, slices.Sorted(maps.Keys(reasons))...)
	images := slices.DeleteFunc(slices.Clone(modules), func(dir string) bool {
		m, found := w.Module(dir)
		return !found || !m.Image
	})
	return json.NewEncoder(out).Encode(struct {
		Modules []string          `json:"modules"`
		Images  []string          `json:"images"`
		Reasons workspace.Reasons `json:"reasons"`
	}{modules, images, reasons})
}

func printText(out io.Writer, reasons workspace.Reasons, files int, base string) error {
	var b strings.Builder
	if len(reasons) == 0 {
		fmt.Fprintf(&b, "nothing to build: %d files changed since %s, none of them touches a module\n", files, base)
	}
	for _, module := range slices.Sorted(maps.Keys(reasons)) {
		fmt.Fprintf(&b, "%-8s %s\n", module, strings.Join(reasons[module], "; "))
	}
	_, err := io.WriteString(out, b.String())
	return err
}
