package recording

import (
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"time"

	"nms.example/common/rf"
)

// readAnalyser reads what spectrum analysers export for spreadsheets: lines that say how it was measured (name, value,
// unit), then a line per value with its frequency and its power. Semicolon, tab or comma part the columns; where it is no
// comma, a comma may stand for the decimal point. Rows whose frequency steps back begin another trace.
func readAnalyser(s *source) error {
	a := analyser{source: s, header: header{scale: 1}}
	l := lines{from: s.Reader}
	for {
		text, err := l.next()
		switch {
		case errors.Is(err, io.EOF):
			return a.end()
		case errors.Is(err, errLong):
			s.Refuse(l.number, err.Error())
			continue
		case err != nil:
			return err
		}
		if err := a.line(string(text), l.number, l.cut); err != nil {
			return err
		}
	}
}

// analyser gathers one trace.
type analyser struct {
	*source
	header header
	hz     []float64
	levels []rf.Level
	begun  int // line of the first value
	known  bool

	failed bool // whether the trace at hand is refused already
}

// line takes a line of any kind.
func (a *analyser) line(text string, number int, cut bool) error {
	if strings.TrimSpace(text) == "" {
		return nil
	}
	pair, ok := splitPair(text)
	switch {
	case !ok && len(a.hz) == 0:
		a.header.line(a.Report, text, number)
		return nil
	case !ok && cut:
		a.Note(number, "the last row is cut off and left out: the recording was interrupted")
		return nil
	case !ok:
		if err := a.flush(); err != nil {
			return err
		}
		a.header.line(a.Report, text, number)
		return nil
	}
	return a.row(pair, number)
}

// row takes a frequency and a power.
func (a *analyser) row(pair [2]string, number int) error {
	hz, err := parseNumber([]byte(pair[0]))
	hz *= a.header.scale
	if err != nil || math.Abs(hz) > maxHz {
		a.Refuse(number, "the frequency is not a number of hertz in range")
		return nil //nolint:nilerr // a row that is refused does not end the file
	}
	level, err := parseLevel([]byte(pair[1]))
	if err != nil {
		a.Refuse(number, err.Error())
		a.failed = true
		return nil
	}
	switch n := len(a.hz); {
	case n > 0 && hz == a.hz[n-1]: // a bin that is there twice
		return nil
	case n > 0 && hz < a.hz[n-1]:
		if err := a.flush(); err != nil {
			return err
		}
	case n >= MaxPoints:
		a.failed = true
		return nil
	}
	if len(a.hz) == 0 {
		a.begun = number
	}
	a.hz, a.levels = append(a.hz, hz), append(a.levels, level)
	return nil
}

// flush hands on the trace at hand.
func (a *analyser) flush() error {
	n := len(a.hz)
	if n == 0 {
		return nil
	}
	failed := a.failed
	defer func() { a.hz, a.levels, a.failed = a.hz[:0], a.levels[:0], false }()
	a.known = true
	switch {
	case failed:
		a.Refuse(a.begun, "the trace is not taken, for a row of it is refused")
		return nil
	case n == 1:
		a.Refuse(a.begun, "one value alone is no spectrum")
		return nil
	case a.header.values > 0 && a.header.values != n:
		a.Note(a.begun, fmt.Sprintf("the header says %d values, there are %d", a.header.values, n))
	}
	step := (a.hz[n-1] - a.hz[0]) / float64(n-1)
	for i, hz := range a.hz {
		if math.Abs(hz-(a.hz[0]+float64(i)*step)) > step/5 {
			a.Refuse(a.begun+i, "the frequencies are not evenly spaced")
			return nil
		}
	}
	at, err := a.time()
	if errors.Is(err, errSkipped) {
		a.Refuse(a.header.dayLine, err.Error())
		return nil
	}
	if err != nil {
		return err
	}
	h := &a.header
	t := Trace{
		StartHz: a.hz[0], StopHz: a.hz[n-1], StepHz: tidyHz(step), Levels: a.levels, Time: at, Line: a.begun,
		RBWHz: h.rbwHz, Unit: h.unit, Detector: h.detector, TraceMode: h.mode, SweepTimeS: h.sweepTime, AttenuationDB: h.attenuation,
	}
	t.tidy()
	return hand(a.Report, &t)
}

// time returns the moment of the measurement: Options.Start, or what the header says.
func (a *analyser) time() (time.Time, error) {
	if !a.Start.IsZero() {
		return a.Start, nil
	}
	h := &a.header
	if h.day.IsZero() {
		return time.Time{}, ErrNoTime
	}
	if !h.hasTime {
		a.Note(h.dayLine, "the header has a date without a time of day; taken as 00:00 in the zone")
	}
	c := clock{zone: a.Zone}
	return c.moment(h.day.Add(h.sinceMidnight))
}

func (a *analyser) end() error {
	if err := a.flush(); err != nil {
		return err
	}
	if !a.known {
		a.Refuse(0, "there is no row with a frequency and a power")
	}
	return nil
}

// splitPair takes a row of two numbers apart; false for any other line. A decimal comma becomes a point.
func splitPair(text string) (pair [2]string, ok bool) {
	fields := splitColumns(text)
	if len(fields) < 2 {
		return pair, false
	}
	for i := range pair {
		pair[i] = fields[i]
		if !isPower(pair[i]) {
			return pair, false
		}
	}
	if _, err := parseNumber([]byte(pair[0])); err != nil {
		return pair, false
	}
	return pair, true
}

// isPower reports whether text is a number or stands for a missing one.
func isPower(text string) bool {
	if text == "" {
		return false
	}
	_, err := parseNumber([]byte(text))
	return err == nil || isNonFinite([]byte(text))
}

// splitColumns parts a line at semicolons, else at tabs, else at commas, else at blanks; at the first two and the last a
// comma within a number is a decimal point.
func splitColumns(text string) []string {
	separator, points := ",", false
	switch {
	case strings.Contains(text, ";"):
		separator, points = ";", true
	case strings.Contains(text, "\t"):
		separator, points = "\t", true
	case !strings.Contains(text, ","):
		return strings.Fields(text)
	}
	fields := strings.Split(text, separator)
	for i, field := range fields {
		field = strings.Trim(strings.TrimSpace(field), `"`)
		if points && strings.Count(field, ",") == 1 {
			if number := strings.Replace(field, ",", ".", 1); isPower(number) {
				field = number
			}
		}
		fields[i] = field
	}
	return fields
}
