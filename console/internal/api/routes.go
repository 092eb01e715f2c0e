// Package api holds the console's own operations: the session of the browser that calls.
package api

import (
	"context"
	"net/http"

	"nms.example/common/api"

	"nms.example/console/internal/gate"
)

// Deps are what the operations call.
type Deps struct{ Gate *gate.Gate }

// Register adds every operation of the console.
func Register(a *api.API, d Deps) {
	s := &sessions{gate: d.Gate}
	resource := api.Resource{Service: "console", Name: "session"}
	create := resource.Operation(http.MethodPost, "", "create", "Log in from a browser",
		http.StatusBadRequest, http.StatusForbidden, http.StatusTooManyRequests, http.StatusServiceUnavailable)
	create.DefaultStatus = http.StatusOK
	create.Description = "The tokens of the session are in the cookie `" + gate.Cookie + "` alone, encrypted; scripts do not get them. " +
		"The session that the browser had before ends. " + foreign
	api.Register(a, create, api.Public, s.create)

	refresh := resource.Action(http.MethodPost, "refresh", "Renew the session of the cookie",
		http.StatusUnauthorized, http.StatusForbidden, http.StatusServiceUnavailable)
	refresh.DefaultStatus = http.StatusNoContent
	refresh.Description = "Calls renew it by themselves when its time comes. This does so at once: after a change of the role or of the password the " +
		"services refuse what was given before. " + foreign
	api.Register(a, refresh, api.Public, s.refresh)

	remove := resource.Operation(http.MethodDelete, "", "delete", "Log out: end the session of the cookie", http.StatusForbidden)
	remove.DefaultStatus = http.StatusNoContent
	remove.Description = foreign
	api.Register(a, remove, api.Public, s.remove)
}

const foreign = "A page of another origin is refused (403)."

type sessions struct{ gate *gate.Gate }

type createInput struct {
	SentCookie

	Body struct {
		Login    string `json:"login" minLength:"1" maxLength:"200" doc:"The login"`
		Password string `json:"password" minLength:"1" maxLength:"200" doc:"The password"`
	}
}

type createOutput struct {
	SetCookie    http.Cookie `header:"Set-Cookie" doc:"The session"`
	CacheControl string      `header:"Cache-Control"`
	Body         struct {
		MustChange bool `json:"password_change_required" doc:"The password must be changed before anything else"`
	}
}

// SentCookie is the cookie of a call.
type SentCookie struct {
	Cookie string `cookie:"__Host-nms-session" maxLength:"4096" doc:"The session"`
}

type cookieOutput struct {
	SetCookie     http.Cookie `header:"Set-Cookie" doc:"The session, or its end"`
	ClearSiteData string      `header:"Clear-Site-Data" doc:"After a logout: what was read stays in no cache"`
	CacheControl  string      `header:"Cache-Control"`
}

func (s *sessions) create(ctx context.Context, in *createInput) (*createOutput, error) {
	cookie, mustChange, err := s.gate.Login(ctx, in.Body.Login, in.Body.Password)
	if err != nil {
		return nil, err
	}
	_ = s.gate.Logout(ctx, in.Cookie) // the session that the browser had; one that cannot be ended now ends by its time
	out := &createOutput{SetCookie: *cookie, CacheControl: "no-store"}
	out.Body.MustChange = mustChange
	return out, nil
}

func (s *sessions) refresh(ctx context.Context, in *SentCookie) (*cookieOutput, error) {
	cookie, err := s.gate.Refresh(ctx, in.Cookie)
	if err != nil {
		return nil, err
	}
	return &cookieOutput{SetCookie: *cookie, CacheControl: "no-store"}, nil
}

func (s *sessions) remove(ctx context.Context, in *SentCookie) (*cookieOutput, error) {
	if err := s.gate.Logout(ctx, in.Cookie); err != nil {
		return nil, err
	}
	return &cookieOutput{SetCookie: *gate.NoCookie(), ClearSiteData: `"cache"`, CacheControl: "no-store"}, nil
}
