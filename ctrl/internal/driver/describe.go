package driver

import (
	"context"
	"errors"
)

// Describe says in our words why something could not be done; the log has the error's own.
func Describe(err error) string {
	plain, isPlain := errors.AsType[PlainError](err)
	switch {
	case isPlain:
		return string(plain)
	case errors.Is(err, ErrNotAllowed):
		return "the address " + ErrNotAllowed.Message
	case errors.Is(err, ErrSecret):
		return "its secret cannot be read"
	case errors.Is(err, context.DeadlineExceeded), isTimeout(err):
		return "no answer came in time"
	default:
		return "the connection failed or was closed"
	}
}

func isTimeout(err error) bool {
	timeout, ok := errors.AsType[interface {
		error
		Timeout() bool
	}](err)
	return ok && timeout.Timeout()
}
