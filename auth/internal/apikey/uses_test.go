package apikey_test

import (
	"context"
	"log/slog"
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
	"nms.example/common/db"
	"nms.example/common/pgtest"
	"nms.example/common/redis"
	"nms.example/common/redistest"

	"nms.example/auth/internal/apikey"
)

// services stands for all services: it reports the use of keys as they do.
type services struct {
	t         *testing.T
	redis     *redis.Client
	publisher *authn.Publisher
}

func newServices(t *testing.T, client *redis.Client) *services {
	t.Helper()
	keyring, err := authn.NewKeyring(authntest.Settings(strings.Repeat("k", 32)))
	require.NoError(t, err)
	return &services{t: t, redis: client, publisher: authn.NewPublisher(client, keyring)}
}

func (s *services) report(key uuid.UUID, at time.Time, address string) {
	s.t.Helper()
	require.NoError(s.t, s.redis.Do(s.t.Context(), func(ctx context.Context, rdb goredis.UniversalClient) error {
		return rdb.HSet(ctx, s.redis.Key("{authn}", "used"), key.String(), strconv.FormatInt(at.UnixMilli(), 10)+" "+address).Err()
	}))
}

// waiting counts the uses that are not stored yet.
func (s *services) waiting() int {
	s.t.Helper()
	uses, err := s.publisher.KeyUses(s.t.Context())
	require.NoError(s.t, err)
	return len(uses)
}

// store has six instances of auth store what is reported, at once.
func (s *services) store(pool *db.Pool[db.AUTH]) {
	s.t.Helper()
	errs := make([]error, 6)
	var group sync.WaitGroup
	for i := range errs {
		group.Go(func() {
			errs[i] = apikey.NewUses(pool, s.publisher, slog.New(slog.DiscardHandler)).Store(s.t.Context())
		})
	}
	group.Wait()
	for _, err := range errs {
		require.NoError(s.t, err)
	}
}

func TestOneUseAMinuteAndKeyIsStored(t *testing.T) {
	t.Parallel()
	pool := pgtest.New[db.AUTH](t)
	exec := func(statement string, args ...any) {
		t.Helper()
		_, err := pool.Exec(t.Context(), statement, args...)
		require.NoError(t, err)
	}
	key := uuid.New()
	exec("INSERT INTO api_keys (id, name, hash, access, created_by) VALUES ($1, 'k', $2, 0, 'user:1')", key, []byte(strings.Repeat("h", 32)))
	// Every write of a row is counted, also one that changes nothing.
	exec("CREATE TABLE writes (n int)")
	exec("CREATE FUNCTION count_write() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO writes VALUES (1); RETURN NULL; END $$")
	exec("CREATE TRIGGER count_write AFTER INSERT OR UPDATE ON api_key_uses FOR EACH ROW EXECUTE FUNCTION count_write()")
	var version int64
	require.NoError(t, pool.QueryRow(t.Context(), "SELECT version FROM api_keys_version").Scan(&version))

	s := newServices(t, redistest.New(t))
	s.store(pool) // nothing was reported
	stored := func() (address string, writes int) {
		t.Helper()
		require.NoError(t, pool.QueryRow(t.Context(), "SELECT host(address), (SELECT count(*) FROM writes) FROM api_key_uses WHERE key_id = $1", key).
			Scan(&address, &writes))
		return address, writes
	}
	now := time.Now()
	s.report(key, now, "192.0.2.1")
	s.report(uuid.New(), now, "192.0.2.9") // of a key that is gone
	s.store(pool)
	address, writes := stored()
	require.Equal(t, "192.0.2.1", address)
	require.Equal(t, 1, writes, "whatever the number of instances")
	require.Zero(t, s.waiting(), "what is stored is forgotten, and so is what belongs to no key")

	exec("UPDATE api_key_uses SET used_at = used_at - interval '10 seconds'") // the next use is a later one, however quick this is
	exec("TRUNCATE writes")
	s.report(key, now, "192.0.2.2")
	s.store(pool)
	address, writes = stored()
	require.Equal(t, "192.0.2.1", address, "its minute is not over")
	require.Zero(t, writes)
	require.Equal(t, 1, s.waiting(), "it waits")

	exec("UPDATE api_key_uses SET written_at = written_at - interval '1 minute'")
	exec("TRUNCATE writes")
	s.store(pool)
	address, writes = stored()
	require.Equal(t, "192.0.2.2", address)
	require.Equal(t, 1, writes)
	require.Zero(t, s.waiting())

	exec("UPDATE api_key_uses SET written_at = written_at - interval '1 minute'")
	exec("TRUNCATE writes")
	s.report(key, now.Add(-time.Hour), "2001:db8::1")
	s.store(pool)
	address, writes = stored()
	require.Equal(t, "192.0.2.2", address, "an earlier use, reported late")
	require.Zero(t, writes)
	require.Zero(t, s.waiting())

	var after int64
	require.NoError(t, pool.QueryRow(t.Context(), "SELECT version FROM api_keys_version").Scan(&after))
	require.Equal(t, version, after, "the services need not read the keys again")
}

func TestUsesCannotBeStoredWhileRedisIsAway(t *testing.T) {
	t.Parallel()
	server := redistest.StartServer(t)
	pool := pgtest.New[db.AUTH](t)
	s := newServices(t, redistest.Open(t, redis.Settings{DSN: server.DSN}))
	server.Kill()
	require.ErrorIs(t, apikey.NewUses(pool, s.publisher, slog.New(slog.DiscardHandler)).Store(t.Context()), redis.ErrDown)
}
