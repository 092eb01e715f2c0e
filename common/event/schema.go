package event

import (
	"encoding/json"
	"fmt"
	"reflect"

	"github.com/danielgtaylor/huma/v2"
)

// Dialect is the version of JSON Schema that Schema makes.
const Dialect = "https://json-schema.org/draft/2020-12/schema"

// schemaRoot begins the schemas' $id. Nothing answers there: .example is reserved for examples (RFC 2606).
const schemaRoot = "https://nms.example/events/"

// SchemaFile is the name of the file with the schema of an event type.
func SchemaFile(eventType string) string { return eventType + ".schema.json" }

// TraceParentPattern is the form of the attribute traceparent (W3C Trace Context, version 00).
const TraceParentPattern = "^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$"

// Schema makes the JSON Schema (2020-12) of a whole event of type d: the CloudEvents attributes and the
// data, from the Go type that was declared. It is for one event; a batch is an array of them.
//
// With strict nothing may be there that is not described: that is for tests. Consumers get the open form,
// because an event may have more members tomorrow.
func (c *Catalogue) Schema(d Declaration, strict bool) ([]byte, error) {
	registry := huma.NewMapRegistry("#/$defs/", huma.DefaultSchemaNamer)
	data := d.data(registry)
	document := envelope(c.service, d, data)
	if defs := registry.Map(); len(defs) > 0 {
		document["$defs"] = defs
	}
	document["additionalProperties"] = false
	raw, err := json.Marshal(document)
	if err != nil {
		return nil, fmt.Errorf("event: schema of %s: %w", d.Type, err)
	}
	if strict {
		return raw, nil
	}
	var parts any
	if err := json.Unmarshal(raw, &parts); err != nil {
		return nil, fmt.Errorf("event: schema of %s: %w", d.Type, err)
	}
	open(parts)
	if raw, err = json.MarshalIndent(parts, "", "  "); err != nil {
		return nil, fmt.Errorf("event: schema of %s: %w", d.Type, err)
	}
	return append(raw, '\n'), nil
}

// envelope describes the attributes: those of CloudEvents 1.0 and our own extensions.
func envelope(service string, d Declaration, data *huma.Schema) map[string]any {
	text := func(about string) map[string]any {
		return map[string]any{"type": "string", "minLength": 1, "description": about}
	}
	fixed := func(value, about string) map[string]any {
		return map[string]any{"type": "string", "const": value, "description": about}
	}
	formatted := func(format, about string) map[string]any {
		return map[string]any{"type": "string", "format": format, "description": about}
	}
	return map[string]any{
		"$schema":     Dialect,
		"$id":         schemaRoot + SchemaFile(d.Type),
		"title":       d.Type,
		"description": d.Meaning,
		"type":        "object",
		"required":    []string{"specversion", "id", "source", "type", "subject", "time", "datacontenttype", "data"},
		"properties": map[string]any{
			"specversion":     fixed("1.0", "Version of CloudEvents"),
			"id":              formatted("uuid", "The event's own id, a version 7 UUID; an event that comes twice is known by it"),
			"source":          fixed("/nms/"+service, "The service that wrote it"),
			"type":            fixed(d.Type, "What has happened; the routing key too"),
			"subject":         text("Id of what the event is about; events of one subject keep their order"),
			"time":            formatted("date-time", "When it happened"),
			"actor":           text("Who caused it: user:<id>, apikey:<uuid>, service:<name>, amqp:<user>; absent when nobody is known"),
			"actorlogin":      text("The login of that user, or the name of that API key, as it was at that moment; absent for other actors"),
			"requestid":       text("The request that caused it, as in X-Request-ID and in the logs"),
			"traceparent":     map[string]any{"type": "string", "pattern": TraceParentPattern, "description": "W3C trace context of that request"},
			"datacontenttype": fixed("application/json", "Form of data"),
			"data":            data,
		},
	}
}

// open lets every object have more members than are described.
func open(part any) {
	switch p := part.(type) {
	case map[string]any:
		if p["additionalProperties"] == false {
			delete(p, "additionalProperties")
		}
		for _, member := range p {
			open(member)
		}
	case []any:
		for _, element := range p {
			open(element)
		}
	}
}

func schemaOf[T any](r huma.Registry) *huma.Schema {
	return r.Schema(reflect.TypeFor[T](), true, "Data")
}

func null() *huma.Schema { return &huma.Schema{Type: "null"} }

func changeSchema(before, after *huma.Schema) *huma.Schema {
	return &huma.Schema{
		Type:                 huma.TypeObject,
		Properties:           map[string]*huma.Schema{"before": before, "after": after},
		Required:             []string{"before", "after"},
		AdditionalProperties: false,
	}
}
