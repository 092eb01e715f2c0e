package cache

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

// flight is one fill that several reads wait for.
type flight struct {
	key    string
	tags   []string
	fill   func(ctx context.Context) (Value, error)
	leased bool
	// variant says that its entry is one of those that GetVariant keeps.
	variant bool
	// asOf is the highest version known to be committed when the fill began: its query sees at least that.
	asOf int64
	// era and epoch tell which database it reads.
	era   int
	epoch *string
	// required is what a shared entry must contain to stand in for the fill.
	required int64
	// alone says that nobody else can have filled it or be filling it.
	alone bool

	done  chan struct{}
	entry *Entry
	err   error
}

// ended is the done of a flight that needs no fill.
var ended = func() chan struct{} {
	c := make(chan struct{})
	close(c)
	return c
}()

func (f *flight) hasAny(tags []string) bool {
	return slices.ContainsFunc(tags, func(tag string) bool { return slices.Contains(f.tags, tag) })
}

// join finds a fill that this read may share or begins one.
//
// With a lease any fill that no change has overtaken will do: apply takes the others out of flights, and the
// writer is answered only after that. Without one nobody tells us of changes, so a read shares only a fill
// that begins after the read did: the one that waits for the running one to end.
func (s *Store) join(ctx context.Context, wanted flight) (*flight, error) {
	leased := s.lease.valid()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, ErrClosed
	}
	if leased {
		if f := s.flights[wanted.key]; f != nil {
			return f, nil
		}
		if e := s.entries[wanted.key]; e != nil { // its fill has ended since it was looked for
			s.stats.Hits.Add(1)
			return &flight{entry: e, done: ended}, nil
		}
	} else {
		s.stats.Unleased.Add(1)
		if f := s.next[wanted.key]; f != nil {
			return f, nil
		}
	}
	f := &wanted
	f.leased, f.done = leased, make(chan struct{})
	if !leased && s.running[f.key] > 0 {
		s.next[f.key] = f
		f.fill = bindContext(ctx, f.fill)
		return f, nil
	}
	s.begin(ctx, f)
	return f, nil
}

// bindContext keeps the values of the read that brought the fill: it is begun later by another one.
func bindContext(ctx context.Context, fill func(ctx context.Context) (Value, error)) func(ctx context.Context) (Value, error) {
	values := context.WithoutCancel(ctx)
	return func(bounded context.Context) (Value, error) {
		inner, cancel := context.WithCancelCause(values)
		defer cancel(nil)
		stop := context.AfterFunc(bounded, func() { cancel(context.Cause(bounded)) })
		defer stop()
		return fill(inner)
	}
}

// begin starts a fill. The caller holds mu.
func (s *Store) begin(ctx context.Context, f *flight) {
	f.asOf, f.era, f.epoch = s.known, s.era, s.epoch.Load()
	if f.leased {
		for _, tag := range f.tags {
			f.required = max(f.required, s.required(tag))
		}
		f.alone = s.alone && f.required > s.elsewhere
		s.flights[f.key] = f
	} else {
		s.running[f.key]++
	}
	s.fills.Add(1)
	go s.run(context.WithoutCancel(ctx), f)
}

func (s *Store) run(ctx context.Context, f *flight) {
	defer s.fills.Done()
	ctx, cancel := context.WithTimeout(ctx, s.options.FillTimeout)
	defer cancel()
	shares := f.leased && s.redis != nil && f.epoch != nil && !f.variant
	locked := false
	if shares && !f.alone {
		f.entry, locked = s.fetchShared(ctx, f)
	}
	if f.entry != nil {
		s.stats.Shared.Add(1)
		shares = false
	} else {
		f.entry, f.err = s.make(ctx, f)
	}
	if shares { // before it leaves flights, so that handOver sees it in one of the two places
		s.offer(ctx, offer{flight: f, entry: f.entry, locked: locked})
	}
	s.finish(ctx, f)
	close(f.done)
}

// finish takes a finished fill out of those under way and keeps its entry.
func (s *Store) finish(ctx context.Context, f *flight) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if f.leased {
		if s.flights[f.key] == f {
			delete(s.flights, f.key)
		}
		if f.err == nil && f.era == s.era && !f.entry.unkept {
			s.keep(f.key, f.entry)
		}
		return
	}
	if s.running[f.key]--; s.running[f.key] == 0 {
		delete(s.running, f.key)
		if next := s.next[f.key]; next != nil {
			delete(s.next, f.key)
			s.begin(ctx, next)
		}
	}
}

// make runs the fill. A panic in it becomes an error.
func (s *Store) make(ctx context.Context, f *flight) (entry *Entry, err error) {
	defer func() {
		if p := recover(); p != nil {
			entry, err = nil, fmt.Errorf("cache: a fill panicked: %v", p)
		}
	}()
	s.stats.Fills.Add(1)
	v, err := f.fill(ctx)
	if err != nil {
		return nil, err //nolint:wrapcheck // the caller's own error
	}
	if v.Body == nil {
		return nil, errors.New("cache: a fill returned no body")
	}
	if entry, err = newEntry(v, f.tags, f.asOf); err == nil {
		entry.variant, entry.unkept = f.variant, v.Unkept
	}
	return entry, err
}
