package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

const (
	// eventsDir holds the documentation of the events, schemaSuffix ends the name of each schema there.
	eventsDir    = "docs/events"
	schemaSuffix = ".schema.json"
	// eventsBegin and generatedEnd stand around the generated part of its README.
	eventsBegin  = "<!-- What follows comes from the services' app.Events by ./task gen. -->\n"
	generatedEnd = "<!-- End of what ./task gen writes. -->\n"
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
func (c *checker) events(ctx context.Context, services *builtServices) error {
	lists := make([]eventList, len(services.names))
	for i, name := range services.names {
		out, err := services.ask(ctx, name, "--events")
		if err != nil {
			return err
		}
		if err := json.Unmarshal(out, &lists[i]); err != nil {
			return fmt.Errorf("%s --events: %w", name, err)
		}
	}
	wanted, err := eventFiles(filepath.Join(c.workspace.Root, filepath.FromSlash(eventsDir)), lists)
	if err != nil {
		return err
	}
	return c.generatedFiles(eventsDir, "*"+schemaSuffix, wanted)
}

// eventFiles returns the files of docs/events by name.
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
	readme, err := withTable(filepath.Join(dir, "README.md"), eventsBegin, table.String())
	files["README.md"] = readme
	return files, err
}

// withTable returns the text of a document with another table between its marks.
func withTable(path, begin, table string) ([]byte, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	before, rest, begins := bytes.Cut(text, []byte(begin))
	_, after, ends := bytes.Cut(rest, []byte(generatedEnd))
	if !begins || !ends {
		return nil, fmt.Errorf("%s lacks the marks around its table", path)
	}
	return slices.Concat(before, []byte(begin), []byte(table), []byte("\n"+generatedEnd), after), nil
}
