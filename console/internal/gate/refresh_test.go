package gate

import (
	"context"
	"errors"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestRefresher(t *testing.T) {
	t.Parallel()
	var asked atomic.Int64
	fails := errors.New("auth is away")
	setup := func(t *testing.T) *refresher {
		t.Helper()
		return newRefresher(func(_ context.Context, refresh string) (tokens, error) {
			n := asked.Add(1)
			if refresh == "bad" {
				return tokens{}, fails
			}
			return tokens{Access: strconv.FormatInt(n, 10), Refresh: refresh + "+"}, nil
		})
	}
	t.Run("the successor is remembered for as long as auth would give it, and no longer", func(t *testing.T) {
		t.Parallel()
		r := setup(t)
		now := time.Now()
		r.now = func() time.Time { return now }
		first, err := r.refresh(t.Context(), tokens{Refresh: "a"})
		require.NoError(t, err)
		now = now.Add(remembered)
		again, err := r.refresh(t.Context(), tokens{Refresh: "a"})
		require.NoError(t, err)
		require.Equal(t, first, again)
		now = now.Add(time.Second)
		later, err := r.refresh(t.Context(), tokens{Refresh: "a"})
		require.NoError(t, err)
		require.NotEqual(t, first.Access, later.Access)
	})
	t.Run("a failure is not", func(t *testing.T) {
		t.Parallel()
		r := setup(t)
		for range 2 {
			_, err := r.refresh(t.Context(), tokens{Refresh: "bad"})
			require.ErrorIs(t, err, fails)
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		require.Empty(t, r.calls)
	})
	t.Run("a caller that leaves does not end it for the others", func(t *testing.T) {
		t.Parallel()
		entered, let := make(chan struct{}), make(chan struct{})
		r := newRefresher(func(ctx context.Context, _ string) (tokens, error) {
			close(entered)
			<-let
			return tokens{Access: "x"}, ctx.Err()
		})
		leaving, leave := context.WithCancel(t.Context())
		gone := make(chan error)
		go func() {
			_, err := r.refresh(leaving, tokens{Refresh: "a"})
			gone <- err
		}()
		<-entered
		leave()
		require.ErrorIs(t, <-gone, context.Canceled)
		close(let)
		got, err := r.refresh(t.Context(), tokens{Refresh: "a"})
		require.NoError(t, err)
		require.Equal(t, "x", got.Access)
	})
	t.Run("its memory is bounded", func(t *testing.T) {
		t.Parallel()
		r := setup(t)
		for i := range maxRemembered + 10 {
			_, err := r.refresh(t.Context(), tokens{Refresh: strconv.Itoa(i)})
			require.NoError(t, err)
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		require.LessOrEqual(t, len(r.calls), maxRemembered)
	})
}
