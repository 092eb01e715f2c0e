package session

import (
	"context"
	"errors"
	"strconv"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"nms.example/common/authn"
	"nms.example/common/change"
	"nms.example/common/db"
	"nms.example/common/fault"

	"nms.example/auth/internal/authdb"
	"nms.example/auth/internal/authority"
	"nms.example/auth/internal/user"
)

// Ended is the data of the event that a session ended.
type Ended struct {
	UserID int64  `json:"user_id" doc:"Whose it was"`
	Login  string `json:"login" doc:"That user's login"`
	Reason string `json:"reason" enum:"logout,administrator" doc:"What ended it"`
}

// List returns up to limit live sessions of the calling user, the last used first, and the number of all.
func (s *Service) List(ctx context.Context, limit, skip int64) ([]Session, int64, error) {
	me, err := authority.User(ctx)
	if err != nil {
		return nil, 0, err
	}
	return s.list(ctx, me.UserID, limit, skip)
}

// ListOf is List for any user. The caller must hold what the user's role carries. user.ErrNotFound.
func (s *Service) ListOf(ctx context.Context, id, limit, skip int64) ([]Session, int64, error) {
	row, err := authdb.New(s.writer.Pool()).UserGet(ctx, id)
	if err != nil {
		return nil, 0, absent(err)
	}
	if err := authority.Covers(ctx, authn.Mask(row.Access), fault.Target); err != nil {
		return nil, 0, err
	}
	return s.list(ctx, id, limit, skip)
}

func (s *Service) list(ctx context.Context, id, limit, skip int64) ([]Session, int64, error) {
	q := authdb.New(s.writer.Pool())
	rows, err := q.SessionList(ctx, authdb.SessionListParams{UserID: id, MaxRows: limit, SkipRows: skip})
	if err != nil {
		return nil, 0, db.MapError(err, nil)
	}
	total, err := q.SessionCount(ctx, id)
	if err != nil {
		return nil, 0, db.MapError(err, nil)
	}
	var current uuid.UUID
	if p := authn.FromContext(ctx); p != nil {
		current = p.SessionID
	}
	sessions := make([]Session, len(rows))
	for i, r := range rows {
		sessions[i] = Session{
			ID: r.ID, CreatedAt: r.CreatedAt, LastSeenAt: r.LastSeenAt, ExpiresAt: r.ExpiresAt,
			UserAgent: r.UserAgent, Current: r.ID == current,
		}
		if r.IdleUntil.Before(r.ExpiresAt) {
			sessions[i].ExpiresAt = r.IdleUntil
		}
		if r.Address != nil {
			sessions[i].Address = r.Address.String()
		}
	}
	return sessions, total, nil
}

// Logout ends the session that the call belongs to.
func (s *Service) Logout(ctx context.Context) error {
	me, err := authority.User(ctx)
	if err != nil {
		return err
	}
	err = s.End(ctx, me.SessionID)
	if fault.KindOf(err) == fault.NotFound {
		return nil // it has just ended otherwise
	}
	return err
}

// End ends one session of the calling user. ErrNotFound, also for other users' sessions.
func (s *Service) End(ctx context.Context, id uuid.UUID) error {
	me, err := authority.User(ctx)
	if err != nil {
		return err
	}
	err = s.writer.Do(ctx, func(ctx context.Context, tx db.Tx[db.AUTH], changes *change.Changes) error {
		return end(ctx, authdb.New(tx), changes, id, Ended{UserID: me.UserID, Login: me.Login, Reason: "logout"})
	})
	return db.MapError(err, nil)
}

// EndOf ends one session of any user. The caller must hold what the user's role carries. user.ErrNotFound, ErrNotFound.
func (s *Service) EndOf(ctx context.Context, id int64, session uuid.UUID) error {
	err := s.writer.Do(ctx, func(ctx context.Context, tx db.Tx[db.AUTH], changes *change.Changes) error {
		q := authdb.New(tx)
		row, err := q.UserLock(ctx, id)
		if err != nil {
			return absent(err)
		}
		if err := authority.Covers(ctx, authn.Mask(row.Access), fault.Target); err != nil {
			return err
		}
		return end(ctx, q, changes, session, Ended{UserID: id, Login: row.User.Login, Reason: "administrator"})
	})
	return db.MapError(err, nil)
}

// end ends a user's session. ErrNotFound.
func end(ctx context.Context, q *authdb.Queries, changes *change.Changes, session uuid.UUID, e Ended) error {
	n, err := q.SessionEnd(ctx, authdb.SessionEndParams{ID: session, UserID: e.UserID, Reason: e.Reason})
	if err != nil {
		return err
	}
	if n == 0 {
		return ErrNotFound
	}
	return changes.Record(EventEnded.New(session.String(), e))
}

// LogoutAll ends every session of the calling user, this one too, and every access token.
func (s *Service) LogoutAll(ctx context.Context) error {
	me, err := authority.User(ctx)
	if err != nil {
		return err
	}
	err = s.writer.Do(ctx, func(ctx context.Context, tx db.Tx[db.AUTH], changes *change.Changes) error {
		q := authdb.New(tx)
		if err := q.UserNewEpoch(ctx, me.UserID); err != nil {
			return err
		}
		all, err := q.SessionEndAll(ctx, authdb.SessionEndAllParams{UserID: me.UserID, Reason: "logout_all"})
		if err != nil {
			return err
		}
		return changes.Record(user.EventLoggedOut.New(strconv.FormatInt(me.UserID, 10), user.LoggedOut{Sessions: all}))
	})
	return db.MapError(err, nil)
}

func absent(err error) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return user.ErrNotFound
	}
	return db.MapError(err, nil)
}
