package revocation

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"nms.example/common/authn"
	"nms.example/common/authntest"
	"nms.example/common/db"
	"nms.example/common/pgtest"
	"nms.example/common/redis"
	"nms.example/common/redistest"
	"nms.example/common/waittest"
)

// What is away is named once, and it is the right one.
func TestARoundNamesWhatIsAway(t *testing.T) {
	t.Parallel()
	server := redistest.StartServer(t)
	redis := redistest.Open(t, redis.Settings{DSN: server.DSN})
	pool, err := db.Open[db.AUTH](t.Context(), db.Settings{DSN: pgtest.DSN[db.AUTH](t)})
	require.NoError(t, err)
	keyring, err := authn.NewKeyring(authntest.Settings(strings.Repeat("k", 32)))
	require.NoError(t, err)
	var log bytes.Buffer
	r := NewRelay(pool, authn.NewPublisher(redis, keyring), authn.NewRevocations(), authn.NewAPIKeys(), slog.New(slog.NewTextHandler(&log, nil)))
	rounds := func() string {
		log.Reset()
		r.round(t.Context())
		r.round(t.Context())
		return log.String()
	}
	require.Empty(t, rounds())
	require.NoError(t, r.Check(t.Context()))

	server.Kill()
	said := rounds()
	require.Equal(t, 1, strings.Count(said, "level="), said)
	require.Contains(t, said, "as soon as Redis is back")
	require.Error(t, r.Check(t.Context()))

	server.Restart()
	require.Eventually(t, func() bool { return r.keepUp(t.Context()) == nil }, waittest.Bound, 10*time.Millisecond)
	require.Contains(t, rounds(), "pushed again")

	require.NoError(t, pool.Close(t.Context()))
	said = rounds()
	require.Equal(t, 1, strings.Count(said, "level="), said)
	require.Contains(t, said, "as soon as the database is back")
	require.NoError(t, r.Check(t.Context()), "Redis is there")
}
