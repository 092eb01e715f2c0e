package telemetry

import (
	"nms.example/common/event"

	"nms.example/cfg/internal/catalogue"
)

// Events are what is told of telemetry parameters.
var Events = catalogue.Events[Item]{
	Created:  event.DeclareCreation[Item]("cfg.telemetry.created", "A telemetry parameter was made"),
	Updated:  event.DeclareUpdate[Item]("cfg.telemetry.updated", "A telemetry parameter was changed"),
	Archived: event.DeclareRemoval[Item]("cfg.telemetry.archived", "A telemetry parameter was taken out of use"),
	Restored: event.DeclareCreation[Item]("cfg.telemetry.restored", "An archived telemetry parameter is in use again"),
}
