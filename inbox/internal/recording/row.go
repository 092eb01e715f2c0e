package recording

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"time"

	"nms.example/common/rf"
)

// rowFields is the number of fields before a row's values: date, time, low edge, high edge, step, number of samples.
const rowFields = 6

// rows reads the rows that rtl_power, soapy_power and hackrf_sweep write, one hop each.
type rows struct {
	*source
	joiner joiner
	clock  clock
	// closing is how many values follow those between a row's edges: rtl_power writes one.
	closing int
	// seen says that there was a row, taken or not.
	seen bool
}

// read joins the rows of the file.
func (r *rows) read() error {
	r.joiner.Report = r.Report
	r.clock.zone = r.Zone
	l := lines{from: r.Reader}
	for {
		text, err := l.next()
		switch {
		case errors.Is(err, io.EOF):
			return r.finish()
		case errors.Is(err, errLong):
			r.Refuse(l.number, err.Error())
			continue
		case err != nil:
			return err
		case len(text) == 0 || text[0] == '#':
			continue
		}
		r.seen = true
		err = r.row(text, l.number, l.cut)
		switch {
		case err == nil:
		case errors.Is(err, ErrZone), errors.As(err, new(sinkError)):
			return err
		case l.cut:
			r.Note(l.number, "the last row is cut off and left out: the recording was interrupted")
		default:
			r.Refuse(l.number, err.Error())
		}
	}
}

func (r *rows) finish() error {
	if !r.seen {
		r.Refuse(0, "there is no row of a sweep")
	}
	if r.clock.ambiguous {
		r.Note(0, "the file begins in an hour that comes twice when clocks go back; taken as the first one (an offset in place of the zone's name says otherwise)")
	}
	return r.joiner.flush()
}

// sinkError is an error of the report, which ends the reading.
type sinkError struct{ error }

func (e sinkError) Unwrap() error { return e.error }

// row takes one row.
func (r *rows) row(text []byte, line int, cut bool) error {
	var head [rowFields][]byte
	rest := text
	for i := range head {
		comma := bytes.IndexByte(rest, ',')
		if comma < 0 {
			return fmt.Errorf("%d fields before the values, must be %d", i, rowFields)
		}
		head[i], rest = bytes.TrimSpace(rest[:comma]), rest[comma+1:]
	}
	at, err := r.clock.at(head[0], head[1])
	if err != nil {
		return err
	}
	p, err := pieceOf(head[2], head[3], head[4])
	if err != nil {
		return err
	}
	return r.values(p, rest, at, line, cut)
}

// pieceOf reads a row's edges and step.
func pieceOf(lowText, highText, stepText []byte) (piece, error) {
	low, errLow := parseNumber(lowText)
	high, errHigh := parseNumber(highText)
	step, errStep := parseNumber(stepText)
	if errors.Join(errLow, errHigh, errStep) != nil {
		return piece{}, errEdges
	}
	return newPiece(low, high, step, precision(stepText))
}

// values reads a row's values into the sweep.
func (r *rows) values(p piece, text []byte, at time.Time, line int, cut bool) error {
	if commas := bytes.Count(text, []byte{','}); commas > MaxPoints {
		return errMany
	}
	if err := r.joiner.room(&p, at, line); err != nil {
		return sinkError{err}
	}
	levels, lastTwo, err := appendLevels(r.joiner.levels, text)
	count := len(levels) - p.from
	if err == nil {
		err = p.fit(count, r.closing)
	}
	if err == nil && cut && (count < p.steps+r.closing || decimals(lastTwo[0]) != decimals(lastTwo[1])) {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return err // levels of the joiner still end where they did
	}
	r.joiner.levels = levels
	r.joiner.add(p)
	return nil
}

// appendLevels reads values with commas between them, and returns the texts of the last two. A comma at the end is allowed.
func appendLevels(levels []rf.Level, text []byte) (_ []rf.Level, lastTwo [2][]byte, err error) {
	text = bytes.TrimRight(text, ", \t")
	for begun := len(levels); len(text) > 0; {
		var one []byte
		if comma := bytes.IndexByte(text, ','); comma >= 0 {
			one, text = text[:comma], text[comma+1:]
		} else {
			one, text = text, nil
		}
		level, err := parseLevel(one)
		if err != nil {
			return levels, lastTwo, fmt.Errorf("value %d: %w", len(levels)-begun+1, err)
		}
		levels = append(levels, level)
		lastTwo[0], lastTwo[1] = lastTwo[1], one
	}
	return levels, lastTwo, nil
}

// decimals counts the digits behind the point; a text without a digit (nan) has as many as any other.
func decimals(text []byte) int {
	dot := bytes.IndexByte(text, '.')
	if dot < 0 {
		return 0
	}
	return len(text) - dot
}
