// Package authn establishes who calls: it signs and verifies access tokens, knows the API keys and the
// revocations, and hands each request its Principal.
//
// Nothing here touches the network while a request is verified. What must be known about revoked tokens
// and API keys is pushed over Redis into each process (Feed) and looked up in memory.
package authn

import (
	"context"
	"strconv"
	"time"

	"github.com/google/uuid"

	"nms.example/common/fault"
)

// Kind says what a Principal proved to be.
type Kind uint8

// The kinds of principals.
const (
	User   Kind = iota + 1 // a person with a session, by access token
	APIKey                 // an integration client, by X-API-Key
)

// Principal is who a request was proved to come from.
type Principal struct {
	Kind Kind
	// Subject is the actor as history and events write it: "user:17" or "apikey:<uuid>".
	Subject string
	// UserID is the user's id, 0 for an API key.
	UserID int64
	// KeyID is the API key's id, zero for a user.
	KeyID uuid.UUID
	// Login is the user's login at the time of the token, or the API key's name.
	Login string
	// Role is the user's role id, empty for an API key.
	Role string
	// Access holds the permissions. It is empty while PasswordChangeRequired.
	Access Mask
	// SessionID is the user's session and TokenID the token's own id; both zero for an API key.
	SessionID uuid.UUID
	TokenID   uuid.UUID
	// IssuedAt and ExpiresAt bound the proof; ExpiresAt is zero for an API key without an end.
	IssuedAt  time.Time
	ExpiresAt time.Time
	// UserEpoch and RoleEpoch are the counters of the user and the role when the token was made; zero for an API key.
	UserEpoch int64
	RoleEpoch int64
	// PasswordChangeRequired marks a token that is good for nothing but changing the password.
	PasswordChangeRequired bool
}

// UserSubject returns the actor string of a user, "user:<id>".
func UserSubject(id int64) string { return "user:" + strconv.FormatInt(id, 10) }

// KeySubject returns the actor string of an API key, "apikey:<uuid>".
func KeySubject(id uuid.UUID) string { return "apikey:" + id.String() }

type principalKey struct{}

// WithPrincipal returns a context that carries who calls.
func WithPrincipal(ctx context.Context, p *Principal) context.Context {
	return context.WithValue(ctx, principalKey{}, p)
}

// FromContext returns who calls, nil on a public operation.
func FromContext(ctx context.Context) *Principal {
	p, _ := ctx.Value(principalKey{}).(*Principal)
	return p
}

// The refusals of this package. Their texts do not tell apart what a stranger need not know.
var (
	ErrNoCredentials  = fault.New(codeCredentials, "an access token or an API key is needed")
	ErrBadToken       = fault.New(codeBadToken, "the access token is not valid")
	ErrExpiredToken   = fault.New(codeExpired, "the access token has expired")
	ErrRevokedToken   = fault.New(codeRevoked, "the access token was revoked")
	ErrBadKey         = fault.At(fault.Request("header.X-API-Key"), codeBadKey, "the API key is unknown, has ended or is not allowed from this address")
	ErrForbidden      = fault.New(codeForbidden, "a permission is missing")
	ErrChangePassword = fault.New(codeChangePassword, "the password must be changed first, at POST /api/v1/auth/me/password")
)

// Authorize reports whether p may do what takes the permission need; 0 asks for nothing but a proved
// principal. A token that must change the password first is refused everywhere; the operations that it
// may still call do not ask Authorize.
func Authorize(p *Principal, need Permission) error {
	switch {
	case p == nil:
		return ErrNoCredentials
	case p.PasswordChangeRequired:
		return ErrChangePassword
	case !p.Access.Has(need):
		return ErrForbidden.With(fault.NewDetail(fault.Place{}, codeForbidden, "this call needs the permission "+need.String()))
	}
	return nil
}
