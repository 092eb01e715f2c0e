package toc

import (
	"nms.example/common/event"

	"nms.example/cfg/internal/catalogue"
)

// Events are what is told of sections.
var Events = catalogue.Events[Item]{
	Created:  event.DeclareCreation[Item]("cfg.command_toc.created", "A section of the command catalogue was made"),
	Updated:  event.DeclareUpdate[Item]("cfg.command_toc.updated", "A section was renamed or moved; those below it move with it without events of their own"),
	Archived: event.DeclareRemoval[Item]("cfg.command_toc.archived", "A section was taken out of use"),
	Restored: event.DeclareCreation[Item]("cfg.command_toc.restored", "An archived section is in use again"),
}
