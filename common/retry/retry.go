// Package retry paces what is tried again: pauses that grow, each with jitter, so that many who lost the same server do
// not come back at the same moment.
package retry

import (
	"context"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// Pauses are the pauses between the attempts at one thing. They are for one goroutine.
type Pauses struct{ growth backoff.ExponentialBackOff }

// Growing returns pauses of about first, then each of about twice the one before up to longest. About means from half of
// it to one and a half times.
func Growing(first, longest time.Duration) *Pauses {
	return &Pauses{backoff.ExponentialBackOff{
		InitialInterval: first, MaxInterval: longest, Multiplier: 2, RandomizationFactor: backoff.DefaultRandomizationFactor,
	}}
}

// Wait makes the next pause. It reports whether ctx is still alive.
func (p *Pauses) Wait(ctx context.Context) bool { return Sleep(ctx, p.Next()) }

// Next returns the next pause, for who waits for something else besides.
func (p *Pauses) Next() time.Duration { return p.growth.NextBackOff() }

// WaitSince is Wait behind something that began then and has ended: when it lasted longer than the longest pause, the
// pauses begin anew.
func (p *Pauses) WaitSince(ctx context.Context, began time.Time) bool {
	if time.Since(began) > p.growth.MaxInterval {
		p.Reset()
	}
	return p.Wait(ctx)
}

// Reset has the pauses begin anew.
func (p *Pauses) Reset() { p.growth.Reset() }

// Sleep waits d and reports whether ctx is still alive.
func Sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
