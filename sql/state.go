package schema

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// Querier is what Current and Check need of a connection or pool.
type Querier interface {
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

// BehindError says that a database lacks migrations that this build needs.
type BehindError struct {
	Database Database
	Current  Version // empty when it was never migrated
	Needed   Version
}

// Error implements error.
func (e *BehindError) Error() string {
	if e.Current == "" {
		return fmt.Sprintf("database %s is not migrated yet but this build needs version %s: run `migrate up %s`",
			e.Database, e.Needed, e.Database)
	}
	return fmt.Sprintf("database %s is at version %s but this build needs %s: run `migrate up %s`",
		e.Database, e.Current, e.Needed, e.Database)
}

// Current reads the newest applied migration; empty when the database was never migrated.
func Current(ctx context.Context, q Querier) (Version, error) {
	var migrated bool
	err := q.QueryRow(ctx, "SELECT to_regclass('schema_migrations') IS NOT NULL").Scan(&migrated)
	if err != nil || !migrated {
		return "", err
	}
	var v Version
	err = q.QueryRow(ctx, "SELECT coalesce(max(version), '') FROM schema_migrations").Scan(&v)
	return v, err
}

// Check returns a *BehindError when the database is older than this build needs. A newer one is fine:
// migrations keep the builds before them working, so that services can be replaced one at a time.
func Check(ctx context.Context, d Database, q Querier) error {
	current, err := Current(ctx, q)
	if err != nil {
		return err
	}
	if needed := Latest(d); current.Before(needed) {
		return &BehindError{Database: d, Current: current, Needed: needed}
	}
	return nil
}

// CheckWritable returns an error when the server takes no changes, as a standby does.
func CheckWritable(ctx context.Context, d Database, q Querier) error {
	var readOnly bool
	if err := q.QueryRow(ctx, "SELECT current_setting('transaction_read_only')::boolean").Scan(&readOnly); err != nil {
		return fmt.Errorf("database %s does not tell whether it takes changes: %w", d, err)
	}
	if readOnly {
		return fmt.Errorf("database %s takes no changes: the server is a standby, or read-only (%s)", d, d.Variable())
	}
	return nil
}
