package tracebody

import (
	"bytes"
	"encoding/json"
	"reflect"

	"nms.example/common/rf"
)

// Same reports whether two traces say the same. The members of meta may come in any order; dBm and no unit are the same,
// and so are an empty meta and none.
func (t *Trace) Same(other *Trace) bool {
	return t.GUID == other.GUID && t.StartHz == other.StartHz && t.StopHz == other.StopHz && t.StepHz == other.StepHz &&
		t.NoiseDBm == other.NoiseDBm && t.Time.Equal(other.Time) && t.Lat == other.Lat && t.Lng == other.Lng &&
		bytes.Equal(t.Power, other.Power) && reflect.DeepEqual(t.AltM, other.AltM) &&
		reflect.DeepEqual(t.fullContext(), other.fullContext()) && sameJSON(orEmpty(t.Meta), orEmpty(other.Meta))
}

// fullContext returns the context with its default spelled out.
func (c Context) fullContext() Context {
	if c.Unit == nil {
		c.Unit = new(string(rf.UnitDBm))
	}
	return c
}

func orEmpty(meta []byte) []byte {
	if len(meta) == 0 {
		return []byte("{}")
	}
	return meta
}

func sameJSON(a, b []byte) bool {
	if bytes.Equal(a, b) {
		return true
	}
	x, errX := decode(a)
	y, errY := decode(b)
	return errX == nil && errY == nil && reflect.DeepEqual(x, y)
}

// decode keeps numbers as they are written: two large ones that a float64 cannot tell apart are not the same.
func decode(text []byte) (value any, err error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	err = decoder.Decode(&value)
	return value, err
}
