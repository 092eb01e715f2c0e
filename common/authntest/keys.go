package authntest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"os"
	"path/filepath"
	"testing"

	"github.com/golang-jwt/jwt/v5"
	"github.com/stretchr/testify/require"

	"nms.example/common/authn"
)

// KeyKind is a kind of asymmetric keys.
type KeyKind string

// The kinds that sign access tokens.
const (
	Ed25519 KeyKind = "Ed25519"
	P256    KeyKind = "P-256"
)

// KeyKinds lists them.
func KeyKinds() []KeyKind { return []KeyKind{Ed25519, P256} }

// NewSigningKey makes a private key.
func NewSigningKey(t testing.TB, kind KeyKind) crypto.Signer {
	t.Helper()
	if kind == P256 {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		require.NoError(t, err)
		return key
	}
	_, key, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	return key
}

// WriteKeys writes a PEM file of private keys (PKCS#8) and public ones, in their order, and returns its path. Only its
// owner may open it.
func WriteKeys(t testing.TB, keys ...any) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "keys.pem")
	require.NoError(t, os.WriteFile(file, PEM(t, keys...), 0o600))
	return file
}

// PEM is what WriteKeys writes.
func PEM(t testing.TB, keys ...any) (content []byte) {
	t.Helper()
	for _, key := range keys {
		block := &pem.Block{Type: "PUBLIC KEY"}
		var err error
		if _, private := key.(crypto.Signer); private {
			block.Type = "PRIVATE KEY"
			block.Bytes, err = x509.MarshalPKCS8PrivateKey(key)
		} else {
			block.Bytes, err = x509.MarshalPKIXPublicKey(key)
		}
		require.NoError(t, err)
		content = append(content, pem.EncodeToMemory(block)...)
	}
	return content
}

func readSigningKey(t testing.TB, file string) crypto.Signer {
	t.Helper()
	content, err := os.ReadFile(file)
	require.NoError(t, err)
	block, _ := pem.Decode(content)
	require.NotNil(t, block)
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	require.NoError(t, err)
	signer, is := key.(crypto.Signer)
	require.True(t, is)
	return signer
}

// KeyID is the kid of the kit's tokens.
func (k *Kit) KeyID(t testing.TB) string {
	t.Helper()
	token, _, err := jwt.NewParser().ParseUnverified(k.Token(t, 0), jwt.MapClaims{})
	require.NoError(t, err)
	id, _ := token.Header["kid"].(string)
	require.NotEmpty(t, id)
	return id
}

// strange is a key like the kit's that nobody knows.
func (k *Kit) strange(t testing.TB) any {
	t.Helper()
	switch k.method {
	case jwt.SigningMethodEdDSA:
		return NewSigningKey(t, Ed25519)
	case jwt.SigningMethodES256:
		return NewSigningKey(t, P256)
	}
	return []byte(rand.Text() + rand.Text())
}

// publicForms are the forms in which everybody may have the kit's public key.
func (k *Kit) publicForms(t testing.TB) map[string][]byte {
	t.Helper()
	text, err := os.ReadFile(k.PublicFile)
	require.NoError(t, err)
	block, _ := pem.Decode(text)
	require.NotNil(t, block)
	jwk, err := json.Marshal(k.Keyring.JWKS().Keys[0])
	require.NoError(t, err)
	set, err := json.Marshal(k.Keyring.JWKS())
	require.NoError(t, err)
	return map[string][]byte{"PEM": text, "DER": block.Bytes, "JWK": jwk, "JWKS": set, "kid": []byte(k.Keyring.JWKS().Keys[0].ID)}
}

// AlgSwaps makes tokens under the id of the kit's key with the algorithms of other kinds of keys: by keys of an attacker's
// own, and by HS256 with all that is public of an asymmetric key as the secret.
func (k *Kit) AlgSwaps(t testing.TB, access authn.Mask) map[string]string {
	t.Helper()
	tokens := map[string]string{}
	for _, other := range []struct {
		method jwt.SigningMethod
		kind   KeyKind
	}{{jwt.SigningMethodEdDSA, Ed25519}, {jwt.SigningMethodES256, P256}} {
		if k.method != other.method {
			tokens[other.method.Alg()+" by another key"] = k.forge(t, access, other.method, NewSigningKey(t, other.kind), nil)
		}
	}
	if k.Secret != "" {
		return tokens
	}
	for form, content := range k.publicForms(t) {
		tokens["HS256 with the public key as "+form] = k.forge(t, access, jwt.SigningMethodHS256, content, nil)
	}
	return tokens
}
