package redis

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"

	"nms.example/common/config"
)

// Bounds of the client's patience.
const (
	// DefaultTimeout bounds every single operation.
	DefaultTimeout = 50 * time.Millisecond
	// DefaultPrefix starts every key and channel.
	DefaultPrefix = "nms:"

	dialTimeout = 500 * time.Millisecond
	// reloadPause is the least time between two readings of a cluster's topology that failures bring about.
	reloadPause = 250 * time.Millisecond
)

// ErrDown says that Redis did not answer in time or that a breaker is open. Callers go on without it.
var ErrDown = errors.New("redis: Redis is not answering")

// Settings tell where Redis is and what the service's keys start with.
type Settings struct {
	// DSN takes three forms. Credentials, TLS (rediss) and the database number are the same in all:
	//
	//	redis://[user:password@]host:6379[/db]                             one server
	//	redis://[user:password@]host1:26379,host2:26379/db?master=NAME     sentinels of the master NAME;
	//	        sentinel_username= and sentinel_password= when they ask for credentials of their own
	//	redis://[user:password@]host1:6379,host2:6379                      nodes of a cluster
	//	redis://[user:password@]host:6379?cluster=true                     a cluster by one address
	//
	// With rediss: cacertfile=, certfile=, keyfile= and server_name_indication=, as config.TLSFiles says.
	DSN config.RedisDSN
	// Prefix of every key and channel; DefaultPrefix when empty.
	Prefix string
	// Name is shown by CLIENT LIST.
	Name string
	// Timeout of one operation; DefaultTimeout when 0.
	Timeout time.Duration
}

// Client is a Redis client that never makes its caller wait: each operation has a deadline, and a
// breaker per node answers ErrDown at once while that node is away. Safe for concurrent use.
type Client struct {
	rdb      redis.UniversalClient
	cluster  *redis.ClusterClient // rdb, when Redis is a cluster
	prefix   string
	timeout  time.Duration
	breakers breakers
	origin   string // distinguishes this process in CLIENT LIST

	reloaded atomic.Int64 // when a failure last made the topology be read, Unix nanoseconds
}

// Open makes the client. Redis need not be there: only a DSN that cannot be understood is an error, and
// its text never repeats the DSN. Connections are made when they are needed.
func Open(s Settings) (*Client, error) {
	options, err := universalOptions(s.DSN)
	if err != nil {
		return nil, err
	}
	timeout := s.Timeout
	if timeout <= 0 {
		timeout = DefaultTimeout
	}
	prefix := s.Prefix
	if prefix == "" {
		prefix = DefaultPrefix
	}
	origin := s.Name
	if origin == "" {
		origin = "nms-" + strings.ToLower(rand.Text()[:6])
	}
	options.ClientName = origin
	options.ContextTimeoutEnabled = true
	options.DialTimeout = dialTimeout
	options.DialerRetries = 1
	options.ReadTimeout, options.WriteTimeout = timeout, timeout
	options.PoolTimeout = timeout
	options.MaxRetries = 1 // a connection that died while idle is found out on use
	options.MinRetryBackoff, options.MaxRetryBackoff = time.Millisecond, 2*time.Millisecond
	options.Protocol = 2 // no push frames: pub/sub has connections of its own
	silence()
	c := &Client{
		rdb: redis.NewUniversalClient(options), prefix: prefix, timeout: timeout, origin: origin,
		breakers: breakers{byAddress: map[string]breaker{}},
	}
	switch rdb := c.rdb.(type) {
	case *redis.ClusterClient:
		c.cluster = rdb
		rdb.OnNewNode(c.breakers.guard)
	case *redis.Client:
		c.breakers.guard(rdb)
	}
	return c, nil
}

// silence stops go-redis from writing to standard error: every failure reaches the caller as an error.
var silence = sync.OnceFunc(func() { redis.SetLogger(noLogger{}) })

type noLogger struct{}

func (noLogger) Printf(context.Context, string, ...any) {}

// answered tells Redis's own answers, even refusals, from its absence.
func answered(err error) bool {
	if err == nil || errors.Is(err, redis.Nil) {
		return true
	}
	var reply redis.Error
	if !errors.As(err, &reply) {
		return false
	}
	for _, down := range []string{"LOADING", "MASTERDOWN", "CLUSTERDOWN", "READONLY", "TRYAGAIN"} {
		if strings.HasPrefix(reply.Error(), down) {
			return false
		}
	}
	return true
}

// Key joins parts with ":" behind the client's prefix. Put {braces} around a part that several keys of
// one script share, so that a cluster keeps them together.
func (c *Client) Key(parts ...string) string { return c.prefix + strings.Join(parts, ":") }

// Do runs one operation (a command, a pipeline, a script) within the deadline and through the breakers. f must use the
// context that it is given. The error is ErrDown (wrapped) when Redis was not there, otherwise f's own,
// redis.Nil included.
func (c *Client) Do(ctx context.Context, f func(ctx context.Context, rdb redis.UniversalClient) error) error {
	bounded, cancel := context.WithTimeoutCause(ctx, c.timeout, errSlow)
	defer cancel()
	err := f(bounded, c.rdb)
	switch {
	case err != nil && ctx.Err() != nil:
		cause := context.Cause(ctx)
		if !errors.Is(cause, context.Canceled) {
			cause = fmt.Errorf("%w: %w", context.Canceled, cause) // the caller's own deadline is not Redis's fault
		}
		return cause
	case answered(err):
		return err
	}
	c.reloadTopology(ctx)
	if refused(err) {
		return ErrDown
	}
	return fmt.Errorf("%w: %w", ErrDown, err)
}

// reloadTopology has a cluster's client look who owns which slots. By itself it does so once a minute and when a node
// says that a slot has moved, which a dead one never does.
func (c *Client) reloadTopology(ctx context.Context) {
	if c.cluster == nil {
		return
	}
	now, last := time.Now().UnixNano(), c.reloaded.Load()
	if now-last >= int64(reloadPause) && c.reloaded.CompareAndSwap(last, now) {
		c.cluster.ReloadState(ctx) // in the background, one at a time
	}
}

// Down reports whether a breaker holds operations back at the moment.
func (c *Client) Down() bool { return c.breakers.open() }

// Check pings Redis, past the breakers; of a cluster every master. For the health bit Cache.
func (c *Client) Check(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(pastBreakers(ctx), dialTimeout)
	defer cancel()
	var err error
	if c.cluster != nil {
		err = c.cluster.ForEachMaster(ctx, func(ctx context.Context, node *redis.Client) error { return node.Ping(ctx).Err() })
	} else {
		err = c.rdb.Ping(ctx).Err()
	}
	if err != nil {
		c.reloadTopology(ctx)
		return fmt.Errorf("%w: %w", ErrDown, err)
	}
	return nil
}

// Publish sends a message to every Listen of a channel, which gets the client's prefix.
func (c *Client) Publish(ctx context.Context, channel string, message []byte) error {
	return c.Do(ctx, func(ctx context.Context, rdb redis.UniversalClient) error {
		return rdb.Publish(ctx, c.Key(channel), message).Err()
	})
}

// Close ends all connections.
func (c *Client) Close() error {
	if err := c.rdb.Close(); err != nil {
		return fmt.Errorf("redis: close: %w", err)
	}
	return nil
}
