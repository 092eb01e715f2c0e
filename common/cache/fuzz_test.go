package cache

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// FuzzDecodeEntry reads anything as an entry from Redis; what is taken is written as the same bytes.
func FuzzDecodeEntry(f *testing.F) {
	e, err := newEntry(Value{Body: []byte(`{"a":1}`)}, nil, 7)
	require.NoError(f, err)
	f.Add(e.encode())
	f.Add(e.encode()[:20])
	f.Add([]byte{sharedFormat})
	f.Add([]byte("\x01\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if entry := decodeEntry(data, nil); entry != nil {
			require.Equal(t, data, entry.encode())
		}
	})
}
