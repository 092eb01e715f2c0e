package tracebody_test

import (
	"bytes"
	"encoding/json"
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"nms.example/common/rf"
	"nms.example/inbox/internal/tracebody"
)

// verdict is what a reader says of a body, in terms that two readers can be compared by.
type verdict struct {
	malformed bool
	fields    map[string]bool // the faulty ones, "y_val_dbm" for any of its values
	trace     tracebody.Trace
	kept      map[string]any // what Meta must hold, nil for nothing; trace.Meta stays empty
}

// judge is the reference: encoding/json takes the body apart, fractions of big integers do the sums.
func judge(body []byte, limits tracebody.Limits) verdict {
	v := verdict{fields: map[string]bool{}}
	if !json.Valid(body) {
		v.malformed = true
		return v
	}
	members, twice := object(body)
	if members == nil {
		v.fields[""] = true
		return v
	}
	v.scalars(members)
	v.context(members)
	v.location(members["location"])
	v.meta(members)
	points := v.powers(members["y_val_dbm"], limits)
	v.repeated("", twice, known)
	v.together(members, points, limits)
	return v
}

// object takes an object apart: its members, of a repeated one the first, and the names of those; nil when raw is none.
func object(raw []byte) (members map[string]json.RawMessage, twice []string) {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	if token, err := decoder.Token(); err != nil || token != json.Delim('{') {
		return nil, nil
	}
	members = map[string]json.RawMessage{}
	for decoder.More() {
		var value json.RawMessage
		token, err := decoder.Token()
		name, isName := token.(string)
		if err != nil || !isName || decoder.Decode(&value) != nil {
			return nil, nil
		}
		if _, met := members[name]; met {
			twice = append(twice, name)
			continue
		}
		members[name] = value
	}
	return members, twice
}

// repeated refuses the members of a place that are there twice; those that are not known are a matter of meta.
func (v *verdict) repeated(place string, twice, known []string) {
	for _, name := range twice {
		switch {
		case name == "received_at" && place == "":
		case slices.Contains(known, name):
			v.fields[place+name] = true
		default:
			v.fields["meta"] = true
		}
	}
}

func (v *verdict) scalars(members map[string]json.RawMessage) {
	v.float("start_freq_hz", members["start_freq_hz"], -1e15, 1e15, &v.trace.StartHz)
	v.float("stop_freq_hz", members["stop_freq_hz"], -1e15, 1e15, &v.trace.StopHz)
	v.float("step_freq_hz", members["step_freq_hz"], -1e15, 1e15, &v.trace.StepHz)
	v.float("noise", members["noise"], -327.67, 327.67, &v.trace.NoiseDBm)
	var err error
	text, _ := textOf(members["guid"])
	if v.trace.GUID, err = uuid.Parse(text); err != nil || len(text) != 36 && len(text) != 32 {
		v.fields["guid"] = true
	}
	text, _ = textOf(members["timestamp"])
	at, err := time.Parse(time.RFC3339Nano, strings.ToUpper(text))
	if err != nil || !rfc3339.MatchString(text) || len(text) > 64 {
		v.fields["timestamp"] = true
	}
	v.trace.Time = at.UTC().Truncate(time.Microsecond)
}

// rfc3339 is what RFC 3339 allows and time.Parse takes too freely.
var rfc3339 = regexp.MustCompile(`^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]([01]\d|2[0-3]):[0-5]\d)$`)

func textOf(raw json.RawMessage) (string, bool) {
	var s *string
	if json.Unmarshal(raw, &s) != nil || s == nil {
		return "", false
	}
	return *s, true
}

func (v *verdict) together(members map[string]json.RawMessage, points int, limits tracebody.Limits) {
	ok := func(names ...string) bool {
		for _, n := range names {
			if v.fields[n] {
				return false
			}
		}
		return true
	}
	var numpoints int64
	v.whole(members, "numpoints", &numpoints)
	t := &v.trace
	axis := ok("start_freq_hz", "stop_freq_hz", "step_freq_hz", "y_val_dbm", "numpoints")
	if ok("step_freq_hz") && t.StepHz < 1e-6 {
		v.fields["step_freq_hz"], axis = true, false
	}
	if ok("start_freq_hz", "stop_freq_hz") && t.StopHz < t.StartHz {
		v.fields["stop_freq_hz"], axis = true, false
	}
	if ok("y_val_dbm", "numpoints") && numpoints != int64(points) {
		v.fields["numpoints"], axis = true, false
	}
	if axis && !rf.SpansAxis(t.StartHz, t.StopHz, t.StepHz, points) { // it has a reference of its own
		v.fields["step_freq_hz"] = true
	}
	if ok("timestamp") && (t.Time.Before(limits.Oldest) || t.Time.After(limits.Newest)) {
		v.fields["timestamp"] = true
	}
}

func (v *verdict) location(raw json.RawMessage) {
	members, twice := object(raw)
	if members == nil {
		v.fields["location"] = true
		return
	}
	v.repeated("location.", twice, []string{"lat", "lng", "alt_m"})
	v.float("location.lat", members["lat"], -90, 90, &v.trace.Lat)
	v.float("location.lng", members["lng"], -180, 180, &v.trace.Lng)
	v.trace.AltM = v.quantity("location.alt_m", members["alt_m"], -20e3, 1e9)
}

func (v *verdict) powers(raw json.RawMessage, limits tracebody.Limits) int {
	var values []json.RawMessage
	if json.Unmarshal(raw, &values) != nil || len(values) == 0 || len(values) > limits.MaxPoints {
		v.fields["y_val_dbm"] = true
		return 0
	}
	measured := false
	for _, value := range values {
		level, ok := int64(rf.Missing), string(value) == "null"
		if !ok {
			level, ok = hundredths(string(value))
			measured = true
		}
		if !ok {
			v.fields["y_val_dbm"] = true
		}
		v.trace.Power = rf.AppendBytes(v.trace.Power, []rf.Level{rf.Level(level)})
	}
	if !measured {
		v.fields["y_val_dbm"] = true
	}
	return len(values)
}

func (v *verdict) float(name string, raw json.RawMessage, low, high float64, into *float64) {
	var number json.Number
	if !isNumber(raw) || json.Unmarshal(raw, &number) != nil {
		v.fields[name] = true
		return
	}
	value, err := strconv.ParseFloat(string(number), 64)
	if err != nil || value < low || value > high {
		v.fields[name] = true
	}
	*into = value
}

func (v *verdict) whole(members map[string]json.RawMessage, name string, into *int64) {
	r, ok := exact(string(members[name]))
	if !ok || !r.IsInt() || r.Num().CmpAbs(big.NewInt(rf.MaxFrequency)) > 0 {
		v.fields[name] = true
		return
	}
	*into = r.Num().Int64()
}

func isNumber(raw json.RawMessage) bool {
	return len(raw) > 0 && (raw[0] == '-' || raw[0] >= '0' && raw[0] <= '9')
}

// exact gives a JSON number as a fraction. An exponent past ±400 stands for the same verdict as ±400
// does, as long as bodies have fewer digits than that.
func exact(number string) (*big.Rat, bool) {
	if !isNumber(json.RawMessage(number)) {
		return nil, false
	}
	if i := strings.IndexAny(number, "eE"); i >= 0 {
		e, ok := new(big.Int).SetString(strings.TrimPrefix(number[i+1:], "+"), 10)
		if !ok {
			return nil, false
		}
		if bound := int64(2000); e.CmpAbs(big.NewInt(bound)) > 0 {
			number = number[:i] + "e" + strconv.FormatInt(bound*int64(e.Sign()), 10)
		}
	}
	return new(big.Rat).SetString(number)
}

// hundredths rounds a JSON number times 100 half to even.
func hundredths(number string) (int64, bool) {
	r, ok := exact(number)
	if !ok {
		return 0, false
	}
	r.Mul(r, big.NewRat(100, 1))
	floor := new(big.Int).Div(r.Num(), r.Denom())
	rest := new(big.Rat).Sub(r, new(big.Rat).SetInt(floor))
	if c := rest.Cmp(big.NewRat(1, 2)); c > 0 || c == 0 && floor.Bit(0) == 1 {
		floor.Add(floor, big.NewInt(1))
	}
	if floor.CmpAbs(big.NewInt(rf.MaxLevel)) > 0 {
		return 0, false
	}
	return floor.Int64(), true
}
