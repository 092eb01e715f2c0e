package scaffold

import "regexp"

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
