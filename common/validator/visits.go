package validator

import (
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// maxVisits bounds how often a schema may look at one place of a value.
const maxVisits = 1000

// visits estimates from above how often checking looks at one place of a value of up to maxDepth levels.
//
// References make a schema a graph, in which alternatives inside alternatives multiply: thirty levels of
// "allOf": [next, next] are a billion visits out of one kilobyte. The library has no deadline, so such a
// schema is refused when it is written. The count saturates just above maxVisits.
func visits(s *jsonschema.Schema) int {
	e := estimate{known: map[spot]int{}, open: map[spot]bool{}}
	return e.of(s, maxDepth)
}

// spot is a schema applied to a value that has so many levels left below it.
type spot struct {
	schema *jsonschema.Schema
	levels int
}

type estimate struct {
	known map[spot]int
	open  map[spot]bool
}

func (e *estimate) of(s *jsonschema.Schema, levels int) int {
	at := spot{s, levels}
	if s == nil || levels < 0 || e.open[at] {
		return 0 // an endless reference to the same place is found out by the library itself
	}
	if n, ok := e.known[at]; ok {
		return n
	}
	e.open[at] = true
	total := 1
	for _, same := range samePlace(s) {
		if total = min(total+e.of(same, levels), maxVisits+1); total > maxVisits {
			break
		}
	}
	below := e.sum(parallel(s), levels-1)
	named := 0 // different properties are different places
	for _, one := range s.Properties {
		named = max(named, e.of(one, levels-1))
	}
	for _, one := range s.PrefixItems {
		named = max(named, e.of(one, levels-1))
	}
	total = min(total+named+below, maxVisits+1)
	delete(e.open, at)
	e.known[at] = total
	return total
}

func (e *estimate) sum(list []*jsonschema.Schema, levels int) int {
	total := 0
	for _, s := range list {
		if total = min(total+e.of(s, levels), maxVisits+1); total > maxVisits {
			break
		}
	}
	return total
}

// samePlace lists the schemas that look at the same place as s.
func samePlace(s *jsonschema.Schema) []*jsonschema.Schema {
	list := []*jsonschema.Schema{s.Ref, s.RecursiveRef, s.Not, s.If, s.Then, s.Else}
	if s.DynamicRef != nil {
		list = append(list, s.DynamicRef.Ref)
	}
	list = append(append(append(list, s.AllOf...), s.AnyOf...), s.OneOf...)
	for _, one := range s.DependentSchemas {
		list = append(list, one)
	}
	return list
}

// parallel lists the schemas that may all look at the same place below s.
func parallel(s *jsonschema.Schema) []*jsonschema.Schema {
	list := []*jsonschema.Schema{s.Contains, s.Items2020, s.UnevaluatedItems, s.UnevaluatedProperties, s.PropertyNames}
	if additional, ok := s.AdditionalProperties.(*jsonschema.Schema); ok {
		list = append(list, additional)
	}
	for _, one := range s.PatternProperties {
		list = append(list, one)
	}
	return list
}
