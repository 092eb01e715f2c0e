package db

import (
	"context"
	"errors"

	"nms.example/common/fault"
)

// CommitHalving commits a batch in one transaction. A batch that is refused for what one of its items holds is divided
// until that item is alone, so that all others are stored; commit must store either the whole part that it is given or
// nothing. Each part's outcome goes to done: err is nil for what was stored, and for the rest the refusal of a single item
// or what is wrong with the database or the time.
func CommitHalving[T any](batch []T, commit func(part []T) error, done func(part []T, err error)) {
	err := commit(batch)
	if err == nil || len(batch) == 1 || !concernsOne(err) {
		done(batch, err)
		return
	}
	middle := len(batch) / 2
	CommitHalving(batch[:middle], commit, done)
	CommitHalving(batch[middle:], commit, done)
}

// concernsOne reports whether a batch may have failed for what one of its items holds rather than for the state of the
// database.
func concernsOne(err error) bool {
	return !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded) && fault.KindOf(err) != fault.Unavailable
}
