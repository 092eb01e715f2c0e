// Package relay publishes what package outbox has left in a database: it is woken by each commit of its own pool, and by what others
// notify (LISTEN/NOTIFY), reads the
// rows in the order that outbox describes, sends them to the bus and deletes what the broker has confirmed.
package relay

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"

	"nms.example/common/bus"
	"nms.example/common/outbox"
	"nms.example/common/retry"
)

// Pool is what a Relay needs of a database pool; db.Pool offers it.
type Pool interface {
	// Listen takes a connection out of the pool, subscribes it and hands it to receive.
	Listen(ctx context.Context, channel string, receive func(ctx context.Context, conn *pgx.Conn) error) error
	// Commits has a value after commits of the pool, which then notify nobody.
	Commits() <-chan struct{}
}

// Sender publishes messages; *bus.Publisher does.
type Sender interface {
	Send(ctx context.Context, messages ...bus.Message) error
}

// Options tune a Relay; the zero value of each field means its default.
type Options struct {
	// Poll is how often the table is looked at without a notification; default 2 s.
	Poll time.Duration
	// SlotsAtOnce is how many slots one relay takes at a time, so that several share the work; default 8.
	SlotsAtOnce int
	// RowsPerSlot bounds what is read of a slot at a time; default 128.
	RowsPerSlot int
	Logger      *slog.Logger
}

// Relay publishes what outbox.Write left. Any number of relays may run on one database.
type Relay struct {
	pool    Pool
	commits <-chan struct{}
	sender  Sender
	options Options
	log     *slog.Logger
	turn    int

	published atomic.Int64
	failures  atomic.Int64
	backlog   atomic.Pointer[backlog] // as it was measured last; nil before that
	measured  time.Time               // when that was tried last
}

// New makes a relay from the database behind pool to the bus.
func New(pool Pool, sender Sender, options Options) *Relay {
	if options.Poll <= 0 {
		options.Poll = 2 * time.Second
	}
	if options.SlotsAtOnce <= 0 {
		options.SlotsAtOnce = outbox.Slots / 2
	}
	if options.RowsPerSlot <= 0 {
		options.RowsPerSlot = 128
	}
	if options.Logger == nil {
		options.Logger = slog.New(slog.DiscardHandler)
	}
	return &Relay{pool: pool, commits: pool.Commits(), sender: sender, options: options, log: options.Logger, turn: rand.N(outbox.Slots)}
}

const (
	minPause     = 100 * time.Millisecond
	maxPause     = 5 * time.Second
	passTimeout  = 25 * time.Second
	measureEvery = 5 * time.Second
)

// Run relays until ctx ends, over all losses of the database and the broker. It needs one connection of
// its own. It returns nil.
func (r *Relay) Run(ctx context.Context) error {
	pauses := retry.Growing(minPause, maxPause)
	for ctx.Err() == nil {
		began := time.Now()
		err := r.pool.Listen(ctx, "outbox", r.serve)
		if ctx.Err() != nil {
			break
		}
		r.log.WarnContext(ctx, "the outbox relay lost its database connection", "error", err)
		if !pauses.WaitSince(ctx, began) {
			break
		}
	}
	return nil //nolint:nilerr // stopped
}

// serve relays on one connection. A failed publish leaves the rows where they are and is tried again
// after a growing pause.
func (r *Relay) serve(ctx context.Context, conn *pgx.Conn) error {
	pauses := retry.Growing(minPause, maxPause)
	for ctx.Err() == nil {
		r.measure(ctx, conn)
		r.drain(ctx, conn)
		n, err := r.pass(ctx, conn)
		var unpublished *publishError
		switch {
		case errors.As(err, &unpublished):
			r.failures.Add(1)
			if n > 0 {
				pauses.Reset()
			}
			r.log.WarnContext(ctx, "events wait in the outbox", "error", err)
			pauses.Wait(ctx)
		case err != nil:
			return err
		case n > 0:
			pauses.Reset()
		default:
			pauses.Reset()
			if err := r.idle(ctx, conn); err != nil {
				return err
			}
		}
	}
	return nil
}

// idle waits for a commit or a notification, or until it is time to look without one.
func (r *Relay) idle(ctx context.Context, conn *pgx.Conn) error {
	bounded, cancel := context.WithTimeout(ctx, r.options.Poll+rand.N(r.options.Poll/4))
	defer cancel()
	// The end of a context asks the server to cancel and waits for it, a second long, since nothing runs there: a commit ends the
	// wait by the connection's deadline instead.
	line := conn.PgConn().Conn()
	followed := make(chan bool)
	go func() {
		select {
		case <-r.commits:
			followed <- line.SetReadDeadline(time.Now()) == nil
		case <-bounded.Done():
			followed <- false
		}
	}()
	_, err := conn.WaitForNotification(bounded)
	ended := bounded.Err() != nil
	cancel()
	if <-followed {
		ended = true
		err = errors.Join(err, line.SetReadDeadline(time.Time{}))
	}
	if err != nil && !ended || conn.IsClosed() {
		return fmt.Errorf("relay: wait for a notification: %w", err)
	}
	return nil
}

// drain forgets what came while rows were being relayed.
func (r *Relay) drain(ctx context.Context, conn *pgx.Conn) {
	select {
	case <-r.commits:
	default:
	}
	done, cancel := context.WithCancel(ctx)
	cancel()
	for {
		if _, err := conn.WaitForNotification(done); err != nil {
			return
		}
	}
}

type publishError struct{ error }

func (e *publishError) Unwrap() error { return e.error }

// pass claims some slots, publishes their first rows and deletes what was confirmed, in one transaction
// that holds the slots' locks. Its length is bounded on both sides: should this process vanish, the server ends
// the transaction and another relay goes on.
func (r *Relay) pass(ctx context.Context, conn *pgx.Conn) (published int, err error) {
	// A stop lets the pass end: what is confirmed should also be deleted.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), passTimeout)
	defer cancel()
	slots, err := r.claim(ctx, conn)
	if err != nil || len(slots) == 0 {
		return 0, errors.Join(err, rollback(ctx, conn))
	}
	rows, err := r.read(ctx, conn, slots)
	if err != nil {
		return 0, errors.Join(err, rollback(ctx, conn))
	}
	sendErr := r.publish(ctx, rows)
	var batch pgx.Batch
	var confirmedSlots []int16
	var confirmedIDs []int64
	for _, list := range rows {
		for _, row := range list {
			if row.confirmed {
				confirmedSlots, confirmedIDs = append(confirmedSlots, row.slot), append(confirmedIDs, row.id)
			}
		}
	}
	if len(confirmedIDs) > 0 {
		batch.Queue(deleteSQL, confirmedSlots, confirmedIDs)
	}
	batch.Queue("commit")
	if err := conn.SendBatch(ctx, &batch).Close(); err != nil {
		return 0, errors.Join(fmt.Errorf("relay: delete what was published: %w", err), rollback(ctx, conn))
	}
	r.published.Add(int64(len(confirmedIDs)))
	if sendErr != nil {
		return len(confirmedIDs), &publishError{sendErr}
	}
	return len(confirmedIDs), nil
}

const (
	// The table is empty or full from one moment to the next, so its statistics lie. Anything but an ordered
	// walk through the index would read all rows that are dead since the last vacuum, in every pass.
	// A deletion that a crash of the server undoes is only a repetition, so nobody waits for its flush.
	relaySettingsSQL = `
SELECT set_config('idle_in_transaction_session_timeout', '30s', true), set_config('enable_seqscan', 'off', true),
       set_config('enable_bitmapscan', 'off', true), set_config('synchronous_commit', 'off', true)`
	claimSQL = `
SELECT s.slot FROM outbox_slot AS s
WHERE EXISTS (SELECT 1 FROM outbox AS o WHERE o.slot = s.slot)
ORDER BY (s.slot + $1::int) % 16 LIMIT $2
FOR NO KEY UPDATE OF s SKIP LOCKED`
	// A statement of its own: its snapshot is taken after the locks, so it sees what the last owner deleted.
	readSQL = `
SELECT o.slot, o.id, o.event::text
FROM unnest($1::smallint[]) AS s (slot)
CROSS JOIN LATERAL (SELECT slot, id, event FROM outbox WHERE outbox.slot = s.slot ORDER BY id LIMIT $2) AS o
ORDER BY o.slot, o.id`
	// By id, not up to an id: a row with a smaller one may have been committed since.
	deleteSQL = `
DELETE FROM outbox AS o USING unnest($1::smallint[], $2::bigint[]) AS d (slot, id)
WHERE o.slot = d.slot AND o.id = d.id`
)

func (r *Relay) claim(ctx context.Context, conn *pgx.Conn) ([]int16, error) {
	r.turn = (r.turn + r.options.SlotsAtOnce) % outbox.Slots
	var slots []int16
	var batch pgx.Batch
	batch.Queue("begin")
	batch.Queue(relaySettingsSQL)
	batch.Queue(claimSQL, outbox.Slots-r.turn, r.options.SlotsAtOnce).Query(func(rows pgx.Rows) (err error) {
		slots, err = pgx.CollectRows(rows, pgx.RowTo[int16])
		return err //nolint:wrapcheck // wrapped below
	})
	if err := conn.SendBatch(ctx, &batch).Close(); err != nil {
		return nil, fmt.Errorf("relay: claim: %w", err)
	}
	return slots, nil
}

type row struct {
	slot      int16
	id        int64
	event     []byte
	confirmed bool
}

// read returns the first rows of each slot.
func (r *Relay) read(ctx context.Context, conn *pgx.Conn, slots []int16) ([][]*row, error) {
	rows, err := conn.Query(ctx, readSQL, slots, r.options.RowsPerSlot)
	if err != nil {
		return nil, fmt.Errorf("relay: read: %w", err)
	}
	defer rows.Close()
	var bySlot [outbox.Slots][]*row
	for rows.Next() {
		var e row
		if err := rows.Scan(&e.slot, &e.id, &e.event); err != nil {
			return nil, fmt.Errorf("relay: read: %w", err)
		}
		bySlot[e.slot] = append(bySlot[e.slot], &e)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("relay: read: %w", err)
	}
	return bySlot[:], nil
}

func rollback(ctx context.Context, conn *pgx.Conn) error {
	if conn.IsClosed() || conn.PgConn().TxStatus() == 'I' {
		return nil
	}
	if _, err := conn.Exec(ctx, "rollback"); err != nil {
		return fmt.Errorf("relay: rollback: %w", err)
	}
	return nil
}
