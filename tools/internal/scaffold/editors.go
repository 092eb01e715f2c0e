package scaffold

import (
	"fmt"
	"regexp"
	"strings"
)

// How .vscode starts a service under a debugger, and what it runs before; the name of the service is the first group.
var (
	launchEntry = regexp.MustCompile(`(?ms)^    \{\n      "name": "(\w+) in the stack's place",.*?\n    \}`)
	debugTask   = regexp.MustCompile(`(?ms)^    \{\n      "label": "debug (\w+)",.*?\n    \}`)
)

func (s *service) launch(content string) (string, bool) { return s.repeated(content, launchEntry) }

func (s *service) debugTask(content string) (string, bool) { return s.repeated(content, debugTask) }

// repeated puts the last object that matches once more behind itself, with the name of this service in place of its own.
func (s *service) repeated(content string, object *regexp.Regexp) (string, bool) {
	all := object.FindAllStringSubmatchIndex(content, -1)
	if len(all) == 0 {
		return "", false
	}
	last := all[len(all)-1]
	name := regexp.MustCompile(`\b` + content[last[2]:last[3]] + `\b`)
	copied := name.ReplaceAllLiteralString(content[last[0]:last[1]], s.Name)
	return content[:last[1]] + ",\n" + copied + content[last[1]:], true
}

// forwarded lets the container for editors hand the service's port on.
func (s *service) forwarded(content string) (string, bool) {
	return replace(content, `(?m)^(  "forwardPorts": \[(?:4\d+, )+)`, fmt.Sprintf("${1}%d, ", s.Port))
}

// How .golangci.yml keeps the services apart: a rule for each, named like it, which denies the others and the tools, and one
// that keeps the libraries from all of them.
var (
	lintRule  = regexp.MustCompile(`(?m)^        (\w+):\n          files: \["\*\*/\w+/main\.go"`)
	lintTools = regexp.MustCompile(`(?m)^            - \{pkg: "nms\.example/tools", desc: "the tools are for people, not for services"\}\n`)
	lintBelow = regexp.MustCompile(`(?m)^            - \{pkg: "nms\.example/\w+", desc: "(services depend on common, not the other way)"\}\n`)
)

func (s *service) lint(content string) (string, bool) {
	const apart, library = "services talk over HTTP and the bus", "        common-imports-no-service:\n"
	deny := func(name, why string) string {
		return fmt.Sprintf("            - {pkg: \"nms.example/%s\", desc: %q}\n", name, why)
	}
	services, tools := lintRule.FindAllStringSubmatch(content, -1), lintTools.FindString(content)
	if len(services) == 0 || tools == "" || !strings.Contains(content, library) {
		return "", false
	}
	var rule strings.Builder
	fmt.Fprintf(&rule, "        %[1]s:\n          files: [\"**/%[1]s/main.go\", \"**/%[1]s/internal/**\", \"**/%[1]s/cmd/**\"]\n          deny:\n", s.Name)
	for _, other := range services {
		rule.WriteString(deny(other[1], apart))
	}
	content = strings.ReplaceAll(content, tools, deny(s.Name, apart)+tools)
	content = strings.Replace(content, library, rule.String()+tools+library, 1)
	below := lintBelow.FindStringSubmatch(content)
	if below == nil {
		return "", false
	}
	return after(content, lintBelow, deny(s.Name, below[1]))
}
