package role

import "nms.example/common/event"

// What is told of roles.
var (
	EventCreated = event.DeclareCreation[Role]("auth.role.created", "A role was made")
	EventUpdated = event.DeclareUpdate[Role]("auth.role.updated", "A role's description or permissions were changed")
	EventDeleted = event.DeclareRemoval[Role]("auth.role.deleted", "A role was deleted")
)
