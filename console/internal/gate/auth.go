package gate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"nms.example/common/api"
	"nms.example/common/fault"
	"nms.example/common/request"
)

// maxTokenAnswer bounds what is read of an answer of auth's, in bytes.
const maxTokenAnswer = 64 << 10

var (
	codeLogin   = fault.Declare(fault.Malformed, "wrong_credentials", "The login or the password is wrong; which of them is not said.")
	codeSession = fault.Declare(fault.Unauthenticated, "session_ended", "There is no session, or it has ended: log in.")
	codeForeign = fault.Declare(fault.Forbidden, "foreign_origin", "The call comes from a page of another origin.")
	codeNoAuth  = fault.Declare(fault.Unavailable, "service_unreachable", "The service that the call is handed on to does not answer.")
)

var (
	errCredentials = fault.New(codeLogin, "the login or the password is wrong")
	errSession     = fault.New(codeSession, "there is no session, or it has ended")
	errForeign     = fault.New(codeForeign, "calls from pages of other origins are not taken")
	errUnreachable = fault.New(codeNoAuth, "the service does not answer").After(2 * time.Second)
	errNoCall      = fault.List(fault.NotFound, "there is nothing at this path")
	errTooMany     = fault.New(fault.CodeAttempts, "too many failed logins")
)

// issuer gets tokens from auth.
type issuer struct {
	address string
	client  *http.Client
	now     func() time.Time
}

// grant asks for tokens. Errors are faults: errCredentials where auth refuses the grant, errTooMany, errUnreachable.
func (i *issuer) grant(ctx context.Context, form url.Values) (t tokens, mustChange bool, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, i.address+"/api/v1/auth/token", strings.NewReader(form.Encode()))
	if err != nil {
		return t, false, fmt.Errorf("gate: token: %w", err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	introduce(ctx, r.Header, api.UserAgent(ctx))
	answer, err := i.client.Do(r)
	if err != nil {
		return t, false, errUnreachable.Because(err)
	}
	defer answer.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(answer.Body, maxTokenAnswer))
	if err != nil {
		return t, false, errUnreachable.Because(err)
	}
	switch answer.StatusCode {
	case http.StatusOK:
	case http.StatusBadRequest, http.StatusUnprocessableEntity:
		return t, false, errCredentials
	case http.StatusTooManyRequests:
		seconds, _ := strconv.Atoi(answer.Header.Get("Retry-After")) // a pause of a second when it says nothing
		return t, false, errTooMany.After(time.Duration(max(seconds, 1)) * time.Second)
	default:
		return t, false, errUnreachable.Because(errors.New("auth answers " + answer.Status))
	}
	var body struct {
		Access     string `json:"access_token"`
		Refresh    string `json:"refresh_token"`
		ExpiresIn  int64  `json:"expires_in"`
		MustChange bool   `json:"password_change_required"`
	}
	if err := json.Unmarshal(raw, &body); err != nil || body.Access == "" || body.Refresh == "" {
		return t, false, errUnreachable.Because(errors.New("auth's answer cannot be read"))
	}
	return tokens{Access: body.Access, Refresh: body.Refresh, Ends: i.now().Unix() + body.ExpiresIn}, body.MustChange, nil
}

// exchange refreshes.
func (i *issuer) exchange(ctx context.Context, refresh string) (tokens, error) {
	t, _, err := i.grant(ctx, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {refresh}})
	if errors.Is(err, errCredentials) {
		return t, errSession.Because(err)
	}
	return t, err
}

// logout ends the session of an access token. One that is good no more has ended already.
func (i *issuer) logout(ctx context.Context, access string) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, i.address+"/api/v1/auth/logout", http.NoBody)
	if err != nil {
		return fmt.Errorf("gate: logout: %w", err)
	}
	r.Header.Set("Authorization", "Bearer "+access)
	introduce(ctx, r.Header, api.UserAgent(ctx))
	answer, err := i.client.Do(r)
	if err != nil {
		return errUnreachable.Because(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode >= http.StatusInternalServerError {
		return errUnreachable.Because(errors.New("auth answers " + answer.Status))
	}
	return nil
}

// introduce tells a service on whose behalf it is called: it believes that of its TRUSTED_PROXIES.
func introduce(ctx context.Context, h http.Header, userAgent string) {
	if addr := api.ClientAddr(ctx); addr.IsValid() {
		h.Set("X-Forwarded-For", addr.String())
	}
	h.Set("User-Agent", userAgent) // an empty one keeps Go's own out
	if id := request.ID(ctx); id != "" {
		h.Set("X-Request-ID", id)
	}
}
