package wire

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http/httptest"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/stretchr/testify/require"

	"nms.example/common/fault"
)

// faulty checks that an error is one that may reach the client.
func faulty(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		f := fault.As(err)
		require.NotNil(t, f, "%v", err)
		require.True(t, utf8.ValidString(f.Message))
	}
}

// FuzzBodyReader inflates anything: what comes out is bounded, and what goes wrong is a fault.
func FuzzBodyReader(f *testing.F) {
	var zipped bytes.Buffer
	w := gzip.NewWriter(&zipped)
	_, err := w.Write(bytes.Repeat([]byte(" "), 1<<16))
	require.NoError(f, err)
	require.NoError(f, w.Close())
	encoder, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1))
	require.NoError(f, err)
	packed := encoder.EncodeAll(bytes.Repeat([]byte(" "), 1<<16), nil)
	require.NoError(f, encoder.Close())
	f.Add("gzip", zipped.Bytes())
	f.Add("zstd", packed)
	f.Add("GZIP", zipped.Bytes()[:20])
	f.Add("zstd", []byte{0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xf8, 1, 0, 0})
	f.Add("gzip, gzip", []byte("\x1f\x8b"))
	f.Add("", []byte("{}"))
	const limit = 1 << 12
	f.Fuzz(func(t *testing.T, field string, data []byte) {
		coding, err := CodingOf([]string{field})
		if err != nil {
			faulty(t, err)
			return
		}
		b := &Body{Source: io.NopCloser(bytes.NewReader(data)), Writer: httptest.NewRecorder(), Coding: coding, Limit: limit}
		out, err := io.ReadAll(b)
		faulty(t, err)
		require.LessOrEqual(t, len(out), limit)
		require.NoError(t, b.Close())
	})
}

// FuzzDecode reads anything as JSON: what is taken is JSON without NUL.
func FuzzDecode(f *testing.F) {
	for _, seed := range []string{`{"name":"\u0000"}`, `{"a":{"b":["\u0000"]}}`, `{"\u0000":1}`, `"\\u0000"`, `1 2`, "\xff", `"\ud800"`, `1e400`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var v any
		if err := Decode(data, &v); err != nil {
			faulty(t, err)
			return
		}
		require.True(t, json.Valid(data))
		_, found := findCharacter("body", v, 0)
		require.False(t, found)
	})
}

// FuzzLength looks for Content-Length in pieces of any size as in one.
func FuzzLength(f *testing.F) {
	f.Add([]byte("POST / HTTP/1.1\r\nHost: x\r\ncontent-LENGTH: 1\r\n\r\n"), uint8(3))
	f.Add([]byte("\ncontent-lengt\ncontent-length"), uint8(1))
	f.Add([]byte("a content-length"), uint8(7))
	f.Fuzz(func(t *testing.T, data []byte, size uint8) {
		var pieces connection
		for rest := data; len(rest) > 0 && !pieces.length.Load(); {
			n := min(len(rest), int(size)+1)
			pieces.look(rest[:n])
			rest = rest[n:]
		}
		want := false
		for line := range strings.SplitSeq(string(data), "\n") {
			want = want || len(line) >= len(lengthName) && strings.EqualFold(line[:len(lengthName)], lengthName)
		}
		require.Equal(t, want, pieces.length.Load())
	})
}
