package api

import (
	"encoding/json"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"nms.example/common/fault"

	"nms.example/cfg/internal/catalogue"
	"nms.example/cfg/internal/tree"
)

// picker makes items with some of their fields only.
type picker []string

// fieldsOf checks the wanted fields against those that an Item has; one wanted twice is given once.
func fieldsOf[Item any](wanted []string) (picker, error) {
	known := jsonFields(reflect.TypeFor[Item]())
	pick := make(picker, 0, len(wanted))
	for _, name := range wanted {
		if !slices.Contains(known, name) {
			return nil, fault.At(fault.Field("fields"), fault.CodeNotOneOf, "knows "+strings.Join(known, ", "))
		}
		if !slices.Contains(pick, name) {
			pick = append(pick, name)
		}
	}
	return pick, nil
}

// jsonFields lists the JSON names of a struct's fields.
func jsonFields(t reflect.Type) []string {
	var names []string
	for _, f := range reflect.VisibleFields(t) {
		if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); name != "" && name != "-" {
			names = append(names, name)
		}
	}
	return names
}

// item returns the wanted fields of an item in the order wanted; the result is a JSON object.
func (p picker) item(v any) (json.RawMessage, error) {
	whole, err := encode(v)
	if err != nil {
		return nil, err
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(whole, &fields); err != nil {
		return nil, err
	}
	out := json.RawMessage("{}")
	for _, name := range p {
		if value := fields[name]; value != nil { // not left out of this item
			out = withField(out, name, value)
		}
	}
	return out, nil
}

// items is item for a list.
func items[T any](p picker, list []T) ([]json.RawMessage, error) {
	out := make([]json.RawMessage, len(list))
	for i, v := range list {
		var err error
		if out[i], err = p.item(v); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// nodes is item for a forest: each keeps its content, or the number of children that depth has cut off.
func (p picker) nodes(forest []*tree.Branch) ([]json.RawMessage, error) {
	out := make([]json.RawMessage, len(forest))
	for i, n := range forest {
		sparse, err := p.item(n.ListedNode)
		if err != nil {
			return nil, err
		}
		switch {
		case len(n.Content) > 0:
			below, err := p.nodes(n.Content)
			if err != nil {
				return nil, err
			}
			content, err := encode(below)
			if err != nil {
				return nil, err
			}
			sparse = withField(sparse, "content", content)
		case n.Children > 0:
			sparse = withField(sparse, "children", strconv.AppendInt(nil, n.Children, 10))
		}
		out[i] = sparse
	}
	return out, nil
}

// withField adds a field to a JSON object.
func withField(object json.RawMessage, name string, value []byte) json.RawMessage {
	out := object[:len(object)-1]
	if len(out) > 1 {
		out = append(out, ',')
	}
	out = append(append(append(out, '"'), name...), '"', ':')
	return append(append(out, value...), '}')
}

// orderOf reads sort: a key, with "-" in front for descending.
func orderOf(sort string, keys []string) (catalogue.Order, error) {
	key, descending := strings.CutPrefix(sort, "-")
	if sort != "" && !slices.Contains(keys, key) {
		return catalogue.Order{}, fault.At(fault.Field("sort"), fault.CodeNotOneOf,
			"knows "+strings.Join(keys, ", ")+", each also with - in front for descending")
	}
	return catalogue.Order{Key: key, Descending: descending}, nil
}
