package hostile

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// document is a service's OpenAPI 3.1 document. Its schemas are JSON Schema 2020-12, so a validator of that
// checks the answers: one written independently of huma, which made them.
type document struct {
	root       map[string]any
	operations []*operation

	mu       sync.Mutex
	compiler *jsonschema.Compiler
	compiled map[string]*jsonschema.Schema
}

// operation is one of the document's.
type operation struct {
	method, path, id string
	public           bool
	parameters       []parameter
	bodies           map[string]schema // by media type
	responses        map[string]any
}

type parameter struct {
	name, in string
	schema   schema
}

type schema = map[string]any

const documentURL = "openapi.json"

func readDocument(text []byte) (*document, error) {
	d := &document{compiler: jsonschema.NewCompiler(), compiled: map[string]*jsonschema.Schema{}}
	d.compiler.DefaultDraft(jsonschema.Draft2020)
	d.compiler.AssertFormat()
	parsed, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return nil, fmt.Errorf("hostile: the document: %w", err)
	}
	d.root, _ = parsed.(map[string]any)
	if err := d.compiler.AddResource(documentURL, parsed); err != nil {
		return nil, fmt.Errorf("hostile: the document: %w", err)
	}
	paths := object(d.root["paths"])
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		methods := object(paths[path])
		for _, method := range slices.Sorted(maps.Keys(methods)) {
			d.operations = append(d.operations, d.operation(strings.ToUpper(method), path, object(methods[method])))
		}
	}
	// What deletes comes last, so that there is something to aim at before.
	slices.SortStableFunc(d.operations, func(a, b *operation) int { return rank(a.method) - rank(b.method) })
	return d, nil
}

func rank(method string) int {
	return slices.Index([]string{http.MethodPost, http.MethodGet, http.MethodHead, http.MethodPut, http.MethodPatch, http.MethodDelete}, method)
}

func (d *document) operation(method, path string, text map[string]any) *operation {
	op := &operation{method: method, path: path, bodies: map[string]schema{}, responses: object(text["responses"])}
	op.id, _ = text["operationId"].(string)
	security, declared := text["security"].([]any)
	op.public = declared && len(security) == 0
	list, _ := text["parameters"].([]any)
	for _, item := range list {
		p := object(item)
		name, _ := p["name"].(string)
		in, _ := p["in"].(string)
		op.parameters = append(op.parameters, parameter{name: name, in: in, schema: d.resolve(object(p["schema"]))})
	}
	for media, content := range object(object(text["requestBody"])["content"]) {
		op.bodies[media] = d.resolve(object(object(content)["schema"]))
	}
	return op
}

// in lists the operation's parameters of one place: path, query or header.
func (op *operation) in(place string) []parameter {
	return slices.DeleteFunc(slices.Clone(op.parameters), func(p parameter) bool { return p.in != place })
}

func (op *operation) String() string { return op.method + " " + op.path }

// media returns the content type of the operation's bodies, JSON when it takes that, "" when it takes none.
func (op *operation) media() string {
	if _, ok := op.bodies["application/json"]; ok || len(op.bodies) == 0 {
		if ok {
			return "application/json"
		}
		return ""
	}
	return slices.Min(slices.Collect(maps.Keys(op.bodies)))
}

// resolve follows references.
func (d *document) resolve(s schema) schema {
	for {
		ref, ok := s["$ref"].(string)
		if !ok {
			return s
		}
		var at any = d.root
		for part := range strings.SplitSeq(strings.TrimPrefix(ref, "#/"), "/") {
			at = object(at)[part]
		}
		s = object(at)
	}
}

// conforms says how an answer differs from what the document promises, "" when it does not.
func (d *document) conforms(op *operation, r *reply) string {
	status := strconv.Itoa(r.status)
	response, ok := op.responses[status]
	if !ok {
		if response, ok = op.responses["default"]; !ok {
			return "status " + status + " is not in the document"
		}
		status = "default"
	}
	content := object(object(response)["content"])
	if r.status == http.StatusNotModified || r.head {
		return ""
	}
	if len(content) == 0 {
		if len(r.body) > 0 {
			return "a body where the document has none"
		}
		return ""
	}
	media, _, err := mime.ParseMediaType(r.header.Get("Content-Type"))
	if err != nil {
		return "no content type that can be read"
	}
	if _, ok := content[media]; !ok {
		return "content type " + media + " is not in the document for " + status
	}
	if r.endless || media != "application/json" && !strings.HasSuffix(media, "+json") {
		return ""
	}
	return d.valid(pointer("paths", op.path, strings.ToLower(op.method), "responses", status, "content", media, "schema"), r.body)
}

// valid checks a JSON text against the schema at a place of the document.
func (d *document) valid(at string, text []byte) string {
	compiled, err := d.compile(at)
	if err != nil {
		return "the document's schema: " + err.Error()
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return "the body is not JSON"
	}
	if err := compiled.Validate(value); err != nil {
		return "not as the document says: " + strings.ReplaceAll(err.Error(), "\n", "; ")
	}
	return ""
}

func (d *document) compile(at string) (*jsonschema.Schema, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if known := d.compiled[at]; known != nil {
		return known, nil
	}
	compiled, err := d.compiler.Compile(documentURL + "#" + at)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", at, err)
	}
	d.compiled[at] = compiled
	return compiled, nil
}

// pointer makes a JSON pointer (RFC 6901), escaped for a URL's fragment.
func pointer(parts ...string) string {
	var b strings.Builder
	for _, part := range parts {
		b.WriteByte('/')
		b.WriteString(strings.NewReplacer("~", "~0", "/", "~1", "{", "%7B", "}", "%7D", "%", "%25").Replace(part))
	}
	return b.String()
}

func object(v any) map[string]any {
	m, _ := v.(map[string]any)
	return m
}

// number returns a schema's numeric keyword.
func number(s schema, keyword string) (float64, bool) {
	n, ok := s[keyword].(json.Number)
	if !ok {
		return 0, false
	}
	f, err := n.Float64()
	return f, err == nil
}
