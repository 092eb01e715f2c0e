package authn

import (
	"crypto/hmac"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

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
// The list of API keys is sealed with an HMAC from the token key, so that who can write to Redis cannot
// make itself a key. Revocations need no seal: a forged one only takes rights away, and who can write
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

var errSeal = errors.New("authn: the list of API keys in Redis was not made by a holder of JWT_SECRET_KEY")

// sealKeys makes "<version> <hmac in hex> <json>".
func sealKeys(k *Keyring, list keyList) (string, error) {
	payload, err := json.Marshal(list)
	if err != nil {
		return "", fmt.Errorf("authn: API keys: %w", err)
	}
	return fmt.Sprintf("%d %x %s", list.Version, k.MAC(sealPurpose, payload)[0], payload), nil
}

func openKeys(k *Keyring, sealed string) (keyList, error) {
	var list keyList
	_, rest, _ := strings.Cut(sealed, " ")
	seal, payload, _ := strings.Cut(rest, " ")
	for _, mac := range k.MAC(sealPurpose, []byte(payload)) {
		if hmac.Equal([]byte(hex.EncodeToString(mac)), []byte(seal)) {
			if err := json.Unmarshal([]byte(payload), &list); err != nil {
				return list, fmt.Errorf("authn: API keys: %w", err)
			}
			return list, nil
		}
	}
	return list, errSeal
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
