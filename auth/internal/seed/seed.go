// Package seed makes the first user.
package seed

import (
	"context"
	"fmt"
	"strconv"

	"golang.org/x/crypto/bcrypt"

	"nms.example/common/authn"
	"nms.example/common/change"
	"nms.example/common/config"
	"nms.example/common/db"
	"nms.example/common/fault"
	"nms.example/common/request"

	"nms.example/auth/internal/authdb"
	"nms.example/auth/internal/password"
	"nms.example/auth/internal/user"
)

// The first user and its role, as the original system names them.
const (
	Login = "admin_nms"
	Role  = "administrator"

	devPassword = "user_super"
)

// Settings hold the first user's password.
type Settings struct {
	AdminPassword config.Secret `envconfig:"AUTH_ADMIN_PASSWORD" desc:"Password of the first user, admin_nms; needed in prod while there are no users, to be changed at once."`
}

// Run makes the role administrator and the user admin_nms, unless there are users already. Instances that
// start at once do it one after the other. Its errors are sentences for an operator.
func Run(ctx context.Context, w *change.Writer[db.AUTH], s Settings, cost int, env config.Environment) error {
	exists, err := authdb.New(w.Pool()).UserAny(ctx)
	if err != nil {
		return fmt.Errorf("look for the first user: %w", err)
	}
	if exists {
		return nil
	}
	text, err := passwordFor(s, env)
	if err != nil {
		return err
	}
	hash, err := bcrypt.GenerateFromPassword([]byte(text), cost)
	if err != nil {
		return fmt.Errorf("make the first user: %w", err)
	}
	ctx = request.WithActor(ctx, "service:auth")
	err = w.Do(ctx, func(ctx context.Context, tx db.Tx[db.AUTH], changes *change.Changes) error {
		return create(ctx, authdb.New(tx), changes, string(hash), env)
	})
	if err != nil {
		return fmt.Errorf("make the first user: %w", db.MapError(err, nil))
	}
	return nil
}

func passwordFor(s Settings, env config.Environment) (string, error) {
	text := s.AdminPassword.Reveal()
	if env == config.Dev {
		if text == "" {
			return devPassword, nil
		}
		if len(text) > password.MaxBytes {
			return "", fmt.Errorf("AUTH_ADMIN_PASSWORD is wrong (expected: at most %d bytes)", password.MaxBytes)
		}
		return text, nil
	}
	if text == "" {
		return "", fmt.Errorf("AUTH_ADMIN_PASSWORD is missing: there are no users yet, and the first one, %s, needs a password", Login)
	}
	if err := password.Check(text, fault.Request("AUTH_ADMIN_PASSWORD"), Login); err != nil {
		return "", fmt.Errorf("AUTH_ADMIN_PASSWORD is wrong: %w", err)
	}
	return text, nil
}

func create(ctx context.Context, q *authdb.Queries, changes *change.Changes, hash string, env config.Environment) error {
	if err := q.SeedLock(ctx); err != nil {
		return err
	}
	exists, err := q.UserAny(ctx)
	if err != nil || exists {
		return err
	}
	err = q.RoleEnsure(ctx, authdb.RoleEnsureParams{
		ID: Role, Description: "Administrator of the whole system", Access: int64(authn.AllPermissions),
	})
	if err != nil {
		return err
	}
	role := Role
	id, err := q.UserCreate(ctx, authdb.UserCreateParams{
		Login: Login, Name: "Administrator", PasswordHash: hash, PasswordChangeRequired: env != config.Dev, RoleID: &role,
	})
	if err != nil {
		return err
	}
	made, err := user.Read(ctx, q, id)
	if err != nil {
		return err
	}
	return changes.Record(user.EventCreated.New(strconv.FormatInt(id, 10), made))
}
