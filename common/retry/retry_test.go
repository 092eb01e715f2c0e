package retry_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"nms.example/common/retry"
)

func TestPausesGrowToTheLongestAndBeginAnew(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		pauses := retry.Growing(100*time.Millisecond, time.Second)
		about := func(want time.Duration, wait func() bool) {
			t.Helper()
			began := time.Now()
			require.True(t, wait())
			require.GreaterOrEqual(t, time.Since(began), want/2)
			require.LessOrEqual(t, time.Since(began), want*3/2+1)
		}
		next := func() bool { return pauses.Wait(t.Context()) }
		for _, want := range []int{100, 200, 400, 800, 1000, 1000} {
			about(time.Duration(want)*time.Millisecond, next)
		}
		began := time.Now()
		about(time.Second, func() bool { return pauses.WaitSince(t.Context(), began) })
		time.Sleep(time.Second)
		about(100*time.Millisecond, func() bool { return pauses.WaitSince(t.Context(), began) })
		pauses.Reset()
		about(100*time.Millisecond, next)
	})
}

func TestAPauseEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.False(t, retry.Growing(time.Hour, time.Hour).Wait(ctx))
	require.False(t, retry.Sleep(ctx, time.Hour))
	require.True(t, retry.Sleep(t.Context(), 0))
}
