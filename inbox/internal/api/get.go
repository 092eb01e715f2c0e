package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"nms.example/common/api"
	"nms.example/common/chart"
	"nms.example/inbox/internal/signal"
)

// GUIDInput names one trace or signal.
type GUIDInput struct {
	GUID uuid.UUID `path:"guid" format:"uuid" doc:"The guid that the sender chose"`
}

// StyleInput is how a picture looks.
type StyleInput struct {
	Theme    string `query:"theme" enum:"light,dark" default:"light" doc:"Colours of a picture"`
	Language string `query:"lang" enum:"en,ru" default:"en" doc:"Language of a picture's texts"`
}

func (r *routes) style(in StyleInput) chart.Style {
	s := chart.Style{Zone: r.Zone}
	if in.Theme == "dark" {
		s.Theme = chart.Dark
	}
	if in.Language == "ru" {
		s.Language = chart.Russian
	}
	return s
}

type getInput struct {
	GUIDInput
	FormInput
	api.Conditional
}

func (r *routes) registerGet(a *api.API) {
	op := operation("traces", http.MethodGet, "/{guid}", "get", "One trace", aboutForms+" "+aboutCached)
	op.Responses = r.traceAnswer("The trace")
	api.Register(a, op, read, r.get)
}

func (r *routes) get(ctx context.Context, in *getInput) (*huma.StreamResponse, error) {
	head, err := r.Traces.Head(ctx, in.GUID)
	if err != nil {
		return nil, err
	}
	form := negotiate(in.Accept, in.Format, traceForms)
	cache, parts := cacheImmutable, append(in.parts(form), "trace", in.GUID.String())
	var marked []signal.Signal
	if form.showsSignals() {
		if marked, err = r.Signals.OfTrace(ctx, in.GUID); err != nil {
			return nil, err
		}
		cache, parts = cacheAsk, append(parts, partsOf(marked))
	}
	version := r.versionOf(&head, cache, parts...)
	if err := version.evaluate(&in.Conditional); err != nil {
		return nil, err
	}
	t, err := r.Traces.Get(ctx, in.GUID)
	if err != nil {
		return nil, err
	}
	return r.respond(t, form, &in.FormInput, version, marked)
}
