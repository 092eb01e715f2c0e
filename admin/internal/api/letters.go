package api

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"time"
	"unicode/utf8"

	"nms.example/common/api"

	"nms.example/admin/internal/deadletter"
)

// Letter is a dead letter without its message. It is exported so that the document has its fields where it is embedded.
type Letter struct {
	ID          int64      `json:"id" minimum:"1" doc:"Identifier"`
	State       string     `json:"state" enum:"dead,replayed" doc:"dead, or replayed and not dead again"`
	Queue       string     `json:"queue" doc:"Where it came from and where a replay sends it"`
	MessageID   string     `json:"message_id" doc:"Id of its first event; empty when it was no event"`
	RoutingKey  string     `json:"routing_key" doc:"Type of its events"`
	Reason      string     `json:"reason" enum:"permanent,attempts,unreadable,deliveries" doc:"permanent: refused for good; attempts: refused too often; deliveries: consumers died"`
	Error       string     `json:"error" doc:"The last refusal"`
	Attempts    int        `json:"attempts" doc:"How often a handler had it before it died last"`
	Deaths      int        `json:"deaths" doc:"How often it died"`
	DiedAt      time.Time  `json:"died_at" doc:"When it died last"`
	ContentType string     `json:"content_type" doc:"Media type of the message"`
	Encoding    string     `json:"content_encoding,omitempty" doc:"gzip or zstd; absent when the message is not compressed"`
	Size        int        `json:"size" doc:"Length of the message, bytes"`
	Replays     int        `json:"replays" doc:"How often it was sent again"`
	ReplayedAt  *time.Time `json:"replayed_at" doc:"When last; null while it is dead"`
}

type letterWithMessage struct {
	Letter
	Message document `json:"message" doc:"The message when it is JSON, else null"`
	Raw     string   `json:"raw,omitempty" contentEncoding:"base64" doc:"The message when it is not JSON, in base64"`
}

type letterParams struct {
	Queue  *string `json:"queue,omitempty"`
	Reason *string `json:"reason,omitempty"`
	State  string  `json:"state"`
}

type lettersInput struct {
	api.PageInput
	Limit  int                  `query:"limit" default:"100" minimum:"1" maximum:"1000" doc:"Most letters on a page"`
	Queue  api.Optional[string] `query:"queue" minLength:"1" maxLength:"255" doc:"Only letters of this queue"`
	Reason api.Optional[string] `query:"reason" enum:"permanent,attempts,unreadable,deliveries" doc:"Only letters that died of this"`
	State  string               `query:"state" default:"dead" enum:"dead,replayed,all" doc:"dead, replayed or all"`
}

type letterPage = api.Page[Letter, letterParams]

type lettersOutput struct {
	CacheControl string `header:"Cache-Control"`
	Body         letterPage
}

type letterOutput struct {
	CacheControl string `header:"Cache-Control"`
	Body         Letter
}

type letterMessageOutput struct {
	CacheControl string `header:"Cache-Control"`
	Body         letterWithMessage
}

type letters struct{ keeper *deadletter.Keeper }

// letterCursor is where a list goes on.
type letterCursor struct {
	ID int64 `json:"id"`
}

func (h letters) list(ctx context.Context, in *lettersInput) (*lettersOutput, error) {
	params := letterParams{Queue: in.Queue.Ptr(), Reason: in.Reason.Ptr(), State: in.State}
	filter := deadletter.Filter{Queue: params.Queue, Reason: params.Reason}
	if in.State != "all" {
		filter.Replayed = new(in.State == "replayed")
	}
	after, skip, err := api.Follow[letterCursor](ctx, in.PageInput, in.Limit, params)
	if err != nil {
		return nil, err
	}
	if after == nil {
		after = &letterCursor{}
	}
	found, err := h.keeper.List(ctx, filter, after.ID, skip, in.Limit+1)
	if err != nil {
		return nil, err
	}
	total, err := h.keeper.Count(ctx, filter)
	if err != nil {
		return nil, err
	}
	return &lettersOutput{
		CacheControl: "no-store",
		Body: api.Paged(ctx, in.PageInput, in.Limit, total, params, found, letterFrom, func(last *deadletter.Letter) letterCursor {
			return letterCursor{ID: last.ID}
		}),
	}, nil
}

func (h letters) get(ctx context.Context, in *api.IDInput) (*letterMessageOutput, error) {
	l, err := h.keeper.Get(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	body := letterWithMessage{Letter: letterFrom(&l)}
	if json.Valid(l.Body) && utf8.Valid(l.Body) {
		body.Message = document(l.Body)
	} else {
		body.Raw = base64.StdEncoding.EncodeToString(l.Body)
	}
	return &letterMessageOutput{CacheControl: "no-store", Body: body}, nil
}

func (h letters) replay(ctx context.Context, in *api.IDInput) (*letterOutput, error) {
	l, err := h.keeper.Replay(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return &letterOutput{CacheControl: "no-store", Body: letterFrom(&l)}, nil
}

func (h letters) remove(ctx context.Context, in *api.IDInput) (*struct{}, error) {
	return nil, h.keeper.Delete(ctx, in.ID)
}

func letterFrom(l *deadletter.Letter) Letter {
	state := "dead"
	if l.ReplayedAt != nil {
		state = "replayed"
	}
	return Letter{
		ID: l.ID, State: state, Queue: l.Queue, MessageID: l.MessageID, RoutingKey: l.RoutingKey, Reason: string(l.Reason),
		Error: l.Error, Attempts: l.Attempts, Deaths: l.Deaths, DiedAt: l.DiedAt, ContentType: l.ContentType, Encoding: l.ContentEncoding, Size: l.Size,
		Replays: l.Replays, ReplayedAt: l.ReplayedAt,
	}
}
