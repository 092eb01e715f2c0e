package session

import (
	"net/netip"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"nms.example/common/authn"
	"nms.example/common/authntest"
	"nms.example/common/fault"
)

// testGates decide without Redis, as one instance does while that is away.
func testGates(t *testing.T) *gates {
	t.Helper()
	keyring, err := authn.NewKeyring(authntest.Settings(strings.Repeat("k", 32)))
	require.NoError(t, err)
	return newGates(nil, keyring)
}

func network(text string) netip.Prefix { return netip.MustParsePrefix(text) }

// closes makes attempts until one is refused and returns how many passed. Each delay is a second or more: a slow machine
// may let one more pass for each that is over.
func closes(t *testing.T, next func(i int) gate) int {
	t.Helper()
	for i := range 100 {
		if err := next(i).attempt(t.Context()); err != nil {
			require.Equal(t, fault.TooMany, fault.KindOf(err))
			return i
		}
	}
	require.Fail(t, "a hundred attempts passed")
	return 0
}

func TestGates(t *testing.T) {
	t.Parallel()
	home, away := network("198.51.100.7/32"), network("192.0.2.1/32")
	t.Run("an account closes after five failures from anywhere", func(t *testing.T) {
		t.Parallel()
		g := testGates(t)
		passed := closes(t, func(i int) gate { return g.forUser(7, network("192.0.2."+strconv.Itoa(i)+"/32"), false) })
		require.GreaterOrEqual(t, passed, 6, "the free ones, and the one after which to wait")
		require.Positive(t, g.forUser(7, away, false).pending(t.Context()))
		require.NoError(t, g.forUser(8, away, false).attempt(t.Context()), "another account")
	})
	t.Run("an address closes after thirty failures at any accounts", func(t *testing.T) {
		t.Parallel()
		g := testGates(t)
		passed := closes(t, func(i int) gate { return g.forUser(int64(i), away, false) })
		require.GreaterOrEqual(t, passed, 31)
		require.Zero(t, g.forUser(1000, home, false).pending(t.Context()), "another address")
	})
	t.Run("an attempt that the address refuses does not count against the account", func(t *testing.T) {
		t.Parallel()
		g := testGates(t)
		closes(t, func(i int) gate { return g.forUser(int64(i), away, false) })
		for range 20 {
			_ = g.forUser(1000, away, false).attempt(t.Context()) // refused, or one that the delay lets pass
		}
		require.Zero(t, g.account.Pending(t.Context(), "user:1000"))
	})
	t.Run("who is known there passes gates that strangers have closed", func(t *testing.T) {
		t.Parallel()
		g := testGates(t)
		closes(t, func(int) gate { return g.forUser(7, away, false) })
		require.NoError(t, g.forUser(7, home, true).attempt(t.Context()))
		passed := closes(t, func(int) gate { return g.forUser(7, home, true) })
		require.GreaterOrEqual(t, passed, 10, "and has one of ten failures there")
	})
	t.Run("the right password opens the account, and takes back one attempt of the address", func(t *testing.T) {
		t.Parallel()
		g := testGates(t)
		for range 5 {
			require.NoError(t, g.forUser(7, away, false).attempt(t.Context()))
		}
		right := g.forUser(7, away, false)
		require.NoError(t, right.attempt(t.Context()))
		right.passed(t.Context())
		require.Zero(t, right.pending(t.Context()))
		for range 5 {
			require.NoError(t, g.forUser(7, away, false).attempt(t.Context()))
		}
	})
	t.Run("an account that does not exist is one whatever its spelling, and its text is not kept", func(t *testing.T) {
		t.Parallel()
		g := testGates(t)
		one, same, other := g.forStranger("Straße", away), g.forStranger("STRASSE", away), g.forStranger("secret", away)
		require.Equal(t, one.accountKey, same.accountKey)
		require.NotEqual(t, one.accountKey, other.accountKey)
		require.NotContains(t, other.accountKey, "secret")
		require.True(t, strings.HasPrefix(one.accountKey, "none:"), "it is no user's")
	})
}
