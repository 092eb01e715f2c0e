package api_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"nms.example/common/api"
	"nms.example/common/fault"
	"nms.example/common/waittest"
)

func TestEveryRefusalIsAProblem(t *testing.T) {
	t.Parallel()
	b := setup(t, registerThings)

	t.Run("unknown path", func(t *testing.T) {
		t.Parallel()
		p := b.problem(b.get("/api/v1/nothing"), 404)
		require.NotEmpty(t, at(p, "path"))
	})
	t.Run("method", func(t *testing.T) {
		t.Parallel()
		for _, method := range []string{http.MethodDelete, "BREW"} {
			a := b.do(method, "/api/v1/things", nil)
			b.problem(a, 405)
			require.Equal(t, "POST, OPTIONS", a.Header.Get("Allow"))
		}
		a := b.do(http.MethodPut, "/api/v1/things/7/", nil)
		b.problem(a, 405)
		require.Equal(t, "GET, HEAD, OPTIONS", a.Header.Get("Allow"))
	})
	t.Run("options", func(t *testing.T) {
		t.Parallel()
		a := b.do(http.MethodOptions, "/api/v1/things", nil)
		require.Equal(t, 204, a.StatusCode)
		require.Equal(t, "POST, OPTIONS", a.Header.Get("Allow"))
		b.problem(b.do(http.MethodOptions, "/api/v1/nothing", nil), 404)
	})
	t.Run("content type", func(t *testing.T) {
		t.Parallel()
		p := b.problem(b.post("/api/v1/things", goodThing, "Content-Type", "text/plain"), 415)
		require.Contains(t, at(p, "header.Content-Type"), "application/json")
		for _, taken := range []string{"application/json; charset=utf-8", `application/json; charset="UTF-8"`, "Application/JSON", "application/merge-patch+json", ""} {
			require.Equal(t, 201, b.post("/api/v1/things", goodThing, "Content-Type", taken).StatusCode, taken)
		}
		for _, other := range []string{"application/json; charset=utf-16", `application/json;charset="ISO-8859-1"`, "application/json; boundary=x; charset=windows-1251"} {
			p := b.problem(b.post("/api/v1/things", goodThing, "Content-Type", other), 415)
			require.Contains(t, at(p, "header.Content-Type"), "in UTF-8", other)
		}
	})
	t.Run("path escapes", func(t *testing.T) {
		t.Parallel()
		for _, path := range []string{"/api/v1/things/%00", "/api/v1/%ff"} {
			b.problem(b.get(path), 400)
		}
	})
}

func TestUnreadableBodies(t *testing.T) {
	t.Parallel()
	b := setup(t, registerThings)
	secret := "hunter2"
	for name, body := range map[string]string{
		"empty":    "",
		"cut":      `{"name":"` + secret,
		"text":     secret,
		"trailing": goodThing + `"` + secret + `"`,
		"utf-8":    `{"id":1,"name":"` + secret + "\xff" + `","location":{"lat":1,"lng":2}}`,
		"nul byte": "{\"id\":1,\"name\":\"" + secret + "\x00\"}",
		"deep":     strings.Repeat("[", 20000) + secret,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := b.post("/api/v1/things", body)
			b.problem(a, 400)
			require.NotContains(t, string(a.body), secret)
			require.NotContains(t, string(a.body), "json:")
			require.NotContains(t, string(a.body), "invalid character")
		})
	}
}

func TestValidationNamesEveryPlaceAndNoValue(t *testing.T) {
	t.Parallel()
	b := setup(t, registerThings)

	a := b.post("/api/v1/things", `{"id":0,"name":"hunter2hunter2hunter2","location":{"lat":91.25},"extra":"hunter2","Note":"hunter2"}`)
	p := b.problem(a, 422)
	require.NotContains(t, string(a.body), "hunter2")
	require.NotContains(t, string(a.body), "91.25")
	require.Equal(t, "expected number >= 1", at(p, "body.id"))
	require.Equal(t, "expected length <= 20", at(p, "body.name"))
	require.Equal(t, "expected number <= 90", at(p, "body.location.lat"))
	require.Equal(t, "is required", at(p, "body.location.lng"))
	require.Equal(t, "unexpected property", at(p, "body.extra"))
	require.Equal(t, "unexpected property", at(p, "body.Note"), "names are case-sensitive")
	require.Len(t, p.Errors, 6)

	for body, location := range map[string]string{
		`{"id":9223372036854775808,"name":"n","location":{"lat":1,"lng":2}}`:             "body.id",
		`{"id":1e400,"name":"n","location":{"lat":1,"lng":2}}`:                           "body.id",
		`{"id":1,"name":"n","location":{"lat":1,"lng":1e999}}`:                           "body.location.lng",
		`{"id":1.5,"name":"n","location":{"lat":1,"lng":2}}`:                             "body.id",
		`{"id":1,"name":"hunter2\u0000","location":{"lat":1,"lng":2}}`:                   "body.name",
		`{"id":1,"name":"n","location":{"lat":1,"lng":2},"note":"\\u0000"}`:              "",
		`{"id":1,"name":"n","location":{"lat":1,"lng":2},"note":"\ud800"}`:               "body.note",
		`{"id":1,"name":"n","location":{"lat":1,"lng":2},"note":"\udc00\ud800"}`:         "body.note",
		`{"id":1,"name":"n","location":{"lat":1,"lng":2},"note":"\ud83d\ude00 \\ud800"}`: "",
		`{"id":1,"name":"n","location":{"lat":1,"lng":2},"note":"\\\u0000"}`:             "body.note",
		`{"id":1,"name":null,"location":{"lat":1,"lng":2}}`:                              "body.name",
		`[]`:   "body",
		`null`: "body",
	} {
		a := b.post("/api/v1/things", body)
		if location == "" {
			require.Equal(t, 201, a.StatusCode, "%s", a.body)
			continue
		}
		p := b.problem(a, 422)
		require.NotEmpty(t, at(p, location), "%s: %s", body, a.body)
		require.NotContains(t, string(a.body), "hunter2")
		require.NotContains(t, string(a.body), "Go struct")
	}
}

func TestIdentifiersAreFrom1ToInt64(t *testing.T) {
	t.Parallel()
	b := setup(t, registerThings)
	for id, status := range map[string]int{
		"1": 200, "9223372036854775807": 200,
		"0": 422, "-1": 422, "9223372036854775808": 422, "x": 422, "1.0": 422, "%20": 422,
	} {
		a := b.get("/api/v1/things/" + id)
		require.Equal(t, status, a.StatusCode, id)
		if status == 422 {
			require.NotEmpty(t, at(b.problem(a, 422), "path.id"))
		}
	}
}

func TestTheNumberOfReasonsIsBounded(t *testing.T) {
	t.Parallel()
	type input struct {
		Body []int64
	}
	b := setup(t, func(a *api.API) {
		api.Register(a, huma.Operation{Method: http.MethodPost, Path: "/api/v1/list"}, api.Public,
			func(context.Context, *input) (*struct{}, error) { return nil, nil })
	})
	p := b.problem(b.post("/api/v1/list", "["+strings.Repeat(`"a",`, 50000)+`"a"]`), 422)
	require.Len(t, p.Errors, 101)
	require.Equal(t, "body[0]", p.Errors[0].Location)
}

func TestNamesOfTheClientsAreCut(t *testing.T) {
	t.Parallel()
	b := setup(t, registerThings)
	long := strings.Repeat("k", 100_000)
	for _, body := range []string{`{"` + long + `":1}`, `{"` + long + `":"\u0000"}`, `{"` + long + `\u0000":1}`} {
		a := b.post("/api/v1/things", body)
		b.problem(a, 422)
		require.Less(t, len(a.body), 2000)
	}
	a := b.get("/api/v1/" + long)
	require.Equal(t, 404, a.StatusCode)
	require.Less(t, len(a.body), 2000)
}

type failInput struct {
	How string `query:"how"`
}

func registerFailing(a *api.API) {
	taken := fault.At(fault.Field("name"), fault.CodeNameTaken, "the name is taken")
	api.Register(a, huma.Operation{Method: http.MethodGet, Path: "/api/v1/fail", OperationID: "fail"}, api.Public,
		func(ctx context.Context, in *failInput) (*thingOutput, error) {
			switch in.How {
			case "plain":
				return nil, errors.New(`pq: password "hunter2" is wrong`)
			case "conflict":
				return nil, fmt.Errorf("create: %w", taken.Because(errors.New("SQLSTATE 23505 hunter2")))
			case "busy":
				return nil, fault.New(fault.CodeBusy, "busy").After(1500 * time.Millisecond)
			case "oauth":
				f := *fault.List(fault.Malformed, "wrong login or password")
				f.OAuth = "invalid_grant"
				return nil, &f
			case "internal":
				return nil, fault.List(fault.Internal, "hunter2")
			case "panic":
				panic("hunter2")
			case "nan":
				return &thingOutput{Body: thing{Location: place{Lat: math.NaN()}}}, nil
			case "slow":
				<-ctx.Done()
				return nil, fmt.Errorf("query: %w", ctx.Err())
			case "driver":
				<-ctx.Done()
				return nil, os.ErrDeadlineExceeded
			case "huma":
				return nil, huma.Error404NotFound("no such thing", errors.New("pq: hunter2"))
			}
			return nil, nil
		}, api.Timeout(50*time.Millisecond))
}

func TestErrorsOfHandlers(t *testing.T) {
	t.Parallel()
	b := setup(t, registerFailing)
	for how, want := range map[string]struct {
		status int
		detail string
	}{
		"plain":    {500, "internal error"},
		"internal": {500, "internal error"},
		"panic":    {500, "internal error"},
		"nan":      {500, "internal error"},
		"conflict": {409, "the name is taken"},
		"busy":     {503, "busy"},
		"oauth":    {400, "wrong login or password"},
		"slow":     {503, "the request took longer than it may"},
		"driver":   {503, "the request took longer than it may"},
		"huma":     {404, "no such thing"},
	} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			a := b.get("/api/v1/fail?how="+how, "X-Request-ID", "find-"+how)
			p := b.problem(a, want.status)
			require.Equal(t, want.detail, p.Detail)
			require.NotContains(t, string(a.body), "hunter2")
			require.NotContains(t, string(a.body), "pq:")
			require.Equal(t, "find-"+how, p.RequestID)
			switch how {
			case "busy":
				require.Equal(t, "2", a.Header.Get("Retry-After"))
			case "slow", "driver":
				require.Equal(t, "1", a.Header.Get("Retry-After"))
			case "oauth":
				require.Equal(t, "invalid_grant", p.OAuth)
			case "conflict":
				require.Equal(t, "the name is taken", at(p, "body.name"))
			}
		})
	}
	t.Cleanup(func() {
		line := b.logLine("find-plain")
		require.Contains(t, line, `hunter2`, "the cause is found in the log by the request id")
		require.Contains(t, line, `"level":"ERROR"`)
		require.Contains(t, b.logLine("find-panic"), "problem_test.go", "with the stack of a panic")
	})
}

// logLine finds the line of a request.
func (b *bundle) logLine(id string) string {
	b.t.Helper()
	var found string
	require.Eventually(b.t, func() bool {
		for line := range strings.Lines(b.log.String()) {
			if strings.Contains(line, `"request_id":"`+id+`"`) {
				found = line
				return true
			}
		}
		return false
	}, waittest.Bound, time.Millisecond, "no line for %s", id)
	return found
}

func TestAPanicAfterTheFirstByteCutsTheConnection(t *testing.T) {
	t.Parallel()
	b := setup(t, func(a *api.API) {
		api.Register(a, huma.Operation{Method: http.MethodGet, Path: "/api/v1/broken"}, api.Public,
			func(context.Context, *struct{}) (*huma.StreamResponse, error) {
				return &huma.StreamResponse{Body: func(hc huma.Context) {
					s := api.OpenStream(hc, "application/x-ndjson", time.Second)
					_, _ = s.Write([]byte("{}\n"))
					_ = s.Flush()
					panic("late")
				}}, nil
			})
	})
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, b.server.URL+"/api/v1/broken", nil)
	require.NoError(t, err)
	resp, err := b.client.Do(r)
	require.NoError(t, err)
	defer resp.Body.Close()
	buf := make([]byte, 100)
	n, err := resp.Body.Read(buf)
	for err == nil {
		n, err = resp.Body.Read(buf[n:])
	}
	require.ErrorContains(t, err, "unexpected EOF", "a cut answer must not look complete")
}

func TestTextsOfParametersDoNotLeak(t *testing.T) {
	t.Parallel()
	type input struct {
		ID   uuid.UUID `query:"id"`
		At   time.Time `query:"at"`
		F    float64   `query:"f"`
		Box  []float64 `query:"box"`
		N    int32     `query:"n"`
		Mail string    `query:"mail" format:"email"`
		UUID string    `query:"uuid" format:"uuid"`
	}
	b := setup(t, func(a *api.API) {
		api.Register(a, huma.Operation{Method: http.MethodGet, Path: "/api/v1/params"}, api.Public,
			func(context.Context, *input) (*struct{}, error) { return nil, nil })
	})
	p := b.problem(b.get("/api/v1/params?id=hunter2&at=hunter2&f=hunter2&mail=hunter2&uuid=hunter2"), 422)
	require.Len(t, p.Errors, 5)
	for _, e := range p.Errors {
		for _, leak := range []string{"hunter2", "%v", "mail:", "length: 7", "2006", "strconv"} {
			require.NotContains(t, e.Message, leak)
		}
	}
	for _, f := range []string{"NaN", "inf", "-Infinity", "0x1p-2"} {
		require.NotEmpty(t, at(b.problem(b.get("/api/v1/params?f="+f), 422), "query.f"), f)
	}
	require.NotEmpty(t, at(b.problem(b.get("/api/v1/params?box=1,2,NaN,4"), 422), "query.box"))
	require.NotEmpty(t, at(b.problem(b.get("/api/v1/params?n=4294967297"), 422), "query.n"), "not cut to 32 bits")
	require.Equal(t, 204, b.get("/api/v1/params?f=-1.5e3&_unknown=1&box=1,-2.5&n=-7").StatusCode)
	for _, q := range []string{"%zz=1", "a=%", "a;b=1"} {
		b.problem(b.get("/api/v1/params?"+q), 400)
	}
	for _, q := range []string{"mail=%00", "mail=%ff", "other=%00"} {
		b.problem(b.get("/api/v1/params?"+q), 422)
	}
}

func TestStatusOf(t *testing.T) {
	t.Parallel()
	for kind, status := range map[fault.Kind]int{
		fault.Internal: 500, fault.Malformed: 400, fault.Unauthenticated: 401, fault.Forbidden: 403,
		fault.NotFound: 404, fault.Conflict: 409, fault.PreconditionFailed: 412, fault.TooLarge: 413,
		fault.UnsupportedMedia: 415, fault.Invalid: 422, fault.PreconditionNeeded: 428, fault.TooMany: 429,
		fault.Unavailable: 503,
	} {
		require.Equal(t, status, api.StatusOf(fmt.Errorf("x: %w", fault.List(kind, "m"))))
	}
	require.Equal(t, 500, api.StatusOf(errors.New("x")))
	require.Equal(t, 503, api.StatusOf(context.DeadlineExceeded))
}
