package equipment

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"nms.example/common/fault"

	"nms.example/ctrl/internal/catalogue"
	"nms.example/ctrl/internal/endpoint"
	"nms.example/ctrl/internal/frame"
)

// Value is the newest value of a parameter.
type Value struct {
	Parameter  string          `json:"parameter" doc:"Name of the parameter"`
	Value      json.RawMessage `json:"value" doc:"A number, a text or a truth value; null when the source has none"`
	Quality    string          `json:"quality" enum:"good,uncertain,bad,invalid" doc:"What it is worth; invalid: the catalogue's validator refuses it"`
	At         time.Time       `json:"at" doc:"When it was measured"`
	ReceivedAt time.Time       `json:"received_at" doc:"When it came"`
}

// ErrParameter says that there is no such parameter, or the equipment has no value of it.
var ErrParameter = fault.At(fault.Target, fault.CodeNotFound, "there is no such telemetry parameter")

// ErrNoValue says that nothing has come yet.
var ErrNoValue = fault.At(fault.Target, fault.CodeNotFound, "the equipment has no value of this parameter")

// live returns the catalogues, which have this piece of equipment and these parameters; or endpoint.ErrEquipment, ErrParameter.
func (r *Reader) live(ctx context.Context, id int64, names []string) (*catalogue.Snapshot, map[int64]bool, error) {
	known, err := r.catalogue.Present(ctx)
	if err != nil {
		return nil, nil, err
	}
	wanted, err := find(known, id, names)
	if err == nil {
		return known, wanted, nil
	}
	if known, err = r.catalogue.Fresh(ctx); err != nil {
		return nil, nil, err
	}
	wanted, err = find(known, id, names)
	return known, wanted, err
}

func find(known *catalogue.Snapshot, id int64, names []string) (map[int64]bool, error) {
	if !known.HasEquipment(id) {
		return nil, endpoint.ErrEquipment
	}
	wanted := map[int64]bool{}
	for _, name := range names {
		p := known.Named(name)
		if p == nil {
			return nil, ErrParameter
		}
		wanted[p.ID] = true
	}
	return wanted, nil
}

// Parameter returns a live parameter by its name in any letter case, or ErrParameter; the equipment has to be live.
func (r *Reader) Parameter(ctx context.Context, id int64, name string) (*catalogue.Parameter, error) {
	known, _, err := r.live(ctx, id, []string{name})
	if err != nil {
		return nil, err
	}
	return known.Named(name), nil
}

// Values returns the newest values of a live piece of equipment by the names of their parameters. names, unless there are none, are the only
// ones, in any letter case.
func (r *Reader) Values(ctx context.Context, id int64, names []string) ([]Value, error) {
	known, wanted, err := r.live(ctx, id, names)
	if err != nil {
		return nil, err
	}
	found, err := r.frames.Latest(ctx, []int64{id}, func(parameter int64) bool {
		return known.Parameter(parameter) != nil && (len(names) == 0 || wanted[parameter])
	})
	if err != nil {
		return nil, err
	}
	values := make([]Value, len(found))
	for i := range found {
		values[i] = valueOf(known, &found[i])
	}
	slices.SortFunc(values, func(a, b Value) int { return strings.Compare(a.Parameter, b.Parameter) })
	return values, nil
}

func valueOf(known *catalogue.Snapshot, l *frame.Latest) Value {
	return Value{
		Parameter: known.Parameter(l.Parameter).Name, Value: l.Value, Quality: l.Quality.String(), At: l.At.UTC(), ReceivedAt: l.ReceivedAt.UTC(),
	}
}

// Value returns one newest value; the errors are endpoint.ErrEquipment, ErrParameter and ErrNoValue.
func (r *Reader) Value(ctx context.Context, id int64, name string) (Value, error) {
	values, err := r.Values(ctx, id, []string{name})
	switch {
	case err != nil:
		return Value{}, err
	case len(values) == 0:
		return Value{}, ErrNoValue
	default:
		return values[0], nil
	}
}

// Of is a value with the equipment that it is of.
type Of struct {
	Equipment int64
	Value
}

// Known returns endpoint.ErrEquipment or ErrParameter unless the equipment and the parameters, in any letter case, are live.
func (r *Reader) Known(ctx context.Context, id int64, names []string) error {
	_, _, err := r.live(ctx, id, names)
	return err
}

// Changed returns the values that have come since a snapshot (see frame.Reader), in the order of equipment; equipment and parameters that were archived
// meanwhile are left out.
func (r *Reader) Changed(ctx context.Context, equipments []int64, names []string, seen string) ([]Of, string, error) {
	known, err := r.catalogue.Present(ctx)
	if err != nil {
		return nil, "", err
	}
	wanted := map[int64]bool{}
	for _, name := range names {
		if p := known.Named(name); p != nil {
			wanted[p.ID] = true
		}
	}
	live := slices.DeleteFunc(slices.Clone(equipments), func(id int64) bool { return !known.HasEquipment(id) })
	found, now, err := r.frames.Changed(ctx, live, seen, func(parameter int64) bool {
		return known.Parameter(parameter) != nil && (len(names) == 0 || wanted[parameter])
	})
	values := make([]Of, len(found))
	for i := range found {
		values[i] = Of{found[i].Equipment, valueOf(known, &found[i])}
	}
	return values, now, err
}
