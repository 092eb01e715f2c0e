package api_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/stretchr/testify/require"

	"nms.example/common/api"
	"nms.example/common/authn"
	"nms.example/common/fault"
)

// What cannot be rendered ends the stream with its reason, behind what came before.
func TestEventsEndWithWhatCannotBeRendered(t *testing.T) {
	t.Parallel()
	s := newStand(t, time.Minute)
	stream := s.open()
	s.source <- api.Event{Name: "trace", ID: "7.0", Data: []byte("{}")}
	stream.next("\nevent: trace\nid: 7.0\ndata: {}\n\n")
	s.why = fault.New(fault.CodeUnavailable, "the database is away")
	s.source <- api.Event{Name: "broken"}
	require.Contains(t, stream.rest(), `"status":503,"detail":"the database is away"`)
	require.Eventually(t, func() bool { return s.closed.Load() == 1 }, time.Minute, time.Millisecond)
}

// Streams of events take Last-Event-ID, and their document says so.
func TestEveryStreamTakesLastEventID(t *testing.T) {
	t.Parallel()
	seen := make(chan string, 1)
	b := setup(t, func(a *api.API) {
		open := func(_ context.Context, in *api.EventsInput) (*api.Events[int], error) {
			seen <- in.LastEventID
			source := make(chan int)
			close(source)
			return &api.Events[int]{From: source, Err: func() error { return nil }, Close: func() {}}, nil
		}
		api.RegisterEvents(a, huma.Operation{Method: http.MethodGet, Path: "/api/v1/events", OperationID: "events"}, api.Public, open)
		require.Contains(t, a.Huma().OpenAPI().Paths["/api/v1/events"].Get.Description, "`lost`")
		require.PanicsWithValue(t, "api: the input of deaf does not embed EventsInput", func() {
			api.RegisterEvents(a, huma.Operation{Method: http.MethodGet, Path: "/api/v1/deaf", OperationID: "deaf"}, api.Need(authn.CfgRead),
				func(context.Context, *struct{}) (*api.Events[int], error) { return &api.Events[int]{}, nil })
		})
	})
	for _, id := range []string{"", "12.0.x"} {
		answer := b.get("/api/v1/events", "Last-Event-ID", id)
		require.Equal(t, http.StatusOK, answer.StatusCode)
		require.Equal(t, id, <-seen)
	}
	require.Equal(t, "lost", api.LostEvent().Name)
}
