package gate

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"nms.example/common/config"
)

// Cookie is the name of the session's cookie. The prefix has browsers take it only with Secure, for the whole host, and
// without a Domain (RFC 6265bis, section 4.1.3.2).
const Cookie = "__Host-nms-session"

// maxCookie bounds what is opened at all, in bytes. Browsers keep cookies of at least 4,096 bytes; ours have about 900.
const maxCookie = 4096

// tokens are what a session consists of. They never leave the process unsealed, but for the services.
type tokens struct {
	Access  string `json:"a"`
	Refresh string `json:"r"`
	// Ends is when the access token does, in Unix seconds by the clock of this process.
	Ends int64 `json:"e"`
}

// fresh reports whether the access token is good for longer than a call needs to get to its service.
func (t tokens) fresh(now time.Time) bool { return t.Ends-now.Unix() > int64(early/time.Second) }

// errSealed says that a cookie is none of ours, or one under a key that is no longer taken.
var errSealed = errors.New("the session's cookie cannot be opened")

// sealer keeps sessions in cookies, encrypted and authenticated by AES-256-GCM under a key derived from CONSOLE_KEY
// (HKDF-SHA-256, RFC 5869).
type sealer struct{ aeads []cipher.AEAD } // the first seals, all open

// newSealer takes the sealing key first, then those that only open.
func newSealer(secrets ...config.Secret) (*sealer, error) {
	s := new(sealer)
	for _, secret := range secrets {
		key, err := hkdf.Key(sha256.New, []byte(secret.Reveal()), nil, "nms/console/session", 32)
		if err != nil {
			return nil, fmt.Errorf("gate: key: %w", err)
		}
		block, err := aes.NewCipher(key)
		if err != nil {
			return nil, fmt.Errorf("gate: key: %w", err)
		}
		aead, err := cipher.NewGCMWithRandomNonce(block)
		if err != nil {
			return nil, fmt.Errorf("gate: key: %w", err)
		}
		s.aeads = append(s.aeads, aead)
	}
	if len(s.aeads) == 0 {
		return nil, errors.New("gate: there is no key")
	}
	return s, nil
}

// seal returns a cookie's value.
func (s *sealer) seal(t tokens) (string, error) {
	plain, err := json.Marshal(t)
	if err != nil {
		return "", fmt.Errorf("gate: seal: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(s.aeads[0].Seal(nil, nil, plain, []byte(Cookie))), nil //nolint:gosec // it draws a nonce for each message by itself
}

// open reads a cookie's value; every error is errSealed.
func (s *sealer) open(value string) (t tokens, err error) {
	if len(value) > maxCookie {
		return t, errSealed
	}
	sealed, err := base64.RawURLEncoding.Strict().DecodeString(value)
	if err != nil {
		return t, errSealed
	}
	for _, aead := range s.aeads {
		plain, err := aead.Open(nil, nil, sealed, []byte(Cookie))
		if err != nil {
			continue
		}
		if json.Unmarshal(plain, &t) != nil || t.Access == "" || t.Refresh == "" {
			return tokens{}, errSealed
		}
		return t, nil
	}
	return t, errSealed
}
