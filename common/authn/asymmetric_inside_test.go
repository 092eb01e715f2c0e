package authn

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// The example of RFC 8037, appendix A.3.
func TestThumbprint(t *testing.T) {
	t.Parallel()
	k, err := (&foreignJWK{JWK: JWK{
		Type: "OKP", Curve: "Ed25519", X: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo", Use: "sig",
		ID: "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k",
	}}).key()
	require.NoError(t, err)
	require.Equal(t, "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k", k.id)
	require.True(t, isThumbprint(k.id))
}

// privateRing is one with the private keys given, and with the file of the first.
func privateRing(tb testing.TB, private ...any) *Keyring {
	tb.Helper()
	var content []byte
	for _, p := range private {
		der, err := x509.MarshalPKCS8PrivateKey(p)
		require.NoError(tb, err)
		content = append(content, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})...)
	}
	file := filepath.Join(tb.TempDir(), "keys.pem")
	require.NoError(tb, os.WriteFile(file, content, 0o600))
	k, err := NewKeyring(IssuerSettings{SigningKeyFile: file})
	require.NoError(tb, err)
	return k
}

// A token's signature is no seal of its text, and a seal no signature of a token.
func TestSealsAreNoTokens(t *testing.T) {
	t.Parallel()
	_, ed, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	for _, private := range []any{ed, ec} {
		k := privateRing(t, private)
		token, _, err := k.Sign(Claims{UserID: 1, SessionID: uuid.New()})
		require.NoError(t, err)
		dot := strings.LastIndexByte(token, '.')
		id := k.private[0].id
		require.ErrorIs(t, k.unseal(id+"."+token[dot+1:], []byte(token[:dot])), errSeal)

		seal, err := k.seal([]byte(token[:dot]))
		require.NoError(t, err)
		require.NoError(t, k.unseal(seal, []byte(token[:dot])))
		_, signature, _ := strings.Cut(seal, ".")
		_, err = k.Verify(token[:dot] + "." + signature)
		require.ErrorIs(t, err, ErrBadToken)
		require.ErrorIs(t, k.unseal(seal, []byte(token)), errSeal)
		require.ErrorIs(t, k.unseal(seal+"=", []byte(token[:dot])), errSeal)
		require.ErrorIs(t, k.unseal(strings.Repeat("A", 43)+"."+signature, []byte(token[:dot])), errUnknownKey)
		require.NotErrorIs(t, k.unseal("../../x."+signature, []byte(token[:dot])), errUnknownKey)
	}
}

// FuzzJWKS reads anything as a set of keys: what is taken is what it says, and nothing else.
func FuzzJWKS(f *testing.F) {
	public, _, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(f, err)
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(f, err)
	for _, p := range []any{public, ec.Public()} {
		k, err := newPublicKey(p)
		require.NoError(f, err)
		content, err := json.Marshal(JWKS{Keys: []JWK{k.public}})
		require.NoError(f, err)
		f.Add(content)
	}
	f.Add([]byte(`{"keys":[{"kty":"OKP","crv":"Ed25519","x":"","use":"sig","d":""}]}`))
	f.Fuzz(func(t *testing.T, content []byte) {
		set, err := parseJWKS(content)
		if err != nil {
			return
		}
		again, err := json.Marshal(set.jwks)
		require.NoError(t, err)
		same, err := parseJWKS(again)
		require.NoError(t, err)
		require.Equal(t, set.jwks, same.jwks)
	})
}

// FuzzKeyFile reads anything as a file of keys.
func FuzzKeyFile(f *testing.F) {
	_, ed, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(f, err)
	der, err := x509.MarshalPKCS8PrivateKey(ed)
	require.NoError(f, err)
	f.Add(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	f.Add([]byte("-----BEGIN PRIVATE KEY-----\n" + base64.StdEncoding.EncodeToString(der[:10]) + "\n-----END PRIVATE KEY-----\n"))
	f.Fuzz(func(t *testing.T, content []byte) {
		keys, err := parsePEM(content)
		if err != nil {
			return
		}
		require.Len(t, keys, strings.Count(string(content), "-----BEGIN"))
		for _, k := range keys {
			require.True(t, isThumbprint(k.id))
			require.Equal(t, k.sign == nil, k.private == nil)
		}
	})
}
