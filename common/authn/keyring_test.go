package authn_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"nms.example/common/authn"
	"nms.example/common/authntest"
	"nms.example/common/config"
)

func ring(t *testing.T, current string, old ...string) *authn.Keyring {
	t.Helper()
	s := authn.Settings{SecretKey: config.NewSecret(current)}
	for _, key := range old {
		s.OldSecretKeys = append(s.OldSecretKeys, config.NewSecret(key))
	}
	k, err := authn.NewKeyring(s)
	require.NoError(t, err)
	return k
}

func TestATokenComesBackAsItsPrincipal(t *testing.T) {
	t.Parallel()
	kit := authntest.New(t)
	claims := authn.Claims{
		UserID: 17, Login: "Иванов", Role: "operator", Access: authn.Mask(1)<<62 | 1, SessionID: uuid.New(), UserEpoch: 3, RoleEpoch: 4,
	}
	token, signed, err := kit.Keyring.Sign(claims)
	require.NoError(t, err)
	verified, err := kit.Keyring.Verify(token)
	require.NoError(t, err)
	require.Equal(t, *signed, verified.Principal)
	require.Equal(t, authn.Mask(1)<<62|1, verified.Access, "all 63 bits survive")
	require.Equal(t, "user:17", verified.Subject)
	require.EqualValues(t, 3, verified.UserEpoch)
	require.EqualValues(t, 4, verified.RoleEpoch)
	require.Equal(t, authn.TokenTTL, verified.ExpiresAt.Sub(verified.IssuedAt))

	claims.PasswordChangeRequired = true
	verified, err = kit.Keyring.Verify(kit.Sign(t, claims))
	require.NoError(t, err)
	require.Zero(t, verified.Access)
	require.ErrorIs(t, authn.Authorize(&verified.Principal, authn.UsersRead), authn.ErrChangePassword)
}

func TestBadTokensAreRefused(t *testing.T) {
	t.Parallel()
	kit := authntest.New(t)
	all := authn.AllPermissions
	good := kit.Token(t, all)
	_, err := kit.Keyring.Verify(good)
	require.NoError(t, err)
	dots := strings.Split(good, ".")
	future := time.Now().Add(time.Minute).Unix()
	for name, token := range map[string]string{
		"empty": "", "one part": dots[0], "no signature": dots[0] + "." + dots[1] + ".", "cut": good[:len(good)-1],
		"signature of another": dots[0] + "." + dots[1] + "." + strings.Split(kit.Token(t, all), ".")[2],
		"padded":               good + "=", "too long": good + strings.Repeat("A", 5000),
		"wrong key": kit.WrongKey(t, all), "alg none": kit.AlgNone(t, all), "other alg": kit.OtherAlg(t, all),
		"other audience": kit.OtherAudience(t, all), "other issuer": kit.OtherIssuer(t, all),
		"no exp": kit.Forged(t, all, map[string]any{"exp": nil}), "no nbf": kit.Forged(t, all, map[string]any{"nbf": nil}),
		"not yet": kit.Forged(t, all, map[string]any{"nbf": future}), "no aud": kit.Forged(t, all, map[string]any{"aud": nil}),
		"no sub": kit.Forged(t, all, map[string]any{"sub": nil}), "sub 0": kit.Forged(t, all, map[string]any{"sub": "0"}),
		"no sid": kit.Forged(t, all, map[string]any{"sid": nil}), "no jti": kit.Forged(t, all, map[string]any{"jti": nil}),
		"negative access": kit.Forged(t, all, map[string]any{"access": -1}), "access of text": kit.Forged(t, all, map[string]any{"access": "1"}),
		"access over 63 bits": kit.Forged(t, all, map[string]any{"access": uint64(1) << 63}),
		"exp of text":         kit.Forged(t, all, map[string]any{"exp": "never"}),
	} {
		_, err := kit.Keyring.Verify(token)
		require.ErrorIs(t, err, authn.ErrBadToken, name)
	}
	_, err = kit.Keyring.Verify(kit.Expired(t, all))
	require.ErrorIs(t, err, authn.ErrExpiredToken)
}

func TestRotationTakesOldAndNextKeys(t *testing.T) {
	t.Parallel()
	const one, two = "the first key, of thirty-two bytes", "the second key, of thirty-two byt"
	before, during, after := ring(t, one), ring(t, two, one), ring(t, two)
	token, _, err := before.Sign(authntest.Claims(1))
	require.NoError(t, err)
	_, err = during.Verify(token)
	require.NoError(t, err)
	_, err = after.Verify(token)
	require.ErrorIs(t, err, authn.ErrBadToken)
	next, _, err := during.Sign(authntest.Claims(1))
	require.NoError(t, err)
	_, err = after.Verify(next)
	require.NoError(t, err)
	_, err = ring(t, one, two).Verify(next)
	require.NoError(t, err, "a service that is not yet restarted knows the next key")
	require.Equal(t, before.MAC("x", nil)[0], during.MAC("x", nil)[1])
	require.NotEqual(t, before.MAC("x", nil), before.MAC("y", nil), "each purpose has a key of its own")
}

func TestSettingsJudgeTheLengthOfKeys(t *testing.T) {
	t.Parallel()
	type settings struct {
		config.Base
		authn.Settings
	}
	for _, c := range []struct {
		environment, key, old string
		fault, warning        string
	}{
		{"dev", "P4xCg7Dhk+Db", "", "", "JWT_SECRET_KEY has fewer than 32 bytes"},
		{"prod", "P4xCg7Dhk+Db", "", "JWT_SECRET_KEY is wrong", ""},
		{"prod", strings.Repeat("x", 31), "", "JWT_SECRET_KEY is wrong", ""},
		{"prod", strings.Repeat("x", 32), "", "", ""},
		{"prod", strings.Repeat("x", 32), "short", "JWT_SECRET_KEYS_OLD is wrong", ""},
		{"prod", "", "", "JWT_SECRET_KEY is missing", ""},
	} {
		var s settings
		warnings, err := config.Load(&s, config.WithSettings(map[string]string{
			"ENVIRONMENT": c.environment, "JWT_SECRET_KEY": c.key, "JWT_SECRET_KEYS_OLD": c.old,
		}))
		if c.fault == "" {
			require.NoError(t, err)
		} else {
			require.ErrorContains(t, err, c.fault)
		}
		require.Contains(t, strings.Join(warnings, "\n"), c.warning)
	}
}

func TestARememberedTokenExpiresAndIsRevoked(t *testing.T) {
	t.Parallel()
	now := time.Now()
	k, err := authn.NewKeyring(authn.Settings{SecretKey: config.NewSecret("k")}, authn.WithClock(func() time.Time { return now }))
	require.NoError(t, err)
	revocations := authn.NewRevocations()
	guard := authn.NewAuthenticator(k, revocations, authn.NewAPIKeys())
	claims := authntest.Claims(1)
	token, signed, err := k.Sign(claims)
	require.NoError(t, err)
	for range 3 {
		p, err := guard.Token(token)
		require.NoError(t, err)
		require.Equal(t, signed, p)
		p.Access = authn.AllPermissions // a copy: it changes nobody's rights
	}
	_, err = guard.Token(token[:len(token)-1])
	require.ErrorIs(t, err, authn.ErrBadToken)
	revocations.Apply(authn.Revocation{Session: claims.SessionID, Until: now.Add(time.Hour)})
	_, err = guard.Token(token)
	require.ErrorIs(t, err, authn.ErrRevokedToken)

	other, _, err := k.Sign(authntest.Claims(1))
	require.NoError(t, err)
	_, err = guard.Token(other)
	require.NoError(t, err)
	now = now.Add(authn.TokenTTL)
	_, err = guard.Token(other)
	require.ErrorIs(t, err, authn.ErrExpiredToken)
}

func FuzzVerifyRefusesWhatItDidNotSign(f *testing.F) {
	kit := authntest.New(f)
	good := kit.Token(f, 1)
	f.Add(good)
	f.Add(kit.AlgNone(f, 1))
	f.Add("a.b.c")
	f.Fuzz(func(t *testing.T, token string) {
		_, err := kit.Keyring.Verify(token)
		require.Equal(t, token == good, err == nil)
	})
}

// BenchmarkVerify is what a token costs that is seen for the first time, and again.
func BenchmarkVerify(b *testing.B) {
	kit := authntest.New(b)
	token := kit.Token(b, authn.AllPermissions)
	guard := kit.Authenticator()
	b.Run("first", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := kit.Keyring.Verify(token); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("again", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := guard.Token(token); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkAPIKey(b *testing.B) {
	kit := authntest.New(b)
	for range 1000 {
		kit.Key(b, 1)
	}
	key := kit.Key(b, 1)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := kit.Keys.Find(key, loopback); err != nil {
			b.Fatal(err)
		}
	}
}
