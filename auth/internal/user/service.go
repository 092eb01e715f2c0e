package user

import (
	"context"
	"strconv"
	"time"

	"nms.example/common/authn"
	"nms.example/common/cache"
	"nms.example/common/change"
	"nms.example/common/db"
	"nms.example/common/event"
	"nms.example/common/fault"
	"nms.example/common/name"
	"nms.example/common/ratelimit"
	"nms.example/common/redis"

	"nms.example/auth/internal/authdb"
	"nms.example/auth/internal/authority"
	"nms.example/auth/internal/password"
)

// Service is the rules of the accounts.
type Service struct {
	writer  *change.Writer[db.AUTH]
	store   *cache.Store
	hasher  *password.Hasher
	guesses *ratelimit.Backoff // of the present password, by who holds a session already
}

// NewService joins the parts.
func NewService(w *change.Writer[db.AUTH], store *cache.Store, hasher *password.Hasher, redis *redis.Client) *Service {
	return &Service{
		writer: w, store: store, hasher: hasher,
		guesses: ratelimit.NewBackoff(redis, "own-password", ratelimit.Delays{
			Free: 5, Base: time.Second, Max: 15 * time.Minute, Forget: time.Hour,
		}),
	}
}

// Input is a user to be created.
type Input struct {
	Login, Name, Password, RoleID string
	DarkTheme                     bool
	Language                      *Language
}

// Create makes a user. The caller must hold what the role carries.
func (s *Service) Create(ctx context.Context, d Input) (User, error) {
	if err := checkNames(d.Login, d.Name, authdb.User{}); err != nil {
		return User{}, err
	}
	if err := password.Check(d.Password, fault.Field("password"), d.Login, d.Name); err != nil {
		return User{}, err
	}
	hash, err := s.hasher.Hash(ctx, d.Password)
	if err != nil {
		return User{}, err
	}
	var made User
	err = s.writer.Do(ctx, func(ctx context.Context, tx db.Tx[db.AUTH], changes *change.Changes) error {
		q := authdb.New(tx)
		if err := mayAssign(ctx, q, d.RoleID); err != nil {
			return err
		}
		id, err := q.UserCreate(ctx, authdb.UserCreateParams{
			Login: d.Login, Name: d.Name, PasswordHash: hash, RoleID: &d.RoleID, DarkTheme: d.DarkTheme, Language: (*string)(d.Language),
		})
		if err != nil {
			return err
		}
		if made, err = Read(ctx, q, id); err != nil {
			return err
		}
		return changes.Record(EventCreated.New(strconv.FormatInt(id, 10), made))
	})
	return made, db.MapError(err, constraints)
}

// Patch is what changes of a user; nil fields stay.
type Patch struct {
	Login, Name, RoleID *string
	DarkTheme           *bool
	Language            **Language // nil: stays; pointing to nil: is cleared
}

// Update changes a user. The caller must hold what the user's role carries, and what the new one does.
func (s *Service) Update(ctx context.Context, id int64, p Patch) (User, error) {
	return s.change(ctx, id, nil, func(ctx context.Context, q *authdb.Queries, u authdb.User, access authn.Mask) error {
		if p.RoleID != nil && (u.RoleID == nil || *p.RoleID != *u.RoleID) {
			if err := mayAssign(ctx, q, *p.RoleID); err != nil {
				return err
			}
			u.RoleID = p.RoleID
		}
		if err := authority.Covers(ctx, access, fault.Target); err != nil {
			return err
		}
		return applyPatch(ctx, q, u, p)
	})
}

// UpdateOwn changes what a user may change of itself: the name and the preferences.
func (s *Service) UpdateOwn(ctx context.Context, p Patch) (User, error) {
	me, err := authority.User(ctx)
	if err != nil {
		return User{}, err
	}
	p.Login, p.RoleID = nil, nil
	return s.change(ctx, me.UserID, nil, func(ctx context.Context, q *authdb.Queries, u authdb.User, _ authn.Mask) error {
		return applyPatch(ctx, q, u, p)
	})
}

func applyPatch(ctx context.Context, q *authdb.Queries, u authdb.User, p Patch) error {
	next := authdb.UserUpdateParams{ID: u.ID, Login: u.Login, Name: u.Name, RoleID: u.RoleID, DarkTheme: u.DarkTheme, Language: u.Language}
	if p.Login != nil {
		next.Login = *p.Login
	}
	if p.Name != nil {
		next.Name = *p.Name
	}
	if p.DarkTheme != nil {
		next.DarkTheme = *p.DarkTheme
	}
	if p.Language != nil {
		next.Language = (*string)(*p.Language)
	}
	if err := checkNames(next.Login, next.Name, u); err != nil {
		return err
	}
	return q.UserUpdate(ctx, next)
}

// SetStatus blocks, unblocks or archives a user; blocking and archiving end all of its sessions. A user
// that already is so stays as it is.
func (s *Service) SetStatus(ctx context.Context, id int64, status Status) error {
	_, err := s.change(ctx, id, nil, func(ctx context.Context, q *authdb.Queries, u authdb.User, access authn.Mask) error {
		if err := authority.Covers(ctx, access, fault.Target); err != nil {
			return err
		}
		if Status(u.Status) == status {
			return errNothing
		}
		return q.UserSetStatus(ctx, authdb.UserSetStatusParams{ID: id, Status: int16(status)})
	})
	return err
}

// errNothing ends a change that there is nothing to do for.
var errNothing = fault.List(fault.Internal, "nothing to do")

// change locks a live user, lets f alter it and records what came of it, as an event of the type told or, when that is nil,
// of the one that follows from the status.
func (s *Service) change(ctx context.Context, id int64, told *event.Update[User],
	f func(ctx context.Context, q *authdb.Queries, u authdb.User, access authn.Mask) error,
) (User, error) {
	var after User
	err := s.writer.Do(ctx, func(ctx context.Context, tx db.Tx[db.AUTH], changes *change.Changes) error {
		q := authdb.New(tx)
		row, err := q.UserLock(ctx, id)
		if err != nil {
			return notFound(err, ErrNotFound)
		}
		before := fromRow(row.User, row.Access)
		if before.Status == Archived {
			return ErrArchived
		}
		after = before
		if err := f(ctx, q, row.User, authn.Mask(row.Access)); err != nil {
			return err
		}
		if after, err = Read(ctx, q, id); err != nil {
			return err
		}
		changes.Touch(tag(id))
		if told == nil {
			told = eventOf(before.Status, after.Status)
		}
		return changes.Record(told.New(strconv.FormatInt(id, 10), before, after))
	})
	if fault.As(err) != nil && fault.As(err).Is(errNothing) {
		return after, nil
	}
	return after, db.MapError(err, constraints)
}

// Read returns a user within a transaction. ErrNotFound.
func Read(ctx context.Context, q *authdb.Queries, id int64) (User, error) {
	row, err := q.UserGet(ctx, id)
	if err != nil {
		return User{}, notFound(err, ErrNotFound)
	}
	return fromRow(row.User, row.Access), nil
}

// mayAssign refuses a role that does not exist or carries more than the caller holds, and keeps it as it
// is until the transaction ends.
func mayAssign(ctx context.Context, q *authdb.Queries, roleID string) error {
	role, err := q.RoleShare(ctx, roleID)
	if err != nil {
		return notFound(err, ErrNoRole)
	}
	return authority.Covers(ctx, authn.Mask(role.Access), fault.Field("role_id"))
}

// checkNames leaves alone what was there before: it may be older than the rule.
func checkNames(login, fullName string, was authdb.User) error {
	if login != was.Login {
		if err := name.CheckAt(fault.Field("login"), login); err != nil {
			return err
		}
	}
	if fullName != was.Name {
		return name.CheckAt(fault.Field("name"), fullName)
	}
	return nil
}
