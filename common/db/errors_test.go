package db_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/require"

	"nms.example/common/db"
	"nms.example/common/fault"
	"nms.example/common/pgtest"
)

var errTaken = fault.At(fault.Field("name"), fault.CodeNameTaken, "the name is taken")

func TestConstraintsBecomeTheDomainsFaults(t *testing.T) {
	t.Parallel()
	pool := pgtest.New[db.NMS](t)
	for _, statement := range []string{
		"CREATE TABLE owner (id int PRIMARY KEY)",
		`CREATE TABLE sample (name text CONSTRAINT sample_name_key UNIQUE, owner_id int CONSTRAINT sample_owner_fkey REFERENCES owner,
			step int CONSTRAINT sample_step_check CHECK (step > 0), span int4range, doc jsonb, small smallint,
			CONSTRAINT sample_span_excl EXCLUDE USING gist (span WITH &&))`,
		"INSERT INTO sample (name, span) VALUES ('a', '[1,5]')",
	} {
		_, err := pool.Exec(t.Context(), statement)
		require.NoError(t, err)
	}
	for name, test := range map[string]struct {
		statement  string
		args       []any
		constraint string
		general    *fault.Error
	}{
		"unique":      {"INSERT INTO sample (name) VALUES ('a')", nil, "sample_name_key", db.ErrClash},
		"foreign key": {"INSERT INTO sample (owner_id) VALUES (1)", nil, "sample_owner_fkey", db.ErrReference},
		"check":       {"INSERT INTO sample (step) VALUES (0)", nil, "sample_step_check", db.ErrBounds},
		"exclusion":   {"INSERT INTO sample (span) VALUES ('[3,4]')", nil, "sample_span_excl", db.ErrClash},
		"NUL in text": {"INSERT INTO sample (name) VALUES ($1)", []any{"a\x00b"}, "", db.ErrValue},
		"not UTF-8":   {"INSERT INTO sample (name) VALUES ($1)", []any{"a\xffb"}, "", db.ErrValue},
		"NUL in JSON": {"INSERT INTO sample (doc) VALUES ($1)", []any{[]byte(`"\u0000"`)}, "", db.ErrValue},
		"no JSON":     {"INSERT INTO sample (doc) VALUES ($1)", []any{[]byte(`{`)}, "", db.ErrValue},
		"range":       {"INSERT INTO sample (small) VALUES ($1::bigint)", []any{1 << 40}, "", db.ErrValue},
		"index size":  {"INSERT INTO sample (name) SELECT string_agg(gen_random_uuid()::text, '') FROM generate_series(1, 1000)", nil, "", db.ErrValue},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := pool.Exec(t.Context(), test.statement+" -- provoked by a test", test.args...)
			require.Error(t, err)
			require.ErrorIs(t, db.MapError(err, nil), test.general)
			if test.constraint != "" {
				mapped := db.MapError(fmt.Errorf("insert: %w", err), db.Constraints{test.constraint: errTaken})
				require.ErrorIs(t, mapped, errTaken)
				require.ErrorIs(t, mapped, err, "the cause stays for the log")
			}
		})
	}
}

func TestTroubleIsUnavailable(t *testing.T) {
	t.Parallel()
	for _, err := range []error{
		&pgconn.PgError{Code: "53300"}, &pgconn.PgError{Code: "57P01"}, &pgconn.PgError{Code: "57P03"}, &pgconn.PgError{Code: "57014"},
		&pgconn.PgError{Code: "08006"}, &pgconn.PgError{Code: "55P03"}, &pgconn.PgError{Code: "25006"}, &pgconn.PgError{Code: "53100"},
		&pgconn.PgError{Code: "40001"}, &pgconn.PgError{Code: "40P01"}, &pgconn.PgError{Code: "28P01"},
		io.ErrUnexpectedEOF, pgconn.ErrConnClosed, context.DeadlineExceeded,
	} {
		mapped := db.MapError(fmt.Errorf("query: %w", err), nil)
		require.Equal(t, fault.Unavailable, fault.KindOf(mapped), "%v", err)
		require.Positive(t, fault.As(mapped).RetryAfter)
		require.ErrorIs(t, mapped, err)
	}
}

func TestOtherErrorsStayAsTheyAre(t *testing.T) {
	t.Parallel()
	own := errTaken.Because(&pgconn.PgError{Code: "53300"})
	for _, err := range []error{nil, pgx.ErrNoRows, errors.New("mine"), context.Canceled, own, &pgconn.PgError{Code: "42P01"}, &pgconn.PgError{Code: "23502"}, &pgconn.PgError{}} {
		require.Equal(t, err, db.MapError(err, db.Constraints{"": errTaken}))
	}
}

func TestRealTroubleIsUnavailable(t *testing.T) {
	t.Parallel()
	d := pgtest.DSN[db.DWH](t)
	pool := pgtest.Open[db.DWH](t, db.Settings{DSN: d, Limits: db.Limits{MaxConns: 1, StatementTimeout: 100 * time.Millisecond}, LockTimeout: 50 * time.Millisecond})
	_, err := pool.Exec(t.Context(), "SELECT pg_sleep(5)")
	require.ErrorIs(t, db.MapError(err, nil), db.ErrUnavailable, "statement_timeout")

	require.NoError(t, pool.InTx(t.Context(), db.TxOptions{}, func(context.Context, db.Tx[db.DWH]) error {
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		_, err := pool.Exec(ctx, "SELECT 1")
		require.ErrorIs(t, db.MapError(err, nil), db.ErrUnavailable, "no connection free")
		return nil
	}))

	other := pgtest.Open[db.DWH](t, db.Settings{DSN: d})
	require.NoError(t, other.InTx(t.Context(), db.TxOptions{}, func(ctx context.Context, tx db.Tx[db.DWH]) error {
		_, err := tx.Exec(ctx, "LOCK TABLE outbox")
		require.NoError(t, err)
		_, err = pool.Exec(ctx, "SELECT count(*) FROM outbox")
		require.ErrorIs(t, db.MapError(err, nil), db.ErrUnavailable, "lock_timeout")
		return nil
	}))

	closed, err := db.Open[db.DWH](t.Context(), db.Settings{DSN: d})
	require.NoError(t, err)
	require.NoError(t, closed.Close(t.Context()))
	_, err = closed.Exec(t.Context(), "SELECT 1")
	require.ErrorIs(t, db.MapError(err, nil), db.ErrUnavailable, "the service stops")
}
