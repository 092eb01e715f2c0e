package authn_test

import (
	"net/http"
	"net/netip"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"nms.example/common/authn"
	"nms.example/common/authntest"
	"nms.example/common/fault"
)

var loopback = netip.MustParseAddr("127.0.0.1")

func TestRevocationsByEpochAndSession(t *testing.T) {
	t.Parallel()
	until := time.Now().Add(time.Minute)
	v := &authn.Verified{Principal: authn.Principal{UserID: 1, Role: "r", SessionID: uuid.New(), UserEpoch: 5, RoleEpoch: 7}}
	for name, c := range map[string]struct {
		r    authn.Revocation
		want bool
	}{
		"its session":         {authn.Revocation{Session: v.SessionID, Until: until}, true},
		"another session":     {authn.Revocation{Session: uuid.New(), Until: until}, false},
		"a later epoch":       {authn.Revocation{UserID: 1, Epoch: 6, Until: until}, true},
		"its own epoch":       {authn.Revocation{UserID: 1, Epoch: 5, Until: until}, false},
		"another user":        {authn.Revocation{UserID: 2, Epoch: 6, Until: until}, false},
		"a later role epoch":  {authn.Revocation{Role: "r", Epoch: 8, Until: until}, true},
		"the same role epoch": {authn.Revocation{Role: "r", Epoch: 7, Until: until}, false},
	} {
		s := authn.NewRevocations()
		s.Apply(c.r)
		require.Equal(t, c.want, s.Revoked(v), name)
	}
	s := authn.NewRevocations()
	s.Apply(authn.Revocation{UserID: 1, Epoch: 6, Until: until}, authn.Revocation{UserID: 1, Epoch: 4, Until: until.Add(time.Hour)})
	require.True(t, s.Revoked(v), "a late message with an earlier epoch takes nothing back")
}

func TestPruneForgetsWhatIsOver(t *testing.T) {
	t.Parallel()
	s := authn.NewRevocations()
	past, future := time.Now().Add(-time.Second), time.Now().Add(time.Minute)
	for _, until := range []time.Time{past, future} {
		s.Apply(authn.Revocation{Session: uuid.New(), Until: until})
	}
	s.Apply(authn.Revocation{UserID: 1, Epoch: 1, Until: past}, authn.Revocation{UserID: 2, Epoch: 1, Until: future},
		authn.Revocation{Role: "a", Epoch: 1, Until: past}, authn.Revocation{Role: "b", Epoch: 1, Until: future})
	s.Prune()
	require.Equal(t, 3, s.Len())
}

func TestAPIKeysAreBoundToTimeAndPlace(t *testing.T) {
	t.Parallel()
	kit := authntest.New(t)
	past, future := time.Now().Add(-time.Second), time.Now().Add(time.Minute)
	v4, v6 := netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("2001:db8::/32")
	key := kit.Key(t, 1, v4, v6)
	for addr, good := range map[string]bool{
		"10.1.2.3": true, "::ffff:10.1.2.3": true, "11.0.0.1": false, "2001:db8::1": true, "2001:db9::1": false, "fe80::1%eth0": false,
	} {
		_, err := kit.Keys.Find(key, netip.MustParseAddr(addr))
		require.Equal(t, good, err == nil, addr)
	}
	_, err := kit.Keys.Find(key, netip.Addr{})
	require.ErrorIs(t, err, authn.ErrBadKey, "an unknown address is in no network")
	_, err = kit.Keys.Find(kit.KeyUntil(t, 1, &past), loopback)
	require.ErrorIs(t, err, authn.ErrBadKey)
	p, err := kit.Keys.Find(kit.KeyUntil(t, authn.Mask(authn.CfgRead), &future), loopback)
	require.NoError(t, err)
	require.Equal(t, authn.APIKey, p.Kind)
	require.Equal(t, "apikey:"+p.KeyID.String(), p.Subject)
	require.NoError(t, authn.Authorize(p, authn.CfgRead))
	require.ErrorIs(t, authn.Authorize(p, authn.CfgWrite), authn.ErrForbidden)
}

func TestAnOlderListOfKeysIsIgnored(t *testing.T) {
	t.Parallel()
	keys := authn.NewAPIKeys()
	text, hash, err := authn.NewKey()
	require.NoError(t, err)
	keys.Replace(2, nil)
	keys.Replace(1, []authn.KeyRecord{{Hash: hash, ID: uuid.New()}})
	_, err = keys.Find(text, loopback)
	require.ErrorIs(t, err, authn.ErrBadKey)
	require.EqualValues(t, 2, keys.Version())
}

func TestAuthenticateChoosesTheCredential(t *testing.T) {
	t.Parallel()
	kit := authntest.New(t)
	guard := kit.Authenticator()
	token, key := kit.Token(t, 1), kit.Key(t, 2)
	ask := func(header http.Header) (*authn.Principal, error) {
		return guard.Authenticate(t.Context(), &http.Request{Header: header, RemoteAddr: "127.0.0.1:1"})
	}
	p, err := ask(http.Header{"Authorization": {"bEaReR  " + token}})
	require.NoError(t, err)
	require.Equal(t, authn.User, p.Kind)
	p, err = ask(http.Header{"X-Api-Key": {key}, "Authorization": {"Basic Zm9vOmJhcg=="}})
	require.NoError(t, err)
	require.Equal(t, authn.APIKey, p.Kind)
	_, err = ask(http.Header{"X-Api-Key": {key}, "Authorization": {"Bearer rubbish"}})
	require.ErrorIs(t, err, authn.ErrBadToken, "a good key does not make a bad token good")
	_, err = ask(http.Header{"X-Api-Key": {"rubbish"}})
	require.ErrorIs(t, err, authn.ErrBadKey)
	require.Equal(t, fault.Request("header.X-API-Key"), fault.As(err).Details[0].Place())
	_, err = ask(http.Header{"Authorization": {"Bearer "}})
	require.ErrorIs(t, err, authn.ErrBadToken)
	for _, header := range []http.Header{{}, {"Authorization": {"Bearer"}}, {"Authorization": {"Basic Zm9vOmJhcg=="}}} {
		p, err = ask(header)
		require.NoError(t, err)
		require.Nil(t, p)
	}
}
