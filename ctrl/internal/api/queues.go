package api

import (
	"context"
	"net/http"

	"nms.example/common/api"

	"nms.example/ctrl/internal/command"
)

type queuesInput struct {
	api.PageInput
	Limit       int                 `query:"limit" default:"100" minimum:"1" maximum:"1000" doc:"Most items on a page"`
	EquipmentID api.Optional[int64] `query:"equipment-id" minimum:"1" doc:"Only that of this equipment"`
}

type queueParams struct {
	EquipmentID *int64 `json:"equipment-id,omitempty"`
}

type queuesOutput struct {
	Body api.Page[command.Queue, queueParams]
}

type queuePatchInput struct {
	EquipmentInput
	api.Conditional
	Body struct {
		Held   bool    `json:"held" doc:"Hold it, or let it go on"`
		Reason *string `json:"reason,omitempty" minLength:"1" maxLength:"300" doc:"Why it is held"`
	}
}

type queues struct{ all *command.Commands }

func registerQueues(a *api.API, h queues) {
	all := resource("queues")
	list := all.Operation(http.MethodGet, "", "list", "The queues of all equipment that was ever commanded, or held")
	list.Description = "One command at a time is in flight per piece of equipment, the others wait in order. `held` is what somebody has set. " +
		"`in_flight_state` is sending, accepted or verifying while the equipment is at its command; unknown when that may have been executed: then nothing is " +
		"sent either, whatever `held` says, until it is resolved."
	api.Register(a, list, read, h.list)
	api.Register(a, all.Operation(http.MethodPatch, "/{equipment_id}", "update", "Hold a queue, or let it go on", http.StatusPreconditionFailed), write, h.patch)
}

func (h queues) list(ctx context.Context, in *queuesInput) (*queuesOutput, error) {
	params := queueParams{in.EquipmentID.Ptr()}
	after, skip, err := followID(ctx, in.PageInput, in.Limit, params)
	if err != nil {
		return nil, err
	}
	found, total, err := h.all.Queues(ctx, in.EquipmentID.Ptr(), after, skip, in.Limit+1)
	if err != nil {
		return nil, err
	}
	return &queuesOutput{Body: api.Paged(ctx, in.PageInput, in.Limit, total, params, found, same[command.Queue],
		func(last *command.Queue) idCursor { return idCursor{last.EquipmentID} })}, nil
}

func (h queues) patch(ctx context.Context, in *queuePatchInput) (*item[command.Queue], error) {
	q, err := h.all.Hold(ctx, in.EquipmentID, func(revision int64) error {
		if revision == 0 {
			return in.Check("")
		}
		return in.Check(etag(revision))
	}, in.Body.Held, in.Body.Reason)
	if err != nil {
		return nil, err
	}
	return &item[command.Queue]{Status: http.StatusOK, ETag: etag(q.Revision), Body: q}, nil
}
