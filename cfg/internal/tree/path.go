package tree

import "strings"

// A path is the names of the nodes above a node of a tree and its own one, from the root on. As a text, which is what filters, CSV cells and
// references hold, the names are separated by "/", and a "/" or "\" in a name has a "\" before it: "Site A/Rack 1/PSU".

var escapes = strings.NewReplacer(`\`, `\\`, `/`, `\/`)

// EscapeName writes a name as part of a path.
func EscapeName(name string) string { return escapes.Replace(name) }

// JoinPath writes a path as a text.
func JoinPath(path []string) string {
	escaped := make([]string, len(path))
	for i, name := range path {
		escaped[i] = EscapeName(name)
	}
	return strings.Join(escaped, "/")
}

// SplitPath is JoinPath's inverse. A "/" in front, as parent_path_name has it, and a "\" that escapes nothing are taken
// too. A text of nothing is no path.
func SplitPath(text string) []string {
	text = strings.TrimLeft(text, "/")
	if text == "" {
		return nil
	}
	if !strings.Contains(text, `\`) {
		return strings.Split(text, "/")
	}
	var path []string
	var name strings.Builder
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == '\\' && i+1 < len(text) && (text[i+1] == '\\' || text[i+1] == '/'):
			i++
			name.WriteByte(text[i])
		case text[i] == '/':
			path = append(path, name.String())
			name.Reset()
		default:
			name.WriteByte(text[i])
		}
	}
	return append(path, name.String())
}
