package authn

import (
	"nms.example/common/config"
)

// MinKeyBytes is the least length of a signing key in prod: HMAC-SHA-256 has its full strength from a key
// as long as its output on (RFC 7518, section 3.2).
const MinKeyBytes = 32

// Settings are the variables that every service reads to verify tokens. Embed them in its settings.
type Settings struct {
	SecretKey     config.Secret   `envconfig:"JWT_SECRET_KEY" required:"true" desc:"Key that signs access tokens (HS256), the same in every service. At least 32 bytes in prod."`
	OldSecretKeys []config.Secret `envconfig:"JWT_SECRET_KEYS_OLD" desc:"Further keys whose tokens are taken, separated by commas: the previous one, the next one before a rotation."`
	Issuer        string          `envconfig:"JWT_ISSUER" default:"nms-auth" desc:"iss of the access tokens."`
	Audience      string          `envconfig:"JWT_AUDIENCE" default:"nms" desc:"aud of the access tokens; tokens for another audience are refused."`
}

// Validate implements config.Validator.
func (s *Settings) Validate(r *config.Report) {
	if !s.SecretKey.IsZero() {
		checkKey(r, "JWT_SECRET_KEY", s.SecretKey)
	}
	for _, key := range s.OldSecretKeys {
		checkKey(r, "JWT_SECRET_KEYS_OLD", key)
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
