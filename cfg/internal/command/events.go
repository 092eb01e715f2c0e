package command

import (
	"nms.example/common/event"

	"nms.example/cfg/internal/catalogue"
)

// Events are what is told of commands.
var Events = catalogue.Events[Item]{
	Created:  event.DeclareCreation[Item]("cfg.command.created", "A command was made"),
	Updated:  event.DeclareUpdate[Item]("cfg.command.updated", "A command was changed"),
	Archived: event.DeclareRemoval[Item]("cfg.command.archived", "A command was taken out of use"),
	Restored: event.DeclareCreation[Item]("cfg.command.restored", "An archived command is in use again"),
}
