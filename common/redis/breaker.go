package redis

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/sony/gobreaker/v2"
)

const (
	breakerFailures = 5               // commands in a row without an answer that open a node's breaker
	breakerPause    = 1 * time.Second // how long it stays open before one command may try again
)

var (
	// errSlow ends the context of an operation that Redis has not answered in time. Only then is it Redis that failed:
	// the caller's own context may end earlier.
	errSlow = errors.New("no answer in time")
	errLeft = errors.New("the caller has left")
)

// breakers holds commands back from nodes that do not answer, one breaker for each: while one node of a cluster is
// away, the keys of the others can be had.
type breakers struct {
	mu        sync.Mutex
	byAddress map[string]breaker
}

// breaker is a hook of a node's client.
type breaker struct {
	*gobreaker.CircuitBreaker[struct{}]
}

// guard puts a breaker before a node. A cluster's client calls it for every node that it meets.
func (b *breakers) guard(node *redis.Client) {
	address := node.Options().Addr
	b.mu.Lock()
	defer b.mu.Unlock()
	one, met := b.byAddress[address]
	if !met {
		one = breaker{gobreaker.NewCircuitBreaker[struct{}](gobreaker.Settings{
			Name:        address,
			Timeout:     breakerPause,
			ReadyToTrip: func(n gobreaker.Counts) bool { return n.ConsecutiveFailures >= breakerFailures },
			IsExcluded:  func(err error) bool { return errors.Is(err, errLeft) },
		})}
		b.byAddress[address] = one
	}
	node.AddHook(one)
}

// open reports whether any node's breaker holds commands back.
func (b *breakers) open() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, one := range b.byAddress {
		if one.State() == gobreaker.StateOpen {
			return true
		}
	}
	return false
}

// refused reports whether the error is a breaker's and not the node's.
func refused(err error) bool {
	return errors.Is(err, gobreaker.ErrOpenState) || errors.Is(err, gobreaker.ErrTooManyRequests)
}

// run sends a command, or refuses to. Any answer counts as success, a refusal too: nobody waits for those.
func (b breaker) run(ctx context.Context, send func(context.Context) error) error {
	if ctx.Value(past{}) != nil {
		return send(ctx)
	}
	var outcome error
	_, err := b.Execute(func() (struct{}, error) {
		outcome = send(pastBreakers(ctx)) // on a new connection the client sends commands of its own first
		var answer redis.Error
		switch {
		case outcome == nil, errors.As(outcome, &answer):
			return struct{}{}, nil
		case ctx.Err() != nil && !errors.Is(context.Cause(ctx), errSlow):
			return struct{}{}, errLeft
		default:
			return struct{}{}, outcome
		}
	})
	if refused(err) {
		return err //nolint:wrapcheck // Do wraps it
	}
	return outcome
}

// past marks the context of commands that no breaker holds back.
type past struct{}

func pastBreakers(ctx context.Context) context.Context { return context.WithValue(ctx, past{}, true) }

// DialHook implements redis.Hook.
func (breaker) DialHook(next redis.DialHook) redis.DialHook { return next }

// ProcessHook implements redis.Hook.
func (b breaker) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		return b.run(ctx, func(ctx context.Context) error { return next(ctx, cmd) })
	}
}

// ProcessPipelineHook implements redis.Hook.
func (b breaker) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		return b.run(ctx, func(ctx context.Context) error { return next(ctx, cmds) })
	}
}
