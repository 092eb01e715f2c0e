package bench_test

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/bcrypt"

	"nms.example/common/bustest"
	"nms.example/common/db"
	"nms.example/common/pgtest"
	"nms.example/common/redistest"
	"nms.example/common/servicetest"

	"nms.example/auth/internal/app"
)

const (
	cost     = 12
	password = "correct horse battery"
	rounds   = 4
	slice    = 2 * time.Second // of each side of a comparison, per round
)

type stand struct {
	*servicetest.Instance

	client *http.Client
	token  string
}

func setup(b *testing.B) *stand {
	b.Helper()
	i := servicetest.Start(b, app.Identity, app.Build, map[string]string{
		"DB_AUTH_DSN": pgtest.DSN[db.AUTH](b).Reveal(), "MQ_DSN": bustest.New(b).DSN.Reveal(),
		"REDIS_DSN": redistest.DSN(b).Reveal(), "REDIS_PREFIX": redistest.Prefix(b),
		"JWT_SECRET_KEY": "a key for benchmarks, of enough length", "AUTH_ADMIN_PASSWORD": password,
		"BCRYPT_COST": "12", "ENVIRONMENT": "dev", "LOG_LEVEL": "warn",
	})
	s := &stand{Instance: i, client: newClient(b)}
	require.Eventually(b, func() bool { s.token = s.login(b.Context()); return s.token != "" }, 30*time.Second, 100*time.Millisecond)
	return s
}

func newClient(b *testing.B) *http.Client {
	b.Helper()
	c := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64, DialContext: (&net.Dialer{}).DialContext}}
	b.Cleanup(c.CloseIdleConnections)
	return c
}

// login gives an access token, empty when it was refused.
func (s *stand) login(ctx context.Context) string {
	form := url.Values{"username": {"admin_nms"}, "password": {password}}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.URL+"/api/v1/auth/token", strings.NewReader(form.Encode()))
	if err != nil {
		return ""
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answer, err := s.client.Do(r)
	if err != nil {
		return ""
	}
	defer func() { _ = answer.Body.Close() }()
	var body struct {
		Token string `json:"access_token"`
	}
	if answer.StatusCode != http.StatusOK || json.NewDecoder(answer.Body).Decode(&body) != nil {
		return ""
	}
	return body.Token
}

// perSecond runs work on that many goroutines for about d and gives how often it was done per second.
// Each goroutine ends what it has begun, and the time counts up to the last one.
func perSecond(workers int, d time.Duration, work func() bool) float64 {
	var done atomic.Int64
	var group sync.WaitGroup
	began := time.Now()
	for range workers {
		group.Go(func() {
			for time.Since(began) < d {
				if work() {
					done.Add(1)
				}
			}
		})
	}
	group.Wait()
	return float64(done.Load()) / time.Since(began).Seconds()
}

// median is robust against a round in which the machine did something else.
func median(list []float64) float64 {
	slices.Sort(list)
	return list[len(list)/2]
}

// BenchmarkLoginsAgainstBareBcrypt: logins/s of the service over HTTP, against comparing the same hash on
// the same processors with nothing around it. Aim: ratio at least 0.9.
func BenchmarkLoginsAgainstBareBcrypt(b *testing.B) {
	s := setup(b)
	hash, err := bcrypt.GenerateFromPassword([]byte(password), cost)
	require.NoError(b, err)
	workers := runtime.NumCPU()
	for b.Loop() {
		var ratios, logins []float64
		for range rounds {
			bare := perSecond(workers, slice, func() bool { return bcrypt.CompareHashAndPassword(hash, []byte(password)) == nil })
			ours := perSecond(2*workers, slice, func() bool { return s.login(b.Context()) != "" })
			ratios, logins = append(ratios, ours/bare), append(logins, ours)
		}
		b.ReportMetric(median(ratios), "ratio")
		b.ReportMetric(median(logins), "logins/s")
	}
}

// get asks once and reports whether the answer was 200 and complete.
func get(ctx context.Context, c *http.Client, url, token string) ([]byte, bool) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, false
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	answer, err := c.Do(r)
	if err != nil {
		return nil, false
	}
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(answer.Body)
	return body, err == nil && answer.StatusCode == http.StatusOK
}

// BenchmarkMeAgainstBareGin: verified GET /me over HTTP, against a gin handler that returns the same bytes
// and knows nothing. Aim: ratio at least 0.5.
func BenchmarkMeAgainstBareGin(b *testing.B) {
	s := setup(b)
	path := s.URL + "/api/v1/auth/me"
	body, ok := get(b.Context(), s.client, path, s.token)
	require.True(b, ok)
	gin.SetMode(gin.ReleaseMode)
	engine := gin.New()
	engine.GET("/api/v1/auth/me", func(c *gin.Context) { c.Data(http.StatusOK, "application/json", body) })
	bare := httptest.NewServer(engine)
	b.Cleanup(bare.Close)
	bareClient := newClient(b)
	workers := 2 * runtime.NumCPU()
	for b.Loop() {
		var ratios, rates []float64
		for range rounds {
			theirs := perSecond(workers, slice, func() bool {
				_, ok := get(b.Context(), bareClient, bare.URL+"/api/v1/auth/me", s.token)
				return ok
			})
			ours := perSecond(workers, slice, func() bool { _, ok := get(b.Context(), s.client, path, s.token); return ok })
			ratios, rates = append(ratios, ours/theirs), append(rates, ours)
		}
		b.ReportMetric(median(ratios), "ratio")
		b.ReportMetric(median(rates), "requests/s")
	}
}

// p99 asks for /me at a steady pace from one client and gives the latency that one in a hundred exceeds.
func (s *stand) p99(b *testing.B, d time.Duration) time.Duration {
	b.Helper()
	const pace = 2 * time.Millisecond
	var took []time.Duration
	began := time.Now()
	for next := began; time.Since(began) < d; next = next.Add(pace) {
		time.Sleep(time.Until(next))
		asked := time.Now()
		_, ok := get(b.Context(), s.client, s.URL+"/api/v1/auth/me", s.token)
		require.True(b, ok)
		took = append(took, time.Since(asked))
	}
	slices.Sort(took)
	return took[len(took)*99/100]
}

// BenchmarkMeInALoginStorm: p99 of GET /me while sixteen clients log in without a pause, against without.
// Aim: ratio at most 3.
func BenchmarkMeInALoginStorm(b *testing.B) {
	s := setup(b)
	storm := &stand{Instance: s.Instance, client: newClient(b)}
	for b.Loop() {
		var ratios, calm, stormy []float64
		for range rounds {
			quiet := s.p99(b, slice)
			ctx, stop := context.WithCancel(b.Context())
			var group sync.WaitGroup
			for range 16 {
				group.Go(func() {
					for ctx.Err() == nil {
						storm.login(ctx)
					}
				})
			}
			loud := s.p99(b, slice)
			stop()
			group.Wait()
			ratios = append(ratios, float64(loud)/float64(quiet))
			calm, stormy = append(calm, float64(quiet.Microseconds())), append(stormy, float64(loud.Microseconds()))
		}
		b.ReportMetric(median(ratios), "ratio")
		b.ReportMetric(median(calm), "calm_p99_µs")
		b.ReportMetric(median(stormy), "storm_p99_µs")
	}
}
