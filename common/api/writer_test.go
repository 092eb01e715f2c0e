package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"
	"github.com/stretchr/testify/require"

	"nms.example/common/api"
	"nms.example/common/waittest"
)

// registerSizes adds routes that answer with n bytes of one media type, in one write or in many.
func registerSizes(a *api.API) {
	a.Engine().GET("/bytes/:n", func(g *gin.Context) {
		n, _ := strconv.Atoi(g.Param("n"))
		g.Header("Content-Type", g.DefaultQuery("type", "application/json"))
		if coding := g.Query("coding"); coding != "" {
			g.Header("Content-Encoding", coding)
		}
		if tag := g.Query("tag"); tag != "" {
			g.Header("ETag", tag)
		}
		status, _ := strconv.Atoi(g.DefaultQuery("status", "200"))
		g.Status(status)
		piece := n
		if g.Query("pieces") != "" {
			piece = 1000
		}
		for sent := 0; sent < n; sent += piece {
			_, _ = g.Writer.Write(bytes.Repeat([]byte("x"), min(piece, n-sent)))
			if g.Query("flush") != "" {
				g.Writer.Flush()
			}
		}
	})
}

func TestAnswersOver50KiBAreCompressedWhenAccepted(t *testing.T) {
	t.Parallel()
	b := setup(t, registerSizes)
	const limit = 50 << 10
	over := "/bytes/" + strconv.Itoa(limit+1)
	for _, c := range []struct {
		path, accept string
		gzip         bool
	}{
		{over, "gzip", true},
		{over + "?pieces=1", "gzip", true},
		{"/bytes/5000000?pieces=1", "gzip", true},
		{"/bytes/" + strconv.Itoa(limit), "gzip", false},
		{"/bytes/" + strconv.Itoa(limit) + "?pieces=1", "gzip", false},
		{over, "", false},
		{over, "br", false},
		{over, "br, GZIP;q=0.5", true},
		{over, "deflate, gzip;q=1.0, *;q=0.5", true},
		{over, "gzip;q=0", false},
		{over, "gzip;q=0, *", false},
		{over, "*", true},
		{over, "*;q=0", false},
		{over, "identity, gzip;q=0.5", false},
		{over, "identity;q=0.5, gzip", true},
		{over, "gzip;q=rubbish", false},
		{over, "gzip;q=NaN", false},
		{over + "?type=text/event-stream", "gzip", false},
		{over + "?type=image/png", "gzip", false},
		{over + "?type=image/svg%2Bxml", "gzip", true},
		{over + "?coding=br", "gzip", false},
		{over + "?pieces=1&flush=1", "gzip", false},
	} {
		a := b.get(c.path, "Accept-Encoding", c.accept)
		require.Equal(t, 200, a.StatusCode)
		require.Equal(t, "Accept-Encoding", a.Header.Get("Vary"))
		plain := a.body
		if c.gzip {
			require.Equal(t, "gzip", a.Header.Get("Content-Encoding"), "%s for %s", c.path, c.accept)
			plain = gunzipped(t, a.body)
			require.Less(t, len(a.body), len(plain)/10)
		} else {
			require.NotEqual(t, "gzip", a.Header.Get("Content-Encoding"), "%s for %s", c.path, c.accept)
		}
		n, err := strconv.Atoi(strings.TrimPrefix(strings.Split(c.path, "?")[0], "/bytes/"))
		require.NoError(t, err)
		require.Len(t, plain, n)
		require.Equal(t, n, bytes.Count(plain, []byte("x")))
	}
	a := b.get("/bytes/100")
	require.Equal(t, int64(100), a.ContentLength)
	for _, status := range []int{204, 304} {
		a := b.get("/bytes/0?status=" + strconv.Itoa(status))
		require.Equal(t, status, a.StatusCode)
		require.Empty(t, a.Header.Get("Content-Type"))
	}
}

func TestTagsTellTheCodingsApart(t *testing.T) {
	t.Parallel()
	b := setup(t, registerSizes)
	require.Equal(t, `"v1"`, b.get(`/bytes/60000?tag="v1"`).Header.Get("ETag"))
	a := b.get(`/bytes/60000?tag="v1"`, "Accept-Encoding", "gzip")
	require.Equal(t, `"v1-gzip"`, a.Header.Get("ETag"))
	require.Equal(t, "private, no-cache", a.Header.Get("Cache-Control"))
	require.Equal(t, `"v1"`, b.get(`/bytes/600?tag="v1"`, "Accept-Encoding", "gzip").Header.Get("ETag"))
}

type conditionalInput struct {
	api.Conditional
	Size int `query:"size" default:"1"`
}

type readyOutput struct {
	ETag string `header:"ETag"`
	Body api.Ready[[]thing]
}

func registerReady(t *testing.T, a *api.API) {
	t.Helper()
	bodies := map[int]api.Ready[[]thing]{}
	for _, n := range []int{1, 5000} {
		plain, err := json.Marshal(make([]thing, n))
		require.NoError(t, err)
		bodies[n] = api.Ready[[]thing]{JSON: plain, Gzip: gzipped(t, plain)}
	}
	api.Register(a, huma.Operation{Method: http.MethodGet, Path: "/api/v1/tree", OperationID: "get-tree"}, api.Public,
		func(_ context.Context, in *conditionalInput) (*readyOutput, error) {
			if err := in.Evaluate(`"t1"`); err != nil {
				return nil, err
			}
			return &readyOutput{ETag: `"t1"`, Body: bodies[in.Size]}, nil
		})
	api.Register(a, huma.Operation{Method: http.MethodPatch, Path: "/api/v1/tree", OperationID: "patch-tree"}, api.Public,
		func(_ context.Context, in *conditionalInput) (*struct{}, error) { return nil, in.Check(`"t1"`) })
	api.Register(a, huma.Operation{Method: http.MethodDelete, Path: "/api/v1/tree", OperationID: "delete-tree"}, api.Public,
		func(_ context.Context, in *conditionalInput) (*struct{}, error) { return nil, in.Check(`"t1"`) })
}

func TestReadyBodies(t *testing.T) {
	t.Parallel()
	b := setup(t, func(a *api.API) { registerReady(t, a) })
	small := b.get("/api/v1/tree", "Accept-Encoding", "gzip")
	require.Equal(t, "application/json", small.Header.Get("Content-Type"))
	require.Empty(t, small.Header.Get("Content-Encoding"))
	require.Equal(t, `"t1"`, small.Header.Get("ETag"))

	plain := b.get("/api/v1/tree?size=5000")
	packed := b.get("/api/v1/tree?size=5000", "Accept-Encoding", "gzip")
	require.Equal(t, "gzip", packed.Header.Get("Content-Encoding"))
	require.Equal(t, `"t1-gzip"`, packed.Header.Get("ETag"))
	require.EqualValues(t, len(packed.body), packed.ContentLength)
	require.Equal(t, plain.body, gunzipped(t, packed.body))
	require.Equal(t, gzipped(t, plain.body), packed.body, "not compressed again")

	head := b.do(http.MethodHead, "/api/v1/tree?size=5000", nil, "Accept-Encoding", "gzip")
	require.Equal(t, packed.ContentLength, head.ContentLength)

	schema := b.api.Huma().OpenAPI().Paths["/api/v1/tree"].Get.Responses["200"].Content["application/json"].Schema
	require.Equal(t, "array", schema.Type)
}

func TestConditionalRequests(t *testing.T) {
	t.Parallel()
	b := setup(t, func(a *api.API) { registerReady(t, a) })
	for field, tag := range map[string]string{
		`"t1"`: `"t1"`, `W/"t1"`: `W/"t1"`, `"t1-gzip"`: `"t1-gzip"`, `*`: `"t1"`,
		`"a", W/"b","t1"`: `"t1"`, `"a,b" , "t1-gzip"`: `"t1-gzip"`,
	} {
		a := b.get("/api/v1/tree?size=5000", "If-None-Match", field, "Accept-Encoding", "gzip")
		require.Equal(t, 304, a.StatusCode, field)
		require.Equal(t, tag, a.Header.Get("ETag"))
		require.Empty(t, a.body)
		require.Empty(t, a.Header.Get("Content-Type"))
		require.Equal(t, "private, no-cache", a.Header.Get("Cache-Control"))
	}
	for _, field := range []string{`"t2"`, `t1`, `"t1`, `"t1"x"`, `W/t1`, ``, `"T1"`} {
		want := 200
		if strings.HasPrefix(field, `"t1"x`) {
			want = 304 // the first tag of the list is sound
		}
		require.Equal(t, want, b.get("/api/v1/tree", "If-None-Match", field).StatusCode, field)
	}
	for field, status := range map[string]int{
		`"t1"`: 204, `*`: 204, `"t1-gzip"`: 204, `"a", "t1"`: 204, `W/"t1"`: 412, `"t2"`: 412, `t1`: 412,
	} {
		for _, method := range []string{"PATCH", "DELETE"} {
			a := b.do(method, "/api/v1/tree", nil, "If-Match", field)
			require.Equal(t, status, a.StatusCode, field)
			if status == 412 {
				require.NotEmpty(t, at(b.problem(a, 412), "header.If-Match"))
			}
		}
	}
	for field, status := range map[string]int{`"t1"`: 200, `*`: 200, `"t2"`: 412} {
		a := b.get("/api/v1/tree", "If-Match", field)
		require.Equal(t, status, a.StatusCode, field)
		if status == 412 {
			require.NotEmpty(t, at(b.problem(a, 412), "header.If-Match"))
		}
	}
	for _, op := range []*huma.Operation{b.api.Huma().OpenAPI().Paths["/api/v1/tree"].Get, b.api.Huma().OpenAPI().Paths["/api/v1/tree"].Delete} {
		require.Contains(t, op.Responses, "412", op.Method)
	}
	require.Equal(t, 412, b.get("/api/v1/tree", "If-Match", `"t2"`, "If-None-Match", `"t1"`).StatusCode, "If-Match comes first")
	require.Equal(t, 204, b.do("DELETE", "/api/v1/tree", nil).StatusCode)
	for field, status := range map[string]int{`*`: 412, `"t1"`: 412, `W/"t1"`: 412, `"t2"`: 204} {
		a := b.do("PATCH", "/api/v1/tree", nil, "If-None-Match", field)
		require.Equal(t, status, a.StatusCode, field)
		if status == 412 {
			require.NotEmpty(t, at(b.problem(a, 412), "header.If-None-Match"))
		}
	}
	require.NoError(t, api.Conditional{IfNoneMatch: "*"}.Check(""), "nothing is there")
	require.ErrorIs(t, api.Conditional{IfMatch: "*"}.Check(""), api.ErrPreconditionFailed, "nothing is there")
	require.Regexp(t, `^"[A-Za-z0-9_-]{16}"$`, api.ETagOf([]byte("x")))
}

func TestEventStream(t *testing.T) {
	t.Parallel()
	gone := make(chan struct{})
	b := setup(t, func(a *api.API) {
		api.Register(a, huma.Operation{Method: http.MethodGet, Path: "/api/v1/stream"}, api.Public,
			func(ctx context.Context, _ *struct{}) (*huma.StreamResponse, error) {
				return &huma.StreamResponse{Body: func(hc huma.Context) {
					defer close(gone)
					s := api.OpenStream(hc, "text/event-stream", time.Second)
					_, _ = s.Write([]byte("data: 1\n\n"))
					_ = s.Flush()
					<-ctx.Done()
				}}, nil
			}, api.Timeout(0))
	})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, b.server.URL+"/api/v1/stream/", nil)
	require.NoError(t, err)
	r.Header.Set("Accept-Encoding", "gzip")
	resp, err := b.client.Do(r)
	require.NoError(t, err)
	defer resp.Body.Close()
	require.Equal(t, "text/event-stream", resp.Header.Get("Content-Type"))
	require.Empty(t, resp.Header.Get("Content-Encoding"))
	buf := make([]byte, 64)
	n, err := resp.Body.Read(buf)
	require.NoError(t, err)
	require.Equal(t, "data: 1\n\n", string(buf[:n]))
	cancel()
	select {
	case <-gone:
	case <-time.After(waittest.Bound):
		t.Fatal("the handler does not notice that the client left")
	}
}

func TestStreamsOutliveTheServersTimeouts(t *testing.T) {
	t.Parallel()
	const serverTimeout = 2 * time.Second
	b := setup(t, func(a *api.API) {
		api.Register(a, huma.Operation{Method: http.MethodGet, Path: "/api/v1/stream"}, api.Public,
			func(ctx context.Context, _ *struct{}) (*huma.StreamResponse, error) {
				return &huma.StreamResponse{Body: func(hc huma.Context) {
					s := api.OpenStream(hc, "text/event-stream", time.Second)
					for range 3 {
						select {
						case <-ctx.Done():
							return
						case <-time.After(serverTimeout / 2):
						}
						_, _ = s.Write([]byte("data\n"))
						_ = s.Flush()
					}
				}}, nil
			}, api.Timeout(0))
	})
	server := httptest.NewUnstartedServer(b.api.Handler())
	server.Config.ReadTimeout, server.Config.WriteTimeout = serverTimeout, serverTimeout
	server.Start()
	defer server.Close()
	b.server = server
	a := b.get("/api/v1/stream")
	require.Equal(t, strings.Repeat("data\n", 3), string(a.body))
}

// An answer that takes longer to make than the server's write timeout is sent all the same: that bounds how long a client
// may take for it.
func TestAnAnswerThatTookLongToMakeIsSent(t *testing.T) {
	t.Parallel()
	const timeout = 5 * time.Second
	b := setup(t, func(a *api.API) {
		a.Engine().GET("/slow", func(g *gin.Context) {
			time.Sleep(timeout + time.Second)
			g.String(http.StatusOK, "made")
		})
	})
	server := httptest.NewUnstartedServer(b.api.Handler())
	server.Config.WriteTimeout = timeout
	server.Start()
	t.Cleanup(server.Close)
	answer, err := server.Client().Get(server.URL + "/slow")
	require.NoError(t, err)
	defer answer.Body.Close()
	require.Equal(t, http.StatusOK, answer.StatusCode)
}
