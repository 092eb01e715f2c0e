package app

import (
	"nms.example/common/bus"

	"nms.example/cfg/internal/command"
	"nms.example/cfg/internal/telemetry"
	"nms.example/cfg/internal/tree"
)

// Events is everything that cfg publishes. An archived item is out of use, not gone: its event has nothing after
// it, and the event of its restoration nothing before it.
var Events = bus.NewCatalogue("cfg",
	bus.Declare[bus.Creation[tree.Node]]("cfg.equipment.created", "A piece of equipment was made"),
	bus.Declare[bus.Update[tree.Node]]("cfg.equipment.updated", "A piece of equipment was renamed or moved; those below it move with it without events of their own"),
	bus.Declare[bus.Removal[tree.Node]]("cfg.equipment.archived", "A piece of equipment was taken out of use"),
	bus.Declare[bus.Creation[tree.Node]]("cfg.equipment.restored", "An archived piece of equipment is in use again"),
	bus.Declare[bus.Creation[tree.Node]]("cfg.command_toc.created", "A section of the command catalogue was made"),
	bus.Declare[bus.Update[tree.Node]]("cfg.command_toc.updated", "A section was renamed or moved; those below it move with it without events of their own"),
	bus.Declare[bus.Removal[tree.Node]]("cfg.command_toc.archived", "A section was taken out of use"),
	bus.Declare[bus.Creation[tree.Node]]("cfg.command_toc.restored", "An archived section is in use again"),
	bus.Declare[bus.Creation[command.Command]]("cfg.command.created", "A command was made"),
	bus.Declare[bus.Update[command.Command]]("cfg.command.updated", "A command was changed"),
	bus.Declare[bus.Removal[command.Command]]("cfg.command.archived", "A command was taken out of use"),
	bus.Declare[bus.Creation[command.Command]]("cfg.command.restored", "An archived command is in use again"),
	bus.Declare[bus.Creation[telemetry.Parameter]]("cfg.telemetry.created", "A telemetry parameter was made"),
	bus.Declare[bus.Update[telemetry.Parameter]]("cfg.telemetry.updated", "A telemetry parameter was changed"),
	bus.Declare[bus.Removal[telemetry.Parameter]]("cfg.telemetry.archived", "A telemetry parameter was taken out of use"),
	bus.Declare[bus.Creation[telemetry.Parameter]]("cfg.telemetry.restored", "An archived telemetry parameter is in use again"),
)
