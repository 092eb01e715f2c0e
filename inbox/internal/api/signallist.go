package api

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"nms.example/common/api"
	"nms.example/inbox/internal/signal"
	"nms.example/inbox/internal/trace"
)

// FoundSignalDocument is a stored signal.
type FoundSignalDocument struct {
	SignalDocument
	Timestamp  *time.Time `json:"timestamp" nullable:"true" doc:"When its trace was measured; null until that one is there"`
	ReceivedAt time.Time  `json:"received_at" doc:"When it was stored"`
}

type signalListOutput struct {
	Body api.Page[FoundSignalDocument, FilterParams]
}

type signalOutput struct{ Body FoundSignalDocument }

func (r *routes) registerSignalList(a *api.API) {
	op := operation("signals", http.MethodGet, "", "list", "Search signals",
		"By the time of their traces, newest first. The band is the signal's own; time, place and receiver are its trace's. A signal is found from "+
			"the moment its trace is there, some seconds later where both came at once; until then `/signals/{guid}` and `/traces/{guid}/signals` show it. `total` is counted up to "+
			strconv.Itoa(trace.CountBound)+". Follow `next` for further pages: a cursor costs the same at any depth.")
	api.Register(a, op, read, r.signalList)

	op = operation("signals", http.MethodGet, "/{guid}", "get", "One signal", "Also while its trace is missing.")
	api.Register(a, op, read, r.signalGet)
}

func (r *routes) signalList(ctx context.Context, in *listInput) (*signalListOutput, error) {
	body, err := searched(ctx, in, r.Signals, foundSignal, (*signal.Signal).Position)
	return &signalListOutput{body}, err
}

func (r *routes) signalGet(ctx context.Context, in *GUIDInput) (*signalOutput, error) {
	found, err := r.Signals.Get(ctx, in.GUID)
	if err != nil {
		return nil, err
	}
	return &signalOutput{foundSignal(found)}, nil
}

func foundSignal(s *signal.Signal) FoundSignalDocument {
	out := FoundSignalDocument{SignalDocument: signalDocument(s), ReceivedAt: s.ReceivedAt}
	if s.MeasuredAt != nil {
		at := s.MeasuredAt.UTC()
		out.Timestamp = &at
	}
	return out
}
