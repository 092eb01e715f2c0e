package app

import (
	"nms.example/common/event"
	"nms.example/inbox/internal/ingest"
	"nms.example/inbox/internal/signal"
)

// Events is everything that inbox publishes.
var Events = event.NewCatalogue("inbox", ingest.EventReceived, ingest.EventWithdrawn, signal.EventReceived)
