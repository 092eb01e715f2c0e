// Package outbox puts events into the table outbox of the writing database, in the caller's transaction: they exist exactly
// when the change does. Package relay publishes them after the commit and deletes them after the broker's confirm. Nothing is
// lost, something may be published twice (the relay dies between the two), so consumers recognise an event by its id: keep it
// under a unique constraint in the same transaction as what the event causes.
//
// Order. An event's slot is a hash of its entity, one of 16. Rows of a slot are published in the order of
// their ids, each one only after the one before it was confirmed, by the one relay that has locked the slot.
// Write the event after the change of the entity's row: then that row's lock orders the ids of one entity.
// Between entities there is no order.
//
// One row may hold several events. A transaction that writes hundreds (inbox commits many traces at once)
// makes one row per slot and type out of them, a JSON array, which travels as one message and is taken
// apart by bus.Consume; per event that costs less than a tenth of a row and a message each.
package outbox

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"

	"github.com/jackc/pgx/v5/pgconn"

	"nms.example/common/event"
)

// Slots is the number of slots; the tables' constraints know it too.
const Slots = 16

// MaxEventBytes bounds the data of one event, well below what a broker takes as one message.
const MaxEventBytes = 4 << 20

// ErrTooLarge says that an event's data is over MaxEventBytes.
var ErrTooLarge = errors.New("outbox: the event is too large")

// Tx is what Write needs of a transaction; pgx.Tx and db.Tx offer it.
type Tx interface {
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
}

const (
	insertOne  = `INSERT INTO outbox (slot, event) VALUES ($1, $2::text::json)`
	insertMany = `INSERT INTO outbox (slot, event) SELECT slot, event::json FROM unnest($1::smallint[], $2::text[]) AS e (slot, event)`
)

// Write adds events to the caller's transaction, completed from the context (event.Event.Complete: id, time,
// actor, request id, trace). It is one statement, however many events there are. A type that is not in the
// catalogue published is refused with event.ErrUndeclared.
func Write(ctx context.Context, tx Tx, published *event.Catalogue, events ...event.Event) error {
	return write(ctx, tx, published, events, pack)
}

// WriteUnordered is Write for events whose entities have no other one, before or after. There is no order to
// keep, so all of them share a slot, and with it rows and messages; the slot changes from call to call.
func WriteUnordered(ctx context.Context, tx Tx, published *event.Catalogue, events ...event.Event) error {
	return write(ctx, tx, published, events, packTogether)
}

// packing makes rows of events: the slot of each and what it holds.
type packing func(events []event.Event) (slots []int16, bodies []string)

func write(ctx context.Context, tx Tx, published *event.Catalogue, events []event.Event, pack packing) error {
	for i := range events {
		if err := events[i].Complete(ctx); err != nil {
			return fmt.Errorf("outbox: %w", err)
		}
		if err := published.Check(&events[i]); err != nil {
			return fmt.Errorf("outbox: %w", err)
		}
		if len(events[i].Data) > MaxEventBytes {
			return fmt.Errorf("%w: %s", ErrTooLarge, events[i].Type)
		}
	}
	var err error
	switch len(events) {
	case 0:
	case 1:
		_, err = tx.Exec(ctx, insertOne, slotOf(&events[0]), string(events[0].AppendJSON(nil)))
	default:
		slots, bodies := pack(events)
		_, err = tx.Exec(ctx, insertMany, slots, bodies)
	}
	if err != nil {
		return fmt.Errorf("outbox: write: %w", err)
	}
	return nil
}

// slotOf is FNV-1a (32 bit) of the entity modulo Slots.
func slotOf(e *event.Event) int16 {
	h := fnv.New32a()
	_, _ = h.Write([]byte(e.Entity())) // a hash never fails
	return int16(h.Sum32() % Slots)
}

// pack makes rows of neighbours of one slot and type, in order within each slot.
func pack(events []event.Event) (slots []int16, bodies []string) {
	var bySlot [Slots][]event.Event
	for i := range events {
		slot := slotOf(&events[i])
		bySlot[slot] = append(bySlot[slot], events[i])
	}
	for slot, list := range bySlot {
		slots, bodies = appendRows(slots, bodies, int16(slot), list)
	}
	return slots, bodies
}

// packTogether makes rows of neighbours of one type, all in the first one's slot.
func packTogether(events []event.Event) (slots []int16, bodies []string) {
	return appendRows(nil, nil, slotOf(&events[0]), events)
}

func appendRows(slots []int16, bodies []string, slot int16, events []event.Event) ([]int16, []string) {
	messages, _ := event.Encode(events)
	for _, m := range messages {
		slots, bodies = append(slots, slot), append(bodies, string(m.Body))
	}
	return slots, bodies
}
