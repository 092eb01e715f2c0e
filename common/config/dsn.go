package config

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// PostgresDSN is the address of a PostgreSQL database:
//
//	postgres://user:password@host:port/database?sslmode=verify-full
//
// also with several hosts (host1:5432,host2:5432) or a Unix socket (postgres://user@/database?host=/run/postgresql).
// Printed in any way it shows hosts and database, never the user, the password or the query.
type PostgresDSN struct{ dsn }

// AMQPDSN is the address of a RabbitMQ virtual host: amqp://user:password@host:port/vhost, or amqps. Several hosts
// (host1:5672,host2:5672) are nodes of one cluster.
type AMQPDSN struct{ dsn }

// RedisDSN is the address of a Redis server: redis://user:password@host:port/db, rediss, or
// unix:///path; several hosts are separated by commas.
type RedisDSN struct{ dsn }

const (
	expectsPostgres = "postgres://user:password@host:port/database, special characters percent-encoded"
	expectsAMQP     = "amqp://user:password@host:port[,host:port…]/vhost, special characters percent-encoded"
	expectsRedis    = "redis://user:password@host:port/number, special characters percent-encoded"
)

// Decode implements Decoder. Its error never holds the text.
func (d *PostgresDSN) Decode(value string) error {
	parsed, err := parseDSN(value, "5432", "postgres", "postgresql")
	if err == nil && len(parsed.hosts) == 0 && parsed.query.Get("host") == "" {
		err = errors.New("names no host")
	}
	if err == nil {
		d.dsn = parsed.seal(value)
	}
	return err
}

// Decode implements Decoder. Its error never holds the text.
func (d *AMQPDSN) Decode(value string) error {
	parsed, err := parseAMQP(value)
	if err == nil && len(parsed.hosts) == 0 {
		err = errors.New("names no host")
	}
	if err == nil {
		d.dsn = parsed.seal(value)
	}
	return err
}

func parseAMQP(value string) (address, error) {
	port := "5672"
	if strings.HasPrefix(strings.ToLower(value), "amqps:") {
		port = "5671"
	}
	return parseDSN(value, port, "amqp", "amqps")
}

// PerHost returns a full address for each host, in their order.
func (d AMQPDSN) PerHost() []string {
	parsed, err := parseAMQP(d.Reveal())
	if err != nil {
		return nil
	}
	hosts := parsed.hosts
	urls := make([]string, len(hosts))
	for i := range hosts {
		parsed.hosts = hosts[i : i+1]
		urls[i] = parsed.text()
	}
	return urls
}

// Decode implements Decoder. Its error never holds the text.
func (d *RedisDSN) Decode(value string) error {
	parsed, err := parseDSN(value, "6379", "redis", "rediss", "unix")
	switch {
	case err != nil:
		return err
	case parsed.scheme == "unix" && strings.Trim(parsed.path, "/") == "":
		return errors.New("names no socket")
	case parsed.scheme != "unix" && len(parsed.hosts) == 0:
		return errors.New("names no host")
	}
	d.dsn = parsed.seal(value)
	return nil
}

func (*PostgresDSN) expects() string { return expectsPostgres }
func (*AMQPDSN) expects() string     { return expectsAMQP }
func (*RedisDSN) expects() string    { return expectsRedis }

// dsn keeps the address behind a pointer for the same reason as Secret does.
type dsn struct {
	full *string
	// shown is the address without user, password and query.
	shown string
}

// Reveal returns the full address in a form that net/url and the drivers read.
func (d dsn) Reveal() string {
	if d.full == nil {
		return ""
	}
	return *d.full
}

// IsZero reports whether there is no address.
func (d dsn) IsZero() bool { return d.full == nil }

// String returns scheme, hosts and path: enough to know which server is meant.
func (d dsn) String() string { return d.shown }

// GoString is String for %#v.
func (d dsn) GoString() string { return "config.DSN(" + d.shown + ")" }

// Format covers every verb.
func (d dsn) Format(f fmt.State, verb rune) { formatRedacted(f, verb, d) }

// LogValue keeps the password out of log/slog.
func (d dsn) LogValue() slog.Value { return slog.StringValue(d.shown) }

// MarshalText keeps the password out of JSON and every other encoding built on text.
func (d dsn) MarshalText() ([]byte, error) { return []byte(d.shown), nil }

func (d *dsn) sensitive() {}

// address is a DSN taken apart. Drivers read DSNs with net/url, which refuses some that the libpq
// rules allow (a socket as a percent-encoded host, a port on some hosts only), and whose errors
// repeat the text with the password in it; so the parts are read here.
type address struct {
	scheme    string
	user      *url.Userinfo
	hosts     []string // host:port, in brackets when IPv6
	path      string   // as written, percent-encoded
	query     url.Values
	rewritten bool // the text itself would not be understood by the drivers
}

func parseDSN(value, defaultPort string, schemes ...string) (address, error) {
	var a address
	scheme, rest, ok := strings.Cut(value, "://")
	a.scheme = strings.ToLower(scheme)
	if !ok || !slices.Contains(schemes, a.scheme) {
		return a, errors.New("has another scheme than " + strings.Join(schemes, ", "))
	}
	if strings.ContainsFunc(rest, outsideURL) {
		return a, errEncoding
	}
	rest, query, _ := strings.Cut(rest, "?")
	authority, path, hasPath := strings.Cut(rest, "/")
	if hasPath {
		a.path = "/" + path
	}
	if _, err := url.PathUnescape(a.path); err != nil {
		return a, errEncoding
	}
	var err error
	if a.query, err = url.ParseQuery(query); err != nil {
		return a, errEncoding
	}
	if at := strings.LastIndexByte(authority, '@'); at >= 0 {
		if a.user, err = parseUser(authority[:at]); err != nil {
			return a, err
		}
		// Parsers disagree on where a bare "@" ends the password; encoded, it is the same to all.
		a.rewritten = strings.Contains(authority[:at], "@")
		authority = authority[at+1:]
	}
	return a, a.parseHosts(authority, defaultPort)
}

// outsideURL finds what stands in no URL unencoded, or ends what the drivers read of it.
func outsideURL(r rune) bool { return r <= ' ' || r == '#' || r == '\\' || r == 0x7f }

func parseUser(text string) (*url.Userinfo, error) {
	name, password, hasPassword := strings.Cut(text, ":")
	name, err := url.PathUnescape(name)
	if err != nil {
		return nil, errEncoding
	}
	if !hasPassword {
		return url.User(name), nil
	}
	if password, err = url.PathUnescape(password); err != nil {
		return nil, errEncoding
	}
	return url.UserPassword(name, password), nil
}

func (a *address) parseHosts(authority, defaultPort string) error {
	if authority == "" {
		return nil
	}
	for item := range strings.SplitSeq(authority, ",") {
		host, port, err := splitHostPort(item)
		if err != nil {
			return err
		}
		if strings.HasPrefix(host, "/") {
			// A socket's folder as host; the drivers take it from the query.
			a.query.Set("host", host)
			if port != "" {
				a.query.Set("port", port)
			}
			a.hosts, a.rewritten = nil, true
			return nil
		}
		if port == "" {
			port = defaultPort
		}
		a.hosts = append(a.hosts, net.JoinHostPort(host, port))
	}
	return nil
}

func splitHostPort(item string) (host, port string, err error) {
	host = item
	if colon := strings.LastIndexByte(item, ':'); colon >= 0 && !strings.HasSuffix(item, "]") {
		host, port = item[:colon], item[colon+1:]
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
			return "", "", errors.New("has a port that is not 1 to 65535")
		}
	}
	if strings.HasPrefix(host, "[") && strings.HasSuffix(host, "]") {
		host = host[1 : len(host)-1]
	} else if strings.Contains(host, ":") {
		return "", "", errEncoding
	}
	host, err = url.PathUnescape(host)
	if err != nil {
		return "", "", errEncoding
	}
	if host == "" {
		return "", "", errors.New("names no host")
	}
	// Only a socket's folder needs such characters; in a name they would end it where nobody meant it to end.
	if !strings.HasPrefix(host, "/") && (strings.ContainsFunc(host, outsideURL) || strings.ContainsAny(host, "/?@[]\"<>^`{|}")) {
		return "", "", errEncoding
	}
	return host, port, nil
}

// text writes the address so that net/url reads it.
func (a *address) text() string {
	full := a.scheme + "://"
	if a.user != nil {
		full += a.user.String() + "@"
	}
	full += strings.Join(a.hosts, ",") + a.path
	if len(a.query) > 0 {
		full += "?" + a.query.Encode()
	}
	return full
}

// seal keeps the text as it was given unless a driver's net/url could not read it.
func (a *address) seal(value string) dsn {
	full := value
	if _, err := url.Parse(value); err != nil || a.rewritten {
		full = a.text()
	}
	shown := a.scheme + "://" + strings.Join(a.hosts, ",") + a.path
	if socket := a.query.Get("host"); len(a.hosts) == 0 && socket != "" {
		shown = a.scheme + "://" + url.PathEscape(socket) + a.path
	}
	return dsn{full: &full, shown: shown}
}
