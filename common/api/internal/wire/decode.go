package wire

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"nms.example/common/fault"
	"nms.example/common/jsontext"
)

// BodyUnmarshaler is api.BodyUnmarshaler.
type BodyUnmarshaler interface {
	UnmarshalBody(data []byte) error
}

var (
	errNotJSON  = Unreadable(fault.CodeNotJSON, "is not valid JSON")
	errNotUTF8  = Unreadable(fault.CodeNotUTF8, "is not valid UTF-8")
	errTrailing = Unreadable(fault.CodeNotJSON, "goes on after its JSON value")
)

// Decode reads a JSON body into v. huma calls it twice, with a *any to validate and with the
// typed body. All its errors are faults without a piece of the input in them.
func Decode(data []byte, v any) error {
	if own, ok := v.(BodyUnmarshaler); ok {
		return own.UnmarshalBody(data)
	}
	if !utf8.Valid(data) {
		return errNotUTF8 // encoding/json would replace the bad bytes silently
	}
	untyped, ok := v.(*any)
	if !ok {
		return typedFault(json.Unmarshal(data, v))
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber() // 1e400 is a number out of range at its place, not a broken document
	if err := decoder.Decode(untyped); err != nil {
		return errNotJSON.Because(err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return errTrailing
	}
	if place, found := Repeated(data, members(*untyped)); found {
		return Invalid(Printable("body"+place, MaxLocation), fault.CodeRepeated, "is given more than once")
	}
	nul, half := jsontext.Escapes(data)
	if nul {
		if at, found := findCharacter("body", *untyped, 0); found {
			return Invalid(Printable(at, MaxLocation), fault.CodeCharacters, msgNUL)
		}
	}
	if half { // which encoding/json would replace silently
		at, _ := findCharacter("body", *untyped, utf8.RuneError) // as it has
		return Invalid(Printable(cmp.Or(at, "body"), MaxLocation), fault.CodeCharacters, msgHalf)
	}
	return nil
}

// typedFault describes why a valid document does not fit the Go type: mostly a number that is out of
// an integer's range, since the schema was checked before.
func typedFault(err error) error {
	if err == nil {
		return nil
	}
	if f := fault.As(err); f != nil {
		return f
	}
	var mismatch *json.UnmarshalTypeError
	if !errors.As(err, &mismatch) {
		if _, ok := errors.AsType[*json.SyntaxError](err); ok {
			return errNotJSON.Because(err)
		}
		return Invalid("body", fault.CodeInvalid, "cannot be taken").Because(err)
	}
	location := "body"
	if mismatch.Field != "" {
		location += "." + mismatch.Field
	}
	code, message := fault.CodeWrongType, "has the wrong type"
	if strings.HasPrefix(mismatch.Value, "number") {
		code, message = fault.CodeOutOfRange, "is a number of another kind, or out of range"
	}
	return Invalid(location, code, message).Because(err)
}

// findCharacter looks for a string with a character in a decoded document. PostgreSQL's text cannot hold NUL.
func findCharacter(path string, v any, c rune) (at string, found bool) {
	switch v := v.(type) {
	case string:
		return path, strings.ContainsRune(v, c)
	case []any:
		for i, item := range v {
			if at, found = findCharacter(path+"["+strconv.Itoa(i)+"]", item, c); found {
				return at, true
			}
		}
	case map[string]any:
		for key, item := range v {
			if strings.ContainsRune(key, c) {
				return path, true
			}
			if at, found = findCharacter(path+"."+key, item, c); found {
				return at, true
			}
		}
	}
	return "", false
}

// faultMark starts the text of an error that carries a fault through huma, which keeps only texts.
// None of huma's own messages starts with NUL.
const faultMark = "\x00fault:"

type packedFault struct {
	Kind    fault.Kind
	Message string
	Reasons []packedReason
}

type packedReason struct{ Location, Code, Message string }

// PackFault makes an error whose text UnpackFault turns into the fault again.
func PackFault(err error) error {
	f := fault.As(err)
	if f == nil {
		f = errNotJSON
	}
	packed := packedFault{Kind: f.Kind, Message: f.Message}
	for _, d := range f.Details {
		location, ok := d.Place().Location()
		if !ok {
			location, _ = d.Place().Within("body")
		}
		packed.Reasons = append(packed.Reasons, packedReason{location, d.Code().Name, d.Message()})
	}
	text, err := json.Marshal(packed) //nolint:musttag // read below, by us alone
	if err != nil {
		return errors.New("invalid value")
	}
	return errors.New(faultMark + string(text))
}

// UnpackFault returns the fault that PackFault put into a text; false for any other text.
func UnpackFault(text string) (*fault.Error, bool) {
	text, ok := strings.CutPrefix(text, faultMark)
	if !ok {
		return nil, false
	}
	var packed packedFault
	if json.Unmarshal([]byte(text), &packed) != nil { //nolint:musttag // written above
		return errNotJSON, true
	}
	f := fault.List(packed.Kind, packed.Message)
	for _, r := range packed.Reasons {
		f.Details = append(f.Details, fault.NewDetail(fault.Request(r.Location), fault.CodeOf(r.Code), r.Message))
	}
	return f, true
}
