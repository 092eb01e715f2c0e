package authn_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"nms.example/common/authn"
)

func TestTheNamedBitsAreTheContracts(t *testing.T) {
	t.Parallel()
	require.EqualValues(t, 4227858455, authn.AllPermissions)
	require.Equal(t, []string{
		"users:read", "users:write", "roles:write", "apikeys:write", "cfg:read", "cfg:write", "inbox:read", "inbox:write",
		"admin:read", "admin:write",
	}, authn.AllPermissions.Names())
	require.Equal(t, "bit:3", authn.Permission(8).String())
	require.Equal(t, []string{}, authn.Mask(8).Names())
	_, err := authn.MaskOf([]string{"cfg:read", "secret", "also secret"})
	require.ErrorContains(t, err, "positions 1, 2")
	require.NotContains(t, err.Error(), "secret")
}

func TestMasksAndNamesAgree(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m := authn.Mask(rapid.Int64Min(0).Draw(t, "mask"))
		named, err := authn.MaskOf(m.Names())
		require.NoError(t, err)
		require.Equal(t, m&authn.AllPermissions, named)
		require.True(t, m.Covers(named))
		require.Equal(t, named.Covers(m), named == m)
	})
}
