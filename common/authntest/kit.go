// Package authntest makes credentials, good and bad, and checks every operation of a service against all
// of them. It is imported from tests only.
//
//	i := servicetest.Start(t, app.Identity, app.Build, settings)
//	authntest.CheckService(t, i, settings)
package authntest

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"maps"
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
	// Secret is the service's JWT_SECRET_KEY; empty for a kit with an asymmetric key.
	Secret string
	// SigningFile and PublicFile are the JWT_SIGNING_KEY_FILE of auth and the JWT_PUBLIC_KEYS_FILE of the others; empty for
	// a kit with a secret.
	SigningFile, PublicFile string

	Keyring     *authn.Keyring
	Revocations *authn.Revocations
	Keys        *authn.APIKeys

	method jwt.SigningMethod
	key    any // that signs with method

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
	return (&Kit{Secret: secret, method: jwt.SigningMethodHS256, key: []byte(secret)}).ready(t)
}

// NewAsymmetric makes a kit with a new key of that kind.
func NewAsymmetric(t testing.TB, kind KeyKind) *Kit {
	t.Helper()
	return WithSigningFile(t, WriteKeys(t, NewSigningKey(t, kind)))
}

// WithSigningFile makes a kit with a given JWT_SIGNING_KEY_FILE, of whose keys the first is private.
func WithSigningFile(t testing.TB, file string) *Kit {
	t.Helper()
	signer := readSigningKey(t, file)
	k := &Kit{SigningFile: file, PublicFile: WriteKeys(t, signer.Public()), method: jwt.SigningMethodES256, key: signer}
	if _, is := signer.(ed25519.PrivateKey); is {
		k.method = jwt.SigningMethodEdDSA
	}
	return k.ready(t)
}

// For makes a kit for an instance that runs with these settings: JWT_SIGNING_KEY_FILE or JWT_SECRET_KEY among them.
func For(t testing.TB, settings map[string]string) *Kit {
	t.Helper()
	if file := settings["JWT_SIGNING_KEY_FILE"]; file != "" {
		return WithSigningFile(t, file)
	}
	return WithSecret(t, settings["JWT_SECRET_KEY"])
}

func (k *Kit) ready(t testing.TB) *Kit {
	t.Helper()
	k.Revocations, k.Keys = authn.NewRevocations(), authn.NewAPIKeys()
	// Over the version that auth itself would set for its keys, which follows the clock.
	k.version = time.Now().Add(time.Hour).UnixMicro()
	k.Keyring = k.ring(t, authn.TokenSettings{})
	return k
}

// Variables are the settings of a service that takes the kit's tokens and is not auth.
func (k *Kit) Variables() map[string]string {
	if k.PublicFile != "" {
		return map[string]string{"JWT_PUBLIC_KEYS_FILE": k.PublicFile}
	}
	return map[string]string{"JWT_SECRET_KEY": k.Secret}
}

// Settings are those of a service with shared secrets, the first of which signs.
func Settings(secrets ...string) authn.Settings {
	s := authn.TokenSettings{SecretKey: config.NewSecret(secrets[0])}
	for _, old := range secrets[1:] {
		s.OldSecretKeys = append(s.OldSecretKeys, config.NewSecret(old))
	}
	return authn.Settings{TokenSettings: s}
}

// ring is one with the kit's key, and with the issuer and the audience of s.
func (k *Kit) ring(t testing.TB, s authn.TokenSettings, opts ...authn.KeyringOption) *authn.Keyring {
	t.Helper()
	if k.Secret != "" {
		s.SecretKey = config.NewSecret(k.Secret)
	}
	ring, err := authn.NewKeyring(authn.IssuerSettings{TokenSettings: s, SigningKeyFile: k.SigningFile}, opts...)
	require.NoError(t, err)
	return ring
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
	old := k.ring(t, authn.TokenSettings{}, authn.WithClock(func() time.Time { return then }))
	return sign(t, old, Claims(access))
}

// WrongKey makes a token by a key that nobody knows, under the right key's id.
func (k *Kit) WrongKey(t testing.TB, access authn.Mask) string {
	t.Helper()
	return k.forge(t, access, k.method, k.strange(t), nil)
}

// AlgNone makes a token without a signature.
func (k *Kit) AlgNone(t testing.TB, access authn.Mask) string {
	t.Helper()
	return k.forge(t, access, jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, nil)
}

// OtherAlg makes a token by the right key with another algorithm: of the same family, and with what is public of an
// asymmetric key as the secret of HS256.
func (k *Kit) OtherAlg(t testing.TB, access authn.Mask) string {
	t.Helper()
	if k.Secret == "" {
		return k.forge(t, access, jwt.SigningMethodHS256, k.publicForms(t)["PEM"], nil)
	}
	return k.forge(t, access, jwt.SigningMethodHS512, []byte(k.Secret), nil)
}

// OtherAudience makes a token by the right key for somebody else.
func (k *Kit) OtherAudience(t testing.TB, access authn.Mask) string {
	t.Helper()
	return sign(t, k.ring(t, authn.TokenSettings{Audience: "other"}), Claims(access))
}

// OtherIssuer makes a token by the right key from somebody else.
func (k *Kit) OtherIssuer(t testing.TB, access authn.Mask) string {
	t.Helper()
	return sign(t, k.ring(t, authn.TokenSettings{Issuer: "other"}), Claims(access))
}

// Forged makes a token by the right key with some claims replaced; nil removes one.
func (k *Kit) Forged(t testing.TB, access authn.Mask, claims map[string]any) string {
	t.Helper()
	return k.forge(t, access, k.method, k.key, claims)
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
	return k.signed(t, claims, map[string]any{"kid": good.Header["kid"]}, method, key)
}

// Headed makes a token by the right key with some members of its header replaced.
func (k *Kit) Headed(t testing.TB, access authn.Mask, header map[string]any) string {
	t.Helper()
	claims := jwt.MapClaims{}
	_, _, err := jwt.NewParser(jwt.WithJSONNumber()).ParseUnverified(k.Token(t, access), claims)
	require.NoError(t, err)
	return k.signed(t, claims, header, k.method, k.key)
}

func (k *Kit) signed(t testing.TB, claims jwt.Claims, header map[string]any, method jwt.SigningMethod, key any) string {
	t.Helper()
	token := jwt.NewWithClaims(method, claims)
	maps.Copy(token.Header, header)
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
