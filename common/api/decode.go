package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"nms.example/common/fault"
)

// BodyUnmarshaler is implemented by body types with a decoder of their own. Register their operations
// with SkipValidateBody, and describe them with huma.SchemaProvider; they then read the bytes exactly
// once, and check everything themselves, invalid UTF-8 and NUL included. Errors that are fault.Error
// reach the client, others become 400.
type BodyUnmarshaler interface {
	UnmarshalBody(data []byte) error
}

var (
	errNotJSON  = unreadable("is not valid JSON")
	errNotUTF8  = unreadable("is not valid UTF-8")
	errTrailing = unreadable("goes on after its JSON value")
)

// unreadable makes the fault for a body that cannot be read as a whole.
func unreadable(message string) *fault.Error {
	return fault.New(fault.Malformed, "the request body "+message, fault.Detail{Location: "body", Message: message})
}

const msgNUL = "must not contain the character NUL"

// invalid makes the fault for one place of an otherwise readable request.
func invalid(location, message string) *fault.Error {
	return fault.New(fault.Invalid, "validation failed", fault.Detail{Location: location, Message: message})
}

// decodeBody reads a JSON body into v. huma calls it twice, with a *any to validate and with the
// typed body. All its errors are faults without a piece of the input in them.
func decodeBody(data []byte, v any) error {
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
	if bytes.Contains(data, []byte(`\u0000`)) {
		if at, found := findNUL("body", *untyped); found {
			return invalid(printable(at, maxLocation), msgNUL)
		}
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
		return invalid("body", "cannot be taken").Because(err)
	}
	location := "body"
	if mismatch.Field != "" {
		location += "." + mismatch.Field
	}
	message := "has the wrong type"
	if strings.HasPrefix(mismatch.Value, "number") {
		message = "is a number of another kind, or out of range"
	}
	return invalid(location, message).Because(err)
}

// findNUL looks for a string with NUL in a decoded document: PostgreSQL's text cannot hold one.
func findNUL(path string, v any) (at string, found bool) {
	switch v := v.(type) {
	case string:
		return path, strings.IndexByte(v, 0) >= 0
	case []any:
		for i, item := range v {
			if at, found = findNUL(path+"["+strconv.Itoa(i)+"]", item); found {
				return at, true
			}
		}
	case map[string]any:
		for key, item := range v {
			if strings.IndexByte(key, 0) >= 0 {
				return path, true
			}
			if at, found = findNUL(path+"."+key, item); found {
				return at, true
			}
		}
	}
	return "", false
}

// decodeStrictly is json.Unmarshal that refuses unknown fields.
func decodeStrictly(data []byte, v any) error {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	return decoder.Decode(v)
}

// Form reads an application/x-www-form-urlencoded body. Broken escapes are fault.Malformed, NUL and
// invalid UTF-8 fault.Invalid at "body.<name>".
func Form(body []byte) (url.Values, error) {
	values, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, unreadable("is not a valid form").Because(err)
	}
	for name, list := range values {
		for _, value := range append(list, name) {
			if msg := badText(value); msg != "" {
				return nil, invalid("body."+printable(name, maxLocation), msg)
			}
		}
	}
	return values, nil
}

// badText says why a decoded text cannot be taken, "" when it can.
func badText(s string) string {
	if strings.IndexByte(s, 0) >= 0 {
		return msgNUL
	}
	if !utf8.ValidString(s) {
		return "is not valid UTF-8"
	}
	return ""
}

// faultMark starts the text of an error that carries a fault through huma, which keeps only texts.
// None of huma's own messages starts with NUL.
const faultMark = "\x00fault:"

type packedFault struct {
	Kind    fault.Kind
	Message string
	Details []fault.Detail
}

// packFault makes an error whose text unpackFault turns into the fault again.
func packFault(err error) error {
	f := fault.As(err)
	if f == nil {
		f = errNotJSON
	}
	text, err := json.Marshal(packedFault{Kind: f.Kind, Message: f.Message, Details: f.Details}) //nolint:musttag // read below, by us alone
	if err != nil {
		return errors.New("invalid value")
	}
	return errors.New(faultMark + string(text))
}

func unpackFault(text string) (*fault.Error, bool) {
	text, ok := strings.CutPrefix(text, faultMark)
	if !ok {
		return nil, false
	}
	var packed packedFault
	if json.Unmarshal([]byte(text), &packed) != nil { //nolint:musttag // written above
		return errNotJSON, true
	}
	return fault.New(packed.Kind, packed.Message, packed.Details...), true
}
