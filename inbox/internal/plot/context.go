package plot

import (
	"strconv"
	"strings"

	"nms.example/common/chart"
	"nms.example/common/rf"
	"nms.example/inbox/internal/tracebody"
)

// describe lists what is known of a measurement, for the lines below a picture's title.
func (w words) describe(c *tracebody.Context) []string {
	var parts []string
	quantity := func(label string, v *float64, unit string) {
		if v != nil {
			parts = append(parts, strings.TrimSpace(label+" "+chart.WithMinus(strconv.FormatFloat(*v, 'f', -1, 64))+unit))
		}
	}
	bandwidth := func(label string, hz *float64) {
		if hz != nil {
			divisor, index := unit(*hz)
			shown := *hz / divisor
			quantity(label, &shown, " "+w.units[index])
		}
	}
	text := func(v *string) {
		if v != nil {
			parts = append(parts, *v)
		}
	}
	text(c.Source)
	if c.EquipmentID != nil {
		parts = append(parts, w.equipment+" "+strconv.FormatInt(*c.EquipmentID, 10))
	}
	bandwidth("RBW", c.RBWHz)
	bandwidth("ENBW", c.ENBWHz)
	text(c.Detector)
	text(c.TraceMode)
	quantity(w.sweep, c.SweepTimeS, " "+w.seconds)
	quantity(w.attenuation, c.AttenuationDB, " "+w.dB)
	quantity(w.gain, c.GainDB, " "+w.dB)
	text(c.Antenna)
	quantity(w.azimuth, c.AzimuthDeg, "°")
	if c.Overload != nil && *c.Overload {
		parts = append(parts, w.overload)
	}
	return parts
}

// quantity returns what values in a unit are called, and the unit as print has it.
func (w words) quantity(u rf.Unit) (name, unit string) {
	switch u.OrDBm() {
	case rf.UnitDBmPerHz:
		return w.density, w.dBm + "/" + w.units[0]
	case rf.UnitDBuV:
		return w.level, w.dBuV
	case rf.UnitDBuVPerM:
		return w.fieldStrength, w.dBuV + "/" + w.metre
	case rf.UnitDBFS:
		return w.level, "dBFS"
	default:
		return w.power, w.dBm
	}
}
