package schema

import (
	"context"
	"errors"
	"fmt"
	"net"
	"syscall"

	"github.com/jackc/pgx/v5/pgconn"
)

// ConnectError turns the failure to connect to a database into one sentence for an operator. It names the
// server, the database and the user, and never a password or the whole URL.
//
// The cause stays in the chain for errors.Is and errors.As only; its own text is not repeated, because the
// driver quotes parts of the URL in it.
func ConnectError(d Database, cfg *pgconn.Config, err error) error {
	if err == nil {
		return nil
	}
	return &connectError{sentence: connectSentence(d, cfg, err), cause: err}
}

type connectError struct {
	sentence string
	cause    error
}

func (e *connectError) Error() string { return e.sentence }
func (e *connectError) Unwrap() error { return e.cause }

func connectSentence(d Database, cfg *pgconn.Config, err error) string {
	server := fmt.Sprintf("%s:%d", cfg.Host, cfg.Port)
	cannot := fmt.Sprintf("database %s cannot be reached at %s (%s)", d, server, d.Variable())

	if refused, ok := errors.AsType[*pgconn.PgError](err); ok {
		return refusal(d, cfg, server, refused)
	}
	var dns *net.DNSError
	var timeout net.Error
	switch {
	case errors.As(err, &dns):
		return cannot + ": the host name is not known"
	case errors.Is(err, syscall.ECONNREFUSED):
		return cannot + ": nothing listens there"
	case errors.Is(err, context.Canceled):
		return cannot + ": the attempt was called off"
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return cannot + ": no answer in time"
	default:
		return cannot + ": the connection failed or was broken off (is it a PostgreSQL server, and is TLS set as sslmode says?)"
	}
}

func refusal(d Database, cfg *pgconn.Config, server string, refused *pgconn.PgError) string {
	switch refused.Code {
	case "28P01", "28000":
		return fmt.Sprintf("database %s at %s refuses the user %q: wrong password, or the server does not let this user in from here (%s)",
			d, server, cfg.User, d.Variable())
	case "3D000":
		return fmt.Sprintf("the server at %s has no database %q: create it first, or correct %s", server, cfg.Database, d.Variable())
	case "42501":
		return fmt.Sprintf("the user %q may not connect to database %q at %s (%s)", cfg.User, cfg.Database, server, d.Variable())
	case "53300":
		return fmt.Sprintf("database %s at %s has no connection left: raise max_connections, or lower DB_MAX_CONNS", d, server)
	case "57P03":
		return fmt.Sprintf("database %s at %s is starting up or shutting down", d, server)
	default:
		return fmt.Sprintf("database %s at %s refuses the connection with SQLSTATE %s (%s)", d, server, refused.Code, d.Variable())
	}
}
