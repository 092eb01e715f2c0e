// Package fault is the one kind of error that a domain hands to its callers on purpose.
//
// A domain declares its refusals as sentinels, each with a [Code] for programs and the part of the call that it is about
// ([Place]), and wraps what caused them. It knows nothing of the transport: package api turns the kind
// into an HTTP status and the details into the answer's `errors` list, with the places where the request had them. Any
// other error is an internal one: its text goes to the log and never to a client.
package fault

import (
	"errors"
	"strings"
	"time"
)

// Kind says what went wrong in terms that a transport can translate.
type Kind uint8

// The kinds, each with the HTTP status that package api answers with.
const (
	Internal           Kind = iota // 500: a defect or an unexpected failure
	Malformed                      // 400: the request cannot be read at all
	Unauthenticated                // 401: nobody proved who they are
	Forbidden                      // 403: known, but not permitted
	NotFound                       // 404
	Conflict                       // 409: refused by the present state of the data
	PreconditionFailed             // 412: If-Match named another version
	TooLarge                       // 413: the (inflated) body is over its bound
	UnsupportedMedia               // 415: a content type or encoding that is not taken
	Invalid                        // 422: readable, but a field is out of its bounds
	PreconditionNeeded             // 428: the call must name the version that it changes
	TooMany                        // 429: over a rate or a lockout; carries RetryAfter
	Unavailable                    // 503: a dependency or a queue cannot take it now; carries RetryAfter
)

// Detail is one reason: what is wrong, and with which part of the call.
type Detail struct {
	place   Place
	code    *Code
	message string
}

// NewDetail makes a reason. The message says what is wrong there and never repeats the offending value.
func NewDetail(place Place, code *Code, message string) Detail { return Detail{place, code, message} }

// Place is the part of the call that the reason speaks of.
func (d Detail) Place() Place { return d.place }

// Code names the reason for programs.
func (d Detail) Code() *Code { return d.code }

// Message says what is wrong, for people.
func (d Detail) Message() string { return d.message }

// Error is a refusal with a kind. Message and Details are shown to clients, the cause only to the log.
type Error struct {
	Kind    Kind
	Message string
	Details []Detail
	// RetryAfter is how long a client should wait before it tries again; 0 means not said.
	RetryAfter time.Duration
	// OAuth is the error code of RFC 6749, section 5.2, of refusals that answer its requests; else empty.
	OAuth string

	code   *Code
	origin *Error
	cause  error
}

// New makes a refusal of the call as a whole, usually a package-level sentinel. Its kind is the code's.
func New(code *Code, message string) *Error {
	return &Error{Kind: code.Kind, code: code, Message: message}
}

// At makes a refusal because of one part of the call: its message is also the reason's. Its kind is the code's.
func At(place Place, code *Code, message string) *Error {
	return List(code.Kind, message, NewDetail(place, code, message))
}

// List makes a refusal for several reasons, which may come later through With.
func List(kind Kind, message string, reasons ...Detail) *Error {
	return &Error{Kind: kind, Message: message, Details: reasons}
}

// Code names a refusal without details for programs; nil when its details do.
func (e *Error) Code() *Code { return e.code }

// Error implements error. The cause is part of the text, because this text is for logs.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Message)
	for _, d := range e.Details {
		if d.message == e.Message {
			continue
		}
		b.WriteString("; ")
		if place := d.place.String(); place != "" {
			b.WriteString(place + ": ")
		}
		b.WriteString(d.message)
	}
	if e.cause != nil {
		b.WriteString(": " + e.cause.Error())
	}
	return b.String()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.cause }

// Is reports whether e was made from the sentinel target, however often it was copied since.
func (e *Error) Is(target error) bool {
	var t *Error
	return errors.As(target, &t) && e.root() == t.root()
}

func (e *Error) root() *Error {
	if e.origin != nil {
		return e.origin
	}
	return e
}

func (e *Error) derive() *Error {
	c := *e
	c.origin = e.root()
	return &c
}

// Because returns a copy that carries cause for the log; errors.Is still finds the sentinel.
func (e *Error) Because(cause error) *Error {
	c := e.derive()
	c.cause = cause
	return c
}

// With returns a copy with other details.
func (e *Error) With(details ...Detail) *Error {
	c := e.derive()
	c.Details = details
	return c
}

// After returns a copy that tells the client to wait d.
func (e *Error) After(d time.Duration) *Error {
	c := e.derive()
	c.RetryAfter = d
	return c
}

// As finds the outermost fault in err's chain; nil when there is none.
func As(err error) *Error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	return nil
}

// KindOf returns the kind of err, Internal for errors that are no fault.
func KindOf(err error) Kind {
	if e := As(err); e != nil {
		return e.Kind
	}
	return Internal
}
