package api

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"nms.example/common/fault"
)

// FuzzNegotiate reads anything as the wishes of a client; something is always offered.
func FuzzNegotiate(f *testing.F) {
	for _, seed := range []string{"image/png, */*;q=0.1", "a/b;q=NaN", "*/*;q=-1", "application/vnd.sigmf+tar", "image/*;q=1e400", ";;,,", strings.Repeat("a/b,", 100), "*", "a/b; c=\""} {
		f.Add(seed, "")
		f.Add(seed, "svg")
	}
	offered := []representation{{"json", "application/json"}, {"png", "image/png"}, {"svg", "image/svg+xml"}}
	f.Fuzz(func(t *testing.T, accept, format string) {
		got := negotiate(accept, format, offered)
		require.Contains(t, offered, got)
		if format == "svg" {
			require.Equal(t, "svg", got.name)
		}
	})
}

// FuzzBox reads anything as the edges of a map.
func FuzzBox(f *testing.F) {
	for _, seed := range []string{"-180,-90,180,90", "170,0,-170,10", "NaN,0,0,0", "1e400,0,0,0", "0x1p4,0,1,1", "1,2,3", "1,2,3,4,5", ",,,", " 1,2,3,4", "0,1,0,0"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		_, edges, err := parseBox(text)
		if err != nil {
			require.NotNil(t, fault.As(err), "%v", err)
			return
		}
		require.Len(t, edges, 4)
		for i, edge := range edges {
			bound := 180.0
			if i%2 == 1 {
				bound = 90
			}
			require.True(t, edge >= -bound && edge <= bound, "%v", edge)
		}
	})
}

// FuzzLines splits anything into lines within a bound.
func FuzzLines(f *testing.F) {
	f.Add([]byte("a\nb\n"), uint8(10))
	f.Add([]byte(strings.Repeat("a", 100)+"\n\nb"), uint8(5))
	f.Add([]byte("\n"), uint8(0))
	f.Fuzz(func(t *testing.T, data []byte, bound uint8) {
		limit := int(bound)
		reader := bufio.NewReaderSize(bytes.NewReader(data), 16)
		var long []byte
		var taken int
		for {
			text, tooLong, err := readLine(reader, &long, limit)
			if !tooLong {
				require.LessOrEqual(t, len(bytes.TrimRight(text, "\n")), limit+1)
				taken += len(text)
			}
			if errors.Is(err, io.EOF) {
				break
			}
			require.NoError(t, err)
		}
		require.LessOrEqual(t, taken, len(data))
		require.LessOrEqual(t, cap(long), 4*(limit+32))
	})
}
