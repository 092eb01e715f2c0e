package rollup

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"nms.example/common/rf"
	"nms.example/inbox/internal/dwhdb"
)

func TestACellHoldsTheLevelsUpToItsDecibel(t *testing.T) {
	t.Parallel()
	for l := -rf.MaxLevel; l <= rf.MaxLevel; l++ {
		require.Equal(t, int(math.Ceil(float64(l)/100)), cellOf(rf.Level(l)), l)
	}
}

func TestMilliwattsAreThoseOfTheLevels(t *testing.T) {
	t.Parallel()
	for _, l := range []rf.Level{-rf.MaxLevel, -9000, -1, 0, 1, 3000, rf.MaxLevel} {
		require.InDelta(t, rf.Milliwatts(l), milliwatts()[uint16(l)], 0)
	}
}

// TestARowHoldsWhatWentIn stores buckets, puts the rows together and compares with all values at once.
func TestARowHoldsWhatWentIn(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		grid := Grid{Source: "RX7", StartHz: 0, StopHz: 2, Points: 3, Unit: rf.UnitDBm}
		level := rapid.OneOf(rapid.Int16(), rapid.Int16Range(-9100, -8900), rapid.Just(rf.Missing))
		sweeps := rapid.SliceOfN(rapid.SliceOfN(level, 3, 3), 1, 300).Draw(t, "sweeps")
		parts, whole := map[int]*bucket{}, newBucket(grid)
		for i, levels := range sweeps {
			part := rapid.IntRange(0, 3).Draw(t, "part")
			if parts[part] == nil {
				parts[part] = newBucket(grid)
			}
			row := &dwhdb.RollupReadTracesRow{MeasuredAt: time.Unix(int64(i), 0), Lat: float64(i % 90), Power: rf.AppendBytes(nil, levels)}
			require.NoError(t, parts[part].addTrace(row))
		}
		for _, part := range parts {
			require.NoError(t, whole.addRow(readBack(part)))
		}
		p, err := pieceOfRow(readBack(whole))
		require.NoError(t, err)
		require.EqualValues(t, len(sweeps), p.Sweeps)
		require.Equal(t, time.Unix(0, 0), p.First)
		threshold := rapid.OneOf(rapid.IntRange(-328, 328), rapid.IntRange(-92, -88)).Draw(t, "threshold")
		above := make([]uint32, 3)
		require.NoError(t, p.Above(threshold, func(i int, n uint32) { above[i] += n }))
		for i := range 3 {
			var values []rf.Level
			sum, over := 0.0, uint32(0)
			for _, levels := range sweeps {
				if l := levels[i]; l != rf.Missing {
					values = append(values, l)
					sum += rf.Milliwatts(l)
					if int(l) > 100*threshold {
						over++
					}
				}
			}
			mW, number := p.Power(i)
			require.EqualValues(t, len(values), number)
			require.Equal(t, over, above[i])
			if len(values) == 0 {
				require.Equal(t, []rf.Level{rf.Missing, rf.Missing}, []rf.Level{p.Highest[i], p.Lowest[i]})
				continue
			}
			require.Equal(t, []rf.Level{slices.Max(values), slices.Min(values)}, []rf.Level{p.Highest[i], p.Lowest[i]})
			require.InEpsilon(t, sum, mW, 1e-12)
		}
	})
}

// readBack is a stored row as it is read.
func readBack(b *bucket) *dwhdb.RollupReadRow {
	r := b.row(Minute, time.Unix(0, 0))
	return &dwhdb.RollupReadRow{
		Source: r.Source, EquipmentID: r.EquipmentID, StartFreqHz: r.StartFreqHz, StopFreqHz: r.StopFreqHz, Points: r.Points, Unit: r.Unit,
		Sweeps: r.Sweeps, FirstAt: r.FirstAt, LastAt: r.LastAt, South: r.South, West: r.West, North: r.North, East: r.East,
		Highest: r.Highest, Lowest: r.Lowest, TotalMw: r.TotalMw, Number: r.Number, Cells: r.Cells,
	}
}

func TestADamagedRowIsFound(t *testing.T) {
	t.Parallel()
	high, low := []rf.Level{-8950, rf.Missing}, []rf.Level{-9000, rf.Missing}
	ignore := func(int, int, uint32) {}
	require.NoError(t, eachCell([]byte{1, 2}, high, low, ignore))
	for _, stored := range [][]byte{{}, {1}, {1, 2, 3}, {1, 0x80}, {1, 0xff, 0xff, 0xff, 0xff, 0xff, 1}} {
		require.ErrorIs(t, eachCell(stored, high, low, ignore), errArrays, stored)
	}
}

func TestSpans(t *testing.T) {
	t.Parallel()
	at := func(text string) time.Time {
		moment, err := time.Parse("15:04:05", text)
		require.NoError(t, err)
		return moment
	}
	dirty := func(minutes, hours string) *marks {
		m := &marks{map[int64]bool{}, map[int64]bool{}}
		if minutes != "" {
			m.add(60, at(minutes))
		}
		if hours != "" {
			m.add(3600, at(hours))
		}
		return m
	}
	show := func(all []span) (out []string) {
		for _, s := range all {
			out = append(out, s.width.String()+" "+s.from.Format("15:04:05")+" "+s.to.Format("15:04:05"))
		}
		return out
	}
	whole := []time.Time{at("10:58:30"), at("14:01:10")}
	require.Equal(t, []string{"0s 10:58:30 10:59:00", "1m0s 10:59:00 11:00:00", "1h0m0s 11:00:00 14:00:00", "1m0s 14:00:00 14:01:00", "0s 14:01:00 14:01:10"},
		show(spans(whole, dirty("", ""))))
	require.Equal(t, []string{"1m0s 12:00:00 13:00:00", "1h0m0s 13:00:00 14:00:00"}, show(spans([]time.Time{at("12:00:00"), at("14:00:00")}, dirty("", "12:00:00"))))
	require.Equal(t, []string{"1m0s 12:00:00 12:30:00", "0s 12:30:00 12:31:00", "1m0s 12:31:00 13:00:00"},
		show(spans([]time.Time{at("12:00:00"), at("13:00:00")}, dirty("12:30:00", ""))))
	require.Equal(t, []string{"1m0s 12:00:00 13:00:00"}, show(spans([]time.Time{at("12:00:00"), at("12:30:00"), at("13:00:00")}, dirty("", ""))))
	require.Equal(t, []string{"0s 12:00:00 12:01:00"}, show(spans([]time.Time{at("12:00:00"), at("12:00:30"), at("12:01:00")}, dirty("", ""))))
}

func TestTheUsualInterval(t *testing.T) {
	t.Parallel()
	base := time.Unix(0, 0)
	var p pace
	require.Zero(t, p.usual())
	for i, s := range []int{0, 10, 20, 30, 330, 340, 350} {
		p.add(&Piece{First: base.Add(time.Duration(s) * time.Second), Last: base.Add(time.Duration(s) * time.Second), Sweeps: 1})
		if i == 0 {
			require.Zero(t, p.usual(), "one sweep has no interval")
		}
	}
	require.Equal(t, 10*time.Second, p.usual())
	p.add(&Piece{First: base.Add(400 * time.Second), Last: base.Add(459 * time.Second), Sweeps: 60})
	require.Equal(t, time.Second, p.usual(), "those within a minute count each")
}
