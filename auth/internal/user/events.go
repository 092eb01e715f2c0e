package user

import "nms.example/common/event"

// What is told of users.
var (
	EventCreated         = event.DeclareCreation[User]("auth.user.created", "A user was made")
	EventUpdated         = event.DeclareUpdate[User]("auth.user.updated", "A user's login, name, role or preferences were changed")
	EventBlocked         = event.DeclareUpdate[User]("auth.user.blocked", "A user was blocked; all sessions ended")
	EventUnblocked       = event.DeclareUpdate[User]("auth.user.unblocked", "A blocked user may log in again")
	EventArchived        = event.DeclareUpdate[User]("auth.user.archived", "A user was archived for good; all sessions ended")
	EventPasswordChanged = event.DeclareUpdate[User]("auth.user.password_changed", "A user's password was changed, by the user or by an administrator")
	EventLoggedOut       = event.Declare[LoggedOut]("auth.user.logged_out", "All sessions of a user were ended, by the user or by an administrator")
)

// eventOf returns the type of the event of a change that leads from one status to another. An archived user is never changed.
func eventOf(before, after Status) *event.Update[User] {
	switch {
	case before == after:
		return &EventUpdated
	case after == Archived:
		return &EventArchived
	case after == Blocked:
		return &EventBlocked
	default:
		return &EventUnblocked
	}
}
