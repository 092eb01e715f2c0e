package cache_test

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"nms.example/common/cache"
	"nms.example/common/redistest"
	"nms.example/common/waittest"
)

// alone waits until an instance may fill without asking the others.
func alone(t *testing.T, s *cache.Store) {
	t.Helper()
	require.Eventually(t, s.Alone, waittest.Bound, time.Millisecond)
}

// count reads a made-up item through an instance and notes that it was filled.
func count(t *testing.T, s *cache.Store, key string, fills *atomic.Int64) {
	t.Helper()
	_, err := s.Get(t.Context(), key, nil, func(context.Context) (cache.Value, error) {
		fills.Add(1)
		return cache.Value{Body: []byte(key)}, nil
	})
	require.NoError(t, err)
}

func TestStoreAloneAsksNobodyAndSharesWithWhoComes(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.lease = time.Minute // a busy machine must not cost the lease
	redis := redistest.New(t)
	a := f.instance(f.pool, redis)
	alone(t, a)
	var fills atomic.Int64
	const items = 300
	for i := range items {
		count(t, a, strconv.Itoa(i), &fills)
	}
	require.Zero(t, a.Stats().Asked.Load(), "nothing can be there")

	b := f.instance(f.pool, redis) // its greeting waits until all of it is in Redis
	for i := range items {
		count(t, b, strconv.Itoa(i), &fills)
	}
	require.Equal(t, int64(items), fills.Load())
	require.Equal(t, int64(items), b.Stats().Shared.Load())
	count(t, a, "together", &fills)
	require.Equal(t, int64(1), a.Stats().Asked.Load(), "no longer alone")
}

// A second instance comes while the first one is filling: no item may be filled by both.
func TestStoreFillsOnceWhileAnotherInstanceComes(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.lease = time.Minute
	redis := redistest.New(t)
	a := f.instance(f.pool, redis)
	alone(t, a)
	var filled sync.Map
	var reached atomic.Int64
	reader := func(s *cache.Store, until int64) {
		for i := range until {
			key := strconv.FormatInt(i, 10)
			_, err := s.Get(t.Context(), key, nil, func(context.Context) (cache.Value, error) {
				if _, twice := filled.LoadOrStore(key, true); twice {
					return cache.Value{}, fmt.Errorf("%s is filled twice", key)
				}
				return cache.Value{Body: []byte(key)}, nil
			})
			if err != nil {
				t.Error(err)
				return
			}
			reached.Store(max(reached.Load(), i))
		}
	}
	stop := make(chan struct{})
	var readers sync.WaitGroup
	readers.Go(func() {
		for until := int64(0); ; until += 100 {
			select {
			case <-stop:
				return
			default:
				reader(a, until)
			}
		}
	})
	b := f.instance(f.pool, redis)
	reader(b, reached.Load()+500)
	close(stop)
	readers.Wait()
}

func TestStoreThatStartsAloneTakesWhatAnEarlierOneShared(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.lease = time.Minute
	redis := redistest.New(t)
	var fills atomic.Int64
	first := f.begin(f.pool, redis)
	count(t, first.Store, "kept", &fills)
	first.stop()

	second := f.begin(f.pool, redis)
	alone(t, second.Store)
	count(t, second.Store, "kept", &fills)
	require.Equal(t, int64(1), fills.Load())
	require.Equal(t, int64(1), second.Stats().Shared.Load())
	_, err := f.write(t.Context(), second.Store, 1)
	require.NoError(t, err)
	_, err = f.read(t.Context(), second.Store, 1)
	require.NoError(t, err)
	require.Equal(t, int64(1), second.Stats().Asked.Load(), "what has changed since can only be filled here")
	second.stop()
}

// What was dropped for want of room may still be in Redis.
func TestStoreAloneAsksForWhatItHasDropped(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.lease = time.Minute
	f.maxBytes = 1 << 20
	s := f.instance(f.pool, redistest.New(t))
	alone(t, s)
	var fills atomic.Int64
	const items = 100
	for range 2 {
		for i := range items {
			_, err := s.Get(t.Context(), strconv.Itoa(i), nil, func(context.Context) (cache.Value, error) {
				fills.Add(1)
				return cache.Value{Body: make([]byte, 20_000)}, nil
			})
			require.NoError(t, err)
		}
	}
	require.Eventually(t, func() bool { return s.Stats().Asked.Load() > 0 }, waittest.Bound, time.Millisecond)
	require.Less(t, fills.Load(), int64(items+items/2), "most of it came from Redis the second time")
}

// An instance that was alone and hangs loses its place; when it wakes up it is one of two.
func TestStoreThatLostItsLeaseGreetsTheOneThatTookItsPlace(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.lease = 500 * time.Millisecond
	redis := redistest.New(t)
	deaf := &brokenPool{Pool: f.pool}
	a := f.instance(deaf, redis)
	alone(t, a)
	deaf.cut.Store(true)
	deaf.drop(t.Context())
	require.Eventually(t, func() bool { return !a.Leased() }, waittest.Bound, time.Millisecond)
	f.lease = time.Minute
	b := f.instance(f.pool, redis)
	alone(t, b)
	deaf.cut.Store(false)
	require.Eventually(t, a.Leased, waittest.Bound, time.Millisecond)
	var fills atomic.Int64
	count(t, b, "x", &fills)
	count(t, a, "x", &fills)
	require.Equal(t, int64(1), fills.Load())
}

// Whoever was alone lets nobody in before what it is filling can be found in Redis.
func TestStoreHandsOverBeforeAnotherInstanceFills(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.lease = time.Minute
	redis := redistest.New(t)
	a := f.instance(f.pool, redis)
	alone(t, a)
	var fills atomic.Int64
	release, filling := make(chan struct{}), make(chan struct{})
	var readers sync.WaitGroup
	readers.Go(func() {
		_, err := a.Get(t.Context(), "slow", nil, func(context.Context) (cache.Value, error) {
			fills.Add(1)
			close(filling)
			<-release
			return cache.Value{Body: []byte("slow")}, nil
		})
		if err != nil {
			t.Error(err)
		}
	})
	<-filling
	read := make(chan struct{})
	readers.Go(func() {
		defer close(read)
		count(t, f.instance(f.pool, redis), "slow", &fills)
	})
	select {
	case <-read:
		t.Error("the other instance read before the fill had ended")
	case <-time.After(300 * time.Millisecond): // nothing to wait for: it must not happen
	}
	close(release)
	readers.Wait()
	require.Equal(t, int64(1), fills.Load())
}
