// Package role holds the roles: what their bearers may do.
package role

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"nms.example/common/authn"
	"nms.example/common/change"
	"nms.example/common/db"
	"nms.example/common/fault"
	"nms.example/common/name"

	"nms.example/auth/internal/authdb"
	"nms.example/auth/internal/authority"
	"nms.example/auth/internal/user"
)

// Role is a named set of permissions.
type Role struct {
	ID          string     `json:"id" minLength:"1" maxLength:"80" doc:"Identifier"`
	Description string     `json:"description" minLength:"1" maxLength:"80" doc:"What the role is for"`
	Access      authn.Mask `json:"access" minimum:"0" doc:"Permissions as a bit mask"`
	Permissions []string   `json:"permissions" doc:"Named permissions in access"`
	CreateDT    time.Time  `json:"create_dt" doc:"When the role was created"`
	UpdateDT    time.Time  `json:"update_dt" doc:"When the role was last changed"`
}

// The refusals of this package.
var (
	ErrNotFound  = fault.At(fault.Target, fault.CodeNotFound, "there is no such role")
	ErrTaken     = fault.At(fault.Field("id"), fault.CodeNameTaken, "there is a role of this id")
	ErrInUse     = fault.At(fault.Target, fault.CodeInUse, "users have this role")
	ErrLastAdmin = fault.List(fault.Conflict, "the last administrator cannot be stripped",
		fault.NewDetail(fault.Field("access"), authority.CodeLastAdministrator, "make another user administrator first"))
)

var constraints = db.Constraints{
	"roles_pkey":               ErrTaken,
	"roles_id_key":             ErrTaken,
	"users_role_needed":        ErrInUse,
	"last_administrator":       ErrLastAdmin,
	"roles_id_length":          fault.At(fault.Field("id"), fault.CodeLength, "must have 1 to 80 characters"),
	"roles_description_length": fault.At(fault.Field("description"), fault.CodeLength, "must have 1 to 80 characters"),
	"roles_access_range":       fault.At(fault.Field("access"), fault.CodeBelow, "must not be negative"),
}

func fromRow(r authdb.Role) Role {
	return Role{
		ID: r.ID, Description: r.Description, Access: authn.Mask(r.Access), Permissions: authn.Mask(r.Access).Names(),
		CreateDT: r.CreateDt, UpdateDT: r.UpdateDt,
	}
}

// Service is the rules of the roles.
type Service struct{ writer *change.Writer[db.AUTH] }

// NewService makes the service.
func NewService(w *change.Writer[db.AUTH]) *Service { return &Service{writer: w} }

// List returns up to limit roles in the order of their ids, and the number of all.
func (s *Service) List(ctx context.Context, limit, skip int64) ([]Role, int64, error) {
	q := authdb.New(s.writer.Pool())
	rows, err := q.RoleList(ctx, authdb.RoleListParams{MaxRows: limit, SkipRows: skip})
	if err != nil {
		return nil, 0, db.MapError(err, nil)
	}
	total, err := q.RoleCount(ctx)
	if err != nil {
		return nil, 0, db.MapError(err, nil)
	}
	roles := make([]Role, len(rows))
	for i, r := range rows {
		roles[i] = fromRow(r)
	}
	return roles, total, nil
}

// Get returns a role. ErrNotFound.
func (s *Service) Get(ctx context.Context, id string) (Role, error) {
	row, err := authdb.New(s.writer.Pool()).RoleGet(ctx, id)
	if err != nil {
		return Role{}, notFound(err)
	}
	return fromRow(row), nil
}

// Create makes a role. The caller must hold what it carries.
func (s *Service) Create(ctx context.Context, id, description string, access authn.Mask) (Role, error) {
	if err := name.CheckAt(fault.Field("id"), id); err != nil {
		return Role{}, err
	}
	if err := name.CheckVisibleAt(fault.Field("description"), description); err != nil {
		return Role{}, err
	}
	if err := authority.Covers(ctx, access, fault.Field("access")); err != nil {
		return Role{}, err
	}
	var made Role
	err := s.writer.Do(ctx, func(ctx context.Context, tx db.Tx[db.AUTH], changes *change.Changes) error {
		q := authdb.New(tx)
		row, err := q.RoleCreate(ctx, authdb.RoleCreateParams{ID: id, Description: description, Access: int64(access)})
		if err != nil {
			return err
		}
		made = fromRow(row)
		return changes.Record(EventCreated.New(id, made))
	})
	return made, db.MapError(err, constraints)
}

// Update changes a role; nil stays. A change of the access ends the access tokens of all its bearers, who
// get the new access with their next refresh. The caller must hold what the role carried and what it will carry.
func (s *Service) Update(ctx context.Context, id string, description *string, access *authn.Mask) (Role, error) {
	var after Role
	err := s.writer.Do(ctx, func(ctx context.Context, tx db.Tx[db.AUTH], changes *change.Changes) error {
		q := authdb.New(tx)
		row, err := q.RoleLock(ctx, id)
		if err != nil {
			return notFound(err)
		}
		before := fromRow(row)
		next := authdb.RoleUpdateParams{ID: id, Description: row.Description, Access: row.Access}
		if description != nil && *description != before.Description {
			if err := name.CheckVisibleAt(fault.Field("description"), *description); err != nil {
				return err
			}
			next.Description = *description
		}
		if access != nil && *access != before.Access {
			if err := authority.Covers(ctx, before.Access, fault.Target); err != nil {
				return err
			}
			if err := authority.Covers(ctx, *access, fault.Field("access")); err != nil {
				return err
			}
			next.Access = int64(*access)
		}
		if row, err = q.RoleUpdate(ctx, next); err != nil {
			return err
		}
		after = fromRow(row)
		changes.Touch(user.RolesTag)
		return changes.Record(EventUpdated.New(id, before, after))
	})
	return after, db.MapError(err, constraints)
}

// Delete removes a role that no live user has. ErrInUse otherwise.
func (s *Service) Delete(ctx context.Context, id string) error {
	err := s.writer.Do(ctx, func(ctx context.Context, tx db.Tx[db.AUTH], changes *change.Changes) error {
		q := authdb.New(tx)
		row, err := q.RoleLock(ctx, id)
		if err != nil {
			return notFound(err)
		}
		if err := authority.Covers(ctx, authn.Mask(row.Access), fault.Target); err != nil {
			return err
		}
		if err := q.RoleDelete(ctx, id); err != nil {
			return err
		}
		changes.Touch(user.RolesTag)
		return changes.Record(EventDeleted.New(id, fromRow(row)))
	})
	return db.MapError(err, constraints)
}

func notFound(err error) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return ErrNotFound
	}
	return err
}
