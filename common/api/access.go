package api

import "nms.example/common/authn"

type accessKind uint8

const (
	accessPublic accessKind = iota + 1
	accessAuthenticated
	accessPermission
)

// Access says who may call an operation. The zero value is refused by Register, so that nothing becomes
// public by an oversight.
type Access struct {
	kind accessKind
	need authn.Permission
}

var (
	// Public operations take anybody and look at no credentials.
	Public = Access{kind: accessPublic}
	// Authenticated operations take every known caller, also one that must change its password first.
	Authenticated = Access{kind: accessAuthenticated}
)

// Need makes an operation that takes callers with the permission: 401 without credentials, 403 without
// the permission or while the caller has to change its password.
func Need(permission authn.Permission) Access {
	return Access{kind: accessPermission, need: permission}
}

// IsPublic reports whether anybody may call.
func (a Access) IsPublic() bool { return a.kind == accessPublic }

// Permission returns the permission needed; ok is false for Public and Authenticated.
func (a Access) Permission() (permission authn.Permission, ok bool) {
	return a.need, a.kind == accessPermission
}

// String returns "public", "authenticated" or the permission's name.
func (a Access) String() string {
	switch a.kind {
	case accessPublic:
		return "public"
	case accessAuthenticated:
		return "authenticated"
	case accessPermission:
		return a.need.String()
	}
	return "undeclared"
}

// OperationInfo describes a registered operation, for tests that walk all of them.
type OperationInfo struct {
	Method      string
	Path        string // as in OpenAPI: /api/v1/cfg/commands/{id}
	OperationID string
	Access      Access
}
