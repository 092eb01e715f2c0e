package authn

import (
	"crypto/hmac"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/redis/go-redis/v9"
)

// What auth and the other services say to each other over Redis. auth writes and everybody reads, but for the uses
// of API keys, where it is the other way round:
//
//	{authn}:revocations   sorted set: a revocation's text, scored by its end in Unix milliseconds
//	{authn}:complete      exists while the two others hold all that auth knows; auth refills after a loss
//	{authn}:apikeys       the sealed list of live API keys
//	{authn}:used          hash: the last use of API keys by their ids, "<Unix milliseconds> <address>", until auth has stored it
//	authn                 channel: a wireMessage after each change
//
// The list of API keys is sealed by the key that signs tokens, with its signature or, of a shared secret, with an HMAC, so
// that who can write to Redis cannot make itself a key. Revocations need no seal: a forged one only takes rights away, and who can write
// can delete them anyway, which the short life of access tokens bounds. Uses need none either: they only tell people
// which keys are in use.
const (
	channel = "authn"
	slot    = "{authn}"

	keyRevocations = "revocations"
	keyComplete    = "complete"
	keyAPIKeys     = "apikeys"
	keyUsed        = "used"

	sealPurpose = "apikeys"
	// sealDomain stands before what is signed. No token's signed part begins with it.
	sealDomain = "nms/" + sealPurpose + "\n"
	// versionDigits is the most that a version takes at the beginning of the sealed list: an int64 has 19 digits.
	versionDigits = 19
)

// wireMessage is what the channel carries: revocations by text and end (Unix milliseconds), or that the
// list of API keys reached a version.
type wireMessage struct {
	Revocations map[string]int64 `json:"revocations,omitempty"`
	KeysVersion int64            `json:"keys_version,omitempty"`
}

// keyList is the sealed content of the list of API keys.
type keyList struct {
	Version int64       `json:"version"`
	Keys    []KeyRecord `json:"keys"`
}

var errSeal = errors.New("authn: the list of API keys in Redis was not sealed by a key that is taken here")

// sealKeys makes "<version> <seal> <json>".
func sealKeys(k *Keyring, list keyList) (string, error) {
	payload, err := json.Marshal(list)
	if err != nil {
		return "", fmt.Errorf("authn: API keys: %w", err)
	}
	seal, err := k.seal(payload)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%d %s %s", list.Version, seal, payload), nil
}

// openKeys reads what sealKeys made. The error is errSeal, and errUnknownKey with it when a public key that is not known
// here has sealed it.
func openKeys(k *Keyring, sealed string) (keyList, error) {
	var list keyList
	_, rest, _ := strings.Cut(sealed, " ")
	seal, payload, _ := strings.Cut(rest, " ")
	if err := k.unseal(seal, []byte(payload)); err != nil {
		return list, err
	}
	if err := json.Unmarshal([]byte(payload), &list); err != nil {
		return list, fmt.Errorf("authn: API keys: %w", err)
	}
	return list, nil
}

// seal makes "<kid>.<signature in base64url>" with a private key, and with a secret an HMAC in hex.
func (k *Keyring) seal(payload []byte) (string, error) {
	signers := k.signers()
	if len(signers) == 0 {
		return "", errNoSigner
	}
	one := signers[0]
	if one.method == jwt.SigningMethodHS256 {
		return hex.EncodeToString(macs(signers[:1], sealPurpose, payload)[0]), nil
	}
	signature, err := one.method.Sign(sealDomain+string(payload), one.sign)
	if err != nil {
		return "", fmt.Errorf("authn: seal: %w", err)
	}
	return one.id + "." + encodeJWK(signature), nil
}

func (k *Keyring) unseal(seal string, payload []byte) error {
	id, text, signed := strings.Cut(seal, ".")
	if !signed {
		for _, mac := range macs(k.takenSecrets(), sealPurpose, payload) {
			if hmac.Equal([]byte(hex.EncodeToString(mac)), []byte(seal)) {
				return nil
			}
		}
		return errSeal
	}
	if !isThumbprint(id) {
		return errSeal
	}
	one := k.find(id)
	if one == nil {
		return errors.Join(errSeal, errUnknownKey)
	}
	signature, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || one.method.Verify(sealDomain+string(payload), signature, one.verify) != nil {
		return errSeal
	}
	return nil
}

// putKeys sets the list unless Redis has a newer one.
var putKeys = redis.NewScript(`
local present = redis.call('GET', KEYS[1])
if present and tonumber(string.match(present, '^%d+') or '0') > tonumber(ARGV[1]) then return 0 end
redis.call('SET', KEYS[1], ARGV[2])
return 1`)

func encodeMessage(list []Revocation) ([]byte, error) {
	m := wireMessage{Revocations: make(map[string]int64, len(list))}
	for _, r := range list {
		m.Revocations[r.text()] = r.Until.UnixMilli()
	}
	return json.Marshal(m)
}

func (m wireMessage) revocations() []Revocation {
	list := make([]Revocation, 0, len(m.Revocations))
	for text, until := range m.Revocations {
		if r, err := parseRevocation(text, time.UnixMilli(until)); err == nil {
			list = append(list, r)
		}
	}
	return list
}
