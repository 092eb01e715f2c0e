package measure

import (
	"context"
	"net/http"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/bcrypt"

	"nms.example/tools/internal/load"
)

// bcryptCost is the cost of the service's default.
const bcryptCost = 12

// auth measures logins against bare bcrypt, a verified request against bare gin, and what a storm of logins does to
// other requests.
func (s *suite) auth(ctx context.Context) error {
	s.sayf("auth")
	if err := s.againstBare(ctx, "auth: GET /me", "auth", "/api/v1/auth/me", http.StatusOK); err != nil {
		return err
	}
	hash, err := bcrypt.GenerateFromPassword([]byte("correct horse battery"), bcryptCost)
	if err != nil {
		return err
	}
	address, form, cores := s.system.Address("auth"), s.loginForm(), runtime.NumCPU()
	logins := load.Target{Address: address, Want: http.StatusOK, Request: load.Same(form)}
	err = s.compare(ctx, "auth: logins", "/s", AtLeast(0.9),
		side{"auth", func(ctx context.Context) (float64, error) {
			result, err := load.Run(ctx, logins, load.Plan{Clients: 2 * cores, For: s.slice})
			if err != nil {
				return 0, err
			}
			return result.PerSecond(), nil
		}},
		side{"bare bcrypt", func(context.Context) (float64, error) { return bareBcrypt(hash, cores, s.slice), nil }})
	if err != nil {
		return err
	}
	if err := s.storm(ctx, logins); err != nil {
		return err
	}
	return s.saturate(ctx, "auth: GET /me", "auth", "/api/v1/auth/me")
}

// bareBcrypt returns comparisons per second with nothing around them.
func bareBcrypt(hash []byte, workers int, d time.Duration) float64 {
	var done atomic.Int64
	var group sync.WaitGroup
	begun := time.Now()
	for range workers {
		group.Go(func() {
			for time.Since(begun) < d {
				_ = bcrypt.CompareHashAndPassword(hash, []byte("correct horse battery")) // only its time counts
				done.Add(1)
			}
		})
	}
	group.Wait()
	return float64(done.Load()) / time.Since(begun).Seconds()
}

// storm compares the p99 of GET /me, asked for at a steady pace, during a storm of logins with that without.
func (s *suite) storm(ctx context.Context, logins load.Target) error {
	address := s.system.Address("auth")
	me := load.Target{Address: address, Want: http.StatusOK,
		Request: load.Same(load.Get(address, "/api/v1/auth/me", "Authorization: Bearer "+s.token))}
	const pace = 500
	window := max(3*s.slice, 2*time.Second) // a thousand requests and more, for a p99 that means something
	const lull = 500 * time.Millisecond     // the passwords that are being compared are done by then
	p99 := func(ctx context.Context) (float64, error) {
		result, err := load.Run(ctx, me, load.Plan{Clients: clients, For: window, Pace: pace})
		if err != nil {
			return 0, err
		}
		return ms(result.Wait(0.99)), nil
	}
	return s.compare(ctx, "auth: p99 of GET /me in a login storm", "ms", AtMost(3),
		side{"in the storm", func(ctx context.Context) (float64, error) {
			raging, calm := context.WithCancel(ctx)
			var storm sync.WaitGroup
			storm.Go(func() {
				// More than the service takes: the surplus is answered 503, which is no failure here.
				_, _ = load.Run(raging, logins, load.Plan{Clients: 64, For: window})
			})
			defer time.Sleep(lull)
			defer storm.Wait()
			defer calm() // the logins that still wait are given up with their connections
			return p99(ctx)
		}},
		side{"without", p99})
}
