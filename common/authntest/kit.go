// Package authntest makes credentials, good and bad, and checks every operation of a service against all
// of them. It is imported from tests only.
//
//	i := servicetest.Start(t, app.Identity, app.Build, settings)
//	authntest.CheckService(t, i, settings)
package authntest

import (
	"crypto/rand"
	"crypto/sha256"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"nms.example/common/authn"
	"nms.example/common/config"
	"nms.example/common/redis"
)

// UserID is the user of the kit's tokens. No service knows one of this number.
const UserID = 1 << 52

// Kit makes credentials for one service under test.
type Kit struct {
	// Secret is the service's JWT_SECRET_KEY.
	Secret      string
	Keyring     *authn.Keyring
	Revocations *authn.Revocations
	Keys        *authn.APIKeys

	mu      sync.Mutex
	version int64
	records []authn.KeyRecord
	revoked []authn.Revocation
}

// New makes a kit with a key of its own.
func New(t testing.TB) *Kit {
	t.Helper()
	return WithSecret(t, rand.Text()+rand.Text())
}

// WithSecret makes a kit with a given JWT_SECRET_KEY.
func WithSecret(t testing.TB, secret string) *Kit {
	t.Helper()
	k := &Kit{
		Secret: secret, Revocations: authn.NewRevocations(), Keys: authn.NewAPIKeys(),
		// Over the version that auth itself would set for its keys, which follows the clock.
		version: time.Now().Add(time.Hour).UnixMicro(),
	}
	k.Keyring = keyring(t, authn.Settings{SecretKey: config.NewSecret(k.Secret)})
	return k
}

func keyring(t testing.TB, s authn.Settings, opts ...authn.KeyringOption) *authn.Keyring {
	t.Helper()
	k, err := authn.NewKeyring(s, opts...)
	require.NoError(t, err)
	return k
}

// Authenticator knows the kit's credentials, for an API that a test builds itself.
func (k *Kit) Authenticator(opts ...authn.AuthenticatorOption) *authn.Authenticator {
	return authn.NewAuthenticator(k.Keyring, k.Revocations, k.Keys, opts...)
}

// Token makes a good access token of a user with these permissions.
func (k *Kit) Token(t testing.TB, access authn.Mask) string {
	t.Helper()
	return k.Sign(t, Claims(access))
}

// Sign makes an access token by the kit's key.
func (k *Kit) Sign(t testing.TB, c authn.Claims) string {
	t.Helper()
	return sign(t, k.Keyring, c)
}

// Claims returns those of a user with these permissions, in a session of its own.
func Claims(access authn.Mask) authn.Claims {
	return authn.Claims{UserID: UserID, Login: "kit", Role: "kit", Access: access, SessionID: uuid.New(), UserEpoch: 1, RoleEpoch: 1}
}

func sign(t testing.TB, k *authn.Keyring, c authn.Claims) string {
	t.Helper()
	token, _, err := k.Sign(c)
	require.NoError(t, err)
	return token
}

// Key makes an API key with these permissions, from the networks given or from anywhere.
func (k *Kit) Key(t testing.TB, access authn.Mask, cidrs ...netip.Prefix) string {
	t.Helper()
	return k.KeyUntil(t, access, nil, cidrs...)
}

// KeyUntil makes an API key that ends.
func (k *Kit) KeyUntil(t testing.TB, access authn.Mask, until *time.Time, cidrs ...netip.Prefix) string {
	t.Helper()
	text, hash, err := authn.NewKey()
	require.NoError(t, err)
	k.mu.Lock()
	defer k.mu.Unlock()
	k.version++
	k.records = append(k.records, authn.KeyRecord{
		Hash: hash, ID: uuid.New(), Name: "kit", Access: access, CIDRs: cidrs, CreatedAt: time.Now(), ExpiresAt: until,
	})
	k.Keys.Replace(k.version, append([]authn.KeyRecord(nil), k.records...))
	return text
}

// Forget deletes an API key, in the kit's own set; Publish tells services.
func (k *Kit) Forget(text string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.version++
	k.records = slices.DeleteFunc(k.records, func(r authn.KeyRecord) bool { return r.Hash == sha256.Sum256([]byte(text)) })
	k.Keys.Replace(k.version, append([]authn.KeyRecord(nil), k.records...))
}

// Revoke revokes, in the kit's own set; Publish tells services.
func (k *Kit) Revoke(list ...authn.Revocation) {
	k.Revocations.Apply(list...)
	k.mu.Lock()
	defer k.mu.Unlock()
	k.revoked = append(k.revoked, list...)
}

// Publish tells the services on that Redis prefix of the kit's keys and revocations, as auth does.
func (k *Kit) Publish(t testing.TB, redis *redis.Client) {
	t.Helper()
	k.mu.Lock()
	defer k.mu.Unlock()
	p := authn.NewPublisher(redis, k.Keyring)
	require.NoError(t, p.Revoke(t.Context(), k.revoked))
	require.NoError(t, p.PutKeys(t.Context(), k.version, k.records))
	require.NoError(t, p.MarkComplete(t.Context()))
}

// Expired makes a token that was good until a second ago.
func (k *Kit) Expired(t testing.TB, access authn.Mask) string {
	t.Helper()
	then := time.Now().Add(-authn.TokenTTL - time.Second)
	old := keyring(t, authn.Settings{SecretKey: config.NewSecret(k.Secret)}, authn.WithClock(func() time.Time { return then }))
	return sign(t, old, Claims(access))
}

// WrongKey makes a token by a key that nobody knows, under the right key's id.
func (k *Kit) WrongKey(t testing.TB, access authn.Mask) string {
	t.Helper()
	return k.forge(t, access, jwt.SigningMethodHS256, []byte(rand.Text()+rand.Text()), nil)
}

// AlgNone makes a token without a signature.
func (k *Kit) AlgNone(t testing.TB, access authn.Mask) string {
	t.Helper()
	return k.forge(t, access, jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, nil)
}

// OtherAlg makes a token by the right key with another algorithm of the same family.
func (k *Kit) OtherAlg(t testing.TB, access authn.Mask) string {
	t.Helper()
	return k.forge(t, access, jwt.SigningMethodHS512, []byte(k.Secret), nil)
}

// OtherAudience makes a token by the right key for somebody else.
func (k *Kit) OtherAudience(t testing.TB, access authn.Mask) string {
	t.Helper()
	return sign(t, keyring(t, authn.Settings{SecretKey: config.NewSecret(k.Secret), Audience: "other"}), Claims(access))
}

// OtherIssuer makes a token by the right key from somebody else.
func (k *Kit) OtherIssuer(t testing.TB, access authn.Mask) string {
	t.Helper()
	return sign(t, keyring(t, authn.Settings{SecretKey: config.NewSecret(k.Secret), Issuer: "other"}), Claims(access))
}

// Forged makes a token by the right key with some claims replaced; nil removes one.
func (k *Kit) Forged(t testing.TB, access authn.Mask, claims map[string]any) string {
	t.Helper()
	return k.forge(t, access, jwt.SigningMethodHS256, []byte(k.Secret), claims)
}

// forge signs the claims of a good token anew.
func (k *Kit) forge(t testing.TB, access authn.Mask, method jwt.SigningMethod, key any, replace map[string]any) string {
	t.Helper()
	claims := jwt.MapClaims{}
	good, _, err := jwt.NewParser(jwt.WithJSONNumber()).ParseUnverified(k.Token(t, access), claims)
	require.NoError(t, err)
	for name, value := range replace {
		if value == nil {
			delete(claims, name)
			continue
		}
		claims[name] = value
	}
	token := jwt.NewWithClaims(method, claims)
	token.Header["kid"] = good.Header["kid"]
	text, err := token.SignedString(key)
	require.NoError(t, err)
	return text
}

// Revoked makes a token whose session has been revoked.
func (k *Kit) Revoked(t testing.TB, access authn.Mask) string {
	t.Helper()
	c := Claims(access)
	k.Revoke(authn.Revocation{Session: c.SessionID, Until: time.Now().Add(authn.RevocationTTL)})
	return k.Sign(t, c)
}
