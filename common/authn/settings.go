package authn

import (
	"net/url"
	"os"
	"path/filepath"
	"time"

	"nms.example/common/config"
)

// MinKeyBytes is the least length of a shared secret in prod: HMAC-SHA-256 has its full strength from a key
// as long as its output on (RFC 7518, section 3.2).
const MinKeyBytes = 32

// maxHS256 is how far ahead JWT_HS256_UNTIL may lie.
const maxHS256 = 24 * time.Hour

// TokenSettings are the variables about access tokens that every service reads, auth too.
type TokenSettings struct {
	SecretKey     config.Secret   `envconfig:"JWT_SECRET_KEY" desc:"Key that signs access tokens (HS256), the same in every service, where no asymmetric key is set. At least 32 bytes in prod."`
	OldSecretKeys []config.Secret `envconfig:"JWT_SECRET_KEYS_OLD" desc:"Further keys whose tokens are taken, separated by commas: the previous one, the next one before a rotation."`
	HS256Until    time.Time       `envconfig:"JWT_HS256_UNTIL" expect:"a time of RFC 3339 such as 2026-12-01T06:00:00Z, at most 24 hours ahead, beside JWT_SECRET_KEY and an asymmetric key" desc:"Until when HS256 is taken beside asymmetric keys, while changing over: a time of RFC 3339, at most 24 hours ahead."`
	Issuer        string          `envconfig:"JWT_ISSUER" default:"nms-auth" desc:"iss of the access tokens."`
	Audience      string          `envconfig:"JWT_AUDIENCE" default:"nms" desc:"aud of the access tokens; tokens for another audience are refused."`
}

// Settings are the variables that a service reads to verify tokens. Embed them in its settings.
type Settings struct {
	TokenSettings

	PublicKeysFile string `envconfig:"JWT_PUBLIC_KEYS_FILE" desc:"PEM file with the public keys of auth (Ed25519 or P-256), in place of JWT_SECRET_KEY. Not for auth itself."`
	JWKSURL        string `envconfig:"JWT_JWKS_URL" desc:"Where auth publishes its public keys (http://auth:4000/.well-known/jwks.json), in place of JWT_SECRET_KEY. Not for auth itself."`
	JWKSCopy       string `envconfig:"JWT_JWKS_COPY" desc:"File that keeps what JWT_JWKS_URL returned last, for a start while auth is away. The service writes it; nobody else may."`
}

// IssuerSettings are Settings of auth, which signs.
type IssuerSettings struct {
	TokenSettings

	SigningKeyFile string `envconfig:"JWT_SIGNING_KEY_FILE" desc:"PEM file with the private keys (PKCS#8, Ed25519 or P-256) of auth, in place of JWT_SECRET_KEY: the first signs, further ones, and public keys, are published and taken. For auth alone."`
}

// Validate implements config.Validator.
func (s *TokenSettings) Validate(r *config.Report) {
	if !s.SecretKey.IsZero() {
		checkKey(r, "JWT_SECRET_KEY", s.SecretKey)
	}
	for _, key := range s.OldSecretKeys {
		checkKey(r, "JWT_SECRET_KEYS_OLD", key)
	}
}

// Validate implements config.Validator.
func (s *Settings) Validate(r *config.Report) {
	const either = "JWT_JWKS_URL or JWT_PUBLIC_KEYS_FILE"
	s.checkSecret(r, s.JWKSURL != "" || s.PublicKeysFile != "", either)
	if s.JWKSURL != "" && s.PublicKeysFile != "" {
		r.Fault("JWT_PUBLIC_KEYS_FILE", "either "+either+", not both")
	}
	if s.JWKSURL != "" && !isURL(s.JWKSURL) {
		r.Fault("JWT_JWKS_URL", "a URL such as http://auth:4000/.well-known/jwks.json, without credentials")
	}
	if s.JWKSCopy != "" {
		info, err := os.Stat(filepath.Dir(s.JWKSCopy))
		if s.JWKSURL == "" || err != nil || !info.IsDir() {
			r.Fault("JWT_JWKS_COPY", "a file in a folder that exists, beside JWT_JWKS_URL")
		}
	}
	if s.PublicKeysFile == "" {
		return
	}
	const expected = "a PEM file of public Ed25519 or P-256 keys; "
	if _, err := readPublicKeys(s.PublicKeysFile); err != nil {
		r.Fault("JWT_PUBLIC_KEYS_FILE", expected+err.Error())
	}
	if r.Environment == config.Prod && openTo(s.PublicKeysFile, writtenByMany) {
		r.Fault("JWT_PUBLIC_KEYS_FILE", expected+"others than its owner may write to it")
	}
}

// Validate implements config.Validator.
func (s *IssuerSettings) Validate(r *config.Report) {
	s.checkSecret(r, s.SigningKeyFile != "", "JWT_SIGNING_KEY_FILE")
	if s.SigningKeyFile == "" {
		return
	}
	const expected = "a PEM file with a private Ed25519 or P-256 key (PKCS#8); "
	if _, _, err := readSigningKeys(s.SigningKeyFile); err != nil {
		r.Fault("JWT_SIGNING_KEY_FILE", expected+err.Error())
	}
	if r.Environment == config.Prod && openTo(s.SigningKeyFile, readByAll) {
		r.Fault("JWT_SIGNING_KEY_FILE", expected+"everybody on the machine may open it")
	}
}

// checkSecret sees to it that there is one way of signing: the secret, or an asymmetric key, or for a while both.
func (s *TokenSettings) checkSecret(r *config.Report, asymmetric bool, variable string) {
	has, until := !s.SecretKey.IsZero(), s.HS256Until
	switch {
	case !asymmetric && !has:
		r.Missing("JWT_SECRET_KEY", "a secret text, or in its place "+variable)
	case asymmetric && has && until.IsZero():
		r.Fault("JWT_SECRET_KEY", "not set beside "+variable+", or for a while, until JWT_HS256_UNTIL")
	case asymmetric && !has && len(s.OldSecretKeys) > 0:
		r.Fault("JWT_SECRET_KEYS_OLD", "not set without JWT_SECRET_KEY")
	case !until.IsZero() && (!asymmetric || !has), until.After(time.Now().Add(maxHS256)):
		r.Fault("JWT_HS256_UNTIL", "a time of RFC 3339 at most 24 hours ahead, beside JWT_SECRET_KEY and "+variable)
	case asymmetric && has && !until.After(time.Now()):
		r.Warnf("JWT_HS256_UNTIL has passed, HS256 is refused: take it and JWT_SECRET_KEY out")
	}
}

func checkKey(r *config.Report, name string, key config.Secret) {
	if len(key.Reveal()) >= MinKeyBytes {
		return
	}
	if r.Environment == config.Dev {
		r.Warnf("%s has fewer than %d bytes: good enough for dev only, prod refuses it", name, MinKeyBytes)
		return
	}
	r.Fault(name, "at least 32 bytes in prod, for instance from `openssl rand -base64 48`")
}

func isURL(text string) bool {
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && u.User == nil
}
