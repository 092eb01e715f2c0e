package session

import (
	"context"
	"encoding/hex"
	"net/netip"
	"strconv"
	"time"

	"nms.example/common/authn"
	"nms.example/common/name"
	"nms.example/common/ratelimit"
	"nms.example/common/redis"
)

// gates slow down guessing, over all instances together.
//
// A login passes two gates: that of its account, against many addresses guessing at one account, and
// that of its address, against one address guessing at many accounts. A stranger can close both for a user who
// has done nothing wrong. So a user who comes from an address where the account was in use lately passes
// a gate of its own instead, which belongs to this account at this address and which only guesses from
// there can close.
type gates struct {
	keyring *authn.Keyring
	account *ratelimit.Backoff
	address *ratelimit.Backoff
	known   *ratelimit.Backoff
}

func newGates(redis *redis.Client, k *authn.Keyring) *gates {
	return &gates{
		keyring: k,
		account: ratelimit.NewBackoff(redis, "login-account", ratelimit.Delays{
			Free: 5, Base: time.Second, Max: 15 * time.Minute, Forget: time.Hour,
		}),
		// An office behind one address mistypes more than a person does.
		address: ratelimit.NewBackoff(redis, "login-address", ratelimit.Delays{
			Free: 30, Base: time.Second, Max: 15 * time.Minute, Forget: time.Hour,
		}),
		known: ratelimit.NewBackoff(redis, "login-known", ratelimit.Delays{
			Free: 10, Base: time.Second, Max: 15 * time.Minute, Forget: time.Hour,
		}),
	}
}

// gate is what one login has to pass.
type gate struct {
	*gates

	isKnown              bool
	accountKey, placeKey string
}

// forUser returns the gate of a login to an existing account.
func (g *gates) forUser(id int64, network netip.Prefix, known bool) gate {
	return gate{gates: g, isKnown: known, accountKey: "user:" + strconv.FormatInt(id, 10), placeKey: network.String()}
}

// forStranger returns the gate of a login to an account that does not exist. Its text is not kept: people
// type passwords into the wrong field.
func (g *gates) forStranger(login string, network netip.Prefix) gate {
	return gate{
		gates: g, accountKey: "none:" + hex.EncodeToString(g.keyring.MAC("login", []byte(name.Fold(login)))[0][:16]),
		placeKey: network.String(),
	}
}

// pending tells how long a login would have to wait now, without counting one.
func (g gate) pending(ctx context.Context) time.Duration {
	if g.isKnown {
		return g.known.Pending(ctx, g.accountKey+"@"+g.placeKey)
	}
	return max(g.account.Pending(ctx, g.accountKey), g.address.Pending(ctx, g.placeKey))
}

// attempt counts a login as failed, until passed says otherwise, or refuses it.
func (g gate) attempt(ctx context.Context) error {
	if g.isKnown {
		if wait, ok := g.known.Attempt(ctx, g.accountKey+"@"+g.placeKey); !ok {
			return ErrThrottle.After(max(wait, time.Second))
		}
		return nil
	}
	if wait, ok := g.account.Attempt(ctx, g.accountKey); !ok {
		return ErrThrottle.After(max(wait, time.Second))
	}
	if wait, ok := g.address.Attempt(ctx, g.placeKey); !ok {
		g.account.Forgiven(ctx, g.accountKey)
		return ErrThrottle.After(max(wait, time.Second))
	}
	return nil
}

// passed takes the attempt back after the right password. The address keeps its other failures: its owner
// may have an account and guess at others'.
func (g gate) passed(ctx context.Context) {
	if g.isKnown {
		g.known.Succeeded(ctx, g.accountKey+"@"+g.placeKey)
		return
	}
	g.account.Succeeded(ctx, g.accountKey)
	g.address.Forgiven(ctx, g.placeKey)
}
