package app

import (
	"nms.example/common/bus"
	"nms.example/inbox/internal/ingest"
	"nms.example/inbox/internal/signal"
)

// Events is everything that inbox publishes.
var Events = bus.NewCatalogue("inbox",
	bus.Declare[bus.Creation[ingest.Received]](ingest.EventReceived, "A trace was stored"),
	bus.Declare[bus.Creation[signal.Received]](signal.EventReceived, "A signal was stored"),
)
