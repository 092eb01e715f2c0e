package deadletter

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/prometheus/client_golang/prometheus"

	"nms.example/common/bus"
	"nms.example/common/change"
	"nms.example/common/db"

	"nms.example/admin/internal/admindb"
)

// Sender sends a letter to the queue that it came from; *bus.Publisher does.
type Sender interface {
	Replay(ctx context.Context, letter bus.DeadLetter) error
}

// Keeper keeps the dead letters.
type Keeper struct {
	writer *change.Writer[db.ADMIN]
	sender Sender
	taken  prometheus.Counter
}

// NewKeeper makes a keeper that writes through w.
func NewKeeper(w *change.Writer[db.ADMIN], sender Sender) *Keeper {
	return &Keeper{writer: w, sender: sender, taken: prometheus.NewCounter(prometheus.CounterOpts{
		Name: "nms_dead_letters_taken_total", Help: "Messages that became dead letters, taken over by this instance.",
	})}
}

// Collector is the keeper's metric for the registry of the service.
func (k *Keeper) Collector() prometheus.Collector { return k.taken }

// Run takes dead letters out of the broker's queue until ctx ends. Several instances may do it.
func (k *Keeper) Run(ctx context.Context, conn *bus.Conn) error {
	if err := bus.ConsumeDead(ctx, conn, k.Put); err != nil {
		return fmt.Errorf("take dead letters: %w", err)
	}
	return nil
}

// Put keeps a letter. The same one again changes nothing while it is dead, and makes it dead once more
// when it was replayed.
func (k *Keeper) Put(ctx context.Context, l bus.DeadLetter) error {
	if l.Time.IsZero() {
		l.Time = time.Now()
	}
	err := admindb.New(k.writer.Pool()).DeadLetterPut(ctx, admindb.DeadLetterPutParams{
		Fingerprint: fingerprint(&l), MessageID: storable(l.ID), Queue: storable(l.Queue), RoutingKey: storable(l.RoutingKey),
		Reason: storable(string(l.Reason)), Error: storable(l.Error), Attempts: int32(l.Attempts),
		DiedAt: l.Time, ContentType: storable(l.ContentType),
		ContentEncoding: storable(l.ContentEncoding), Body: append([]byte{}, l.Body...),
	})
	if err == nil {
		k.taken.Inc()
	}
	return db.MapError(err, nil)
}

// fingerprint tells letters apart. The id alone does not: a whole message and one event of it share theirs.
func fingerprint(l *bus.DeadLetter) []byte {
	h := sha256.New()
	parts := [][]byte{[]byte(l.Queue), []byte(l.ID), []byte(l.ContentType), l.Body}
	if l.ContentEncoding != "" { // letters that were here before it are still known
		parts = append(parts, []byte(l.ContentEncoding))
	}
	for _, part := range parts {
		_ = binary.Write(h, binary.BigEndian, uint64(len(part))) // a hash takes everything
		_, _ = h.Write(part)
	}
	return h.Sum(nil)
}

// storable makes a header's text one that a column takes: a letter must never be refused.
func storable(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
}

// List returns letters without their bodies, newest first: at most take of them, skip left out before, below the
// id beforeID when it is not 0.
func (k *Keeper) List(ctx context.Context, f Filter, beforeID, skip int64, take int) ([]Letter, error) {
	p := admindb.DeadLetterListParams{
		Queue: f.Queue, Reason: f.Reason, Replayed: f.Replayed, Skip: skip, Take: int32(take),
	}
	if beforeID != 0 {
		p.BeforeID = &beforeID
	}
	rows, err := admindb.New(k.writer.Pool()).DeadLetterList(ctx, p)
	if err != nil {
		return nil, db.MapError(err, nil)
	}
	letters := make([]Letter, len(rows))
	for i, r := range rows {
		letters[i] = Letter{
			ID: r.ID, MessageID: r.MessageID, Queue: r.Queue, RoutingKey: r.RoutingKey, Reason: bus.Reason(r.Reason),
			Error: r.Error, Attempts: int(r.Attempts), Deaths: int(r.Deaths), DiedAt: r.DiedAt, ContentType: r.ContentType,
			ContentEncoding: r.ContentEncoding, Size: int(r.Size), Replays: int(r.Replays), ReplayedAt: r.ReplayedAt,
		}
	}
	return letters, nil
}

// Count returns how many letters there are.
func (k *Keeper) Count(ctx context.Context, f Filter) (int64, error) {
	n, err := admindb.New(k.writer.Pool()).DeadLetterCount(ctx, admindb.DeadLetterCountParams{
		Queue: f.Queue, Reason: f.Reason, Replayed: f.Replayed,
	})
	return n, db.MapError(err, nil)
}

// Get returns a letter with its body, or ErrNotFound.
func (k *Keeper) Get(ctx context.Context, id int64) (Letter, error) {
	r, err := admindb.New(k.writer.Pool()).DeadLetterGet(ctx, id)
	if err != nil {
		return Letter{}, missing(err)
	}
	return letterOf(r), nil
}

// Replay sends a letter to the queue that it came from and nowhere else, and returns it as it is then. One
// that was replayed already and has not died since is left alone. ErrNotFound, ErrNoQueue, or a
// fault.Unavailable while the bus is away.
//
// The message goes out before the commit, under the row's lock: should the commit fail, the letter stays
// dead and may be sent again, which its consumer tolerates; the other way round it could be lost. If it
// dies again at once, its taking waits for the lock.
func (k *Keeper) Replay(ctx context.Context, id int64) (Letter, error) {
	var letter Letter
	err := k.writer.DoWith(ctx, change.TxOptions{Attempts: 1}, func(ctx context.Context, tx db.Tx[db.ADMIN], changes *change.Changes) error {
		q := admindb.New(tx)
		row, err := q.DeadLetterHold(ctx, id)
		if err != nil {
			return missing(err)
		}
		letter = letterOf(row)
		if letter.ReplayedAt != nil {
			return nil
		}
		if err := k.send(ctx, &letter); err != nil {
			return err
		}
		after, err := q.DeadLetterReplayed(ctx, id)
		if err != nil {
			return fmt.Errorf("mark a dead letter as replayed: %w", err)
		}
		before := letter
		letter.Replays, letter.ReplayedAt = int(after.Replays), after.ReplayedAt
		return changes.Record(EventReplayed.New(letter.subject(), snapshotOf(&before), snapshotOf(&letter)))
	})
	return letter, db.MapError(err, nil)
}

func (k *Keeper) send(ctx context.Context, l *Letter) error {
	err := k.sender.Replay(ctx, bus.DeadLetter{
		ID: l.MessageID, Queue: l.Queue, RoutingKey: l.RoutingKey, ContentType: l.ContentType, ContentEncoding: l.ContentEncoding, Body: l.Body,
	})
	switch {
	case errors.Is(err, bus.ErrReturned):
		return ErrNoQueue.Because(err)
	case err != nil:
		return errBus.Because(err)
	}
	return nil
}

// Delete forgets a letter, or returns ErrNotFound.
func (k *Keeper) Delete(ctx context.Context, id int64) error {
	return db.MapError(k.writer.Do(ctx, func(ctx context.Context, tx db.Tx[db.ADMIN], changes *change.Changes) error {
		q := admindb.New(tx)
		row, err := q.DeadLetterHold(ctx, id)
		if err != nil {
			return missing(err)
		}
		if _, err := q.DeadLetterDelete(ctx, id); err != nil {
			return fmt.Errorf("delete a dead letter: %w", err)
		}
		letter := letterOf(row)
		return changes.Record(EventDeleted.New(letter.subject(), snapshotOf(&letter)))
	}), nil)
}

func missing(err error) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return ErrNotFound
	}
	return db.MapError(err, nil)
}

func letterOf(r admindb.DeadLetter) Letter {
	return Letter{
		ID: r.ID, MessageID: r.MessageID, Queue: r.Queue, RoutingKey: r.RoutingKey, Reason: bus.Reason(r.Reason),
		Error: r.Error, Attempts: int(r.Attempts), Deaths: int(r.Deaths), DiedAt: r.DiedAt, ContentType: r.ContentType,
		ContentEncoding: r.ContentEncoding, Size: len(r.Body), Replays: int(r.Replays), ReplayedAt: r.ReplayedAt, Body: r.Body,
	}
}
