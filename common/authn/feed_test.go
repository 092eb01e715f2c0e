package authn_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	goredis "github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"nms.example/common/authn"
	"nms.example/common/authntest"
	"nms.example/common/redis"
	"nms.example/common/redistest"
	"nms.example/common/waittest"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction("net/http.(*persistConn).readLoop"),
		goleak.IgnoreTopFunction("net/http.(*persistConn).writeLoop"))
}

type feedStand struct {
	t         *testing.T
	kit       *authntest.Kit
	client    *redis.Client
	publisher *authn.Publisher
}

func setup(t *testing.T, client *redis.Client) *feedStand {
	t.Helper()
	kit := authntest.New(t)
	return &feedStand{t: t, kit: kit, client: client, publisher: authn.NewPublisher(client, kit.Keyring)}
}

// fill does what auth does for a Redis that knows nothing.
func (s *feedStand) fill() {
	s.t.Helper()
	require.NoError(s.t, s.publisher.PutKeys(s.t.Context(), 1, nil))
	require.NoError(s.t, s.publisher.MarkComplete(s.t.Context()))
}

func (s *feedStand) guard(secret string) *authn.Guard {
	s.t.Helper()
	return s.guardOf(authntest.Settings(secret))
}

func (s *feedStand) guardOf(settings authn.Settings) *authn.Guard {
	s.t.Helper()
	g, err := authn.NewGuard(settings, s.client, nil)
	require.NoError(s.t, err)
	ctx, cancel := context.WithCancel(s.t.Context())
	done := make(chan error, 1)
	go func() { done <- g.Run(ctx) }()
	s.t.Cleanup(func() {
		cancel()
		require.NoError(s.t, <-done)
	})
	return g
}

func (s *feedStand) eventually(what string, holds func() bool) {
	s.t.Helper()
	waittest.Until(s.t, what, holds)
}

// soon checks that something happens within a second, by the speed of Redis here and now.
func (s *feedStand) soon(what string, holds func() bool) {
	s.t.Helper()
	waittest.Within(s.t, time.Second, what, func() { _ = s.client.Check(s.t.Context()) }, holds)
}

func TestTheFeedPushesWithinASecond(t *testing.T) {
	t.Parallel()
	s := setup(t, redistest.New(t))
	g := s.guard(s.kit.Secret)
	require.Error(t, g.Check(t.Context()), "auth has not filled Redis yet")
	s.fill()
	s.eventually("current", func() bool { return g.Check(t.Context()) == nil })

	claims := authntest.Claims(1)
	token := s.kit.Sign(t, claims)
	_, err := g.Token(token)
	require.NoError(t, err)
	until := time.Now().Add(time.Minute)
	require.NoError(t, s.publisher.Revoke(t.Context(), []authn.Revocation{{Session: claims.SessionID, Until: until}}))
	s.soon("revoked", func() bool { _, err := g.Token(token); return err != nil })

	text, hash, err := authn.NewKey()
	require.NoError(t, err)
	require.NoError(t, s.publisher.PutKeys(t.Context(), 2, []authn.KeyRecord{{Hash: hash, ID: uuid.New(), Access: 1}}))
	s.soon("the key", func() bool { _, err := g.Keys.Find(text, loopback); return err == nil })
	require.NoError(t, s.publisher.PutKeys(t.Context(), 1, nil), "an older list changes nothing")
	require.NoError(t, s.publisher.PutKeys(t.Context(), 3, nil))
	s.soon("the key's end", func() bool { _, err := g.Keys.Find(text, loopback); return err != nil })
}

func TestTheFeedReadsManyRevocationsAtStart(t *testing.T) {
	t.Parallel()
	s := setup(t, redistest.New(t))
	until := time.Now().Add(time.Minute)
	const many = 5003
	for range 10 {
		list := make([]authn.Revocation, many/10)
		for i := range list {
			list[i] = authn.Revocation{Session: uuid.New(), Until: until}
		}
		require.NoError(t, s.publisher.Revoke(t.Context(), list))
	}
	require.NoError(t, s.publisher.Revoke(t.Context(), []authn.Revocation{
		{UserID: 1, Epoch: 2, Until: until}, {Role: "a: role", Epoch: 3, Until: until}, {Session: uuid.New(), Until: time.Now().Add(-time.Second)},
	}))
	s.fill()
	g := s.guard(s.kit.Secret)
	s.eventually("current", func() bool { return g.Check(t.Context()) == nil })
	require.Equal(t, many/10*10+2, g.Revocations.Len(), "all but the one that is over")
	v := &authn.Verified{Principal: authn.Principal{UserID: 9, Role: "a: role", SessionID: uuid.New(), RoleEpoch: 2}}
	require.True(t, g.Revocations.Revoked(v))
}

func TestAForgedListOfKeysIsNotTaken(t *testing.T) {
	t.Parallel()
	s := setup(t, redistest.New(t))
	s.fill()
	g := s.guard(s.kit.Secret)
	s.eventually("current", func() bool { return g.Check(t.Context()) == nil })

	// Whoever can write to Redis but does not know JWT_SECRET_KEY.
	forger := authn.NewPublisher(s.client, authntest.New(t).Keyring)
	text, hash, err := authn.NewKey()
	require.NoError(t, err)
	require.NoError(t, forger.PutKeys(t.Context(), 99, []authn.KeyRecord{{Hash: hash, ID: uuid.New(), Access: authn.AllPermissions}}))
	s.eventually("the forgery is noticed", func() bool { return g.Check(t.Context()) != nil })
	_, err = g.Keys.Find(text, loopback)
	require.ErrorIs(t, err, authn.ErrBadKey)
	require.NoError(t, s.publisher.PutKeys(t.Context(), 100, nil))
	s.eventually("current again", func() bool { return g.Check(t.Context()) == nil })
}

func TestTheFeedSurvivesRubbish(t *testing.T) {
	t.Parallel()
	s := setup(t, redistest.New(t))
	s.fill()
	g := s.guard(s.kit.Secret)
	s.eventually("current", func() bool { return g.Check(t.Context()) == nil })
	for _, message := range []string{"", "{", `{"revocations":{"x":1,"s:no":1,"u:1":2,"r:a:b":3,"u:1:x":4}}`, `{"keys_version":-1}`} {
		require.NoError(t, s.client.Publish(t.Context(), "authn", []byte(message)))
	}
	claims := authntest.Claims(1)
	require.NoError(t, s.publisher.Revoke(t.Context(), []authn.Revocation{{Session: claims.SessionID, Until: time.Now().Add(time.Minute)}}))
	token := s.kit.Sign(t, claims)
	s.eventually("revoked", func() bool { _, err := g.Token(token); return err != nil })
	require.Equal(t, 1, g.Revocations.Len())
}

func TestTheFeedRebuildsAfterALoss(t *testing.T) {
	t.Parallel()
	server := redistest.StartServer(t)
	s := setup(t, redistest.Open(t, redis.Settings{DSN: server.DSN}))
	s.fill()
	g := s.guard(s.kit.Secret)
	s.eventually("current", func() bool { return g.Check(t.Context()) == nil })
	known := authntest.Claims(1)
	require.NoError(t, s.publisher.Revoke(t.Context(), []authn.Revocation{{Session: known.SessionID, Until: time.Now().Add(time.Minute)}}))
	s.eventually("known", func() bool { return g.Revocations.Len() == 1 })

	server.Kill()
	s.eventually("the loss is noticed", func() bool { return g.Check(t.Context()) != nil })
	_, err := g.Token(s.kit.Sign(t, known))
	require.ErrorIs(t, err, authn.ErrRevokedToken, "what is known stays in force")
	server.Restart()
	missed := authntest.Claims(1)
	s.eventually("auth reaches Redis", func() bool {
		return s.publisher.Revoke(t.Context(), []authn.Revocation{{Session: missed.SessionID, Until: time.Now().Add(time.Minute)}}) == nil
	})
	require.Error(t, g.Check(t.Context()), "not complete before auth says so")
	s.fill()
	token := s.kit.Sign(t, missed)
	s.eventually("what was missed", func() bool { _, err := g.Token(token); return err != nil })
	s.eventually("current", func() bool { return g.Check(t.Context()) == nil })
}

func TestTheFeedPollsWhileItCannotListen(t *testing.T) {
	t.Parallel()
	server := redistest.StartServer(t)
	s := setup(t, redistest.Open(t, redis.Settings{DSN: server.DSN}))
	s.fill()
	g := s.guard(s.kit.Secret)
	s.eventually("current", func() bool { return g.Check(t.Context()) == nil })
	// Every subscription dies at once; messages are lost on the way.
	stop := make(chan struct{})
	killed := make(chan struct{})
	go func() {
		defer close(killed)
		for {
			select {
			case <-stop:
				return
			case <-time.After(5 * time.Millisecond):
				_ = s.client.Do(t.Context(), func(ctx context.Context, rdb goredis.UniversalClient) error {
					return rdb.Do(ctx, "CLIENT", "KILL", "TYPE", "pubsub").Err()
				})
			}
		}
	}()
	for range 5 {
		claims := authntest.Claims(1)
		token := s.kit.Sign(t, claims)
		require.NoError(t, s.publisher.Revoke(t.Context(), []authn.Revocation{{Session: claims.SessionID, Until: time.Now().Add(time.Minute)}}))
		s.soon("revoked", func() bool { _, err := g.Token(token); return err != nil })
	}
	close(stop)
	<-killed
	s.eventually("current", func() bool { return g.Check(t.Context()) == nil })
}

// While the list cannot be opened, keys that nobody knows do not have it read over and over.
func TestAListThatCannotBeOpenedIsReadSeldom(t *testing.T) {
	t.Parallel()
	server := redistest.StartServer(t)
	s := setup(t, redistest.Open(t, redis.Settings{DSN: server.DSN}))
	s.fill()
	g, err := authn.NewGuard(authntest.Settings(authntest.New(t).Secret), s.client, nil) // not running
	require.NoError(t, err)
	stranger, _, err := authn.NewKey()
	require.NoError(t, err)
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", http.NoBody)
	r.Header.Set(authn.HeaderAPIKey, stranger)
	const requests = 200
	begun := time.Now()
	for range requests {
		_, err := g.Authenticate(t.Context(), r)
		require.ErrorIs(t, err, authn.ErrBadKey)
	}
	pauses := int(time.Since(begun) / (250 * time.Millisecond))
	var stats string
	require.NoError(t, s.client.Do(t.Context(), func(ctx context.Context, rdb goredis.UniversalClient) error {
		stats, err = rdb.Info(ctx, "commandstats").Result()
		return err
	}))
	var asked, read int
	for line := range strings.Lines(stats) {
		_, _ = fmt.Sscanf(line, "cmdstat_getrange:calls=%d", &asked)
		_, _ = fmt.Sscanf(line, "cmdstat_get:calls=%d", &read)
	}
	require.Equal(t, requests, asked)
	require.LessOrEqual(t, read, pauses+2, "once, after each pause, and by the publisher's script")
}

// The message about a new key may come later than the key's first use.
func TestANewKeyCanBeUsedAtOnce(t *testing.T) {
	t.Parallel()
	s := setup(t, redistest.New(t))
	s.fill()
	g, err := authn.NewGuard(authntest.Settings(s.kit.Secret), s.client, nil) // not running: no message arrives
	require.NoError(t, err)
	use := func(text string) error {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", http.NoBody)
		r.Header.Set(authn.HeaderAPIKey, text)
		_, err := g.Authenticate(t.Context(), r)
		return err
	}
	stranger, _, err := authn.NewKey()
	require.NoError(t, err)
	require.ErrorIs(t, use(stranger), authn.ErrBadKey)
	text := s.kit.Key(t, authn.Mask(authn.CfgRead))
	s.kit.Publish(t, s.client)
	var users sync.WaitGroup
	for range 20 {
		users.Go(func() { assert.NoError(t, use(text)) })
	}
	users.Wait()
	require.ErrorIs(t, use(stranger), authn.ErrBadKey)
}
