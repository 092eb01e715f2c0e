package authn

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/json"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"nms.example/common/config"
)

// FuzzAPIKey looks for anything among the keys.
func FuzzAPIKey(f *testing.F) {
	text, hash, err := NewKey()
	require.NoError(f, err)
	keys := NewAPIKeys()
	keys.Replace(1, []KeyRecord{{Hash: hash, ID: uuid.New(), CIDRs: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}}})
	addr := netip.MustParseAddr("192.0.2.1")
	f.Add(text)
	f.Add(strings.ToLower(text))
	f.Add(keyPrefix + strings.Repeat("\x00", 43))
	f.Fuzz(func(t *testing.T, other string) {
		_, err := keys.Find(other, addr)
		require.Equal(t, other == text, err == nil)
	})
}

// FuzzFeed reads anything as what instances tell each other over Redis: the sealed list of keys and revocations.
func FuzzFeed(f *testing.F) {
	k, err := NewKeyring(Settings{TokenSettings: TokenSettings{SecretKey: config.NewSecret(strings.Repeat("k", 32))}})
	require.NoError(f, err)
	good, err := sealKeys(k, keyList{})
	require.NoError(f, err)
	_, private, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(f, err)
	signing := privateRing(f, private)
	signed, err := sealKeys(signing, keyList{})
	require.NoError(f, err)
	until := time.Unix(1_800_000_000, 0)
	f.Add(good, Revocation{UserID: 1, Epoch: 2}.text(), []byte(`{}`))
	f.Add(signed, "", []byte(`{}`))
	f.Add("1 abc {}", Revocation{Role: "a: b", Epoch: 3}.text(), []byte(`{"v":1,"r":[{}]}`))
	f.Add("", Revocation{Session: uuid.New()}.text(), []byte(`[`))
	f.Add("1  ", "r:9223372036854775808:a", []byte(`null`))
	f.Fuzz(func(t *testing.T, sealed, text string, message []byte) {
		for ring, made := range map[*Keyring]string{k: good, signing: signed} {
			if _, err := openKeys(ring, sealed); err == nil {
				_, rest, _ := strings.Cut(made, " ")
				_, other, _ := strings.Cut(sealed, " ")
				require.Equal(t, rest, other, "nobody else can seal")
			}
		}
		if r, err := parseRevocation(text, until); err == nil {
			again, err := parseRevocation(r.text(), until)
			require.NoError(t, err)
			require.Equal(t, r, again)
		}
		var m wireMessage
		if json.Unmarshal(message, &m) == nil {
			_ = m.revocations()
		}
		var hash KeyHash
		if hash.UnmarshalText(message) == nil {
			same, err := hash.MarshalText()
			require.NoError(t, err)
			require.Equal(t, strings.ToLower(string(message)), string(same))
		}
	})
}
