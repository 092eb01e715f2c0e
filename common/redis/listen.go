package redis

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/redis/go-redis/v9"

	"nms.example/common/retry"
)

// Redis pub/sub forgets who is away: a message sent while the connection is lost never comes. So a
// listener is told of every new subscription and then rebuilds its state from where it is kept.

// Listener takes the messages of one channel. Its functions are called one at a time.
type Listener struct {
	// Channel gets the client's prefix.
	Channel string
	// OnMessage takes one message.
	OnMessage func(ctx context.Context, message []byte)
	// OnSubscribed is called after each subscription, the first included, before the first message that
	// follows it: whatever was published before may have been missed and must be read anew. An error
	// makes the listener drop the connection and begin again after a pause.
	OnSubscribed func(ctx context.Context) error
	// OnLost is called when the connection broke, with the reason; may be nil.
	OnLost func(ctx context.Context, err error)
}

const (
	listenPing     = time.Second // silence after which the server is asked for a sign of life
	listenMinPause = 100 * time.Millisecond
	listenMaxPause = 2 * time.Second
)

var errSilent = errors.New("no sign of life from Redis")

// Listen serves a listener until ctx ends, over all losses of the connection. It blocks and returns nil.
func (c *Client) Listen(ctx context.Context, l Listener) error {
	pauses := retry.Growing(listenMinPause, listenMaxPause)
	for ctx.Err() == nil {
		began := time.Now()
		err := c.listenOnce(ctx, l)
		if ctx.Err() != nil {
			break
		}
		c.reloadTopology(ctx)
		if l.OnLost != nil {
			l.OnLost(ctx, err)
		}
		if !pauses.WaitSince(ctx, began) {
			break
		}
	}
	return nil //nolint:nilerr // stopped
}

// listenOnce holds one subscription. go-redis would resubscribe by itself and in silence, so the
// subscription is given up at the first fault.
func (c *Client) listenOnce(ctx context.Context, l Listener) error {
	sub := c.rdb.Subscribe(ctx, c.Key(l.Channel))
	defer func() { _ = sub.Close() }()
	stop := context.AfterFunc(ctx, func() { _ = sub.Close() }) // ends a read at once, in place of when the server is asked for a sign of life
	defer stop()
	subscribed, asked := false, false
	for {
		received, err := sub.ReceiveTimeout(ctx, listenPing)
		var netErr net.Error
		switch {
		case err != nil && ctx.Err() != nil:
			return fmt.Errorf("redis: listen: %w", ctx.Err())
		case errors.As(err, &netErr) && netErr.Timeout():
			if !subscribed || asked {
				return errSilent
			}
			if err := c.pingSub(ctx, sub); err != nil {
				return err
			}
			asked = true
			continue
		case err != nil:
			return fmt.Errorf("redis: listen: %w", err)
		}
		asked = false
		switch m := received.(type) {
		case *redis.Subscription:
			if subscribed {
				return errSilent // reconnected behind our back: begin anew, so that nothing is missed unnoticed
			}
			subscribed = true
			if l.OnSubscribed != nil {
				if err := l.OnSubscribed(ctx); err != nil {
					return err
				}
			}
		case *redis.Message:
			l.OnMessage(ctx, []byte(m.Payload))
		}
	}
}

func (c *Client) pingSub(ctx context.Context, sub *redis.PubSub) error {
	ctx, cancel := context.WithTimeout(ctx, listenPing)
	defer cancel()
	if err := sub.Ping(ctx); err != nil {
		return fmt.Errorf("redis: listen: %w", err)
	}
	return nil
}
