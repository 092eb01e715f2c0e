package servicetest

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"
)

// methods are the members of a path that are operations, with the verbs of an operation on a resource and on an item.
//
//nolint:gochecknoglobals // a constant table
var methods = map[string]struct{ resource, item []string }{
	"get":    {[]string{"list", "get"}, []string{"get"}},
	"post":   {[]string{"create"}, nil},
	"put":    {[]string{"replace"}, []string{"replace"}},
	"patch":  {[]string{"update"}, []string{"update"}},
	"delete": {[]string{"delete"}, []string{"delete"}},
}

// componentName is what OpenAPI 3.1, section 4.8.7.1, lets a component be called.
var componentName = regexp.MustCompile(`^[a-zA-Z0-9._-]+$`)

// dialect checks a document for what all services say in the same way.
type dialect struct {
	service  string
	document map[string]any
	faults   []string
}

// checkDialect checks that a service's OpenAPI document speaks as those of all services do: ids are
// <service>-<resource>-<verb> and follow from method and path, the one tag is the resource, all that a client sends or
// gets is described, and pages have one shape.
func checkDialect(t *testing.T, service string, document []byte) {
	t.Helper()
	d := dialect{service: service}
	require.NoError(t, json.Unmarshal(document, &d.document))
	require.Empty(t, d.check(), "the OpenAPI document of %s", service)
}

// check returns what is wrong, in the order of the document's paths and schemas.
func (d *dialect) check() []string {
	paths := member(d.document, "paths")
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		item := member(paths, path)
		for _, method := range slices.Sorted(maps.Keys(methods)) {
			if op := member(item, method); op != nil {
				d.operation(method, path, op)
			}
		}
	}
	schemas := member(member(d.document, "components"), "schemas")
	for _, name := range slices.Sorted(maps.Keys(schemas)) {
		if !componentName.MatchString(name) {
			d.faultf("the schema %q has a name that OpenAPI does not allow", name)
		}
		d.schema(name, member(schemas, name))
	}
	return d.faults
}

func (d *dialect) faultf(format string, values ...any) {
	d.faults = append(d.faults, fmt.Sprintf(format, values...))
}

func (d *dialect) operation(method, path string, op map[string]any) {
	at := strings.ToUpper(method) + " " + path
	id, _ := op["operationId"].(string)
	tags, _ := op["tags"].([]any)
	if len(tags) != 1 {
		d.faultf("%s: has the tags %v; one is needed, the resource", at, tags)
		return
	}
	tag, _ := tags[0].(string)
	if resource, verbs := d.names(method, path, tag); tag != resource {
		d.faultf("%s: is tagged %q, not %q", at, tag, resource)
	} else if verb, ok := strings.CutPrefix(id, d.service+"-"+resource+"-"); !ok || !slices.Contains(verbs, verb) {
		d.faultf("%s: is called %q, not %s-%s-%s", at, id, d.service, resource, strings.Join(verbs, " or -"))
	}
	d.text(at+": the summary", op["summary"], true)
	if description, ok := op["description"]; ok {
		d.text(at+": the description", description, false)
	}
	parameters, _ := op["parameters"].([]any)
	known := map[string]bool{}
	for _, p := range parameters {
		name, _ := object(p)["name"].(string)
		d.text(at+": the parameter "+name, object(p)["description"], false)
		known[name] = true
	}
	d.page(at, op, known)
	for _, content := range member(member(op, "requestBody"), "content") {
		d.schema(at+": the body", member(object(content), "schema"))
	}
	responses := member(op, "responses")
	for _, status := range slices.Sorted(maps.Keys(responses)) {
		for _, content := range member(member(responses, status), "content") {
			d.schema(at+": the answer "+status, member(object(content), "schema"))
		}
	}
}

// names returns what an operation's resource and verb have to be.
func (d *dialect) names(method, path, tag string) (resource string, verbs []string) {
	below, ok := strings.CutPrefix(path, "/api/v1/"+d.service+"/")
	if !ok { // what every service has: /, /ctrl, /healthz …
		switch path {
		case "/":
			return "service", []string{"about"}
		case "/.well-known/jwks.json": // of auth
			return "service", []string{"jwks"}
		}
		return "service", []string{strings.TrimPrefix(path, "/")}
	}
	parts := strings.Split(strings.ReplaceAll(below, ":", "/"), "/")
	rest := slices.DeleteFunc(slices.Clone(parts[1:]), func(part string) bool { return strings.HasPrefix(part, "{") })
	item := strings.HasPrefix(parts[len(parts)-1], "{")
	switch ending := strings.Join(rest, "-"); {
	case len(parts) == 1 && tag != parts[0]: // such as /logout
		return tag, []string{parts[0]}
	case item && ending != "":
		return parts[0], prefixed(ending+"-", methods[method].item)
	case item && len(parts) > 2: // an item of two keys, or one below an item, which its operation names: get-parameter
		last := strings.ReplaceAll(strings.Trim(parts[len(parts)-1], "{}"), "_", "-")
		verbs = slices.Clone(methods[method].item)
		for _, verb := range methods[method].item {
			verbs = append(verbs, verb+"-"+last)
		}
		return parts[0], verbs
	case item:
		return parts[0], methods[method].item
	case ending != "":
		return parts[0], append([]string{ending}, prefixed(ending+"-", methods[method].resource)...)
	default:
		return parts[0], methods[method].resource
	}
}

func prefixed(prefix string, verbs []string) []string {
	out := make([]string, len(verbs))
	for i, verb := range verbs {
		out[i] = prefix + verb
	}
	return out
}

// text checks what is written for people; what stands in a list of operations has no full stop.
func (d *dialect) text(what string, text any, heading bool) {
	s, _ := text.(string)
	switch {
	case s == "":
		d.faultf("%s is missing", what)
	case strings.TrimSpace(s) != s:
		d.faultf("%s has blanks around it", what)
	case heading && (strings.HasSuffix(s, ".") || !unicode.IsUpper([]rune(s)[0])):
		d.faultf("%s begins with a capital letter and has no full stop: %q", what, s)
	}
}

// page checks the answer of a list: it has one shape and is asked for in one way, and its params name the filters.
func (d *dialect) page(at string, op map[string]any, parameters map[string]bool) {
	media := member(member(member(op, "responses"), "200"), "content")
	body := d.resolve(member(member(media, "application/json"), "schema"))
	properties := member(body, "properties")
	if properties["content"] == nil || properties["total"] == nil {
		if parameters["page"] || parameters["cursor"] || parameters["limit"] {
			d.faultf("%s: takes page, cursor or limit and answers with no page", at)
		}
		return
	}
	for _, name := range []string{"page", "limit"} { // and cursor, where pages end with one
		if !parameters[name] {
			d.faultf("%s: answers with a page and takes no %s", at, name)
		}
	}
	names := slices.Sorted(maps.Keys(properties))
	if want := []string{"content", "limit", "next", "page", "params", "total"}; !slices.Equal(want, names) {
		d.faultf("%s: the page has %v, not %v", at, names, want)
	}
	for name := range member(d.resolve(member(properties, "params")), "properties") {
		if !parameters[strings.ReplaceAll(name, "_", "-")] {
			d.faultf("%s: params has %s, which is no parameter", at, name)
		}
	}
}

// schema checks that each property is described, but for params, which repeats parameters, and what is described
// under a name of its own.
func (d *dialect) schema(at string, s map[string]any) {
	if s == nil || s["$ref"] != nil || strings.HasSuffix(at, "Params") {
		return
	}
	properties := member(s, "properties")
	for _, name := range slices.Sorted(maps.Keys(properties)) {
		property := member(properties, name)
		if property["$ref"] == nil {
			d.text(at+"."+name, property["description"], false)
		}
		d.schema(at+"."+name, property)
	}
	d.schema(at, member(s, "items"))
}

// resolve follows a reference to a schema.
func (d *dialect) resolve(s map[string]any) map[string]any {
	ref, ok := s["$ref"].(string)
	if !ok {
		return s
	}
	return member(member(member(d.document, "components"), "schemas"), strings.TrimPrefix(ref, "#/components/schemas/"))
}

func object(v any) map[string]any {
	m, _ := v.(map[string]any)
	return m
}

func member(m map[string]any, name string) map[string]any { return object(m[name]) }
