package api

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"sync"
	"time"

	"nms.example/common/api"
	"nms.example/common/retry"

	"nms.example/ctrl/internal/equipment"
	"nms.example/ctrl/internal/frame"
)

// liveLook is how often it is looked what has come.
const liveLook = 500 * time.Millisecond

type liveInput struct {
	api.EventsInput
	EquipmentID []int64  `query:"equipment-id" required:"true" minItems:"1" maxItems:"100" minimum:"1" doc:"The equipment, by ids in cfg, separated by commas"`
	Parameter   []string `query:"parameter" maxItems:"100" doc:"Only these parameters, by their names in any letter case, separated by commas"`
}

// LiveDocument is values that have come.
type LiveDocument struct {
	EquipmentID int64             `json:"equipment_id" doc:"The equipment"`
	Values      []equipment.Value `json:"values" doc:"The values"`
}

func registerLive(a *api.API, h telemetry) {
	op := resource("telemetry").Operation(http.MethodGet, "/stream", "stream", "New values as they come", http.StatusNotFound)
	op.Description = "Server-sent events named `values`: a list of equipment with its new values, as in `GET /telemetry/latest`. The first event has the newest " +
		"values of all. It is looked twice a second what has come; of several values of a parameter that came in between, the newest is shown, and so it is after a reconnection."
	api.RegisterEvents(a, op, read, h.live)
}

// change is what one look has found.
type change struct {
	values []equipment.Of
	seen   string // the snapshot after it
	lost   bool   // the client's snapshot is none of ours
}

func (h telemetry) live(ctx context.Context, in *liveInput) (*api.Events[change], error) {
	for _, id := range in.EquipmentID {
		if err := h.Equipment.Known(ctx, id, in.Parameter); err != nil {
			return nil, err
		}
	}
	ctx, cancel := context.WithCancel(ctx)
	changes, ended := make(chan change), make(chan struct{})
	var failure error
	go func() {
		defer close(ended)
		defer close(changes)
		failure = h.follow(ctx, in, changes)
	}()
	var once sync.Once
	return &api.Events[change]{
		From: changes, Err: func() error { return failure }, Render: renderChange,
		Close: func() { once.Do(func() { cancel(); <-ended }) },
	}, nil
}

// follow hands over what has come until ctx ends.
func (h telemetry) follow(ctx context.Context, in *liveInput, changes chan<- change) error {
	seen := frame.Beginning
	if frame.IsSnapshot(in.LastEventID) {
		seen = in.LastEventID
	}
	lost := in.LastEventID != "" && seen == frame.Beginning
	for {
		values, now, err := h.Equipment.Changed(ctx, in.EquipmentID, in.Parameter, seen)
		if errors.Is(err, frame.ErrSnapshot) {
			lost, seen = true, frame.Beginning
			continue
		}
		if err != nil {
			return err
		}
		if lost || len(values) > 0 {
			select {
			case changes <- change{values: values, seen: now, lost: lost}:
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

// maxID is the longest id that a client can repeat (api.EventsInput).
const maxID = 200

func renderChange(_ context.Context, c change) (api.Event, bool, error) {
	if c.lost {
		return api.LostEvent(), true, nil
	}
	list := []LiveDocument{}
	for i := range c.values {
		v := &c.values[i]
		if n := len(list); n == 0 || list[n-1].EquipmentID != v.Equipment {
			list = append(list, LiveDocument{EquipmentID: v.Equipment})
		}
		last := &list[len(list)-1]
		last.Values = append(last.Values, v.Value)
	}
	data, err := json.Marshal(list)
	e := api.Event{Name: "values", ID: c.seen, Data: data}
	if len(e.ID) > maxID { // many transactions were open
		e.ID = earlier(e.ID)
	}
	return e, true, err
}

// earlier is a snapshot that has seen no more than another one: only what was committed before all that was open then.
func earlier(snapshot string) string {
	xmin, _, _ := strings.Cut(snapshot, ":")
	return xmin + ":" + xmin + ":"
}
