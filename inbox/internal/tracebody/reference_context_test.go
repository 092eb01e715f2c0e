package tracebody_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"math"
	"math/big"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"nms.example/inbox/internal/tracebody"
)

// known are the members that are not kept in meta.
var known = strings.Fields(`guid start_freq_hz stop_freq_hz step_freq_hz noise numpoints y_val_dbm timestamp location meta received_at
	source equipment_id rbw_hz enbw_hz unit detector trace_mode sweep_time_s attenuation_db gain_db antenna azimuth_deg overload`)

func given(raw json.RawMessage) bool { return raw != nil && string(raw) != "null" }

func (v *verdict) context(members map[string]json.RawMessage) {
	above := math.SmallestNonzeroFloat64
	v.trace.Context = tracebody.Context{
		Source:        v.label("source", members["source"], 80),
		EquipmentID:   v.id("equipment_id", members["equipment_id"]),
		RBWHz:         v.quantity("rbw_hz", members["rbw_hz"], above, 1e15),
		ENBWHz:        v.quantity("enbw_hz", members["enbw_hz"], above, 1e15),
		Unit:          v.word("unit", members["unit"], "dBm", "dBm/Hz", "dBuV", "dBuV/m", "dBFS"),
		Detector:      v.word("detector", members["detector"], "sample", "peak", "rms", "average", "quasi-peak", "min"),
		TraceMode:     v.word("trace_mode", members["trace_mode"], "clear-write", "max-hold", "min-hold", "average"),
		SweepTimeS:    v.quantity("sweep_time_s", members["sweep_time_s"], above, 1e9),
		AttenuationDB: v.quantity("attenuation_db", members["attenuation_db"], -327.67, 327.67),
		GainDB:        v.quantity("gain_db", members["gain_db"], -327.67, 327.67),
		Antenna:       v.label("antenna", members["antenna"], 200),
		AzimuthDeg:    v.quantity("azimuth_deg", members["azimuth_deg"], -180, 360),
	}
	if raw := members["overload"]; given(raw) {
		var flag any
		if json.Unmarshal(raw, &flag); flag != true && flag != false {
			v.fields["overload"] = true
			return
		}
		overloaded := flag == true
		v.trace.Overload = &overloaded
	}
}

func (v *verdict) quantity(name string, raw json.RawMessage, low, high float64) *float64 {
	if !given(raw) {
		return nil
	}
	var value float64
	v.float(name, raw, low, high, &value)
	return &value
}

func (v *verdict) id(name string, raw json.RawMessage) *int64 {
	if !given(raw) {
		return nil
	}
	r, ok := exact(string(raw))
	if !ok || !r.IsInt() || r.Num().Sign() < 1 || r.Num().Cmp(big.NewInt(1<<53-1)) > 0 {
		v.fields[name] = true
		return nil
	}
	id := r.Num().Int64()
	return &id
}

func (v *verdict) word(name string, raw json.RawMessage, words ...string) *string {
	if !given(raw) {
		return nil
	}
	text, ok := textOf(raw)
	if !ok || !slices.Contains(words, text) {
		v.fields[name] = true
	}
	return &text
}

func (v *verdict) label(name string, raw json.RawMessage, most int) *string {
	if !given(raw) {
		return nil
	}
	text, ok := textOf(raw)
	length := len([]rune(text))
	hidden := func(r rune) bool {
		return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Co, r) || unicode.Is(unicode.Z, r) && r != ' '
	}
	if !ok || length < 1 || length > most || strings.Trim(text, " ") != text || strings.ContainsFunc(text, hidden) {
		v.fields[name] = true
	}
	return &text
}

// meta puts together, as values and not as texts, what the scanner keeps of the sender's own.
func (v *verdict) meta(members map[string]json.RawMessage) {
	kept := map[string]any{}
	own := members["meta"]
	if given(own) && (own[0] != '{' || json.Unmarshal(own, &kept) != nil) {
		v.fields["meta"] = true
		return
	}
	if given(own) && repeats(own) {
		v.fields["meta"] = true
	}
	located, _ := object(members["location"]) // another kind is refused elsewhere
	found := map[string]any{}
	add := func(into map[string]any, from map[string]json.RawMessage, known []string) {
		for name, raw := range from {
			if slices.Contains(known, name) {
				continue
			}
			if _, taken := kept[name]; taken || repeats(raw) {
				v.fields["meta"] = true
			}
			into[name] = numbers(raw)
		}
	}
	add(found, members, known)
	place := map[string]any{}
	_, taken := kept["location"]
	kept = map[string]any{}
	add(place, located, []string{"lat", "lng", "alt_m"})
	if given(own) {
		kept, _ = numbers(own).(map[string]any)
	}
	if len(place) > 0 {
		found["location"] = place
		if taken {
			v.fields["meta"] = true
		}
	}
	maps.Copy(kept, found)
	if nesting(kept) > 64 {
		v.fields["meta"] = true
	}
	if given(own) || len(found) > 0 {
		v.kept = kept
	}
}

// numbers decodes a value and keeps its numbers as they are written.
func numbers(raw []byte) (value any) {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	if err := decoder.Decode(&value); err != nil || !utf8.Valid(raw) {
		return err
	}
	return value
}

// repeats reports whether an object anywhere in raw has a member twice.
func repeats(raw json.RawMessage) bool {
	var list []json.RawMessage
	if json.Unmarshal(raw, &list) == nil {
		return slices.ContainsFunc(list, repeats)
	}
	members, twice := object(raw)
	return len(twice) > 0 || slices.ContainsFunc(slices.Collect(maps.Values(members)), repeats)
}

func nesting(value any) int {
	deepest := 0
	switch value := value.(type) {
	case map[string]any:
		for _, v := range value {
			deepest = max(deepest, nesting(v))
		}
	case []any:
		for _, v := range value {
			deepest = max(deepest, nesting(v))
		}
	default:
		return 0
	}
	return deepest + 1
}
