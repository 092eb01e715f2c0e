package app

import (
	"nms.example/common/bus"

	"nms.example/admin/internal/deadletter"
)

// Events is everything that admin publishes.
var Events = bus.NewCatalogue("admin",
	bus.Declare[bus.Update[deadletter.Snapshot]](deadletter.EventReplayed, "A dead letter was sent again"),
	bus.Declare[bus.Removal[deadletter.Snapshot]](deadletter.EventDeleted, "A dead letter was forgotten"),
)
