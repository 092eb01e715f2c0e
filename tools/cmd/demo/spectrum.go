package main

import (
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"math"
	mathrand "math/rand/v2"
	"strings"
	"time"
)

// spectrum is a trace as inbox takes it: power over frequency, evenly spaced.
type spectrum struct {
	GUID      string    `json:"guid"`
	Start     int64     `json:"start_freq_hz"`
	Stop      int64     `json:"stop_freq_hz"`
	Step      int64     `json:"step_freq_hz"`
	Noise     float64   `json:"noise"`
	Points    int       `json:"numpoints"`
	Powers    []float64 `json:"y_val_dbm"`
	Timestamp string    `json:"timestamp"`
	Location  location  `json:"location"`
}

type location struct {
	Lat float64 `json:"lat"`
	Lng float64 `json:"lng"`
}

// carrier is one transmission in the made-up band.
type carrier struct {
	centre, width float64 // as shares of the band
	level         float64 // dB above the noise floor
}

const noiseFloor = -104.0

// newSpectrum makes what a receiver might see between 400 MHz and wherever 1 kHz steps lead: a noise floor with
// the spread of a spectrum analyser's (Rayleigh-distributed amplitude), a slow ripple of the front end, two
// wide digital channels with steep skirts, a few narrow carriers and one unmodulated line.
func newSpectrum(points int, now time.Time) spectrum {
	const start, step = 400_000_000, 1_000
	s := spectrum{
		GUID: newGUID(), Start: start, Stop: start + step*int64(points-1), Step: step, Noise: noiseFloor, Points: points,
		Powers: make([]float64, points), Timestamp: now.Format(time.RFC3339Nano),
		Location: location{Lat: 55.7558, Lng: 37.6173},
	}
	carriers := []carrier{
		{0.12, 0.06, 38}, {0.31, 0.004, 52}, {0.45, 0.09, 29}, {0.62, 0.003, 61}, {0.7, 0.0004, 70}, {0.88, 0.02, 24},
	}
	source := mathrand.New(mathrand.NewPCG(uint64(now.UnixNano()), 1))
	for i := range s.Powers {
		x := float64(i) / float64(points)
		power := math.Pow(10, (noiseFloor+1.5*math.Sin(9*x))/10) * source.ExpFloat64()
		for _, c := range carriers {
			offset := math.Abs(x-c.centre) / (c.width / 2)
			shape := 1 / (1 + math.Pow(offset, 12)) // flat top, steep skirts
			power += math.Pow(10, (noiseFloor+c.level)/10) * shape * (0.6 + 0.4*source.ExpFloat64())
		}
		s.Powers[i] = math.RoundToEven(100*10*math.Log10(power)) / 100
	}
	return s
}

// encode is the form that inbox promises for storage: little-endian int16 in hundredths of a dBm. The powers
// are whole hundredths already, so only the float's own error has to be rounded away.
func (s spectrum) encode() []byte {
	raw := make([]byte, 0, 2*len(s.Powers))
	for _, power := range s.Powers {
		raw = binary.LittleEndian.AppendUint16(raw, uint16(int16(math.Round(power*100))))
	}
	return raw
}

// sketch draws the spectrum as one line of text, the strongest value of each column.
func (s spectrum) sketch(width int) string {
	levels := []rune("▁▂▃▄▅▆▇█")
	var line strings.Builder
	for column := range width {
		from, to := column*len(s.Powers)/width, (column+1)*len(s.Powers)/width
		strongest := math.Inf(-1)
		for _, power := range s.Powers[from:max(to, min(from+1, len(s.Powers)))] {
			strongest = max(strongest, power)
		}
		share := (strongest - noiseFloor) / 75
		line.WriteRune(levels[max(0, min(len(levels)-1, int(share*float64(len(levels)))))])
	}
	return line.String()
}

// newGUID draws a version 4 UUID (RFC 9562, section 5.4).
func newGUID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails: crypto/rand ends the program instead
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
