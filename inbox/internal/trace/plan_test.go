package trace_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"nms.example/common/db"
	"nms.example/common/pgtest"
	"nms.example/common/rf"
	"nms.example/inbox/internal/trace"
)

type planNode struct {
	Type     string     `json:"Node Type"`
	Relation string     `json:"Relation Name"`
	Index    string     `json:"Index Name"`
	Loops    float64    `json:"Actual Loops"`
	Rows     float64    `json:"Actual Rows"`
	Filter   string     `json:"Filter"`
	Removed  float64    `json:"Rows Removed by Filter"`
	Children []planNode `json:"Plans"`
}

// executed gives the nodes that ran, below n too.
func (n planNode) executed() []planNode {
	if n.Loops == 0 {
		return nil
	}
	nodes := []planNode{n}
	for _, c := range n.Children {
		nodes = append(nodes, c.executed()...)
	}
	return nodes
}

const (
	seededDays   = 20
	seededTraces = 20_000
)

// seed spreads traces over days, places and frequencies.
func seed(t *testing.T) *db.Pool[db.DWH] {
	t.Helper()
	pool := pgtest.New[db.DWH](t)
	ctx := t.Context()
	_, err := pool.Exec(ctx, `SELECT trace_partition_ensure(day) FROM generate_series($1::timestamptz, $2, interval '1 day') AS day`,
		newest.AddDate(0, 0, -seededDays), newest)
	require.NoError(t, err)
	_, err = pool.Exec(ctx, `
		INSERT INTO trace
		SELECT $1::timestamptz - i * ($2 * interval '1 day' / $3), md5(i::text)::uuid, 1000000 * (i % 1000), 1000000 * (i % 1000) + 49900, 100, -100,
			(i % 180) - 90, (i % 360) - 180, now(), decode(repeat('00', 1000), 'hex'), NULL, 'RX' || i % 10, i % 10 + 1
		FROM generate_series(1, $3) AS i`, newest, seededDays, seededTraces)
	require.NoError(t, err)
	// VACUUM marks no page as visible to all before the commits in it are on disk, and without that mark
	// the planner takes index-only scans for dear; the servers of the tests commit asynchronously.
	require.NoError(t, pool.InTx(ctx, db.TxOptions{}, func(ctx context.Context, tx db.Tx[db.DWH]) error {
		_, set := tx.Exec(ctx, `SET LOCAL synchronous_commit = on`)
		_, fill := tx.Exec(ctx, `INSERT INTO trace_key SELECT guid, measured_at FROM trace`)
		return errors.Join(set, fill)
	}))
	_, err = pool.Exec(ctx, `VACUUM (ANALYZE) trace, trace_key`)
	require.NoError(t, err)
	return pool
}

var newest = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)

// recorder is a Conn that notes the statements that pass.
type recorder struct {
	*db.Pool[db.DWH]
	sql  string
	args []any
}

func (r *recorder) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	r.sql, r.args = sql, args
	return r.Pool.Query(ctx, sql, args...)
}

func (r *recorder) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	r.sql, r.args = sql, args
	return r.Pool.QueryRow(ctx, sql, args...)
}

// explain runs the last statement again under EXPLAIN (ANALYZE), as a prepared one: planned for its
// arguments, or once for all as the driver's cached statements end up.
func (r *recorder) explain(t *testing.T, mode string) planNode {
	t.Helper()
	var plans []struct{ Plan planNode }
	err := r.InTx(t.Context(), db.TxOptions{}, func(ctx context.Context, tx db.Tx[db.DWH]) error {
		literals := make([]string, 0, len(r.args))
		for _, arg := range r.args {
			literals = append(literals, literal(arg)...)
		}
		for _, sql := range []string{"SET LOCAL plan_cache_mode = " + mode, "PREPARE explained AS " + r.sql} {
			if _, err := tx.Exec(ctx, sql); err != nil {
				return err
			}
		}
		var text []byte
		execute := "EXPLAIN (ANALYZE, FORMAT JSON) EXECUTE explained(" + strings.Join(literals, ", ") + ")"
		if err := tx.QueryRow(ctx, execute).Scan(&text); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, "DEALLOCATE explained")
		return errors.Join(err, json.Unmarshal(text, &plans))
	})
	require.NoError(t, err)
	return plans[0].Plan
}

// literal writes an argument as SQL; nothing for what is meant for the driver.
func literal(arg any) []string {
	switch arg := arg.(type) {
	case pgx.QueryExecMode:
		return nil
	case time.Time:
		return []string{"'" + arg.Format(time.RFC3339Nano) + "'"}
	case *string:
		if arg != nil {
			return []string{"'" + *arg + "'"}
		}
	case *int64:
		if arg != nil {
			return []string{strconv.FormatInt(*arg, 10)}
		}
	case []uuid.UUID:
		return []string{array(arg, uuid.UUID.String)}
	case []time.Time:
		return []string{array(arg, func(at time.Time) string { return at.Format(time.RFC3339Nano) })}
	default:
		return []string{fmt.Sprintf("'%v'", arg)}
	}
	return []string{"NULL"}
}

func array[T any](values []T, text func(T) string) string {
	texts := make([]string, len(values))
	for i, v := range values {
		texts[i] = text(v)
	}
	return "'{" + strings.Join(texts, ",") + "}'"
}

// requireIndexed asserts that no table of traces was read from end to end and that at most partitions of
// them were touched at all.
func requireIndexed(t *testing.T, nodes []planNode, partitions int) {
	t.Helper()
	touched := map[string]bool{}
	for _, n := range nodes {
		if strings.HasPrefix(n.Relation, "trace") {
			require.Contains(t, []string{"Index Scan", "Index Only Scan"}, n.Type, "%s is read by %s", n.Relation, n.Type)
			require.Empty(t, n.Filter, "%s is filtered in the row", n.Relation)
			touched[n.Relation] = true
		}
	}
	require.NotEmpty(t, touched)
	require.LessOrEqual(t, len(touched), partitions, "%v", touched)
}

func TestPlans(t *testing.T) {
	t.Parallel()
	pool := seed(t)
	search := func(change func(*trace.Filter)) trace.Filter {
		f := trace.All()
		change(&f)
		return f
	}
	cursor := &trace.Position{At: newest.AddDate(0, 0, -7), GUID: uuid.Max}
	for name, c := range map[string]struct {
		filter     trace.Filter
		after      *trace.Position
		partitions int
	}{
		"newest":           {trace.All(), nil, 1},
		"deep cursor":      {trace.All(), cursor, 2},
		"time":             {search(func(f *trace.Filter) { f.From, f.To = newest.AddDate(0, 0, -5), newest.AddDate(0, 0, -4) }), nil, 2},
		"frequency":        {search(func(f *trace.Filter) { f.Band = rf.Band{StartHz: 500e6, StopHz: 501e6} }), nil, seededDays + 1},
		"box":              {search(func(f *trace.Filter) { f.Box = trace.Box{West: 10, South: 10, East: 12, North: 12} }), nil, seededDays + 1},
		"box and band":     {search(func(f *trace.Filter) { f.Band.StartHz, f.Box.West = 900e6, 100 }), cursor, 3},
		"nothing is there": {search(func(f *trace.Filter) { f.Band = rf.Band{StartHz: 2e9, StopHz: 3e9} }), nil, seededDays + 1},
	} {
		conn := &recorder{Pool: pool}
		_, err := trace.NewRepository(conn).Search(t.Context(), c.filter, c.after, 0, 50)
		require.NoError(t, err)
		for _, mode := range modes {
			plan := conn.explain(t, mode)
			t.Log(name, mode, summary(plan))
			requireIndexed(t, plan.executed(), c.partitions)
		}
		_, err = trace.NewRepository(conn).Count(t.Context(), c.filter)
		require.NoError(t, err)
		for _, mode := range modes {
			requireIndexed(t, conn.explain(t, mode).executed(), seededDays+1)
		}
	}
}

// TestPlansOfOneReceiver: its traces are found by an index of its own, also where there are few of them or none.
func TestPlansOfOneReceiver(t *testing.T) {
	t.Parallel()
	pool := seed(t)
	_, err := pool.Exec(t.Context(), `UPDATE trace SET source = 'rare', equipment_id = 77 WHERE guid = md5('19000')::uuid`)
	require.NoError(t, err)
	rare, common, id, none := "rare", "RX3", int64(77), int64(1000)
	for name, c := range map[string]struct {
		filter trace.Filter
		found  int
		index  string
	}{
		"by name":      {trace.Filter{Source: &rare}, 1, "source"},
		"of many":      {trace.Filter{Source: &common}, 50, "source"},
		"by id":        {trace.Filter{EquipmentID: &id}, 1, "equipment_id"},
		"by both":      {trace.Filter{Source: &rare, EquipmentID: &id}, 1, ""},
		"nobody knows": {trace.Filter{EquipmentID: &none}, 0, "equipment_id"},
	} {
		filter := trace.All()
		filter.Source, filter.EquipmentID = c.filter.Source, c.filter.EquipmentID
		conn := &recorder{Pool: pool}
		found, err := trace.NewRepository(conn).Search(t.Context(), filter, nil, 0, 50)
		require.NoError(t, err)
		require.Len(t, found, c.found, name)
		for _, node := range conn.explain(t, "force_custom_plan").executed() {
			if !strings.HasPrefix(node.Relation, "trace") {
				continue
			}
			require.Contains(t, []string{"Index Scan", "Index Only Scan"}, node.Type, name)
			require.Less(t, node.Rows+node.Removed, 60.0, "%s reads %s", name, node.Index)
			if c.index != "" {
				require.Contains(t, node.Index, c.index, name)
				require.Empty(t, node.Filter, name)
			}
		}
		_, err = trace.NewRepository(conn).Count(t.Context(), filter)
		require.NoError(t, err)
	}
}

var modes = []string{"force_custom_plan", "force_generic_plan"}

func TestPlanOfOneTrace(t *testing.T) {
	t.Parallel()
	conn := &recorder{Pool: seed(t)}
	var guid uuid.UUID
	require.NoError(t, conn.Pool.QueryRow(t.Context(), `SELECT guid FROM trace ORDER BY measured_at OFFSET 12345 LIMIT 1`).Scan(&guid))
	found, err := trace.NewRepository(conn).Get(t.Context(), guid)
	require.NoError(t, err)
	require.Equal(t, guid, found.GUID)
	for _, mode := range modes {
		plan := conn.explain(t, mode)
		t.Log(mode, summary(plan))
		requireIndexed(t, plan.executed(), 2) // trace_key and one partition
	}
	_, err = trace.NewRepository(conn).Get(t.Context(), uuid.New())
	require.ErrorIs(t, err, trace.ErrNotFound)
}

func summary(n planNode) string {
	var parts []string
	for _, node := range n.executed() {
		parts = append(parts, fmt.Sprint(node.Type, " ", node.Index, " ", node.Rows))
	}
	return strings.Join(parts, " | ")
}
