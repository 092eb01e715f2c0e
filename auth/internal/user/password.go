package user

import (
	"context"
	"strconv"
	"time"

	"nms.example/common/authn"
	"nms.example/common/change"
	"nms.example/common/db"
	"nms.example/common/fault"

	"nms.example/auth/internal/authdb"
	"nms.example/auth/internal/authority"
	"nms.example/auth/internal/password"
)

var errGuesses = fault.New(fault.CodeAttempts, "too many wrong passwords")

// SetPassword sets a user's password and ends all of its sessions. The caller must hold what the
// user's role carries.
func (s *Service) SetPassword(ctx context.Context, id int64, text string) error {
	present, err := s.Get(ctx, id)
	if err != nil {
		return err
	}
	if err := password.Check(text, fault.Field("password"), present.Login, present.Name); err != nil {
		return err
	}
	hash, err := s.hasher.Hash(ctx, text)
	if err != nil {
		return err
	}
	_, err = s.change(ctx, id, &EventPasswordChanged, func(ctx context.Context, q *authdb.Queries, _ authdb.User, access authn.Mask) error {
		if err := authority.Covers(ctx, access, fault.Target); err != nil {
			return err
		}
		if err := q.UserSetPassword(ctx, authdb.UserSetPasswordParams{ID: id, PasswordHash: hash}); err != nil {
			return err
		}
		_, err := q.SessionEndAll(ctx, authdb.SessionEndAllParams{UserID: id, Reason: "password"})
		return err
	})
	return err
}

// ChangeOwnPassword exchanges the calling user's password. Every other session ends, and so does every
// access token: this session goes on with its refresh token.
func (s *Service) ChangeOwnPassword(ctx context.Context, current, next string) error {
	me, err := authority.User(ctx)
	if err != nil {
		return err
	}
	row, err := authdb.New(s.writer.Pool()).UserGet(ctx, me.UserID)
	if err != nil {
		return notFound(err, ErrNotFound)
	}
	if err := s.verifyOwn(ctx, row.User, current); err != nil {
		return err
	}
	if err := password.Check(next, fault.Field("new_password"), row.User.Login, row.User.Name); err != nil {
		return err
	}
	if next == current {
		return ErrSame
	}
	hash, err := s.hasher.Hash(ctx, next)
	if err != nil {
		return err
	}
	changedAt := row.User.PasswordChangedAt
	_, err = s.change(ctx, me.UserID, &EventPasswordChanged, func(ctx context.Context, q *authdb.Queries, u authdb.User, _ authn.Mask) error {
		if !u.PasswordChangedAt.Equal(changedAt) {
			return ErrPassword // somebody else has changed it meanwhile
		}
		if err := q.UserSetPassword(ctx, authdb.UserSetPasswordParams{ID: u.ID, PasswordHash: hash}); err != nil {
			return err
		}
		_, err := q.SessionEndAll(ctx, authdb.SessionEndAllParams{UserID: u.ID, Reason: "password", Keep: &me.SessionID})
		return err
	})
	return err
}

// verifyOwn checks the present password, at a growing delay: whoever found an open session must not
// find out the password with it.
func (s *Service) verifyOwn(ctx context.Context, u authdb.User, current string) error {
	key := strconv.FormatInt(u.ID, 10)
	if wait := s.guesses.Pending(ctx, key); wait > 0 {
		return errGuesses.After(wait)
	}
	result, err := s.hasher.Compare(ctx, u.PasswordHash, current, func() error {
		if wait, ok := s.guesses.Attempt(ctx, key); !ok {
			return errGuesses.After(max(wait, time.Second))
		}
		return nil
	})
	if err != nil {
		return err
	}
	if !result.Match {
		return ErrPassword
	}
	s.guesses.Succeeded(ctx, key)
	return nil
}

// LogoutAll ends every session and token of a user.
func (s *Service) LogoutAll(ctx context.Context, id int64) error {
	err := s.writer.Do(ctx, func(ctx context.Context, tx db.Tx[db.AUTH], changes *change.Changes) error {
		q := authdb.New(tx)
		row, err := q.UserLock(ctx, id)
		if err != nil {
			return notFound(err, ErrNotFound)
		}
		if err := authority.Covers(ctx, authn.Mask(row.Access), fault.Target); err != nil {
			return err
		}
		if err := q.UserNewEpoch(ctx, id); err != nil {
			return err
		}
		ended, err := q.SessionEndAll(ctx, authdb.SessionEndAllParams{UserID: id, Reason: "administrator"})
		if err != nil {
			return err
		}
		return changes.Record(EventLoggedOut.New(strconv.FormatInt(id, 10), LoggedOut{Sessions: ended}))
	})
	return db.MapError(err, constraints)
}
