package schema

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
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
	hosts := Hosts(cfg)
	if len(hosts) == 1 {
		if refused, ok := errors.AsType[*pgconn.PgError](err); ok {
			return refusal(d, cfg, hosts[0], refused)
		}
		return fmt.Sprintf("database %s cannot be reached at %s (%s): %s", d, hosts[0], d.Variable(), cause(err))
	}
	all, ok := errors.AsType[interface {
		error
		Unwrap() []error
	}](err)
	if !ok { // of the wait for a connection, not of an attempt to make one
		return fmt.Sprintf("database %s cannot be reached at %s (%s): %s", d, strings.Join(hosts, " or "), d.Variable(), cause(err))
	}
	return fmt.Sprintf("database %s cannot be reached at any of its servers (%s): %s", d, d.Variable(), causes(hosts, all.Unwrap()))
}

// Hosts lists the servers, host and port, that the configuration names, each once.
func Hosts(cfg *pgconn.Config) []string {
	hosts := []string{net.JoinHostPort(cfg.Host, strconv.Itoa(int(cfg.Port)))}
	for _, f := range cfg.Fallbacks {
		if host := net.JoinHostPort(f.Host, strconv.Itoa(int(f.Port))); !slices.Contains(hosts, host) {
			hosts = append(hosts, host)
		}
	}
	return hosts
}

// WantWritable makes connections look for the server that takes changes when the configuration names several and does
// not say otherwise with target_session_attrs. url is what cfg was made of.
func WantWritable(cfg *pgconn.Config, url string) {
	if len(Hosts(cfg)) > 1 && cfg.ValidateConnect == nil && !strings.Contains(url, "target_session_attrs=") {
		cfg.ValidateConnect = pgconn.ValidateConnectTargetSessionAttrsReadWrite
	}
}

// causes says of each server why it does not serve.
func causes(hosts []string, attempts []error) string {
	sentences := make([]string, len(hosts))
	for i, host := range hosts {
		sentences[i] = host + ": not tried"
		for _, attempt := range attempts {
			if attemptedAt(attempt, host) {
				sentences[i] = host + ": " + cause(attempt)
			}
		}
	}
	return strings.Join(sentences, "; ")
}

// attemptedAt tells whether an error is that of the connection to a host. The driver's begins with
// "address:port (host): ".
func attemptedAt(attempt error, hostPort string) bool {
	if dns, ok := errors.AsType[*net.DNSError](attempt); ok {
		host, _, _ := net.SplitHostPort(hostPort) // made by Hosts
		return dns.Name == host
	}
	address, rest, _ := strings.Cut(attempt.Error(), " (")
	host, _, _ := strings.Cut(rest, "): ")
	_, port, err := net.SplitHostPort(address)
	return err == nil && net.JoinHostPort(host, port) == hostPort
}

// cause tells in a few words why a connection failed.
func cause(err error) string {
	var dns *net.DNSError
	var timeout net.Error
	var refused *pgconn.PgError
	var certificate *tls.CertificateVerificationError
	var broken *net.OpError
	switch {
	case errors.As(err, &refused):
		return refusalInWords(refused.Code)
	case errors.As(err, &certificate):
		return certificate.Error()
	case errors.As(err, &broken) && broken.Op == "remote error": // an alert of TLS
		return broken.Error()
	case errors.Is(err, pgconn.ErrReadOnlyConnection), errors.Is(err, pgconn.ErrStandbyConnection):
		return "it takes no changes, as a standby does"
	case errors.As(err, &dns):
		return "the host name is not known"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "nothing listens there"
	case errors.Is(err, context.Canceled):
		return "the attempt was called off"
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return "no answer in time"
	default:
		return "the connection failed or was broken off (is it a PostgreSQL server, and is TLS set as sslmode says?)"
	}
}

// refusalInWords is refusal for one server of several.
func refusalInWords(code string) string {
	switch code {
	case "28P01", "28000":
		return "it refuses the user: wrong password, or this user is not let in from here"
	case "3D000":
		return "it has no such database"
	case "53300":
		return "it has no connection left"
	case "57P03":
		return "it is starting up or shutting down"
	default:
		return "it refuses the connection with SQLSTATE " + code
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
