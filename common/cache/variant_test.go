package cache_test

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"nms.example/common/cache"
	"nms.example/common/redistest"
)

// variant reads one of any number of answers made of the things.
func (f *fixture) variant(s *cache.Store, name string, v cache.Value) (body string) {
	f.t.Helper()
	e, err := s.GetVariant(f.t.Context(), "things?"+name, []string{"things"}, func(context.Context) (cache.Value, error) {
		f.fills.Add(1)
		return v, nil
	})
	require.NoError(f.t, err)
	return string(e.Body)
}

func TestVariantsAreDroppedWithWhatTheyAreMadeOf(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.lease = time.Minute // a busy machine must not cost the lease
	redis := redistest.New(t)
	a, b := f.instance(f.pool, redis), f.instance(f.pool, redis)
	for round := range int64(3) {
		body := fmt.Sprint("state ", round)
		for range 3 {
			for _, s := range []*cache.Store{a, b} {
				require.Equal(t, body, f.variant(s, "name=x", cache.Value{Body: []byte(body)}))
				require.Equal(t, body, f.variant(s, "name=y", cache.Value{Body: []byte(body)}))
			}
		}
		require.Equal(t, 4*(round+1), f.fills.Load(), "each instance fills each variant once")
		_, err := f.write(t.Context(), a, 1)
		require.NoError(t, err)
	}
	require.Zero(t, a.Stats().Asked.Load()+b.Stats().Asked.Load(), "Redis does not hear of variants")
}

func TestAVariantThatIsNotToBeKeptIsForgotten(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.lease = time.Minute
	s := f.instance(f.pool, nil)
	for range 3 {
		require.Equal(t, "[]", f.variant(s, "name=unknown", cache.Value{Body: []byte("[]"), Unkept: true}))
	}
	require.Equal(t, int64(3), f.fills.Load())
}

// Whoever asks for variant after variant pushes out variants only, and those that others read last of all.
func TestVariantsAreBounded(t *testing.T) {
	t.Parallel()
	const most = 5000
	for name, size := range map[string]int{"by number": 100, "by size": 20 << 10} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := setup(t)
			f.lease, f.maxBytes = time.Minute, 64<<20
			s := f.instance(f.pool, nil)
			_, err := f.read(t.Context(), s, 1)
			require.NoError(t, err)
			value := cache.Value{Body: []byte(strings.Repeat("x", size))}
			for i := range 3 * most {
				f.variant(s, "popular", value)
				f.variant(s, strconv.Itoa(i), value)
			}
			kept := 0
			for i := range 3 * most {
				if _, ok := s.Lookup(fmt.Sprint("things?", i)); ok {
					kept++
				}
			}
			bound := min(most, 64<<20/4/size)
			require.LessOrEqual(t, kept, bound)
			require.Greater(t, kept, bound/2)
			_, ok := s.Lookup("things?popular")
			require.True(t, ok, "what is read all the time stays")
			_, ok = s.Lookup("thing:1")
			require.True(t, ok, "what is no variant stays")
		})
	}
}
