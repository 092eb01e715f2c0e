package app_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/stretchr/testify/require"

	"nms.example/common/authn"
	"nms.example/common/bustest"
	"nms.example/common/db"
	"nms.example/common/pgtest"
	"nms.example/common/redistest"
	"nms.example/common/service"

	"nms.example/cfg/internal/app"
	"nms.example/cfg/internal/generator"
)

// benchService is a running cfg as in prod (access log and rate limit included, the log thrown away), with a
// generated catalogue.
type benchService struct {
	dsn, url, token string
	settings        map[string]string
}

func startBench(b *testing.B, sizes generator.Sizes) *benchService {
	b.Helper()
	s := &benchService{dsn: pgtest.DSN[db.NMS](b).Reveal(), token: token(b, authn.AllPermissions)}
	s.settings = map[string]string{
		"HOST": "127.0.0.1", "PORT": "0", "DB_NMS_DSN": s.dsn, "MQ_DSN": bustest.New(b).DSN.Reveal(),
		"REDIS_DSN": redistest.DSN(b).Reveal(), "REDIS_PREFIX": redistest.Prefix(b), "JWT_SECRET_KEY": signingKey,
		"RATE_LIMIT": "1000000", "RATE_BURST": "1000000", "MAX_BODY_BYTES": "268435456",
	}
	s.url = s.instance(b)
	s.load(b, sizes)
	return s
}

// instance starts a cfg on the same database and returns its address.
func (s *benchService) instance(b *testing.B) string {
	b.Helper()
	running, err := service.Start(b.Context(), app.Identity, app.Build, service.WithSettings(s.settings), service.WithLogOutput(io.Discard))
	require.NoError(b, err)
	b.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(b.Context()), 30*time.Second)
		defer cancel()
		require.NoError(b, running.Stop(ctx))
	})
	return running.URL()
}

// client leaves compression to its users and keeps connections for many of them.
var client = &http.Client{Timeout: 2 * time.Minute, Transport: &http.Transport{MaxIdleConnsPerHost: 64, DisableCompression: true}}

// load imports a generated catalogue and waits until its events are published, so that they disturb nothing.
func (s *benchService) load(b *testing.B, sizes generator.Sizes) {
	b.Helper()
	if sizes == (generator.Sizes{}) {
		return
	}
	body, err := jsonOf(generator.Document(sizes))
	require.NoError(b, err)
	req, err := http.NewRequestWithContext(b.Context(), http.MethodPost, s.url+"/api/v1/cfg/import", bytes.NewReader(body))
	require.NoError(b, err)
	req.Header.Set("Authorization", "Bearer "+s.token)
	resp, err := client.Do(req)
	require.NoError(b, err)
	defer resp.Body.Close()
	require.Equal(b, http.StatusOK, resp.StatusCode)
	_, err = io.Copy(io.Discard, resp.Body)
	require.NoError(b, err)
	conn := s.connect(b)
	_, err = conn.Exec(b.Context(), "VACUUM ANALYZE")
	require.NoError(b, err)
	require.Eventually(b, func() bool {
		var left int
		err := conn.QueryRow(b.Context(), "SELECT count(*) FROM outbox").Scan(&left)
		return err == nil && left == 0
	}, 2*time.Minute, 100*time.Millisecond)
}

// lean is a client that costs next to nothing, so that the servers are compared and not it.
type lean struct {
	conn    net.Conn
	in      *bufio.Reader
	request []byte
}

func dial(b *testing.B, base, path string, headers ...string) *lean {
	b.Helper()
	u, err := url.Parse(base)
	require.NoError(b, err)
	conn, err := new(net.Dialer).DialContext(b.Context(), "tcp", u.Host)
	require.NoError(b, err)
	lines := append([]string{"GET " + path + " HTTP/1.1", "Host: " + u.Host}, headers...)
	request := strings.Join(lines, "\r\n") + "\r\n\r\n"
	return &lean{conn: conn, in: bufio.NewReaderSize(conn, 64<<10), request: []byte(request)}
}

// get sends the request, skips the answer's body and returns status and ETag.
func (l *lean) get() (status int, etag string, size int, err error) {
	if _, err = l.conn.Write(l.request); err != nil {
		return 0, "", 0, err
	}
	line, err := l.in.ReadSlice('\n')
	if err != nil || len(line) < 12 {
		return 0, "", 0, fmt.Errorf("status line %.40q: %w", line, err)
	}
	if status, err = strconv.Atoi(string(line[9:12])); err != nil {
		return 0, "", 0, err
	}
	chunked := false
	for {
		if line, err = l.in.ReadSlice('\n'); err != nil {
			return 0, "", 0, err
		}
		line = bytes.TrimRight(line, "\r\n")
		switch {
		case len(line) == 0:
			if chunked {
				return 0, "", 0, errors.New("a chunked answer")
			}
			_, err = l.in.Discard(size)
			return status, etag, size, err
		case bytes.HasPrefix(line, []byte("Content-Length: ")):
			size, _ = strconv.Atoi(string(line[16:]))
		case bytes.HasPrefix(line, []byte("Etag: ")):
			etag = string(line[6:])
		case bytes.HasPrefix(line, []byte("Transfer-Encoding")):
			chunked = true
		}
	}
}

const (
	benchClients = 4
	benchRound   = 700 * time.Millisecond
	benchRounds  = 3
)

// rate returns requests per second of benchClients clients over a round.
func rate(b *testing.B, want int, clients []*lean) float64 {
	b.Helper()
	var done sync.WaitGroup
	counts := make([]int, len(clients))
	began := time.Now()
	for i, c := range clients {
		done.Go(func() {
			for time.Since(began) < benchRound {
				status, _, _, err := c.get()
				if err != nil || status != want {
					b.Errorf("status %d, %.200v", status, err)
					return
				}
				counts[i]++
			}
		})
	}
	done.Wait()
	total := 0
	for _, n := range counts {
		total += n
	}
	return float64(total) / time.Since(began).Seconds()
}

func dialMany(b *testing.B, base, path string, headers ...string) []*lean {
	b.Helper()
	clients := make([]*lean, benchClients)
	for i := range clients {
		clients[i] = dial(b, base, path, headers...)
	}
	b.Cleanup(func() {
		for _, c := range clients {
			_ = c.conn.Close()
		}
	})
	return clients
}

// compare measures two sides in turns and reports ours/theirs against its floor.
func compare(b *testing.B, floor float64, ours, theirs func() float64) {
	b.Helper()
	var ratios, mine, their []float64
	ours() // warm
	theirs()
	b.ResetTimer()
	for b.Loop() {
		for range benchRounds {
			m, t := ours(), theirs()
			ratios, mine, their = append(ratios, m/t), append(mine, m), append(their, t)
		}
	}
	b.ReportMetric(median(mine), "ours/s")
	b.ReportMetric(median(their), "theirs/s")
	b.ReportMetric(median(ratios), "ratio")
	b.ReportMetric(floor, "floor")
	b.ReportMetric(0, "ns/op")
}

func median(list []float64) float64 {
	slices.Sort(list)
	return list[len(list)/2]
}

// bare is a gin handler that returns the same bytes and does nothing else.
func bare(b *testing.B, status int, header http.Header, body []byte) string {
	b.Helper()
	gin.SetMode(gin.ReleaseMode)
	engine := gin.New()
	engine.GET("/x", func(c *gin.Context) {
		for name, values := range header {
			c.Header(name, values[0])
		}
		if status == http.StatusNotModified {
			c.Status(status)
			return
		}
		c.Header("Content-Length", strconv.Itoa(len(body)))
		c.Data(status, "application/json", body)
	})
	server := httptest.NewServer(engine)
	b.Cleanup(server.Close)
	return server.URL
}

// againstBare compares a cached answer with a bare handler that returns the same bytes.
func (s *benchService) againstBare(b *testing.B, path string, want int, headers ...string) {
	b.Helper()
	req, err := http.NewRequestWithContext(b.Context(), http.MethodGet, s.url+path, http.NoBody)
	require.NoError(b, err)
	all := append([]string{"Authorization: Bearer " + s.token}, headers...)
	for _, h := range all {
		name, value, _ := strings.Cut(h, ": ")
		req.Header.Set(name, value)
	}
	resp, err := client.Do(req)
	require.NoError(b, err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	require.NoError(b, err)
	require.Equal(b, want, resp.StatusCode)
	header := http.Header{}
	for _, name := range []string{"Etag", "Content-Encoding"} {
		if v := resp.Header.Get(name); v != "" {
			header.Set(name, v)
		}
	}
	ours := dialMany(b, s.url, path, all...)
	theirs := dialMany(b, bare(b, want, header, body), "/x", all...)
	compare(b, 0.5, func() float64 { return rate(b, want, ours) }, func() float64 { return rate(b, want, theirs) })
}

// BenchmarkCached: what the cache holds against a bare gin handler with the same ready-made bytes.
func BenchmarkCached(b *testing.B) {
	s := startBench(b, generator.Sizes{Equipments: 10_000})
	etag := func(b *testing.B, path string, headers ...string) string {
		b.Helper()
		c := dial(b, s.url, path, append(headers, "Authorization: Bearer "+s.token)...)
		defer func() { _ = c.conn.Close() }()
		_, tag, _, err := c.get()
		require.NoError(b, err)
		return tag
	}
	b.Run("item", func(b *testing.B) { s.againstBare(b, "/api/v1/cfg/equipments/5000", http.StatusOK) })
	b.Run("tree-10000", func(b *testing.B) { s.againstBare(b, "/api/v1/cfg/equipments", http.StatusOK) })
	b.Run("tree-10000-gzip", func(b *testing.B) {
		s.againstBare(b, "/api/v1/cfg/equipments", http.StatusOK, "Accept-Encoding: gzip")
	})
	b.Run("tree-10000-304", func(b *testing.B) {
		s.againstBare(b, "/api/v1/cfg/equipments", http.StatusNotModified, "If-None-Match: "+etag(b, "/api/v1/cfg/equipments"))
	})
}
