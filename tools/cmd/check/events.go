package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"nms.example/tools/internal/layout"
)

const (
	// eventsDir holds the documentation of the events, schemaSuffix ends the name of each schema there.
	eventsDir    = "docs/events"
	schemaSuffix = ".schema.json"
	// eventsBegin and eventsEnd stand around the generated part of its README.
	eventsBegin = "<!-- What follows comes from the services' app.Events by ./task gen. -->\n"
	eventsEnd   = "<!-- End of what ./task gen writes. -->\n"
)

// eventList is what a service prints with --events.
type eventList struct {
	Service string             `json:"service"`
	Events  []eventDescription `json:"events"`
}

type eventDescription struct {
	Type    string          `json:"type"`
	Meaning string          `json:"meaning"`
	Schema  json.RawMessage `json:"schema"`
}

// events compares docs/events with what the services say that they publish.
func (c *checker) events(ctx context.Context) error {
	lists, err := c.eventLists(ctx)
	if err != nil {
		return err
	}
	dir := filepath.Join(c.workspace.Root, filepath.FromSlash(eventsDir))
	wanted, err := eventFiles(dir, lists)
	if err != nil {
		return err
	}
	present, err := filepath.Glob(filepath.Join(dir, "*"+schemaSuffix))
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
			if err := os.WriteFile(filepath.Join(dir, name), content, 0o644); err != nil {
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
	return fmt.Errorf("%s differs from what the services declare (./task gen writes it anew): %s", eventsDir, strings.Join(behind, ", "))
}

// eventFiles gives the files of docs/events by name.
func eventFiles(dir string, lists []eventList) (map[string][]byte, error) {
	files := map[string][]byte{}
	var table strings.Builder
	for _, list := range lists {
		fmt.Fprintf(&table, "\n### %s\n\n| type and routing key | meaning |\n|---|---|\n", list.Service)
		for _, e := range list.Events {
			var pretty bytes.Buffer
			if err := json.Indent(&pretty, e.Schema, "", "  "); err != nil {
				return nil, fmt.Errorf("the schema of %s: %w", e.Type, err)
			}
			pretty.WriteByte('\n')
			files[e.Type+schemaSuffix] = pretty.Bytes()
			fmt.Fprintf(&table, "| [%[1]s](%[1]s%[2]s) | %[3]s |\n", e.Type, schemaSuffix, e.Meaning)
		}
	}
	readme, err := os.ReadFile(filepath.Join(dir, "README.md"))
	if err != nil {
		return nil, err
	}
	before, rest, begins := bytes.Cut(readme, []byte(eventsBegin))
	_, after, ends := bytes.Cut(rest, []byte(eventsEnd))
	if !begins || !ends {
		return nil, errors.New(eventsDir + "/README.md lacks the marks around its table")
	}
	files["README.md"] = slices.Concat(before, []byte(eventsBegin), []byte(table.String()), []byte("\n"+eventsEnd), after)
	return files, nil
}

// eventLists builds every service and asks it.
func (c *checker) eventLists(ctx context.Context) ([]eventList, error) {
	bin, err := os.MkdirTemp("", "nms-events-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(bin)
	var services, packages []string
	for _, module := range c.workspace.Modules {
		if _, err := os.Stat(filepath.Join(c.workspace.Root, module.Dir, "internal", "app", "events.go")); err == nil {
			services, packages = append(services, module.Dir), append(packages, "./"+module.Dir)
		}
	}
	slices.Sort(services)
	// Compiled as ./task up does it, so that one serves the other; without symbols it links faster.
	args := append([]string{"build", "-buildvcs=false", "-tags=" + layout.BuildTags, "-ldflags=-s -w", "-o", bin + string(filepath.Separator)}, packages...)
	env := append(os.Environ(), "GOWORK="+filepath.Join(c.workspace.Root, "go.work"), "CGO_ENABLED=0")
	built := c.building("the services, to ask them for their events")
	out, err := command(ctx, c.workspace.Root, env, "go", args...).CombinedOutput()
	built()
	if err != nil {
		return nil, fmt.Errorf("build the services: %w\n%s", err, indent(out))
	}
	lists := make([]eventList, len(services))
	for i, name := range services {
		out, err := command(ctx, c.workspace.Root, os.Environ(), filepath.Join(bin, name), "--events").Output()
		if err != nil {
			if failed, ok := errors.AsType[*exec.ExitError](err); ok {
				out = failed.Stderr
			}
			return nil, fmt.Errorf("%s --events: %w\n%s", name, err, indent(out))
		}
		if err := json.Unmarshal(out, &lists[i]); err != nil {
			return nil, fmt.Errorf("%s --events: %w", name, err)
		}
	}
	return lists, nil
}
