package request

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// FuzzValidID looks for ids that could break out of a header, a log line or a JSON text.
func FuzzValidID(f *testing.F) {
	for _, seed := range []string{"0b2ffa35-73a1-4d5c-8c57-2b5a0d8e0001", "a\nb", "", "\x00", strings.Repeat("a", 300), "é", `"`, "a b"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, id string) {
		if ValidID(id) {
			require.NotEmpty(t, id)
			require.Equal(t, -1, strings.IndexFunc(id, func(r rune) bool { return r <= ' ' || r >= 0x7f || r == '"' || r == '\\' }))
		}
	})
}
