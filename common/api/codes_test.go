package api_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/stretchr/testify/require"

	"nms.example/common/api"
	"nms.example/common/authn"
)

// full is a limiter that lets nobody in.
type full struct{}

func (full) Allow(context.Context, string) (time.Duration, bool) { return time.Second, false }

type codesInput struct {
	api.Conditional
	Page int       `query:"page" minimum:"1" maximum:"9"`
	At   time.Time `query:"at"`
	Kind string    `query:"kind" enum:"a,b"`
}

// A client can tell what was wrong without reading the message, whoever refused the request.
func TestRefusalsHaveCodes(t *testing.T) {
	t.Parallel()
	b := setup(t, func(a *api.API) {
		registerThings(a)
		registerFailing(a)
		api.Register(a, huma.Operation{Method: http.MethodGet, Path: "/api/v1/secrets"}, api.Need(authn.CfgRead),
			func(context.Context, *struct{}) (*struct{}, error) { return nil, nil })
		api.Register(a, huma.Operation{Method: http.MethodGet, Path: "/api/v1/limited"}, api.Need(authn.CfgRead),
			func(context.Context, *struct{}) (*struct{}, error) { return nil, nil }, api.LimitedBy(full{}))
		api.Register(a, huma.Operation{Method: http.MethodPut, Path: "/api/v1/versions"}, api.Public,
			func(_ context.Context, in *codesInput) (*struct{}, error) { return nil, in.Check(`"1"`) })
	})
	for name, c := range map[string]struct {
		method, path, body string
		header             []string
		status             int
		code               string
	}{
		"no such path":       {"GET", "/api/v1/nothing", "", nil, 404, "no_route"},
		"method":             {"DELETE", "/api/v1/things", "", nil, 405, "method_not_allowed"},
		"path":               {"GET", "/api/v1/things/%00", "", nil, 400, "forbidden_characters"},
		"no token":           {"GET", "/api/v1/secrets", "", nil, 401, "credentials_required"},
		"bad token":          {"GET", "/api/v1/secrets", "", []string{"Authorization", "Bearer x"}, 401, "token_invalid"},
		"no permission":      {"GET", "/api/v1/secrets", "", []string{"Authorization", "Bearer nobody"}, 403, "forbidden"},
		"old password":       {"GET", "/api/v1/secrets", "", []string{"Authorization", "Bearer stale"}, 403, "password_change_required"},
		"rate":               {"GET", "/api/v1/limited", "", []string{"Authorization", "Bearer reader"}, 429, "too_many_requests"},
		"content type":       {"POST", "/api/v1/things", goodThing, []string{"Content-Type", "text/plain"}, 415, "unsupported_media_type"},
		"content encoding":   {"POST", "/api/v1/things", goodThing, []string{"Content-Encoding", "br"}, 415, "unsupported_encoding"},
		"gzip":               {"POST", "/api/v1/things", goodThing, []string{"Content-Encoding", "gzip"}, 400, "unreadable_body"},
		"too large":          {"POST", "/api/v1/things", strings.Repeat(" ", 1<<20+1), nil, 413, "too_large"},
		"no body":            {"POST", "/api/v1/things", "", nil, 400, "required"},
		"no JSON":            {"POST", "/api/v1/things", "{", nil, 400, "not_json"},
		"two documents":      {"POST", "/api/v1/things", goodThing + "1", nil, 400, "not_json"},
		"no UTF-8":           {"POST", "/api/v1/things", "\"\xff\"", nil, 400, "not_utf8"},
		"no object":          {"POST", "/api/v1/things", "[]", nil, 422, "wrong_type"},
		"NUL":                {"POST", "/api/v1/things", `{"id":1,"name":"\u0000","location":{"lat":1,"lng":2}}`, nil, 422, "forbidden_characters"},
		"field left out":     {"POST", "/api/v1/things", `{"id":1,"location":{"lat":1,"lng":2}}`, nil, 422, "required"},
		"unknown field":      {"POST", "/api/v1/things", `{"id":1,"name":"n","location":{"lat":1,"lng":2},"extra":1}`, nil, 422, "unknown_field"},
		"long text":          {"POST", "/api/v1/things", `{"id":1,"name":"123456789012345678901","location":{"lat":1,"lng":2}}`, nil, 422, "too_long"},
		"small number":       {"POST", "/api/v1/things", `{"id":0,"name":"n","location":{"lat":1,"lng":2}}`, nil, 422, "below_minimum"},
		"large number":       {"POST", "/api/v1/things", `{"id":1,"name":"n","location":{"lat":91,"lng":2}}`, nil, 422, "above_maximum"},
		"kind of number":     {"POST", "/api/v1/things", `{"id":1.5,"name":"n","location":{"lat":1,"lng":2}}`, nil, 422, "wrong_type"},
		"more than an int64": {"POST", "/api/v1/things", `{"id":9223372036854775808,"name":"n","location":{"lat":1,"lng":2}}`, nil, 422, "out_of_range"},
		"id":                 {"GET", "/api/v1/things/x", "", nil, 422, "wrong_type"},
		"escape":             {"GET", "/api/v1/things/1?a=%zz", "", nil, 400, "malformed"},
		"misspelt parameter": {"PUT", "/api/v1/versions?pgae=1", "", nil, 422, "unknown_parameter"},
		"parameter twice":    {"PUT", "/api/v1/versions?page=1&page=2", "", nil, 422, "repeated"},
		"parameter's bound":  {"PUT", "/api/v1/versions?page=10", "", nil, 422, "above_maximum"},
		"parameter's type":   {"PUT", "/api/v1/versions?page=x", "", nil, 422, "wrong_type"},
		"time":               {"PUT", "/api/v1/versions?at=x", "", nil, 422, "bad_format"},
		"enumeration":        {"PUT", "/api/v1/versions?kind=c", "", nil, 422, "not_one_of"},
		"other version":      {"PUT", "/api/v1/versions", "", []string{"If-Match", `"2"`}, 412, "changed_meanwhile"},
		"the domain's":       {"GET", "/api/v1/fail?how=conflict", "", nil, 409, "name_taken"},
		"failure":            {"GET", "/api/v1/fail?how=plain", "", nil, 500, "internal"},
		"panic":              {"GET", "/api/v1/fail?how=panic", "", nil, 500, "internal"},
		"deadline":           {"GET", "/api/v1/fail?how=slow", "", nil, 503, "timeout"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := b.problem(b.do(c.method, c.path, strings.NewReader(c.body), c.header...), c.status)
			require.Len(t, p.Errors, 1)
			require.Equal(t, api.Code(c.code), p.Errors[0].Code)
		})
	}
}
