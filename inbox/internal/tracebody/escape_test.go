package tracebody_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"nms.example/inbox/internal/tracebody"
)

// Libraries that escape all but ASCII send six bytes for a letter that takes two: what counts is what is kept.
func TestMetaIsCountedAsItIsKept(t *testing.T) {
	t.Parallel()
	with := func(text string) string { return strings.Replace(sample, `"guid"`, `"note":"`+text+`","guid"`, 1) }
	const room = 8<<10 - len(`{"note":""}`)
	for text, want := range map[string]string{
		strings.Repeat(`\u0416`, room/2):       strings.Repeat("Ж", room/2),
		strings.Repeat(`\ud83d\ude00`, room/4): strings.Repeat("😀", room/4),
		`\/\u002f\u0041`:                       `//A`,
		`a\n\t\"\\b\u0022\u005C\u0000\u001f`:   `a\n\t\"\\b\u0022\u005C\u0000\u001f`,
		`\\u0041\\\u0041`:                      `\\u0041\\A`,
		`\ud83d\u0041\ude00\ud83d`:             `\ud83d` + `A` + `\ude00\ud83d`,
		`\ud83dx`:                              `\ud83dx`,
		`\uD83D\\uDE00`:                        `\uD83D\\uDE00`,
	} {
		var trace tracebody.Trace
		require.NoError(t, tracebody.Scan([]byte(with(text)), &trace, limits), "%.40s", text)
		require.Equal(t, `{"note":"`+want+`"}`, string(trace.Meta))
		var before, after any
		require.NoError(t, json.Unmarshal([]byte(`"`+text+`"`), &before))
		require.NoError(t, json.Unmarshal([]byte(`"`+want+`"`), &after))
		require.Equal(t, before, after, "it says the same")
	}
	var trace tracebody.Trace
	require.ErrorIs(t, tracebody.Scan([]byte(with(strings.Repeat(`\u0416`, room/2+1))), &trace, limits), tracebody.ErrInvalid)
	require.ErrorIs(t, tracebody.Scan([]byte(with(strings.Repeat(`x`, room+1))), &trace, limits), tracebody.ErrInvalid)
}
