package app

import (
	"slices"

	"nms.example/common/event"

	"nms.example/cfg/internal/command"
	"nms.example/cfg/internal/equipment"
	"nms.example/cfg/internal/telemetry"
	"nms.example/cfg/internal/toc"
)

// Events is everything that cfg publishes.
var Events = event.NewCatalogue("cfg", slices.Concat(equipment.Events.All(), toc.Events.All(), command.Events.All(), telemetry.Events.All())...)
