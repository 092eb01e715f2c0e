package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

// copied are the files that the browser gets as they are, below the folder of the pages.
var copied = []string{"src/icon.svg", "vendor/world-atlas/land-110m.json"}

// bundle joins the sources of the pages and the vendored libraries into one script and one style sheet, and the map, which is loaded
// when somebody looks at it, into a script of its own. They stay unminified, so that a change shows as one, and merges; the server
// compresses them.
func bundle(web string) (map[string][]byte, error) {
	web, err := filepath.Abs(web)
	if err != nil {
		return nil, fmt.Errorf("find the sources: %w", err)
	}
	result := api.Build(api.BuildOptions{
		AbsWorkingDir: web,
		EntryPoints:   []string{"src/app.tsx", "src/app.css", "src/map.ts"},
		Outdir:        filepath.Join(web, "dist"),
		NodePaths:     []string{filepath.Join(web, "vendor")},
		Bundle:        true, Format: api.FormatESModule, Target: api.ES2022, Charset: api.CharsetUTF8,
		JSX: api.JSXAutomatic, JSXImportSource: "preact", TreeShaking: api.TreeShakingTrue,
		LegalComments: api.LegalCommentsNone,
		Define:        map[string]string{"process.env.NODE_ENV": `"production"`},
		LogLevel:      api.LogLevelSilent,
	})
	var faults []error
	for _, m := range append(result.Errors, result.Warnings...) {
		where := ""
		if l := m.Location; l != nil {
			where = fmt.Sprintf("%s:%d:%d: ", l.File, l.Line, l.Column+1)
		}
		faults = append(faults, errors.New(where+m.Text))
	}
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	made := map[string][]byte{}
	for _, f := range result.OutputFiles {
		made[filepath.Base(f.Path)] = f.Contents
	}
	licences, err := licencesOf(filepath.Join(web, "vendor"))
	if err != nil {
		return nil, err
	}
	made["licences.txt"] = licences
	for _, name := range copied {
		if made[filepath.Base(name)], err = os.ReadFile(filepath.Join(web, filepath.FromSlash(name))); err != nil {
			return nil, fmt.Errorf("read what is copied: %w", err)
		}
	}
	return made, nil
}

// licencesOf joins the licences of the vendored libraries, which go out with the bundle.
func licencesOf(vendor string) ([]byte, error) {
	paths, err := filepath.Glob(filepath.Join(vendor, "*", "LICENSE"))
	if err != nil {
		return nil, fmt.Errorf("find the licences: %w", err)
	}
	scoped, err := filepath.Glob(filepath.Join(vendor, "@*", "*", "LICENSE"))
	if err != nil {
		return nil, fmt.Errorf("find the licences: %w", err)
	}
	var all strings.Builder
	for _, path := range append(scoped, paths...) {
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, fmt.Errorf("read a licence: %w", err)
		}
		name, err := filepath.Rel(vendor, filepath.Dir(path))
		if err != nil {
			return nil, fmt.Errorf("name a licence: %w", err)
		}
		fmt.Fprintf(&all, "%s\n\n%s\n\n", filepath.ToSlash(name), strings.TrimSpace(string(text)))
	}
	return []byte(all.String()), nil
}
