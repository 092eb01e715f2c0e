package statistics

import (
	"testing"

	"github.com/stretchr/testify/require"

	"nms.example/common/rf"
	"nms.example/inbox/internal/rollup"
)

func TestWithin(t *testing.T) {
	t.Parallel()
	grid := rollup.Grid{StartHz: 1000, StopHz: 1400, Points: 5} // 1000, 1100 … 1400 Hz
	for claim, c := range map[string]struct {
		band        rf.Band
		first, last int
	}{
		"the edges are in":                        {rf.Band{StartHz: 1100, StopHz: 1300}, 1, 3},
		"a band beyond the grid is all of it":     {rf.Band{StartHz: 0, StopHz: 9000}, 0, 4},
		"a band between two values has the next":  {rf.Band{StartHz: 1210, StopHz: 1230}, 2, 2},
		"and the next may be the upper one":       {rf.Band{StartHz: 1260, StopHz: 1280}, 3, 3},
		"a point is a band":                       {rf.Band{StartHz: 1390, StopHz: 1390}, 4, 4},
		"a band that ends at the first value":     {rf.Band{StartHz: 0, StopHz: 1000}, 0, 0},
		"a division that is not exact is rounded": {rf.Band{StartHz: 1100.00000001, StopHz: 1299.99999999}, 1, 3},
	} {
		t.Run(claim, func(t *testing.T) {
			t.Parallel()
			first, last := within(&grid, c.band)
			require.Equal(t, [2]int{c.first, c.last}, [2]int{first, last})
		})
	}
	for claim, band := range map[string]rf.Band{"below": {StartHz: 0, StopHz: 990}, "above": {StartHz: 1410, StopHz: 2000}} {
		t.Run("nothing is found "+claim, func(t *testing.T) {
			t.Parallel()
			first, last := within(&grid, band)
			require.Greater(t, first, last)
		})
	}
}
