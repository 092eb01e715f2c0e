package user

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"nms.example/common/authn"
	"nms.example/common/cache"
	"nms.example/common/db"

	"nms.example/auth/internal/authdb"
)

// Filter chooses users of a list; nil fields choose all. Without Status and IDs archived users are left out.
type Filter struct {
	Login, Name, RoleID, Query *string
	Status                     *Status
	IDs                        []int64
}

// Cursor is where a list goes on: after that user in the order of logins.
type Cursor struct {
	Key string `json:"k"`
	ID  int64  `json:"i"`
}

// Listed is a user of a list, and the cursor that leads on from there.
type Listed struct {
	User   User
	Cursor Cursor
}

// List returns up to limit users in the order of their logins, after skipping some or following a cursor, and the
// number of all.
func (s *Service) List(ctx context.Context, f Filter, limit, skip int64, after *Cursor) ([]Listed, int64, error) {
	q := authdb.New(s.writer.Pool())
	var status *int16
	if f.Status != nil {
		n := int16(*f.Status)
		status = &n
	}
	params := authdb.UserListParams{
		Status: status, Login: f.Login, Name: f.Name, RoleID: f.RoleID, Q: f.Query, Ids: f.IDs, MaxRows: limit, SkipRows: skip,
	}
	if after != nil {
		params.AfterKey, params.AfterID, params.SkipRows = &after.Key, &after.ID, 0
	}
	rows, err := q.UserList(ctx, params)
	if err != nil {
		return nil, 0, db.MapError(err, nil)
	}
	total, err := q.UserCount(ctx, authdb.UserCountParams{
		Status: status, Login: f.Login, Name: f.Name, RoleID: f.RoleID, Q: f.Query, Ids: f.IDs,
	})
	if err != nil {
		return nil, 0, db.MapError(err, nil)
	}
	users := make([]Listed, len(rows))
	for i, row := range rows {
		users[i] = Listed{User: fromRow(row.User, row.Access), Cursor: Cursor{Key: row.User.LoginKey, ID: row.User.ID}}
	}
	return users, total, nil
}

// Get returns a user, also an archived one. ErrNotFound.
func (s *Service) Get(ctx context.Context, id int64) (User, error) {
	row, err := authdb.New(s.writer.Pool()).UserGet(ctx, id)
	if err != nil {
		return User{}, notFound(err, ErrNotFound)
	}
	return fromRow(row.User, row.Access), nil
}

// At returns the user as it was at a moment. ErrNotFound, ErrNoMoment.
func (s *Service) At(ctx context.Context, id int64, at time.Time) (User, error) {
	if _, err := s.Get(ctx, id); err != nil {
		return User{}, err
	}
	row, err := authdb.New(s.writer.Pool()).UserAt(ctx, authdb.UserAtParams{ID: id, At: at})
	if err != nil {
		return User{}, notFound(err, ErrNoMoment)
	}
	return fromSnapshot(row.Snapshot, row.Access)
}

// Version is one state of a user with the time in which it was the present one. The ranges of one user
// neither overlap nor leave a gap.
type Version struct {
	Version    int64      `json:"version" doc:"Number of the version, from 1"`
	ValidFrom  time.Time  `json:"valid_from" doc:"From when it was the present one"`
	ValidUntil *time.Time `json:"valid_until" nullable:"true" doc:"Until when, exclusively; null for the present one"`
	Op         string     `json:"op" enum:"created,updated,blocked,unblocked,archived,restored" doc:"What made this version"`
	Actor      string     `json:"actor" doc:"Who made it: user:<id>, apikey:<uuid>, service:<name>"`
	RequestID  string     `json:"request_id" doc:"The request that made it; finds it in the logs"`
	Item       User       `json:"item" doc:"The user as it was"`
}

// History returns up to limit versions of a user, newest first, and the number of all. ErrNotFound.
func (s *Service) History(ctx context.Context, id, limit, skip int64) ([]Version, int64, error) {
	q := authdb.New(s.writer.Pool())
	total, err := q.UserHistoryCount(ctx, id)
	if err != nil {
		return nil, 0, db.MapError(err, nil)
	}
	if total == 0 {
		return nil, 0, ErrNotFound
	}
	// One more than asked for, so that each version can be told from the one before it.
	rows, err := q.UserHistory(ctx, authdb.UserHistoryParams{ID: id, MaxRows: limit + 1, SkipRows: skip})
	if err != nil {
		return nil, 0, db.MapError(err, nil)
	}
	versions := make([]Version, len(rows))
	for i, row := range rows {
		item, err := fromSnapshot(row.Snapshot, row.Access)
		if err != nil {
			return nil, 0, err
		}
		versions[i] = Version{
			Version: row.Version, ValidFrom: row.ValidFrom, Actor: row.Actor, RequestID: row.RequestID, Item: item,
		}
		if !row.IsOpen {
			versions[i].ValidUntil = &rows[i].ValidUntil
		}
	}
	for i := range versions {
		var before *User
		if i+1 < len(versions) {
			before = &versions[i+1].Item
		}
		versions[i].Op = opOf(before, versions[i].Item)
	}
	return versions[:min(int64(len(versions)), limit)], total, nil
}

func opOf(before *User, after User) string {
	if before == nil {
		return "created"
	}
	return verbOf(before.Status, after.Status)
}

func verbOf(before, after Status) string {
	switch {
	case before == after:
		return "updated"
	case after == Archived:
		return "archived"
	case before == Archived:
		return "restored"
	case after == Blocked:
		return "blocked"
	default:
		return "unblocked"
	}
}

// CacheNamespace returns the namespace of the profiles that are kept; their names of permissions follow from authn.
func CacheNamespace() string {
	return cache.Namespace("auth", db.DatabaseOf[db.AUTH](), reflect.TypeFor[User](), authn.AllPermissions.Names())
}

// RolesTag is the cache tag of whatever depends on what roles allow.
const RolesTag = "roles"

// tag is the cache tag of what is answered about one user.
func tag(id int64) string { return "user:" + strconv.FormatInt(id, 10) }

// Profile returns a user's own profile as ready-made JSON, from memory when it is there.
func (s *Service) Profile(ctx context.Context, id int64) (*cache.Entry, error) {
	key := "me:" + strconv.FormatInt(id, 10)
	if e, ok := s.store.Lookup(key); ok {
		return e, nil
	}
	e, err := s.store.Get(ctx, key, []string{tag(id), RolesTag}, func(ctx context.Context) (cache.Value, error) {
		u, err := s.Get(ctx, id)
		if err != nil {
			return cache.Value{}, err
		}
		body, err := json.Marshal(u)
		if err != nil {
			return cache.Value{}, fmt.Errorf("user: %w", err)
		}
		return cache.Value{Body: append(body, '\n')}, nil
	})
	if err != nil {
		return nil, err
	}
	return e, nil
}

func notFound(err error, absent error) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return absent
	}
	return db.MapError(err, constraints)
}
