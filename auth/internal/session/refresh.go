package session

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"nms.example/common/authn"
	"nms.example/common/change"
	"nms.example/common/db"
	"nms.example/common/request"

	"nms.example/auth/internal/authdb"
	"nms.example/auth/internal/user"
)

// refreshed is what a refresh came to within its transaction.
type refreshed struct {
	facts  authdb.UserTokenFactsRow
	token  string
	reused bool // the token was used before: the session has ended
}

// Refresh exchanges a refresh token for its successor and a new access token.
//
// A token that was used before ends its session, since one of its two users is a thief. Within Grace, and as long as the
// successor was not used in turn, it is answered with the same successor: that is two tabs, or somebody who never got
// the answer. For that the successor is not random but an HMAC of the token under a key of the service, so that any
// instance can tell it again although nobody has kept it (docs/adr/0023).
func (s *Service) Refresh(ctx context.Context, token string, c Client) (Tokens, error) {
	hash := refreshHash(token)
	found, err := authdb.New(s.writer.Pool()).RefreshFind(ctx, hash)
	if errors.Is(err, pgx.ErrNoRows) {
		return Tokens{}, ErrRefresh
	}
	if err != nil {
		return Tokens{}, db.MapError(err, nil)
	}
	ctx = request.WithLogin(ctx, authn.UserSubject(found.UserID), found.Login)
	var r refreshed
	err = s.writer.Do(ctx, func(ctx context.Context, tx db.Tx[db.AUTH], changes *change.Changes) (err error) {
		r, err = s.rotate(ctx, authdb.New(tx), changes, found, token, c)
		return err
	})
	switch {
	case errors.Is(err, pgx.ErrNoRows), r.reused:
		return Tokens{}, ErrRefresh
	case err != nil:
		return Tokens{}, db.MapError(err, nil)
	}
	return s.sign(r.facts, found.SessionID, r.token)
}

// rotate takes the locks in the order user, session, as blocking a user does.
func (s *Service) rotate(ctx context.Context, q *authdb.Queries, changes *change.Changes,
	found authdb.RefreshFindRow, token string, c Client,
) (refreshed, error) {
	if _, err := q.UserShare(ctx, found.UserID); err != nil {
		return refreshed{}, err
	}
	facts, err := q.UserTokenFacts(ctx, found.UserID)
	if err != nil {
		return refreshed{}, err
	}
	if _, err := q.SessionLock(ctx, found.SessionID); err != nil {
		return refreshed{}, err
	}
	state, err := q.RefreshLock(ctx, authdb.RefreshLockParams{
		SessionID: found.SessionID, Hash: refreshHash(token), GraceSeconds: Grace.Seconds(),
	})
	switch {
	case err != nil:
		return refreshed{}, err
	case !state.Live || user.Status(facts.Status) != user.Enabled:
		return refreshed{}, ErrRefresh
	case state.UsedAt == nil:
		next := s.successors(token)[0]
		err := s.advance(ctx, q, found.SessionID, token, next, c)
		return refreshed{facts: facts, token: next}, err
	case state.InGrace && state.SuccessorUnused:
		for _, next := range s.successors(token) {
			if bytes.Equal(refreshHash(next), state.Successor) {
				return refreshed{facts: facts, token: next}, nil
			}
		}
		return refreshed{}, ErrRefresh // its key has left the ring since; whoever got the answer goes on
	}
	_, err = q.SessionEnd(ctx, authdb.SessionEndParams{ID: found.SessionID, UserID: found.UserID, Reason: "reuse"})
	if err != nil {
		return refreshed{}, err
	}
	return refreshed{reused: true}, changes.Record(EventReused.New(found.SessionID.String(), Attempt{
		UserID: found.UserID, Login: facts.Login, SessionID: found.SessionID, Address: addressOf(c), UserAgent: c.UserAgent,
		Reason: "reuse",
	}))
}

func (s *Service) advance(ctx context.Context, q *authdb.Queries, session uuid.UUID, token, next string, c Client) error {
	err := q.RefreshUse(ctx, authdb.RefreshUseParams{Hash: refreshHash(token), Successor: refreshHash(next)})
	if err != nil {
		return err
	}
	if err := q.RefreshCreate(ctx, authdb.RefreshCreateParams{Hash: refreshHash(next), SessionID: session}); err != nil {
		return err
	}
	return q.SessionTouch(ctx, authdb.SessionTouchParams{
		ID: session, Address: c.stored(), UserAgent: c.UserAgent, IdleSeconds: s.settings.Idle.Seconds(),
	})
}

// successors derives what may follow a token, by the signing key first.
func (s *Service) successors(token string) []string {
	sums := s.keyring.MAC("refresh", []byte(token))
	texts := make([]string, len(sums))
	for i, sum := range sums {
		texts[i] = base64.RawURLEncoding.EncodeToString(sum)
	}
	return texts
}
