// Package groupcommit has callers share what costs as much for many as for one, such as a transaction and its flush to disk.
package groupcommit

import (
	"context"
	"runtime"
	"slices"
	"sync"
)

// Group works on items batch by batch: what is added while one batch is being worked on makes the next one. So nobody waits for company, and the
// busier it is the larger are the batches. It has no goroutine of its own: the caller whose item is the first of a batch works on it.
type Group[T any] struct {
	work func(ctx context.Context, batch []T)
	most int

	mu      sync.Mutex
	working bool // a caller works on a batch, or is about to
	waiting []*place[T]
}

// place is a caller's.
type place[T any] struct {
	item T
	told chan bool // true: it is to work on the next batch, of which its item is the first; false: its item was worked on
}

// New makes a group. work is called with one batch at a time, of at most so many items, in the order in which they were added. What becomes of an
// item it notes there.
func New[T any](most int, work func(ctx context.Context, batch []T)) *Group[T] {
	return &Group[T]{work: work, most: most}
}

// Do adds an item and returns when it was worked on. work may get the context of this caller for the items of others too; it ends the wait of nobody.
func (g *Group[T]) Do(ctx context.Context, item T) {
	p := &place[T]{item: item, told: make(chan bool, 1)}
	if g.add(p) || <-p.told {
		runtime.Gosched() // those who are about to add something come along
		g.lead(ctx)
	}
}

// add reports whether the caller has to work on the next batch, because nobody does.
func (g *Group[T]) add(p *place[T]) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.waiting = append(g.waiting, p)
	idle := !g.working
	g.working = true
	return idle
}

// lead works on the next batch. Those who wait are told also when work panics.
func (g *Group[T]) lead(ctx context.Context) {
	batch := g.take()
	defer g.tell(batch)
	items := make([]T, len(batch))
	for i, p := range batch {
		items[i] = p.item
	}
	g.work(ctx, items)
}

func (g *Group[T]) take() []*place[T] {
	g.mu.Lock()
	defer g.mu.Unlock()
	n := min(len(g.waiting), g.most)
	batch := slices.Clone(g.waiting[:n])
	g.waiting = slices.Delete(g.waiting, 0, n)
	return batch
}

// tell tells the callers of a batch, but the first, that theirs was worked on, and whoever waits first to work on the next one.
func (g *Group[T]) tell(batch []*place[T]) {
	for _, p := range batch[1:] {
		p.told <- false
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.working = len(g.waiting) > 0
	if g.working {
		g.waiting[0].told <- true
	}
}
