package db_test

import (
	"encoding/json"
	"net/netip"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/sqlc-dev/pqtype"
	"github.com/stretchr/testify/require"

	"nms.example/common/db"
	"nms.example/common/pgtest"
)

type colour string

// The column types that sqlc.yaml maps go in through parameters and through COPY, and come back.
func TestColumnTypesRoundTrip(t *testing.T) {
	t.Parallel()
	d := pgtest.DSN[db.NMS](t)
	maker := pgtest.Open[db.NMS](t, db.Settings{DSN: d})
	_, err := maker.Exec(t.Context(), "CREATE EXTENSION IF NOT EXISTS ltree")
	require.NoError(t, err)
	_, err = maker.Exec(t.Context(), "CREATE TYPE colour AS ENUM ('red', 'green')")
	require.NoError(t, err)
	_, err = maker.Exec(t.Context(), `CREATE TABLE sample (id uuid, path ltree, parent ltree, paths ltree[],
		colour colour, colours colour[], at timestamptz, doc jsonb, extra jsonb, address inet, trace bytea)`)
	require.NoError(t, err)

	type sample struct {
		ID      uuid.UUID
		Path    string
		Parent  *string
		Paths   []string
		Colour  colour
		Colours []colour
		At      time.Time
		Doc     json.RawMessage
		Extra   pqtype.NullRawMessage
		Address netip.Addr
		Trace   []byte
	}
	parent := "0.1"
	want := []sample{
		{uuid.MustParse("0190163d-8694-739b-aea5-966c26f8ad91"), "0.1.2", &parent, []string{"0", "0.1"}, "red", []colour{"green", "red"},
			time.Date(2026, 11, 23, 12, 0, 0, 123456000, time.UTC), json.RawMessage(`{"a": 1}`),
			pqtype.NullRawMessage{RawMessage: json.RawMessage(`[1]`), Valid: true}, netip.MustParseAddr("10.0.0.1"), []byte{0x9c, 0xe2}},
		{uuid.Nil, "0", nil, []string{}, "green", []colour{}, time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC), json.RawMessage(`null`),
			pqtype.NullRawMessage{}, netip.MustParseAddr("fe80::1"), []byte{}},
	}
	columns := []string{"id", "path", "parent", "paths", "colour", "colours", "at", "doc", "extra", "address", "trace"}
	values := func(i int) ([]any, error) {
		s := want[i]
		return []any{s.ID, s.Path, s.Parent, s.Paths, s.Colour, s.Colours, s.At, s.Doc, s.Extra, s.Address, s.Trace}, nil
	}
	pool := pgtest.Open[db.NMS](t, db.Settings{DSN: d}) // its connections are made after the types
	n, err := pool.CopyFrom(t.Context(), pgx.Identifier{"sample"}, columns, pgx.CopyFromSlice(1, values))
	require.NoError(t, err)
	require.EqualValues(t, 1, n)
	row, err := values(1)
	require.NoError(t, err)
	_, err = pool.Exec(t.Context(), "INSERT INTO sample VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)", row...)
	require.NoError(t, err)

	rows, err := pool.Query(t.Context(), "SELECT * FROM sample ORDER BY id DESC")
	require.NoError(t, err)
	got, err := pgx.CollectRows(rows, pgx.RowToStructByPos[sample])
	require.NoError(t, err)
	for i := range got {
		require.True(t, want[i].At.Equal(got[i].At))
		got[i].At = want[i].At
	}
	require.Equal(t, want, got)

	var below int
	require.NoError(t, pool.QueryRow(t.Context(), "SELECT count(*) FROM sample WHERE path <@ $1::ltree AND path ~ $2::lquery", "0.1", "*.2").Scan(&below))
	require.Equal(t, 1, below)
}
