package api

import (
	"context"
	"net/http"
	"time"

	"nms.example/common/api"
	"nms.example/common/fault"

	"nms.example/ctrl/internal/evaluate"
	"nms.example/ctrl/internal/limit"
)

// LimitPost is a limit that is not made yet.
type LimitPost struct {
	TelemetryID   int64         `json:"telemetry_id" minimum:"1" doc:"The parameter, by its id in cfg"`
	EquipmentID   *int64        `json:"equipment_id,omitempty" minimum:"1" doc:"The equipment, by its id in cfg; left out: all that have no limit of their own for the parameter"`
	Name          string        `json:"name" minLength:"1" maxLength:"80" doc:"What people call it"`
	Levels        []limit.Level `json:"levels,omitempty" maxItems:"10" doc:"The bounds: the worse they are, the further out"`
	RaiseAfter    *limit.Delay  `json:"raise_after,omitempty" doc:"What it takes until a level is raised; left out: one value"`
	ClearAfter    *limit.Delay  `json:"clear_after,omitempty" doc:"What it takes until a level is cleared; left out: one value"`
	StaleAfter    *float64      `json:"stale_after,omitempty" minimum:"1" maximum:"2678400" doc:"Seconds without a usable value after which a stale alarm is raised; left out: never"`
	StaleSeverity string        `json:"stale_severity,omitempty" enum:"indeterminate,warning,minor,major,critical" default:"warning" doc:"How bad it is when no values come"`
	Latched       bool          `json:"latched,omitempty" doc:"Its alarms stay raised until they are acknowledged"`
	Suppresses    bool          `json:"suppresses,omitempty" doc:"While one of its alarms is raised, alarms of the equipment below are suppressed"`
}

func (b *LimitPost) draft() limit.Draft {
	return limit.Draft{
		Name: b.Name, Levels: b.Levels, RaiseAfter: b.RaiseAfter, ClearAfter: b.ClearAfter, StaleAfter: b.StaleAfter, StaleSeverity: b.StaleSeverity,
		Latched: b.Latched, Suppresses: b.Suppresses,
	}
}

type limitPatch struct {
	Name          api.Patch[string]              `json:"name,omitzero" minLength:"1" maxLength:"80" doc:"What people call it"`
	Levels        api.Patch[[]limit.Level]       `json:"levels,omitzero" maxItems:"10" doc:"The bounds"`
	RaiseAfter    api.NullablePatch[limit.Delay] `json:"raise_after,omitzero" doc:"What it takes until a level is raised; null: one value"`
	ClearAfter    api.NullablePatch[limit.Delay] `json:"clear_after,omitzero" doc:"What it takes until a level is cleared; null: one value"`
	StaleAfter    api.NullablePatch[float64]     `json:"stale_after,omitzero" minimum:"1" maximum:"2678400" doc:"Seconds without a usable value; null: never"`
	StaleSeverity api.Patch[string]              `json:"stale_severity,omitzero" enum:"indeterminate,warning,minor,major,critical" doc:"How bad it is when no values come"`
	Latched       api.Patch[bool]                `json:"latched,omitzero" doc:"Its alarms stay raised until they are acknowledged"`
	Suppresses    api.Patch[bool]                `json:"suppresses,omitzero" doc:"While one of its alarms is raised, alarms of the equipment below are suppressed"`
}

func (b *limitPatch) edit(d *limit.Draft) {
	d.Name, d.Levels = b.Name.Or(d.Name), b.Levels.Or(d.Levels)
	d.RaiseAfter, d.ClearAfter = b.RaiseAfter.Or(d.RaiseAfter), b.ClearAfter.Or(d.ClearAfter)
	d.StaleAfter, d.StaleSeverity = b.StaleAfter.Or(d.StaleAfter), b.StaleSeverity.Or(d.StaleSeverity)
	d.Latched, d.Suppresses = b.Latched.Or(d.Latched), b.Suppresses.Or(d.Suppresses)
}

type limitPostInput struct{ Body LimitPost }

type limitPatchInput struct {
	api.IDInput
	api.Conditional
	Body limitPatch
}

type limitInput struct {
	api.IDInput
	api.Conditional
}

type limitsInput struct {
	api.PageInput
	Limit       int                 `query:"limit" default:"100" minimum:"1" maximum:"1000" doc:"Most items on a page"`
	TelemetryID api.Optional[int64] `query:"telemetry-id" minimum:"1" doc:"Only those of this parameter"`
	EquipmentID api.Optional[int64] `query:"equipment-id" minimum:"1" doc:"Only those of this equipment alone"`
}

type limitParams struct {
	TelemetryID *int64 `json:"telemetry-id,omitempty"`
	EquipmentID *int64 `json:"equipment-id,omitempty"`
}

type limitsOutput struct {
	Body api.Page[limit.Limit, limitParams]
}

type simulateInput struct {
	api.IDInput
	Body struct {
		EquipmentID *int64     `json:"equipment_id,omitempty" minimum:"1" doc:"On whose values; needed for a limit of all equipment"`
		From        *time.Time `json:"from,omitempty" doc:"Beginning, RFC 3339; left out: a day before to"`
		To          *time.Time `json:"to,omitempty" doc:"End, RFC 3339; left out: now"`
	}
}

type trialInput struct {
	Body struct {
		LimitPost

		From *time.Time `json:"from,omitempty" doc:"Beginning, RFC 3339; left out: a day before to"`
		To   *time.Time `json:"to,omitempty" doc:"End, RFC 3339; left out: now"`
	}
}

type simulateOutput struct {
	Body evaluate.Simulation
}

// maxSimulated is the longest stretch that a limit is tried on at once.
const maxSimulated = 31 * 24 * time.Hour

var (
	errSimulated = fault.At(fault.Field("from"), codeLongRange, "must lie at most 31 days before to")
	errWhose     = fault.At(fault.Field("equipment_id"), fault.CodeRequired, "is needed: on whose values")
	errOther     = fault.At(fault.Field("equipment_id"), fault.CodeContradicts, "is another one than the limit's")
)

type limits struct {
	all       *limit.Limits
	simulator *evaluate.Simulator
}

func registerLimits(a *api.API, h limits) {
	all := resource("limits")
	changed := http.StatusPreconditionFailed
	api.Register(a, all.Operation(http.MethodGet, "", "list", "Limits of the values of telemetry"), read, h.list)
	api.Register(a, all.Operation(http.MethodGet, "/{id}", "get", "A limit"), read, h.get)
	create := all.Operation(http.MethodPost, "", "create", "Make a limit", http.StatusConflict)
	create.DefaultStatus = http.StatusCreated
	create.Description = "It is evaluated on the values that are good or uncertain numbers, from the next one on. A level is raised by a value beyond it and cleared " +
		"by one at `clear`; in between it stays as it is. Missing, bad and invalid values, and those that are older than one " +
		"that was evaluated, neither raise nor clear. When no usable value comes for " +
		"`stale_after`, an alarm of its own is raised. Limits of one piece of equipment hold in place of those of all equipment."
	api.Register(a, create, write, h.create)
	patch := all.Operation(http.MethodPatch, "/{id}", "update", "Change a limit", changed)
	patch.Description = "A field that is left out stays, null clears it (RFC 7396). If-Match is optional. Of which values it is does not change."
	api.Register(a, patch, write, h.patch)
	remove := noContent(all.Operation(http.MethodDelete, "/{id}", "delete", "Remove a limit", changed))
	remove.Description = "Its alarms are cleared."
	api.Register(a, remove, write, h.remove)
	simulate := all.Operation(http.MethodPost, "/{id}/simulate", "simulate", "What a limit would have raised")
	simulate.Description = "The limit is evaluated on values that are still kept as they came, as it is on those that come, from a state in which nothing is raised. No alarm is."
	api.Register(a, simulate, read, h.simulate)
	try := all.Operation(http.MethodPost, "/simulate", "simulate-create", "What a limit that is not made would have raised", http.StatusConflict)
	try.Description = "As for a limit that is made; `equipment_id` says on whose values, also for a limit that is to be one of all equipment."
	api.Register(a, try, read, h.try)
}

func limitItem(l *limit.Limit, status int) *item[limit.Limit] {
	return &item[limit.Limit]{Status: status, ETag: etag(l.Revision), Body: *l}
}

func limitGuard(when api.Conditional) limit.Guard {
	return func(present limit.Limit) error { return when.Check(etag(present.Revision)) }
}

func (h limits) list(ctx context.Context, in *limitsInput) (*limitsOutput, error) {
	params := limitParams{in.TelemetryID.Ptr(), in.EquipmentID.Ptr()}
	after, skip, err := followID(ctx, in.PageInput, in.Limit, params)
	if err != nil {
		return nil, err
	}
	found, total, err := h.all.List(ctx, params.TelemetryID, params.EquipmentID, after, skip, in.Limit+1)
	if err != nil {
		return nil, err
	}
	return &limitsOutput{Body: api.Paged(ctx, in.PageInput, in.Limit, total, params, found, same[limit.Limit],
		func(last *limit.Limit) idCursor { return idCursor{last.ID} })}, nil
}

func (h limits) get(ctx context.Context, in *limitInput) (*item[limit.Limit], error) {
	l, err := h.all.Get(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	if err := in.Evaluate(etag(l.Revision)); err != nil {
		return nil, err
	}
	return limitItem(&l, http.StatusOK), nil
}

func (h limits) create(ctx context.Context, in *limitPostInput) (*item[limit.Limit], error) {
	l, err := h.all.Create(ctx, in.Body.TelemetryID, in.Body.EquipmentID, in.Body.draft())
	if err != nil {
		return nil, err
	}
	return limitItem(&l, http.StatusCreated), nil
}

func (h limits) patch(ctx context.Context, in *limitPatchInput) (*item[limit.Limit], error) {
	l, err := h.all.Patch(ctx, in.ID, limitGuard(in.Conditional), in.Body.edit)
	if err != nil {
		return nil, err
	}
	return limitItem(&l, http.StatusOK), nil
}

func (h limits) remove(ctx context.Context, in *limitInput) (*struct{}, error) {
	return nil, h.all.Delete(ctx, in.ID, limitGuard(in.Conditional))
}

func (h limits) simulate(ctx context.Context, in *simulateInput) (*simulateOutput, error) {
	l, err := h.all.Get(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	equipment := l.EquipmentID
	switch given := in.Body.EquipmentID; {
	case given == nil && equipment == nil:
		return nil, errWhose
	case given != nil && equipment != nil && *given != *equipment:
		return nil, errOther
	case given != nil:
		equipment = given
	}
	return h.past(ctx, &l, *equipment, in.Body.From, in.Body.To)
}

// try simulates a limit that nobody has made.
func (h limits) try(ctx context.Context, in *trialInput) (*simulateOutput, error) {
	if in.Body.EquipmentID == nil {
		return nil, errWhose
	}
	l, err := h.all.Proposed(ctx, in.Body.TelemetryID, *in.Body.EquipmentID, in.Body.draft())
	if err != nil {
		return nil, err
	}
	return h.past(ctx, &l, *in.Body.EquipmentID, in.Body.From, in.Body.To)
}

// past simulates a limit on what was between two moments, by default the last day.
func (h limits) past(ctx context.Context, l *limit.Limit, equipment int64, since, until *time.Time) (*simulateOutput, error) {
	to := time.Now()
	if until != nil {
		to = *until
	}
	from := to.Add(-24 * time.Hour)
	if since != nil {
		from = *since
	}
	switch {
	case !from.Before(to):
		return nil, errOrder
	case to.Sub(from) > maxSimulated:
		return nil, errSimulated
	}
	s, err := h.simulator.Simulate(ctx, limit.EntryOf(*l), equipment, from, to)
	if err != nil {
		return nil, err
	}
	return &simulateOutput{Body: s}, nil
}
