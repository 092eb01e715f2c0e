package api

import (
	"context"
	"net/http"

	"github.com/google/uuid"

	"nms.example/common/api"
	"nms.example/common/fault"
	"nms.example/common/name"
)

type withdrawInput struct {
	GUID   uuid.UUID `path:"guid" format:"uuid" doc:"The trace's guid"`
	Reason string    `query:"reason" required:"true" minLength:"1" maxLength:"300" pattern:"\\S" doc:"Why it is wrong; kept in the journal"`
}

func (r *routes) registerWithdraw(a *api.API) {
	op := operation("traces", http.MethodDelete, "/{guid}", "delete", "Withdraw a wrong trace",
		"The trace is gone from every answer, with its signals, and an event tells of it with the reason. Its guid stays taken: posted again "+
			"it is 409 `trace_withdrawn`, as are signals of it. A second time it is 404; while the trace's own event is not published yet, "+
			"503 `busy`. What a client has in its own cache it may show for an hour, "+
			"see Cache-Control.")
	api.Register(a, op, manage, func(ctx context.Context, in *withdrawInput) (*struct{}, error) {
		if err := name.CheckVisibleAt(fault.Field("reason"), in.Reason); err != nil {
			return nil, err
		}
		return nil, r.Withdrawals.Withdraw(ctx, in.GUID, in.Reason)
	})
}
