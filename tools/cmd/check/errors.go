package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
)

const (
	// errorsFile documents the codes of refusals; errorsBegin precedes its generated table.
	errorsFile  = "errors.md"
	errorsBegin = "<!-- What follows comes from the services' fault.Declare by ./task gen. -->\n"
)

// errorList is what a service prints with --errors.
type errorList struct {
	Service string             `json:"service"`
	Errors  []errorDescription `json:"errors"`
}

type errorDescription struct {
	Code     string `json:"code"`
	Statuses []int  `json:"statuses"`
	Meaning  string `json:"meaning"`
}

// errorCodes compares docs/errors.md with the codes that the services say they know.
func (c *checker) errorCodes(ctx context.Context, services *builtServices) error {
	lists := make([]errorList, len(services.names))
	for i, name := range services.names {
		out, err := services.ask(ctx, name, "--errors")
		if err != nil {
			return err
		}
		if err := json.Unmarshal(out, &lists[i]); err != nil {
			return fmt.Errorf("%s --errors: %w", name, err)
		}
	}
	table, err := errorTable(lists)
	if err != nil {
		return err
	}
	text, err := withTable(filepath.Join(c.workspace.Root, "docs", errorsFile), errorsBegin, table)
	if err != nil {
		return err
	}
	return c.generatedFiles("docs", errorsFile, map[string][]byte{errorsFile: text})
}

// errorTable lists every code once, with the services that know it. A code means the same everywhere.
func errorTable(lists []errorList) (string, error) {
	first := map[string]errorDescription{}
	services := map[string][]string{}
	for _, list := range lists {
		for _, e := range list.Errors {
			if same, known := first[e.Code]; known && (same.Meaning != e.Meaning || !slices.Equal(same.Statuses, e.Statuses)) {
				return "", fmt.Errorf("the code %s means another thing in %s than in %s: declare it once, in package fault",
					e.Code, list.Service, services[e.Code][0])
			}
			first[e.Code] = e
			services[e.Code] = append(services[e.Code], list.Service)
		}
	}
	var table strings.Builder
	table.WriteString("\n| code | status | meaning | services |\n|---|---|---|---|\n")
	for _, code := range slices.Sorted(maps.Keys(first)) {
		known := strings.Join(services[code], ", ")
		if len(services[code]) == len(lists) {
			known = "all"
		}
		statuses := strings.Trim(strings.ReplaceAll(fmt.Sprint(first[code].Statuses), " ", ", "), "[]")
		fmt.Fprintf(&table, "| `%s` | %s | %s | %s |\n", code, statuses, first[code].Meaning, known)
	}
	return table.String(), nil
}
