package trace_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"nms.example/common/db"
	"nms.example/common/rf"
	"nms.example/inbox/internal/dwhdb"
	"nms.example/inbox/internal/signal"
	"nms.example/inbox/internal/trace"
)

// seedSignals adds two signals to each trace, and some that wait for theirs.
func seedSignals(t *testing.T) *db.Pool[db.DWH] {
	t.Helper()
	pool := seed(t)
	require.NoError(t, pool.InTx(t.Context(), db.TxOptions{}, func(ctx context.Context, tx db.Tx[db.DWH]) error {
		_, set := tx.Exec(ctx, `SET LOCAL synchronous_commit = on`)
		_, fill := tx.Exec(ctx, `
			INSERT INTO signal (guid, trace_guid, start_freq_hz, stop_freq_hz, f0_freq_hz, measured_at)
			SELECT gen_random_uuid(), guid, start_freq_hz + 1000 * n, start_freq_hz + 1000 * n + 500, start_freq_hz + 1000 * n, measured_at
			FROM trace, generate_series(1, 2) AS n`)
		_, wait := tx.Exec(ctx, `
			INSERT INTO signal (guid, trace_guid, start_freq_hz, stop_freq_hz, f0_freq_hz)
			SELECT gen_random_uuid(), gen_random_uuid(), 1, 2, 1 FROM generate_series(1, 100)`)
		return errors.Join(set, fill, wait)
	}))
	_, err := pool.Exec(t.Context(), `VACUUM (ANALYZE) signal`)
	require.NoError(t, err)
	return pool
}

// TestPlansOfSignals: signals are found by an ordered walk over one index, that ends when the page is full; the place and
// the receiver cost a look by guid at the traces of those that are walked over.
func TestPlansOfSignals(t *testing.T) {
	t.Parallel()
	pool := seedSignals(t)
	search := func(change func(*trace.Filter)) trace.Filter {
		f := trace.All()
		change(&f)
		return f
	}
	source, rare, id := "RX3", "rare", int64(4)
	_, err := pool.Exec(t.Context(), `UPDATE trace SET source = 'rare' WHERE guid = md5('700')::uuid`)
	require.NoError(t, err)
	cursor := &trace.Position{At: newest.AddDate(0, 0, -7), GUID: uuid.Max}
	for name, c := range map[string]struct {
		filter       trace.Filter
		after        *trace.Position
		found, walks int // signals on the page, and index entries that may be looked at
	}{
		"newest":      {trace.All(), nil, 50, 60},
		"deep cursor": {trace.All(), cursor, 50, 60},
		"time":        {search(func(f *trace.Filter) { f.From, f.To = newest.AddDate(0, 0, -5), newest.AddDate(0, 0, -4) }), nil, 50, 60},
		"frequency":   {search(func(f *trace.Filter) { f.Band = rf.Band{StartHz: 500e6, StopHz: 500.0012e6} }), nil, 20, 2*seededTraces + 10},
		"box":         {search(func(f *trace.Filter) { f.Box = trace.Box{West: -90, South: -90, East: 90, North: 90} }), nil, 50, 300},
		"across 180°": {search(func(f *trace.Filter) { f.Box = trace.Box{West: 90, South: -90, East: -90, North: 90} }), nil, 50, 300},
		"receiver":    {search(func(f *trace.Filter) { f.Source = &source }), nil, 50, 600},
		"by both":     {search(func(f *trace.Filter) { f.Source, f.EquipmentID = &source, &id }), nil, 50, 600},
		"rare":        {search(func(f *trace.Filter) { f.Source, f.From = &rare, newest.AddDate(0, 0, -1) }), nil, 2, 3000},
	} {
		conn := &recorder{Pool: pool}
		found, err := signal.NewRepository(conn).Search(t.Context(), c.filter, c.after, 0, 50)
		require.NoError(t, err)
		require.Len(t, found, c.found, name)
		for _, s := range found {
			require.NotNil(t, s.MeasuredAt, "a signal that waits for its trace is not listed")
		}
		planned := modes
		if !c.filter.Anywhere() {
			planned = planned[:1] // as they are run
		}
		for _, mode := range planned {
			plan := conn.explain(t, mode)
			t.Log(name, mode, summary(plan))
			requireWalk(t, name, plan.executed(), c.walks, "signal_search")
		}
		_, err = signal.NewRepository(conn).Count(t.Context(), c.filter)
		require.NoError(t, err)
		// Where all have to be looked at, the table may be as quick as the index.
		requireWalk(t, name+", counted", conn.explain(t, "force_custom_plan").executed(), 2*seededTraces+200, "")
	}
}

// TestPlanOfAClaim: storing traces costs a probe each into the index of the signals that wait, however many signals there
// are and however many wait.
func TestPlanOfAClaim(t *testing.T) {
	t.Parallel()
	pool := seedSignals(t)
	_, err := pool.Exec(t.Context(), `
		INSERT INTO signal (guid, trace_guid, start_freq_hz, stop_freq_hz, f0_freq_hz)
		SELECT gen_random_uuid(), gen_random_uuid(), 1, 2, 1 FROM generate_series(1, 20000)`)
	require.NoError(t, err)
	_, err = pool.Exec(t.Context(), `VACUUM (ANALYZE) signal`)
	require.NoError(t, err)
	for _, mode := range modes {
		conn := &recorder{Pool: pool}
		claim := func() {
			var params dwhdb.TraceKeyClaimParams
			for range 256 {
				params.Guids, params.MeasuredAt = append(params.Guids, uuid.New()), append(params.MeasuredAt, newest)
			}
			_, err := dwhdb.New(conn).TraceKeyClaim(t.Context(), params)
			require.NoError(t, err)
		}
		claim()
		_, err := pool.Exec(t.Context(), `DELETE FROM trace_key WHERE measured_at = $1`, newest)
		require.NoError(t, err)
		plan := conn.explain(t, mode) // which claims them again
		t.Log(mode, summary(plan))
		read := 0.0
		for _, n := range plan.executed() {
			if n.Relation == "signal" && n.Type != "ModifyTable" {
				require.NotEqual(t, "Seq Scan", n.Type)
				read += (n.Rows + n.Removed) * n.Loops
			}
		}
		require.Less(t, read, 10.0)
	}
}

// requireWalk asserts that signals are read by one index alone if it is named, with at most so many looks, and traces by guid.
func requireWalk(t *testing.T, name string, nodes []planNode, walks int, index string) {
	t.Helper()
	walked := 0.0
	for _, n := range nodes {
		switch {
		case n.Relation == "signal":
			if index != "" {
				require.Equal(t, index, n.Index, "%s is read by %s", name, n.Type)
				require.Empty(t, n.Filter, name)
			}
			walked += n.Rows + n.Removed
		case strings.HasPrefix(n.Relation, "trace"):
			require.Contains(t, []string{"Index Scan", "Index Only Scan"}, n.Type, "%s: %s", name, n.Relation)
			require.LessOrEqual(t, n.Rows+n.Removed, 1.0, "%s: a trace is found by its guid", name)
		}
	}
	require.LessOrEqual(t, walked, float64(walks), name)
	require.Positive(t, walked, name)
}
