package stack

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"nms.example/tools/internal/layout"
)

// variablesPage lists the variables that the services read. ./task gen makes it of what they print with --variables, so a
// variable that is new there is passed on, too.
const variablesPage = "docs/configuration.md"

var (
	// pageHeading begins the table of what all services, all but some, or one read.
	pageHeading = regexp.MustCompile("^## What (all but )?.*reads?$")
	// pageService is a service named in a heading, pageVariable the variable of a row.
	pageService  = regexp.MustCompile("`([a-z0-9-]+)`")
	pageVariable = regexp.MustCompile("^\\| `([A-Z0-9_]+)` \\|")
)

// knownVariables has the variables that each service reads.
type knownVariables map[string][]string

// knownVariables reads the page of the checkout.
func (p Checkout) knownVariables() (knownVariables, error) {
	page, err := os.ReadFile(filepath.Join(p.Root, filepath.FromSlash(variablesPage)))
	if err != nil {
		return nil, fmt.Errorf("which variables the services read: %w", err)
	}
	known := knownVariables{}
	var readers []string
	for line := range strings.Lines(string(page)) {
		if heading := pageHeading.FindStringSubmatch(strings.TrimSpace(line)); heading != nil {
			readers = readersOf(heading[0], heading[1] != "")
		}
		if row := pageVariable.FindStringSubmatch(line); row != nil {
			for _, service := range readers {
				known[service] = append(known[service], row[1])
			}
		}
	}
	return known, nil
}

// readersOf returns the services that a heading of the page means: those it names, all but them, or all where it names none.
func readersOf(heading string, but bool) []string {
	var named, readers []string
	for _, match := range pageService.FindAllStringSubmatch(heading, -1) {
		named = append(named, match[1])
	}
	for _, service := range layout.Services {
		if len(named) == 0 || slices.Contains(named, service.Name) != but {
			readers = append(readers, service.Name)
		}
	}
	return readers
}

// decided reports whether the stack alone gives the services this variable, or whether a shell may hold it for another
// purpose.
func decided(variable string) bool {
	return slices.Contains([]string{"HOST", "ENVIRONMENT", "TESTING", "PORT", "JWT_SECRET_KEY", "CONSOLE_KEY"}, variable) ||
		strings.HasSuffix(variable, "_DSN")
}

// passedOn chooses the caller's variables that a service reads: `LOG_LEVEL=debug ./task up`. Names that begin with the
// service's own reach it in any case, so that it warns of those that are misspelt; what OpenTelemetry's library and Go's
// runtime read reaches all.
func (k knownVariables) passedOn(service string, environ []string) []string {
	var env []string
	for _, entry := range environ {
		name, _, _ := strings.Cut(entry, "=")
		variable := strings.TrimSuffix(name, "_FILE")
		reads := slices.Contains(k[service], name) || slices.Contains(k[service], variable) ||
			strings.HasPrefix(name, strings.ToUpper(service)+"_") || strings.HasPrefix(name, "OTEL_") ||
			slices.Contains([]string{"GOMAXPROCS", "GODEBUG", "GOMEMLIMIT"}, name)
		if reads && !decided(variable) && name != layout.PortVariable(service) {
			env = append(env, entry)
		}
	}
	return env
}

// passed keeps of the caller's variables those that some service may see. What earlier holds stays where the caller has not
// set it anew.
func (k knownVariables) passed(earlier, environ []string) []string {
	values := map[string]string{}
	for _, list := range [][]string{earlier, environ} {
		for _, service := range layout.Services {
			for _, entry := range k.passedOn(service.Name, list) {
				name, value, _ := strings.Cut(entry, "=")
				values[name] = value
			}
		}
	}
	var all []string
	for _, name := range slices.Sorted(maps.Keys(values)) {
		all = append(all, name+"="+values[name])
	}
	return all
}
