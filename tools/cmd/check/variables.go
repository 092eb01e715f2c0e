package main

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

const (
	// variablesFile lists the variables; variablesBegin precedes its generated tables.
	variablesFile  = "configuration.md"
	variablesBegin = "<!-- What follows comes from the services' --variables by ./task gen. -->\n"
)

// variables compares docs/configuration.md with what the services print with --variables.
func (c *checker) variables(ctx context.Context, services *builtServices) error {
	lists := make([]variableList, len(services.names))
	for i, name := range services.names {
		out, err := services.ask(ctx, name, "--variables")
		if err != nil {
			return err
		}
		if lists[i], err = readVariables(name, string(out)); err != nil {
			return err
		}
	}
	text, err := withTable(filepath.Join(c.workspace.Root, "docs", variablesFile), variablesBegin, variableTables(lists))
	if err != nil {
		return err
	}
	return c.generatedFiles("docs", variablesFile, map[string][]byte{variablesFile: text})
}

// variableList is what one service reads.
type variableList struct {
	service   string
	variables []variable
}

// variable is a row of a table: name, default and description as they stand there.
type variable struct{ name, standard, text string }

func (v variable) row() string { return "| " + v.name + " | " + v.standard + " | " + v.text + " |\n" }

// readVariables reads a table of --variables.
func readVariables(service, table string) (variableList, error) {
	list := variableList{service: service}
	const header = "|---|---|---|\n"
	_, rows, found := strings.Cut(table, header)
	for row := range strings.Lines(rows) {
		cells := strings.SplitN(strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(row), "| "), " |"), " | ", 3)
		if len(cells) != 3 {
			return list, fmt.Errorf("%s --variables prints no table: %q", service, row)
		}
		list.variables = append(list.variables, variable{cells[0], cells[1], cells[2]})
	}
	if !found || len(list.variables) == 0 {
		return list, fmt.Errorf("%s --variables prints no table", service)
	}
	return list, nil
}

// variableTables writes a table of what most services read, one for each set of services, and one of what each reads besides.
// Where services differ in the default of a variable alone there is none in the table.
func variableTables(lists []variableList) string {
	readers := map[string][]string{} // by name and description
	merged := map[string]variable{}
	key := func(v variable) string { return v.name + v.text }
	for _, list := range lists {
		for _, v := range list.variables {
			if before, known := merged[key(v)]; known && before.standard != v.standard {
				v.standard = "–"
			}
			merged[key(v)] = v
			readers[key(v)] = append(readers[key(v)], list.service)
		}
	}
	common := func(v variable) bool { return 2*len(readers[key(v)]) > len(lists) }
	var headings []string
	rows := map[string]string{}
	add := func(heading string, v variable) {
		if rows[heading] == "" {
			headings = append(headings, heading)
		}
		if !strings.Contains(rows[heading], merged[key(v)].row()) {
			rows[heading] += merged[key(v)].row()
		}
	}
	for _, list := range lists {
		for _, v := range list.variables {
			if common(v) {
				add(heading(readers[key(v)], lists), v)
			}
		}
	}
	slices.SortStableFunc(headings, func(a, b string) int { return cmp.Compare(len(a), len(b)) }) // that of all services first
	for _, list := range lists {
		for _, v := range list.variables {
			if !common(v) {
				add("What `"+list.service+"` also reads", v)
			}
		}
	}
	var tables strings.Builder
	for _, heading := range headings {
		fmt.Fprintf(&tables, "\n## %s\n\n| variable | default | what for |\n|---|---|---|\n%s", heading, rows[heading])
	}
	return tables.String()
}

// heading says which of the services read something that most of them read.
func heading(readers []string, lists []variableList) string {
	var others []string
	for _, list := range lists {
		if !slices.Contains(readers, list.service) {
			others = append(others, "`"+list.service+"`")
		}
	}
	if len(others) == 0 {
		return "What all services read"
	}
	return "What all but " + strings.Join(others, ", ") + " read"
}
