package authn

import (
	"fmt"
	"math/bits"
	"slices"
	"strconv"
	"strings"
)

// Permission is one named right: a single bit of a Mask.
type Permission uint64

// The named permissions. The bit numbers are part of the contract: roles of the original system keep
// their meaning.
const (
	UsersRead    Permission = 1 << 0
	UsersWrite   Permission = 1 << 1
	RolesWrite   Permission = 1 << 2
	APIKeysWrite Permission = 1 << 4
	CfgRead      Permission = 1 << 26
	CfgWrite     Permission = 1 << 27
	InboxRead    Permission = 1 << 28
	InboxWrite   Permission = 1 << 29
	AdminRead    Permission = 1 << 30
	AdminWrite   Permission = 1 << 31
)

var permissionNames = []struct {
	bit  Permission
	name string
}{
	{UsersRead, "users:read"},
	{UsersWrite, "users:write"},
	{RolesWrite, "roles:write"},
	{APIKeysWrite, "apikeys:write"},
	{CfgRead, "cfg:read"},
	{CfgWrite, "cfg:write"},
	{InboxRead, "inbox:read"},
	{InboxWrite, "inbox:write"},
	{AdminRead, "admin:read"},
	{AdminWrite, "admin:write"},
}

// Permissions lists every named permission, lowest bit first.
func Permissions() []Permission {
	all := make([]Permission, 0, len(permissionNames))
	for _, p := range permissionNames {
		all = append(all, p.bit)
	}
	return all
}

// String gives the permission's name, "bit:N" for a bit that has none.
func (p Permission) String() string {
	for _, n := range permissionNames {
		if n.bit == p {
			return n.name
		}
	}
	return fmt.Sprintf("bit:%d", bits.TrailingZeros64(uint64(p)))
}

// Mask is a set of permissions as a role or an API key carries it: 63 bits, never negative, so that it
// fits a bigint column and a JSON number.
type Mask int64

// AllPermissions holds every named permission, as the original's administrator does (0xFC000017).
const AllPermissions = Mask(UsersRead | UsersWrite | RolesWrite | APIKeysWrite |
	CfgRead | CfgWrite | InboxRead | InboxWrite | AdminRead | AdminWrite)

// Has reports whether every bit of p is set.
func (m Mask) Has(p Permission) bool { return uint64(m)&uint64(p) == uint64(p) }

// Covers reports whether m holds every permission of other.
func (m Mask) Covers(other Mask) bool { return other&^m == 0 }

// Names lists the named permissions of the mask, lowest bit first; bits without a name are left out.
// It is never nil.
func (m Mask) Names() []string {
	names := make([]string, 0, len(permissionNames))
	for _, n := range permissionNames {
		if m.Has(n.bit) {
			names = append(names, n.name)
		}
	}
	return names
}

// ParsePermission finds a permission by its name.
func ParsePermission(name string) (Permission, error) {
	for _, n := range permissionNames {
		if n.name == name {
			return n.bit, nil
		}
	}
	return 0, fmt.Errorf("unknown permission; known are %s", strings.Join(AllPermissions.Names(), ", "))
}

// MaskOf joins permissions by name. The error names the places of the unknown ones, not their text.
func MaskOf(names []string) (Mask, error) {
	var m Mask
	var unknown []string
	for i, name := range names {
		p, err := ParsePermission(name)
		if err != nil {
			unknown = append(unknown, strconv.Itoa(i))
			continue
		}
		m |= Mask(p)
	}
	if len(unknown) > 0 {
		return 0, fmt.Errorf("unknown permissions at positions %s; known are %s",
			strings.Join(slices.Compact(unknown), ", "), strings.Join(AllPermissions.Names(), ", "))
	}
	return m, nil
}
