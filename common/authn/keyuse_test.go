package authn_test

import (
	"context"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	goredis "github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"nms.example/common/authn"
	"nms.example/common/authntest"
	"nms.example/common/redis"
	"nms.example/common/redistest"
)

// caller is a client with an API key.
type caller struct {
	text string
	authn.KeyRecord
}

func newCaller(t *testing.T, name string) caller {
	t.Helper()
	text, hash, err := authn.NewKey()
	require.NoError(t, err)
	return caller{text, authn.KeyRecord{Hash: hash, ID: uuid.New(), Name: name, CreatedAt: time.Now()}}
}

// call lets the caller in at a service.
func (c caller) call(ctx context.Context, g *authn.Guard, from string) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "/", http.NoBody)
	if err != nil {
		return err
	}
	r.Header.Set(authn.HeaderAPIKey, c.text)
	r.RemoteAddr = netip.AddrPortFrom(netip.MustParseAddr(from), 1234).String()
	_, err = g.Authenticate(ctx, r)
	return err
}

// uses returns what has been reported.
func (s *feedStand) uses() map[uuid.UUID]authn.KeyUse {
	s.t.Helper()
	list, err := s.publisher.KeyUses(s.t.Context())
	require.NoError(s.t, err)
	uses := map[uuid.UUID]authn.KeyUse{}
	for _, use := range list {
		uses[use.Key] = use
	}
	return uses
}

// scripts counts the scripts that Redis has run.
func (s *feedStand) scripts() (n int) {
	s.t.Helper()
	require.NoError(s.t, s.client.Do(s.t.Context(), func(ctx context.Context, rdb goredis.UniversalClient) error {
		all, err := rdb.InfoMap(ctx, "commandstats").Result()
		if err != nil {
			return err
		}
		for _, command := range []string{"cmdstat_eval", "cmdstat_evalsha"} {
			_, calls, found := strings.Cut(all["Commandstats"][command], "calls=")
			if !found {
				continue
			}
			calls, _, _ = strings.Cut(calls, ",")
			count, err := strconv.Atoi(calls)
			if err != nil {
				return err
			}
			n += count
		}
		return nil
	}))
	return n
}

func TestTheUseOfAKeyCostsNoWriteOfItsOwn(t *testing.T) {
	t.Parallel()
	server := redistest.StartServer(t)
	s := setup(t, redistest.Open(t, redis.Settings{DSN: server.DSN, Timeout: 30 * time.Second}))
	busy, idle, stranger := newCaller(t, "busy"), newCaller(t, "idle"), newCaller(t, "stranger")
	require.NoError(t, s.publisher.PutKeys(t.Context(), 1, []authn.KeyRecord{busy.KeyRecord, idle.KeyRecord}))
	require.NoError(t, s.publisher.MarkComplete(t.Context()))
	guards := []*authn.Guard{s.guard(s.kit.Secret), s.guard(s.kit.Secret)}
	for _, g := range guards {
		s.eventually("a current guard", func() bool { return g.Check(t.Context()) == nil })
	}
	before, begun := s.scripts(), time.Now()
	const calls = 500
	var group sync.WaitGroup
	for _, g := range guards {
		for range 4 {
			group.Go(func() {
				for range calls {
					_ = busy.call(t.Context(), g, "192.0.2.1")
				}
			})
		}
	}
	group.Wait()
	last := time.Now()
	for time.Now().UnixMilli() == last.UnixMilli() { // of two uses in one millisecond either may count as the last
		time.Sleep(time.Millisecond)
	}
	require.NoError(t, busy.call(t.Context(), guards[1], "::ffff:192.0.2.2"))
	require.ErrorIs(t, stranger.call(t.Context(), guards[0], "192.0.2.3"), authn.ErrBadKey)
	s.eventually("the last use", func() bool { return s.uses()[busy.ID].Address == netip.MustParseAddr("192.0.2.2") })
	uses := s.uses()
	require.Len(t, uses, 1, "neither an idle key nor a stranger's")
	require.WithinRange(t, uses[busy.ID].At, last.Truncate(time.Millisecond), time.Now())
	rounds := 1 + int(time.Since(begun)/(5*time.Second))
	require.LessOrEqual(t, s.scripts()-before, len(guards)*rounds+2, "one call to Redis in five seconds and process; two to load the script")

	// auth has stored it; the key is used again before it says so.
	require.NoError(t, idle.call(t.Context(), guards[0], "192.0.2.4"))
	s.eventually("the use of the other key", func() bool { return s.uses()[idle.ID].Address.IsValid() })
	earlier := s.uses()[idle.ID]
	earlier.At = earlier.At.Add(-time.Second)
	require.NoError(t, s.publisher.ForgetKeyUses(t.Context(), []authn.KeyUse{uses[busy.ID], earlier}))
	uses = s.uses()
	require.Len(t, uses, 1)
	require.Contains(t, uses, idle.ID)
}

func TestUsesWaitForRedis(t *testing.T) {
	t.Parallel()
	server := redistest.StartServer(t)
	s := setup(t, redistest.Open(t, redis.Settings{DSN: server.DSN}))
	one := newCaller(t, "one")
	fill := func() bool {
		return s.publisher.PutKeys(t.Context(), 1, []authn.KeyRecord{one.KeyRecord}) == nil && s.publisher.MarkComplete(t.Context()) == nil
	}
	s.eventually("a filled Redis", fill)
	g := s.guard(s.kit.Secret)
	s.eventually("a current guard", func() bool { return g.Check(t.Context()) == nil })
	server.Kill()
	s.eventually("the loss", func() bool { return g.Check(t.Context()) != nil })
	require.NoError(t, one.call(t.Context(), g, "192.0.2.1"), "keys are good without Redis")
	server.Restart()
	s.eventually("a filled Redis", fill)
	s.eventually("the use of before", func() bool {
		list, err := s.publisher.KeyUses(t.Context())
		return err == nil && len(list) == 1 && list[0].Key == one.ID && list[0].Address == netip.MustParseAddr("192.0.2.1")
	})
}

func TestAProcessThatStopsReportsItsLastUses(t *testing.T) {
	t.Parallel()
	s := setup(t, redistest.New(t))
	one := newCaller(t, "one")
	require.NoError(t, s.publisher.PutKeys(t.Context(), 1, []authn.KeyRecord{one.KeyRecord}))
	require.NoError(t, s.publisher.MarkComplete(t.Context()))
	g, err := authn.NewGuard(authntest.Settings(s.kit.Secret), s.client, nil)
	require.NoError(t, err)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- g.Run(ctx) }()
	s.eventually("a current guard", func() bool { return g.Check(t.Context()) == nil })
	require.NoError(t, one.call(t.Context(), g, "192.0.2.1"))
	stop()
	require.NoError(t, <-done)
	require.Contains(t, s.uses(), one.ID)
}
