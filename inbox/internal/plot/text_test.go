package plot

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/image/font/sfnt"

	"nms.example/common/chart"
	"nms.example/inbox/internal/rollup"
)

func TestSweepsAreToldWithTheirReceiver(t *testing.T) {
	t.Parallel()
	w := wordsOf(chart.English)
	require.Equal(t, "1 sweep of 1 source", w.measured(1, 1, rollup.Receiver{}))
	require.Equal(t, "2 sweeps of mast-1", w.measured(2, 1, rollup.Receiver{Source: "mast-1", EquipmentID: 7}))
	require.Equal(t, "2 sweeps of equipment 7", w.measured(2, 1, rollup.Receiver{EquipmentID: 7}))
	require.Equal(t, "развёрток: 2, "+strings.Repeat("ж", 29)+"…", wordsOf(chart.Russian).measured(2, 1, rollup.Receiver{Source: strings.Repeat("ж", 31)}))
}

// A letter that the font lacks would be drawn as a box.
func TestTheFontHasAllLetters(t *testing.T) {
	t.Parallel()
	face, err := chart.Font()
	require.NoError(t, err)
	var buffer sfnt.Buffer
	for _, language := range []chart.Language{chart.English, chart.Russian} {
		w := wordsOf(language)
		text := fmt.Sprint("0123456789−.,:–·°≥≤%", w, w.counts(2, 2, "x…"), w.place(-1, -1, nil), w.place(1, 1, new(float64)))
		for _, letter := range text {
			glyph, err := face.GlyphIndex(&buffer, letter)
			require.NoError(t, err)
			require.NotZero(t, glyph, "%q", letter)
		}
	}
}
