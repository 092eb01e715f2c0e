package session

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"nms.example/common/authn"
	"nms.example/common/change"
	"nms.example/common/db"
	"nms.example/common/fault"
	"nms.example/common/request"

	"nms.example/auth/internal/authdb"
	"nms.example/auth/internal/user"
)

// Attempt is the data of the event of one login or refresh. It holds the login only as the database has it: what was typed
// for an unknown one may be a password.
type Attempt struct {
	UserID    int64     `json:"user_id,omitempty" doc:"The user; absent when the login is unknown"`
	Login     string    `json:"login,omitempty" doc:"The user's login; absent when it is unknown"`
	SessionID uuid.UUID `json:"session_id,omitzero" format:"uuid" doc:"The session; absent when there is none"`
	Address   string    `json:"address" doc:"Where it came from"`
	UserAgent string    `json:"user_agent" doc:"With what"`
	Reason    string    `json:"reason,omitempty" enum:"unknown,password,blocked,changed,reuse" doc:"Why it was refused"`
	Attempts  int64     `json:"attempts,omitempty" doc:"Of refused logins: how many of this account, address and reason the event stands for"`
	Since     time.Time `json:"since,omitzero" doc:"Of refused logins: when the first of them came"`
}

// Login begins a session. ErrGrant does not tell an unknown login from a wrong password or a blocked user,
// and takes as long for each; ErrThrottle and password.ErrBusy carry how long to wait.
func (s *Service) Login(ctx context.Context, login, text string, c Client) (Tokens, error) {
	network := c.network()
	found, err := authdb.New(s.writer.Pool()).UserForLogin(ctx, authdb.UserForLoginParams{Login: login, Network: network})
	known := err == nil
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return Tokens{}, db.MapError(err, nil)
	}
	g := s.gates.forStranger(login, network)
	if known {
		g = s.gates.forUser(found.ID, network, found.Known)
	}
	if wait := g.pending(ctx); wait > 0 {
		s.refused.throttle(found.Login, c, time.Now())
		return Tokens{}, ErrThrottle.After(max(wait, time.Second))
	}
	result, err := s.hasher.Compare(ctx, found.PasswordHash, text, func() error { return g.attempt(ctx) })
	if err != nil {
		if kind := fault.KindOf(err); kind == fault.TooMany || kind == fault.Unavailable {
			s.refused.throttle(found.Login, c, time.Now())
		}
		return Tokens{}, err
	}
	switch {
	case !known:
		return Tokens{}, s.failed(ctx, found, c, "unknown")
	case !result.Match:
		return Tokens{}, s.failed(ctx, found, c, "password")
	case user.Status(found.Status) != user.Enabled:
		g.passed(ctx) // who knows the password guesses at nothing
		return Tokens{}, s.failed(ctx, found, c, "blocked")
	}
	g.passed(ctx)
	return s.begin(ctx, found, result.Renewed, c)
}

// failed has a refused login told to the journal, and returns the refusal.
func (s *Service) failed(ctx context.Context, found authdb.UserForLoginRow, c Client, reason string) error {
	s.refused.fail(origin{userID: found.ID, network: c.network(), reason: reason}, found.Login, c, request.ID(ctx), time.Now())
	return ErrGrant
}

// errChanged says that the account is no longer what the password was verified against.
var errChanged = errors.New("session: the account has changed meanwhile")

// begin makes the session of a verified login.
func (s *Service) begin(ctx context.Context, found authdb.UserForLoginRow, renewed string, c Client) (Tokens, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return Tokens{}, fmt.Errorf("session: id: %w", err)
	}
	refresh, err := newRefreshToken()
	if err != nil {
		return Tokens{}, err
	}
	ctx = request.WithLogin(ctx, authn.UserSubject(found.ID), found.Login)
	var facts authdb.UserTokenFactsRow
	err = s.writer.Do(ctx, func(ctx context.Context, tx db.Tx[db.AUTH], changes *change.Changes) error {
		q := authdb.New(tx)
		if renewed != "" { // before the shared lock, which two logins would both want to raise
			err := q.UserRehash(ctx, authdb.UserRehashParams{ID: found.ID, OldHash: found.PasswordHash, NewHash: renewed})
			if err != nil {
				return err
			}
		}
		if _, err := q.UserShare(ctx, found.ID); err != nil {
			return err
		}
		var err error
		if facts, err = q.UserTokenFacts(ctx, found.ID); err != nil {
			return err
		}
		if user.Status(facts.Status) != user.Enabled || !facts.PasswordChangedAt.Equal(found.PasswordChangedAt) {
			return errChanged
		}
		err = q.SessionCreate(ctx, authdb.SessionCreateParams{
			ID: id, UserID: found.ID, Address: c.stored(), UserAgent: c.UserAgent,
			LifetimeSeconds: s.settings.Lifetime.Seconds(), IdleSeconds: s.settings.Idle.Seconds(),
		})
		if err != nil {
			return err
		}
		if err := q.RefreshCreate(ctx, authdb.RefreshCreateParams{Hash: refreshHash(refresh), SessionID: id}); err != nil {
			return err
		}
		return changes.Record(EventSucceeded.New(strconv.FormatInt(found.ID, 10), Attempt{
			UserID: found.ID, Login: facts.Login, SessionID: id, Address: addressOf(c), UserAgent: c.UserAgent,
		}))
	})
	if errors.Is(err, errChanged) || errors.Is(err, pgx.ErrNoRows) {
		return Tokens{}, s.failed(ctx, found, c, "changed")
	}
	if err != nil {
		return Tokens{}, db.MapError(err, nil)
	}
	return s.sign(facts, id, refresh)
}

func (s *Service) sign(facts authdb.UserTokenFactsRow, session uuid.UUID, refresh string) (Tokens, error) {
	access, _, err := s.keyring.Sign(authn.Claims{
		UserID: facts.ID, Login: facts.Login, Role: facts.RoleID, Access: authn.Mask(facts.Access), SessionID: session,
		UserEpoch: facts.Epoch, RoleEpoch: facts.RoleEpoch, PasswordChangeRequired: facts.PasswordChangeRequired,
	})
	if err != nil {
		return Tokens{}, err
	}
	return Tokens{
		Access: access, Refresh: refresh, ExpiresIn: authn.TokenTTL, ChangeRequired: facts.PasswordChangeRequired,
	}, nil
}

// newRefreshToken returns 256 random bits as text.
func newRefreshToken() (string, error) {
	var secret [32]byte
	if _, err := rand.Read(secret[:]); err != nil {
		return "", fmt.Errorf("session: refresh token: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(secret[:]), nil
}

// refreshHash is what is kept of a refresh token. It has 256 random bits, so a fast hash is enough.
func refreshHash(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}

func addressOf(c Client) string {
	if addr := c.stored(); addr != nil {
		return addr.String()
	}
	return ""
}
