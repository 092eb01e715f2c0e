package authn

import (
	"context"
	"log/slog"
	"net/netip"
	"sync"

	"github.com/prometheus/client_golang/prometheus"

	"nms.example/common/redis"
)

// Guard is what a service needs to know who calls it; package backbone wires it.
type Guard struct {
	*Authenticator

	Keyring     *Keyring
	Revocations *Revocations
	Keys        *APIKeys

	log    *slog.Logger
	feed   *Feed
	remote *remoteKeys // nil: no keys are published to this service
}

// GuardOption changes how a Guard works.
type GuardOption func(*Guard)

// WithLog sets where the guard says that the public keys cannot be read; without it nowhere.
func WithLog(log *slog.Logger) GuardOption { return func(g *Guard) { g.log = log } }

// NewGuard joins keyring, revocations, API keys and their feed. clientAddr is api.ClientAddr.
func NewGuard(s KeySettings, client *redis.Client, clientAddr func(context.Context) netip.Addr, opts ...GuardOption) (*Guard, error) {
	keyring, err := NewKeyring(s)
	if err != nil {
		return nil, err
	}
	revocations, keys := NewRevocations(), NewAPIKeys()
	g := &Guard{
		Authenticator: NewAuthenticator(keyring, revocations, keys, WithClientAddr(clientAddr)),
		Keyring:       keyring, Revocations: revocations, Keys: keys,
		feed: NewFeed(client, keyring, revocations, keys), log: slog.New(slog.DiscardHandler),
	}
	for _, opt := range opts {
		opt(g)
	}
	g.catchUp = g.feed.catchUp
	g.uses = &keyUses{redis: client}
	if settings, ok := s.(Settings); ok && settings.JWKSURL != "" {
		g.remote = newRemoteKeys(settings.JWKSURL, settings.JWKSCopy, &keyring.public, g.log)
		g.seek, g.feed.seek = g.remote.seek, g.remote.seek
	}
	return g, nil
}

// Run keeps the guard current, and reports which API keys are used, until ctx ends.
func (g *Guard) Run(ctx context.Context) error {
	var others sync.WaitGroup
	defer others.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	others.Go(func() { g.uses.run(ctx) })
	if g.remote != nil {
		others.Go(func() { g.remote.run(ctx) })
	}
	return g.feed.Run(ctx)
}

// Check fails while the guard may not be current.
func (g *Guard) Check(ctx context.Context) error { return g.feed.Check(ctx) }

// Follows reports whether the keys come over HTTP, so that there may be none yet.
func (g *Guard) Follows() bool { return g.remote != nil }

// Collectors are the guard's metrics.
func (g *Guard) Collectors() []prometheus.Collector {
	if g.remote == nil {
		return nil
	}
	return g.remote.collectors()
}
