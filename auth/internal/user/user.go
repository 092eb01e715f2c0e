// Package user holds the accounts and the rules for changing them.
package user

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"nms.example/common/authn"
	"nms.example/common/db"
	"nms.example/common/fault"

	"nms.example/auth/internal/authdb"
	"nms.example/auth/internal/authority"
)

// Status says whether a user may log in.
type Status int16

// The states of a user.
const (
	Archived Status = -1
	Enabled  Status = 0
	Blocked  Status = 1
)

// Language is one that the system speaks, by its ISO 639-1 code.
type Language string

// Schema implements huma.SchemaProvider: a code or null, since every field of this type may be cleared.
func (*Language) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Nullable: true, Enum: []any{"ru", "en", null{}}}
}

// null is the value null in a schema, and reads so in the refusal of another one.
type null struct{}

// MarshalJSON implements json.Marshaler.
func (null) MarshalJSON() ([]byte, error) { return []byte("null"), nil }

// String implements fmt.Stringer.
func (null) String() string { return "null" }

// User is an account as clients see it. It never holds anything of the password.
type User struct {
	ID          int64      `json:"id" minimum:"1" doc:"Identifier"`
	Login       string     `json:"login" minLength:"1" maxLength:"50" doc:"Unique among live users, letter case aside"`
	Name        string     `json:"name" minLength:"1" maxLength:"80" doc:"Full name"`
	RoleID      *string    `json:"role_id" nullable:"true" doc:"The role; null when an archived user's role was deleted"`
	Access      authn.Mask `json:"access" minimum:"0" doc:"Permissions as a bit mask"`
	Permissions []string   `json:"permissions" doc:"Named permissions in access"`
	Status      Status     `json:"status" enum:"-1,0,1" doc:"-1 archived, 0 enabled, 1 blocked"`
	DarkTheme   bool       `json:"dark_theme" doc:"Preference of the user interface"`
	Language    *Language  `json:"language" doc:"The language that the user wants to be spoken to in; null: not said"`
	CreateDT    time.Time  `json:"create_dt" doc:"When the user was created"`
	UpdateDT    time.Time  `json:"update_dt" doc:"When the user was last changed"`
	// MustChange is left out unless it is so.
	MustChange bool `json:"password_change_required,omitempty" doc:"The password must be changed before anything else"`
}

// LoggedOut is the data of the event that all sessions of a user ended.
type LoggedOut struct {
	Sessions []uuid.UUID `json:"sessions" doc:"The sessions that ended"`
}

// Codes of these refusals.
var (
	codeNotThen       = fault.Declare(fault.NotFound, "not_existing_then", "The item did not exist at the moment asked for.")
	codeNoRole        = fault.Declare(fault.Invalid, "unknown_role", "There is no such role.")
	codeWrongPassword = fault.Declare(fault.Invalid, "wrong_password", "It is not the present password.")
	codeSamePassword  = fault.Declare(fault.Invalid, "password_unchanged", "The new password is the present one.")
)

// The refusals of this package.
var (
	ErrNotFound  = fault.At(fault.Target, fault.CodeNotFound, "there is no such user")
	ErrNoMoment  = fault.At(fault.Field("at"), codeNotThen, "the user did not exist at that moment")
	ErrArchived  = fault.At(fault.Target, fault.CodeArchived, "the user is archived")
	ErrLogin     = fault.At(fault.Field("login"), fault.CodeNameTaken, "the login is taken")
	ErrNoRole    = fault.At(fault.Field("role_id"), codeNoRole, "there is no such role")
	ErrLastAdmin = fault.List(fault.Conflict, "the last administrator cannot be blocked, archived or stripped",
		fault.NewDetail(fault.Place{}, authority.CodeLastAdministrator, "make another user administrator first"))
	ErrPassword = fault.At(fault.Field("current_password"), codeWrongPassword, "is not the present password")
	ErrSame     = fault.At(fault.Field("new_password"), codeSamePassword, "must differ from the present password")
)

// constraints name the refusal for each constraint that a change of a user may run into.
var constraints = db.Constraints{
	"users_login_live_key": ErrLogin,
	"users_role_id_fkey":   ErrNoRole,
	"users_role_needed":    ErrNoRole,
	"last_administrator":   ErrLastAdmin,
	"users_login_length":   fault.At(fault.Field("login"), fault.CodeLength, "must have 1 to 50 characters"),
	"users_name_length":    fault.At(fault.Field("name"), fault.CodeLength, "must have 1 to 80 characters"),
}

func fromRow(row authdb.User, access int64) User {
	return User{
		ID: row.ID, Login: row.Login, Name: row.Name, RoleID: row.RoleID,
		Access: authn.Mask(access), Permissions: authn.Mask(access).Names(),
		Status: Status(row.Status), DarkTheme: row.DarkTheme, Language: (*Language)(row.Language), CreateDT: row.CreateDt, UpdateDT: row.UpdateDt,
		MustChange: row.PasswordChangeRequired,
	}
}

// fromSnapshot reads a user out of the history, with what its role allowed then.
func fromSnapshot(raw json.RawMessage, access int64) (User, error) {
	var s struct {
		ID         int64     `json:"id"`
		Login      string    `json:"login"`
		Name       string    `json:"name"`
		RoleID     *string   `json:"role_id"`
		Status     Status    `json:"status"`
		DarkTheme  bool      `json:"dark_theme"`
		Language   *Language `json:"language"`
		CreateDT   time.Time `json:"create_dt"`
		UpdateDT   time.Time `json:"update_dt"`
		MustChange bool      `json:"password_change_required"`
	}
	if err := json.Unmarshal(raw, &s); err != nil {
		return User{}, fmt.Errorf("user: read a snapshot: %w", err)
	}
	return User{
		ID: s.ID, Login: s.Login, Name: s.Name, RoleID: s.RoleID,
		Access: authn.Mask(access), Permissions: authn.Mask(access).Names(),
		Status: s.Status, DarkTheme: s.DarkTheme, Language: s.Language, CreateDT: s.CreateDT, UpdateDT: s.UpdateDT, MustChange: s.MustChange,
	}, nil
}
