package apikey

import "nms.example/common/event"

// What is told of API keys.
var (
	EventCreated = event.DeclareCreation[Key]("auth.apikey.created", "An API key was made")
	EventDeleted = event.DeclareRemoval[Key]("auth.apikey.deleted", "An API key was revoked")
)
