package migrate_test

import (
	"context"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	schema "nms.example/sql"
	"nms.example/sql/internal/testdb"
	"nms.example/sql/migrate"
)

func setup(t *testing.T, d schema.Database) migrate.Target {
	t.Helper()
	return migrate.Target{Database: d, URL: testdb.New(t)}
}

// mark writes a migration of a newer build into the database's list.
func mark(t *testing.T, target migrate.Target, v schema.Version) {
	t.Helper()
	_, err := testdb.Connect(t, target.URL).Exec(t.Context(), "INSERT INTO schema_migrations (version) VALUES ($1)", string(v))
	require.NoError(t, err)
}

func TestTenMigratorsApplyEachMigrationOnce(t *testing.T) {
	t.Parallel()
	target := setup(t, schema.NMS)
	known, err := schema.Versions(schema.NMS)
	require.NoError(t, err)

	var wait sync.WaitGroup
	applied, errs := make([][]schema.Version, 10), make([]error, 10)
	for i := range applied {
		wait.Go(func() { applied[i], errs[i] = migrate.Up(t.Context(), target, io.Discard) })
	}
	wait.Wait()

	var total []schema.Version
	for i := range applied {
		require.NoError(t, errs[i])
		total = append(total, applied[i]...)
	}
	require.Equal(t, known, total)
}

func TestStatusFollowsUpAndDown(t *testing.T) {
	t.Parallel()
	target := setup(t, schema.Admin)
	known, err := schema.Versions(schema.Admin)
	require.NoError(t, err)
	before := testdb.Catalogue(t, target.URL)

	s, err := migrate.ReadStatus(t.Context(), target)
	require.NoError(t, err)
	require.Equal(t, migrate.Status{Database: schema.Admin, Latest: schema.Latest(schema.Admin), Pending: known}, s)
	require.Equal(t, before, testdb.Catalogue(t, target.URL), "a look changes nothing")

	_, err = migrate.Up(t.Context(), target, io.Discard)
	require.NoError(t, err)
	undone, err := migrate.Down(t.Context(), target, 1, io.Discard)
	require.NoError(t, err)
	require.Equal(t, known[len(known)-1:], undone)

	s, err = migrate.ReadStatus(t.Context(), target)
	require.NoError(t, err)
	require.Equal(t, known[len(known)-2], s.Current)
	require.Equal(t, undone, s.Pending)

	_, err = migrate.Down(t.Context(), target, -1, io.Discard)
	require.NoError(t, err)
	_, err = migrate.Down(t.Context(), target, 1, io.Discard)
	require.ErrorIs(t, err, migrate.ErrNothingToUndo)
}

func TestDatabaseAheadIsLeftAlone(t *testing.T) {
	t.Parallel()
	target := setup(t, schema.Auth)
	_, err := migrate.Up(t.Context(), target, io.Discard)
	require.NoError(t, err)
	mark(t, target, "29990101000000")

	applied, err := migrate.Up(t.Context(), target, io.Discard)
	require.NoError(t, err)
	require.Empty(t, applied)
	require.NoError(t, migrate.Wait(t.Context(), target))
	s, err := migrate.ReadStatus(t.Context(), target)
	require.NoError(t, err)
	require.True(t, s.Ahead())
	require.Equal(t, []schema.Version{"29990101000000"}, s.Unknown)

	_, err = migrate.Down(t.Context(), target, 1, io.Discard)
	require.ErrorContains(t, err, "29990101000000, which this build does not know")
}

func TestWaitSeesTheMigration(t *testing.T) {
	t.Parallel()
	target := setup(t, schema.DWH)
	waited := make(chan error, 1)
	go func() { waited <- migrate.Wait(t.Context(), target) }()
	_, err := migrate.Up(t.Context(), target, io.Discard)
	require.NoError(t, err)
	require.NoError(t, <-waited)
}

func TestWaitGivesUpAndSaysWhy(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ url, want string }{
		"nobody":       {"postgres://nms:pa55word@127.0.0.1:1/nms", "nothing listens there"},
		"not migrated": {testdb.New(t), "database nms is not migrated yet"},
		"wrong URL":    {"postgres://nms:pa55%word@127.0.0.1:1/nms", "DB_NMS_DSN"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var err error
			for patience := 4 * time.Second; patience < 5*time.Minute; patience *= 2 { // until a busy server has answered
				ctx, cancel := context.WithTimeout(t.Context(), patience)
				err = migrate.Wait(ctx, migrate.Target{Database: schema.NMS, URL: c.url})
				cancel()
				if strings.Contains(err.Error(), c.want) {
					break
				}
			}
			require.ErrorContains(t, err, c.want)
			require.NotContains(t, err.Error(), "pa55")
			require.NotContains(t, err.Error(), "\n")
		})
	}
}

func TestUpWaitsForAnotherMigratorAndCanBeCalledOff(t *testing.T) {
	t.Parallel()
	target := setup(t, schema.NMS)
	other := testdb.Connect(t, target.URL)
	_, err := other.Exec(t.Context(), "SELECT pg_advisory_lock($1)", int64(0x6e6d735f6d696772))
	require.NoError(t, err)

	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	log := callOff{cancel: cancel}
	_, err = migrate.Up(ctx, target, &log)
	require.ErrorIs(t, err, context.Canceled)
	require.Contains(t, log.String(), "another migrator is at work")

	_, err = other.Exec(t.Context(), "SELECT pg_advisory_unlock_all()")
	require.NoError(t, err)
	_, err = migrate.Up(t.Context(), target, io.Discard)
	require.NoError(t, err)
}

// A migrator does not queue behind a long transaction, where everybody else would wait behind it: it gives up after the
// bound in the URL, and says nothing of a success.
func TestALockedTableIsGivenUpOn(t *testing.T) {
	t.Parallel()
	target := setup(t, schema.DWH)
	_, err := migrate.Up(t.Context(), target, io.Discard)
	require.NoError(t, err)
	before := testdb.Catalogue(t, target.URL)
	other, err := testdb.Connect(t, target.URL).Begin(t.Context())
	require.NoError(t, err)
	_, err = other.Exec(t.Context(), "LOCK TABLE schema_migrations IN EXCLUSIVE MODE") // every migration writes there
	require.NoError(t, err)

	bounded := migrate.Target{Database: target.Database, URL: target.URL + "?lock_timeout=50"}
	if strings.Contains(target.URL, "?") {
		bounded.URL = target.URL + "&lock_timeout=50"
	}
	var log strings.Builder
	_, err = migrate.Down(t.Context(), bounded, 1, &log)
	require.ErrorContains(t, err, "lock timeout")
	require.Contains(t, log.String(), "dwh: Rolling back: ")
	require.NotContains(t, log.String(), "Rolled back")
	require.NoError(t, other.Rollback(t.Context()))
	require.Equal(t, before, testdb.Catalogue(t, target.URL))

	log.Reset()
	_, err = migrate.Down(t.Context(), bounded, 1, &log)
	require.NoError(t, err)
	require.Contains(t, log.String(), "dwh: Rolled back: ")
}

// callOff is a log that cancels after the first line.
type callOff struct {
	strings.Builder

	cancel context.CancelFunc
}

func (c *callOff) Write(p []byte) (int, error) {
	defer c.cancel()
	return c.Builder.Write(p)
}

func TestURLMeansTheSameAsToTheServices(t *testing.T) {
	t.Parallel()
	target := setup(t, schema.Admin)
	separator := "?"
	if strings.Contains(target.URL, "?") {
		separator = "&"
	}
	target.URL += separator + "pool_max_conns=3&statement_timeout=20000" // known to pgx alone
	_, err := migrate.Up(t.Context(), target, io.Discard)
	require.NoError(t, err)
}
