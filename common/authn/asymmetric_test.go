package authn_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"nms.example/common/authn"
	"nms.example/common/authntest"
	"nms.example/common/config"
	"nms.example/common/redistest"
)

func TestFilesOfKeys(t *testing.T) {
	t.Parallel()
	ed, ec, third := authntest.NewSigningKey(t, authntest.Ed25519), authntest.NewSigningKey(t, authntest.P256), authntest.NewSigningKey(t, authntest.Ed25519)
	large, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	wide, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	require.NoError(t, err)
	old, err := x509.MarshalECPrivateKey(ec.(*ecdsa.PrivateKey))
	require.NoError(t, err)
	block := func(name string, content []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: name, Bytes: content}))
	}
	good := func(keys ...any) string { return string(authntest.PEM(t, keys...)) }
	var seventeen []any
	for range 17 {
		seventeen = append(seventeen, authntest.NewSigningKey(t, authntest.Ed25519))
	}
	for name, c := range map[string]struct {
		content string
		keys    int
		fault   string
	}{
		"Ed25519":                     {good(ed), 1, ""},
		"P-256":                       {good(ec), 1, ""},
		"further ones":                {good(ed, ec, third.Public()), 3, ""},
		"a public one first":          {good(third.Public(), ed), 2, ""},
		"words between them":          {"the present one:\n" + good(ed) + "the next one:\r\n" + good(ec), 2, ""},
		"RSA":                         {good(large), 0, "block 1 is neither an Ed25519 nor a P-256 key"},
		"P-384":                       {good(ed, wide), 0, "block 2 is neither an Ed25519 nor a P-256 key"},
		"a public RSA key":            {good(ed, large.Public()), 0, "block 2 is neither an Ed25519 nor a P-256 key"},
		"public keys only":            {good(ed.Public()), 0, "it holds no private key"},
		"SEC 1":                       {block("EC PRIVATE KEY", old), 0, "is not PKCS#8 (openssl pkcs8 -topk8 -nocrypt converts a P-256 key)"},
		"encrypted":                   {block("ENCRYPTED PRIVATE KEY", []byte{1}), 0, "block 1 is encrypted"},
		"a certificate":               {block("CERTIFICATE", []byte{1}), 0, "block 1 is neither a PRIVATE KEY nor a PUBLIC KEY"},
		"rubbish in a block":          {block("PRIVATE KEY", []byte{1}), 0, "block 1 is no private key in PKCS#8"},
		"rubbish in a public block":   {good(ed) + block("PUBLIC KEY", []byte{1}), 0, "block 2 is no public key"},
		"a damaged one before a good": {strings.Replace(good(ec), "\n", "\n*", 1) + good(ed), 0, "a block of it is damaged"},
		"cut off":                     {good(ed) + good(ec)[:80], 0, "a block of it is damaged"},
		"the same twice":              {good(ed, ec, ed), 0, "the same key is there twice"},
		"private and public":          {good(ed, ed.Public()), 0, "the same key is there twice"},
		"nothing":                     {"", 0, "it holds no private key"},
		"a secret":                    {"P4xCg7Dhk+Db", 0, "it holds no private key"},
		"seventeen":                   {good(seventeen...), 0, "there are more than 16 keys"},
		"a large file":                {good(ed) + strings.Repeat("\n", 64<<10), 0, "it is no readable file of at most 65536 bytes"},
	} {
		file := filepath.Join(t.TempDir(), "keys.pem")
		require.NoError(t, os.WriteFile(file, []byte(c.content), 0o600))
		k, err := authn.NewKeyring(authn.IssuerSettings{SigningKeyFile: file})
		if c.fault != "" {
			require.ErrorContains(t, err, c.fault, name)
			require.NotContains(t, err.Error(), "P4xCg7Dhk", name)
			continue
		}
		require.NoError(t, err, name)
		require.Len(t, k.JWKS().Keys, c.keys, name)
		require.Len(t, k.MAC("x", nil), strings.Count(c.content, "BEGIN PRIVATE"), name)
		token, _, err := k.Sign(authntest.Claims(1))
		require.NoError(t, err, name)
		_, err = k.Verify(token)
		require.NoError(t, err, name)
	}
}

// Who verifies with public keys can make nothing: no token, no list of API keys, no refresh token.
func TestPublicKeysMakeNothing(t *testing.T) {
	t.Parallel()
	kit := authntest.NewAsymmetric(t, authntest.P256)
	k, err := authn.NewKeyring(authn.Settings{PublicKeysFile: kit.PublicFile})
	require.NoError(t, err)
	_, err = k.Verify(kit.Token(t, 1))
	require.NoError(t, err)
	_, _, err = k.Sign(authntest.Claims(1))
	require.ErrorContains(t, err, "only auth has one")
	require.Empty(t, k.MAC("refresh", []byte("x")))
	require.ErrorContains(t, authn.NewPublisher(redistest.New(t), k).PutKeys(t.Context(), 1, nil), "only auth has one")
	require.Equal(t, kit.Keyring.JWKS(), k.JWKS())
}

func TestRotationOfPrivateKeys(t *testing.T) {
	t.Parallel()
	one, two := authntest.NewSigningKey(t, authntest.Ed25519), authntest.NewSigningKey(t, authntest.P256)
	ring := func(keys ...any) *authn.Keyring {
		k, err := authn.NewKeyring(authn.IssuerSettings{SigningKeyFile: authntest.WriteKeys(t, keys...)})
		require.NoError(t, err)
		return k
	}
	before, during, after := ring(one), ring(two, one), ring(two)
	token, _, err := before.Sign(authntest.Claims(1))
	require.NoError(t, err)
	_, err = during.Verify(token)
	require.NoError(t, err)
	_, err = after.Verify(token)
	require.ErrorIs(t, err, authn.ErrBadToken, "by a key that was taken out")
	next, _, err := during.Sign(authntest.Claims(1))
	require.NoError(t, err)
	for _, k := range []*authn.Keyring{after, ring(one, two), ring(one, two.Public())} {
		_, err = k.Verify(next)
		require.NoError(t, err)
	}
	require.Equal(t, before.MAC("x", nil)[0], during.MAC("x", nil)[1], "what was derived from the former key is found again")
	require.NotEqual(t, before.MAC("x", nil), before.MAC("y", nil), "each purpose has a key of its own")
}

// While a system changes over auth signs with the secret until a token's life before the end, then with its private key;
// from the end on HS256 is refused without a restart, of tokens that were taken a moment before, too.
func TestHS256EndsByItself(t *testing.T) {
	t.Parallel()
	now := time.Now()
	clock := authn.WithClock(func() time.Time { return now })
	until := now.Add(time.Hour)
	secret := "a shared secret of thirty-two bytes"
	tokens := authn.TokenSettings{SecretKey: config.NewSecret(secret), HS256Until: until}
	kit := authntest.NewAsymmetric(t, authntest.Ed25519)
	issuer, err := authn.NewKeyring(authn.IssuerSettings{TokenSettings: tokens, SigningKeyFile: kit.SigningFile}, clock)
	require.NoError(t, err)
	other, err := authn.NewKeyring(authn.Settings{TokenSettings: tokens, PublicKeysFile: kit.PublicFile}, clock)
	require.NoError(t, err)
	guard := authn.NewAuthenticator(other, authn.NewRevocations(), authn.NewAPIKeys())
	signed := func(algorithm string) string {
		t.Helper()
		token, _, err := issuer.Sign(authntest.Claims(1))
		require.NoError(t, err)
		parsed, _, err := jwt.NewParser().ParseUnverified(token, jwt.MapClaims{})
		require.NoError(t, err)
		require.Equal(t, algorithm, parsed.Method.Alg())
		return token
	}
	taken := func(token string) {
		t.Helper()
		for _, k := range []*authn.Keyring{issuer, other} {
			_, err := k.Verify(token)
			require.NoError(t, err)
		}
		_, err := guard.Token(token)
		require.NoError(t, err)
	}
	// Whoever knows the secret makes a token without end while it is taken.
	endless := authntest.WithSecret(t, secret).Forged(t, authn.AllPermissions, map[string]any{"exp": until.AddDate(10, 0, 0).Unix()})
	taken(endless)
	taken(signed("HS256"))
	for name, swapped := range kit.AlgSwaps(t, authn.AllPermissions) { // with both kinds of keys in one ring
		for _, k := range []*authn.Keyring{issuer, other} {
			_, err := k.Verify(swapped)
			require.ErrorIs(t, err, authn.ErrBadToken, name)
			require.ErrorContains(t, err, "the algorithm is not that of the key", name)
		}
	}
	before := issuer.MAC("refresh", nil)
	now = until.Add(-authn.TokenTTL - time.Minute - time.Second)
	last := signed("HS256")
	now = now.Add(time.Second)
	first := signed("EdDSA")
	for _, token := range []string{endless, last, first} {
		taken(token)
	}
	require.Equal(t, []any{before[1], before[0]}, []any{issuer.MAC("refresh", nil)[0], issuer.MAC("refresh", nil)[1]}, "both ways, the signing key first")

	now = until.Add(-time.Second)
	taken(endless)
	_, err = other.Verify(last)
	require.ErrorIs(t, err, authn.ErrExpiredToken, "every token that auth made with the secret has expired")
	now = until
	for _, k := range []*authn.Keyring{issuer, other} {
		_, err := k.Verify(endless)
		require.ErrorIs(t, err, authn.ErrBadToken)
	}
	_, err = guard.Token(endless)
	require.ErrorIs(t, err, authn.ErrBadToken, "although it was remembered")
	require.Len(t, issuer.MAC("refresh", nil), 1)
	require.Empty(t, other.MAC("refresh", nil))
	taken(signed("EdDSA"))

	late, err := authn.NewKeyring(authn.Settings{TokenSettings: tokens, PublicKeysFile: kit.PublicFile}, clock)
	require.NoError(t, err)
	_, err = late.Verify(endless)
	require.ErrorIs(t, err, authn.ErrBadToken)
}

// The list of API keys carries auth's signature. Who can write to Redis has public keys at most.
func TestAListOfKeysIsSignedByAuth(t *testing.T) {
	t.Parallel()
	for _, kind := range authntest.KeyKinds() {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			client := redistest.New(t)
			kit := authntest.NewAsymmetric(t, kind)
			s := &feedStand{t: t, kit: kit, client: client, publisher: authn.NewPublisher(client, kit.Keyring)}
			s.fill()
			g := s.guardOf(authn.Settings{PublicKeysFile: kit.PublicFile})
			s.eventually("current", func() bool { return g.Check(t.Context()) == nil })
			key := kit.Key(t, 1)
			kit.Publish(t, client)
			s.eventually("the key", func() bool { _, err := g.Keys.Find(key, loopback); return err == nil })

			public, err := os.ReadFile(kit.PublicFile)
			require.NoError(t, err)
			for name, forger := range map[string]*authntest.Kit{
				"another key": authntest.NewAsymmetric(t, kind), "the public key as a secret": authntest.WithSecret(t, string(public)),
			} {
				text, hash, err := authn.NewKey()
				require.NoError(t, err)
				version := time.Now().Add(2 * time.Hour).UnixMicro()
				require.NoError(t, authn.NewPublisher(client, forger.Keyring).PutKeys(t.Context(), version,
					[]authn.KeyRecord{{Hash: hash, ID: uuid.New(), Access: authn.AllPermissions}}), name)
				s.eventually("the forgery is noticed: "+name, func() bool { return g.Check(t.Context()) != nil })
				_, err = g.Keys.Find(text, loopback)
				require.ErrorIs(t, err, authn.ErrBadKey)
				require.NoError(t, s.publisher.PutKeys(t.Context(), version+1, nil))
				s.eventually("current again", func() bool { return g.Check(t.Context()) == nil })
			}
		})
	}
}

// A list that was sealed by a key of which this service has not heard brings the key.
func TestASealByANewKeyHasTheKeysRead(t *testing.T) {
	t.Parallel()
	client := redistest.New(t)
	old, next := authntest.NewAsymmetric(t, authntest.Ed25519), authntest.NewAsymmetric(t, authntest.P256)
	s := &feedStand{t: t, kit: old, client: client, publisher: authn.NewPublisher(client, old.Keyring)}
	s.fill()
	p := publish(t, old)
	g := s.guardOf(authn.Settings{JWKSURL: p.server.URL})
	s.eventually("current", func() bool { return g.Check(t.Context()) == nil })
	p.keys(old, next)
	text := next.Key(t, 1)
	next.Publish(t, client)
	s.eventually("the key", func() bool { _, err := g.Keys.Find(text, loopback); return err == nil })
	require.Len(t, g.Keyring.JWKS().Keys, 2)
}
