package api

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

type valueKey struct{}

// newCall is a call as ServeHTTP makes one, with its deadline after some time.
func newCall(server context.Context, timeout time.Duration) *call {
	c := &call{server: server, Context: context.WithValue(server, valueKey{}, "v")}
	if timeout > 0 {
		c.deadline.at = time.Now().Add(timeout)
	}
	return c
}

func TestACallEndsAtItsDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCall(t.Context(), time.Second)
		at, ok := c.Deadline()
		require.True(t, ok)
		require.Equal(t, time.Now().Add(time.Second), at)
		require.Nil(t, c.deadline.ctx.Load(), "nothing is made for the question")
		require.NoError(t, c.Err())
		child, cancel := context.WithCancel(c)
		defer cancel()
		<-child.Done()
		require.ErrorIs(t, child.Err(), context.DeadlineExceeded)
		require.ErrorIs(t, c.Err(), context.DeadlineExceeded)
		require.ErrorIs(t, context.Cause(c), context.DeadlineExceeded)
		require.Equal(t, at, time.Now())

		late := newCall(t.Context(), time.Second)
		time.Sleep(2 * time.Second)
		require.ErrorIs(t, late.Err(), context.DeadlineExceeded, "first asked when it had passed")
	})
}

func TestACallEndsWithItsRequest(t *testing.T) {
	t.Parallel()
	asked, unasked := newCall(t.Context(), time.Hour), newCall(t.Context(), time.Hour)
	child, cancel := context.WithTimeout(asked, time.Minute)
	defer cancel()
	for _, c := range []*call{asked, unasked} {
		c.end()
		require.ErrorIs(t, c.Err(), context.Canceled)
		select {
		case <-c.Done():
		default:
			require.Fail(t, "not done")
		}
	}
	<-child.Done()

	server, stop := context.WithCancelCause(t.Context())
	limited, endless := newCall(server, time.Hour), newCall(server, 0)
	_, ok := endless.Deadline()
	require.False(t, ok)
	errGone := errors.New("the client is gone")
	stop(errGone)
	for _, c := range []*call{limited, endless} {
		<-c.Done()
		require.ErrorIs(t, c.Err(), context.Canceled)
		require.Equal(t, errGone, context.Cause(c))
	}
	limited.end()
}

func TestACallsValuesAreThereBeforeAndAfter(t *testing.T) {
	t.Parallel()
	c := newCall(t.Context(), time.Hour)
	defer c.end()
	for range 2 {
		require.Equal(t, "v", c.Value(valueKey{}))
		require.Same(t, c, callOf(context.WithoutCancel(c)))
		_ = c.Done()
	}
	c.Context = context.WithValue(c.Context, valueKey{}, "later") // as identify does
	require.Equal(t, "later", c.Value(valueKey{}))
}

// A context of another's making would cost each of its children a goroutine.
func TestChildrenOfACallNeedNoGoroutine(t *testing.T) { //nolint:paralleltest // counts goroutines
	c := newCall(t.Context(), time.Hour)
	before := runtime.NumGoroutine()
	for range 1000 {
		_, cancel := context.WithCancel(c)
		defer cancel()
	}
	require.Less(t, runtime.NumGoroutine()-before, 100)
	c.end()
}
