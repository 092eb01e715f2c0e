package source

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"

	"nms.example/common/fault"

	"nms.example/ctrl/internal/nmsdb"
)

// maxRead bounds a template, in bytes.
const maxRead = 8 << 10

// Bounds of an interval, in seconds.
const (
	minInterval = 0.5
	maxInterval = 86400
)

// Series chooses a series that Prometheus sends.
type Series struct {
	Metric string            `json:"metric"`
	Labels map[string]string `json:"labels"` // those that have to be equal
}

// SeriesOf reads what chooses a series.
func SeriesOf(read json.RawMessage) (s Series, err error) {
	decoder := json.NewDecoder(bytes.NewReader(read))
	decoder.DisallowUnknownFields()
	err = decoder.Decode(&s)
	return s, err
}

// Check lists everything that is wrong with a draft by itself.
func (s *Sources) Check(k Key, d Draft) error {
	var details []fault.Detail
	add := func(field string, code *fault.Code, message string) {
		details = append(details, fault.NewDetail(fault.Field(field), code, message))
	}
	pushed := d.Driver == Prometheus
	if !pushed {
		if _, err := s.drivers.Find(d.Driver); err != nil {
			return err
		}
	}
	if message := s.unreadable(d); message != "" {
		add("read", codeTemplate, message)
	}
	switch {
	case pushed != (d.Interval == nil):
		add("interval", fault.CodeContradicts, "is needed for what is polled, and null for prometheus")
	case d.Interval != nil && (*d.Interval < minInterval || *d.Interval > maxInterval):
		add("interval", fault.CodeOutOfRange, "must be 0.5 to 86400")
	}
	if d.Scale == 0 {
		add("scale", fault.CodeExcluded, "must not be 0")
	}
	if d.Rate != nil {
		d.Rate.check(k, pushed, add)
	}
	if len(details) == 0 {
		return nil
	}
	return errDraft.With(details...)
}

// unreadable says why the driver cannot read by a template; empty: it can.
func (s *Sources) unreadable(d Draft) string {
	if len(d.Read) > maxRead {
		return "must not be over 8 KiB"
	}
	if d.Driver == Prometheus {
		if series, err := SeriesOf(d.Read); err != nil || series.Metric == "" {
			return `needs "metric", and may have "labels", whose values are texts`
		}
		return ""
	}
	of, err := s.drivers.Find(d.Driver)
	if err == nil {
		err = of.CheckRead(d.Read)
	}
	if err != nil {
		return err.Error()
	}
	return ""
}

// check lists what is wrong with a rate.
func (r *Rate) check(k Key, pushed bool, add func(field string, code *fault.Code, message string)) {
	if pushed {
		add("rate", fault.CodeContradicts, "is only made of what is polled")
	}
	if r.Bits != 32 && r.Bits != 64 {
		add("rate.bits", fault.CodeNotOneOf, "must be 32 or 64")
	}
	if r.TelemetryID == k.TelemetryID || r.UptimeID == k.TelemetryID || r.TelemetryID == r.UptimeID {
		add("rate", fault.CodeDuplicates, "must name two other parameters than the counter")
	}
}

// checkParameters refuses parameters that the catalogue does not have, and a second source of one.
func checkParameters(ctx context.Context, q *nmsdb.Queries, k Key, d Draft) error {
	ids := []int64{k.TelemetryID}
	if d.Rate != nil {
		ids = append(ids, d.Rate.TelemetryID, d.Rate.UptimeID)
	}
	live, err := q.TelemetryShare(ctx, ids)
	if err != nil {
		return err
	}
	if !slices.Contains(live, k.TelemetryID) {
		return ErrParameter
	}
	var details []fault.Detail
	add := func(field string, code *fault.Code, message string) {
		details = append(details, fault.NewDetail(fault.Field(field), code, message))
	}
	rates := nmsdb.SourceRatesParams{EquipmentID: k.EquipmentID, TelemetryID: k.TelemetryID}
	if d.Rate != nil {
		rates.RateID = &d.Rate.TelemetryID
		if !slices.Contains(live, d.Rate.TelemetryID) {
			add("rate.telemetry_id", fault.CodeReferenceMissing, "there is no such telemetry parameter")
		}
		if !slices.Contains(live, d.Rate.UptimeID) {
			add("rate.uptime_id", fault.CodeReferenceMissing, "there is no such telemetry parameter")
		}
	}
	others, err := q.SourceRates(ctx, rates)
	if err != nil {
		return err
	}
	if others.Taken {
		add("rate.telemetry_id", codeSecond, "another binding of the equipment writes this parameter")
	}
	if others.Rate {
		add("", codeSecond, "the rate of another binding of the equipment is this parameter")
	}
	if len(details) == 0 {
		return nil
	}
	return errDraft.With(details...)
}
