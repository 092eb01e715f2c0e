package authn

import (
	"time"

	"github.com/google/uuid"
)

// Holder is what has to be remembered of a principal, to ask long after its call whether it still holds what it held: of
// something that waits to be done in its name. Its JSON form may be stored; it has no secret.
type Holder struct {
	UserID    int64      `json:"user_id,omitempty"`
	Role      string     `json:"role,omitempty"`
	UserEpoch int64      `json:"user_epoch,omitempty"`
	RoleEpoch int64      `json:"role_epoch,omitempty"`
	KeyID     uuid.UUID  `json:"key_id,omitzero"`
	ExpiresAt *time.Time `json:"expires_at,omitempty"` // of the API key
	Access    Mask       `json:"access"`
}

// Holder returns what to remember of the principal.
func (p *Principal) Holder() Holder {
	h := Holder{
		UserID: p.UserID, Role: p.Role, UserEpoch: p.UserEpoch, RoleEpoch: p.RoleEpoch, KeyID: p.KeyID, Access: p.Access,
	}
	if p.Kind == APIKey && !p.ExpiresAt.IsZero() {
		h.ExpiresAt = &p.ExpiresAt
	}
	return h
}

// Stands reports whether the holder still holds the permissions. A user does not who was blocked or deleted, or whose role was
// changed since, be it for another or in what it permits: revocations say so, for RevocationTTL after it happened. So who keeps a
// Holder for longer has to ask more often than that, and to remember a no. That a session or all of them have ended, or that the
// password was changed, takes nothing from a user. An API key holds what it holds now.
func (a *Authenticator) Stands(h Holder, need Mask) bool {
	if h.KeyID != uuid.Nil {
		record := a.keys.byID(h.KeyID)
		return record != nil && record.Access.Covers(need) && (record.ExpiresAt == nil || a.keys.now().Before(*record.ExpiresAt))
	}
	return h.Access.Covers(need) && !a.revocations.withdrawn(h)
}
