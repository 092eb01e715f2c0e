package groupcommit_test

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"nms.example/common/waittest"

	"nms.example/ctrl/internal/groupcommit"
)

// bench is a group whose batches wait until they are let go on.
type bench struct {
	group *groupcommit.Group[int]
	begun chan []int
	goOn  chan struct{}
	calls sync.WaitGroup
}

func setup(most int) *bench {
	b := &bench{begun: make(chan []int), goOn: make(chan struct{})}
	b.group = groupcommit.New(most, func(_ context.Context, batch []int) {
		b.begun <- slices.Clone(batch)
		<-b.goOn
	})
	return b
}

// add has an item worked on by a caller of its own.
func (b *bench) add(t *testing.T, item int) {
	t.Helper()
	b.calls.Go(func() { b.group.Do(t.Context(), item) })
}

func TestWhatComesMeanwhileIsWorkedOnTogether(t *testing.T) {
	t.Parallel()
	b := setup(3)
	b.add(t, 0)
	require.Equal(t, []int{0}, <-b.begun, "nobody waits for company")
	for item := 1; item <= 5; item++ {
		b.add(t, item)
		waittest.Until(t, "it waits", func() bool { return b.group.Waiting() == item })
	}
	b.goOn <- struct{}{}
	require.Equal(t, []int{1, 2, 3}, <-b.begun, "at most so many, in their order")
	b.goOn <- struct{}{}
	require.Equal(t, []int{4, 5}, <-b.begun)
	b.goOn <- struct{}{}
	b.calls.Wait()
	b.add(t, 6)
	require.Equal(t, []int{6}, <-b.begun, "it goes on after a rest")
	b.goOn <- struct{}{}
	b.calls.Wait()
}

// One batch is worked on at a time, and each item once, whoever comes when.
func TestEachItemIsWorkedOnOnce(t *testing.T) {
	t.Parallel()
	const callers, items = 32, 200
	seen := map[int]int{} // by one batch at a time: the race detector looks
	group := groupcommit.New(7, func(_ context.Context, batch []int) {
		for _, item := range batch {
			seen[item]++
		}
	})
	var calls sync.WaitGroup
	for caller := range callers {
		calls.Go(func() {
			for i := range items {
				group.Do(t.Context(), caller*items+i)
			}
		})
	}
	calls.Wait()
	require.Len(t, seen, callers*items)
	for item, times := range seen {
		require.Equal(t, 1, times, item)
	}
}

// Whoever waits behind a batch that panics is told, and what comes next is worked on.
func TestAPanicKeepsNobodyWaiting(t *testing.T) {
	t.Parallel()
	begun, goOn := make(chan int), make(chan struct{})
	group := groupcommit.New(10, func(_ context.Context, batch []int) {
		begun <- batch[0]
		<-goOn
		if batch[0] == 1 {
			panic("provoked by a test")
		}
	})
	var calls sync.WaitGroup
	var panics atomic.Int64
	call := func(item int) {
		calls.Go(func() {
			defer func() {
				if recover() != nil {
					panics.Add(1)
				}
			}()
			group.Do(t.Context(), item)
		})
	}
	waits := func(items int) {
		t.Helper()
		waittest.Until(t, "they wait", func() bool { return group.Waiting() == items })
	}
	call(0)
	require.Equal(t, 0, <-begun)
	call(1)
	waits(1)
	call(2) // of the same batch
	waits(2)
	goOn <- struct{}{}
	require.Equal(t, 1, <-begun)
	call(3)
	waits(1)
	goOn <- struct{}{}
	require.Equal(t, 3, <-begun)
	goOn <- struct{}{}
	calls.Wait()
	require.EqualValues(t, 1, panics.Load(), "of the one who worked on it")
}
