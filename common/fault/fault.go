// Package fault is the one kind of error that a domain hands to its callers on purpose.
//
// A domain declares its refusals as sentinels and wraps what caused them; package api turns the kind
// into an HTTP status and the details into the answer's `errors` list. Any other error is an internal
// one: its text goes to the log and never to a client.
package fault

import (
	"errors"
	"strings"
	"time"
)

// Kind says what went wrong in terms that a transport can translate.
type Kind uint8

// The kinds, each with the HTTP status that package api gives it.
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

// Detail is one reason, bound to the place in the request that it speaks of.
type Detail struct {
	// Location is a dotted path such as "body.location.lat", "query.limit" or "path.id"; empty for
	// the request as a whole.
	Location string
	// Message says what is wrong with it and never repeats the offending value.
	Message string
}

// Error is a refusal with a kind. Message and Details are shown to clients, the cause only to the log.
type Error struct {
	Kind    Kind
	Message string
	Details []Detail
	// RetryAfter is how long a client should wait before it tries again; 0 means not said.
	RetryAfter time.Duration
	// Code is a machine-readable error code of the protocol at hand (RFC 6749's `error`), often empty.
	Code string

	origin *Error
	cause  error
}

// New makes an error, usually a package-level sentinel.
func New(kind Kind, message string, details ...Detail) *Error {
	return &Error{Kind: kind, Message: message, Details: details}
}

// At makes an error about one place of the request: its message is also the detail's.
func At(kind Kind, location, message string) *Error {
	return New(kind, message, Detail{Location: location, Message: message})
}

// Error implements error. The cause is part of the text, because this text is for logs.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Message)
	for _, d := range e.Details {
		if d.Message == e.Message {
			continue
		}
		b.WriteString("; ")
		if d.Location != "" {
			b.WriteString(d.Location + ": ")
		}
		b.WriteString(d.Message)
	}
	if e.cause != nil {
		b.WriteString(": " + e.cause.Error())
	}
	return b.String()
}

// Unwrap gives the cause.
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

// KindOf gives the kind of err, Internal for errors that are no fault.
func KindOf(err error) Kind {
	if e := As(err); e != nil {
		return e.Kind
	}
	return Internal
}
