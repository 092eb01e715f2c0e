package authn

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"

	"nms.example/common/config"
	"nms.example/common/fault"
)

// TokenTTL is how long an access token is good for.
const TokenTTL = 15 * time.Minute

// clockSkew is how far a verifying host's clock may be behind the signing one's before it takes a fresh
// token for one from the future. Expiry has no such allowance.
const clockSkew = 10 * time.Second

// maxTokenBytes bounds what is parsed at all; our own tokens have about 500 bytes.
const maxTokenBytes = 4096

// Claims are what a new access token says of its bearer.
type Claims struct {
	UserID    int64
	Login     string
	Role      string
	Access    Mask
	SessionID uuid.UUID
	// UserEpoch and RoleEpoch are the counters of the user and the role when the token was made; a
	// revocation names the epoch from which tokens are good again.
	UserEpoch int64
	RoleEpoch int64
	// PasswordChangeRequired makes a token without permissions that can only change the password.
	PasswordChangeRequired bool
}

// Keyring signs access tokens with one key and verifies them with that one and any further ones, so
// that a key can be exchanged with no one logged out. It is safe for concurrent use.
//
// Its keys are either shared secrets (HS256) or public keys (EdDSA, ES256), of which auth has the private parts. Beside
// public keys there are secrets only until secretsUntil, while a system changes over.
type Keyring struct {
	secrets      []key // the first signs
	secretsUntil time.Time
	private      []key                      // the first signs
	public       atomic.Pointer[publicKeys] // nil: there are none

	issuer   string
	audience string
	now      func() time.Time
	parser   *jwt.Parser
}

// KeyringOption changes how a Keyring works.
type KeyringOption func(*Keyring)

// WithClock replaces time.Now, for tests.
func WithClock(now func() time.Time) KeyringOption { return func(k *Keyring) { k.now = now } }

// KeySettings say which keys a ring has: Settings and IssuerSettings do.
type KeySettings interface {
	// fill puts the keys that are known at the start into a ring, and returns what all rings need to know.
	fill(k *Keyring) (TokenSettings, error)
}

// NewKeyring builds the keyring. The settings were judged when they were loaded. Keys that are published over HTTP come
// into the ring of a running Guard only.
func NewKeyring(s KeySettings, opts ...KeyringOption) (*Keyring, error) {
	k := &Keyring{now: time.Now}
	for _, opt := range opts {
		opt(k)
	}
	tokens, err := s.fill(k)
	if err != nil {
		return nil, fmt.Errorf("authn: %w", err)
	}
	if k.issuer = tokens.Issuer; k.issuer == "" {
		k.issuer = "nms-auth"
	}
	if k.audience = tokens.Audience; k.audience == "" {
		k.audience = "nms"
	}
	k.parser = jwt.NewParser(
		jwt.WithValidMethods(k.methods()), jwt.WithStrictDecoding(),
		jwt.WithIssuer(k.issuer), jwt.WithAudience(k.audience),
		jwt.WithExpirationRequired(), jwt.WithNotBeforeRequired(), jwt.WithTimeFunc(k.now),
	)
	return k, nil
}

// methods lists the algorithms of the ring's kinds of keys. Which of them a token needs, its key decides (keyOf).
func (k *Keyring) methods() []string {
	var list []string
	if len(k.secrets) > 0 {
		list = append(list, jwt.SigningMethodHS256.Alg())
	}
	if len(k.secrets) == 0 || !k.secretsUntil.IsZero() {
		list = append(list, jwt.SigningMethodEdDSA.Alg(), jwt.SigningMethodES256.Alg())
	}
	return list
}

func (s Settings) fill(k *Keyring) (TokenSettings, error) {
	asymmetric := s.JWKSURL != "" || s.PublicKeysFile != ""
	if s.PublicKeysFile != "" {
		set, err := readPublicKeys(s.PublicKeysFile)
		if err != nil {
			return s.TokenSettings, fmt.Errorf("JWT_PUBLIC_KEYS_FILE: %w", err)
		}
		k.public.Store(set)
	}
	return s.TokenSettings, s.addSecrets(k, asymmetric)
}

func (s IssuerSettings) fill(k *Keyring) (TokenSettings, error) {
	if s.SigningKeyFile != "" {
		private, set, err := readSigningKeys(s.SigningKeyFile)
		if err != nil {
			return s.TokenSettings, fmt.Errorf("JWT_SIGNING_KEY_FILE: %w", err)
		}
		k.private = private
		k.public.Store(set)
	}
	return s.TokenSettings, s.addSecrets(k, s.SigningKeyFile != "")
}

// addSecrets adds the shared secrets; beside asymmetric keys only those that are still taken.
func (s TokenSettings) addSecrets(k *Keyring, asymmetric bool) error {
	switch {
	case !asymmetric && s.SecretKey.IsZero():
		return errors.New("JWT_SECRET_KEY is missing")
	case asymmetric && !s.HS256Until.After(k.now()):
		return nil
	case asymmetric:
		k.secretsUntil = s.HS256Until
	}
	for _, secret := range append([]config.Secret{s.SecretKey}, s.OldSecretKeys...) {
		one, err := newSecretKey([]byte(secret.Reveal()))
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(k.secrets, func(o key) bool { return o.id == one.id }) {
			k.secrets = append(k.secrets, one)
		}
	}
	return nil
}

// takenSecrets are the shared secrets that are taken now.
func (k *Keyring) takenSecrets() []key {
	if k.secretsUntil.IsZero() || k.now().Before(k.secretsUntil) {
		return k.secrets
	}
	return nil
}

// handOver is how long before the end of HS256 auth begins to sign with its private key: as long as a token lives, and a
// minute for clocks that differ.
const handOver = TokenTTL + time.Minute

// signers lists the keys that this ring may sign with, the one that does first.
func (k *Keyring) signers() []key {
	secrets := k.takenSecrets()
	if len(k.private) == 0 || len(secrets) > 0 && k.now().Before(k.secretsUntil.Add(-handOver)) {
		return slices.Concat(secrets, k.private)
	}
	return slices.Concat(k.private, secrets)
}

// find returns the key with that id, nil when none of them is taken now.
func (k *Keyring) find(id string) *key {
	if set := k.public.Load(); set != nil {
		if one := set.byID[id]; one != nil {
			return one
		}
	}
	secrets := k.takenSecrets()
	for i := range secrets {
		if secrets[i].id == id {
			return &secrets[i]
		}
	}
	return nil
}

// JWKS returns the public keys that tokens are verified with, in the order of their file; none where secrets are shared.
func (k *Keyring) JWKS() JWKS {
	if set := k.public.Load(); set != nil {
		return set.jwks
	}
	return JWKS{Keys: []JWK{}}
}

var errNoKeys = fault.New(fault.CodeUnavailable, "has no key to verify access tokens with: JWT_JWKS_URL could not be read yet")

// Check fails while there is no key at all.
func (k *Keyring) Check(context.Context) error {
	if k.public.Load() == nil && len(k.takenSecrets()) == 0 {
		return errNoKeys
	}
	return nil
}

// Sign makes an access token that is good for TokenTTL from now, and the Principal that it will verify to.
func (k *Keyring) Sign(c Claims) (string, *Principal, error) {
	id, err := uuid.NewRandom()
	if err != nil {
		return "", nil, fmt.Errorf("authn: token id: %w", err)
	}
	now := k.now().Truncate(time.Second)
	if c.PasswordChangeRequired {
		c.Access = 0
	}
	claims := &tokenClaims{
		Issuer: k.issuer, Audience: jwt.ClaimStrings{k.audience}, Subject: strconv.FormatInt(c.UserID, 10),
		IssuedAt: now.Unix(), NotBefore: now.Add(-clockSkew).Unix(), ExpiresAt: now.Add(TokenTTL).Unix(),
		ID: id.String(), SessionID: c.SessionID.String(), Login: c.Login, Role: c.Role, Access: c.Access,
		UserEpoch: c.UserEpoch, RoleEpoch: c.RoleEpoch, Change: c.PasswordChangeRequired,
	}
	signers := k.signers()
	if len(signers) == 0 {
		return "", nil, errNoSigner
	}
	token := jwt.NewWithClaims(signers[0].method, claims)
	token.Header["kid"] = signers[0].id
	text, err := token.SignedString(signers[0].sign)
	if err != nil {
		return "", nil, fmt.Errorf("authn: sign: %w", err)
	}
	verified, err := claims.verified()
	if err != nil {
		return "", nil, err
	}
	return text, &verified.Principal, nil
}

var errNoSigner = errors.New("authn: there is no key to sign with: only auth has one")

// Verified is a token whose signature, issuer, audience and times hold. Whether it was revoked since is
// for Revocations to say, from the epochs.
type Verified struct {
	Principal

	keyID string // of the key that has verified it
}

// Verify checks everything about a token but revocation: its key, which must be one of the ring's and have made it with
// its own algorithm, whatever the header says, issuer, audience, not before and expiry. Errors are ErrBadToken or
// ErrExpiredToken.
func (k *Keyring) Verify(token string) (*Verified, error) {
	if len(token) > maxTokenBytes {
		return nil, ErrBadToken.Because(errors.New("token is too long"))
	}
	claims := &tokenClaims{}
	parsed, err := k.parser.ParseWithClaims(token, claims, k.keyOf)
	switch {
	case errors.Is(err, jwt.ErrTokenExpired):
		return nil, ErrExpiredToken.Because(err)
	case err != nil:
		return nil, ErrBadToken.Because(err)
	}
	verified, err := claims.verified()
	if err != nil {
		return nil, ErrBadToken.Because(err)
	}
	verified.keyID, _ = parsed.Header["kid"].(string)
	return verified, nil
}

// stillTaken reports whether the key that has verified a token is still one of the ring's.
func (k *Keyring) stillTaken(v *Verified) bool { return k.find(v.keyID) != nil }

// errUnknownKey is about a key that may have been published since the keys were last read.
var errUnknownKey = errors.New("the kid is that of a public key that is not known here")

// keyOf finds the key of a token, which must name that key's own algorithm: a public key is no HMAC secret.
func (k *Keyring) keyOf(t *jwt.Token) (any, error) {
	id, _ := t.Header["kid"].(string)
	one := k.find(id)
	switch {
	case one == nil && isThumbprint(id) && t.Method != jwt.SigningMethodHS256:
		return nil, errUnknownKey
	case one == nil:
		return nil, errors.New("unknown kid")
	case one.method != t.Method:
		return nil, errors.New("the algorithm is not that of the key")
	}
	return one.verify, nil
}

// MAC returns an HMAC-SHA-256 over message by every key of the ring that can sign, the signing one first, under a
// subkey for that purpose alone (HKDF, RFC 5869). With asymmetric keys only auth has such ones.
func (k *Keyring) MAC(purpose string, message []byte) [][]byte {
	return macs(k.signers(), purpose, message)
}

func macs(keys []key, purpose string, message []byte) [][]byte {
	sums := make([][]byte, 0, len(keys))
	for _, one := range keys {
		subkey, err := one.derive(purpose)
		if err != nil {
			continue // 32 bytes are always to be had from HKDF-SHA-256
		}
		mac := hmac.New(sha256.New, subkey)
		mac.Write(message)
		sums = append(sums, mac.Sum(nil))
	}
	return sums
}
