package stack

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
)

// A real PostgreSQL is made to complain of mistakes, of what belongs to the day, and of what a test provokes.
func TestMistakesAreFoundInPostgreSQLsLog(t *testing.T) {
	t.Parallel()
	checkout, err := FindCheckout(".")
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	throw, err := newThrowAway(ctx, checkout, "")
	require.NoError(t, err)
	defer throw.remove()
	defer throw.stop()
	require.NoError(t, throw.initPostgres(ctx))
	require.NoError(t, throw.launch(ctx, throw.postgres()))
	found, err := throw.faults()
	require.NoError(t, err)
	require.Empty(t, found)

	conn, err := pgx.Connect(ctx, throw.superDSN("postgres")+"&application_name=inbox")
	require.NoError(t, err)
	defer conn.Close(ctx)
	_, err = conn.Exec(ctx, "CREATE TABLE one (id int PRIMARY KEY CHECK (id < 9))")
	require.NoError(t, err)
	for _, statement := range []string{
		"INSERT INTO one VALUES (1), (1)", "INSERT INTO one VALUES (10)", "SELECT nothing -- " + Provoked,
		"SET LOCAL statement_timeout = 1; SELECT pg_sleep(60)", "DO $$ BEGIN RAISE EXCEPTION 'refused'; END $$",
	} {
		_, err := conn.Exec(ctx, statement)
		require.Error(t, err, statement)
	}
	found, err = throw.faults()
	require.NoError(t, err)
	require.Empty(t, found)

	for _, statement := range []string{
		"SELECT count(*)\nFROM one AS some", "SELECT 2147483647 + (SELECT 1)", "SELECT id FROM nowhere", "SELECT id FROM nowhere",
	} {
		_, err := conn.Exec(ctx, statement)
		require.Error(t, err, statement)
	}
	found, err = throw.faults()
	require.NoError(t, err)
	require.Len(t, found, 3, "equal ones count once")
	require.Regexp(t, `(?s)^postgres: .* 42601 \[inbox@postgres\] ERROR:  syntax error at or near "some".*STATEMENT:  SELECT count.*FROM one AS some$`, found[0])
	require.Contains(t, found[1], "22003 [inbox@postgres] ERROR:  integer out of range")
	require.Contains(t, found[2], `42P01 [inbox@postgres] ERROR:  relation "nowhere" does not exist`)

	since := ServerLogsFromNow(throw.checkout.logDir())
	found, err = since.Faults()
	require.NoError(t, err)
	require.Empty(t, found, "what was there before does not count")
	found, err = ServerLogsFromNow("").Faults()
	require.NoError(t, err)
	require.Empty(t, found)
}

// Lines as the servers write them.
func TestMistakesAreFoundInTheOthersLogs(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, lines := range map[string][]string{
		portRabbit: {
			`2026-11-30 00:06:43.849050+00:00 [error] <0.1.0> Channel error on connection <0.2.0> (127.0.0.1:4 -> 127.0.0.1:5, vhost: '/', user: 'x'), channel 1:`,
			`2026-11-30 00:06:43.849050+00:00 [error] <0.1.0> operation basic.publish caused a channel exception access_refused: access refused`,
			`2026-11-30 00:06:44.726532+00:00 [error] <0.3.0>  operation none caused a connection exception connection_forced: "user is deleted"`,
			`2026-11-30 00:06:45.000000+00:00 [warning] <0.4.0> client unexpectedly closed TCP connection`,
			`2026-11-30 00:06:46.000000+00:00 [error] <0.5.0> operation queue.declare caused a channel exception precondition_failed: inequivalent arg 'x-queue-type'`,
		},
		portRedis: {
			`3604:C 29 Nov 2026 23:48:00.000 # oO0OoO0OoO0Oo Redis is starting oO0OoO0OoO0Oo`,
			`3604:M 29 Nov 2026 23:48:00.000 # WARNING Memory overcommit must be enabled! Without it, a background save may fail`,
			`3604:M 29 Nov 2026 23:48:00.000 * Ready to accept connections`,
			`3604:M 29 Nov 2026 23:49:00.000 # Can't save in background: fork: Cannot allocate memory`,
		},
	} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name+".log"), []byte(strings.Join(lines, "\n")+"\n"), 0o600))
	}
	found, err := ServerLogs{dir: dir}.Faults()
	require.NoError(t, err)
	require.Len(t, found, 2)
	require.Contains(t, found[0], "precondition_failed")
	require.Contains(t, found[1], "Can't save")
}
