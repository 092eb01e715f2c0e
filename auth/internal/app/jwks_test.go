package app_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"nms.example/common/authn"
	"nms.example/common/authntest"
	"nms.example/common/servicetest"

	"nms.example/auth/internal/app"
)

// asymmetric is an auth with a private key of that kind.
func asymmetric(t *testing.T, kind authntest.KeyKind) *stand {
	t.Helper()
	kit := authntest.NewAsymmetric(t, kind)
	s := setup(t, map[string]string{"JWT_SECRET_KEY": "", "JWT_SIGNING_KEY_FILE": kit.SigningFile})
	s.kit = kit
	return s
}

func TestThePublicKeysArePublished(t *testing.T) {
	t.Parallel()
	for _, kind := range authntest.KeyKinds() {
		s := asymmetric(t, kind)
		outside := s.as("").Outside()
		got := outside.Get(jwksPath).Is(http.StatusOK)
		require.Equal(t, "public, max-age=60", got.Header.Get("Cache-Control"))
		require.True(t, strings.HasPrefix(got.Header.Get("Content-Type"), "application/json"))
		var set authn.JWKS
		got.Into(&set)
		require.Equal(t, s.kit.Keyring.JWKS(), set)
		require.Equal(t, s.kit.KeyID(t), set.Keys[0].ID)
		require.NotContains(t, string(got.Body), `"d"`)
		again := outside.Get(jwksPath, "If-None-Match: "+got.Header.Get("ETag")).Is(http.StatusNotModified)
		require.Empty(t, again.Body)
		require.Equal(t, "public, max-age=60", again.Header.Get("Cache-Control"))

		tk := s.login("admin_nms", adminPassword)
		verified, err := s.kit.Keyring.Verify(tk.Access)
		require.NoError(t, err)
		require.Equal(t, "admin_nms", verified.Login)
		s.as(tk.Access).Get("/users").Is(http.StatusOK)
	}
}

func TestASharedSecretIsNotPublished(t *testing.T) {
	t.Parallel()
	setup(t).as("").Outside().Get(jwksPath).Refused(http.StatusNotFound, "path", "not_found")
}

func TestEveryOperationAsksForItsCredentialsWithAPrivateKey(t *testing.T) {
	t.Parallel()
	s := asymmetric(t, authntest.Ed25519)
	s.kit.CheckMatrix(t, s.URL, s.Service.API().Operations(), s.redis)
}

func TestAuthRefusesToStartWithBadKeys(t *testing.T) {
	t.Parallel()
	_, settings := settingsFor(t)
	settings["JWT_SECRET_KEY"] = ""
	for says, file := range map[string]string{
		"it holds no private key":                     authntest.WriteKeys(t, authntest.NewSigningKey(t, authntest.P256).Public()),
		"it is no readable file of at most 65536 byt": t.TempDir(),
	} {
		settings["JWT_SIGNING_KEY_FILE"] = file
		_, err := servicetest.TryStart(t, app.Identity, app.Build, settings)
		require.ErrorContains(t, err, "JWT_SIGNING_KEY_FILE is wrong")
		require.ErrorContains(t, err, says)
		require.NotContains(t, err.Error(), file)
	}
}
