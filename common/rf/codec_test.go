package rf_test

import (
	"encoding/binary"
	"math"
	"math/big"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"nms.example/common/rf"
)

// roundExactly is the reference: the decimal text as a fraction, times 100, rounded half to even.
func roundExactly(text string) *big.Int {
	scaled, ok := new(big.Rat).SetString(text)
	if !ok {
		return nil
	}
	scaled.Mul(scaled, big.NewRat(100, 1))
	twice := new(big.Rat).Mul(scaled, big.NewRat(2, 1))
	floor := new(big.Int).Div(scaled.Num(), scaled.Denom())
	distance := new(big.Rat).Sub(twice, new(big.Rat).SetInt(new(big.Int).Mul(floor, big.NewInt(2))))
	switch c := distance.Cmp(big.NewRat(1, 1)); {
	case c > 0, c == 0 && floor.Bit(0) == 1:
		return floor.Add(floor, big.NewInt(1))
	default:
		return floor
	}
}

func TestLevelOfKnownValues(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]rf.Level{
		"-75.24": -7524, "0": 0, "0.005": 0, "0.015": 2, "0.025": 2, "-0.005": 0, "-0.015": -2,
		"0.145": 14, "2.675": 268, "1.005": 100, "327.67": 32767, "327.674": 32767, "-327.67": -32767,
		"-327.675": 0, "327.675": 0, "0.0050000001": 1, "-100.125": -10012, "-100.135": -10014, "1e-9": 0,
	} {
		value, err := strconv.ParseFloat(text, 64)
		require.NoError(t, err)
		got, err := rf.LevelOf(value)
		if math.Abs(value) == 327.675 {
			require.ErrorIs(t, err, rf.ErrRange, text)
			continue
		}
		require.NoError(t, err, text)
		require.Equal(t, want, got, text)
	}
}

func TestLevelOfAgreesWithDecimalArithmetic(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		places := rapid.IntRange(0, 12).Draw(t, "places")
		value := float64(rapid.Int64Range(-400_000_000_000_000, 400_000_000_000_000).Draw(t, "digits")) / 1e12
		text := strconv.FormatFloat(value, 'f', places, 64)
		value, _ = strconv.ParseFloat(text, 64)
		want := roundExactly(strconv.FormatFloat(value, 'f', -1, 64))
		got, err := rf.LevelOf(value)
		if want.CmpAbs(big.NewInt(rf.MaxLevel)) > 0 {
			require.ErrorIs(t, err, rf.ErrRange)
			return
		}
		require.NoError(t, err)
		require.Equal(t, want.Int64(), int64(got), text)
	})
}

func TestLevelOfRefusesWhatIsNoPower(t *testing.T) {
	t.Parallel()
	for _, v := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		_, err := rf.LevelOf(v)
		require.ErrorIs(t, err, rf.ErrNotFinite)
	}
	for _, v := range []float64{327.68, -327.68, 1e300, -1e300} {
		_, err := rf.LevelOf(v)
		require.ErrorIs(t, err, rf.ErrRange)
	}
	_, err := rf.Encode([]float64{-80, 400})
	require.ErrorIs(t, err, rf.ErrRange)
	require.ErrorContains(t, err, "value 1")
}

func TestStoredForm(t *testing.T) {
	t.Parallel()
	levels, err := rf.Encode([]float64{-75.24, 0, 327.67, -327.67})
	require.NoError(t, err)
	stored := rf.AppendBytes(nil, levels)
	require.Equal(t, []byte{0x9c, 0xe2, 0, 0, 0xff, 0x7f, 0x01, 0x80}, stored)
	back, err := rf.FromBytes(stored)
	require.NoError(t, err)
	require.Equal(t, levels, back)
	require.Equal(t, []float64{-75.24, 0, 327.67, -327.67}, rf.Decode(back))
	_, err = rf.FromBytes([]byte{1, 2, 3})
	require.ErrorIs(t, err, rf.ErrOddLength)
}

func TestEveryLevelSurvivesTheWayThroughText(t *testing.T) {
	t.Parallel()
	for l := -rf.MaxLevel; l <= rf.MaxLevel; l++ {
		text := rf.AppendDBm(nil, rf.Level(l))
		value, err := strconv.ParseFloat(string(text), 64)
		require.NoError(t, err)
		if value != rf.DBm(rf.Level(l)) || strconv.FormatFloat(value, 'f', -1, 64) != string(text) {
			require.Equal(t, strconv.FormatFloat(rf.DBm(rf.Level(l)), 'f', -1, 64), string(text))
		}
		back, err := rf.LevelOf(value)
		require.NoError(t, err)
		require.Equal(t, rf.Level(l), back)
	}
}

func BenchmarkEncode(b *testing.B) {
	values := make([]float64, 1000)
	for i := range values {
		values[i] = -float64(i)/10 - 3.07
	}
	var stored []byte
	for b.Loop() {
		levels, _ := rf.Encode(values)
		stored = rf.AppendBytes(stored[:0], levels)
	}
	_ = binary.LittleEndian.Uint16(stored)
}

func TestMissing(t *testing.T) {
	t.Parallel()
	require.Equal(t, "null", string(rf.AppendDBm(nil, rf.Missing)))
	require.True(t, math.IsNaN(rf.DBm(rf.Missing)))
	require.Equal(t, []byte{0, 0x80}, rf.AppendBytes(nil, []rf.Level{rf.Missing}))
	_, err := rf.LevelOf(-327.68)
	require.ErrorIs(t, err, rf.ErrRange, "no power is taken for a missing one")
}
