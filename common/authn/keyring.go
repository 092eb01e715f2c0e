package authn

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"

	"nms.example/common/config"
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

type key struct {
	id     string
	secret []byte
}

// Keyring signs access tokens with one key and verifies them with that one and any further ones, so
// that a key can be exchanged with no one logged out. It is safe for concurrent use.
type Keyring struct {
	current  key
	byID     map[string]key
	all      []key
	issuer   string
	audience string
	now      func() time.Time
	parser   *jwt.Parser
}

// KeyringOption changes how a Keyring works.
type KeyringOption func(*Keyring)

// WithClock replaces time.Now, for tests.
func WithClock(now func() time.Time) KeyringOption { return func(k *Keyring) { k.now = now } }

// NewKeyring builds the keyring. The lengths of the keys were judged when the settings were loaded.
func NewKeyring(s Settings, opts ...KeyringOption) (*Keyring, error) {
	if s.SecretKey.IsZero() {
		return nil, errors.New("authn: JWT_SECRET_KEY is missing")
	}
	k := &Keyring{issuer: s.Issuer, audience: s.Audience, now: time.Now, byID: map[string]key{}}
	if k.issuer == "" {
		k.issuer = "nms-auth"
	}
	if k.audience == "" {
		k.audience = "nms"
	}
	for i, secret := range append([]config.Secret{s.SecretKey}, s.OldSecretKeys...) {
		one := key{secret: []byte(secret.Reveal())}
		id, err := derive(one, "kid")
		if err != nil {
			return nil, err
		}
		one.id = hex.EncodeToString(id[:8])
		if i == 0 {
			k.current = one
		}
		if _, twice := k.byID[one.id]; !twice {
			k.byID[one.id] = one
			k.all = append(k.all, one)
		}
	}
	for _, opt := range opts {
		opt(k)
	}
	k.parser = jwt.NewParser(
		jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Alg()}), jwt.WithStrictDecoding(),
		jwt.WithIssuer(k.issuer), jwt.WithAudience(k.audience),
		jwt.WithExpirationRequired(), jwt.WithNotBeforeRequired(), jwt.WithTimeFunc(k.now),
	)
	return k, nil
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
	token := jwt.NewWithClaims(jwt.SigningMethodHS256, claims)
	token.Header["kid"] = k.current.id
	text, err := token.SignedString(k.current.secret)
	if err != nil {
		return "", nil, fmt.Errorf("authn: sign: %w", err)
	}
	verified, err := claims.verified()
	if err != nil {
		return "", nil, err
	}
	return text, &verified.Principal, nil
}

// Verified is a token whose signature, issuer, audience and times hold. Whether it was revoked since is
// for Revocations to say, from the epochs.
type Verified struct{ Principal }

// Verify checks everything about a token but revocation: only HS256 by a key of the ring, whatever the
// header says, issuer, audience, not before and expiry. Errors are ErrBadToken or ErrExpiredToken.
func (k *Keyring) Verify(token string) (*Verified, error) {
	if len(token) > maxTokenBytes {
		return nil, ErrBadToken.Because(errors.New("token is too long"))
	}
	claims := &tokenClaims{}
	_, err := k.parser.ParseWithClaims(token, claims, k.secretOf)
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
	return verified, nil
}

func (k *Keyring) secretOf(t *jwt.Token) (any, error) {
	id, _ := t.Header["kid"].(string)
	one, ok := k.byID[id]
	if !ok {
		return nil, errors.New("unknown kid")
	}
	return one.secret, nil
}

// MAC returns an HMAC-SHA-256 over message by every key of the ring, the signing one first, under a
// subkey for that purpose alone (HKDF, RFC 5869).
func (k *Keyring) MAC(purpose string, message []byte) [][]byte {
	sums := make([][]byte, 0, len(k.all))
	for _, one := range k.all {
		subkey, err := derive(one, purpose)
		if err != nil {
			continue // 32 bytes are always to be had from HKDF-SHA-256
		}
		mac := hmac.New(sha256.New, subkey)
		mac.Write(message)
		sums = append(sums, mac.Sum(nil))
	}
	return sums
}

func derive(k key, purpose string) ([]byte, error) {
	return hkdf.Key(sha256.New, k.secret, nil, "nms/"+purpose, sha256.Size)
}
