// Package remotewrite takes what Prometheus sends by remote write 1.0 (https://prometheus.io/docs/specs/prw/remote_write_spec/): a
// snappy-compressed prometheus.WriteRequest.
package remotewrite

import (
	"errors"
	"math"

	"google.golang.org/protobuf/encoding/protowire"
)

// Label is one of a series.
type Label struct{ Name, Value []byte }

// Sample is one of a series.
type Sample struct {
	Value     float64
	Timestamp int64 // ms since 1970
}

// Series is a series with its samples. Its slices are used again for the next one.
type Series struct {
	Labels  []Label
	Samples []Sample
}

// Numbers of the fields of prometheus/prometheus's remote.proto and types.proto.
const (
	fieldTimeseries = 1
	fieldLabels     = 1
	fieldSamples    = 2
	fieldName       = 1
	fieldLabelValue = 2
	fieldValue      = 1
	fieldTimestamp  = 2
)

var errForm = errors.New("is no prometheus.WriteRequest")

// Decode reads a request and hands over each series. Fields that it does not know are passed by: metadata, exemplars, histograms.
func Decode(message []byte, each func(*Series)) error {
	var s Series
	return fields(message, func(number protowire.Number, kind protowire.Type, value []byte, _ uint64) error {
		if number != fieldTimeseries || kind != protowire.BytesType {
			return nil
		}
		s.Labels, s.Samples = s.Labels[:0], s.Samples[:0]
		if err := s.decode(value); err != nil {
			return err
		}
		each(&s)
		return nil
	})
}

func (s *Series) decode(message []byte) error {
	return fields(message, func(number protowire.Number, kind protowire.Type, value []byte, _ uint64) error {
		switch {
		case kind != protowire.BytesType:
			return nil
		case number == fieldLabels:
			var l Label
			err := fields(value, func(number protowire.Number, kind protowire.Type, value []byte, _ uint64) error {
				switch {
				case kind != protowire.BytesType:
				case number == fieldName:
					l.Name = value
				case number == fieldLabelValue:
					l.Value = value
				}
				return nil
			})
			s.Labels = append(s.Labels, l)
			return err
		case number == fieldSamples:
			var sample Sample
			err := fields(value, func(number protowire.Number, kind protowire.Type, _ []byte, bits uint64) error {
				switch {
				case number == fieldValue && kind == protowire.Fixed64Type:
					sample.Value = math.Float64frombits(bits)
				case number == fieldTimestamp && kind == protowire.VarintType:
					sample.Timestamp = int64(bits)
				}
				return nil
			})
			s.Samples = append(s.Samples, sample)
			return err
		default:
			return nil
		}
	})
}

// fields hands over each field of a message: value of a length-delimited one, bits of a number.
func fields(message []byte, each func(number protowire.Number, kind protowire.Type, value []byte, bits uint64) error) error {
	for len(message) > 0 {
		number, kind, n := protowire.ConsumeTag(message)
		if n < 0 {
			return errForm
		}
		message = message[n:]
		var value []byte
		var bits uint64
		switch kind {
		case protowire.BytesType:
			value, n = protowire.ConsumeBytes(message)
		case protowire.VarintType:
			bits, n = protowire.ConsumeVarint(message)
		case protowire.Fixed64Type:
			bits, n = protowire.ConsumeFixed64(message)
		default:
			n = protowire.ConsumeFieldValue(number, kind, message)
		}
		if n < 0 {
			return errForm
		}
		message = message[n:]
		if err := each(number, kind, value, bits); err != nil {
			return err
		}
	}
	return nil
}
