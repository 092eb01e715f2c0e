package fault

// Place is the part of a call that a reason speaks of, in the domain's terms; each transport says where in its request
// that is. The zero value is the call as a whole.
type Place struct {
	part part
	name string
}

type part uint8

const (
	partCall part = iota
	partInput
	partTarget
	partVersion
	partRequest
)

var (
	// Input is everything that the call hands over: the body or, without one, the query.
	Input = Place{part: partInput}
	// Target is the item that the call is about, named by its id.
	Target = Place{part: partTarget}
	// Version is the version of the target that the call insists on.
	Version = Place{part: partVersion}
)

// Field is a value of the input by its name, dotted and indexed below the top: "name", "location.lat", "cidrs[2]".
func Field(name string) Place { return Place{partInput, name} }

// Request is a place in a transport's own terms, such as "header.If-Match", for the packages of that transport alone.
func Request(location string) Place { return Place{partRequest, location} }

// Under moves a place of the input to where the input is a part of a larger one: the field "name" under "items[3]" is
// "items[3].name". Other places stay.
func (p Place) Under(name string) Place {
	if p.part != partInput {
		return p
	}
	return Field(join(name, p.name))
}

// Within writes a place of the input below what a transport calls the input: "name" within "body" is "body.name".
// ok is false for other places.
func (p Place) Within(input string) (location string, ok bool) {
	return join(input, p.name), p.part == partInput
}

// Name is the field's name, empty for all of the input and for other places.
func (p Place) Name() string {
	if p.part == partInput {
		return p.name
	}
	return ""
}

// Location is the place in a transport's own terms; ok is false unless it was made with [Request].
func (p Place) Location() (location string, ok bool) { return p.name, p.part == partRequest }

// String is the place as logs show it.
func (p Place) String() string {
	switch {
	case p.part == partTarget:
		return "target"
	case p.part == partVersion:
		return "version"
	case p.part == partInput && p.name == "":
		return "input"
	default:
		return p.name
	}
}

func join(above, name string) string {
	if name == "" || above == "" || name[0] == '[' {
		return above + name
	}
	return above + "." + name
}

// Move returns err with the places of its reasons changed: what is a field of an item alone is a field of that item
// in a list of many. An error that is no fault stays as it is.
func Move(err error, to func(Place) Place) error {
	f := As(err)
	if f == nil {
		return err
	}
	moved := make([]Detail, len(f.Details))
	for i, d := range f.Details {
		d.place = to(d.place)
		moved[i] = d
	}
	return f.With(moved...)
}
