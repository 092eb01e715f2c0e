package recording

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"time"
)

const (
	// binaryHeader is a record's length field and its two edges, in bytes.
	binaryHeader = 4 + 16
	// maxRecord bounds a record in bytes: hackrf_sweep's longest holds 2,045 values, later firmware may do more.
	maxRecord = 16 + 4*65_536
)

// readHackRFBinary reads what hackrf_sweep -B writes: records of a length (32 bits, of what follows it), the low and the
// high edge in hertz (64 bits each) and powers (32-bit floats), all little-endian. It holds no times: the first sweep gets
// Options.Start and each further one Options.Interval more.
func readHackRFBinary(s *source) error {
	if s.Start.IsZero() {
		return fmt.Errorf("%w: say the time of the first sweep", ErrNoTime)
	}
	b := binarySweeps{source: s, at: s.Start, joiner: joiner{Report: s.Report, centred: true, unit: unitFullScale}}
	for number := 1; ; number++ {
		switch err := b.record(number); {
		case errors.Is(err, io.EOF):
			return b.joiner.flush()
		case errors.Is(err, io.ErrUnexpectedEOF):
			s.Note(number, "the last record is cut off and left out: the recording was interrupted")
			return b.joiner.flush()
		case errors.Is(err, errRecord):
			s.Refuse(number, err.Error())
			return b.joiner.flush()
		case err != nil:
			return err
		}
	}
}

// errRecord ends the reading: without a sound length nobody knows where the next record begins.
var errRecord = errors.New("the record's length is not sound: this is not hackrf_sweep's, or a part of it is missing")

type binarySweeps struct {
	*source
	joiner joiner
	at     time.Time
	buffer []byte
}

// record reads one record; its number stands for the line.
func (b *binarySweeps) record(number int) error {
	var head [binaryHeader]byte
	if _, err := io.ReadFull(b.Reader, head[:]); err != nil {
		return err
	}
	length := binary.LittleEndian.Uint32(head[:])
	if length <= 16 || length > maxRecord || length%4 != 0 {
		return errRecord
	}
	if cap(b.buffer) < int(length) {
		b.buffer = make([]byte, length)
	}
	values := b.buffer[:length-16]
	if _, err := io.ReadFull(b.Reader, values); err != nil {
		return io.ErrUnexpectedEOF
	}
	low, high := binary.LittleEndian.Uint64(head[4:]), binary.LittleEndian.Uint64(head[12:])
	count := len(values) / 4
	p, err := newPiece(float64(low), float64(high), (float64(high)-float64(low))/float64(count), 0)
	if err != nil {
		b.Refuse(number, err.Error())
		return nil
	}
	return b.take(p, values, number)
}

func (b *binarySweeps) take(p piece, values []byte, number int) error {
	if b.joiner.begins(&p, b.at) {
		if b.Interval <= 0 {
			return fmt.Errorf("%w: it holds several sweeps, say the time between them", ErrNoTime)
		}
		b.at = b.at.Add(b.Interval)
		if err := b.joiner.flush(); err != nil {
			return err
		}
	}
	if err := b.joiner.room(&p, b.at, number); err != nil {
		return err
	}
	levels := b.joiner.levels
	for ; len(values) > 0; values = values[4:] {
		level, err := levelOf(float64(math.Float32frombits(binary.LittleEndian.Uint32(values))))
		if err != nil {
			b.Refuse(number, err.Error())
			return nil
		}
		levels = append(levels, level)
	}
	b.joiner.levels = levels
	b.joiner.add(p)
	return nil
}
