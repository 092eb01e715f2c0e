package api

import (
	"context"
	"net/http"
	"strconv"

	"github.com/google/uuid"

	"nms.example/common/api"

	"nms.example/auth/internal/authority"
	"nms.example/auth/internal/session"
	"nms.example/auth/internal/user"
)

// me is the calling user's own account. A user who must change the password first may see the profile,
// change the password and log out, nothing else.
type me struct {
	users    *user.Service
	sessions *session.Service
}

func (m *me) register(a *api.API) {
	own, forbidden := resource("me"), http.StatusForbidden
	api.Register(a, own.Operation(http.MethodGet, "", "get", "Your profile", forbidden), api.Authenticated, m.get)
	api.Register(a, own.Operation(http.MethodPatch, "", "update", "Change your profile", forbidden), api.Authenticated, m.patch)
	api.Register(a, returning(own.Operation(http.MethodPost, "/password", "password",
		"Change your password; every other session ends", forbidden), http.StatusNoContent), api.Authenticated, m.password)
	api.Register(a, own.Operation(http.MethodGet, "/sessions", "sessions", "Your sessions", forbidden), api.Authenticated, m.list)
	api.Register(a, returning(own.Operation(http.MethodDelete, "/sessions/{id}", "sessions-delete", "End one of your sessions", forbidden),
		http.StatusNoContent), api.Authenticated, m.end)
}

func userID(id int64) string { return strconv.FormatInt(id, 10) }

type profileOutput struct {
	CacheControl string `header:"Cache-Control"`
	ETag         string `header:"ETag"`
	Body         api.Ready[user.User]
}

func (m *me) get(ctx context.Context, in *api.Conditional) (*profileOutput, error) {
	caller, err := authority.User(ctx)
	if err != nil {
		return nil, err
	}
	entry, err := m.users.Profile(ctx, caller.UserID)
	if err != nil {
		return nil, err
	}
	if err := in.Evaluate(entry.ETag); err != nil {
		return nil, err
	}
	return &profileOutput{CacheControl: "private, no-cache", ETag: entry.ETag, Body: api.Ready[user.User]{JSON: entry.Body}}, nil
}

type patchMeInput struct {
	Body struct {
		Name      api.Patch[string] `json:"name,omitzero" minLength:"1" maxLength:"80" doc:"Full name"`
		DarkTheme api.Patch[bool]   `json:"dark_theme,omitzero" doc:"Preference of the user interface"`
		Language  languagePatch     `json:"language,omitzero" doc:"The language that you want to be spoken to in; null: not said"`
	}
}

func (m *me) patch(ctx context.Context, in *patchMeInput) (*out[user.User], error) {
	if err := authority.Ready(ctx); err != nil {
		return nil, err
	}
	u, err := m.users.UpdateOwn(ctx, user.Patch{Name: in.Body.Name.Ptr(), DarkTheme: in.Body.DarkTheme.Ptr(), Language: languageOf(in.Body.Language)})
	return answer(u, err)
}

type languagePatch = api.NullablePatch[user.Language]

// languageOf returns nil for a language that stays, a pointer to nil for one that is cleared.
func languageOf(p languagePatch) **user.Language {
	if !p.Set {
		return nil
	}
	return new(p.Or(nil))
}

type changePasswordInput struct {
	Body struct {
		Current string `json:"current_password" maxLength:"1024" format:"password" doc:"The present password"`
		New     string `json:"new_password" maxLength:"1024" format:"password" doc:"At least 12 characters, at most 72 bytes, not a common one"`
	}
}

func (m *me) password(ctx context.Context, in *changePasswordInput) (*done, error) {
	return finish(m.users.ChangeOwnPassword(ctx, in.Body.Current, in.Body.New))
}

func (m *me) list(ctx context.Context, in *Paging) (*out[api.Page[session.Session, noParams]], error) {
	if err := authority.Ready(ctx); err != nil {
		return nil, err
	}
	list, total, err := m.sessions.List(ctx, in.limit(), in.skip())
	return answer(pageOf(*in, total, noParams{}, list), err)
}

func (m *me) end(ctx context.Context, in *uuidInput) (*done, error) {
	if err := authority.Ready(ctx); err != nil {
		return nil, err
	}
	return finish(m.sessions.End(ctx, in.ID))
}

type uuidInput struct {
	ID uuid.UUID `path:"id" format:"uuid" doc:"Identifier"`
}
