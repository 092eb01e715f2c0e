package catalogue

import (
	"context"
	"fmt"
	"sync"
	"time"
)

const (
	// loadsAtOnce is how many queries for single items run at a time. Requests that come meanwhile wait and
	// share the next one: after a change that drops many cached items, hundreds are asked for at once.
	loadsAtOnce = 2
	// loadMost bounds the items of one query, loadTimeout its time.
	loadMost    = 200
	loadTimeout = 15 * time.Second
)

// loader reads items by their ids. A lone request is queried for at once; requests beyond loadsAtOnce are
// gathered for as long as those queries run. A request never joins a query that has begun, so it sees everything
// that was committed before it.
type loader[Item any] struct {
	// read returns the items that exist; id tells which one it is.
	read func(ctx context.Context, ids []int64) ([]Item, error)
	id   func(Item) int64

	mu      sync.Mutex
	running int
	waiting []*load[Item] // all but the last one are full
}

// load is one query.
type load[Item any] struct {
	ids   []int64
	done  chan struct{}
	items map[int64]Item
	err   error
}

// get returns the item with this id, or ErrNotFound.
func (l *loader[Item]) get(ctx context.Context, id int64) (item Item, err error) {
	one := l.join(ctx, id)
	select {
	case <-one.done:
	case <-ctx.Done():
		return item, context.Cause(ctx)
	}
	if one.err != nil {
		return item, one.err
	}
	item, ok := one.items[id]
	if !ok {
		return item, ErrNotFound
	}
	return item, nil
}

// join finds a place in a query that has not begun.
func (l *loader[Item]) join(ctx context.Context, id int64) *load[Item] {
	l.mu.Lock()
	defer l.mu.Unlock()
	if n := len(l.waiting); n > 0 && len(l.waiting[n-1].ids) < loadMost {
		last := l.waiting[n-1]
		last.ids = append(last.ids, id)
		return last
	}
	next := &load[Item]{ids: []int64{id}, done: make(chan struct{})}
	if l.running >= loadsAtOnce {
		l.waiting = append(l.waiting, next)
		return next
	}
	l.running++
	go l.run(context.WithoutCancel(ctx), next) // others may wait for it when this request is gone
	return next
}

// run runs a query, and those that wait then. The context gives its values to the first one only.
func (l *loader[Item]) run(ctx context.Context, one *load[Item]) {
	for one != nil {
		l.query(ctx, one)
		l.mu.Lock()
		if len(l.waiting) > 0 {
			one, l.waiting = l.waiting[0], l.waiting[1:]
		} else {
			one = nil
			l.running--
		}
		l.mu.Unlock()
	}
}

// query fills a load. A panic in read becomes an error, for no request's own recovery surrounds it.
func (l *loader[Item]) query(ctx context.Context, one *load[Item]) {
	defer close(one.done)
	defer func() {
		if p := recover(); p != nil {
			one.err = fmt.Errorf("catalogue: a query for items panicked: %v", p)
		}
	}()
	ctx, cancel := context.WithTimeout(ctx, loadTimeout)
	defer cancel()
	found, err := l.read(ctx, one.ids)
	if err != nil {
		one.err = err
		return
	}
	one.items = make(map[int64]Item, len(found))
	for _, item := range found {
		one.items[l.id(item)] = item
	}
}
