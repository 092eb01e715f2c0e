package jsontext_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"nms.example/common/jsontext"
)

func TestEscapes(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][2]bool{
		``: {}, `"a"`: {}, `"\n\\\"\/"`: {}, `"é 😀"`: {}, `"\u0001\uffff"`: {},
		`"\ud83d\ude00"`: {}, `"\uD83D\uDE00"`: {}, `"\\u0000 \\ud800"`: {}, `"\ufffd"`: {},
		`{"a":"\u0000"}`: {true, false}, `"\\\u0000"`: {true, false}, `["\ud83d\ude00\u0000"]`: {true, false},
		`"\ud800"`: {false, true}, `"\udc00\ud800"`: {false, true}, `"\ud800\n"`: {false, true}, `"\ud800x\udc00"`: {false, true},
		`"\ud83d\ud83d\ude00"`: {false, true}, `"\ud800\\udc00"`: {false, true}, `"\ud800\u0000"`: {true, true},
	} {
		nul, half := jsontext.Escapes([]byte(text))
		require.Equal(t, want, [2]bool{nul, half}, text)
	}
}
