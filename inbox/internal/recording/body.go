package recording

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"math"
	"strconv"
	"time"

	"github.com/google/uuid"

	"nms.example/common/rf"
)

// namespace is that of the guids that are derived from traces.
var namespace = uuid.MustParse("0c2a7f4e-6a0b-5d3e-9a55-3d7b8e0f6c11")

// Identify sets the trace's guid, derived from what was measured (UUID version 5 over source, unit, detector, time, grid and
// values), unless the file names one. The same sweep gets the same guid whenever and from whichever copy of a file it is
// read; what else is said of it, its place or noise floor, is not part of that.
func (t *Trace) Identify(scratch []byte) []byte {
	if t.GUID != uuid.Nil {
		return scratch
	}
	b := scratch[:0]
	for _, text := range [3]string{t.Source, t.Unit, t.Detector} {
		b = append(append(b, text...), 0)
	}
	b = binary.BigEndian.AppendUint64(b, uint64(t.Time.UnixMicro()))
	b = binary.BigEndian.AppendUint64(b, math.Float64bits(t.StartHz))
	b = binary.BigEndian.AppendUint64(b, math.Float64bits(t.StopHz))
	b = rf.AppendBytes(b, t.Levels)
	t.GUID = uuid.NewSHA1(namespace, b)
	return b
}

// AppendBody appends the trace as the JSON body that inbox takes. Noise, Lat and Lng must be set.
func (t *Trace) AppendBody(dst []byte) []byte {
	dst = append(dst, `{"guid":"`...)
	dst = append(append(dst, t.GUID.String()...), '"')
	dst = appendNumber(dst, "start_freq_hz", t.StartHz)
	dst = appendNumber(dst, "stop_freq_hz", t.StopHz)
	dst = appendNumber(dst, "step_freq_hz", t.StepHz)
	dst = appendNumber(dst, "noise", *t.Noise)
	dst = append(dst, `,"numpoints":`...)
	dst = strconv.AppendInt(dst, int64(len(t.Levels)), 10)
	dst = append(dst, `,"timestamp":"`...)
	dst = append(t.Time.AppendFormat(dst, time.RFC3339Nano), `","location":{"lat":`...)
	dst = strconv.AppendFloat(dst, *t.Lat, 'f', -1, 64)
	dst = appendNumber(dst, "lng", *t.Lng)
	if t.AltM != nil {
		dst = appendNumber(dst, "alt_m", *t.AltM)
	}
	dst = append(dst, '}')
	dst = t.appendContext(dst)
	dst = append(dst, `,"y_val_dbm":[`...)
	for i, level := range t.Levels {
		if i > 0 {
			dst = append(dst, ',')
		}
		if level == Missing {
			dst = append(dst, "null"...)
			continue
		}
		dst = rf.AppendDBm(dst, level)
	}
	return append(dst, `]}`...)
}

// appendContext appends what is known of the measurement.
func (t *Trace) appendContext(dst []byte) []byte {
	dst = appendText(dst, "source", t.Source)
	if t.EquipmentID != 0 {
		dst = append(dst, `,"equipment_id":`...)
		dst = strconv.AppendInt(dst, t.EquipmentID, 10)
	}
	for _, number := range [...]struct {
		name  string
		value float64
	}{{"rbw_hz", t.RBWHz}, {"enbw_hz", t.ENBWHz}, {"sweep_time_s", t.SweepTimeS}} {
		if number.value != 0 {
			dst = appendNumber(dst, number.name, number.value)
		}
	}
	dst = appendText(dst, "unit", t.Unit)
	dst = appendText(dst, "detector", t.Detector)
	dst = appendText(dst, "trace_mode", t.TraceMode)
	dst = appendText(dst, "antenna", t.Antenna)
	for _, number := range [...]struct {
		name  string
		value *float64
	}{{"attenuation_db", t.AttenuationDB}, {"gain_db", t.GainDB}, {"azimuth_deg", t.AzimuthDeg}} {
		if number.value != nil {
			dst = appendNumber(dst, number.name, *number.value)
		}
	}
	if t.Overload != nil {
		dst = append(dst, `,"overload":`...)
		dst = strconv.AppendBool(dst, *t.Overload)
	}
	var meta bytes.Buffer
	if len(t.Meta) > 0 && json.Compact(&meta, t.Meta) == nil {
		dst = append(append(dst, `,"meta":`...), meta.Bytes()...)
	}
	return dst
}

func appendNumber(dst []byte, name string, value float64) []byte {
	dst = append(append(append(dst, `,"`...), name...), `":`...)
	return strconv.AppendFloat(dst, value, 'f', -1, 64)
}

func appendText(dst []byte, name, text string) []byte {
	if text == "" {
		return dst
	}
	quoted, err := json.Marshal(text)
	if err != nil { // a string always has a form
		return dst
	}
	dst = append(append(append(dst, `,"`...), name...), `":`...)
	return append(dst, quoted...)
}

// Floor estimates the noise floor in the trace's unit: the median of its values, the lower of the two in the middle. It
// holds as long as less than half of the band is occupied. A trace has at least one value that is not Missing.
func (t *Trace) Floor() float64 {
	var coarse, fine [256]int // by the high and, within one of those, the low byte of a level above the lowest
	count := 0
	for _, level := range t.Levels {
		if level != Missing {
			coarse[rank(level)>>8]++
			count++
		}
	}
	wanted := (count + 1) / 2
	high := 0
	for ; wanted > coarse[high]; high++ {
		wanted -= coarse[high]
	}
	for _, level := range t.Levels {
		if level != Missing && int(rank(level)>>8) == high {
			fine[rank(level)&0xff]++
		}
	}
	low := 0
	for ; wanted > fine[low]; low++ {
		wanted -= fine[low]
	}
	return rf.DBm(rf.Level(high<<8 + low - 1<<15))
}

// rank numbers levels from 0 upwards.
func rank(level rf.Level) uint16 { return uint16(int(level) + 1<<15) }
