package authn

import (
	"errors"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
)

// RevocationTTL is how long a revocation must be remembered: as long as a token from before it could
// still be taken by the host whose clock is furthest behind.
const RevocationTTL = TokenTTL + time.Minute

// Revocation says which access tokens are no longer good. Exactly one of Session, UserID and Role is set.
type Revocation struct {
	// Session ends the tokens of one session.
	Session uuid.UUID
	// UserID or Role end the tokens of a user, or of everyone with a role, whose epoch is under Epoch.
	UserID int64
	Role   string
	Epoch  int64
	// Withdrawn says that the user was blocked or deleted or got another role, so that what waits in the user's name must not be
	// done. It stands beside the revocation of the tokens, which alone says no more than that they have ended.
	Withdrawn bool
	// Until is when the last such token has expired anyway.
	Until time.Time
}

// text is the revocation's form in Redis: "s:<uuid>", "u:<epoch>:<id>", "w:<epoch>:<id>" (withdrawn) or "r:<epoch>:<role>".
func (r Revocation) text() string {
	switch {
	case r.Session != uuid.Nil:
		return "s:" + r.Session.String()
	case r.Withdrawn:
		return "w:" + strconv.FormatInt(r.Epoch, 10) + ":" + strconv.FormatInt(r.UserID, 10)
	case r.UserID != 0:
		return "u:" + strconv.FormatInt(r.Epoch, 10) + ":" + strconv.FormatInt(r.UserID, 10)
	default:
		return "r:" + strconv.FormatInt(r.Epoch, 10) + ":" + r.Role
	}
}

var errRevocationText = errors.New("authn: not a revocation")

func parseRevocation(text string, until time.Time) (Revocation, error) {
	r := Revocation{Until: until}
	kind, rest, _ := strings.Cut(text, ":")
	if kind == "s" {
		id, err := uuid.Parse(rest)
		r.Session = id
		return r, err
	}
	number, subject, ok := strings.Cut(rest, ":")
	epoch, err := strconv.ParseInt(number, 10, 64)
	if !ok || err != nil || subject == "" {
		return r, errRevocationText
	}
	r.Epoch = epoch
	switch kind {
	case "u", "w":
		r.Withdrawn = kind == "w"
		r.UserID, err = strconv.ParseInt(subject, 10, 64)
		return r, err
	case "r":
		r.Role = subject
		return r, nil
	}
	return r, errRevocationText
}

type floor struct {
	epoch int64
	until time.Time
}

// Revocations is the set of revocations that still matter, in memory. The zero value is not usable.
type Revocations struct {
	now func() time.Time

	mu       sync.RWMutex
	sessions map[uuid.UUID]time.Time
	users    map[int64]floor
	withdrew map[int64]floor // users again: Withdrawn
	roles    map[string]floor
}

// NewRevocations makes an empty set.
func NewRevocations() *Revocations {
	return &Revocations{
		now: time.Now, sessions: map[uuid.UUID]time.Time{}, users: map[int64]floor{}, withdrew: map[int64]floor{},
		roles: map[string]floor{},
	}
}

// Apply adds revocations. Order and repetition do not matter: only the highest epoch of a user or a role
// counts.
func (s *Revocations) Apply(list ...Revocation) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range list {
		switch {
		case r.Session != uuid.Nil:
			if r.Until.After(s.sessions[r.Session]) {
				s.sessions[r.Session] = r.Until
			}
		case r.Withdrawn:
			s.withdrew[r.UserID] = s.withdrew[r.UserID].raised(r)
		case r.UserID != 0:
			s.users[r.UserID] = s.users[r.UserID].raised(r)
		case r.Role != "":
			s.roles[r.Role] = s.roles[r.Role].raised(r)
		}
	}
}

func (f floor) raised(r Revocation) floor {
	if r.Until.After(f.until) {
		f.until = r.Until
	}
	f.epoch = max(f.epoch, r.Epoch)
	return f
}

// Revoked reports whether a verified token is no longer good.
func (s *Revocations) Revoked(v *Verified) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if _, ended := s.sessions[v.SessionID]; ended {
		return true
	}
	if f, ok := s.users[v.UserID]; ok && v.UserEpoch < f.epoch {
		return true
	}
	f, ok := s.roles[v.Role]
	return ok && v.RoleEpoch < f.epoch
}

// withdrawn reports whether the user was blocked, deleted or given another role since the holder's token was made, or the role changed.
func (s *Revocations) withdrawn(h Holder) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if f, ok := s.withdrew[h.UserID]; ok && h.UserEpoch < f.epoch {
		return true
	}
	f, ok := s.roles[h.Role]
	return ok && h.RoleEpoch < f.epoch
}

// Prune forgets the revocations whose time has passed.
func (s *Revocations) Prune() {
	now := s.now()
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, until := range s.sessions {
		if until.Before(now) {
			delete(s.sessions, id)
		}
	}
	for _, users := range []map[int64]floor{s.users, s.withdrew} {
		for id, f := range users {
			if f.until.Before(now) {
				delete(users, id)
			}
		}
	}
	for id, f := range s.roles {
		if f.until.Before(now) {
			delete(s.roles, id)
		}
	}
}

// Len returns how many revocations are remembered.
func (s *Revocations) Len() int {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return len(s.sessions) + len(s.users) + len(s.withdrew) + len(s.roles)
}
