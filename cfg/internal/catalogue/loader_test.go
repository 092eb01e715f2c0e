package catalogue

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"nms.example/common/waittest"
)

// slowReads is a loader whose queries wait until they are let go; each is announced with its ids.
type slowReads struct {
	loader[int64]

	began chan []int64
	goOn  chan error
}

func newSlowReads() *slowReads {
	s := &slowReads{began: make(chan []int64, 100), goOn: make(chan error, 100)}
	s.id = func(item int64) int64 { return item }
	s.read = func(_ context.Context, ids []int64) ([]int64, error) {
		s.began <- slices.Clone(ids)
		if err := <-s.goOn; err != nil {
			return nil, err
		}
		return slices.DeleteFunc(slices.Clone(ids), func(id int64) bool { return id < 0 }), nil // there are no others
	}
	return s
}

func TestItemsAskedForMeanwhileShareTheNextQuery(t *testing.T) {
	t.Parallel()
	s := newSlowReads()
	var asking sync.WaitGroup
	ask := func(id int64, want error) {
		asking.Go(func() {
			got, err := s.get(t.Context(), id)
			assert.ErrorIs(t, err, want)
			if want == nil {
				assert.Equal(t, id, got)
			}
		})
	}
	for id := range int64(loadsAtOnce) {
		ask(id, nil)
		require.Equal(t, []int64{id}, <-s.began, "a lone request waits for nobody")
	}
	const many = loadMost + 50
	for id := range int64(many) {
		ask(1000+id, nil)
	}
	ask(-5, ErrNotFound)
	require.Eventually(t, func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		n := 0
		for _, one := range s.waiting {
			n += len(one.ids)
		}
		return n == many+1
	}, waittest.Bound, time.Millisecond)
	require.Empty(t, s.began, "no more queries than allowed")

	s.goOn <- nil
	require.Len(t, <-s.began, loadMost)
	s.goOn <- nil
	require.Len(t, <-s.began, many+1-loadMost)
	s.goOn <- nil
	s.goOn <- nil
	asking.Wait()
	require.Eventually(t, func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.running == 0
	}, waittest.Bound, time.Millisecond)
}

// TestARequestJoinsNoQueryThatHasBegun: what was committed meanwhile would not be in it.
func TestARequestJoinsNoQueryThatHasBegun(t *testing.T) {
	t.Parallel()
	s := newSlowReads()
	var asking sync.WaitGroup
	for range 2 {
		asking.Go(func() {
			_, err := s.get(t.Context(), 7)
			assert.NoError(t, err)
		})
		require.Equal(t, []int64{7}, <-s.began)
	}
	s.goOn <- nil
	s.goOn <- nil
	asking.Wait()
}

func TestAFailedQueryFailsItsOwnRequestsOnly(t *testing.T) {
	t.Parallel()
	s := newSlowReads()
	down := errors.New("down")
	s.goOn <- down
	_, err := s.get(t.Context(), 1)
	require.ErrorIs(t, err, down)
	s.goOn <- nil
	_, err = s.get(t.Context(), 1)
	require.NoError(t, err)

	broken := loader[int64]{read: func(context.Context, []int64) ([]int64, error) { panic("defect") }}
	for range loadsAtOnce + 1 {
		_, err = broken.get(t.Context(), 1)
		require.ErrorContains(t, err, "defect")
	}
}

func TestWhoIsGoneHoldsUpNobody(t *testing.T) {
	t.Parallel()
	s := newSlowReads()
	ctx, leave := context.WithCancel(t.Context())
	left := make(chan error, 1)
	go func() {
		_, err := s.get(ctx, 1)
		left <- err
	}()
	<-s.began
	leave()
	require.ErrorIs(t, <-left, context.Canceled)
	s.goOn <- nil
	s.goOn <- nil
	got, err := s.get(t.Context(), 2)
	require.NoError(t, err)
	require.EqualValues(t, 2, got)
}
