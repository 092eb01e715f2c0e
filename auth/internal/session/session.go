// Package session holds logins: what begins a session, keeps it going and ends it.
package session

import (
	"net/netip"
	"time"

	"github.com/google/uuid"

	"nms.example/common/authn"
	"nms.example/common/change"
	"nms.example/common/db"
	"nms.example/common/fault"
	"nms.example/common/redis"

	"nms.example/auth/internal/password"
)

// Grace is how long after its use a refresh token is answered with the successor that the first use got, while that one is
// unused: two tabs of a browser may refresh at once, and an answer may be lost on its way.
const Grace = 5 * time.Minute

// Settings bound the sessions.
type Settings struct {
	Lifetime time.Duration `envconfig:"SESSION_LIFETIME" default:"720h" min:"1m" max:"8760h" desc:"Longest life of a session, however often it is refreshed."`
	Idle     time.Duration `envconfig:"SESSION_IDLE" default:"168h" min:"1m" max:"8760h" desc:"Life of a refresh token, so of a session that is not refreshed."`
}

// The refusals of this package, some with the error of RFC 6749, section 5.2.
var (
	ErrGrant    = oauth("invalid_grant", codeLogin, "the login or the password is wrong")
	ErrRefresh  = oauth("invalid_grant", codeRefresh, "the refresh token is not valid")
	ErrThrottle = oauth("temporarily_unavailable", fault.CodeAttempts, "too many failed logins")
	ErrNotFound = fault.At(fault.Target, fault.CodeNotFound, "there is no such session")
)

var (
	codeLogin   = fault.Declare(fault.Malformed, "wrong_credentials", "The login or the password is wrong; which of them is not said.")
	codeRefresh = fault.Declare(fault.Malformed, "refresh_token_invalid", "The refresh token is unknown, has expired, was used before, or its session has ended.")
)

func oauth(name string, code *fault.Code, message string) *fault.Error {
	f := fault.New(code, message)
	f.OAuth = name
	return f
}

// Client is where a call comes from.
type Client struct {
	Addr      netip.Addr
	UserAgent string
}

// network returns what counts as one place: an IPv4 address or an IPv6 /64, of which everybody has 2^64
// addresses.
func (c Client) network() netip.Prefix {
	addr := c.Addr.Unmap().WithZone("")
	if !addr.IsValid() {
		return netip.PrefixFrom(netip.IPv6Unspecified(), 128) // nobody's
	}
	bits := 64
	if addr.Is4() {
		bits = 32
	}
	return netip.PrefixFrom(addr, bits).Masked()
}

// stored returns the address as the database keeps it.
func (c Client) stored() *netip.Addr {
	if !c.Addr.IsValid() {
		return nil
	}
	addr := c.Addr.Unmap().WithZone("")
	return &addr
}

// Tokens are the answer to a login or a refresh.
type Tokens struct {
	Access  string
	Refresh string
	// ExpiresIn is the life of the access token.
	ExpiresIn time.Duration
	// ChangeRequired says that the tokens are good for changing the password only.
	ChangeRequired bool
}

// Session is one login, as its user and those who manage users see it.
type Session struct {
	ID         uuid.UUID `json:"id" doc:"Identifier"`
	CreatedAt  time.Time `json:"created_at" doc:"When it began"`
	LastSeenAt time.Time `json:"last_seen_at" doc:"Its last login or refresh, at most 15 minutes before the last request"`
	ExpiresAt  time.Time `json:"expires_at" doc:"When it ends unless it is refreshed"`
	Address    string    `json:"address" doc:"Where it was last refreshed from"`
	UserAgent  string    `json:"user_agent" doc:"With what"`
	Current    bool      `json:"current" doc:"Whether this call belongs to it"`
}

// Service is the rules of the sessions.
type Service struct {
	writer   *change.Writer[db.AUTH]
	keyring  *authn.Keyring
	hasher   *password.Hasher
	settings Settings
	gates    *gates
	refused  refusals
}

// NewService joins the parts.
func NewService(w *change.Writer[db.AUTH], k *authn.Keyring, h *password.Hasher, redis *redis.Client, s Settings) *Service {
	return &Service{writer: w, keyring: k, hasher: h, settings: s, gates: newGates(redis, k)}
}
