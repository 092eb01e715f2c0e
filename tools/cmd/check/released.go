package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"nms.example/tools/internal/git"
	"nms.example/tools/internal/workspace"
)

// released compares what others rely on with the newest tags: migrations are as they were, and no event has lost anything.
func (c *checker) released(ctx context.Context) error {
	repo := git.Repo{Dir: c.workspace.Root}
	var findings []string
	for _, module := range c.workspace.Modules {
		tags, err := repo.Run(ctx, "tag", "--list", module.Dir+"/v*", "--merged", "HEAD", "--sort=-v:refname")
		if err != nil {
			return err
		}
		tag, _, _ := strings.Cut(tags, "\n")
		if tag == "" {
			continue
		}
		found, err := c.sinceTag(ctx, repo, module, tag)
		if err != nil {
			return err
		}
		findings = append(findings, found...)
	}
	if len(findings) > 0 {
		return errors.New(strings.Join(findings, "\n   "))
	}
	return nil
}

func (c *checker) sinceTag(ctx context.Context, repo git.Repo, module workspace.Module, tag string) (findings []string, err error) {
	files, err := repo.Run(ctx, "ls-tree", "-r", "--name-only", "-z", tag, "--", module.Dir, eventsDir)
	if err != nil {
		return nil, err
	}
	for file := range strings.SplitSeq(strings.Trim(files, "\x00"), "\x00") {
		isMigration, _ := path.Match(module.Dir+"/*/migrations/*.sql", file)       // the patterns are well formed
		isEvent, _ := path.Match(eventsDir+"/"+module.Dir+".*"+schemaSuffix, file) // as above
		if !isMigration && !isEvent {
			continue
		}
		before, err := repo.Run(ctx, "show", tag+":"+file)
		if err != nil {
			return nil, err
		}
		now, err := os.ReadFile(filepath.Join(c.workspace.Root, filepath.FromSlash(file)))
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return nil, err
		}
		switch {
		case err != nil:
			findings = append(findings, fmt.Sprintf("%s of %s is gone", file, tag))
		case isEvent:
			lost, err := lostMembers([]byte(before), now)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", file, err)
			}
			for _, one := range lost {
				findings = append(findings, fmt.Sprintf("%s: since %s %s", file, tag, one))
			}
		case !bytes.Equal([]byte(before), now):
			findings = append(findings, fmt.Sprintf("%s differs from that of %s; repair it with a further migration", file, tag))
		}
	}
	return findings, nil
}

// member is what a JSON Schema says about one place.
type member struct {
	types    map[string]bool
	required bool // wherever the object is that holds it
}

// lostMembers says what readers of an event knew by its old schema and cannot rely on by the new one.
func lostMembers(before, now []byte) (lost []string, err error) {
	old, errOld := members(before)
	fresh, errNew := members(now)
	if err := errors.Join(errOld, errNew); err != nil {
		return nil, err
	}
	for _, name := range slices.Sorted(maps.Keys(old)) {
		was, is := old[name], fresh[name]
		switch {
		case is == nil:
			lost = append(lost, name+" is gone")
		case was.required && !is.required:
			lost = append(lost, name+" may be missing")
		}
		if is == nil {
			continue
		}
		for _, kind := range slices.Sorted(maps.Keys(is.types)) {
			if len(was.types) > 0 && !was.types[kind] {
				lost = append(lost, name+" may be of type "+kind)
			}
		}
	}
	return lost, nil
}

// members lists the members of all objects that a JSON Schema describes, by their place ("data.after.guid").
func members(raw []byte) (map[string]*member, error) {
	var root map[string]any
	if err := json.Unmarshal(raw, &root); err != nil {
		return nil, err
	}
	w := walker{root: root, found: map[string]*member{}}
	w.walk("", root, 0)
	return w.found, nil
}

type walker struct {
	root  map[string]any
	found map[string]*member
}

func (w walker) walk(place string, schema map[string]any, depth int) {
	const deepest = 16 // of schemas that refer to themselves
	if depth > deepest {
		return
	}
	if name, refers := schema["$ref"].(string); refers {
		definitions, _ := w.root["$defs"].(map[string]any)
		target, _ := definitions[strings.TrimPrefix(name, "#/$defs/")].(map[string]any)
		w.walk(place, target, depth+1)
	}
	for _, combiner := range []string{"anyOf", "oneOf", "allOf"} {
		list, _ := schema[combiner].([]any)
		for _, one := range list {
			alternative, _ := one.(map[string]any)
			w.walk(place, alternative, depth+1)
		}
	}
	if here := w.found[place]; here != nil {
		switch kind := schema["type"].(type) {
		case string:
			here.types[kind] = true
		case []any:
			for _, one := range kind {
				here.types[fmt.Sprint(one)] = true
			}
		}
	}
	if items, are := schema["items"].(map[string]any); are {
		w.walk(place+"[]", items, depth+1)
	}
	required, _ := schema["required"].([]any)
	properties, _ := schema["properties"].(map[string]any)
	for name, one := range properties {
		property, _ := one.(map[string]any)
		below := strings.TrimPrefix(place+"."+name, ".")
		if w.found[below] == nil {
			w.found[below] = &member{types: map[string]bool{}, required: true}
		}
		w.found[below].required = w.found[below].required && slices.Contains(required, any(name))
		w.walk(below, property, depth+1)
	}
}
