package dispatch

import (
	"context"
	"maps"
	"slices"

	"github.com/google/uuid"

	"nms.example/ctrl/internal/nmsdb"
)

// fill has the queues worked on that can go on, and that nobody is at or is about to be.
func (t *term) fill(ctx context.Context) {
	ready, err := nmsdb.New(t.writer.Pool()).QueueReady(ctx, nmsdb.QueueReadyParams{Busy: t.occupied(), Take: int32(t.options.Workers)})
	if err != nil {
		if ctx.Err() == nil {
			t.options.Logger.WarnContext(ctx, "the queues cannot be read", "error", err)
		}
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, equipment := range ready {
		t.enlist(equipment)
	}
	t.starved = len(ready) == t.options.Workers
	t.relieve()
}

// hint has a queue looked at that may go on, by the worker that is at it or by the next one that is free.
func (t *term) hint(equipment int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.busy[equipment] {
		t.again[equipment] = true
		return
	}
	t.enlist(equipment)
	t.relieve()
}

// enlist has a queue looked at when a worker is free. It is called under the lock.
func (t *term) enlist(equipment int64) {
	if !t.listed[equipment] {
		t.listed[equipment] = true
		t.due = append(t.due, equipment)
	}
}

// relieve sets free workers to the queues that are due, and has the others looked at when there may be more. It is called under the lock.
func (t *term) relieve() {
	for len(t.due) > 0 && t.free() > 0 && !t.closed {
		equipment := t.due[0]
		t.due = t.due[1:]
		delete(t.listed, equipment)
		if t.busy[equipment] {
			t.again[equipment] = true // its worker is about to leave
			continue
		}
		t.start(equipment, nil)
	}
	if t.starved && t.free() > 0 {
		t.starved = false
		t.signal()
	}
}

// close has no worker begin any more.
func (t *term) close() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.closed = true
}

// work has a worker at a piece of equipment, unless one is. It does what is given first, if anything, and then works on the queue.
func (t *term) work(equipment int64, first func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.start(equipment, first)
}

// start is work under the lock.
func (t *term) start(equipment int64, first func()) {
	if t.closed || t.busy[equipment] {
		return
	}
	t.busy[equipment] = true
	t.group.Go(func() {
		if first != nil {
			first()
		}
		t.serve(equipment)
		for t.leave(equipment) {
			t.serve(equipment)
		}
	})
}

// leave ends a worker's time at a piece of equipment, unless its queue is to be looked at once more.
func (t *term) leave(equipment int64) (again bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	again = t.again[equipment]
	delete(t.again, equipment)
	if !again {
		delete(t.busy, equipment)
		t.relieve()
	}
	return again
}

// occupied returns the equipment that workers are at, or will be as soon as one is free.
func (t *term) occupied() []int64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.AppendSeq(slices.AppendSeq(make([]int64, 0, len(t.busy)+len(t.due)), maps.Keys(t.busy)), slices.Values(t.due)) // never NULL
}

// free returns how many workers more there may be. It is called under the lock.
func (t *term) free() int { return t.options.Workers - len(t.busy) + t.watching }

// overfull reports whether more workers are at something than may be, because one that was watching goes on. The queue that it is at is due then.
func (t *term) overfull(equipment int64) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	over := t.free() < 0
	if over {
		t.enlist(equipment)
	}
	return over
}

// watch notes that a worker only watches from now on, so that another may begin something.
func (t *term) watch() (end func()) {
	t.count(1)
	return func() { t.count(-1) }
}

func (t *term) watchers() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.watching
}

func (t *term) count(watching int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.watching += watching
	if watching > 0 {
		t.relieve()
	}
}

// begin notes that a worker is at a command; end, that it is no longer.
func (t *term) begin(id uuid.UUID) (end func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.active[id] = true
	return func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		delete(t.active, id)
	}
}

func (t *term) isActive(id uuid.UUID) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.active[id]
}

// note remembers that bytes of an attempt may go out, until its outcome is written.
func (t *term) note(a attempt, out bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !out {
		delete(t.begun, a)
		return
	}
	t.begun[a] = true
}

func (t *term) hasBegun(a attempt) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.begun[a]
}
