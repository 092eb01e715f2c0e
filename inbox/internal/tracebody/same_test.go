package tracebody

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTheDefaultSpelledOutIsTheSame(t *testing.T) {
	t.Parallel()
	bare := &Trace{}
	same := func(change func(*Trace)) bool {
		other := *bare
		change(&other)
		return bare.Same(&other) && other.Same(bare)
	}
	require.True(t, same(func(x *Trace) { x.Unit = new("dBm") }))
	require.True(t, same(func(x *Trace) { x.Meta = []byte("{}") }))
	require.False(t, same(func(x *Trace) { x.Unit = new("dBFS") }))
	require.False(t, same(func(x *Trace) { x.Meta = []byte(`{"a":1}`) }))
	require.False(t, same(func(x *Trace) { x.Source = new("RX7") }))
	require.Nil(t, bare.Unit, "comparing changes nothing")
}
