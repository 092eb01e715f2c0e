package app

import (
	"nms.example/common/event"

	"nms.example/admin/internal/deadletter"
)

// Events is everything that admin publishes.
var Events = event.NewCatalogue("admin", deadletter.EventReplayed, deadletter.EventDeleted)
