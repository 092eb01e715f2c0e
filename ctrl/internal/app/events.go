package app

import (
	"nms.example/common/event"

	"nms.example/ctrl/internal/binding"
	"nms.example/ctrl/internal/command"
	"nms.example/ctrl/internal/endpoint"
	"nms.example/ctrl/internal/source"
)

// Events is everything that ctrl publishes.
var Events = event.NewCatalogue("ctrl",
	endpoint.EventCreated, endpoint.EventUpdated, endpoint.EventDeleted,
	binding.EventCreated, binding.EventUpdated, binding.EventDeleted,
	command.EventCreated, command.EventUpdated, command.EventQueueUpdated,
	source.EventCreated, source.EventUpdated, source.EventDeleted)
