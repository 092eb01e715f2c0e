package authn

import (
	"context"
	"net/netip"
	"sync"

	"nms.example/common/redis"
)

// Guard is what a service needs to know who calls it:
//
//	guard, err := authn.NewGuard(settings.Settings, redis, api.ClientAddr)
//	s.API().SetAuthenticator(guard)
//	s.Go("authn feed", guard.Run)
//	s.AddCheck(service.Check{Name: "authn", Bit: service.Cache, Probe: guard.Check})
type Guard struct {
	*Authenticator

	Keyring     *Keyring
	Revocations *Revocations
	Keys        *APIKeys

	feed *Feed
}

// NewGuard joins keyring, revocations, API keys and their feed. clientAddr is api.ClientAddr.
func NewGuard(s Settings, client *redis.Client, clientAddr func(context.Context) netip.Addr) (*Guard, error) {
	keyring, err := NewKeyring(s)
	if err != nil {
		return nil, err
	}
	revocations, keys := NewRevocations(), NewAPIKeys()
	g := &Guard{
		Authenticator: NewAuthenticator(keyring, revocations, keys, WithClientAddr(clientAddr)),
		Keyring:       keyring, Revocations: revocations, Keys: keys,
		feed: NewFeed(client, keyring, revocations, keys),
	}
	g.catchUp = g.feed.catchUp
	g.uses = &keyUses{redis: client}
	return g, nil
}

// Run keeps the guard current, and reports which API keys are used, until ctx ends.
func (g *Guard) Run(ctx context.Context) error {
	var reports sync.WaitGroup
	defer reports.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	reports.Go(func() { g.uses.run(ctx) })
	return g.feed.Run(ctx)
}

// Check fails while the guard may not be current.
func (g *Guard) Check(ctx context.Context) error { return g.feed.Check(ctx) }
