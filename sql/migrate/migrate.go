// Package migrate applies the embedded migrations. It is dbmate (its file format, its schema_migrations
// table) behind an advisory lock: however many migrators start at once, one works and the others wait.
package migrate

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/jackc/pgx/v5"

	schema "nms.example/sql"
)

// Target is one database to work on.
type Target struct {
	Database schema.Database
	// URL is its postgres:// URL; parameters that pgx knows (pool settings included) are allowed.
	URL string
}

// Status tells where a database stands.
type Status struct {
	Database schema.Database
	Current  schema.Version   // newest applied migration; empty when there is none
	Latest   schema.Version   // newest migration that this build knows
	Pending  []schema.Version // known, not applied
	Unknown  []schema.Version // applied, not known: a newer build was here
}

// Ahead reports whether the database was migrated by a newer build.
func (s Status) Ahead() bool { return s.Latest.Before(s.Current) }

// ErrNothingToUndo is returned by Down on a database without applied migrations.
var ErrNothingToUndo = errors.New("no migration is applied")

// Up applies all pending migrations, each in its own transaction, and returns those that it applied.
// Progress goes to log. A database ahead of this build is left alone.
func Up(ctx context.Context, t Target, log io.Writer) ([]schema.Version, error) {
	var applied []schema.Version
	err := t.locked(ctx, log, func(conn *pgx.Conn) error {
		before, err := t.status(ctx, conn)
		if err != nil || len(before.Pending) == 0 {
			return err
		}
		db, finished, err := t.dbmate(ctx, log)
		if err != nil {
			return err
		}
		if err := db.Migrate(); err != nil {
			return t.failed(ctx, "migrate up", err)
		}
		applied = before.Pending
		return finished()
	})
	return applied, err
}

// Down undoes the newest steps migrations (all of them with steps < 0) and returns those that it undid. It
// refuses a database that a newer build has migrated: only that build knows how to go back.
func Down(ctx context.Context, t Target, steps int, log io.Writer) ([]schema.Version, error) {
	var undone []schema.Version
	err := t.locked(ctx, log, func(conn *pgx.Conn) error {
		db, finished, err := t.dbmate(ctx, log)
		if err != nil {
			return err
		}
		for steps != len(undone) {
			before, err := t.status(ctx, conn)
			if err != nil {
				return err
			}
			if len(before.Unknown) > 0 {
				return fmt.Errorf("database %s has the migration %s, which this build does not know: go back with the build that made it",
					t.Database, before.Unknown[len(before.Unknown)-1])
			}
			if before.Current == "" {
				break
			}
			if err := db.Rollback(); err != nil {
				return t.failed(ctx, "migrate down "+before.Current.String(), err)
			}
			undone = append(undone, before.Current)
			if err := finished(); err != nil {
				return err
			}
		}
		if len(undone) == 0 && steps != 0 {
			return fmt.Errorf("database %s: %w", t.Database, ErrNothingToUndo)
		}
		return nil
	})
	return undone, err
}

// ReadStatus compares the database with the embedded migrations and changes nothing.
func ReadStatus(ctx context.Context, t Target) (Status, error) {
	conn, err := t.connect(ctx)
	if err != nil {
		return Status{}, err
	}
	defer closeConn(ctx, conn)
	return t.status(ctx, conn)
}

// waitInterval is how often Wait looks again.
const waitInterval = 200 * time.Millisecond

// Wait returns when the database can be reached and is at this build's version or a newer one. When ctx
// ends first, the error says what was still missing.
func Wait(ctx context.Context, t Target) error {
	if _, err := t.config(); err != nil {
		return err // no waiting mends a wrong URL
	}
	var missing error
	for {
		err := t.ready(ctx)
		if err == nil {
			return nil
		}
		// A look that the end of ctx cut short tells less than the one before it.
		if missing == nil || ctx.Err() == nil {
			missing = err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("gave up waiting: %w", missing)
		case <-time.After(waitInterval):
		}
	}
}

// attemptTimeout bounds one look of Wait, so that a server that hangs does not use up the whole time.
const attemptTimeout = 5 * time.Second

func (t Target) ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, attemptTimeout)
	defer cancel()
	conn, err := t.connect(ctx)
	if err != nil {
		return err
	}
	defer closeConn(ctx, conn)
	err = schema.Check(ctx, t.Database, conn)
	var behind *schema.BehindError
	if err != nil && !errors.As(err, &behind) {
		return t.failed(ctx, "read the schema version", err)
	}
	return err
}

func (t Target) status(ctx context.Context, conn *pgx.Conn) (Status, error) {
	known, err := schema.Versions(t.Database)
	if err != nil {
		return Status{}, err
	}
	applied, err := t.applied(ctx, conn)
	if err != nil {
		return Status{}, t.failed(ctx, "read the applied migrations", err)
	}
	s := Status{Database: t.Database, Latest: schema.Latest(t.Database)}
	pending := make(map[schema.Version]bool, len(known))
	for _, v := range known {
		pending[v] = true
	}
	for _, v := range applied {
		if !pending[v] {
			s.Unknown = append(s.Unknown, v)
		}
		delete(pending, v)
		s.Current = v
	}
	for _, v := range known {
		if pending[v] {
			s.Pending = append(s.Pending, v)
		}
	}
	return s, nil
}

func (t Target) applied(ctx context.Context, conn *pgx.Conn) ([]schema.Version, error) {
	current, err := schema.Current(ctx, conn)
	if err != nil || current == "" {
		return nil, err
	}
	rows, err := conn.Query(ctx, "SELECT version FROM schema_migrations ORDER BY length(version), version")
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[schema.Version])
}

// failed names the step and the migration's own fault. PostgreSQL's text about a statement carries no
// connection secrets, so it may be shown.
func (t Target) failed(ctx context.Context, step string, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("database %s: %s was called off: %w", t.Database, step, context.Cause(ctx))
	}
	return fmt.Errorf("database %s: %s: %w", t.Database, step, err)
}
