package frame

import (
	"bytes"
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

// FuzzParse reads any JSON as a value: what is taken is what was written, within what PostgreSQL's jsonb and float8 hold.
func FuzzParse(f *testing.F) {
	for _, text := range []string{
		"1", "-0", "1e300", "1e301", "-1e-400", "9007199254740993", "0.1000000000000000055511151231257827", `"on"`, `"\u0000"`, `"\ud83d\ude00"`, `"\ud83d"`, `"\\u0000"`,
		"true", "null", "[]", "{}", ` "a"`,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		if !json.Valid(raw) {
			return
		}
		v, ok := Parse(raw)
		if !ok {
			return
		}
		text := string(bytes.TrimSpace(raw))
		require.Equal(t, text == "null", v.Quality == Bad)
		if number, err := strconv.ParseFloat(text, 64); err == nil {
			require.LessOrEqual(t, math.Abs(v.Number), maxNumber)
			require.InDelta(t, number, v.Number, 0)
			if v.Exact == nil && number == math.Trunc(number) && math.Abs(number) >= 1<<53 && !strings.ContainsAny(text, ".eE") {
				require.Equal(t, text, strconv.FormatFloat(number, 'f', -1, 64), "a whole number lost digits")
			}
		} else {
			require.True(t, math.IsNaN(v.Number), text)
		}
		if v.Exact == nil {
			return
		}
		require.Equal(t, text, string(v.Exact))
		var read any
		require.NoError(t, json.Unmarshal(v.Exact, &read))
		if s, isText := read.(string); isText {
			require.LessOrEqual(t, len(v.Exact), maxText)
			require.NotContains(t, s, "\x00")
			if written := strings.Contains(text, "\uFFFD") || strings.Contains(strings.ToLower(text), `\ufffd`); !written && utf8.ValidString(text) {
				require.NotContains(t, s, "\uFFFD", "half a surrogate pair")
			}
		}
	})
}

// FuzzSnapshot takes nothing for a snapshot that PostgreSQL's pg_snapshot would refuse: two numbers from 1 in order, and others between them, each greater than the one before.
func FuzzSnapshot(f *testing.F) {
	for _, text := range []string{Beginning, "10:20:10,14,15", "9:8:", "1:9:9", "1:9:3,2", "1:9:3,3", "+1:2:", "1:2:,", "1:99999999999999999999:"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if !IsSnapshot(text) {
			return
		}
		least, rest, _ := strings.Cut(text, ":")
		most, list, _ := strings.Cut(rest, ":")
		number := func(digits string) uint64 {
			n, err := strconv.ParseUint(digits, 10, 63)
			require.NoError(t, err)
			require.Positive(t, n)
			return n
		}
		low, high := number(least), number(most)
		require.LessOrEqual(t, low, high)
		if list == "" {
			return
		}
		before := low - 1
		for one := range strings.SplitSeq(list, ",") {
			n := number(one)
			require.Greater(t, n, before)
			require.Less(t, n, high)
			before = n
		}
	})
}
