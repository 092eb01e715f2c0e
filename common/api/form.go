package api

import (
	"net/url"

	"nms.example/common/api/internal/wire"
)

// Form reads an application/x-www-form-urlencoded body. Broken escapes are fault.Malformed, NUL and
// invalid UTF-8 fault.Invalid at "body.<name>".
func Form(body []byte) (url.Values, error) {
	values, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, wire.Unreadable(wire.CodeMalformed, "is not a valid form").Because(err)
	}
	for name, list := range values {
		for _, value := range append(list, name) {
			if code, msg := wire.BadText(value); code != nil {
				return nil, wire.Invalid("body."+wire.Printable(name, wire.MaxLocation), code, msg)
			}
		}
	}
	return values, nil
}
