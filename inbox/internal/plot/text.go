package plot

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"nms.example/inbox/internal/rollup"
)

type words struct {
	spectrum, waterfall, frequency, power, noise, time string
	units                                              [4]string // Hz, kHz, MHz, GHz
	dBm, dBuV, dB, metre, seconds                      string
	north, south, east, west                           string

	density, level, fieldStrength                          string
	equipment, sweep, attenuation, gain, azimuth, overload string

	statistics, highest, mean, lowest, occupancy, threshold, unmeasured string
	// counts tells of a number of sweeps of a number of sources, or of the one that is named.
	counts func(sweeps int64, sources int, name string) string
}

func (l Language) words() words {
	if l == Russian {
		return words{
			spectrum: "Спектр", waterfall: "Водопад", frequency: "Частота", power: "Мощность", noise: "уровень шума",
			time: "Время", units: [4]string{"Гц", "кГц", "МГц", "ГГц"}, dBm: "дБм",
			dBuV: "дБмкВ", dB: "дБ", metre: "м", seconds: "с",
			density: "Плотность мощности", level: "Уровень", fieldStrength: "Напряжённость поля",
			equipment: "оборудование", sweep: "развёртка", attenuation: "ослабление", gain: "усиление", azimuth: "азимут", overload: "ПЕРЕГРУЗКА",
			statistics: "Статистика", highest: "максимум", mean: "среднее", lowest: "минимум", occupancy: "Занятость выше", threshold: "порог", unmeasured: "нет данных",
			counts: func(sweeps int64, sources int, name string) string {
				if name != "" {
					return fmt.Sprintf("развёрток: %d, %s", sweeps, name)
				}
				return fmt.Sprintf("развёрток: %d, источников: %d", sweeps, sources)
			},
			north: "с. ш.", south: "ю. ш.", east: "в. д.", west: "з. д.",
		}
	}
	return words{
		spectrum: "Spectrum", waterfall: "Waterfall", frequency: "Frequency", power: "Power", noise: "noise floor",
		time: "Time", units: [4]string{"Hz", "kHz", "MHz", "GHz"}, dBm: "dBm",
		dBuV: "dBµV", dB: "dB", metre: "m", seconds: "s",
		density: "Power density", level: "Level", fieldStrength: "Field strength",
		equipment: "equipment", sweep: "sweep", attenuation: "attenuation", gain: "gain", azimuth: "azimuth", overload: "OVERLOAD",
		statistics: "Statistics", highest: "maximum", mean: "mean", lowest: "minimum", occupancy: "Occupancy above", threshold: "threshold", unmeasured: "no data",
		counts: func(sweeps int64, sources int, name string) string {
			if name != "" {
				return plural(sweeps, "sweep") + " of " + name
			}
			return plural(sweeps, "sweep") + " of " + plural(int64(sources), "source")
		},
		north: "N", south: "S", east: "E", west: "W",
	}
}

// place writes coordinates for people, with the altitude where it is known.
func (w words) place(lat, lng float64, altM *float64) string {
	ns, ew := w.north, w.east
	if lat < 0 {
		ns = w.south
	}
	if lng < 0 {
		ew = w.west
	}
	place := fmt.Sprintf("%.4f° %s, %.4f° %s", math.Abs(lat), ns, math.Abs(lng), ew)
	if altM != nil {
		place += ", " + withMinus(strconv.FormatFloat(*altM, 'f', -1, 64)) + " " + w.metre
	}
	return place
}

// measured tells how many sweeps there are and whose.
func (w words) measured(sweeps int64, sources int, r rollup.Receiver) string {
	const longest = 30 // letters, beside the rest of a title
	name := []rune(r.Source)
	switch {
	case len(name) > longest:
		name = append(name[:longest-1], '…')
	case len(name) == 0 && r.EquipmentID != 0:
		name = []rune(w.equipment + " " + strconv.FormatInt(r.EquipmentID, 10))
	}
	return w.counts(sweeps, sources, string(name))
}

// unit returns the divisor and the index of the unit that suits frequencies up to hz.
func unit(hz float64) (divisor float64, index int) {
	divisor = 1
	for math.Abs(hz) >= 2000*divisor && index < 3 {
		divisor, index = divisor*1000, index+1
	}
	return divisor, index
}

// niceStep returns the step of 1, 2 or 5 times a power of ten that divides span into about count parts.
func niceStep(span float64, count int) float64 {
	raw := span / float64(count)
	base := math.Pow(10, math.Floor(math.Log10(raw)))
	for _, factor := range []float64{1, 2, 5} {
		if raw <= factor*base {
			return factor * base
		}
	}
	return 10 * base
}

// niceMarks returns about count marks at nice steps, labelled with as many decimals as the step needs.
func niceMarks(low, high float64, count int) []mark {
	step := niceStep(high-low, count)
	decimals := max(0, int(-math.Floor(math.Log10(step)+1e-9)))
	var marks []mark
	for i := math.Ceil(low/step - 1e-9); i*step <= high+step*1e-9; i++ {
		label := strconv.FormatFloat(i*step, 'f', decimals, 64)
		if v, err := strconv.ParseFloat(label, 64); err == nil && v == 0 {
			label = strings.TrimPrefix(label, "-")
		}
		marks = append(marks, mark{i * step, withMinus(label)})
	}
	return marks
}

// withMinus writes a number with the minus sign of print.
func withMinus(number string) string { return strings.Replace(number, "-", "−", 1) }

var clockSteps = []time.Duration{
	time.Second, 2 * time.Second, 5 * time.Second, 10 * time.Second, 15 * time.Second, 30 * time.Second, time.Minute, 2 * time.Minute,
	5 * time.Minute, 10 * time.Minute, 15 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour, 3 * time.Hour, 6 * time.Hour,
	12 * time.Hour, 24 * time.Hour, 48 * time.Hour, 7 * 24 * time.Hour,
}

// plural writes a number of things in English.
func plural(n int64, thing string) string {
	if n != 1 {
		thing += "s"
	}
	return strconv.FormatInt(n, 10) + " " + thing
}

// clockMarks returns up to about count marks at times that are round in the zone; their values are seconds from start.
func clockMarks(start, end time.Time, count int, zone *time.Location) []mark {
	span := end.Sub(start)
	step := clockSteps[len(clockSteps)-1]
	for _, s := range clockSteps {
		if span/s <= time.Duration(count) {
			step = s
			break
		}
	}
	layout := "15:04:05"
	switch {
	case step >= 24*time.Hour:
		layout = "2006-01-02"
	case span > 20*time.Hour:
		layout = "01-02 15:04"
	case step >= time.Minute:
		layout = "15:04"
	}
	var marks []mark
	for wall := clockOf(start.In(zone)).Truncate(step); ; wall = wall.Add(step) {
		// The hour that clocks skip is told as the next one.
		at := time.Date(wall.Year(), wall.Month(), wall.Day(), wall.Hour(), wall.Minute(), wall.Second(), 0, zone)
		if at.After(end) {
			return marks
		}
		if !at.Before(start) {
			marks = append(marks, mark{at.Sub(start).Seconds(), at.Format(layout)})
		}
	}
}

// clockOf is what a clock shows, as if it were in UTC.
func clockOf(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
}

// period writes a range of time, with seconds where it is short or begins or ends within a minute.
func period(from, to time.Time, zone *time.Location) string {
	from, to = from.In(zone), to.In(zone)
	const date = "2006-01-02 "
	clock := "15:04"
	if to.Sub(from) < 10*time.Minute || from.Second() != 0 || to.Second() != 0 {
		clock = "15:04:05"
	}
	last := clock
	if from.Format(date) != to.Format(date) {
		last = date + clock
	}
	return from.Format(date+clock) + " – " + to.Format(last) + " " + to.Format("MST")
}

// timeAxis is an axis of time from its beginning, in seconds, in a zone.
func timeAxis(w words, from, to time.Time, count int, zone *time.Location) axis {
	name := zone.String()
	if name == "Local" { // nobody has named it
		name = from.In(zone).Format("MST")
	}
	a := newAxis(w.time+", "+name, 0, to.Sub(from).Seconds())
	a.marks = clockMarks(from, to, count, zone)
	return a
}
