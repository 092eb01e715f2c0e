package authn

import (
	"context"
	"crypto/sha256"
	"errors"
	"net/http"
	"net/netip"
	"strings"
)

// HeaderAPIKey carries an API key; X-API-Key in its canonical form.
const HeaderAPIKey = "X-Api-Key" //nolint:gosec // a name, not a key

// Authenticator turns a request's credentials into a Principal, from memory but for API keys that are not there.
type Authenticator struct {
	keyring     *Keyring
	revocations *Revocations
	keys        *APIKeys
	clientAddr  func(context.Context) netip.Addr
	remembered  remembered
	catchUp     func(context.Context) // brings the keys up to what Redis has; nil: they are as they are
	seek        func(context.Context) // reads the public keys again; nil: they are as they are
	uses        *keyUses              // nil: the use of keys is not noted
}

// AuthenticatorOption changes how an Authenticator works.
type AuthenticatorOption func(*Authenticator)

// WithClientAddr sets how the client's address is found: every service passes api.ClientAddr, which knows
// the trusted proxies. Without it the address is the peer's.
func WithClientAddr(find func(context.Context) netip.Addr) AuthenticatorOption {
	return func(a *Authenticator) { a.clientAddr = find }
}

// NewAuthenticator joins the parts. It implements the Authenticator of package api.
func NewAuthenticator(k *Keyring, r *Revocations, keys *APIKeys, opts ...AuthenticatorOption) *Authenticator {
	a := &Authenticator{keyring: k, revocations: r, keys: keys}
	for _, opt := range opts {
		opt(a)
	}
	return a
}

// Authenticate reads "Authorization: Bearer" or, when that is absent, X-API-Key. A bearer token that is
// refused is not made good by a key beside it, and of two of a kind none is taken: whoever looks at the request
// on its way (a proxy, a log) might have seen the other one. A request without either returns nil and no error.
func (a *Authenticator) Authenticate(ctx context.Context, r *http.Request) (*Principal, error) {
	if len(r.Header["Authorization"]) > 1 {
		return nil, ErrBadToken
	}
	if len(r.Header[HeaderAPIKey]) > 1 {
		return nil, ErrBadKey
	}
	if token, ok := bearerOf(r.Header); ok {
		return a.bearer(ctx, token)
	}
	if text := r.Header.Get(HeaderAPIKey); text != "" {
		return a.key(ctx, text, a.addrOf(ctx, r))
	}
	return nil, nil //nolint:nilnil // the contract of package api: no credentials, no caller, no error
}

// key finds the principal of an API key. Its maker may use it before word of it has arrived here, so one that nobody
// knows is looked for once more.
func (a *Authenticator) key(ctx context.Context, text string, addr netip.Addr) (*Principal, error) {
	if a.catchUp != nil && isKey(text) && a.keys.record(text) == nil {
		a.catchUp(ctx)
	}
	p, err := a.keys.Find(text, addr)
	if err == nil {
		a.uses.note(KeyUse{Key: p.KeyID, At: a.keys.now(), Address: addr})
	}
	return p, err
}

func (a *Authenticator) addrOf(ctx context.Context, r *http.Request) netip.Addr {
	if a.clientAddr != nil {
		return a.clientAddr(ctx)
	}
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	return peer.Addr().Unmap()
}

// bearer is Token, with the keys read again when the token's is not known: it may be a new one.
func (a *Authenticator) bearer(ctx context.Context, token string) (*Principal, error) {
	p, err := a.Token(token)
	if a.seek != nil && errors.Is(err, errUnknownKey) {
		a.seek(ctx)
		return a.Token(token)
	}
	return p, err
}

// Token verifies an access token, revocation included. The principal is the caller's own copy.
func (a *Authenticator) Token(token string) (*Principal, error) {
	if len(token) > maxTokenBytes {
		return nil, ErrBadToken
	}
	hash := sha256.Sum256([]byte(token))
	verified := a.remembered.find(hash, a.keyring.now())
	if verified == nil || !a.keyring.stillTaken(verified) {
		var err error
		if verified, err = a.keyring.Verify(token); err != nil {
			return nil, err
		}
		a.remembered.add(hash, verified)
	}
	if a.revocations.Revoked(verified) {
		return nil, ErrRevokedToken
	}
	p := verified.Principal
	return &p, nil
}

// bearerOf finds the token of an Authorization header with the scheme Bearer, in any letter case (RFC 9110,
// section 11.1). Other schemes belong to someone else, such as a proxy in front.
func bearerOf(h http.Header) (string, bool) {
	scheme, token, ok := strings.Cut(h.Get("Authorization"), " ")
	if !ok || !strings.EqualFold(scheme, "Bearer") {
		return "", false
	}
	return strings.TrimSpace(token), true
}
