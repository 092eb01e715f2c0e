package api_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"nms.example/common/api"
)

// FuzzRequest sends anything at an API: no request may be answered with a failure of the server, or
// with a refusal that is no complete problem.
func FuzzRequest(f *testing.F) {
	for _, seed := range [][5]string{
		{"POST", "/api/v1/things", "", "", goodThing},
		{"POST", "/api/v1/things/", "a=%00", "gzip", "\x1f\x8b"},
		{"POST", "/api/v1/lines", "", "zstd", "\x28\xb5\x2f\xfd"},
		{"GET", "/api/v1/things/1", "id=2", "", ""},
		{"PATCH", "/api/v1/x", "", "", `{"name":null,"parent_id":null}`},
		{"OPTIONS", "/api/v1/%2F", ";", "br", ""},
		{"HEAD", "/openapi.json//", "", "", ""},
	} {
		f.Add(seed[0], seed[1], seed[2], seed[3], seed[4])
	}
	a := api.New(api.Options{MaxBodyBytes: 1 << 16, Dev: true})
	registerThings(a)
	registerLines(a)
	registerPatch(a)
	f.Fuzz(func(t *testing.T, method, path, query, encoding, body string) {
		decoded, err := url.PathUnescape(path)
		if err != nil || method == "" || strings.ContainsAny(method, " \r\n") {
			return
		}
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", strings.NewReader(body))
		r.Method, r.URL = method, &url.URL{Path: decoded, RawPath: path, RawQuery: query}
		r.Header.Set("Content-Encoding", encoding)
		w := httptest.NewRecorder()
		a.Handler().ServeHTTP(w, r)
		if w.Code >= 500 || w.Code < 200 {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
		if w.Code < 400 {
			return
		}
		var p api.Problem
		if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil {
			t.Fatalf("%v in %q", err, w.Body)
		}
		if p.Status != w.Code || p.RequestID == "" || p.Detail == "" || len(p.Errors) == 0 || !utf8.Valid(w.Body.Bytes()) ||
			w.Header().Get("Content-Type") != api.ProblemContentType {
			t.Fatalf("incomplete: %s", w.Body)
		}
	})
}
