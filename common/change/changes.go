package change

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"nms.example/common/db"
	"nms.example/common/event"
	"nms.example/common/outbox"
)

// Changes collect what one transaction changes. They are for its goroutine.
type Changes struct {
	events    []event.Event
	unordered []event.Event
	tags      []string
	all       bool
	after     []func(ctx context.Context)
}

// Record adds an event as an event type's New returns it, and returns that one's error. Events of one entity are published
// in the order in which they are recorded.
func (c *Changes) Record(e event.Event, err error) error {
	if err != nil {
		return err
	}
	c.events = append(c.events, e)
	return nil
}

// RecordUnordered adds events whose entities have no other one, before or after. Having no order to keep, they share rows and
// messages (outbox.WriteUnordered): that is for who makes very many. It keeps the slice.
func (c *Changes) RecordUnordered(events []event.Event) {
	if c.unordered == nil {
		c.unordered = events
		return
	}
	c.unordered = append(c.unordered, events...)
}

// Touch adds cache tags.
func (c *Changes) Touch(tags ...string) { c.tags = append(c.tags, tags...) }

// TouchAll invalidates all that is cached; for changes of very many items.
func (c *Changes) TouchAll() { c.all = true }

// AfterCommit has f called once the change is committed, before it is answered. The context is the caller's: it may end with
// the caller, the change may not be undone any more.
func (c *Changes) AfterCommit(f func(ctx context.Context)) { c.after = append(c.after, f) }

var errNotCached = errors.New("change: cache tags are touched, but the writer knows no cache")

// write ends the transaction with its events and, as the last statement, the invalidation.
func (c *Changes) write(ctx context.Context, tx db.Session, published *event.Catalogue, cached Invalidation) error {
	if len(c.events) == 0 && len(c.unordered) == 0 && !c.touches() {
		return db.AwaitStandbys(ctx, tx)
	}
	if err := outbox.Write(ctx, tx, published, c.events...); err != nil {
		return fmt.Errorf("change: %w", err)
	}
	if err := outbox.WriteUnordered(ctx, tx, published, c.unordered...); err != nil {
		return fmt.Errorf("change: %w", err)
	}
	if !c.touches() {
		return nil
	}
	if cached == nil {
		return errNotCached
	}
	var tags []string
	if !c.all {
		slices.Sort(c.tags)
		tags = slices.Compact(c.tags)
	}
	if err := cached.Touch(ctx, tx, tags...); err != nil {
		return fmt.Errorf("change: %w", err)
	}
	return nil
}

func (c *Changes) touches() bool { return c.all || len(c.tags) > 0 }

// committed does what follows the commit.
func (c *Changes) committed(ctx context.Context, cached Invalidation) error {
	for _, f := range c.after {
		f(ctx)
	}
	if !c.touches() {
		return nil
	}
	if err := cached.Done(ctx); err != nil {
		return fmt.Errorf("change: after the commit: %w", err)
	}
	return nil
}
