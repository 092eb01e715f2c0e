package app

import (
	"nms.example/common/bus"

	"nms.example/auth/internal/apikey"
	"nms.example/auth/internal/role"
	"nms.example/auth/internal/session"
	"nms.example/auth/internal/user"
)

// Events is everything that auth publishes.
var Events = bus.NewCatalogue("auth",
	bus.Declare[bus.Creation[user.User]]("auth.user.created", "A user was made"),
	bus.Declare[bus.Update[user.User]]("auth.user.updated", "A user's login, name, role or preferences were changed"),
	bus.Declare[bus.Update[user.User]]("auth.user.blocked", "A user was blocked; all sessions ended"),
	bus.Declare[bus.Update[user.User]]("auth.user.unblocked", "A blocked user may log in again"),
	bus.Declare[bus.Update[user.User]]("auth.user.archived", "A user was archived for good; all sessions ended"),
	bus.Declare[bus.Update[user.User]]("auth.user.password_changed", "A user's password was changed, by the user or by an administrator"),
	bus.Declare[user.LoggedOut]("auth.user.logged_out", "All sessions of a user were ended, by the user or by an administrator"),
	bus.Declare[bus.Creation[role.Role]]("auth.role.created", "A role was made"),
	bus.Declare[bus.Update[role.Role]]("auth.role.updated", "A role's description or permissions were changed"),
	bus.Declare[bus.Removal[role.Role]]("auth.role.deleted", "A role was deleted"),
	bus.Declare[bus.Creation[apikey.Key]]("auth.apikey.created", "An API key was made"),
	bus.Declare[bus.Removal[apikey.Key]]("auth.apikey.deleted", "An API key was revoked"),
	bus.Declare[session.Attempt]("auth.login.succeeded", "A user logged in: a session began"),
	bus.Declare[session.Attempt]("auth.login.failed", "A login was refused"),
	bus.Declare[session.Throttled]("auth.login.throttled", "Logins were refused unread, because there were too many; a summary of some seconds"),
	bus.Declare[session.Ended]("auth.session.ended", "A session was ended by its user"),
	bus.Declare[session.Attempt]("auth.session.reused", "A refresh token was used for the second time, so somebody has stolen it; the session ended"),
)
