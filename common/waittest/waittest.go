// Package waittest waits for what has to happen, on a machine of any speed. It is imported from tests only.
package waittest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Bound ends a wait in vain. Nothing that a test waits for takes anywhere near it, so no test depends on it; it is there
// so that what never comes fails by name, and not by the end of the whole run.
const Bound = 5 * time.Minute

// Until waits until holds, which is asked again and again, and returns how long that took.
func Until(t testing.TB, what string, holds func() bool) time.Duration {
	t.Helper()
	begun := time.Now()
	for !holds() {
		require.Less(t, time.Since(begun), Bound, "waited in vain for: %s", what)
		time.Sleep(min(2*time.Millisecond+time.Since(begun)/20, 20*time.Millisecond)) // what takes long is asked for less often
	}
	return time.Since(begun)
}

// roundTrips is how many of the slowest bare round trips a promised bound is lengthened by.
const roundTrips = 20

// Within is Until for what is promised to happen within a bound. Meanwhile the machine's own speed is measured: bare is done
// over and over, the cheapest action of the same kind, such as a ping of the same server. On a machine so busy that even this
// takes long, the bound is longer by twenty times the slowest of them; on an idle one that is nothing.
func Within(t testing.TB, bound time.Duration, what string, bare func(), holds func() bool) {
	t.Helper()
	stop, slowest := make(chan struct{}), make(chan time.Duration)
	go func() {
		var worst time.Duration
		for {
			begun := time.Now()
			time.Sleep(time.Millisecond)
			bare()
			worst = max(worst, time.Since(begun))
			select {
			case <-stop:
				slowest <- worst
				return
			default:
			}
		}
	}()
	took := func() time.Duration {
		defer close(stop)
		return Until(t, what, holds)
	}()
	require.Less(t, took, bound+roundTrips*<-slowest, what)
}
