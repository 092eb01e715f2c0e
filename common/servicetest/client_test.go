package servicetest

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
)

// failing is a test that may fail: it notes that it has.
type failing struct {
	testing.TB

	failed bool
}

func (f *failing) Helper()                   {}
func (f *failing) Errorf(_ string, _ ...any) { f.failed = true }
func (f *failing) FailNow()                  { runtime.Goexit() }

// fails reports whether a check fails its test.
func fails(t *testing.T, check func(t testing.TB)) bool {
	t.Helper()
	f, done := &failing{TB: t}, make(chan struct{})
	go func() {
		defer close(done)
		check(f)
	}()
	<-done
	return f.failed
}

func TestClient(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/api/v1/x/taken" {
			w.Header().Set("Content-Type", "application/problem+json")
			w.Header().Set("X-Request-ID", "1")
			w.WriteHeader(http.StatusConflict)
			_, _ = io.WriteString(w, `{"title":"Conflict","status":409,"detail":"no","instance":"/taken","request_id":"1",`+
				`"errors":[{"location":"body.name","message":"is taken","code":"name_taken"},{"location":"body.id","message":"is odd","code":"invalid"}]}`)
			return
		}
		body, _ := io.ReadAll(r.Body)
		h := r.Header
		_, _ = fmt.Fprintf(w, `{"id":7,"seen":%q}`, r.Method+" "+r.URL.String()+" "+h.Get("Content-Type")+" "+
			h.Get("Authorization")+h.Get("X-Api-Key")+" "+h.Get("If-Match")+" "+string(body))
	}))
	t.Cleanup(server.Close)
	c := &Client{t: t, base: server.URL + "/api/v1/x", transport: server.Client().Transport}

	t.Run("a request is what was asked for", func(t *testing.T) {
		t.Parallel()
		c := c.For(t)
		for want, answer := range map[string]*Answer{
			"GET /api/v1/x/a?b=1    ":                                  c.Get("/a?b=1"),
			"GET /ctrl    ":                                            c.Outside().Get("/ctrl"),
			"DELETE /api/v1/x/a  Bearer secret  ":                      c.As("secret").Delete("/a"),
			"POST /api/v1/x/a  nms_key  ":                              c.As("secret").As("nms_key").Post("/a", nil),
			`PATCH /api/v1/x/a application/json  "1" {}`:               c.Patch("/a", `{}`, `If-Match: "1"`),
			`POST /api/v1/x/a application/json   {"b":1}`:              c.Post("/a", map[string]int{"b": 1}),
			"POST /api/v1/x/a text/csv   x,y":                          c.Post("/a", "x,y", "Content-Type: text/csv"),
			`POST /api/v1/x/a application/json  "2" {}`:                c.With(`If-Match: "1"`).Post("/a", []byte("{}"), `If-Match: "2"`),
			"POST /api/v1/x/a application/x-www-form-urlencoded   b=1": c.Post("/a", url.Values{"b": {"1"}}),
		} {
			require.Equal(t, want, answer.Is(http.StatusOK).Field("seen"))
			require.EqualValues(t, 7, answer.ID())
		}
	})
	t.Run("a refusal is looked at as a whole", func(t *testing.T) {
		t.Parallel()
		c.For(t).Post("/taken", nil).Refused(http.StatusConflict, "body.name", "name_taken").Refused(http.StatusConflict, "body.id", "invalid")
		for name, check := range map[string]func(a *Answer){
			"another status": func(a *Answer) { a.Refused(http.StatusNotFound, "body.name", "name_taken") },
			"another place":  func(a *Answer) { a.Refused(http.StatusConflict, "body", "name_taken") },
			"another code":   func(a *Answer) { a.Refused(http.StatusConflict, "body.name", "invalid") },
			"no id":          func(a *Answer) { a.ID() },
			"no status":      func(a *Answer) { a.Is(http.StatusOK) },
		} {
			require.True(t, fails(t, func(f testing.TB) { check(c.For(f).Post("/taken", nil)) }), name)
		}
		require.True(t, fails(t, func(f testing.TB) { c.For(f).Get("/").Refused(http.StatusOK, "body", "invalid") }), "no problem at all")
	})
}
