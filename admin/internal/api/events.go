package api

import (
	"context"
	"strings"
	"time"

	"nms.example/common/api"
	"nms.example/common/fault"

	"nms.example/admin/internal/journal"
)

type event struct {
	ID         string    `json:"id" format:"uuid" doc:"Identifier of the event"`
	Time       time.Time `json:"time" doc:"When it happened"`
	Actor      string    `json:"actor" doc:"Who: user:<id>, apikey:<uuid>, service:<name>; empty when nobody is known"`
	ActorLogin string    `json:"actor_login" doc:"The login of that user, or the name of that API key, as it was then; empty for other actors, and for events of before it was told"`
	Type       string    `json:"type" doc:"What: <service>.<entity>.<verb>" example:"cfg.equipment.updated"`
	Source     string    `json:"source" doc:"The service" example:"/nms/cfg"`
	Subject    string    `json:"subject" doc:"The entity's id"`
	Before     document  `json:"before" doc:"The entity before the change; null when it was made"`
	After      document  `json:"after" doc:"The entity after the change; null when it was removed"`
	Data       document  `json:"data,omitempty" doc:"The data of an event that is no change"`
	RequestID  string    `json:"request_id" doc:"The request that caused it"`
	Trace      string    `json:"traceparent,omitempty" doc:"The trace that it belongs to (W3C)"`
	ReceivedAt time.Time `json:"received_at" doc:"When the journal got it"`
}

type eventParams struct {
	From      *time.Time `json:"from,omitempty"`
	To        *time.Time `json:"to,omitempty"`
	Actor     *string    `json:"actor,omitempty"`
	Type      *string    `json:"type,omitempty"`
	Source    *string    `json:"source,omitempty"`
	Subject   *string    `json:"subject,omitempty"`
	RequestID *string    `json:"request-id,omitempty"`
}

type eventsInput struct {
	api.PageInput
	Limit     int                     `query:"limit" default:"100" minimum:"1" maximum:"1000" doc:"Most events on a page"`
	From      api.Optional[time.Time] `query:"from" doc:"At this time or later, RFC 3339"`
	To        api.Optional[time.Time] `query:"to" doc:"Before this time, RFC 3339"`
	Actor     api.Optional[string]    `query:"actor" maxLength:"100" doc:"Who did it"`
	Type      api.Optional[string]    `query:"type" minLength:"1" maxLength:"255" doc:"The type: whole, or its beginning and .* (cfg.*, cfg.equipment.*)"`
	Source    api.Optional[string]    `query:"source" minLength:"1" maxLength:"255" doc:"The service: its name, or the whole source"`
	Subject   api.Optional[string]    `query:"subject" maxLength:"255" doc:"The entity's id"`
	RequestID api.Optional[string]    `query:"request-id" minLength:"1" maxLength:"64" doc:"The request that caused it"`
}

type eventPage = api.Page[event, eventParams]

type eventsOutput struct {
	CacheControl string `header:"Cache-Control"`
	Body         eventPage
}

type events struct{ journal *journal.Reader }

// eventCursor is where a list goes on.
type eventCursor struct {
	Time     time.Time `json:"t"`
	Sequence int64     `json:"s"`
}

var errRange = fault.At(fault.Field("to"), fault.CodeWrongOrder, "must be later than from")

func (h events) list(ctx context.Context, in *eventsInput) (*eventsOutput, error) {
	params := eventParams{
		From: in.From.Ptr(), To: in.To.Ptr(), Actor: in.Actor.Ptr(), Type: in.Type.Ptr(), Source: in.Source.Ptr(),
		Subject: in.Subject.Ptr(), RequestID: in.RequestID.Ptr(),
	}
	filter, err := params.filter()
	if err != nil {
		return nil, err
	}
	after, skip, err := api.Follow[eventCursor](ctx, in.PageInput, in.Limit, params)
	if err != nil {
		return nil, err
	}
	found, err := h.journal.List(ctx, filter, (*journal.Cursor)(after), skip, in.Limit+1)
	if err != nil {
		return nil, err
	}
	total, err := h.journal.Count(ctx, filter)
	if err != nil {
		return nil, err
	}
	return &eventsOutput{
		CacheControl: "no-store",
		Body: api.Paged(ctx, in.PageInput, in.Limit, total, params, found, eventOf, func(last *journal.Event) eventCursor {
			return eventCursor{Time: last.Time, Sequence: last.Sequence}
		}),
	}, nil
}

func (p eventParams) filter() (journal.Filter, error) {
	f := journal.Filter{Actor: p.Actor, Type: p.Type, Source: p.Source, Subject: p.Subject, RequestID: p.RequestID}
	if p.From != nil {
		f.From = *p.From
	}
	if p.To != nil {
		f.To = *p.To
	}
	if p.From != nil && p.To != nil && !p.To.After(*p.From) {
		return f, errRange
	}
	if p.Source != nil && !strings.Contains(*p.Source, "/") {
		f.Source = new("/nms/" + *p.Source)
	}
	return f, nil
}

func eventOf(e *journal.Event) event {
	return event{
		ID: e.ID.String(), Time: e.Time, Actor: e.Actor, ActorLogin: e.ActorLogin, Type: e.Type, Source: e.Source, Subject: e.Subject,
		Before: document(e.Before), After: document(e.After), Data: document(e.Data), RequestID: e.RequestID,
		Trace: e.Trace, ReceivedAt: e.ReceivedAt,
	}
}
