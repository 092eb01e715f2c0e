package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// schema is the part of a JSON Schema that a type is made of.
type schema struct {
	Ref         string             `json:"$ref"`
	Type        typeNames          `json:"type"`
	Description string             `json:"description"`
	Enum        []any              `json:"enum"`
	Properties  map[string]*schema `json:"properties"`
	Required    []string           `json:"required"`
	Items       *schema            `json:"items"`
	Additional  json.RawMessage    `json:"additionalProperties"`
	OneOf       []*schema          `json:"oneOf"`
	AnyOf       []*schema          `json:"anyOf"`
}

// typeNames is one type or several.
type typeNames []string

// UnmarshalJSON implements json.Unmarshaler.
func (t *typeNames) UnmarshalJSON(raw []byte) error {
	var one string
	if json.Unmarshal(raw, &one) == nil {
		*t = typeNames{one}
		return nil
	}
	return json.Unmarshal(raw, (*[]string)(t))
}

func (s *schema) isObject() bool {
	return slices.Equal(s.Type, typeNames{"object"}) && len(s.Properties) > 0
}

// typescript is the type as TypeScript writes it; indent is that of the line that it stands in.
func (s *schema) typescript(indent string) string {
	switch {
	case s == nil:
		return "unknown"
	case s.Ref != "":
		return s.Ref[strings.LastIndexByte(s.Ref, '/')+1:]
	case len(s.OneOf)+len(s.AnyOf) > 0:
		var parts []string
		for _, one := range append(s.OneOf, s.AnyOf...) {
			parts = append(parts, one.typescript(indent))
		}
		slices.Sort(parts)
		return strings.Join(slices.Compact(parts), " | ")
	case len(s.Enum) > 0:
		var values []string
		for _, v := range s.Enum {
			values = append(values, literal(v))
		}
		if slices.Contains(s.Type, "null") && !slices.Contains(values, "null") {
			values = append(values, "null")
		}
		return strings.Join(values, " | ")
	case len(s.Type) == 0:
		return "unknown"
	}
	var parts []string
	for _, name := range s.Type {
		parts = append(parts, s.one(name, indent))
	}
	return strings.Join(parts, " | ")
}

func (s *schema) one(name, indent string) string {
	switch name {
	case "integer", "number":
		return "number"
	case "string", "boolean", "null":
		return name
	case "array":
		item := s.Items.typescript(indent)
		if strings.ContainsAny(item, " |") {
			return "(" + item + ")[]"
		}
		return item + "[]"
	case "object":
		if len(s.Properties) > 0 {
			return s.object(indent)
		}
		var values schema
		if len(s.Additional) > 0 && json.Unmarshal(s.Additional, &values) == nil {
			return "Record<string, " + values.typescript(indent) + ">"
		}
		return "Record<string, unknown>"
	}
	return "unknown"
}

// object writes an object's members by name.
func (s *schema) object(indent string) string {
	var out strings.Builder
	out.WriteString("{\n")
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		member := s.Properties[name]
		if member.Description != "" {
			fmt.Fprintf(&out, "%s  /** %s */\n", indent, strings.ReplaceAll(member.Description, "*/", "* /"))
		}
		fmt.Fprintf(&out, "%s  %s: %s;\n", indent, key(name, slices.Contains(s.Required, name)), member.typescript(indent+"  "))
	}
	out.WriteString(indent + "}")
	return out.String()
}

var identifier = regexp.MustCompile(`^[A-Za-z_$][A-Za-z0-9_$]*$`)

// key is a member's name, with a question mark unless it is required.
func key(name string, required bool) string {
	if !identifier.MatchString(name) {
		name = fmt.Sprintf("%q", name)
	}
	if required {
		return name
	}
	return name + "?"
}

// literal is a value of an enumeration as TypeScript writes it.
func literal(v any) string {
	switch value := v.(type) {
	case nil:
		return "null"
	case string:
		return strconv.Quote(value)
	}
	return fmt.Sprint(v)
}
