package remotewrite_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/encoding/protowire"

	"nms.example/ctrl/internal/remotewrite"
)

// series encodes a time series as Prometheus does.
func series(labels []string, samples ...remotewrite.Sample) []byte {
	var out []byte
	for i := 0; i+1 < len(labels); i += 2 {
		var label []byte
		label = protowire.AppendString(protowire.AppendTag(label, 1, protowire.BytesType), labels[i])
		label = protowire.AppendString(protowire.AppendTag(label, 2, protowire.BytesType), labels[i+1])
		out = protowire.AppendBytes(protowire.AppendTag(out, 1, protowire.BytesType), label)
	}
	for _, s := range samples {
		var sample []byte
		sample = protowire.AppendFixed64(protowire.AppendTag(sample, 1, protowire.Fixed64Type), math.Float64bits(s.Value))
		sample = protowire.AppendVarint(protowire.AppendTag(sample, 2, protowire.VarintType), uint64(s.Timestamp))
		out = protowire.AppendBytes(protowire.AppendTag(out, 2, protowire.BytesType), sample)
	}
	return out
}

func request(all ...[]byte) (out []byte) {
	for _, s := range all {
		out = protowire.AppendBytes(protowire.AppendTag(out, 1, protowire.BytesType), s)
	}
	return out
}

func TestRequestsAreDecoded(t *testing.T) {
	t.Parallel()
	message := request(series([]string{"__name__", "up", "job", "node"}, remotewrite.Sample{Value: 1, Timestamp: 5}, remotewrite.Sample{Value: -2.5, Timestamp: -6}),
		series([]string{"__name__", "none"}))
	message = protowire.AppendBytes(protowire.AppendTag(message, 3, protowire.BytesType), []byte("metadata")) // passed by
	var names []string
	var samples []remotewrite.Sample
	require.NoError(t, remotewrite.Decode(message, func(s *remotewrite.Series) {
		for _, l := range s.Labels {
			names = append(names, string(l.Name)+"="+string(l.Value))
		}
		samples = append(samples, s.Samples...)
	}))
	require.Equal(t, []string{"__name__=up", "job=node", "__name__=none"}, names)
	require.Equal(t, []remotewrite.Sample{{Value: 1, Timestamp: 5}, {Value: -2.5, Timestamp: -6}}, samples)
	for cut := 1; cut < len(message); cut++ { // never a panic, whatever is cut off
		_ = remotewrite.Decode(message[:cut], func(*remotewrite.Series) {})
	}
	require.Error(t, remotewrite.Decode([]byte("\x0a\x7fshort"), func(*remotewrite.Series) {}))
}

func FuzzDecode(f *testing.F) {
	f.Add(request(series([]string{"__name__", "up"}, remotewrite.Sample{Value: 1, Timestamp: 5})))
	f.Add([]byte("\x0a\x02\x0a\x00"))
	f.Fuzz(func(t *testing.T, message []byte) {
		total, samples := 0, 0
		var again []byte
		err := remotewrite.Decode(message, func(s *remotewrite.Series) {
			var labels []string
			for _, l := range s.Labels {
				total += len(l.Name) + len(l.Value)
				labels = append(labels, string(l.Name), string(l.Value))
			}
			samples += len(s.Samples)
			again = append(again, request(series(labels, s.Samples...))...)
		})
		require.LessOrEqual(t, total, len(message))
		require.LessOrEqual(t, samples, len(message)/2, "a sample takes two bytes at least")
		if err != nil {
			return
		}
		var same []byte // what was read says what was written
		require.NoError(t, remotewrite.Decode(again, func(s *remotewrite.Series) {
			var labels []string
			for _, l := range s.Labels {
				labels = append(labels, string(l.Name), string(l.Value))
			}
			same = append(same, request(series(labels, s.Samples...))...)
		}))
		require.Equal(t, again, same)
	})
}
