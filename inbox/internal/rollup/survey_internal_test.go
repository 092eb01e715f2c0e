package rollup

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestReceiversAreCountedOnce(t *testing.T) {
	t.Parallel()
	for claim, c := range map[string]struct {
		want  int
		grids []Grid
	}{
		"one in two grids":                         {1, []Grid{{Source: "RX1", Points: 5}, {Source: "RX1", Points: 9}}},
		"two names":                                {2, []Grid{{Source: "RX1"}, {Source: "RX2"}}},
		"nobody was told, and one that was":        {2, []Grid{{}, {Source: "RX1"}}},
		"a name whose id came later":               {1, []Grid{{Source: "RX1"}, {Source: "RX1", EquipmentID: 7}}},
		"an id whose name came later":              {1, []Grid{{EquipmentID: 7}, {Source: "RX1", EquipmentID: 7}}},
		"one name at two pieces of equipment":      {2, []Grid{{Source: "RX1", EquipmentID: 7}, {Source: "RX1", EquipmentID: 8}}},
		"one piece of equipment under two names":   {2, []Grid{{Source: "RX1", EquipmentID: 7}, {Source: "RX2", EquipmentID: 7}}},
		"nobody was told, beside a name and an id": {3, []Grid{{}, {Source: "RX1"}, {EquipmentID: 7}}},
	} {
		t.Run(claim, func(t *testing.T) {
			t.Parallel()
			grids := map[Grid]time.Duration{}
			for _, g := range c.grids {
				grids[g] = time.Second
			}
			require.Len(t, receivers(grids), c.want)
		})
	}
}
