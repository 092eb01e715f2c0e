package authn

import (
	"crypto/sha256"
	"sync"
	"time"
)

// rememberedMax bounds each of the two generations of remembered tokens; an entry has about 0.5 kB.
const rememberedMax = 8192

// remembered holds tokens that were verified before. A client sends one token with hundreds of requests,
// and reading it costs several times what the rest of authentication does. Only what depends on the token alone is
// remembered; expiry and revocation are looked at each time. Nothing but verified tokens gets in, so
// strangers cannot fill it, and the key is a hash, so that tokens do not lie in memory.
type remembered struct {
	mu    sync.RWMutex
	young map[[sha256.Size]byte]*Verified
	old   map[[sha256.Size]byte]*Verified
}

// find returns what is known of a token, nil for an unknown or expired one.
func (r *remembered) find(hash [sha256.Size]byte, now time.Time) *Verified {
	r.mu.RLock()
	v, young := r.young[hash]
	if v == nil {
		v = r.old[hash]
	}
	r.mu.RUnlock()
	if v == nil || !now.Before(v.ExpiresAt) {
		return nil
	}
	if !young {
		r.add(hash, v)
	}
	return v
}

// add remembers a token. A full generation becomes the old one, and the old one is forgotten.
func (r *remembered) add(hash [sha256.Size]byte, v *Verified) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.young) >= rememberedMax || r.young == nil {
		r.young, r.old = make(map[[sha256.Size]byte]*Verified), r.young
	}
	r.young[hash] = v
}
