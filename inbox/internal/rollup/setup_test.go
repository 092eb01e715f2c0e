package rollup_test

import (
	"bytes"
	"context"
	"flag"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"nms.example/common/db"
	"nms.example/common/pgtest"
	"nms.example/common/rf"
	"nms.example/inbox/internal/dwhdb"
	"nms.example/inbox/internal/rollup"
	"nms.example/inbox/internal/statistics"
	"nms.example/inbox/internal/trace"
	"nms.example/inbox/internal/waterfall"
)

func TestMain(m *testing.M) {
	// Each check is a story of many transactions; -rapid.checks on the command line tells more of them.
	if err := flag.Set("rapid.checks", "20"); err != nil {
		panic(err)
	}
	goleak.VerifyTestMain(m)
}

// bundle is a database with what works on it.
type bundle struct {
	t    *testing.T
	pool *db.Pool[db.DWH]
	// stopped is for those who are stopped amid their work: a cancelled statement's connection may still be hit by the cancellation.
	stopped    *db.Pool[db.DWH]
	keeper     *rollup.Keeper
	statistics *statistics.Builder
	waterfall  *waterfall.Builder
}

func setup(t *testing.T) *bundle {
	t.Helper()
	settings := db.Settings{DSN: pgtest.DSN[db.DWH](t), ApplicationName: "test"}
	pool, stopped := pgtest.Open[db.DWH](t, settings), pgtest.Open[db.DWH](t, settings)
	reader := rollup.NewReader(pool)
	return &bundle{t, pool, stopped, newKeeper(pool), statistics.NewBuilder(reader), waterfall.NewBuilder(reader)}
}

func newKeeper(pool *db.Pool[db.DWH]) *rollup.Keeper {
	return rollup.NewKeeper(pool, rollup.Policy{Keep: 2000 * time.Hour}, slog.New(slog.DiscardHandler))
}

// sweep is a trace of a few values, a decibel-hundredth each, on a grid of 100 kHz from 100 MHz.
type sweep struct {
	guid   uuid.UUID
	at     time.Time
	source string
	lat    float64
	unit   *string
	levels []rf.Level
}

const startHz, stepHz = 100e6, 100e3

// insert stores sweeps in a transaction, with their marks, as the intake does.
func insert(ctx context.Context, tx db.Tx[db.DWH], sweeps []sweep) error {
	sweeps = slices.SortedFunc(slices.Values(sweeps), func(a, b sweep) int { return bytes.Compare(a.guid[:], b.guid[:]) })
	var claim dwhdb.TraceKeyClaimParams
	var rows []dwhdb.TraceInsertParams
	for _, s := range sweeps {
		claim.Guids, claim.MeasuredAt = append(claim.Guids, s.guid), append(claim.MeasuredAt, s.at)
		row := dwhdb.TraceInsertParams{
			MeasuredAt: s.at, Guid: s.guid, StartFreqHz: startHz, StopFreqHz: startHz + stepHz*float64(len(s.levels)-1), StepFreqHz: stepHz,
			Lat: s.lat, Unit: s.unit, Power: rf.AppendBytes(nil, s.levels),
		}
		if s.source != "" {
			row.Source = &s.source
		}
		rows = append(rows, row)
	}
	queries := dwhdb.New(tx)
	if _, err := queries.TraceKeyClaim(ctx, claim); err != nil {
		return err
	}
	_, err := queries.TraceInsert(ctx, rows)
	return err
}

// add stores sweeps.
func (b *bundle) add(sweeps ...sweep) {
	b.t.Helper()
	for i := range sweeps {
		if sweeps[i].guid == uuid.Nil {
			sweeps[i].guid = uuid.New()
		}
		b.ensure(sweeps[i].at)
	}
	require.NoError(b.t, b.pool.InTx(b.t.Context(), db.TxOptions{}, func(ctx context.Context, tx db.Tx[db.DWH]) error { return insert(ctx, tx, sweeps) }))
}

func (b *bundle) ensure(at time.Time) {
	b.t.Helper()
	_, err := dwhdb.New(b.pool).PartitionEnsure(b.t.Context(), at)
	require.NoError(b.t, err)
}

// settle brings all rollups up to date.
func (b *bundle) settle() {
	b.t.Helper()
	for {
		done, err := b.keeper.Step(b.t.Context())
		require.NoError(b.t, err)
		if done == 0 {
			return
		}
	}
}

func (b *bundle) count(query string, args ...any) (n int) {
	b.t.Helper()
	require.NoError(b.t, b.pool.QueryRow(b.t.Context(), query, args...).Scan(&n))
	return n
}

// between is a filter of a time.
func between(from, to time.Time) trace.Filter {
	f := trace.All()
	f.From, f.To = from, to
	return f
}

// noon is that of yesterday, whose minutes and hours are over.
func noon() time.Time { return time.Now().UTC().Truncate(24 * time.Hour).Add(-12 * time.Hour) }
