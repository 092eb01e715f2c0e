package schema_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	schema "nms.example/sql"
	"nms.example/sql/internal/testdb"
	"nms.example/sql/migrate"
)

// historyURL gives a database with the table `thing` that takes part in the history as the README shows.
func historyURL(t *testing.T) string {
	t.Helper()
	url := testdb.New(t)
	conn := testdb.Connect(t, url)
	file, err := schema.Files.ReadFile(schema.Auth.Dir() + "/20261123000002_history.sql")
	require.NoError(t, err)
	up, _, _ := strings.Cut(string(file), "-- migrate:down")
	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)
	recipe := regexp.MustCompile("(?s)```sql\n(CREATE TABLE thing_history.*?)```").FindSubmatch(readme)
	require.NotNil(t, recipe, "the recipe in README.md")
	for _, script := range []string{
		up,
		"CREATE TABLE thing (id bigint PRIMARY KEY, name text, password_hash text)",
		string(recipe[1]),
	} {
		_, err := conn.Exec(t.Context(), script)
		require.NoError(t, err)
	}
	return url
}

type version struct {
	Version   int64
	From      time.Time
	Until     *time.Time
	Op        string
	Actor     string
	RequestID string
	Snapshot  map[string]any
}

// versions reads one thing's history and checks what must hold for every history.
func versions(t *testing.T, conn *pgx.Conn, id int64) []version {
	t.Helper()
	rows, err := conn.Query(t.Context(), `
		SELECT version, lower(valid), upper(valid), op, actor, request_id, snapshot
		FROM thing_history WHERE id = $1 ORDER BY version`, id)
	require.NoError(t, err)
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[version])
	require.NoError(t, err)
	for i, v := range all {
		require.Equal(t, int64(i+1), v.Version, "versions are counted without a gap")
		if i == len(all)-1 {
			require.Nil(t, v.Until, "the newest version is open")
			break
		}
		require.NotNil(t, v.Until)
		require.True(t, v.From.Before(*v.Until), "no version is empty")
		require.Equal(t, all[i+1].From, *v.Until, "one ends where the next begins")
	}
	return all
}

func ops(all []version) (ops []string) {
	for _, v := range all {
		ops = append(ops, v.Op)
	}
	return ops
}

func exec(t *testing.T, conn *pgx.Conn, statement string, args ...any) {
	t.Helper()
	_, err := conn.Exec(t.Context(), statement, args...)
	require.NoError(t, err)
}

func TestHistoryOfOneTransaction(t *testing.T) {
	t.Parallel()
	conn := testdb.Connect(t, historyURL(t))
	exec(t, conn, `BEGIN; SET LOCAL nms.actor = 'user:7'; SET LOCAL nms.request_id = 'r-1';
		INSERT INTO thing VALUES (1, 'a', 'secret');
		UPDATE thing SET name = 'b'; UPDATE thing SET name = 'b'; UPDATE thing SET password_hash = 'other';
		UPDATE thing SET name = 'c';
		DELETE FROM thing; INSERT INTO thing VALUES (1, 'd', NULL); COMMIT`)

	all := versions(t, conn, 1)
	require.Equal(t, []string{"insert", "update", "update", "delete", "insert"}, ops(all))
	var names []any
	for _, v := range all {
		require.Equal(t, "user:7", v.Actor)
		require.Equal(t, "r-1", v.RequestID)
		require.NotContains(t, v.Snapshot, "password_hash")
		names = append(names, v.Snapshot["name"])
	}
	require.Equal(t, []any{"a", "b", "c", "c", "d"}, names)
}

func TestHistoryByHandNamesTheDatabaseUser(t *testing.T) {
	t.Parallel()
	conn := testdb.Connect(t, historyURL(t))
	exec(t, conn, "BEGIN; SET LOCAL nms.actor = 'user:7'; INSERT INTO thing VALUES (1, 'a'); COMMIT")
	exec(t, conn, "UPDATE thing SET name = 'b'") // the setting is empty now, not absent
	all := versions(t, conn, 1)
	require.Equal(t, "db:"+conn.Config().User, all[1].Actor)
	require.Empty(t, all[1].RequestID)
}

func TestHistorySurvivesAClockSetBack(t *testing.T) {
	t.Parallel()
	conn := testdb.Connect(t, historyURL(t))
	exec(t, conn, "INSERT INTO thing VALUES (1, 'a')")
	exec(t, conn, "UPDATE thing_history SET valid = tstzrange('2999-01-01', NULL)") // written before the clock went back
	exec(t, conn, "UPDATE thing SET name = 'b'")
	exec(t, conn, "UPDATE thing SET name = 'c'")
	all := versions(t, conn, 1)
	require.Len(t, all, 3)
	require.Equal(t, time.Microsecond, all[2].From.Sub(all[1].From))
}

func TestHistoryOfManyRowsInOneStatement(t *testing.T) {
	t.Parallel()
	conn := testdb.Connect(t, historyURL(t))
	exec(t, conn, "INSERT INTO thing SELECT n, 'n' || n FROM generate_series(1, 500) n")
	exec(t, conn, "UPDATE thing SET name = name || '!' WHERE id > 250")
	exec(t, conn, `INSERT INTO thing VALUES (500, 'upsert'), (501, 'new')
		ON CONFLICT (id) DO UPDATE SET name = excluded.name`)
	exec(t, conn, "DELETE FROM thing WHERE id % 2 = 0")
	require.Equal(t, []string{"insert"}, ops(versions(t, conn, 1)))
	require.Equal(t, []string{"insert", "delete"}, ops(versions(t, conn, 2)))
	require.Equal(t, []string{"insert", "update"}, ops(versions(t, conn, 251)))
	require.Equal(t, []string{"insert", "update", "update", "delete"}, ops(versions(t, conn, 500)))
	require.Equal(t, []string{"insert"}, ops(versions(t, conn, 501)))
}

func TestHistoryAtAMoment(t *testing.T) {
	t.Parallel()
	conn := testdb.Connect(t, historyURL(t))
	exec(t, conn, "INSERT INTO thing VALUES (1, 'a')")
	exec(t, conn, "UPDATE thing SET name = 'b'")
	exec(t, conn, "DELETE FROM thing")
	all := versions(t, conn, 1)
	for at, want := range map[time.Time]string{
		all[0].From: "a", all[1].From.Add(-time.Microsecond): "a", all[1].From: "b",
		all[2].From: "", all[0].From.Add(-time.Microsecond): "", time.Now().AddDate(1, 0, 0): "",
	} {
		var name string
		err := conn.QueryRow(t.Context(), `SELECT snapshot->>'name' FROM thing_history
			WHERE id = 1 AND valid @> $1::timestamptz AND op <> 'delete'`, at).Scan(&name)
		if want == "" {
			require.ErrorIs(t, err, pgx.ErrNoRows)
			continue
		}
		require.NoError(t, err)
		require.Equal(t, want, name)
	}
}

func TestHistoryKeyCannotChange(t *testing.T) {
	t.Parallel()
	conn := testdb.Connect(t, historyURL(t))
	exec(t, conn, "INSERT INTO thing VALUES (1, 'a')")
	_, err := conn.Exec(t.Context(), "UPDATE thing SET id = 2")
	require.ErrorContains(t, err, "SQLSTATE 23514")
	require.Len(t, versions(t, conn, 1), 1)
}

func TestHistoryRefusesOverlaps(t *testing.T) {
	t.Parallel()
	conn := testdb.Connect(t, historyURL(t))
	exec(t, conn, "INSERT INTO thing VALUES (1, 'a')")
	_, err := conn.Exec(t.Context(), `INSERT INTO thing_history (id, version, valid, op, actor, request_id, snapshot)
		VALUES (1, 99, tstzrange(now() - interval '1 hour', now() + interval '1 hour'), 'update', '', '', '{}')`)
	require.ErrorContains(t, err, "thing_history_valid_excl")
}

// Writers race for a few rows, with several changes per transaction, deletes and rows made again.
func TestHistoryUnderARace(t *testing.T) {
	t.Parallel()
	const writers, rounds, rows = 8, 25, 3
	url := historyURL(t)
	var wait sync.WaitGroup
	errs := make([]error, writers)
	for w := range writers {
		wait.Go(func() { errs[w] = race(t.Context(), url, w, rounds, rows) })
	}
	wait.Wait()
	for _, err := range errs {
		require.NoError(t, err)
	}
	conn := testdb.Connect(t, url)
	total := 0
	for id := range int64(rows) {
		all := versions(t, conn, id)
		total += len(all)
		var now *string
		require.NoError(t, conn.QueryRow(t.Context(),
			"SELECT (SELECT to_jsonb(t) - 'password_hash' FROM thing t WHERE id = $1)::text", id).Scan(&now))
		last := all[len(all)-1]
		if now == nil {
			require.Equal(t, "delete", last.Op)
			continue
		}
		snapshot, err := json.Marshal(last.Snapshot)
		require.NoError(t, err)
		require.JSONEq(t, *now, string(snapshot), "the open version is the row")
	}
	require.Greater(t, total, writers*rounds)
}

func race(ctx context.Context, url string, writer, rounds, rows int) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	for round := range rounds {
		id := (writer + round) % rows
		statement := fmt.Sprintf(`BEGIN;
			INSERT INTO thing VALUES (%d, 'w%d-%d') ON CONFLICT (id) DO UPDATE SET name = excluded.name;
			UPDATE thing SET name = name || '+' WHERE id = %d;`, id, writer, round, id)
		if round%5 == 4 {
			statement += fmt.Sprintf("DELETE FROM thing WHERE id = %d;", id)
		}
		if _, err := conn.Exec(ctx, statement+"COMMIT"); err != nil {
			return err
		}
	}
	return nil
}

func TestOutboxNotifiesOncePerStatement(t *testing.T) {
	t.Parallel()
	conn := testdb.Connect(t, migrated(t, schema.DWH))
	exec(t, conn, "LISTEN outbox")
	exec(t, conn, "INSERT INTO outbox (slot, event) SELECT n % 16, '{}' FROM generate_series(1, 100) n")
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	n, err := conn.WaitForNotification(ctx)
	require.NoError(t, err)
	require.Equal(t, "outbox", n.Channel)

	var slots int
	require.NoError(t, conn.QueryRow(t.Context(), "SELECT count(*) FROM outbox_slot WHERE slot BETWEEN 0 AND 15").Scan(&slots))
	require.Equal(t, 16, slots)
	_, err = conn.Exec(t.Context(), "INSERT INTO outbox (slot, event) VALUES (16, '{}')")
	require.ErrorContains(t, err, "outbox_slot_range")
}

func TestOutboxWritersDoNotWaitForARelay(t *testing.T) {
	t.Parallel()
	url := migrated(t, schema.DWH)
	relay, writer := testdb.Connect(t, url), testdb.Connect(t, url)
	exec(t, relay, "BEGIN")
	exec(t, relay, "SELECT FROM outbox_slot WHERE slot = 3 FOR NO KEY UPDATE SKIP LOCKED")
	exec(t, writer, "SET lock_timeout = '1s'")
	exec(t, writer, "INSERT INTO outbox (slot, event) VALUES (3, '{}')")
	var free int
	require.NoError(t, writer.QueryRow(t.Context(),
		"SELECT count(*) FROM (SELECT FROM outbox_slot FOR NO KEY UPDATE SKIP LOCKED) s").Scan(&free))
	require.Equal(t, 15, free)
}

func TestJournalPartitions(t *testing.T) {
	t.Parallel()
	conn := testdb.Connect(t, migrated(t, schema.Admin))
	exec(t, conn, "SET timezone = 'Asia/Tokyo'") // months are UTC's, whatever the session thinks
	event := "INSERT INTO event (time, id, source, type, subject) VALUES ($1, '0190163d-8694-739b-aea5-966c26f8ad91', 'cfg', 'cfg.equipment.updated', '1')"
	exec(t, conn, event, "2019-01-31T23:59:59Z")
	for _, want := range []bool{true, false} {
		var made bool
		require.NoError(t, conn.QueryRow(t.Context(), "SELECT event_partition_make('2019-01-01T00:00:00Z')").Scan(&made))
		require.Equal(t, want, made)
	}
	var partition string
	require.NoError(t, conn.QueryRow(t.Context(), "SELECT tableoid::regclass::text FROM event").Scan(&partition))
	require.Equal(t, "event_2019_01", partition, "a stray event moves into its partition")
	_, err := conn.Exec(t.Context(), event, "2019-01-31T23:59:59Z")
	require.ErrorContains(t, err, "SQLSTATE 23505", "an event is kept once")
}

func migrated(t *testing.T, d schema.Database) string {
	t.Helper()
	url := testdb.New(t)
	_, err := migrate.Up(t.Context(), migrate.Target{Database: d, URL: url}, io.Discard)
	require.NoError(t, err)
	return url
}
