package poll

import (
	"encoding/json"
	"math"
	"strconv"
	"time"

	"nms.example/ctrl/internal/driver"
	"nms.example/ctrl/internal/frame"
)

// counters are what polls read of counters last, by the parameters' ids.
type counters map[string]reading

type reading struct {
	Tick   int64     `json:"tick"`
	At     time.Time `json:"at"`
	Count  uint64    `json:"count"`
	Uptime float64   `json:"uptime"`
}

// key is how a parameter is called where names are texts.
func key(parameter int64) string { return strconv.FormatInt(parameter, 10) }

// rates returns the rates of the counters that were read, and what the next poll needs. There is one only between polls that followed
// each other, and while the uptime rises.
func (j *job) rates(values map[int64]driver.Value, at time.Time) (rates []frame.Value, now counters) {
	now = j.before()
	for _, b := range j.bindings {
		if b.Rate == nil {
			continue
		}
		name := key(b.TelemetryID)
		last, known := now[name]
		delete(now, name)
		count, counted := countOf(values[b.TelemetryID].Value, b.Rate.Bits)
		uptime, up := numberOf(values[b.Rate.UptimeID].Value)
		if !counted || !up {
			continue
		}
		now[name] = reading{Tick: j.due.Tick, At: at, Count: count, Uptime: uptime}
		elapsed := at.Sub(last.At).Seconds()
		if !known || j.due.Missed != 0 || last.Tick != j.due.Tick-j.every(b) || uptime <= last.Uptime || elapsed <= 0 {
			continue
		}
		steps, went := difference(last.Count, count, b.Rate.Bits)
		if !went {
			continue
		}
		v := frame.Value{Parameter: b.Rate.TelemetryID, Number: float64(steps) / elapsed}
		v.Scale(b.Scale, 0)
		rates = append(rates, v)
	}
	return rates, now
}

// before returns what the polls before have left.
func (j *job) before() counters {
	all := counters{}
	if !j.due.Counters.Valid || json.Unmarshal(j.due.Counters.RawMessage, &all) != nil || all == nil {
		return counters{}
	}
	return all
}

// difference is how far a counter went, over its end where it has become less; ok is false when that is more than half its
// width: then it was set back.
func difference(last, count uint64, bits int16) (steps uint64, ok bool) {
	if steps = count - last; bits == 32 {
		steps = uint64(uint32(steps))
	}
	return steps, count >= last || steps <= 1<<(bits-1)
}

// countOf reads a counter; ok is false when it is none of its width.
func countOf(v any, bits int16) (count uint64, ok bool) {
	text, isNumber := v.(json.Number)
	if !isNumber {
		return 0, false
	}
	count, err := strconv.ParseUint(text.String(), 10, 64)
	return count, err == nil && (bits == 64 || count <= math.MaxUint32)
}

func numberOf(v any) (n float64, ok bool) {
	text, isNumber := v.(json.Number)
	if !isNumber {
		return 0, false
	}
	n, err := text.Float64()
	return n, err == nil
}
