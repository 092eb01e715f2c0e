package chaos

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"nms.example/tools/internal/layout"
	"nms.example/tools/internal/stack"
)

// committed is an event as the writing database had it in the transaction of its change.
type committed struct {
	database               string
	sequence, place        int64 // order of the rows, and within a row that holds several events
	id                     string
	kind, subject, request string
}

// journalled is an event as the journal has it.
type journalled struct {
	sequence               int64
	time                   time.Time
	id                     string
	kind, subject, request string
}

// entityOf returns "<service>.<entity>" of a type "<service>.<entity>.<verb>".
func entityOf(kind string) string {
	if i := strings.LastIndexByte(kind, '.'); i >= 0 {
		return kind[:i]
	}
	return kind
}

// layLedgers makes every database note the events of each transaction in a table of its own, in the same transaction, by a
// trigger on the outbox. The outbox itself is emptied by the relay; the ledger keeps what was committed and in which
// order, whatever becomes of service, relay and broker.
func layLedgers(ctx context.Context, system *stack.Private) error {
	const ddl = `
		CREATE TABLE chaos_ledger (seq bigint NOT NULL, event json NOT NULL);
		CREATE FUNCTION chaos_note() RETURNS trigger LANGUAGE plpgsql AS $$
		BEGIN
			INSERT INTO chaos_ledger (seq, event) VALUES (NEW.id, NEW.event);
			RETURN NULL;
		END $$;
		CREATE TRIGGER chaos_note AFTER INSERT ON outbox FOR EACH ROW EXECUTE FUNCTION chaos_note();`
	for _, database := range layout.Databases {
		err := onDatabase(ctx, system, database, func(conn *pgx.Conn) error {
			_, err := conn.Exec(ctx, ddl)
			return err
		})
		if err != nil {
			return fmt.Errorf("lay the ledger of %s: %w", database, err)
		}
	}
	return nil
}

// onDatabase lends a connection to a database.
func onDatabase(ctx context.Context, system *stack.Private, database string, use func(*pgx.Conn) error) error {
	const patience = 30 * time.Second
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	conn, err := pgx.Connect(ctx, system.DSN(database))
	if err != nil {
		return fmt.Errorf("connect to %s: %w", database, err)
	}
	defer conn.Close(ctx)
	return use(conn)
}

// collect reads all rows of a query.
func collect[T any](ctx context.Context, system *stack.Private, database, query string, scan func(pgx.CollectableRow) (T, error),
	args ...any,
) (all []T, err error) {
	err = onDatabase(ctx, system, database, func(conn *pgx.Conn) error {
		rows, err := conn.Query(ctx, query, args...)
		if err != nil {
			return err
		}
		all, err = pgx.CollectRows(rows, scan)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", database, err)
	}
	return all, nil
}

// readLedgers returns the committed events of all databases, in the order of each.
func readLedgers(ctx context.Context, system *stack.Private) ([]committed, error) {
	const query = `
		SELECT l.seq, e.place, e.event->>'id', e.event->>'type', coalesce(e.event->>'subject', ''), coalesce(e.event->>'requestid', '')
		FROM chaos_ledger l CROSS JOIN LATERAL json_array_elements(
			CASE json_typeof(l.event) WHEN 'array' THEN l.event ELSE json_build_array(l.event) END) WITH ORDINALITY AS e (event, place)
		ORDER BY l.seq, e.place`
	var all []committed
	for _, database := range layout.Databases {
		some, err := collect(ctx, system, database, query, func(row pgx.CollectableRow) (committed, error) {
			c := committed{database: database}
			err := row.Scan(&c.sequence, &c.place, &c.id, &c.kind, &c.subject, &c.request)
			return c, err
		})
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	return all, nil
}

// readJournal returns the journal in the order in which it was written.
func readJournal(ctx context.Context, system *stack.Private) ([]journalled, error) {
	const query = `SELECT seq, time, id::text, type, subject, request_id FROM event ORDER BY seq`
	return collect(ctx, system, "admin", query, func(row pgx.CollectableRow) (journalled, error) {
		var j journalled
		err := row.Scan(&j.sequence, &j.time, &j.id, &j.kind, &j.subject, &j.request)
		return j, err
	})
}

// journalIDs returns the events that the journal has.
func journalIDs(ctx context.Context, system *stack.Private) (map[string]bool, error) {
	journal, err := readJournal(ctx, system)
	ids := make(map[string]bool, len(journal))
	for _, j := range journal {
		ids[j.id] = true
	}
	return ids, err
}

// waiting counts the rows in all outboxes.
func waiting(ctx context.Context, system *stack.Private) (rows int, err error) {
	for _, database := range layout.Databases {
		counts, err := collect(ctx, system, database, "SELECT count(*) FROM outbox", pgx.RowTo[int])
		if err != nil {
			return 0, err
		}
		rows += counts[0]
	}
	return rows, nil
}

// stored is one version of an entity, or an entity that has only one, as its table holds it.
type stored struct{ entity, subject, request, content string }

// readVersions returns what the tables hold of the traffic's changes.
func readVersions(ctx context.Context, system *stack.Private) ([]stored, error) {
	queries := map[string][]string{}
	for entity, table := range map[string]string{"equipment": "equipment", "command_toc": "command_toc", "command": "command", "telemetry": "telemetry"} {
		queries["nms"] = append(queries["nms"], fmt.Sprintf(`
			SELECT 'cfg.%[1]s', id::text, request_id, name_full FROM %[2]s WHERE request_id LIKE $1
			UNION ALL SELECT 'cfg.%[1]s', id::text, request_id, snapshot->>'name_full' FROM %[2]s_history WHERE request_id LIKE $1`, entity, table))
	}
	queries["nms"] = append(queries["nms"], `SELECT 'ctrl.command', id::text, '', args->>'to' FROM issued_command WHERE $1 <> ''`) // as inbox
	queries["nms"] = append(queries["nms"], `SELECT 'ctrl.alarm', alarm_id::text, '', NULL FROM alarm_step WHERE $1 <> ''`)        // each step is an event
	queries["auth"] = []string{
		`SELECT 'auth.user', id::text, request_id, snapshot->>'name' FROM users_history WHERE request_id LIKE $1`,
		`SELECT 'auth.role', id, request_id, snapshot->>'description' FROM roles_history WHERE request_id LIKE $1`,
	}
	queries["dwh"] = []string{
		// Traces and signals know no request.
		`SELECT 'inbox.trace', guid::text, '', md5(power) FROM trace WHERE $1 <> ''`,
		`SELECT 'inbox.signal', guid::text, '', trace_guid::text FROM signal WHERE $1 <> ''`,
	}
	var all []stored
	for database, list := range queries {
		for _, query := range list {
			some, err := collect(ctx, system, database, query, func(row pgx.CollectableRow) (stored, error) {
				var s stored
				var content *string
				err := row.Scan(&s.entity, &s.subject, &s.request, &content)
				if content != nil {
					s.content = *content
				}
				return s, err
			}, requestPrefix+"%")
			if err != nil {
				return nil, err
			}
			all = append(all, some...)
		}
	}
	return all, nil
}
