package catalogue

import (
	"context"
	"reflect"
	"time"

	"nms.example/common/change"
	"nms.example/common/db"
)

// Locked is the state of a row that the transaction has locked.
type Locked[Input any] struct {
	Input      Input
	ArchivedAt *time.Time // nil: live
}

// Store is the SQL of one catalogue. Errors come as the driver makes them, pgx.ErrNoRows included.
type Store[Item, Input any] interface {
	// GetLive returns the live ones of some items as clients see them, each once, in no order.
	GetLive(ctx context.Context, c Conn, ids []int64) ([]Item, error)
	// GetAt returns the item as it was at a moment when it was live; pgx.ErrNoRows when it was not.
	GetAt(ctx context.Context, c Conn, id int64, moment time.Time) (Item, error)
	// Lock locks a row, live or archived, until the transaction ends.
	Lock(ctx context.Context, c Conn, id int64) (Locked[Input], error)
	Insert(ctx context.Context, c Conn, d Input) (id int64, err error)
	Update(ctx context.Context, c Conn, id int64, before, after Input) error
	Archive(ctx context.Context, c Conn, id int64) error
	Restore(ctx context.Context, c Conn, id int64) error
	// LockTree orders changes of a tree's shape; nothing for flat catalogues. It comes before Lock.
	LockTree(ctx context.Context, c Conn) error
}

// Convert turns the rows of a generated query into what a Store returns.
func Convert[Row, Item any](rows []Row, one func(Row) Item) []Item {
	items := make([]Item, len(rows))
	for i, r := range rows {
		items[i] = one(r)
	}
	return items
}

// Rules are what differs between the catalogues beside their SQL.
type Rules[Item, Input any] struct {
	// Entity names the kind of item in cache keys and in the database's references and history: "equipment".
	Entity string
	// Events are the types of its events.
	Events Events[Item]
	// Constraints name the refusals of what is made, changed or restored; Blocks those of archiving, where
	// the same foreign key says that the item is still referred to.
	Constraints, Blocks db.Constraints
	// Check says what is wrong with an input by itself. was is the item's until now, an empty one for a new item.
	Check func(d, was *Input) error
	// ID returns an item's id.
	ID func(Item) int64
	// Effects lists the cache tags that a change touches beside the item's own and the catalogue's; a side
	// that does not exist is nil.
	Effects func(before, after *Item) []string
}

// Catalogue is one of the four.
type Catalogue[Item, Input any] struct {
	Rules[Item, Input]

	store  Store[Item, Input]
	writer *Writer
	loader loader[Item]
}

// New makes a catalogue.
func New[Item, Input any](w *Writer, store Store[Item, Input], rules Rules[Item, Input]) *Catalogue[Item, Input] {
	c := &Catalogue[Item, Input]{Rules: rules, store: store, writer: w}
	c.loader.id = rules.ID
	c.loader.read = func(ctx context.Context, ids []int64) ([]Item, error) { return store.GetLive(ctx, w.Pool(), ids) }
	return c
}

// Items returns the catalogue itself, for callers that hold it inside of one that adds to it.
func (c *Catalogue[Item, Input]) Items() *Catalogue[Item, Input] { return c }

// Pool returns the pool, for reads.
func (c *Catalogue[Item, Input]) Pool() *db.Pool[db.NMS] { return c.writer.Pool() }

// Tag is the cache tag of one item; the catalogue's own is its Entity.
func (c *Catalogue[Item, Input]) Tag(id int64) string { return ItemTag(c.Entity, id) }

// Condition is asked about the present item before it is changed; its error refuses the change. nil asks nothing.
type Condition[Item any] func(Item) error

func (q Condition[Item]) check(item Item) error {
	if q == nil {
		return nil
	}
	return q(item)
}

// Edit changes an input. Moves says that the item's place in a tree may change.
type Edit[Input any] struct {
	Apply func(d *Input)
	Moves bool
}

// Get returns a live item, or ErrNotFound. Calls at the same time share queries.
func (c *Catalogue[Item, Input]) Get(ctx context.Context, id int64) (Item, error) {
	item, err := c.loader.get(ctx, id)
	return item, translate(err, c.Constraints)
}

// GetAt returns an item as it was at a moment: ErrNotFound when it was not live then, ErrFuture when that is yet to come.
func (c *Catalogue[Item, Input]) GetAt(ctx context.Context, id int64, at time.Time) (item Item, err error) {
	moment, err := c.Moment(ctx, &at)
	if err != nil {
		return item, err
	}
	item, err = c.store.GetAt(ctx, c.Pool(), id, moment)
	return item, translate(err, c.Constraints)
}

// GetIn is Get within a transaction of the caller's.
func (c *Catalogue[Item, Input]) GetIn(ctx context.Context, tx Tx, id int64) (item Item, err error) {
	items, err := c.store.GetLive(ctx, tx, []int64{id})
	switch {
	case err != nil:
		return item, translate(err, c.Constraints)
	case len(items) == 0:
		return item, ErrNotFound
	default:
		return items[0], nil
	}
}

// Create makes an item.
func (c *Catalogue[Item, Input]) Create(ctx context.Context, d Input) (item Item, err error) {
	err = c.writer.Do(ctx, func(ctx context.Context, tx Tx, changes *change.Changes) error {
		item, err = c.create(ctx, tx, changes, d)
		return err
	})
	return item, err
}

// Update changes a live item when the condition holds.
func (c *Catalogue[Item, Input]) Update(ctx context.Context, id int64, when Condition[Item], e Edit[Input]) (item Item, err error) {
	err = c.writer.Do(ctx, func(ctx context.Context, tx Tx, changes *change.Changes) error {
		item, err = c.update(ctx, tx, changes, id, when, e)
		return err
	})
	return item, err
}

// Archive takes a live item out of use when the condition holds.
func (c *Catalogue[Item, Input]) Archive(ctx context.Context, id int64, when Condition[Item]) error {
	return c.writer.Do(ctx, func(ctx context.Context, tx Tx, changes *change.Changes) error {
		return c.archive(ctx, tx, changes, id, when)
	})
}

// Restore takes an archived item back into use.
func (c *Catalogue[Item, Input]) Restore(ctx context.Context, id int64) (item Item, err error) {
	err = c.writer.Do(ctx, func(ctx context.Context, tx Tx, changes *change.Changes) error {
		item, err = c.restore(ctx, tx, changes, id)
		return err
	})
	return item, err
}

// LockIn locks a live item within a transaction of the caller's, when the condition holds.
func (c *Catalogue[Item, Input]) LockIn(ctx context.Context, tx Tx, id int64, when Condition[Item]) error {
	_, _, err := c.lock(ctx, tx, id, when)
	return err
}

// CreateIn makes an item within a transaction of the caller's.
func (c *Catalogue[Item, Input]) CreateIn(ctx context.Context, tx Tx, changes *change.Changes, d Input) (Item, error) {
	return c.create(ctx, tx, changes, d)
}

func (c *Catalogue[Item, Input]) create(ctx context.Context, tx Tx, changes *change.Changes, d Input) (item Item, err error) {
	if err := c.Check(&d, new(Input)); err != nil {
		return item, err
	}
	id, err := c.store.Insert(ctx, tx, d)
	if err != nil {
		return item, translate(err, c.Constraints)
	}
	if item, err = c.GetIn(ctx, tx, id); err != nil {
		return item, err
	}
	c.touch(changes, nil, &item)
	return item, changes.Record(c.Events.Created.New(Subject(id), item))
}

func (c *Catalogue[Item, Input]) update(
	ctx context.Context, tx Tx, changes *change.Changes, id int64, when Condition[Item], e Edit[Input],
) (item Item, err error) {
	if e.Moves {
		if err := c.store.LockTree(ctx, tx); err != nil {
			return item, translate(err, c.Constraints)
		}
	}
	locked, before, err := c.lock(ctx, tx, id, when)
	if err != nil {
		return item, err
	}
	d := locked.Input
	e.Apply(&d)
	if reflect.DeepEqual(d, locked.Input) {
		return before, nil
	}
	if err := c.Check(&d, &locked.Input); err != nil {
		return item, err
	}
	if err := c.store.Update(ctx, tx, id, locked.Input, d); err != nil {
		return item, translate(err, c.Constraints)
	}
	if item, err = c.GetIn(ctx, tx, id); err != nil {
		return item, err
	}
	if reflect.DeepEqual(before, item) {
		return item, nil // clients see no change
	}
	c.touch(changes, &before, &item)
	return item, changes.Record(c.Events.Updated.New(Subject(id), before, item))
}

func (c *Catalogue[Item, Input]) archive(ctx context.Context, tx Tx, changes *change.Changes, id int64, when Condition[Item]) error {
	_, before, err := c.lock(ctx, tx, id, when)
	if err != nil {
		return err
	}
	if err := c.store.Archive(ctx, tx, id); err != nil {
		return translate(err, c.Blocks)
	}
	c.touch(changes, &before, nil)
	return changes.Record(c.Events.Archived.New(Subject(id), before))
}

func (c *Catalogue[Item, Input]) restore(ctx context.Context, tx Tx, changes *change.Changes, id int64) (item Item, err error) {
	locked, err := c.store.Lock(ctx, tx, id)
	if err != nil {
		return item, translate(err, c.Constraints)
	}
	if locked.ArchivedAt == nil {
		return item, ErrNotArchived
	}
	if err := c.store.Restore(ctx, tx, id); err != nil {
		return item, translate(err, c.Constraints)
	}
	if item, err = c.GetIn(ctx, tx, id); err != nil {
		return item, err
	}
	c.touch(changes, nil, &item)
	return item, changes.Record(c.Events.Restored.New(Subject(id), item))
}

// lock locks a live item and checks the condition on what clients see of it.
func (c *Catalogue[Item, Input]) lock(ctx context.Context, tx Tx, id int64, when Condition[Item]) (Locked[Input], Item, error) {
	var item Item
	locked, err := c.store.Lock(ctx, tx, id)
	if err != nil {
		return locked, item, translate(err, c.Constraints)
	}
	if locked.ArchivedAt != nil {
		return locked, item, ErrNotFound
	}
	if item, err = c.GetIn(ctx, tx, id); err != nil {
		return locked, item, err
	}
	return locked, item, when.check(item)
}

// touch notes the cache tags of a change; a side that does not exist is nil.
func (c *Catalogue[Item, Input]) touch(changes *change.Changes, before, after *Item) {
	present := after
	if present == nil {
		present = before
	}
	changes.Touch(c.Entity, c.Tag(c.ID(*present)))
	if c.Effects != nil {
		changes.Touch(c.Effects(before, after)...)
	}
}
