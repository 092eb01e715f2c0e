package api

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/prometheus/client_golang/prometheus"

	"nms.example/common/authn"
)

// Authenticator finds out who calls.
type Authenticator interface {
	// Authenticate returns the caller, nil without an error when the request carries no credentials, and
	// a fault (Unauthenticated, TooMany, Unavailable) when it carries some that do not hold.
	Authenticate(ctx context.Context, r *http.Request) (*authn.Principal, error)
}

// Limiter bounds the request rate per key, a principal's actor string or "addr:" and a network address.
type Limiter interface {
	// Allow takes one token; when there is none, it says how long until there is one.
	Allow(ctx context.Context, key string) (retryAfter time.Duration, ok bool)
}

// Defaults of Options.
const (
	DefaultMaxBodyBytes   = 8 << 20
	DefaultBodyTimeout    = 30 * time.Second
	DefaultRequestTimeout = 30 * time.Second
)

// Options configure an API. The zero value works: no credentials are accepted, nothing is limited.
type Options struct {
	Title       string // of the OpenAPI document
	Version     string
	Description string

	// Dev serves /docs and lets pages from loopback origins call, so that the docs of one service can
	// fetch a token from another.
	Dev bool
	// TokenURL is where the docs' Authorize button and other OpenAPI clients get a token: auth's
	// /api/v1/auth/token as a browser reaches it; empty means that path on this very service.
	TokenURL string

	Logger        *slog.Logger          // nil: nothing is logged
	Registerer    prometheus.Registerer // nil: nothing is measured
	Authenticator Authenticator         // may come later, see SetAuthenticator
	Limiter       Limiter               // nil: no limit; may come later, see SetLimiter

	// CORSOrigins are origins such as "https://nms.example.org" whose pages may call with credentials;
	// "*" lets every origin call, without credentials.
	CORSOrigins []string
	// TrustedProxies are the networks whose X-Forwarded-For is believed; see ParseNetworks.
	TrustedProxies []netip.Prefix

	// MaxBodyBytes bounds an inflated request body unless the operation sets its own; 0 means DefaultMaxBodyBytes.
	MaxBodyBytes int64
	// BodyTimeout bounds the reading of a request body, and each single read of a streamed one.
	BodyTimeout time.Duration
	// RequestTimeout is the deadline of a handler's context unless the operation sets its own.
	RequestTimeout time.Duration

	// Recheck is how often the caller of an answer that stays open is looked at again; 0 means DefaultRecheck.
	Recheck time.Duration
	// Draining is closed when the service begins to stop, and ends streams of events; nil: it does not.
	Draining <-chan struct{}

	// Middleware runs in front of every route, within the request's log line and panic handling; it is
	// meant for otelgin.
	Middleware []gin.HandlerFunc
}

func (o *Options) setDefaults() {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.MaxBodyBytes == 0 {
		o.MaxBodyBytes = DefaultMaxBodyBytes
	}
	if o.BodyTimeout == 0 {
		o.BodyTimeout = DefaultBodyTimeout
	}
	if o.RequestTimeout == 0 {
		o.RequestTimeout = DefaultRequestTimeout
	}
	if o.Recheck == 0 {
		o.Recheck = DefaultRecheck
	}
	if o.TokenURL == "" {
		o.TokenURL = "/api/v1/auth/token"
	}
	if o.Title == "" {
		o.Title = "API"
	}
	if o.Version == "" {
		o.Version = "0.0.0"
	}
}

// ParseNetworks reads networks such as "10.0.0.0/8", and single addresses. The error names the
// positions of those that are neither, counted from 1.
func ParseNetworks(texts []string) ([]netip.Prefix, error) {
	networks := make([]netip.Prefix, 0, len(texts))
	for i, text := range texts {
		text = strings.TrimSpace(text)
		if addr, err := netip.ParseAddr(text); err == nil {
			addr = addr.Unmap()
			networks = append(networks, netip.PrefixFrom(addr, addr.BitLen()))
			continue
		}
		network, err := netip.ParsePrefix(text)
		if err != nil {
			return nil, fmt.Errorf("entry %d is neither an address nor a network in CIDR notation", i+1)
		}
		networks = append(networks, network.Masked())
	}
	return networks, nil
}
