package authn

import (
	"fmt"
	"math/bits"
	"strings"
)

// Permission is one named right: a single bit of a Mask.
type Permission uint64

// The named permissions. The bit numbers are part of the contract: roles of the original system, which knows bits
// 0, 1, 2, 4 and 26 to 31, keep their meaning. A new one needs a line in the table below and a migration of the
// database auth that calls add_permissions, so that administrators hold it.
const (
	UsersRead         Permission = 1 << 0
	UsersWrite        Permission = 1 << 1
	RolesWrite        Permission = 1 << 2
	InboxManage       Permission = 1 << 3
	APIKeysWrite      Permission = 1 << 4
	CtrlRead          Permission = 1 << 5
	CtrlWrite         Permission = 1 << 6
	TelemetryWrite    Permission = 1 << 7
	CommandsSend      Permission = 1 << 8
	CommandsHazardous Permission = 1 << 9
	CommandsApprove   Permission = 1 << 10
	AlarmsWrite       Permission = 1 << 11
	CfgRead           Permission = 1 << 26
	CfgWrite          Permission = 1 << 27
	InboxRead         Permission = 1 << 28
	InboxWrite        Permission = 1 << 29
	AdminRead         Permission = 1 << 30
	AdminWrite        Permission = 1 << 31
)

// permissions is the one table of all named permissions, lowest bit first.
var permissions = []struct {
	bit               Permission
	name, description string
}{
	{UsersRead, "users:read", "Read users, roles and their history"},
	{UsersWrite, "users:write", "Create, change, block and archive users, and end their sessions"},
	{RolesWrite, "roles:write", "Create, change and delete roles"},
	{InboxManage, "inbox:manage", "Withdraw traces and load past ones"},
	{APIKeysWrite, "apikeys:write", "Create, list and revoke API keys"},
	{CtrlRead, "ctrl:read", "Read operational states, telemetry values, commands sent and alarms"},
	{CtrlWrite, "ctrl:write", "Configure endpoints, bindings, limits, queues and notifications"},
	{TelemetryWrite, "telemetry:write", "Submit telemetry values"},
	{CommandsSend, "commands:send", "Send commands to equipment"},
	{CommandsHazardous, "commands:hazardous", "Send hazardous commands"},
	{CommandsApprove, "commands:approve", "Approve or reject commands of others"},
	{AlarmsWrite, "alarms:write", "Acknowledge, close, comment on and shelve alarms"},
	{CfgRead, "cfg:read", "Read the catalogues of equipment, commands and telemetry parameters"},
	{CfgWrite, "cfg:write", "Change the catalogues"},
	{InboxRead, "inbox:read", "Read traces and signals"},
	{InboxWrite, "inbox:write", "Submit traces and signals"},
	{AdminRead, "admin:read", "Read the journal, the running services and dead letters"},
	{AdminWrite, "admin:write", "Replay and delete dead letters"},
}

// Permissions lists every named permission, lowest bit first.
func Permissions() []Permission {
	all := make([]Permission, 0, len(permissions))
	for _, p := range permissions {
		all = append(all, p.bit)
	}
	return all
}

// String returns the permission's name, "bit:N" for a bit that has none.
func (p Permission) String() string {
	for _, n := range permissions {
		if n.bit == p {
			return n.name
		}
	}
	return fmt.Sprintf("bit:%d", bits.TrailingZeros64(uint64(p)))
}

// Description returns what the permission allows, for people; "" for a bit that has no name.
func (p Permission) Description() string {
	for _, n := range permissions {
		if n.bit == p {
			return n.description
		}
	}
	return ""
}

// Mask is a set of permissions as a role or an API key carries it: 63 bits, never negative, so that it
// fits a bigint column and a JSON number.
type Mask int64

// AllPermissions holds every named permission, as an administrator's role does.
var AllPermissions = func() (all Mask) {
	for _, p := range permissions {
		all |= Mask(p.bit)
	}
	return all
}()

// Has reports whether every bit of p is set.
func (m Mask) Has(p Permission) bool { return uint64(m)&uint64(p) == uint64(p) }

// Covers reports whether m holds every permission of other.
func (m Mask) Covers(other Mask) bool { return other&^m == 0 }

// Names lists the named permissions of the mask, lowest bit first; bits without a name are left out.
// It is never nil.
func (m Mask) Names() []string {
	names := make([]string, 0, len(permissions))
	for _, n := range permissions {
		if m.Has(n.bit) {
			names = append(names, n.name)
		}
	}
	return names
}

// ParsePermission finds a permission by its name.
func ParsePermission(name string) (Permission, error) {
	for _, n := range permissions {
		if n.name == name {
			return n.bit, nil
		}
	}
	return 0, fmt.Errorf("unknown permission; known are %s", strings.Join(AllPermissions.Names(), ", "))
}
