package journal

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"nms.example/common/db"
	"nms.example/common/pgtest"
)

// Every filter must find its index, however many events there are: the list never sorts a month.
func TestListsUseTheirIndexes(t *testing.T) {
	t.Parallel()
	pool := pgtest.New[db.ADMIN](t)
	_, err := pool.Exec(t.Context(), `INSERT INTO event (time, id, source, type, subject, actor, request_id)
		SELECT now() - n * interval '1 second', gen_random_uuid(), '/nms/cfg', 'cfg.thing' || n % 100 || '.updated',
			'subject ' || n % 5000, 'user:' || n % 3000, 'request ' || n
		FROM generate_series(1, 60000) n`)
	require.NoError(t, err)
	_, err = pool.Exec(t.Context(), "ANALYZE event")
	require.NoError(t, err)
	reader := NewReader(pool)
	for name, c := range map[string]struct {
		filter Filter
		want   int
		most   int // rows read
	}{
		"all":     {Filter{}, 100, 2000},
		"subject": {Filter{Subject: new("subject 17")}, 12, 2000},
		"actor":   {Filter{Actor: new("user:17")}, 20, 2000},
		"type":    {Filter{Type: new("cfg.thing17.updated")}, 100, 2000},
		"below":   {Filter{Type: new("cfg.thing17.*")}, 100, 20000},
		"request": {Filter{RequestID: new("request 17")}, 1, 2000},
		"range":   {Filter{From: time.Now().Add(-5 * time.Hour), To: time.Now().Add(-5*time.Hour + 50*time.Second)}, 50, 2000},
		"nothing": {Filter{Subject: new("nobody")}, 0, 2000},
	} {
		before := buffers(t, pool)
		events, err := reader.List(t.Context(), c.filter, nil, 0, 100)
		require.NoError(t, err)
		read := buffers(t, pool) - before
		require.InDelta(t, c.want, len(events), 1, name)
		require.Less(t, read, c.most, "%s: rows read for %d events", name, len(events))
	}
}

// buffers counts the rows that were read of the journal's tables, by scan or by index.
func buffers(t *testing.T, pool *db.Pool[db.ADMIN]) (n int) {
	t.Helper()
	// A session's counters are sent at most once a second unless it is asked to.
	_, err := pool.Exec(t.Context(), "SELECT pg_stat_force_next_flush()")
	require.NoError(t, err)
	require.NoError(t, pool.QueryRow(t.Context(), `SELECT sum(seq_tup_read + coalesce(idx_tup_fetch, 0))
		FROM pg_stat_user_tables WHERE relname LIKE 'event\_%'`).Scan(&n))
	return n
}
