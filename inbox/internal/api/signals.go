package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"nms.example/common/api"
	"nms.example/inbox/internal/signal"
)

// SignalDocument is a signal as it is sent and answered.
type SignalDocument struct {
	GUID      uuid.UUID `json:"guid" format:"uuid" doc:"Chosen by the sender; sending the same signal again is harmless"`
	TraceGUID uuid.UUID `json:"trace_guid" format:"uuid" doc:"The trace that it was found in; it may arrive later"`
	StartHz   int64     `json:"start_freq_hz" minimum:"-1000000000000000" maximum:"1000000000000000" doc:"Lower edge, Hz"`
	StopHz    int64     `json:"stop_freq_hz" minimum:"-1000000000000000" maximum:"1000000000000000" doc:"Upper edge, Hz"`
	F0Hz      int64     `json:"f0_freq_hz" minimum:"-1000000000000000" maximum:"1000000000000000" doc:"Centre or carrier frequency within the edges, Hz"`
}

// PowerDocument is what a signal's band measures.
type PowerDocument struct {
	MaxDBm     float64 `json:"max_dbm" doc:"Highest value within the band, dBm"`
	MeanDBm    float64 `json:"mean_dbm" doc:"Mean of the values, taken in milliwatts, dBm"`
	ChannelDBm float64 `json:"channel_power_dbm" doc:"Power of the whole band, dBm: the sum of its values in milliwatts, each standing for one step"`
}

type postSignalsInput struct {
	Body []SignalDocument `minItems:"1" maxItems:"10000"`
}

type postSignalsOutput struct {
	Status int
	Body   []uuid.UUID
}

type signalsOutput struct {
	Body []SignalDocument
}

type powerOutput struct{ Body PowerDocument }

type cutInput struct {
	GUIDInput
	MinBandwidthHz int64 `query:"min-bandwidth-hz" minimum:"1" maximum:"1000000000000000" doc:"Rounds the width up to a multiple of this, Hz"`
}

func (r *routes) registerSignals(a *api.API) {
	op := operation(http.MethodPost, "/signals", "postSignals", "Send signals",
		"All are stored, with their events, or none. 201 when any of them is new, 200 when all were there already with the "+
			"same content, 409 when a guid belongs to a signal with other content. A signal may arrive before its trace.")
	op.DefaultStatus = http.StatusCreated
	op.Responses = map[string]*huma.Response{"200": answer("All were there already", contentJSON,
		&huma.Schema{Type: huma.TypeArray, Items: &huma.Schema{Type: huma.TypeString}})}
	op.Errors = []int{http.StatusConflict}
	api.Register(a, op, write, r.postSignals, api.LimitedBy(r.Limiter))

	op = operation(http.MethodGet, "/traces/{guid}/signals", "getTraceSignals", "The signals of a trace",
		"By frequency, at most 10,000. Signals that arrived before their trace are found here even while it is missing.")
	api.Register(a, op, read, r.traceSignals)

	op = operation(http.MethodGet, "/signals/{guid}/power", "getSignalPower", "Power of a signal",
		"Measured in the trace, within the signal's own band.")
	api.Register(a, op, read, r.signalPower)

	op = operation(http.MethodGet, "/signals/{guid}/cut", "getSignalCut", "A signal as a trace of its own",
		"The values lie on the trace's step from the signal's start, interpolated linearly. A cut that would leave the trace is refused with 422.")
	op.Responses = map[string]*huma.Response{"200": answer("The cut, under the signal's guid", contentJSON, schemaOf[TraceDocument](r.registry))}
	api.Register(a, op, read, r.signalCut)
}

func (r *routes) postSignals(ctx context.Context, in *postSignalsInput) (*postSignalsOutput, error) {
	signals := make([]signal.Signal, len(in.Body))
	out := &postSignalsOutput{Status: http.StatusOK, Body: make([]uuid.UUID, len(in.Body))}
	for i, s := range in.Body {
		signals[i] = signal.Signal{GUID: s.GUID, TraceGUID: s.TraceGUID, StartHz: s.StartHz, StopHz: s.StopHz, F0Hz: s.F0Hz}
		out.Body[i] = s.GUID
	}
	created, err := r.Signals.Add(ctx, signals)
	if err != nil {
		return nil, err
	}
	if created {
		out.Status = http.StatusCreated
	}
	return out, nil
}

func (r *routes) traceSignals(ctx context.Context, in *GUIDInput) (*signalsOutput, error) {
	signals, err := r.Signals.OfTrace(ctx, in.GUID)
	if err != nil {
		return nil, err
	}
	out := &signalsOutput{Body: make([]SignalDocument, len(signals))}
	for i, s := range signals {
		out.Body[i] = SignalDocument{GUID: s.GUID, TraceGUID: s.TraceGUID, StartHz: s.StartHz, StopHz: s.StopHz, F0Hz: s.F0Hz}
	}
	return out, nil
}

func (r *routes) signalPower(ctx context.Context, in *GUIDInput) (*powerOutput, error) {
	p, err := r.Signals.Power(ctx, in.GUID)
	if err != nil {
		return nil, err
	}
	return &powerOutput{PowerDocument{MaxDBm: p.MaxDBm, MeanDBm: p.MeanDBm, ChannelDBm: p.ChannelDBm}}, nil
}

func (r *routes) signalCut(ctx context.Context, in *cutInput) (*huma.StreamResponse, error) {
	t, err := r.Signals.Cut(ctx, in.GUID, in.MinBandwidthHz)
	if err != nil {
		return nil, err
	}
	body, err := traceJSON(t, 0)
	if err != nil {
		return nil, err
	}
	return bytesResponse(http.StatusOK, contentJSON, body), nil
}
