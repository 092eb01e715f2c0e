package cache

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"nms.example/common/redis"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// Pool is what the Store needs of a database pool; db.Pool offers it.
type Pool interface {
	// Listen takes a connection out of the pool, subscribes it and hands it to receive.
	Listen(ctx context.Context, channel string, receive func(ctx context.Context, conn *pgx.Conn) error) error
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

// Defaults of StoreOptions.
const (
	DefaultLeaseTime   = 3 * time.Second
	DefaultMaxBytes    = 256 << 20
	DefaultFillTimeout = 15 * time.Second
)

// StoreOptions tune a Store; the zero value of each field means its default.
type StoreOptions struct {
	// Namespace separates this service's shared entries in Redis; required when there is a Redis client. The function
	// Namespace makes it of what shapes the answers.
	Namespace string
	// LeaseTime is how long an instance may answer from memory without hearing from the database, and how
	// long a killed instance can delay a writer.
	LeaseTime time.Duration
	// MaxBytes bounds the memory of the entries; the ones not used lately go first.
	MaxBytes int64
	// FillTimeout bounds one fill.
	FillTimeout time.Duration
	// Logger reports lost and regained leases.
	Logger *slog.Logger
}

// Store keeps ready-made answers in memory. Its promise and protocol are told in the package comment.
type Store struct {
	pool     Pool
	redis    *redis.Client // nil: nothing is shared
	options  StoreOptions
	log      *slog.Logger
	instance uuid.UUID
	epoch    atomic.Pointer[string] // identity of the database in keys of shared entries
	lease    leaseClock
	acks     ackWatch
	fills    sync.WaitGroup // flights and the sending of offers
	offers   offers
	stats    Stats

	mu      sync.RWMutex
	closed  bool
	entries map[string]*Entry
	byTag   map[string]map[string]struct{} // tag → keys, but for the key of the same name
	bytes   int64
	// variants are the keys of the entries that GetVariant keeps, variantBytes their part of bytes.
	variants     map[string]struct{}
	variantBytes int64

	flights map[string]*flight // fills under way that a leased read may join
	next    map[string]*flight // fills not begun that any read may join
	running map[string]int     // fills under way begun without a lease
	era     int                // counts the databases that were met under one address
	known   int64              // highest version known to be committed
	seen    int64              // every version up to it has been applied here
	base    int64              // tags not in changed were last changed at or before base
	changed map[string]int64   // tag → version of its last change
	alone   bool               // no other instance fills without greeting us before
	// elsewhere is the highest version that an entry which is not in this memory may have been shared with,
	// as far as it was before the time alone.
	elsewhere int64
}

// Stats counts what the Store does; all fields only grow.
type Stats struct {
	// Hits were answered from memory, Shared from Redis, Fills by the caller's function. Asked counts the
	// fills that looked into Redis before.
	Hits, Shared, Fills, Asked atomic.Int64
	// Flushes dropped everything, Unleased reads went past the memory.
	Flushes, Unleased atomic.Int64
}

// ErrClosed says that the Store has been stopped.
var ErrClosed = errors.New("cache: the store is closed")

// NewStore makes a store over the database that the answers are read from. redis may be nil. Run must be
// running for anything to be kept.
func NewStore(pool Pool, redis *redis.Client, options StoreOptions) *Store {
	if options.LeaseTime <= 0 {
		options.LeaseTime = DefaultLeaseTime
	}
	if options.MaxBytes <= 0 {
		options.MaxBytes = DefaultMaxBytes
	}
	if options.FillTimeout <= 0 {
		options.FillTimeout = DefaultFillTimeout
	}
	if options.Logger == nil {
		options.Logger = slog.New(slog.DiscardHandler)
	}
	return &Store{
		pool: pool, redis: redis, options: options, log: options.Logger, instance: uuid.New(),
		entries: map[string]*Entry{}, variants: map[string]struct{}{}, byTag: map[string]map[string]struct{}{}, changed: map[string]int64{},
		flights: map[string]*flight{}, next: map[string]*flight{}, running: map[string]int{},
		offers: offers{hurry: make(chan struct{}, 1)}, elsewhere: beforeAll,
	}
}

// Stats returns the counters.
func (s *Store) Stats() *Stats { return &s.stats }

// Leased reports whether the store answers from memory at the moment.
func (s *Store) Leased() bool { return s.lease.valid() }

// Alone reports whether this instance is the only one that answers from memory, and so fills without asking
// Redis before.
func (s *Store) Alone() bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.alone && s.lease.valid()
}

// Lookup returns the entry when it is in memory and may be used: the fast path in front of Get, for
// callers that want to build neither tags nor fill on a hit.
func (s *Store) Lookup(key string) (*Entry, bool) {
	if !s.lease.valid() {
		return nil, false
	}
	s.mu.RLock()
	e := s.entries[key]
	s.mu.RUnlock()
	if e == nil {
		return nil, false
	}
	if !e.used.Load() {
		e.used.Store(true)
	}
	s.stats.Hits.Add(1)
	return e, true
}

// Get returns the entry of key, from memory, from Redis, or made by fill. tags name what it was made from: a
// Change that touches one of them drops it; nil means the key itself. fill must read from the store's own
// database (its primary, outside of older transactions) and must use the context that it is given. Reads of
// one key share a fill. An error of fill is returned as it is and is not kept.
func (s *Store) Get(ctx context.Context, key string, tags []string, fill func(ctx context.Context) (Value, error)) (*Entry, error) {
	return s.get(ctx, flight{key: key, tags: tags, fill: fill})
}

// get answers with the entry of the fill wanted, or makes it.
func (s *Store) get(ctx context.Context, wanted flight) (*Entry, error) {
	if e, ok := s.Lookup(wanted.key); ok {
		return e, nil
	}
	if wanted.tags == nil {
		wanted.tags = []string{wanted.key}
	}
	f, err := s.join(ctx, wanted)
	if err != nil {
		return nil, err
	}
	select {
	case <-f.done:
		return f.entry, f.err
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// keep stores an entry unless something it was made from has changed since. The caller holds mu.
func (s *Store) keep(key string, e *Entry) {
	size := e.size(key)
	if size > s.options.MaxBytes/4 {
		s.elsewhere = max(s.elsewhere, e.asOf)
		return
	}
	for _, tag := range e.tags {
		if e.asOf < s.required(tag) {
			return
		}
	}
	s.remove(key)
	if s.bytes+size > s.options.MaxBytes {
		s.evict(size)
	}
	if e.variant {
		s.admitVariant(key, size)
	}
	s.entries[key] = e
	s.bytes += size
	for _, tag := range e.tags {
		if tag == key { // most entries have no other tag, and a map for each weighs more than the look-up
			continue
		}
		keys := s.byTag[tag]
		if keys == nil {
			keys = map[string]struct{}{}
			s.byTag[tag] = keys
		}
		keys[key] = struct{}{}
	}
}

// required is the version that an entry made from tag must contain. The caller holds mu.
func (s *Store) required(tag string) int64 {
	if v, ok := s.changed[tag]; ok {
		return v
	}
	return s.base
}

func (s *Store) remove(key string) {
	e := s.entries[key]
	if e == nil {
		return
	}
	delete(s.entries, key)
	s.bytes -= e.size(key)
	if e.variant {
		delete(s.variants, key)
		s.variantBytes -= e.size(key)
	}
	for _, tag := range e.tags {
		keys := s.byTag[tag]
		delete(keys, key)
		if len(keys) == 0 {
			delete(s.byTag, tag)
		}
	}
}

// evict makes room for size bytes and a tenth more. The caller holds mu.
func (s *Store) evict(size int64) {
	target := s.options.MaxBytes - s.options.MaxBytes/10 - size
	s.sweep(maps.Keys(s.entries), func() bool { return s.bytes <= target })
}

// maxChanged bounds the memory of single tags' versions.
const maxChanged = 100_000

// apply drops what version v changed; tags nil means everything. Entries that already contain v stay.
func (s *Store) apply(v int64, tags []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.known = max(s.known, v)
	if tags == nil || len(s.changed)+len(tags) > maxChanged {
		s.flush(v)
		return
	}
	for _, tag := range tags {
		s.changed[tag] = max(s.changed[tag], v)
		for key := range s.byTag[tag] {
			if s.entries[key].asOf < v {
				s.remove(key)
			}
		}
		if e := s.entries[tag]; e != nil && e.asOf < v && slices.Contains(e.tags, tag) {
			s.remove(tag)
		}
	}
	for key, f := range s.flights {
		if f.asOf < v && f.hasAny(tags) {
			delete(s.flights, key)
		}
	}
}

// flush drops everything that does not contain v. The caller holds mu.
func (s *Store) flush(v int64) {
	s.stats.Flushes.Add(1)
	s.base = max(s.base, v)
	for key, e := range s.entries {
		if e.asOf < v {
			s.remove(key)
		}
	}
	for tag, changed := range s.changed {
		if changed <= s.base {
			delete(s.changed, tag)
		}
	}
	for key, f := range s.flights {
		if f.asOf < v {
			delete(s.flights, key)
		}
	}
}
