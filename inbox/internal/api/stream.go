package api

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"github.com/google/uuid"

	"nms.example/common/api"
	"nms.example/common/bus"
	"nms.example/common/fault"
	"nms.example/common/rf"
	"nms.example/inbox/internal/ingest"
	"nms.example/inbox/internal/signal"
	"nms.example/inbox/internal/trace"
)

const (
	// eventBuffer is how many events a reader may lag behind before it is dropped.
	eventBuffer = 1024
	// streamReady bounds the wait for the bus when the service has just started.
	streamReady = 10 * time.Second
	// Live is the name of the stream that the events are read from.
	Live = "inbox.live"
)

// Names of the server-sent events.
const (
	nameTrace     = "trace"
	nameSignal    = "signal"
	nameWithdrawn = "withdrawn"
)

var codeSlowReader = fault.Declare(fault.Unavailable, "too_slow", "The events came faster than the client read them.")

var (
	errSlowReader = fault.New(codeSlowReader, "the events came faster than they were read").After(time.Second)
	errNoBus      = fault.New(fault.CodeUnavailable, "the message bus is not available").After(time.Second)
)

// StreamBindings are what the stream shows of the bus.
func StreamBindings() []string {
	return []string{ingest.EventReceived.Type, ingest.EventWithdrawn.Type, signal.EventReceived.Type}
}

type streamInput struct {
	api.EventsInput
	ReceptionInput
	Points int `query:"points" minimum:"2" maximum:"1000000" doc:"Puts the values of traces in, thinned to at most this many: the minimum and the maximum of each of points/2 buckets"`
}

func (r *routes) registerStream(a *api.API) {
	op := operation("stream", http.MethodGet, "", "get", "New traces and signals as they come",
		"Server-sent events, whatever instance took them in: `trace`, the trace without its values; `signal`; and `withdrawn`, a trace that is gone "+
			"(`trace`) and why (`reason`). With `points` a trace has its values as in `GET /traces/{guid}?points=`, `freq_hz` and `y_val_dbm`; one that was "+
			"withdrawn meanwhile is left out. The filters are those of `GET /traces`; signals are taken by their own band and their trace's place "+
			"and receiver; with these two, signals are left out whose trace is not there when they come. "+
			"`id` is the event's place in the stream, followed by the id that it has on the bus. "+
			"A reader that does not keep up is dropped.\n\n"+
			"What can be missed and received later are the events "+bus.TapBound+".")
	api.RegisterEvents(a, op, read, r.stream)
}

func (r *routes) stream(ctx context.Context, in *streamInput) (*api.Events[bus.Shown], error) {
	view := streamView{routes: r, filter: trace.All(), points: in.Points}
	if err := in.reception(&view.filter, new(FilterParams)); err != nil {
		return nil, err
	}
	select {
	case <-r.Tap.Ready():
	case <-time.After(streamReady):
		return nil, errNoBus
	case <-r.stopping:
		return nil, ingest.ErrStopped
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	var reader *bus.TapReader
	if in.LastEventID == "" {
		reader = r.Tap.Reader(eventBuffer)
	} else {
		reader = r.Tap.ReaderAfter(ctx, eventBuffer, in.LastEventID)
	}
	return &api.Events[bus.Shown]{
		From: reader.Events, Render: view.render, Close: reader.Close,
		Err: func() error {
			err := reader.Err()
			if errors.Is(err, bus.ErrSlowReader) {
				return errSlowReader.Because(err)
			}
			return err
		},
	}, nil
}

// streamView is what one client sees of the stream.
type streamView struct {
	*routes
	filter trace.Filter
	points int
	// places are those of the traces of signals seen last, so that the signals of one trace cost one look.
	places map[uuid.UUID]trace.Place
}

// maxPlaces bounds what a view remembers.
const maxPlaces = 256

// render leaves out what the filters do not take and what is not the expected change.
func (v *streamView) render(ctx context.Context, s bus.Shown) (out api.Event, ok bool, err error) {
	if s.Event == nil {
		return api.LostEvent(), true, nil
	}
	var data struct {
		After json.RawMessage  `json:"after"`
		Trace *ingest.Received `json:"trace"`
	}
	if json.Unmarshal(s.Event.Data, &data) != nil {
		return out, false, nil //nolint:nilerr // it is not what the service publishes
	}
	switch s.Event.Type {
	case ingest.EventReceived.Type:
		out.Name = nameTrace
		out.Data, err = v.trace(ctx, data.After)
	case signal.EventReceived.Type:
		out.Name = nameSignal
		out.Data, err = v.signal(ctx, data.After)
	case ingest.EventWithdrawn.Type:
		if data.Trace != nil && v.takes(data.Trace) {
			out.Name, out.Data = nameWithdrawn, s.Event.Data
		}
	}
	out.ID = s.Place()
	return out, out.Data != nil, err
}

func (v *streamView) takes(t *ingest.Received) bool {
	return v.filter.Overlaps(t.StartHz, t.StopHz) && v.filter.Admits(placeOf(t))
}

func placeOf(t *ingest.Received) *trace.Place {
	return &trace.Place{Lat: t.Location.Lat, Lng: t.Location.Lng, Source: t.Source, EquipmentID: t.EquipmentID}
}

// trace returns what the client is told of a trace; nil for nothing.
func (v *streamView) trace(ctx context.Context, after json.RawMessage) ([]byte, error) {
	var t ingest.Received
	if json.Unmarshal(after, &t) != nil || !v.takes(&t) {
		return nil, nil //nolint:nilerr // as above
	}
	if v.points == 0 {
		return after, nil
	}
	stored, err := v.Traces.Get(ctx, t.GUID)
	if errors.Is(err, trace.ErrNotFound) {
		return nil, nil // withdrawn since, or past retention
	}
	if err != nil {
		return nil, err
	}
	_, shown, err := thinned(stored, v.points)
	if err != nil {
		return nil, err
	}
	out := append(make([]byte, 0, len(after)+20*len(shown.Levels)), after[:len(after)-1]...)
	out = appendArray(append(out, `,"freq_hz":`...), shown.FrequencyHz, rf.AppendHz)
	out = appendArray(append(out, `,"y_val_dbm":`...), shown.Levels, rf.AppendDBm)
	return append(out, '}'), nil
}

// signal returns what the client is told of a signal; nil for nothing.
func (v *streamView) signal(ctx context.Context, after json.RawMessage) ([]byte, error) {
	var s signal.Received
	if json.Unmarshal(after, &s) != nil || !v.filter.Overlaps(s.StartHz, s.StopHz) {
		return nil, nil //nolint:nilerr // as above
	}
	if v.filter.Anywhere() {
		return after, nil
	}
	place, known := v.places[s.TraceGUID]
	if !known {
		head, err := v.Traces.Head(ctx, s.TraceGUID)
		if errors.Is(err, trace.ErrNotFound) {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		if v.places == nil || len(v.places) >= maxPlaces {
			v.places = make(map[uuid.UUID]trace.Place, maxPlaces)
		}
		place = head.Place
		v.places[s.TraceGUID] = place
	}
	if !v.filter.Admits(&place) {
		return nil, nil
	}
	return after, nil
}
