package recording

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"time"

	"nms.example/common/rf"
)

// samples reads the real numbers of a SigMF data file in order.
type samples struct {
	from   *bufio.Reader
	size   int64
	value  func([]byte) float64
	next   int64 // number of the sample that is read next
	levels []rf.Level
	buffer []byte
}

// newSamples reads real samples; complex ones are samples over time.
func newSamples(data io.Reader, datatype string) (*samples, error) {
	s := &samples{from: bufio.NewReaderSize(data, 1<<18)}
	le, be := binary.LittleEndian, binary.BigEndian
	switch datatype {
	case "rf32_le":
		s.size, s.value = 4, func(b []byte) float64 { return float64(math.Float32frombits(le.Uint32(b))) }
	case "rf32_be":
		s.size, s.value = 4, func(b []byte) float64 { return float64(math.Float32frombits(be.Uint32(b))) }
	case "rf64_le":
		s.size, s.value = 8, func(b []byte) float64 { return math.Float64frombits(le.Uint64(b)) }
	case "rf64_be":
		s.size, s.value = 8, func(b []byte) float64 { return math.Float64frombits(be.Uint64(b)) }
	case "ri16_le":
		s.size, s.value = 2, func(b []byte) float64 { return float64(int16(le.Uint16(b))) }
	case "ri16_be":
		s.size, s.value = 2, func(b []byte) float64 { return float64(int16(be.Uint16(b))) }
	case "ri32_le":
		s.size, s.value = 4, func(b []byte) float64 { return float64(int32(le.Uint32(b))) }
	case "ri32_be":
		s.size, s.value = 4, func(b []byte) float64 { return float64(int32(be.Uint32(b))) }
	case "ri8":
		s.size, s.value = 1, func(b []byte) float64 { return float64(int8(b[0])) }
	default:
		return nil, fmt.Errorf("samples of the type %.20q are no power spectrum", datatype)
	}
	s.buffer = make([]byte, s.size)
	return s, nil
}

// read reads a spectrum's samples into its trace.
func (s *samples) read(one *spectrum) error {
	if one.first < s.next {
		return errors.New("they overlap others")
	}
	if one.first > math.MaxInt64/8 {
		return io.ErrUnexpectedEOF
	}
	if _, err := io.CopyN(io.Discard, s.from, (one.first-s.next)*s.size); err != nil {
		return io.ErrUnexpectedEOF
	}
	s.next = one.first
	s.levels = s.levels[:0]
	var fault error
	for range one.count {
		if _, err := io.ReadFull(s.from, s.buffer); err != nil {
			return fmt.Errorf("the data ends before: %w", io.ErrUnexpectedEOF)
		}
		s.next++
		level, err := levelOf(one.scale(s.value(s.buffer)))
		if err != nil && fault == nil {
			fault = err
		}
		s.levels = append(s.levels, level)
	}
	one.trace.Levels = s.levels
	return fault
}

// parseDatetime reads core:datetime, RFC 3339; without an offset it is of the zone.
func parseDatetime(text string, s *source) (time.Time, error) {
	if !s.Start.IsZero() && text == "" {
		return s.Start, nil
	}
	if at, err := time.Parse(time.RFC3339Nano, text); err == nil {
		return at, nil
	}
	wall, err := time.Parse("2006-01-02T15:04:05", text)
	if err != nil {
		return time.Time{}, fmt.Errorf("the capture has no core:datetime that can be read: %w", ErrNoTime)
	}
	c := clock{zone: s.Zone}
	return c.moment(wall)
}
