package authn_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"nms.example/common/authn"
)

func TestWhetherAHolderStillHoldsWhatItHeld(t *testing.T) {
	t.Parallel()
	const send = authn.Mask(authn.CommandsSend)
	user := func() authn.Holder {
		p := authn.Principal{Kind: authn.User, UserID: 7, Role: "operator", Access: send, SessionID: uuid.New(), UserEpoch: 3, RoleEpoch: 4,
			ExpiresAt: time.Now().Add(-time.Hour)}
		return p.Holder()
	}
	until := time.Now().Add(time.Minute)
	key := authn.KeyRecord{ID: uuid.New(), Access: send}
	ended := authn.KeyRecord{ID: uuid.New(), Access: send, ExpiresAt: new(time.Now().Add(-time.Second)), Hash: authn.KeyHash{1}}
	holder := func(r authn.KeyRecord) authn.Holder { return authn.Holder{KeyID: r.ID, Access: r.Access} }
	for name, c := range map[string]struct {
		holder  authn.Holder
		need    authn.Mask
		revoked []authn.Revocation
		stands  bool
	}{
		"a user":                       {user(), send, nil, true},
		"what it never held":           {user(), authn.Mask(authn.CommandsHazardous), nil, false},
		"the user was blocked":         {user(), send, []authn.Revocation{{UserID: 7, Epoch: 4, Until: until, Withdrawn: true}}, false},
		"another user was blocked":     {user(), send, []authn.Revocation{{UserID: 8, Epoch: 4, Until: until, Withdrawn: true}}, true},
		"before the token was made":    {user(), send, []authn.Revocation{{UserID: 7, Epoch: 3, Until: until, Withdrawn: true}}, true},
		"the user has logged out":      {user(), send, []authn.Revocation{{UserID: 7, Epoch: 4, Until: until}}, true},
		"the role was changed":         {user(), send, []authn.Revocation{{Role: "operator", Epoch: 5, Until: until}}, false},
		"a session has ended":          {user(), send, []authn.Revocation{{Session: uuid.New(), Until: until}}, true},
		"an API key":                   {holder(key), send, nil, true},
		"an API key without the right": {holder(key), authn.Mask(authn.CommandsHazardous), nil, false},
		"an API key past its end":      {holder(ended), send, nil, false},
		"an API key that is gone":      {authn.Holder{KeyID: uuid.New(), Access: send}, send, nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			revocations, keys := authn.NewRevocations(), authn.NewAPIKeys()
			revocations.Apply(c.revoked...)
			keys.Replace(1, []authn.KeyRecord{key, ended})
			require.Equal(t, c.stands, authn.NewAuthenticator(nil, revocations, keys).Stands(c.holder, c.need))
		})
	}
}
