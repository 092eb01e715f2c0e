// Package apitest checks what every service's HTTP interface must hold. It is imported from tests only.
package apitest

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"nms.example/common/api"
	"nms.example/common/authn"
	"nms.example/common/waittest"
)

var parameter = regexp.MustCompile(`\{[^}]+\}`)

// CheckAccess walks all operations: those that are not public refuse a stranger with 401 and, when they
// need a permission, a caller who has every other one with 403. Public ones are listed by the caller as
// "GET /path", so that none becomes public by an oversight. token makes a valid access token of a user
// with the mask. No handler of a guarded operation runs.
func CheckAccess(t *testing.T, a *api.API, token func(authn.Mask) string, public ...string) {
	t.Helper()
	var open []string
	for _, op := range a.Operations() {
		name := op.Method + " " + op.Path
		if op.Access.IsPublic() {
			open = append(open, name)
			continue
		}
		refused(t, a, op, "", http.StatusUnauthorized)
		refused(t, a, op, "rubbish", http.StatusUnauthorized)
		if need, ok := op.Access.Permission(); ok {
			refused(t, a, op, token(authn.AllPermissions&^authn.Mask(need)), http.StatusForbidden)
		}
	}
	require.ElementsMatch(t, public, open, "the public operations")
}

// refused calls an operation and expects a problem.
func refused(t *testing.T, a *api.API, op api.OperationInfo, token string, status int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), waittest.Bound)
	defer cancel()
	path := parameter.ReplaceAllString(op.Path, "1")
	r := httptest.NewRequestWithContext(ctx, op.Method, path, strings.NewReader("{}"))
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	w := httptest.NewRecorder()
	a.Handler().ServeHTTP(w, r)
	require.Equal(t, status, w.Code, "%s %s: %s", op.Method, op.Path, w.Body)
	Problem(t, w.Header(), w.Body.Bytes(), status)
}

// Problem checks that an answer is a complete problem of the status, and returns it.
func Problem(t testing.TB, header http.Header, body []byte, status int) api.Problem {
	t.Helper()
	require.Equal(t, api.ProblemContentType, header.Get("Content-Type"), "%s", body)
	var p api.Problem
	require.NoError(t, json.Unmarshal(body, &p), "%s", body)
	require.Equal(t, status, p.Status, "%s", body)
	require.NotEmpty(t, p.Title)
	require.NotEmpty(t, p.Detail)
	require.NotEmpty(t, p.Instance)
	require.Equal(t, header.Get("X-Request-ID"), p.RequestID)
	require.NotEmpty(t, p.Errors)
	for _, reason := range p.Errors {
		require.NotEmpty(t, reason.Location)
		require.NotEmpty(t, reason.Message)
	}
	return p
}
