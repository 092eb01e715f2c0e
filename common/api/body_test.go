package api_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"nms.example/common/api"
	"nms.example/common/fault"
	"nms.example/common/waittest"
)

func gzipped(t *testing.T, data []byte) []byte {
	t.Helper()
	var buf bytes.Buffer
	w := gzip.NewWriter(&buf)
	_, err := w.Write(data)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return buf.Bytes()
}

func zstded(t *testing.T, data []byte, options ...zstd.EOption) []byte {
	t.Helper()
	var buf bytes.Buffer
	w, err := zstd.NewWriter(&buf, options...)
	require.NoError(t, err)
	_, err = w.Write(data)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return buf.Bytes()
}

func gunzipped(t *testing.T, data []byte) []byte {
	t.Helper()
	r, err := gzip.NewReader(bytes.NewReader(data))
	require.NoError(t, err)
	plain, err := io.ReadAll(r)
	require.NoError(t, err)
	return plain
}

func TestEncodedBodies(t *testing.T) {
	t.Parallel()
	b := setup(t, registerThings)
	good := []byte(goodThing)
	gz, zs := gzipped(t, good), zstded(t, good)
	bomb := bytes.Repeat([]byte(" "), 50<<20)
	for name, c := range map[string]struct {
		encoding string
		body     []byte
		status   int
	}{
		"identity":             {"identity", good, 201},
		"gzip":                 {"gzip", gz, 201},
		"gzip, capitals":       {"GZip", gz, 201},
		"gzip and identity":    {"identity, gzip", gz, 201},
		"x-gzip":               {"x-gzip", gz, 201},
		"gzip in two members":  {"gzip", append(gzipped(t, good[:10]), gzipped(t, good[10:])...), 201},
		"zstd":                 {"zstd", zs, 201},
		"zstd, capitals":       {" ZSTD ", zs, 201},
		"zstd in two frames":   {"zstd", append(zstded(t, good[:10]), zstded(t, good[10:])...), 201},
		"twice":                {"gzip, gzip", gz, 415},
		"mixed":                {"gzip, zstd", gz, 415},
		"brotli":               {"br", good, 415},
		"invented":             {"x-hunter2", good, 415},
		"not gzip":             {"gzip", good, 400},
		"gzip cut":             {"gzip", gz[:len(gz)-9], 400},
		"gzip without trailer": {"gzip", gz[:len(gz)-4], 400},
		"gzip damaged":         {"gzip", append(append([]byte{}, gz[:12]...), append([]byte{0xff, 0xff}, gz[14:]...)...), 400},
		"gzip, then rubbish":   {"gzip", append(append([]byte{}, gz...), "rubbish"...), 400},
		"not zstd":             {"zstd", good, 400},
		"zstd cut":             {"zstd", zs[:len(zs)-3], 400},
		"zstd as gzip":         {"gzip", zs, 400},
		"empty gzip":           {"gzip", gzipped(t, nil), 400},
		"gzip bomb":            {"gzip", gzipped(t, bomb), 413},
		"zstd bomb":            {"zstd", zstded(t, bomb), 413},
		"large and plain":      {"", bomb[:1<<20+1], 413},
		"zstd window":          {"zstd", zstded(t, bytes.Repeat(good, 1<<18), zstd.WithWindowSize(64<<20), zstd.WithSingleSegment(false)), 413},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := b.do(http.MethodPost, "/api/v1/things", bytes.NewReader(c.body), "Content-Encoding", c.encoding)
			require.Equal(t, c.status, a.StatusCode, "%s", a.body)
			if c.status == 201 {
				return
			}
			p := b.problem(a, c.status)
			for _, leak := range []string{"flate", "checksum", "EOF", "hunter2", "magic"} {
				require.NotContains(t, string(a.body), leak)
			}
			require.Contains(t, []string{"body", "header.Content-Encoding"}, p.Errors[0].Location)
			if c.status == 415 {
				require.Equal(t, "gzip, zstd", a.Header.Get("Accept-Encoding"))
			}
		})
	}
}

func TestTheBoundItselfIsAllowed(t *testing.T) {
	t.Parallel()
	type input struct {
		Body string
	}
	type output struct {
		Body int
	}
	const bound = 1000
	b := setup(t, func(a *api.API) {
		echo := func(_ context.Context, in *input) (*output, error) { return &output{Body: len(in.Body)}, nil }
		api.Register(a, huma.Operation{Method: "POST", Path: "/api/v1/own", MaxBodyBytes: bound}, api.Public, echo)
		api.Register(a, huma.Operation{Method: "POST", Path: "/api/v1/none", MaxBodyBytes: -1}, api.Public, echo)
	})
	body := func(n int) []byte { return []byte(`"` + strings.Repeat("x", n-2) + `"`) }
	for _, gz := range []bool{false, true} {
		for n, status := range map[int]int{bound - 1: 200, bound: 200, bound + 1: 413} {
			data, encoding := body(n), ""
			if gz {
				data, encoding = gzipped(t, data), "gzip"
			}
			require.Equal(t, status, b.do("POST", "/api/v1/own", bytes.NewReader(data), "Content-Encoding", encoding).StatusCode)
			// Without a declared length.
			require.Equal(t, status, b.do("POST", "/api/v1/own", io.MultiReader(bytes.NewReader(data)), "Content-Encoding", encoding).StatusCode)
		}
	}
	require.Equal(t, 200, b.do("POST", "/api/v1/none", bytes.NewReader(body(3<<20))).StatusCode)
}

func registerLines(a *api.API) {
	op := huma.Operation{Method: "POST", Path: "/api/v1/lines", OperationID: "lines", MaxBodyBytes: -1}
	api.Register(a, op, api.Public, func(ctx context.Context, _ *struct{}) (*huma.StreamResponse, error) {
		return &huma.StreamResponse{Body: func(hc huma.Context) {
			s := api.OpenStream(hc, "application/x-ndjson", 5*time.Second)
			in := bufio.NewScanner(api.Body(ctx))
			for in.Scan() {
				_, _ = s.Write(append(in.Bytes(), '\n'))
				_ = s.Flush()
			}
			if err := in.Err(); err != nil {
				_, _ = s.Write([]byte(api.ProblemOf(ctx, err).Detail + "\n"))
			}
		}}, nil
	}, api.Timeout(0), api.StreamBody(&huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{
		"application/x-ndjson": {Schema: &huma.Schema{Type: "string"}},
		"application/json":     {Schema: &huma.Schema{Type: "object"}},
	}}))
}

func TestLinesAreAnsweredWhileTheyArrive(t *testing.T) {
	t.Parallel()
	b := setup(t, registerLines, func(o *api.Options) { o.BodyTimeout = 3 * time.Second })
	for _, encoding := range []string{"", "gzip", "zstd"} {
		t.Run("as "+encoding, func(t *testing.T) {
			t.Parallel()
			r, w := io.Pipe()
			defer r.Close()
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, b.server.URL+"/api/v1/lines", r)
			require.NoError(t, err)
			req.Header.Set("Content-Type", "application/x-ndjson")
			req.Header.Set("Content-Encoding", encoding)
			req.Header.Set("Accept-Encoding", "gzip")
			in := encoder(t, encoding, w)
			type result struct {
				resp *http.Response
				err  error
			}
			done := make(chan result, 1)
			go func() {
				resp, err := b.client.Do(req)
				done <- result{resp, err}
			}()
			in("first\n")
			got := <-done
			require.NoError(t, got.err)
			defer got.resp.Body.Close()
			require.Empty(t, got.resp.Header.Get("Content-Encoding"))
			lines := bufio.NewReader(got.resp.Body)
			for _, text := range []string{"first\n", "second\n", "third\n"} {
				if text != "first\n" {
					in(text)
				}
				line, err := lines.ReadString('\n')
				require.NoError(t, err)
				require.Equal(t, text, line)
			}
			// The stream now stands still for longer than a read may take.
			line, err := lines.ReadString('\n')
			require.NoError(t, err)
			require.Equal(t, "the request body did not arrive in time\n", line)
			require.NoError(t, w.Close())
		})
	}
}

// encoder returns a function that writes a text and flushes it through the encoding.
func encoder(t *testing.T, encoding string, w io.Writer) func(string) {
	t.Helper()
	type flusher interface {
		io.Writer
		Flush() error
	}
	var f flusher
	switch encoding {
	case "gzip":
		f = gzip.NewWriter(w)
	case "zstd":
		zw, err := zstd.NewWriter(w)
		require.NoError(t, err)
		f = zw
	default:
		f = bufio.NewWriter(w)
	}
	return func(text string) {
		_, err := io.WriteString(f, text)
		require.NoError(t, err)
		require.NoError(t, f.Flush())
	}
}

func TestStreamedBodiesAreBoundedToo(t *testing.T) {
	t.Parallel()
	type output struct {
		Body struct {
			Read int64  `json:"read"`
			Then string `json:"then"`
		}
	}
	var kept io.Reader
	var mu sync.Mutex
	b := setup(t, func(a *api.API) {
		api.Register(a, huma.Operation{Method: "POST", Path: "/api/v1/raw", MaxBodyBytes: 1 << 20}, api.Public,
			func(ctx context.Context, _ *struct{}) (*output, error) {
				mu.Lock()
				kept = api.Body(ctx)
				mu.Unlock()
				n, err := io.Copy(io.Discard, api.Body(ctx))
				if err != nil {
					return nil, err
				}
				out := &output{}
				out.Body.Read = n
				return out, nil
			}, api.StreamBody(&huma.RequestBody{Content: map[string]*huma.MediaType{"application/octet-stream": {Schema: &huma.Schema{Type: "string"}}}}))
	})
	a := b.do("POST", "/api/v1/raw", bytes.NewReader(gzipped(t, make([]byte, 1<<20))), "Content-Encoding", "gzip")
	require.Contains(t, string(a.body), `"read":1048576`)
	b.problem(b.do("POST", "/api/v1/raw", bytes.NewReader(gzipped(t, make([]byte, 1<<20+1))), "Content-Encoding", "gzip"), 413)
	b.problem(b.post("/api/v1/raw", "{}", "Content-Type", "application/json"), 415)
	require.Contains(t, string(b.post("/api/v1/raw", "").body), `"read":0`)
	b.post("/api/v1/raw", "x")
	mu.Lock()
	defer mu.Unlock()
	require.Eventually(t, func() bool { _, err := kept.Read(make([]byte, 1)); return err != nil }, waittest.Bound, time.Millisecond,
		"a body outlives its request only as an error")
}

func TestAnUnreadStreamSparesTheNextRequest(t *testing.T) {
	t.Parallel()
	type input struct {
		Answer string `query:"answer" enum:"early,late"`
	}
	b := setup(t, func(a *api.API) {
		api.Register(a, huma.Operation{Method: "POST", Path: "/api/v1/unread"}, api.Public,
			func(_ context.Context, in *input) (*huma.StreamResponse, error) {
				return &huma.StreamResponse{Body: func(hc huma.Context) {
					s := api.OpenStream(hc, "application/json", 5*time.Second)
					_, _ = s.Write([]byte("{}"))
					if in.Answer == "early" {
						_ = s.Flush()
					}
				}}, nil
			}, api.StreamBody(&huma.RequestBody{Content: map[string]*huma.MediaType{"application/json": {Schema: &huma.Schema{}}}}))
	})
	server := httptest.NewUnstartedServer(b.api.Handler())
	server.Listener, server.Config.ConnContext = b.api.Listener(server.Listener), api.ConnContext
	server.Start()
	t.Cleanup(server.Close)
	b.server = server
	for range 50 {
		for _, query := range []string{"?answer=late", "?answer=early", "?answer=wrong"} {
			for _, body := range []string{"{}", strings.Repeat(" ", 100_000)} {
				require.Less(t, b.post("/api/v1/unread"+query, body).StatusCode, 500)
			}
		}
	}
	// More than is read for the sake of the connection: the answer comes, and the next request has another.
	for _, query := range []string{"?answer=late", "?answer=early", "?answer=wrong"} {
		waittest.Until(t, "an answer to "+query, func() bool {
			r, w := io.Pipe()
			go func() {
				_, _ = w.Write(make([]byte, 300_000))
				_ = w.Close()
			}()
			request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, b.server.URL+"/api/v1/unread"+query, r)
			require.NoError(t, err)
			request.Header.Set("Content-Type", "application/json")
			resp, err := b.client.Do(request)
			if errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) {
				return false // net/http has waited half a second for the client, who was still sending, and hung up
			}
			require.NoError(t, err)
			defer resp.Body.Close()
			_, err = io.Copy(io.Discard, resp.Body)
			require.NoError(t, err)
			require.Less(t, resp.StatusCode, 500)
			return true
		})
		require.Less(t, b.post("/api/v1/unread"+query, "{}").StatusCode, 500)
	}
}

// TestUnreadStreamsShareNoWriter skips the rests of bodies that are still coming while other requests are served.
func TestUnreadStreamsShareNoWriter(t *testing.T) {
	t.Parallel()
	b := setup(t, func(a *api.API) {
		api.Register(a, huma.Operation{Method: "POST", Path: "/api/v1/unread"}, api.Public,
			func(context.Context, *struct{}) (*struct{}, error) { return nil, nil }, //nolint:nilnil // an empty answer
			api.StreamBody(&huma.RequestBody{Content: map[string]*huma.MediaType{"application/json": {Schema: &huma.Schema{}}}}))
	})
	var senders sync.WaitGroup
	for range 8 {
		senders.Go(func() {
			for range 20 {
				r, w := io.Pipe()
				go func() {
					for range 10 {
						_, _ = w.Write(make([]byte, 1000))
						time.Sleep(100 * time.Microsecond)
					}
					_ = w.Close()
				}()
				response, err := http.Post(b.server.URL+"/api/v1/unread", "application/json", r)
				if assert.NoError(t, err) {
					assert.Equal(t, http.StatusNoContent, response.StatusCode)
					_ = response.Body.Close()
				}
			}
		})
	}
	senders.Wait()
}

func TestParallelBodiesShareNoDecoder(t *testing.T) {
	t.Parallel()
	b := setup(t, registerLines)
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			random := make([]byte, 30_000)
			_, _ = rand.Read(random)
			text := base64.StdEncoding.EncodeToString(random) + "\n"
			for _, data := range []struct {
				encoding string
				body     []byte
			}{{"gzip", gzipped(t, []byte(text))}, {"zstd", zstded(t, []byte(text))}, {"gzip", []byte("broken")}, {"zstd", []byte("broken")}} {
				a := b.do("POST", "/api/v1/lines", bytes.NewReader(data.body), "Content-Encoding", data.encoding, "Content-Type", "application/x-ndjson")
				if len(data.body) > 10 && string(a.body) != text {
					t.Errorf("%s came back as something else", data.encoding)
				}
			}
		})
	}
	group.Wait()
}

// ownBody reads itself.
type ownBody struct{ text string }

func (o *ownBody) UnmarshalBody(data []byte) error {
	switch string(data) {
	case "refuse":
		return fault.List(fault.Invalid, "the trace is refused", fault.NewDetail(fault.Field("noise"), fault.CodeOutOfRange, "must be finite"))
	case "broken":
		return errors.New("hunter2 at offset 3")
	}
	o.text = string(data)
	return nil
}

func (o ownBody) Schema(huma.Registry) *huma.Schema { return &huma.Schema{Type: "object"} }

func TestBodiesWithTheirOwnDecoder(t *testing.T) {
	t.Parallel()
	type input struct{ Body ownBody }
	type output struct{ Body string }
	b := setup(t, func(a *api.API) {
		api.Register(a, huma.Operation{Method: "POST", Path: "/api/v1/own", SkipValidateBody: true}, api.Public,
			func(_ context.Context, in *input) (*output, error) { return &output{Body: in.Body.text}, nil })
	})
	require.JSONEq(t, `"good"`, string(b.post("/api/v1/own", "good").body))
	p := b.problem(b.post("/api/v1/own", "refuse"), 422)
	require.Equal(t, "must be finite", at(p, "body.noise"))
	require.Equal(t, "the trace is refused", p.Detail)
	a := b.post("/api/v1/own", "broken")
	b.problem(a, 400)
	require.NotContains(t, string(a.body), "hunter2")
}

func TestForm(t *testing.T) {
	t.Parallel()
	values, err := api.Form([]byte("username=a%20b&password=x%26y"))
	require.NoError(t, err)
	require.Equal(t, "a b", values.Get("username"))
	for body, kind := range map[string]fault.Kind{
		"username=%zz": fault.Malformed, "a;b=c": fault.Malformed, "username=%00": fault.Invalid, "username=%ff": fault.Invalid, "%00=1": fault.Invalid,
	} {
		_, err := api.Form([]byte(body))
		require.Equal(t, kind, fault.KindOf(err), body)
	}
}
