package plot

import (
	"fmt"
	"math"
	"strconv"

	"nms.example/common/chart"
	"nms.example/inbox/internal/rollup"
)

type words struct {
	spectrum, waterfall, frequency, power, noise string
	units                                        [4]string // Hz, kHz, MHz, GHz
	dBm, dBuV, dB, metre, seconds                string
	north, south, east, west                     string

	density, level, fieldStrength                          string
	equipment, sweep, attenuation, gain, azimuth, overload string

	statistics, highest, mean, lowest, occupancy, threshold, unmeasured string
	// counts tells of a number of sweeps of a number of sources, or of the one that is named.
	counts func(sweeps int64, sources int, name string) string
}

func wordsOf(l chart.Language) words {
	if l == chart.Russian {
		return words{
			spectrum: "Спектр", waterfall: "Водопад", frequency: "Частота", power: "Мощность", noise: "уровень шума",
			units: [4]string{"Гц", "кГц", "МГц", "ГГц"}, dBm: "дБм",
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
		units: [4]string{"Hz", "kHz", "MHz", "GHz"}, dBm: "dBm",
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
		place += ", " + chart.WithMinus(strconv.FormatFloat(*altM, 'f', -1, 64)) + " " + w.metre
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

// plural writes a number of things in English.
func plural(n int64, thing string) string {
	if n != 1 {
		thing += "s"
	}
	return strconv.FormatInt(n, 10) + " " + thing
}
