package fault

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// Code names a reason for programs: a client finds by it what to say in its own language, or what to do. It never
// changes, while messages may. docs/errors.md lists all codes; it is made from their declarations.
type Code struct {
	// Kind is that of a refusal for this reason alone.
	Kind Kind
	// Others are further kinds of refusals that the reason may be found in.
	Others []Kind
	// Name is in snake_case.
	Name string
	// Meaning is a sentence for docs/errors.md.
	Meaning string
}

var declared struct {
	mu    sync.Mutex
	codes map[string]*Code
}

var codeName = regexp.MustCompile(`^[a-z][a-z0-9]*(_[a-z0-9]+)*$`)

// Declare makes a code, for a package-level variable. Those that any service may need are in this package; others
// stand beside their refusals. It panics on a name that is taken or badly formed, and without a meaning.
func Declare(kind Kind, name, meaning string, others ...Kind) *Code {
	declared.mu.Lock()
	defer declared.mu.Unlock()
	if !codeName.MatchString(name) || meaning == "" {
		panic(fmt.Sprintf("fault: the code %q is not in snake_case, or has no meaning", name)) //nolint:forbidigo // a mistake in the code, found at the first start
	}
	if declared.codes[name] != nil {
		panic(fmt.Sprintf("fault: the code %q is declared twice", name)) //nolint:forbidigo // as above
	}
	code := &Code{Kind: kind, Others: others, Name: name, Meaning: meaning}
	if declared.codes == nil {
		declared.codes = map[string]*Code{}
	}
	declared.codes[name] = code
	return code
}

// Codes lists what this program declares, by name.
func Codes() []*Code {
	declared.mu.Lock()
	defer declared.mu.Unlock()
	list := make([]*Code, 0, len(declared.codes))
	for _, code := range declared.codes {
		list = append(list, code)
	}
	slices.SortFunc(list, func(a, b *Code) int { return strings.Compare(a.Name, b.Name) })
	return list
}

// CodeOf finds a declared code by its name, nil when there is none.
func CodeOf(name string) *Code {
	declared.mu.Lock()
	defer declared.mu.Unlock()
	return declared.codes[name]
}
