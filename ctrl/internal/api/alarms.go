package api

import (
	"context"
	"net/http"
	"time"

	"nms.example/common/api"
	"nms.example/common/authn"

	"nms.example/ctrl/internal/alarm"
)

type alarmsInput struct {
	api.PageInput
	Limit         int                     `query:"limit" default:"100" minimum:"1" maximum:"1000" doc:"Most items on a page"`
	EquipmentID   api.Optional[int64]     `query:"equipment-id" minimum:"1" doc:"Only those of this equipment"`
	Below         api.Optional[int64]     `query:"below" minimum:"1" doc:"Only those of this equipment and of all below it in the tree"`
	LimitID       api.Optional[int64]     `query:"limit-id" minimum:"1" doc:"Only those of this limit"`
	Type          api.Optional[string]    `query:"type" enum:"limit,stale,command-unknown" doc:"Only those of this type"`
	Severity      []string                `query:"severity" enum:"indeterminate,warning,minor,major,critical" maxItems:"5" doc:"Only these severities, separated by commas"`
	IsCleared     api.Optional[bool]      `query:"is-cleared" doc:"Only those that are cleared, or are not"`
	OperatorState api.Optional[string]    `query:"operator-state" enum:"none,ack,closed,shelved,un-shelved" doc:"Only those in this operator state"`
	State         api.Optional[string]    `query:"state" enum:"normal,unack,ack,rtn-unack,shelved,suppressed,out-of-service" doc:"Only those in this state of ISA-18.2"`
	Active        bool                    `query:"active" doc:"Only those that are raised, or that nobody has acknowledged or closed"`
	From          api.Optional[time.Time] `query:"from" doc:"Only those raised last at this moment or later"`
	To            api.Optional[time.Time] `query:"to" doc:"Only those raised last before this moment"`
}

type alarmParams struct {
	EquipmentID   *int64     `json:"equipment-id,omitempty"`
	Below         *int64     `json:"below,omitempty"`
	LimitID       *int64     `json:"limit-id,omitempty"`
	Type          *string    `json:"type,omitempty"`
	Severity      []string   `json:"severity,omitempty"`
	IsCleared     *bool      `json:"is-cleared,omitempty"`
	OperatorState *string    `json:"operator-state,omitempty"`
	State         *string    `json:"state,omitempty"`
	Active        bool       `json:"active,omitempty"`
	From          *time.Time `json:"from,omitempty"`
	To            *time.Time `json:"to,omitempty"`
}

type alarmsOutput struct {
	Body api.Page[alarm.ShownAlarm, alarmParams]
}

type alarmInput struct {
	api.IDInput
	api.Conditional
}

type alarmActInput struct {
	api.IDInput
	api.Conditional
	Body *struct {
		Comment string `json:"comment,omitempty" maxLength:"500" doc:"What is to be said of it"`
	}
}

func (in *alarmActInput) comment() string {
	if in.Body == nil {
		return ""
	}
	return in.Body.Comment
}

type alarmCommentInput struct {
	api.IDInput
	api.Conditional
	Body struct {
		Comment string `json:"comment" minLength:"1" maxLength:"500" doc:"What is to be said of it"`
	}
}

// alarmDetailed is an alarm with its steps.
type alarmDetailed struct {
	alarm.ShownAlarm
	Steps []alarm.HistoryStep `json:"steps" doc:"What has happened to it, in order; at most the newest thousand"`
}

type shelfInput struct {
	AlarmID int64 `path:"alarm_id" minimum:"1" doc:"The alarm that is shelved"`
	api.Conditional
}

type shelfPostInput struct {
	Body struct {
		AlarmID int64     `json:"alarm_id" minimum:"1" doc:"The alarm to be put aside"`
		Until   time.Time `json:"until" doc:"When the shelf ends by itself, RFC 3339; at most 30 days ahead"`
		Reason  string    `json:"reason" minLength:"1" maxLength:"300" doc:"Why"`
	}
}

type shelvesInput struct {
	api.PageInput
	Limit       int                 `query:"limit" default:"100" minimum:"1" maximum:"1000" doc:"Most items on a page"`
	EquipmentID api.Optional[int64] `query:"equipment-id" minimum:"1" doc:"Only those of this equipment"`
}

type shelfParams struct {
	EquipmentID *int64 `json:"equipment-id,omitempty"`
}

type shelvesOutput struct {
	Body api.Page[alarm.Shelving, shelfParams]
}

type alarms struct{ all *alarm.Alarms }

func registerAlarms(a *api.API, h alarms) {
	all := resource("alarms")
	list := all.Operation(http.MethodGet, "", "list", "Alarms, what was raised last first")
	list.Description = "One per piece of equipment, type and qualifier (RFC 8632). What has become of the condition (`is_cleared`) stands apart from what operators " +
		"have done (`operator_state`); `state` is what follows from both by ISA-18.2."
	api.Register(a, list, read, h.list)
	api.Register(a, all.Operation(http.MethodGet, "/{id}", "get", "An alarm, with what has happened to it"), read, h.get)
	conflict, changed := http.StatusConflict, http.StatusPreconditionFailed
	ack := all.Operation(http.MethodPost, "/{id}/ack", "ack", "Acknowledge an alarm", conflict, changed)
	ack.Description = "A new raise, or a higher severity, takes the acknowledgement back. A latched alarm whose condition has gone is cleared with it."
	api.Register(a, ack, handle, h.act(h.all.Acknowledge))
	api.Register(a, all.Operation(http.MethodPost, "/{id}/unack", "unack", "Take an acknowledgement back", conflict, changed), handle, h.act(h.all.Unacknowledge))
	api.Register(a, all.Operation(http.MethodPost, "/{id}/close", "close", "Say that a cleared alarm is dealt with", conflict, changed), handle, h.act(h.all.Close))
	api.Register(a, all.Operation(http.MethodPost, "/{id}/comment", "comment", "Say something of an alarm", conflict, changed), handle, h.comment)

	shelves := resource("shelves")
	api.Register(a, shelves.Operation(http.MethodGet, "", "list", "Alarms that are shelved"), read, h.shelves)
	create := shelves.Operation(http.MethodPost, "", "create", "Put an alarm aside for a time", conflict)
	create.DefaultStatus = http.StatusCreated
	create.Description = "When the time is over, the alarm waits for an acknowledgement again."
	api.Register(a, create, handle, h.shelve)
	remove := noContent(shelves.Operation(http.MethodDelete, "/{alarm_id}", "delete", "Take an alarm from its shelf", changed))
	remove.Description = "It is acknowledged then: whoever does it has seen it."
	api.Register(a, remove, handle, h.unshelve)
}

func alarmItem(s *alarm.ShownAlarm, status int) *item[alarm.ShownAlarm] {
	return &item[alarm.ShownAlarm]{Status: status, ETag: etag(int64(s.Version)), Body: *s}
}

func alarmGuard(when api.Conditional) alarm.Guard {
	return func(present alarm.Alarm) error { return when.Check(etag(int64(present.Version))) }
}

func (h alarms) list(ctx context.Context, in *alarmsInput) (*alarmsOutput, error) {
	params := alarmParams{
		EquipmentID: in.EquipmentID.Ptr(), Below: in.Below.Ptr(), LimitID: in.LimitID.Ptr(), Type: in.Type.Ptr(), Severity: in.Severity,
		IsCleared: in.IsCleared.Ptr(), OperatorState: in.OperatorState.Ptr(), State: in.State.Ptr(), Active: in.Active, From: in.From.Ptr(), To: in.To.Ptr(),
	}
	behind, skip, err := api.Follow[alarm.Place](ctx, in.PageInput, in.Limit, params)
	if err != nil {
		return nil, err
	}
	found, total, err := h.all.List(ctx, &alarm.Filter{
		EquipmentID: params.EquipmentID, Below: params.Below, LimitID: params.LimitID, Type: params.Type, Severities: params.Severity,
		IsCleared: params.IsCleared, OperatorState: params.OperatorState, State: params.State, Active: params.Active, Since: params.From, Until: params.To,
	}, behind, skip, in.Limit+1)
	if err != nil {
		return nil, err
	}
	return &alarmsOutput{Body: api.Paged(ctx, in.PageInput, in.Limit, total, params, found, same[alarm.ShownAlarm],
		func(last *alarm.ShownAlarm) alarm.Place { return alarm.Place{At: last.RaisedAt, ID: last.ID} })}, nil
}

func (h alarms) get(ctx context.Context, in *alarmInput) (*item[alarmDetailed], error) {
	s, err := h.all.Get(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	steps, err := h.all.Steps(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	in.IfNoneMatch = "" // what follows from elsewhere is part of the answer: the same version does not make it the same answer
	if err := in.Evaluate(etag(int64(s.Version))); err != nil {
		return nil, err
	}
	return &item[alarmDetailed]{Status: http.StatusOK, ETag: etag(int64(s.Version)), Body: alarmDetailed{s, steps}}, nil
}

// act answers a step that needs no more than a comment.
func (h alarms) act(
	do func(ctx context.Context, id int64, when alarm.Guard, comment string) (alarm.ShownAlarm, error),
) func(context.Context, *alarmActInput) (*item[alarm.ShownAlarm], error) {
	return func(ctx context.Context, in *alarmActInput) (*item[alarm.ShownAlarm], error) {
		s, err := do(ctx, in.ID, alarmGuard(in.Conditional), in.comment())
		if err != nil {
			return nil, err
		}
		return alarmItem(&s, http.StatusOK), nil
	}
}

func (h alarms) comment(ctx context.Context, in *alarmCommentInput) (*item[alarm.ShownAlarm], error) {
	s, err := h.all.Comment(ctx, in.ID, alarmGuard(in.Conditional), in.Body.Comment)
	if err != nil {
		return nil, err
	}
	return alarmItem(&s, http.StatusOK), nil
}

func (h alarms) shelves(ctx context.Context, in *shelvesInput) (*shelvesOutput, error) {
	params := shelfParams{in.EquipmentID.Ptr()}
	after, skip, err := followID(ctx, in.PageInput, in.Limit, params)
	if err != nil {
		return nil, err
	}
	found, total, err := h.all.Shelves(ctx, params.EquipmentID, after, skip, in.Limit+1)
	if err != nil {
		return nil, err
	}
	return &shelvesOutput{Body: api.Paged(ctx, in.PageInput, in.Limit, total, params, found, same[alarm.Shelving],
		func(last *alarm.Shelving) idCursor { return idCursor{last.AlarmID} })}, nil
}

func (h alarms) shelve(ctx context.Context, in *shelfPostInput) (*item[alarm.ShownAlarm], error) {
	s, err := h.all.Shelve(ctx, in.Body.AlarmID, authn.FromContext(ctx).Subject, in.Body.Until, in.Body.Reason)
	if err != nil {
		return nil, err
	}
	return alarmItem(&s, http.StatusCreated), nil
}

func (h alarms) unshelve(ctx context.Context, in *shelfInput) (*struct{}, error) {
	return nil, h.all.Unshelve(ctx, in.AlarmID, alarmGuard(in.Conditional))
}
