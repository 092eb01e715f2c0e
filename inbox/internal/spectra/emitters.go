package spectra

import "math"

// dice returns a number from 0 to 1 that depends on salt and step alone.
func dice(salt uint64, step int64) float64 {
	x := salt*0x9e3779b97f4a7c15 + uint64(step)
	x ^= x >> 30
	x *= 0xbf58476d1ce4e5b9
	x ^= x >> 27
	x *= 0x94d049bb133111eb
	x ^= x >> 31
	return float64(x>>11) / (1 << 53)
}

// carrier is always on and fades a little.
type carrier struct{ centre, level, width, fade float64 }

func (c carrier) at(t float64) (float64, float64, float64, bool) {
	return c.centre, c.level + c.fade*math.Sin(t/31+c.centre*50)*math.Sin(t/7.3), c.width, true
}

// talker is a trunk radio channel: overs of varying length.
type talker struct {
	centre, level, width, period, duty float64
	salt                               uint64
}

func (k talker) at(t float64) (float64, float64, float64, bool) {
	over := int64(t / k.period)
	length := k.duty * (0.5 + dice(k.salt, over))
	begin := dice(k.salt+1, over) * (1 - min(length, 0.95))
	place := t/k.period - float64(over)
	return k.centre, k.level + 3*dice(k.salt+2, over), k.width, place >= begin && place < begin+length
}

// bursts is a data link that sends in slots, in busy and in quiet minutes.
type bursts struct {
	centre, level, width, slot float64
	salt                       uint64
}

func (b bursts) at(t float64) (float64, float64, float64, bool) {
	busy := 0.25 + 0.55*dice(b.salt, int64(t/90))
	return b.centre, b.level + 2*dice(b.salt+1, int64(t/b.slot)), b.width, dice(b.salt+2, int64(t/b.slot)) < busy
}

// hopper changes its channel every second.
type hopper struct {
	low, high, level, width float64
	channels                int
	salt                    uint64
}

func (h hopper) at(t float64) (float64, float64, float64, bool) {
	channel := math.Floor(dice(h.salt, int64(t)) * float64(h.channels))
	return h.low + (h.high-h.low)*(channel+0.5)/float64(h.channels), h.level, h.width, true
}

// drifter is switched on once per period; its oscillator warms up.
type drifter struct{ from, to, level, width, settle, period float64 }

func (d drifter) at(t float64) (float64, float64, float64, bool) {
	since := math.Mod(t, d.period)
	return d.to + (d.from-d.to)*math.Exp(-since/(d.settle/3)), d.level, d.width, since < d.period*0.8
}

// block is a wide digital channel that is switched on and off.
type block struct{ low, high, level, period, duty float64 }

func (b block) at(t float64) (float64, float64, float64, bool) {
	return (b.low + b.high) / 2, b.level, (b.high - b.low) / 2, math.Mod(t, b.period) < b.period*b.duty
}

// sweep crosses the band at a steady pace.
type sweep struct{ low, high, level, width, period float64 }

func (s sweep) at(t float64) (float64, float64, float64, bool) {
	place := math.Mod(t, s.period) / (s.period * 0.35)
	return s.low + (s.high-s.low)*place, s.level, s.width, place <= 1
}
