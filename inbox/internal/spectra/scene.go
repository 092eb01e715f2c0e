// Package spectra makes up radio spectra that look like measured ones: a noise floor with the receiver's
// ripple and a slow drift, broadcast carriers, a talkative trunk radio, a burst-mode data link, a
// frequency hopper, a transmitter whose oscillator warms up, and a sweep that crosses the band. The
// demo, the tests and the benchmarks use it.
//
// A scene is a function of time: the same seed and moment give the same trace, so neighbouring traces
// fit together and a waterfall of them shows what happened.
package spectra

import (
	"math"
	"math/rand/v2"
	"time"

	"github.com/google/uuid"

	"nms.example/common/rf"
)

// Axis is the frequency axis of a scene's traces.
type Axis struct {
	StartHz, StepHz float64
	Points          int
}

// StopHz returns the frequency of the last value.
func (a Axis) StopHz() float64 { return a.StartHz + float64(a.Points-1)*a.StepHz }

// DefaultAxis is 1,000 values from 430 MHz by 10 kHz.
var DefaultAxis = Axis{StartHz: 430_000_000, StepHz: 10_000, Points: 1000}

// Site is where a receiver stands.
type Site struct {
	Name     string
	Lat, Lng float64
}

// Sites are made-up receivers in real places.
func Sites() []Site {
	return []Site{
		{"north", 59.9386, 30.3141}, {"centre", 55.7558, 37.6173}, {"south", 45.0355, 38.9753},
		{"east", 56.8389, 60.6057}, {"far east", 43.1155, 131.8855},
	}
}

const (
	floorDBm  = -112.0
	noiseSize = 1 << 15
)

// Scene is what a receiver at one place hears.
type Scene struct {
	Axis Axis
	Site Site

	noise    []float64 // dB around the floor
	ripple   []float64 // dB, the receiver's frequency response
	emitters []emitter
	seed     uint64
}

// emitter adds power to a trace: it calls add with places on the axis (0 to 1) and levels.
type emitter interface {
	// at returns the centre (0 to 1 along the axis), the level in dBm and the half width (in parts of the
	// axis) at a moment in seconds; on is false while it is silent.
	at(seconds float64) (centre, level, width float64, on bool)
}

// New makes a scene. Scenes of one seed hear the same emitters, each site at levels of its own.
func New(seed uint64, axis Axis, site Site) *Scene {
	random := rand.New(rand.NewPCG(seed, 1))
	s := &Scene{
		Axis: axis, Site: site, seed: seed,
		noise: make([]float64, noiseSize), ripple: make([]float64, axis.Points),
	}
	for i := range s.noise {
		s.noise[i] = averagedNoise(random)
	}
	phase := random.Float64() * 2 * math.Pi
	for i := range s.ripple {
		x := float64(i) / float64(axis.Points)
		s.ripple[i] = 0.6*math.Sin(phase+x*19) + 0.3*math.Sin(2*phase+x*47) - 2.5*math.Pow(2*x-1, 8)
	}
	// The site's distance from everything: a few dB either way.
	near := 6 * math.Sin(site.Lat*7+site.Lng*3)
	s.emitters = []emitter{
		carrier{centre: 0.085, level: -62 + near, width: 0.012, fade: 0.8},
		carrier{centre: 0.157, level: -74 + near, width: 0.009, fade: 1.5},
		carrier{centre: 0.312, level: -81 - near, width: 0.003, fade: 2.5},
		talker{centre: 0.402, level: -70 + near, width: 0.004, period: 37, duty: 0.45, salt: 11},
		talker{centre: 0.428, level: -76 - near, width: 0.004, period: 23, duty: 0.3, salt: 23},
		talker{centre: 0.455, level: -83 + near, width: 0.004, period: 61, duty: 0.6, salt: 37},
		bursts{centre: 0.545, level: -66 - near, width: 0.022, slot: 4, salt: 5},
		hopper{low: 0.62, high: 0.76, level: -72 + near, width: 0.003, channels: 14, salt: 71},
		drifter{from: 0.80, to: 0.842, level: -68 - near, width: 0.002, settle: 240, period: 900},
		block{low: 0.875, high: 0.965, level: -88 + near, period: 420, duty: 0.6},
		sweep{low: 0.02, high: 0.98, level: -90, width: 0.004, period: 150},
	}
	return s
}

// averagedNoise draws the deviation, in dB, of a periodogram averaged over eight segments: the mean of
// eight exponentially distributed powers.
func averagedNoise(random *rand.Rand) float64 {
	var sum float64
	for range 8 {
		sum += random.ExpFloat64()
	}
	return 10 * math.Log10(sum/8)
}

// Trace returns what the receiver hears at a moment.
func (s *Scene) Trace(at time.Time) *rf.Trace {
	seconds := float64(at.UnixMilli()) / 1000
	floor := s.Floor(at)
	n := s.Axis.Points
	power := make([]float64, n) // mW of all emitters
	for _, e := range s.emitters {
		if centre, level, width, on := e.at(seconds); on {
			s.add(power, centre, level, width)
		}
	}
	random := rand.New(rand.NewPCG(s.seed^uint64(at.UnixNano()), math.Float64bits(s.Site.Lat)))
	out := &rf.Trace{
		StartHz: s.Axis.StartHz, StopHz: s.Axis.StopHz(), StepHz: s.Axis.StepHz,
		NoiseDBm: math.Round(floor*100) / 100, Levels: make([]rf.Level, n),
	}
	at0 := random.IntN(noiseSize)
	for i := range out.Levels {
		if i%64 == 0 {
			at0 = random.IntN(noiseSize) // a new stretch of the table, so that no trace repeats another
		}
		deviation := s.noise[(at0+i)%noiseSize]
		level := floor + s.ripple[i] + deviation
		if power[i] > 0 {
			// The signal wavers with the same averaging, at a fraction of the noise's spread.
			level = 10*math.Log10(math.Pow(10, level/10)+power[i]) + 0.25*deviation
		}
		out.Levels[i] = rf.Level(math.Round(level * 100))
	}
	return out
}

// Floor returns the noise floor in dBm: it follows the receiver's temperature over the day and the hour.
func (s *Scene) Floor(at time.Time) float64 {
	seconds := float64(at.Unix())
	return floorDBm + 1.2*math.Sin(seconds*2*math.Pi/86400) + 0.4*math.Sin(seconds*2*math.Pi/3600)
}

// maxSkirt bounds the width of an emitter's skirts, in parts of the axis: wide channels are filtered
// sharply.
const maxSkirt = 0.004

// add puts an emitter's spectrum on the axis: a flat top with Gaussian skirts.
func (s *Scene) add(power []float64, centre, level, width float64) {
	n := float64(len(power))
	skirt := max(min(0.6*width, maxSkirt), 0.7/n)
	flat := max(width-skirt, 0)
	reach := flat + 4*skirt
	first, last := max(0, int((centre-reach)*n)), min(len(power)-1, int((centre+reach)*n))
	top := math.Pow(10, level/10)
	for i := first; i <= last; i++ {
		d := max(math.Abs(float64(i)/n-centre)-flat, 0) / skirt
		power[i] += top * math.Exp(-1.5*d*d)
	}
}

// Heard is an emitter that stands out of a trace.
type Heard struct {
	Band rf.Band
	F0Hz float64
}

// Signals names the emitters that are on the air at a moment and lie whole within the axis.
func (s *Scene) Signals(at time.Time) []Heard {
	var heard []Heard
	seconds := float64(at.UnixMilli()) / 1000
	span := s.Axis.StopHz() - s.Axis.StartHz
	frequency := func(part float64) float64 { return s.Axis.StartHz + math.Trunc(part*span) }
	for _, e := range s.emitters {
		centre, level, width, on := e.at(seconds)
		if !on || level < floorDBm+20 {
			continue
		}
		h := Heard{
			F0Hz: frequency(centre),
			Band: rf.Band{StartHz: frequency(centre - width), StopHz: frequency(centre + width)},
		}
		if h.Band.StartHz >= s.Axis.StartHz && h.Band.StopHz <= s.Axis.StopHz() {
			heard = append(heard, h)
		}
	}
	return heard
}

// GUID names the trace of a moment, the same each time, so that a repeated run repeats its posts.
func (s *Scene) GUID(at time.Time) uuid.UUID {
	return uuid.NewSHA1(uuid.NameSpaceOID, []byte(s.Site.Name+at.UTC().Format(time.RFC3339Nano)))
}
