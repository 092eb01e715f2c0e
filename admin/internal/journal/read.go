package journal

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/sqlc-dev/pqtype"

	"nms.example/common/db"

	"nms.example/admin/internal/admindb"
)

// Event is one entry of the journal.
type Event struct {
	ID   uuid.UUID
	Time time.Time
	// Sequence is the place in the order of arrival, which is the order of changes within one entity.
	Sequence   int64
	Source     string
	Type       string
	Subject    string
	Actor      string
	ActorLogin string // of the user or the API key that Actor names, when it acted
	RequestID  string
	Trace      string          // W3C traceparent
	Before     json.RawMessage // nil when the entity was made
	After      json.RawMessage // nil when it was removed
	Data       json.RawMessage // of an event that is no change, else nil
	ReceivedAt time.Time
}

// Filter narrows a list; nil and the zero time leave a side open.
type Filter struct {
	From, To                          time.Time // from ≤ time < to
	Actor, Source, Subject, RequestID *string
	// Type is a whole type, or the beginning of one followed by ".*": "cfg.*", "cfg.equipment.*".
	Type *string
}

// Cursor is where a list goes on: after the event with this time and sequence.
type Cursor struct {
	Time     time.Time
	Sequence int64
}

// CountBound is how far Count counts.
const CountBound = 100_000

// Reader reads the journal.
type Reader struct{ conn fresh }

// NewReader makes a reader on the database.
func NewReader(conn db.Conn[db.ADMIN]) *Reader { return &Reader{conn: fresh{conn}} }

// The ends of time, as far as the journal is concerned.
var (
	beginning = time.Date(-4000, 1, 1, 0, 0, 0, 0, time.UTC)
	end       = time.Date(100_000, 1, 1, 0, 0, 0, 0, time.UTC)
)

// List returns events, newest first: at most take of them, skip left out before, after the cursor if there is one.
func (r *Reader) List(ctx context.Context, f Filter, after *Cursor, skip int64, take int) ([]Event, error) {
	since, until := f.bounds()
	exact, from, before := f.types()
	p := admindb.EventListParams{
		Since: since, Until: until, Actor: f.Actor, Source: f.Source, Subject: f.Subject, RequestID: f.RequestID,
		Type: exact, TypeFrom: from, TypeBefore: before, Skip: skip, Take: int32(take),
	}
	if after != nil {
		p.BeforeTime, p.BeforeSeq = &after.Time, &after.Sequence
	}
	rows, err := admindb.New(r.conn).EventList(ctx, p)
	if err != nil {
		return nil, db.MapError(err, nil)
	}
	events := make([]Event, len(rows))
	for i, row := range rows {
		events[i] = Event{
			ID: row.ID, Time: row.Time, Sequence: row.Seq, Source: row.Source, Type: row.Type, Subject: row.Subject,
			Actor: row.Actor, ActorLogin: row.ActorLogin, RequestID: row.RequestID, Trace: row.Traceparent, Before: raw(row.Before),
			After: raw(row.After), Data: raw(row.Data), ReceivedAt: row.ReceivedAt,
		}
	}
	return events, nil
}

// Count returns how many events there are, CountBound when there are more.
func (r *Reader) Count(ctx context.Context, f Filter) (int64, error) {
	since, until := f.bounds()
	exact, from, before := f.types()
	n, err := admindb.New(r.conn).EventCount(ctx, admindb.EventCountParams{
		Since: since, Until: until, Actor: f.Actor, Source: f.Source, Subject: f.Subject, RequestID: f.RequestID,
		Type: exact, TypeFrom: from, TypeBefore: before, Bound: CountBound,
	})
	return n, db.MapError(err, nil)
}

func (f Filter) bounds() (since, until time.Time) {
	since, until = f.From, f.To
	if since.IsZero() {
		since = beginning
	}
	if until.IsZero() {
		until = end
	}
	return since, until
}

// types turns the filter of types into an exact one or a range in the order of bytes: all that begins
// with "cfg." lies between "cfg." and "cfg/".
func (f Filter) types() (exact, from, before *string) {
	if f.Type == nil {
		return nil, nil, nil
	}
	stem, below := strings.CutSuffix(*f.Type, ".*")
	if !below {
		return f.Type, nil, nil
	}
	return nil, new(stem + "."), new(stem + "/")
}

func raw(v pqtype.NullRawMessage) json.RawMessage {
	if !v.Valid {
		return nil
	}
	return v.RawMessage
}

// fresh has every query planned for its own arguments. A plan for any arguments could use no index:
// each filter may be absent.
type fresh struct{ db.Conn[db.ADMIN] }

func (c fresh) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	return c.Conn.Query(ctx, sql, append([]any{pgx.QueryExecModeCacheDescribe}, args...)...)
}

func (c fresh) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	return c.Conn.QueryRow(ctx, sql, append([]any{pgx.QueryExecModeCacheDescribe}, args...)...)
}

func (c fresh) Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error) {
	return c.Conn.Exec(ctx, sql, append([]any{pgx.QueryExecModeCacheDescribe}, args...)...)
}
