package authn

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
)

// keyPrefix makes API keys easy to find for secret scanners.
const keyPrefix = "nms_"

// keyLength is the length of an API key's text: the prefix and 32 bytes in base64url.
const keyLength = len(keyPrefix) + 43

// KeyHash is the SHA-256 of an API key's text. A key has 256 random bits, so a fast hash without salt is
// as good as a slow one.
type KeyHash [sha256.Size]byte

// MarshalText returns the hash in hex.
func (h KeyHash) MarshalText() ([]byte, error) { return hex.AppendEncode(nil, h[:]), nil }

// UnmarshalText reads what MarshalText wrote.
func (h *KeyHash) UnmarshalText(text []byte) error {
	if hex.DecodedLen(len(text)) != len(h) {
		return errors.New("authn: not the hash of an API key")
	}
	_, err := hex.Decode(h[:], text)
	return err
}

// KeyRecord is what is known of an API key; never the key itself.
type KeyRecord struct {
	Hash      KeyHash        `json:"hash"`
	ID        uuid.UUID      `json:"id"`
	Name      string         `json:"name"`
	Access    Mask           `json:"access"`
	CreatedAt time.Time      `json:"created_at"`
	ExpiresAt *time.Time     `json:"expires_at,omitempty"`
	CIDRs     []netip.Prefix `json:"cidrs,omitempty"`
}

// NewKey makes the text of a new API key and its hash.
func NewKey() (string, KeyHash, error) {
	var secret [32]byte
	if _, err := rand.Read(secret[:]); err != nil {
		return "", KeyHash{}, fmt.Errorf("authn: new key: %w", err)
	}
	text := keyPrefix + base64.RawURLEncoding.EncodeToString(secret[:])
	return text, sha256.Sum256([]byte(text)), nil
}

// principal decides whether the key is good now and from there.
func (r *KeyRecord) principal(addr netip.Addr, now time.Time) (*Principal, error) {
	if r.ExpiresAt != nil && !now.Before(*r.ExpiresAt) {
		return nil, ErrBadKey
	}
	if len(r.CIDRs) > 0 && !r.allows(addr) {
		return nil, ErrBadKey
	}
	p := &Principal{
		Kind: APIKey, Subject: KeySubject(r.ID), KeyID: r.ID, Login: r.Name, Access: r.Access, IssuedAt: r.CreatedAt,
	}
	if r.ExpiresAt != nil {
		p.ExpiresAt = *r.ExpiresAt
	}
	return p, nil
}

func (r *KeyRecord) allows(addr netip.Addr) bool {
	addr = addr.Unmap().WithZone("")
	for _, prefix := range r.CIDRs {
		if prefix.Contains(addr) {
			return true
		}
	}
	return false
}

// APIKeys is the set of live API keys, in memory.
type APIKeys struct {
	now  func() time.Time
	keys atomic.Pointer[keySet]
}

type keySet struct {
	version int64
	byHash  map[KeyHash]*KeyRecord
}

// NewAPIKeys makes an empty set.
func NewAPIKeys() *APIKeys {
	k := &APIKeys{now: time.Now}
	k.keys.Store(&keySet{byHash: map[KeyHash]*KeyRecord{}})
	return k
}

// Replace sets the live keys. A version under the present one is ignored, so late messages do no harm.
func (k *APIKeys) Replace(version int64, records []KeyRecord) {
	next := &keySet{version: version, byHash: make(map[KeyHash]*KeyRecord, len(records))}
	for i := range records {
		next.byHash[records[i].Hash] = &records[i]
	}
	for {
		present := k.keys.Load()
		if present.version > version || k.keys.CompareAndSwap(present, next) {
			return
		}
	}
}

// Version returns the version of the present set, 0 before the first.
func (k *APIKeys) Version() int64 { return k.keys.Load().version }

// Find returns the principal of an API key sent from addr. Every refusal is ErrBadKey: a stranger does
// not learn whether a key is unknown, has ended or is used from a wrong place.
func (k *APIKeys) Find(text string, addr netip.Addr) (*Principal, error) {
	record := k.record(text)
	if record == nil {
		return nil, ErrBadKey
	}
	return record.principal(addr, k.now())
}

func (k *APIKeys) record(text string) *KeyRecord {
	if !isKey(text) {
		return nil
	}
	return k.keys.Load().byHash[sha256.Sum256([]byte(text))]
}

// byID finds the record of a live key, nil when there is none.
func (k *APIKeys) byID(id uuid.UUID) *KeyRecord {
	for _, record := range k.keys.Load().byHash {
		if record.ID == id {
			return record
		}
	}
	return nil
}

// isKey reports whether the text has the form of an API key.
func isKey(text string) bool { return len(text) == keyLength && strings.HasPrefix(text, keyPrefix) }
