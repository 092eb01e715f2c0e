package equipment

import (
	"nms.example/common/event"

	"nms.example/cfg/internal/catalogue"
)

// Events are what is told of equipment.
var Events = catalogue.Events[Item]{
	Created:  event.DeclareCreation[Item]("cfg.equipment.created", "A piece of equipment was made"),
	Updated:  event.DeclareUpdate[Item]("cfg.equipment.updated", "A piece of equipment was renamed or moved; those below it move with it without events of their own"),
	Archived: event.DeclareRemoval[Item]("cfg.equipment.archived", "A piece of equipment was taken out of use"),
	Restored: event.DeclareCreation[Item]("cfg.equipment.restored", "An archived piece of equipment is in use again"),
}
