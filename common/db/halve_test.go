package db_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"nms.example/common/db"
	"nms.example/common/fault"
)

func TestCommitHalving(t *testing.T) {
	t.Parallel()
	bad := errors.New("bad")
	for name, c := range map[string]struct {
		refuse         func(part []int) error
		stored, failed []int
		commits        int
	}{
		"good": {func([]int) error { return nil }, []int{0, 1, 2, 3, 4, 5, 6}, nil, 1},
		"two are bad": {func(part []int) error {
			if slices.Contains(part, 2) || slices.Contains(part, 6) {
				return bad
			}
			return nil
		}, []int{0, 1, 3, 4, 5}, []int{2, 6}, 11},
		"the database is away": {func([]int) error { return fault.New(fault.CodeUnavailable, "away") }, nil, []int{0, 1, 2, 3, 4, 5, 6}, 1},
		"the time is over":     {func([]int) error { return context.DeadlineExceeded }, nil, []int{0, 1, 2, 3, 4, 5, 6}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var stored, failed []int
			commits := 0
			db.CommitHalving([]int{0, 1, 2, 3, 4, 5, 6}, func(part []int) error { commits++; return c.refuse(part) }, func(part []int, err error) {
				if err == nil {
					stored = append(stored, part...)
				} else {
					failed = append(failed, part...)
				}
			})
			require.Equal(t, c.stored, stored)
			require.Equal(t, c.failed, failed)
			require.Equal(t, c.commits, commits)
		})
	}
}
