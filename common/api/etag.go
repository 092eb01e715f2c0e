package api

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strings"

	"nms.example/common/api/internal/wire"
	"nms.example/common/fault"
)

// ErrPreconditionFailed is 412: If-Match names another version than the present one.
var ErrPreconditionFailed = fault.At(fault.Version, codeChanged, "the item has changed since this version was read")

var errThere = fault.At(fault.Request("header.If-None-Match"), codeThere, "the item is there, in a version that this excludes")

// Conditional is embedded in the inputs of operations on things that carry an ETag.
type Conditional struct {
	IfMatch     string `header:"If-Match" doc:"Only when the item still has one of these ETags, or exists at all (*)"`
	IfNoneMatch string `header:"If-None-Match" doc:"Only when the item has none of these ETags"`
}

// ETagOf makes a strong entity tag from a representation's bytes.
func ETagOf(representation []byte) string {
	sum := sha256.Sum256(representation)
	return `"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`
}

// Evaluate returns the error to return from a GET handler in place of the body (RFC 9110, 13.2.2), nil when the client
// needs it: ErrPreconditionFailed when If-Match is given and does not name etag; 304 when the client already has it,
// with the tag that the client sent, and with further headers, in pairs, that the body would have come with
// (15.4.5: Cache-Control, Vary).
func (c Conditional) Evaluate(etag string, headers ...string) error {
	if err := c.match(etag); err != nil {
		return err
	}
	if c.IfNoneMatch == "" {
		return nil
	}
	if matched, ok := matchETag(c.IfNoneMatch, etag, true); ok {
		return &notModified{etag: matched, headers: headers}
	}
	return nil
}

// Check refuses with ErrPreconditionFailed when If-Match is given and does not name etag, the tag of
// what is about to be changed, and when If-None-Match names it. An empty etag means that the item does not exist.
func (c Conditional) Check(etag string) error {
	if err := c.match(etag); err != nil {
		return err
	}
	if _, excluded := matchETag(c.IfNoneMatch, etag, true); excluded {
		return errThere
	}
	return nil
}

func (c Conditional) match(etag string) error {
	if c.IfMatch == "" {
		return nil
	}
	if _, ok := matchETag(c.IfMatch, etag, false); !ok {
		return ErrPreconditionFailed
	}
	return nil
}

// matchETag looks for etag in a field value such as `"a", W/"b"` or `*` (RFC 9110, 13.1). A weak
// comparison also takes weak tags. It returns the tag as the client wrote it.
func matchETag(field, etag string, weak bool) (matched string, ok bool) {
	if etag == "" {
		return "", false
	}
	if strings.TrimSpace(field) == "*" {
		return etag, true
	}
	for field != "" {
		field = strings.TrimLeft(field, " \t,")
		tag := field
		isWeak := strings.HasPrefix(tag, "W/")
		opaque := strings.TrimPrefix(tag, "W/")
		if opaque == "" || opaque[0] != '"' {
			return "", false
		}
		end := strings.IndexByte(opaque[1:], '"')
		if end < 0 {
			return "", false
		}
		opaque = opaque[:end+2]
		tag = tag[:len(tag)-len(strings.TrimPrefix(tag, "W/"))+len(opaque)]
		field = field[len(tag):]
		if isWeak && !weak {
			continue
		}
		if opaque == etag || opaque == wire.GzipTag(etag) {
			return tag, true
		}
	}
	return "", false
}

// notModified travels as an error through huma and is written as 304 without a body.
//
//nolint:errname // an answer, an error only to huma
type notModified struct {
	etag    string
	headers []string
}

func (e *notModified) Error() string  { return "not modified" }
func (e *notModified) GetStatus() int { return http.StatusNotModified }
func (e *notModified) GetHeaders() http.Header {
	h := http.Header{}
	if e.etag != "" {
		h.Set("ETag", e.etag)
	}
	for i := 0; i+1 < len(e.headers); i += 2 {
		h.Add(e.headers[i], e.headers[i+1])
	}
	return h
}
