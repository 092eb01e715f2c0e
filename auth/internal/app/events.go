package app

import (
	"nms.example/common/event"

	"nms.example/auth/internal/apikey"
	"nms.example/auth/internal/role"
	"nms.example/auth/internal/session"
	"nms.example/auth/internal/user"
)

// Events is everything that auth publishes.
var Events = event.NewCatalogue("auth",
	user.EventCreated, user.EventUpdated, user.EventBlocked, user.EventUnblocked, user.EventArchived, user.EventPasswordChanged, user.EventLoggedOut,
	role.EventCreated, role.EventUpdated, role.EventDeleted,
	apikey.EventCreated, apikey.EventDeleted,
	session.EventSucceeded, session.EventFailed, session.EventThrottled, session.EventEnded, session.EventReused,
)
