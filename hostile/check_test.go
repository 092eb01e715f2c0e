package hostile

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/stretchr/testify/require"

	"nms.example/common/api"
	"nms.example/common/fault"
)

type nameInput struct {
	Body struct {
		Name string `json:"name" maxLength:"1000"`
	}
}

type nameOutput struct {
	Body struct {
		Name string `json:"name" maxLength:"8"`
	}
}

// attack runs the kit's cases of single requests against a handler.
func attack(t *testing.T, handler http.Handler) *kit {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	k := newKit(strings.TrimPrefix(server.URL, "http://"))
	k.sign, k.short = func() string { return "token" }, false
	require.NoError(t, k.readDocument(t.Context()))
	k.all(t.Context(), k.goods())
	k.all(t.Context(), k.attempts())
	k.metrics(t.Context())
	return k
}

// named is a service with one operation.
func named(handler func(context.Context, *nameInput) (*nameOutput, error)) http.Handler {
	a := api.New(api.Options{MaxBodyBytes: 1 << 20})
	api.Register(a, huma.Operation{Method: http.MethodPost, Path: "/names", OperationID: "post-name"}, api.Public, handler)
	return a.Handler()
}

func (k *kit) holds(text string) bool { return strings.Contains(strings.Join(k.findings, "\n"), text) }

func TestAGoodServiceHasNoFindings(t *testing.T) {
	t.Parallel()
	server := named(func(context.Context, *nameInput) (*nameOutput, error) { return new(nameOutput), nil })
	k := attack(t, server)
	for _, finding := range k.findings {
		// What net/http refuses by itself becomes a problem by api.Listener, which a service has.
		require.True(t, strings.Contains(finding, "not one X-Request-ID") || strings.Contains(finding, "Unsupported transfer encoding"), finding)
	}
	require.Greater(t, k.total, 100)
}

func TestFaultsAreFound(t *testing.T) {
	t.Parallel()
	k := attack(t, named(func(_ context.Context, in *nameInput) (*nameOutput, error) {
		switch {
		case strings.Contains(in.Body.Name, "'"):
			panic("as a wrong statement would do")
		case strings.Contains(in.Body.Name, "%"):
			return nil, &api.Problem{Title: "Conflict", Status: http.StatusConflict, Detail: in.Body.Name + " is taken"}
		case strings.Contains(in.Body.Name, "_"):
			return nil, fault.New(fault.CodeNameTaken, "is taken")
		case strings.Contains(in.Body.Name, "<"):
			return nil, &api.Problem{Title: "Unprocessable Entity", Status: http.StatusUnprocessableEntity, Detail: "is taken",
				Errors: []api.ProblemDetail{{Location: "body.name", Message: "is taken", Code: "not_declared"}}}
		}
		out := new(nameOutput)
		out.Body.Name = in.Body.Name
		return out, nil
	}))
	require.True(t, k.holds("a failure of the server"), "a panic")
	require.True(t, k.holds("the offending value in its detail"), "a value that comes back")
	require.True(t, k.holds("is not in the document"), "a status of its own")
	require.True(t, k.holds("no reason with a code of this status"), "a code that nobody declared")
	require.True(t, k.holds("not as the document says"), "a body that is longer than said")
}

func TestALogWithForgedLinesIsFound(t *testing.T) {
	t.Parallel()
	for name, log := range map[string]string{
		"line": "time=1 msg=a\nlevel=ERROR msg=" + forged, "json": "{\"msg\":\"a\"}\n{\"level\":\"INFO\",\"msg\":\"" + forged + "\"}", "broken": "{\"a\":\n\"b\"}", "control": "a\x1b[2J",
		"token": "x eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc", "failure": `{"time":"x","level":"ERROR"}`, "secret": "x hush x",
	} {
		k := newKit("")
		k.secrets = []string{"hush"}
		k.checkLog(log)
		require.NotEmpty(t, k.findings, name)
	}
	k := newKit("")
	k.checkLog("{\"time\":\"x\",\"level\":\"INFO\",\"path\":\"/level=ERROR msg=" + forged + "\"}\n")
	require.Empty(t, k.findings)
}

func TestAnAnswerWithoutARequestIDIsFound(t *testing.T) {
	t.Parallel()
	good := named(func(context.Context, *nameInput) (*nameOutput, error) { return new(nameOutput), nil })
	k := attack(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/openapi.json" {
			good.ServeHTTP(w, r)
			return
		}
		_, _ = io.Copy(w, r.Body)
	}))
	require.True(t, k.holds("not one X-Request-ID"))
}

// HOSTILE_TIME tries every case, and then random combinations.
func TestTheLongVersionTriesAllAndCombinations(t *testing.T) {
	t.Setenv(TimeVariable, "90s")
	require.Equal(t, 90*time.Second, duration(t))
	k := attack(t, named(func(context.Context, *nameInput) (*nameOutput, error) { return new(nameOutput), nil }))
	op := k.document.operations[0]
	whole := len(k.values(op))
	k.all(t.Context(), k.combined())
	require.Positive(t, k.cases["combined"])
	k.short = true
	require.Less(t, len(k.some(1, k.values(op))), whole, "what the short version leaves out")
}
