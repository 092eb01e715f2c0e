package recording

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// header is what the lines before an analyser's values say.
type header struct {
	day           time.Time // as if it were UTC
	dayLine       int
	sinceMidnight time.Duration
	hasTime       bool
	// scale makes hertz of the file's frequencies.
	scale                float64
	rbwHz, sweepTime     float64
	attenuation          *float64
	unit, detector, mode string
	values               int
}

// line takes one line: a name, a value, and perhaps a unit; or the names of the columns. What it does not know is passed
// over: headers hold much that is no part of a trace.
func (h *header) line(report Report, text string, number int) {
	fields := splitColumns(text)
	name := strings.ToLower(strings.TrimRight(fields[0], ": "))
	var value, unit string
	if len(fields) == 1 { // "RBW: 30000"
		before, after, found := strings.Cut(fields[0], ":")
		if !found {
			return
		}
		name, value = strings.ToLower(strings.TrimSpace(before)), strings.TrimSpace(after)
	} else {
		value = fields[1]
	}
	if len(fields) > 2 {
		unit = fields[2]
	}
	if strings.HasPrefix(name, "freq") && len(fields) > 1 {
		h.columns(fields)
		return
	}
	if !h.setting(name, value, unit) {
		report.Note(number, fmt.Sprintf("%q is not understood and left out", fields[0]))
		return
	}
	if h.dayLine == 0 && !h.day.IsZero() {
		h.dayLine = number
	}
}

// columns takes the names of the columns, with their units: "Frequency [MHz]", "Amplitude (dBm)".
func (h *header) columns(names []string) {
	if unit := unitIn(names[0]); unit != "" && hertz[unit] != 0 {
		h.scale = hertz[unit]
	}
	if unit, ok := units[unitIn(names[1])]; ok {
		h.unit = unit
	}
}

func unitIn(name string) string {
	open := strings.IndexAny(name, "[(")
	if open < 0 {
		return ""
	}
	return strings.ToLower(strings.Trim(name[open:], "[]() "))
}

// setting takes one setting; false when its value cannot be read.
func (h *header) setting(name, value, unit string) bool {
	if value == "" {
		return true
	}
	var ok bool
	switch name {
	case "rbw", "resolution bandwidth", "res bw", "res. bw":
		h.rbwHz, ok = quantity(value, unit, hertz)
	case "swt", "sweep time", "sweeptime":
		h.sweepTime, ok = quantity(value, unit, seconds)
	case "rf att", "attenuation", "att", "rf attenuation":
		var dB float64
		if dB, ok = quantity(value, unit, map[string]float64{"": 1, "db": 1}); ok {
			h.attenuation = &dB
		}
	case "detector":
		h.detector, ok = word(value, detectors)
	case "trace mode", "trace type":
		h.mode, ok = word(value, traceModes)
	case "y-unit", "unit", "level unit", "amplitude unit":
		h.unit, ok = word(value, units)
	case "x-unit", "frequency unit":
		var scale float64
		if scale, ok = hertz[strings.ToLower(value)]; ok {
			h.scale = scale
		}
	case "values", "points", "sweep points", "number of points":
		count, err := strconv.Atoi(value)
		h.values, ok = count, err == nil && count >= 0
	case "date", "date/time", "date time", "timestamp", "saved":
		ok = h.date(value)
	case "time":
		ok = h.timeOfDay(value)
	default:
		return true
	}
	return ok
}

// dayLayouts are forms of dates that can be read in one way only.
var dayLayouts = []string{"2006-01-02", "2.Jan 2006", "2.Jan.2006", "2 Jan 2006", "2-Jan-2006", "Jan 2, 2006", "2.1.2006", "2006/01/02"}

func (h *header) date(value string) bool {
	value = strings.TrimSpace(strings.Replace(value, "T", " ", 1))
	for _, layout := range dayLayouts {
		if day, err := time.Parse(layout, value); err == nil {
			h.day = day
			return true
		}
		for _, clock := range []string{" 15:04:05", " 15:04"} {
			if moment, err := time.Parse(layout+clock, value); err == nil {
				h.day = moment.Truncate(24 * time.Hour)
				h.sinceMidnight, h.hasTime = moment.Sub(h.day), true
				return true
			}
		}
	}
	return false
}

func (h *header) timeOfDay(value string) bool {
	for _, layout := range []string{"15:04:05", "15:04"} {
		if at, err := time.Parse(layout, value); err == nil {
			h.sinceMidnight, h.hasTime = at.Sub(at.Truncate(24*time.Hour)), true
			return true
		}
	}
	return false
}

// quantity reads a number with its unit, which may also stand behind the number.
func quantity(value, unit string, factors map[string]float64) (float64, bool) {
	if number, own, found := strings.Cut(value, " "); found {
		value, unit = number, own
	}
	number, err := parseNumber([]byte(value))
	factor, known := factors[strings.ToLower(strings.TrimSpace(unit))]
	if err != nil || !known || number < 0 || number > maxHz {
		return 0, false
	}
	return number * factor, true
}

func word(value string, words map[string]string) (string, bool) {
	text, ok := words[strings.ToLower(value)]
	return text, ok
}

// What analysers write, in lower case, and what it is called in inbox's API.
var (
	hertz   = map[string]float64{"": 1, "hz": 1, "khz": 1e3, "mhz": 1e6, "ghz": 1e9}
	seconds = map[string]float64{"": 1, "s": 1, "ms": 1e-3, "us": 1e-6, "µs": 1e-6}

	units = map[string]string{
		"dbm": "", "dbm/hz": "dBm/Hz", "dbuv": "dBuV", "dbµv": "dBuV", "dbuv/m": "dBuV/m", "dbµv/m": "dBuV/m", "dbfs": "dBFS",
	}
	detectors = map[string]string{
		"sample": "sample", "rms": "rms", "average": "average", "avg": "average",
		"peak": "peak", "autopeak": "peak", "auto peak": "peak", "maxpeak": "peak", "max peak": "peak", "pos peak": "peak", "positive": "peak", "posp": "peak",
		"minpeak": "min", "min peak": "min", "neg peak": "min", "negative": "min", "quasipeak": "quasi-peak", "quasi-peak": "quasi-peak", "qp": "quasi-peak",
	}
	traceModes = map[string]string{
		"clr/write": "clear-write", "clear/write": "clear-write", "clear write": "clear-write", "clrw": "clear-write", "average": "average", "avg": "average",
		"maxhold": "max-hold", "max hold": "max-hold", "minhold": "min-hold", "min hold": "min-hold",
	}
)
