package registry

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// FuzzParse reads anything as Redis' answer about instances.
func FuzzParse(f *testing.F) {
	f.Add("1763700000000|0b2ffa35-73a1-4d5c-8c57-2b5a0d8e0001|1.7637e+12|{\"service\":\"cfg\"}")
	f.Add("NaN|a|1|{}")
	f.Add("1|0b2ffa35-73a1-4d5c-8c57-2b5a0d8e0001|1e400|[]")
	f.Add("1e300|0b2ffa35-73a1-4d5c-8c57-2b5a0d8e0001|-1e300|{\"uptime_ms\":9223372036854775807}")
	f.Add("")
	f.Fuzz(func(t *testing.T, text string) {
		fields := strings.Split(text, "|")
		list, err := parse(fields)
		if err != nil {
			require.ErrorIs(t, err, errAnswer)
			return
		}
		require.LessOrEqual(t, len(list), len(fields)/3)
	})
}
