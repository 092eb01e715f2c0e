// Package authority keeps anybody from handing out, or taking over, more than they hold themselves.
// users:write alone would otherwise be everything: its holder could set an administrator's password.
package authority

import (
	"context"

	"nms.example/common/authn"
	"nms.example/common/fault"
)

// CodeLastAdministrator is that of refusals that keep the system from being without an administrator.
var CodeLastAdministrator = fault.Declare(fault.Conflict, "last_administrator", "No administrator would be left; another user must be made one first.")

var (
	codeBeyond    = fault.Declare(fault.Forbidden, "beyond_own_permissions", "The change concerns permissions that the caller does not hold.")
	codeUsersOnly = fault.Declare(fault.Forbidden, "users_only", "The call is for users, not for API keys.")
)

var (
	// ErrBeyond is the refusal of a change that reaches beyond the caller's own permissions.
	ErrBeyond = fault.New(codeBeyond, "the change reaches beyond your own permissions")
	// ErrUsersOnly is the refusal of a call about the caller's own account when the caller is no person.
	ErrUsersOnly = fault.New(codeUsersOnly, "this call is for users, not for API keys")
)

// Covers refuses, pointing to place, unless the caller holds every permission in access. Bits that have
// no name yet may be handed out by administrators only, who hold every named one.
func Covers(ctx context.Context, access authn.Mask, place fault.Place) error {
	p := authn.FromContext(ctx)
	if p != nil && (p.Access.Covers(access) || p.Access.Covers(authn.AllPermissions)) {
		return nil
	}
	return ErrBeyond.With(fault.NewDetail(place, codeBeyond, "carries permissions that you do not hold"))
}

// User returns the calling user; ErrUsersOnly for an API key.
func User(ctx context.Context) (*authn.Principal, error) {
	p := authn.FromContext(ctx)
	if p == nil || p.Kind != authn.User {
		return nil, ErrUsersOnly
	}
	return p, nil
}

// Ready refuses a user who must change the password first, on operations that need no permission.
func Ready(ctx context.Context) error {
	if p := authn.FromContext(ctx); p != nil && p.PasswordChangeRequired {
		return authn.ErrChangePassword
	}
	return nil
}
