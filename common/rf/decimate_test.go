package rf_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"nms.example/common/rf"
)

func TestDecimateKeepsEveryExtreme(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		levels := rapid.SliceOfN(rapid.OneOf(rapid.Int16Range(-rf.MaxLevel, rf.MaxLevel), rapid.Just(rf.Missing)), 1, 300).Draw(t, "levels")
		points := rapid.IntRange(0, 310).Draw(t, "points")
		source := &rf.Trace{StartHz: 5, StopHz: float64(2 + 3*len(levels)), StepHz: 3, Levels: levels}
		thin := source.Decimate(points)
		require.LessOrEqual(t, len(thin.Levels), max(points, 2))
		require.Len(t, thin.FrequencyHz, len(thin.Levels))
		measured := slices.DeleteFunc(slices.Clone(levels), func(l rf.Level) bool { return l == rf.Missing })
		if len(measured) > 0 {
			require.Contains(t, thin.Levels, slices.Min(measured))
			require.Contains(t, thin.Levels, slices.Max(measured))
		}
		for i, hz := range thin.FrequencyHz {
			require.Equal(t, levels[int(hz-5)/3], thin.Levels[i], "a value keeps its frequency")
			require.True(t, i == 0 || thin.FrequencyHz[i-1] < hz, "frequencies rise")
		}
	})
}

func TestDecimateBuckets(t *testing.T) {
	t.Parallel()
	source := &rf.Trace{StopHz: 7, StepHz: 1, Levels: []rf.Level{5, 1, 9, 3, 7, 7, 7, 7}}
	thin := source.Decimate(4)
	require.Equal(t, rf.Thinned{FrequencyHz: []float64{1, 2, 4}, Levels: []rf.Level{1, 9, 7}}, thin)
	require.Equal(t, source.Levels, source.Decimate(8).Levels)
	source.Levels = []rf.Level{rf.Missing, rf.Missing, rf.Missing, 3, 7, rf.Missing, 6, 9}
	thin = source.Decimate(4)
	require.Equal(t, rf.Thinned{FrequencyHz: []float64{3, 6, 7}, Levels: []rf.Level{3, 6, 9}}, thin)
	source.Levels[3] = rf.Missing
	require.Equal(t, []rf.Level{rf.Missing, 6, 9}, source.Decimate(4).Levels, "a gap stays a gap")
}
