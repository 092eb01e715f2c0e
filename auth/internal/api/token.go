package api

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"nms.example/common/api"
	"nms.example/common/authn"
	"nms.example/common/fault"

	"nms.example/auth/internal/session"
)

// maxFormBytes bounds the forms of this file: two short texts.
const maxFormBytes = 16 << 10

type tokens struct{ sessions *session.Service }

func (t *tokens) register(a *api.API) {
	op := resource("token").Operation(http.MethodPost, "", "create", "Log in, or refresh (OAuth 2.0, RFC 6749)",
		http.StatusBadRequest, http.StatusTooManyRequests, http.StatusServiceUnavailable)
	op.MaxBodyBytes = maxFormBytes
	op.Description = "The password grant (username, password) begins a session, the refresh grant (refresh_token) goes on " +
		"with one. Client credentials and scope are not looked at. A refusal carries RFC 6749's error code in `error`."
	formBody(&op, nil, map[string]string{
		"grant_type": "password or refresh_token; password when it is left out", "username": "The login",
		"password": "The password", "refresh_token": "The refresh token", "scope": "Not used",
		"client_id": "Not used", "client_secret": "Not used",
	})
	api.Register(a, op, api.Public, t.create, api.OAuthRefusals())
	api.Register(a, returning(resource("token").Action(http.MethodPost, "logout", "End this session"), http.StatusNoContent),
		api.Authenticated, func(ctx context.Context, _ *struct{}) (*done, error) { return finish(t.sessions.Logout(ctx)) })
	api.Register(a, returning(resource("token").Action(http.MethodPost, "logout-all", "End all of your sessions"), http.StatusNoContent),
		api.Authenticated, func(ctx context.Context, _ *struct{}) (*done, error) { return finish(t.sessions.LogoutAll(ctx)) })
}

type formInput struct {
	RawBody []byte `contentType:"application/x-www-form-urlencoded"`
}

// tokenBody is the answer of RFC 6749, section 5.1.
type tokenBody struct {
	AccessToken  string `json:"access_token" doc:"JWT for the header Authorization: Bearer"`
	TokenType    string `json:"token_type" enum:"bearer" doc:"Always bearer"`
	ExpiresIn    int    `json:"expires_in" doc:"Life of the access token in seconds"`
	RefreshToken string `json:"refresh_token" doc:"Good for one refresh"`
	MustChange   bool   `json:"password_change_required,omitempty" doc:"The access token is good for changing the password only"`
}

type tokenOutput struct {
	CacheControl string `header:"Cache-Control"`
	Pragma       string `header:"Pragma"`
	Body         tokenBody
}

// The refusals of a form that does not hold together (RFC 6749, section 5.2).
var (
	errGrantType = oauthError("unsupported_grant_type", "grant_type must be password or refresh_token")
	errRepeated  = oauthError("invalid_request", "a parameter is given twice")
	errLacking   = oauthError("invalid_request", "a parameter is missing")
)

var codeGrantType = fault.Declare(fault.Malformed, "unsupported_grant_type", "The grant is neither password nor refresh_token.")

func oauthError(name, message string) *fault.Error {
	f := fault.List(fault.Malformed, message)
	f.OAuth = name
	return f
}

func (t *tokens) create(ctx context.Context, in *formInput) (*tokenOutput, error) {
	form, err := readForm(in.RawBody)
	if err != nil {
		return nil, err
	}
	var made session.Tokens
	switch grant := form.Get("grant_type"); grant {
	case "password", "":
		if err := required(form, "username", "password"); err != nil {
			return nil, err
		}
		made, err = t.sessions.Login(ctx, form.Get("username"), form.Get("password"), clientOf(ctx))
	case "refresh_token":
		if err := required(form, "refresh_token"); err != nil {
			return nil, err
		}
		made, err = t.sessions.Refresh(ctx, form.Get("refresh_token"), clientOf(ctx))
	default:
		return nil, errGrantType.With(fault.NewDetail(fault.Field("grant_type"), codeGrantType, errGrantType.Message))
	}
	if err != nil {
		return nil, err
	}
	return &tokenOutput{
		CacheControl: "no-store", Pragma: "no-cache",
		Body: tokenBody{
			AccessToken: made.Access, TokenType: "bearer", ExpiresIn: int(made.ExpiresIn.Seconds()),
			RefreshToken: made.Refresh, MustChange: made.ChangeRequired,
		},
	}, nil
}

// readForm refuses repeated parameters, as RFC 6749, section 3.2, demands.
func readForm(body []byte) (url.Values, error) {
	form, err := api.Form(body)
	if err != nil {
		if f := fault.As(err); f != nil {
			coded := oauthError("invalid_request", f.Message).With(f.Details...)
			return nil, coded.Because(err)
		}
		return nil, err
	}
	for _, name := range []string{"grant_type", "username", "password", "refresh_token", "token"} {
		if len(form[name]) > 1 {
			return nil, errRepeated.With(fault.NewDetail(fault.Field(name), fault.CodeRepeated, "is given twice"))
		}
	}
	return form, nil
}

func required(form url.Values, names ...string) error {
	var details []fault.Detail
	for _, name := range names {
		if form.Get(name) == "" {
			details = append(details, fault.NewDetail(fault.Field(name), fault.CodeRequired, "is missing"))
		}
	}
	if details == nil {
		return nil
	}
	return errLacking.With(details...)
}

type introspection struct {
	sessions         *session.Service
	verify           func(string) (*authn.Principal, error)
	issuer, audience string
}

func (i *introspection) register(a *api.API) {
	op := resource("token").Action(http.MethodPost, "introspect", "What a token is good for (RFC 7662)",
		http.StatusBadRequest)
	op.MaxBodyBytes = maxFormBytes
	op.Description = "For services in other languages. An access token is active while it is neither expired nor revoked, a " +
		"refresh token while it can be used."
	formBody(&op, []string{"token"}, map[string]string{
		"token": "The token", "token_type_hint": "access_token or refresh_token; not needed",
	})
	api.Register(a, op, api.Need(authn.UsersRead), i.introspect)
}

// introspectionBody is the answer of RFC 7662, section 2.2.
type introspectionBody struct {
	Active    bool        `json:"active" doc:"Whether the token is good; when not, nothing else is said"`
	TokenType string      `json:"token_type,omitempty" enum:"bearer,refresh_token" doc:"Kind of the token"`
	Subject   string      `json:"sub,omitempty" doc:"Id of the user"`
	Username  string      `json:"username,omitempty" doc:"Login of the user"`
	Scope     string      `json:"scope,omitempty" doc:"Named permissions, separated by spaces"`
	Role      string      `json:"role,omitempty" doc:"Role of the user"`
	Access    *authn.Mask `json:"access,omitempty" doc:"Permissions as a bit mask"`
	Issuer    string      `json:"iss,omitempty" doc:"Who made the token"`
	Audience  string      `json:"aud,omitempty" doc:"Whom it is for"`
	ExpiresAt int64       `json:"exp,omitempty" doc:"Unix time of its end"`
	IssuedAt  int64       `json:"iat,omitempty" doc:"Unix time of its making"`
	ID        string      `json:"jti,omitempty" doc:"Id of the token"`
	SessionID string      `json:"sid,omitempty" doc:"Id of the session"`
}

type introspectionOutput struct {
	CacheControl string `header:"Cache-Control"`
	Body         introspectionBody
}

func (i *introspection) introspect(ctx context.Context, in *formInput) (*introspectionOutput, error) {
	form, err := readForm(in.RawBody)
	if err != nil {
		return nil, err
	}
	if err := required(form, "token"); err != nil {
		return nil, err
	}
	found, err := i.sessions.Inspect(ctx, i.verify, form.Get("token"))
	if err != nil {
		return nil, err
	}
	body := introspectionBody{Active: found.Active}
	switch {
	case found.Principal != nil:
		p := found.Principal
		body = introspectionBody{
			Active: true, TokenType: "bearer", Subject: userID(p.UserID), Username: p.Login,
			Scope: strings.Join(p.Access.Names(), " "), Role: p.Role, Access: &p.Access, Issuer: i.issuer, Audience: i.audience,
			ExpiresAt: p.ExpiresAt.Unix(), IssuedAt: p.IssuedAt.Unix(), ID: p.TokenID.String(), SessionID: p.SessionID.String(),
		}
	case found.Refresh != nil:
		body = introspectionBody{
			Active: true, TokenType: "refresh_token", Subject: userID(found.Refresh.UserID), Username: found.Refresh.Login,
			ExpiresAt: found.Refresh.ExpiresAt.Unix(),
		}
	}
	return &introspectionOutput{CacheControl: "no-store", Body: body}, nil
}
