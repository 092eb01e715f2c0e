package authn_test

import (
	"maps"
	"os"
	"path/filepath"
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
	k, err := authn.NewKeyring(authntest.Settings(append([]string{current}, old...)...))
	require.NoError(t, err)
	return k
}

// eachKind runs a test with a kit of each kind of key.
func eachKind(t *testing.T, test func(t *testing.T, kit *authntest.Kit)) {
	t.Helper()
	t.Run("HS256", func(t *testing.T) {
		t.Parallel()
		test(t, authntest.New(t))
	})
	for _, kind := range authntest.KeyKinds() {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			test(t, authntest.NewAsymmetric(t, kind))
		})
	}
}

func TestATokenComesBackAsItsPrincipal(t *testing.T) {
	t.Parallel()
	eachKind(t, comesBack)
}

func comesBack(t *testing.T, kit *authntest.Kit) {
	t.Helper()
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
	eachKind(t, refusesBadTokens)
}

func refusesBadTokens(t *testing.T, kit *authntest.Kit) {
	t.Helper()
	all := authn.AllPermissions
	good := kit.Token(t, all)
	_, err := kit.Keyring.Verify(good)
	require.NoError(t, err)
	dots := strings.Split(good, ".")
	future := time.Now().Add(time.Minute).Unix()
	forged := map[string]string{
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
	}
	maps.Copy(forged, kit.AlgSwaps(t, all))
	for name, kid := range map[string]any{
		"no kid": nil, "kid of a number": 1, "kid of a list": []string{"a"}, "a path": "../../../../dev/null", "SQL": "' OR '1'='1",
		"a URL": "http://127.0.0.1/key", "NUL": "\x00", "two thousand bytes": strings.Repeat("k", 2000), "ten thousand bytes": strings.Repeat("k", 10_000),
		"nearly a thumbprint": strings.Repeat("A", 42) + "B", "a thumbprint": strings.Repeat("A", 43),
	} {
		forged["kid: "+name] = kit.Headed(t, all, map[string]any{"kid": kid})
	}
	id := kit.KeyID(t)
	forged["a key in the header"] = kit.Headed(t, all, map[string]any{"kid": "mine", "jwk": map[string]any{"kty": "oct", "k": "AAAA"}})
	forged["a URL of keys in the header"] = kit.Headed(t, all, map[string]any{"kid": "mine", "jku": "http://127.0.0.1/"})
	forged["more than the kid"] = kit.Headed(t, all, map[string]any{"kid": id + "="})
	for name, token := range forged {
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

func TestThereIsOneWayOfSigning(t *testing.T) {
	t.Parallel()
	type verifying struct {
		config.Base
		authn.Settings
	}
	type issuing struct {
		config.Base
		authn.IssuerSettings
	}
	dir := t.TempDir()
	private := authntest.WriteKeys(t, authntest.NewSigningKey(t, authntest.Ed25519))
	public := authntest.WriteKeys(t, authntest.NewSigningKey(t, authntest.P256).Public())
	open := authntest.WriteKeys(t, authntest.NewSigningKey(t, authntest.Ed25519))
	require.NoError(t, os.Chmod(open, 0o604))
	writable := authntest.WriteKeys(t, authntest.NewSigningKey(t, authntest.Ed25519).Public())
	require.NoError(t, os.Chmod(writable, 0o666))
	secret, url := strings.Repeat("x", 32), "https://auth.example/.well-known/jwks.json"
	at := func(d time.Duration) string { return time.Now().Add(d).Format(time.RFC3339) }
	for name, c := range map[string]struct {
		settings map[string]string
		issuer   bool
		fault    string // empty: taken
		warning  string
	}{
		"none":                    {map[string]string{}, false, "JWT_SECRET_KEY is missing (expected: a secret text, or in its place JWT_JWKS_URL or JWT_PUBLIC_KEYS_FILE)", ""},
		"none of auth":            {map[string]string{}, true, "JWT_SECRET_KEY is missing (expected: a secret text, or in its place JWT_SIGNING_KEY_FILE)", ""},
		"a secret":                {map[string]string{"JWT_SECRET_KEY": secret}, false, "", ""},
		"a URL":                   {map[string]string{"JWT_JWKS_URL": url}, false, "", ""},
		"a URL and a copy":        {map[string]string{"JWT_JWKS_URL": url, "JWT_JWKS_COPY": filepath.Join(dir, "copy")}, false, "", ""},
		"public keys":             {map[string]string{"JWT_PUBLIC_KEYS_FILE": public}, false, "", ""},
		"private keys":            {map[string]string{"JWT_SIGNING_KEY_FILE": private}, true, "", ""},
		"a shared .env":           {map[string]string{"JWT_SIGNING_KEY_FILE": private, "JWT_JWKS_URL": url}, true, "", ""},
		"a shared .env elsewhere": {map[string]string{"JWT_SIGNING_KEY_FILE": private, "JWT_JWKS_URL": url}, false, "", ""},
		"two":                     {map[string]string{"JWT_JWKS_URL": url, "JWT_PUBLIC_KEYS_FILE": public}, false, "not both", ""},
		"a secret too":            {map[string]string{"JWT_JWKS_URL": url, "JWT_SECRET_KEY": secret}, false, "JWT_SECRET_KEY is wrong", ""},
		"a secret too, of auth":   {map[string]string{"JWT_SIGNING_KEY_FILE": private, "JWT_SECRET_KEY": secret}, true, "JWT_SECRET_KEY is wrong", ""},
		"old secrets too":         {map[string]string{"JWT_JWKS_URL": url, "JWT_SECRET_KEYS_OLD": secret}, false, "JWT_SECRET_KEYS_OLD is wrong", ""},
		"a secret for a while":    {map[string]string{"JWT_JWKS_URL": url, "JWT_SECRET_KEY": secret, "JWT_HS256_UNTIL": at(time.Hour)}, false, "", ""},
		"for too long":            {map[string]string{"JWT_JWKS_URL": url, "JWT_SECRET_KEY": secret, "JWT_HS256_UNTIL": at(25 * time.Hour)}, false, "JWT_HS256_UNTIL is wrong", ""},
		"until it has passed":     {map[string]string{"JWT_SIGNING_KEY_FILE": private, "JWT_SECRET_KEY": secret, "JWT_HS256_UNTIL": at(-time.Hour)}, true, "", "JWT_HS256_UNTIL has passed"},
		"an end of nothing":       {map[string]string{"JWT_SECRET_KEY": secret, "JWT_HS256_UNTIL": at(time.Hour)}, false, "JWT_HS256_UNTIL is wrong", ""},
		"an end that is no time":  {map[string]string{"JWT_JWKS_URL": url, "JWT_SECRET_KEY": secret, "JWT_HS256_UNTIL": "tomorrow"}, false, "JWT_HS256_UNTIL is wrong", ""},
		"a short secret":          {map[string]string{"JWT_JWKS_URL": url, "JWT_SECRET_KEY": "short", "JWT_HS256_UNTIL": at(time.Hour)}, false, "JWT_SECRET_KEY is wrong", ""},
		"no file":                 {map[string]string{"JWT_SIGNING_KEY_FILE": filepath.Join(dir, "none")}, true, "JWT_SIGNING_KEY_FILE is wrong", ""},
		"a folder":                {map[string]string{"JWT_PUBLIC_KEYS_FILE": dir}, false, "JWT_PUBLIC_KEYS_FILE is wrong", ""},
		"no private key":          {map[string]string{"JWT_SIGNING_KEY_FILE": public}, true, "it holds no private key", ""},
		"a private key":           {map[string]string{"JWT_PUBLIC_KEYS_FILE": private}, false, "which belongs to auth alone", ""},
		"a key open to all":       {map[string]string{"JWT_SIGNING_KEY_FILE": open}, true, "everybody on the machine may open it", ""},
		"the same in dev":         {map[string]string{"JWT_SIGNING_KEY_FILE": open, "ENVIRONMENT": "dev"}, true, "", ""},
		"keys that others write":  {map[string]string{"JWT_PUBLIC_KEYS_FILE": writable}, false, "others than its owner may write to it", ""},
		"no URL":                  {map[string]string{"JWT_JWKS_URL": "auth:4000"}, false, "JWT_JWKS_URL is wrong", ""},
		"a file for a URL":        {map[string]string{"JWT_JWKS_URL": "file:///etc/keys"}, false, "JWT_JWKS_URL is wrong", ""},
		"credentials in the URL":  {map[string]string{"JWT_JWKS_URL": "http://u:s3cret@auth/"}, false, "JWT_JWKS_URL is wrong", ""},
		"a copy of nothing":       {map[string]string{"JWT_PUBLIC_KEYS_FILE": public, "JWT_JWKS_COPY": filepath.Join(dir, "copy")}, false, "JWT_JWKS_COPY is wrong", ""},
		"a copy nowhere":          {map[string]string{"JWT_JWKS_URL": url, "JWT_JWKS_COPY": filepath.Join(dir, "no", "copy")}, false, "JWT_JWKS_COPY is wrong", ""},
	} {
		var into any = new(verifying)
		if c.issuer {
			into = new(issuing)
		}
		warnings, err := config.Load(into, config.WithSettings(c.settings))
		if c.fault == "" {
			require.NoError(t, err, name)
		} else {
			require.ErrorContains(t, err, c.fault, name)
			require.NotContains(t, err.Error(), "s3cret", name)
		}
		require.Contains(t, strings.Join(warnings, "\n"), c.warning, name)
		require.Equal(t, c.warning == "", len(warnings) == 0, "%s: %v", name, warnings)
	}
}

func TestARememberedTokenExpiresAndIsRevoked(t *testing.T) {
	t.Parallel()
	now := time.Now()
	k, err := authn.NewKeyring(authntest.Settings("k"), authn.WithClock(func() time.Time { return now }))
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
	kits := []*authntest.Kit{authntest.New(f), authntest.NewAsymmetric(f, authntest.Ed25519), authntest.NewAsymmetric(f, authntest.P256)}
	good := map[string]*authntest.Kit{}
	for _, kit := range kits {
		token := kit.Token(f, 1)
		good[token] = kit
		f.Add(token)
		f.Add(kit.AlgNone(f, 1))
		f.Add(kit.OtherAlg(f, 1))
		for _, swapped := range kit.AlgSwaps(f, 1) {
			f.Add(swapped)
		}
	}
	f.Add("a.b.c")
	f.Fuzz(func(t *testing.T, token string) {
		for _, kit := range kits {
			_, err := kit.Keyring.Verify(token)
			require.Equal(t, good[token] == kit, err == nil)
		}
	})
}

// BenchmarkVerify is what a token costs that is seen for the first time, and again.
func BenchmarkVerify(b *testing.B) {
	b.Run("HS256", func(b *testing.B) { benchmarkVerify(b, authntest.New(b)) })
	for _, kind := range authntest.KeyKinds() {
		b.Run(string(kind), func(b *testing.B) { benchmarkVerify(b, authntest.NewAsymmetric(b, kind)) })
	}
}

func benchmarkVerify(b *testing.B, kit *authntest.Kit) {
	b.Helper()
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
