package api

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"nms.example/common/api"
	"nms.example/common/authn"
	"nms.example/common/fault"

	"nms.example/auth/internal/session"
	"nms.example/auth/internal/user"
)

type users struct {
	users    *user.Service
	sessions *session.Service
}

func (u *users) register(a *api.API) {
	all := resource("users")
	read, write := api.Need(authn.UsersRead), api.Need(authn.UsersWrite)
	api.Register(a, all.Operation(http.MethodGet, "", "list", "Users, without archived ones unless asked for"), read, u.list)
	api.Register(a, returning(all.Operation(http.MethodPost, "", "create", "Make a user", conflict), http.StatusCreated), write, u.create)
	api.Register(a, all.Operation(http.MethodGet, "/{id}", "get", "A user, now or at a moment"), read, u.get)
	api.Register(a, all.Operation(http.MethodPatch, "/{id}", "update", "Change a user", conflict), write, u.patch)
	api.Register(a, all.Operation(http.MethodGet, "/{id}/history", "history", "Every version of a user, newest first"), read, u.history)
	api.Register(a, returning(all.Operation(http.MethodDelete, "/{id}", "delete",
		"Archive a user: all sessions end, the login is free again", conflict), http.StatusNoContent), write, u.status(user.Archived))
	api.Register(a, returning(all.Operation(http.MethodPost, "/{id}/block", "block",
		"Block a user: all sessions end", conflict), http.StatusNoContent), write, u.status(user.Blocked))
	api.Register(a, returning(all.Operation(http.MethodPost, "/{id}/unblock", "unblock",
		"Let a blocked user log in again", conflict), http.StatusNoContent), write, u.status(user.Enabled))
	api.Register(a, returning(all.Operation(http.MethodPost, "/{id}/password", "password",
		"Give a user a new password: all sessions end", conflict), http.StatusNoContent), write, u.password)
	api.Register(a, returning(all.Operation(http.MethodPost, "/{id}/logout-all", "logout-all",
		"End all sessions of a user"), http.StatusNoContent), write, u.logout)
	api.Register(a, all.Operation(http.MethodGet, "/{id}/sessions", "sessions", "The live sessions of a user"), write, u.live)
	api.Register(a, returning(all.Operation(http.MethodDelete, "/{id}/sessions/{sid}", "sessions-delete",
		"End a session of a user"), http.StatusNoContent), write, u.end)
}

// userParams echoes the filters of the list.
type userParams struct {
	Login  *string `json:"login,omitempty"`
	Name   *string `json:"name,omitempty"`
	RoleID *string `json:"role_id,omitempty"`
	Status *int    `json:"status,omitempty"`
	Query  *string `json:"q,omitempty"`
	IDs    []int64 `json:"ids,omitempty"`
}

type listUsersInput struct {
	api.PageInput

	Limit  int                  `query:"limit" default:"100" minimum:"1" maximum:"5000" doc:"Most items of a page"`
	Login  api.Optional[string] `query:"login" maxLength:"50" doc:"The login, letter case aside"`
	Name   api.Optional[string] `query:"name" maxLength:"80" doc:"The name, letter case aside"`
	RoleID api.Optional[string] `query:"role-id" maxLength:"80" doc:"The role"`
	Status api.Optional[int]    `query:"status" enum:"-1,0,1" doc:"-1 archived, 0 enabled, 1 blocked; without it all but archived ones"`
	Query  api.Optional[string] `query:"q" maxLength:"80" doc:"Part of the login or the name"`
	IDs    []int64              `query:"ids" minItems:"1" maxItems:"500" minimum:"1" doc:"Only these users, archived ones too; unknown ids are left out"`
}

// Resolve refuses an ids without any, which would else be every user.
func (*listUsersInput) Resolve(ctx huma.Context) []error {
	if u := ctx.URL(); u.Query().Has("ids") && ctx.Query("ids") == "" {
		return []error{fault.At(fault.Request("query.ids"), fault.CodeTooFew, "must hold at least one id")}
	}
	return nil
}

func (u *users) list(ctx context.Context, in *listUsersInput) (*out[api.Page[user.User, userParams]], error) {
	filter := user.Filter{Login: in.Login.Ptr(), Name: in.Name.Ptr(), RoleID: in.RoleID.Ptr(), Query: in.Query.Ptr(), IDs: in.IDs}
	if in.Status.Set {
		status := user.Status(in.Status.Value)
		filter.Status = &status
	}
	params := userParams{
		Login: filter.Login, Name: filter.Name, RoleID: filter.RoleID, Status: in.Status.Ptr(), Query: filter.Query, IDs: filter.IDs,
	}
	after, skip, err := api.Follow[user.Cursor](ctx, in.PageInput, in.Limit, params)
	if err != nil {
		return nil, err
	}
	found, total, err := u.users.List(ctx, filter, int64(in.Limit)+1, skip, after)
	if err != nil {
		return nil, err
	}
	return answer(api.Paged(ctx, in.PageInput, in.Limit, total, params, found,
		func(l *user.Listed) user.User { return l.User }, func(last *user.Listed) user.Cursor { return last.Cursor }), nil)
}

type createUserInput struct {
	Body struct {
		Login     string `json:"login" minLength:"1" maxLength:"50" doc:"Unique among live users, letter case aside"`
		Name      string `json:"name" minLength:"1" maxLength:"80" doc:"Full name"`
		Password  string `json:"password" maxLength:"1024" format:"password" doc:"At least 12 characters, at most 72 bytes, not a common one"`
		RoleID    string `json:"role_id" minLength:"1" maxLength:"80" doc:"The role"`
		DarkTheme bool   `json:"dark_theme,omitempty" doc:"Preference of the user interface"`

		Language *user.Language `json:"language,omitempty" nullable:"true" doc:"The language that the user wants to be spoken to in; null: not said"`
	}
}

func (u *users) create(ctx context.Context, in *createUserInput) (*out[user.User], error) {
	made, err := u.users.Create(ctx, user.Input{
		Login: in.Body.Login, Name: in.Body.Name, Password: in.Body.Password, RoleID: in.Body.RoleID, DarkTheme: in.Body.DarkTheme,
		Language: in.Body.Language,
	})
	return answer(made, err)
}

type getUserInput struct {
	api.IDInput

	At api.Optional[time.Time] `query:"at" doc:"The moment, RFC 3339; without it now"`
}

func (u *users) get(ctx context.Context, in *getUserInput) (*out[user.User], error) {
	if in.At.Set {
		found, err := u.users.At(ctx, in.ID, in.At.Value)
		return answer(found, err)
	}
	found, err := u.users.Get(ctx, in.ID)
	return answer(found, err)
}

type patchUserInput struct {
	api.IDInput

	Body struct {
		Login     api.Patch[string] `json:"login,omitzero" minLength:"1" maxLength:"50" doc:"Unique among live users, letter case aside"`
		Name      api.Patch[string] `json:"name,omitzero" minLength:"1" maxLength:"80" doc:"Full name"`
		RoleID    api.Patch[string] `json:"role_id,omitzero" minLength:"1" maxLength:"80" doc:"The role"`
		DarkTheme api.Patch[bool]   `json:"dark_theme,omitzero" doc:"Preference of the user interface"`
		Language  languagePatch     `json:"language,omitzero" doc:"The language that the user wants to be spoken to in; null: not said"`
	}
}

func (u *users) patch(ctx context.Context, in *patchUserInput) (*out[user.User], error) {
	changed, err := u.users.Update(ctx, in.ID, user.Patch{
		Login: in.Body.Login.Ptr(), Name: in.Body.Name.Ptr(), RoleID: in.Body.RoleID.Ptr(), DarkTheme: in.Body.DarkTheme.Ptr(),
		Language: languageOf(in.Body.Language),
	})
	return answer(changed, err)
}

type pagedUserInput struct {
	api.IDInput
	Paging
}

func (u *users) history(ctx context.Context, in *pagedUserInput) (*out[api.Page[user.Version, noParams]], error) {
	versions, total, err := u.users.History(ctx, in.ID, in.limit(), in.skip())
	return answer(pageOf(in.Paging, total, noParams{}, versions), err)
}

func (u *users) status(status user.Status) func(context.Context, *api.IDInput) (*done, error) {
	return func(ctx context.Context, in *api.IDInput) (*done, error) {
		return finish(u.users.SetStatus(ctx, in.ID, status))
	}
}

type setPasswordInput struct {
	api.IDInput

	Body struct {
		Password string `json:"password" maxLength:"1024" format:"password" doc:"At least 12 characters, at most 72 bytes, not a common one"`
	}
}

func (u *users) password(ctx context.Context, in *setPasswordInput) (*done, error) {
	return finish(u.users.SetPassword(ctx, in.ID, in.Body.Password))
}

func (u *users) logout(ctx context.Context, in *api.IDInput) (*done, error) {
	return finish(u.users.LogoutAll(ctx, in.ID))
}

func (u *users) live(ctx context.Context, in *pagedUserInput) (*out[api.Page[session.Session, noParams]], error) {
	list, total, err := u.sessions.ListOf(ctx, in.ID, in.limit(), in.skip())
	return answer(pageOf(in.Paging, total, noParams{}, list), err)
}

type userSessionInput struct {
	api.IDInput

	Session uuid.UUID `path:"sid" format:"uuid" doc:"Identifier of the session"`
}

func (u *users) end(ctx context.Context, in *userSessionInput) (*done, error) {
	err := u.sessions.EndOf(ctx, in.ID, in.Session)
	if err != nil && !errors.Is(err, session.ErrNotFound) { // it is about the user, not the session
		err = fault.Move(err, func(p fault.Place) fault.Place {
			if p == fault.Target {
				return fault.Request("path.id")
			}
			return p
		})
	}
	return finish(err)
}
