package api

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"sync"

	"nms.example/common/api"
	"nms.example/common/retry"

	"nms.example/ctrl/internal/alarm"
	"nms.example/ctrl/internal/frame"
)

type alarmStreamInput struct {
	api.EventsInput
	EquipmentID []int64  `query:"equipment-id" maxItems:"100" minimum:"1" doc:"Only of this equipment, by ids in cfg, separated by commas"`
	Severity    []string `query:"severity" enum:"indeterminate,warning,minor,major,critical" maxItems:"5" doc:"Only these severities, separated by commas"`
}

// takes reports whether a client wants to see a step.
func (in *alarmStreamInput) takes(s alarm.Followed) bool {
	return (len(in.EquipmentID) == 0 || slices.Contains(in.EquipmentID, s.EquipmentID)) && alarm.Takes(in.Severity, s.Severity)
}

func registerAlarmStream(a *api.API, h alarms) {
	op := resource("alarms").Operation(http.MethodGet, "/stream", "stream", "What happens to alarms, as it happens")
	op.Description = "Server-sent events named `alarms`: a list of steps, in their order, each with its alarm. It is looked twice a second what has happened. " +
		"The stream begins with what happens from now on: open it, then read `GET /alarms`, and nothing is missed."
	api.RegisterEvents(a, op, read, h.stream)
}

// happened is what one look has found.
type happened struct {
	steps []alarm.Followed
	seen  string // the snapshot after it
	lost  bool   // the client's snapshot is none of ours
}

func (h alarms) stream(ctx context.Context, in *alarmStreamInput) (*api.Events[happened], error) {
	seen := in.LastEventID
	lost := seen != "" && !frame.IsSnapshot(seen)
	if seen == "" || lost {
		var err error
		if _, seen, err = h.all.Since(ctx, alarm.Now); err != nil { // before the answer begins, so that nothing is missed behind it
			return nil, err
		}
	}
	ctx, cancel := context.WithCancel(ctx)
	found, ended := make(chan happened), make(chan struct{})
	var failure error
	go func() {
		defer close(ended)
		defer close(found)
		failure = h.follow(ctx, in, seen, lost, found)
	}()
	var once sync.Once
	return &api.Events[happened]{
		From: found, Err: func() error { return failure }, Render: renderHappened,
		Close: func() { once.Do(func() { cancel(); <-ended }) },
	}, nil
}

// follow hands over what has happened until ctx ends.
func (h alarms) follow(ctx context.Context, in *alarmStreamInput, seen string, lost bool, found chan<- happened) error {
	for {
		steps, now, err := h.all.Since(ctx, seen)
		if errors.Is(err, alarm.ErrSnapshot) {
			lost, seen = true, alarm.Now
			continue
		}
		if err != nil {
			return err
		}
		steps = slices.DeleteFunc(steps, func(s alarm.Followed) bool { return !in.takes(s) })
		if lost || len(steps) > 0 {
			select {
			case found <- happened{steps: steps, seen: now, lost: lost}:
			case <-ctx.Done():
				return context.Cause(ctx)
			}
		}
		seen, lost = now, false
		if !retry.Sleep(ctx, liveLook) {
			return context.Cause(ctx)
		}
	}
}

func renderHappened(_ context.Context, h happened) (api.Event, bool, error) {
	if h.lost {
		return api.LostEvent(), true, nil
	}
	data, err := json.Marshal(h.steps)
	e := api.Event{Name: "alarms", ID: h.seen, Data: data}
	if len(e.ID) > maxID { // many transactions were open
		e.ID = earlier(e.ID)
	}
	return e, true, err
}
