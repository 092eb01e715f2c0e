package redis

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"

	"nms.example/common/config"
)

var errDSN = errors.New("REDIS_DSN is not redis://[user:password@]host:port[,host:port…][/db][?master=name|?cluster=true]")

// universalOptions reads the three forms of the DSN that Settings describes. net/url refuses a list of
// hosts, so they are cut out first. No error repeats any of the text.
func universalOptions(dsn config.RedisDSN) (*redis.UniversalOptions, error) {
	scheme, rest, ok := strings.Cut(dsn.Reveal(), "://")
	if !ok {
		return nil, errDSN
	}
	if scheme == "unix" {
		return unixOptions(dsn.Reveal())
	}
	authority, tail := rest, ""
	if i := strings.IndexAny(rest, "/?"); i >= 0 {
		authority, tail = rest[:i], rest[i:]
	}
	user, hosts := "", authority
	if i := strings.LastIndexByte(authority, '@'); i >= 0 {
		user, hosts = authority[:i+1], authority[i+1:]
	}
	u, err := url.Parse(scheme + "://" + user + "host" + tail)
	if err != nil {
		return nil, errDSN
	}
	o := &redis.UniversalOptions{Username: u.User.Username(), Addrs: addresses(hosts)}
	o.Password, _ = u.User.Password()
	if db := strings.Trim(u.Path, "/"); db != "" {
		if o.DB, err = strconv.Atoi(db); err != nil || o.DB < 0 {
			return nil, errDSN
		}
	}
	query := u.Query()
	o.MasterName = query.Get("master")
	o.SentinelUsername, o.SentinelPassword = query.Get("sentinel_username"), query.Get("sentinel_password")
	o.IsClusterMode = o.MasterName == "" && (query.Get("cluster") == "true" || len(o.Addrs) > 1)
	if o.IsClusterMode && o.DB != 0 {
		return nil, errors.New("REDIS_DSN names a cluster, which has no database numbers")
	}
	if scheme == "rediss" {
		if o.TLSConfig, err = config.TLSOf(query).Client(); err != nil { // each server is checked against its own name
			return nil, fmt.Errorf("REDIS_DSN: %w", err)
		}
	}
	return o, nil
}

func unixOptions(dsn string) (*redis.UniversalOptions, error) {
	parsed, err := redis.ParseURL(dsn)
	if err != nil {
		return nil, errDSN
	}
	return &redis.UniversalOptions{
		Addrs: []string{parsed.Addr}, DB: parsed.DB, Username: parsed.Username, Password: parsed.Password,
		// A path is told from host:port by the dialer.
		Dialer: redis.NewDialer(parsed),
	}, nil
}

// addresses splits "a,b:1" and adds the port where it is missing.
func addresses(hosts string) []string {
	var out []string
	for host := range strings.SplitSeq(hosts, ",") {
		if _, _, err := net.SplitHostPort(host); err != nil {
			host = net.JoinHostPort(strings.Trim(host, "[]"), "6379")
		}
		out = append(out, host)
	}
	return out
}
