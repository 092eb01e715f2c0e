package api

import (
	"context"
	"math"
	"net/http"
	"strconv"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"nms.example/common/api"
	"nms.example/inbox/internal/signal"
)

// SignalDocument is a signal as it is sent and answered.
type SignalDocument struct {
	GUID      uuid.UUID `json:"guid" format:"uuid" doc:"Chosen by the sender; sending the same signal again is harmless"`
	TraceGUID uuid.UUID `json:"trace_guid" format:"uuid" doc:"The trace that it was found in; it may arrive later"`
	StartHz   float64   `json:"start_freq_hz" minimum:"-1000000000000000" maximum:"1000000000000000" doc:"Lower edge, Hz"`
	StopHz    float64   `json:"stop_freq_hz" minimum:"-1000000000000000" maximum:"1000000000000000" doc:"Upper edge, Hz"`
	F0Hz      float64   `json:"f0_freq_hz" minimum:"-1000000000000000" maximum:"1000000000000000" doc:"Centre or carrier frequency within the edges, Hz"`
}

// PowerDocument is what a signal's band measures.
type PowerDocument struct {
	MaxDBm           float64  `json:"max_dbm" doc:"Highest value within the band, dBm; of a density dBm/Hz"`
	MeanDBm          float64  `json:"mean_dbm" doc:"Mean of the values, taken in milliwatts, dBm; of a density dBm/Hz"`
	ChannelDBm       float64  `json:"channel_power_dbm" doc:"Power of the whole band, dBm: the sum of its values in milliwatts, times step / noise bandwidth"`
	NoiseBandwidthHz float64  `json:"noise_bandwidth_hz" doc:"Bandwidth that one value stands for, Hz: 1 for dBm/Hz, else enbw_hz, else 1.0645 * rbw_hz, else the step"`
	Assumed          bool     `json:"assumed" doc:"The trace tells no bandwidth: the step was taken for it"`
	OccupiedHz       float64  `json:"occupied_bandwidth_hz" doc:"Bandwidth that holds 99 % of the band's power, Hz (ITU-R SM.443, 0.5 % left out on either side)"`
	SNRdB            *float64 `json:"snr_db" nullable:"true" doc:"Power of the band above that of the noise floor in it, dB; null for a band that does not rise above the noise floor"`
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

type powerInput struct {
	GUIDInput
	api.Conditional
}

type powerOutput struct {
	ETag         string   `header:"ETag" doc:"Tag of these figures"`
	CacheControl string   `header:"Cache-Control" doc:"For how long a client may show them without asking"`
	Vary         []string `header:"Vary" doc:"What the answer depends on"`
	Body         PowerDocument
}

type cutInput struct {
	GUIDInput
	FormInput
	api.Conditional
	MinBandwidthHz float64 `query:"min-bandwidth-hz" minimum:"0.000001" maximum:"1000000000000000" doc:"Rounds the width up to a multiple of this, Hz"`
}

func (r *routes) registerSignals(a *api.API) {
	op := operation("signals", http.MethodPost, "", "create", "Send signals",
		"All are stored, with their events, or none. 201 when any of them is new, 200 when all were there already with the "+
			"same content, 409 when a guid belongs to a signal with other content, or when the trace was withdrawn (`trace_withdrawn`). "+
			"A signal may arrive before its trace.")
	op.DefaultStatus = http.StatusCreated
	op.Responses = map[string]*huma.Response{"200": answer("All were there already", contentJSON,
		&huma.Schema{Type: huma.TypeArray, Items: &huma.Schema{Type: huma.TypeString}})}
	op.Errors = []int{http.StatusConflict}
	api.Register(a, op, write, r.postSignals, api.LimitedBy(r.Limiter))

	op = operation("traces", http.MethodGet, "/{guid}/signals", "signals", "The signals of a trace",
		"By frequency, at most 10,000. Signals that arrived before their trace are found here even while it is missing.")
	api.Register(a, op, read, r.traceSignals)

	op = operation("signals", http.MethodGet, "/{guid}/power", "power", "Power of a signal",
		"Measured in the trace, within the signal's own band, from the values that are not missing. A trace in a unit that is no power "+
			"(dBuV, dBuV/m, dBFS) is refused with 422, and so is a band that sticks out of the trace by more than half a step. "+aboutCached)
	api.Register(a, op, read, r.signalPower)

	op = operation("signals", http.MethodGet, "/{guid}/cut", "cut", "A signal as a trace of its own",
		"The values lie on the trace's step from the signal's start, interpolated linearly. A cut that would leave the trace is refused with 422. "+aboutForms+" "+aboutCached)
	op.Responses = r.traceAnswer("The cut, under the signal's guid")
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
	for i := range signals {
		out.Body[i] = signalDocument(&signals[i])
	}
	return out, nil
}

func signalDocument(s *signal.Signal) SignalDocument {
	return SignalDocument{GUID: s.GUID, TraceGUID: s.TraceGUID, StartHz: s.StartHz, StopHz: s.StopHz, F0Hz: s.F0Hz}
}

func (r *routes) signalPower(ctx context.Context, in *powerInput) (*powerOutput, error) {
	sig, head, err := r.Signals.Heads(ctx, in.GUID)
	if err != nil {
		return nil, err
	}
	version := r.versionOf(&head, cacheImmutable, "power", partsOf([]signal.Signal{*sig}))
	version.vary = varyCaller
	if err := version.evaluate(&in.Conditional); err != nil {
		return nil, err
	}
	p, err := r.Signals.Power(ctx, in.GUID)
	if err != nil {
		return nil, err
	}
	out := &powerOutput{version.etag, version.cache, []string{version.vary}, PowerDocument{
		MaxDBm: p.MaxDBm, MeanDBm: p.MeanDBm, ChannelDBm: p.ChannelDBm, NoiseBandwidthHz: p.NoiseBandwidthHz, Assumed: p.Assumed,
		OccupiedHz: p.OccupiedHz,
	}}
	if !math.IsInf(p.SNRdB, 0) {
		out.Body.SNRdB = &p.SNRdB
	}
	return out, nil
}

func (r *routes) signalCut(ctx context.Context, in *cutInput) (*huma.StreamResponse, error) {
	sig, head, err := r.Signals.Heads(ctx, in.GUID)
	if err != nil {
		return nil, err
	}
	form := negotiate(in.Accept, in.Format, traceForms)
	width := strconv.FormatFloat(in.MinBandwidthHz, 'g', -1, 64)
	version := r.versionOf(&head, cacheImmutable, append(in.parts(form), "cut", width, partsOf([]signal.Signal{*sig}))...)
	if err := version.evaluate(&in.Conditional); err != nil {
		return nil, err
	}
	cut, t, err := r.Signals.Cut(ctx, in.GUID, in.MinBandwidthHz)
	if err != nil {
		return nil, err
	}
	return r.respond(t, form, &in.FormInput, version, []signal.Signal{*cut})
}
