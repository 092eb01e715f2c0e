package session

import "nms.example/common/event"

// What is told of logins and sessions.
var (
	EventSucceeded = event.Declare[Attempt]("auth.login.succeeded", "A user logged in: a session began")
	EventFailed    = event.Declare[Attempt]("auth.login.failed", "A login was refused")
	EventThrottled = event.Declare[Throttled]("auth.login.throttled", "Logins were refused unread, because there were too many; a summary of some seconds")
	EventEnded     = event.Declare[Ended]("auth.session.ended", "A session was ended by its user")
	EventReused    = event.Declare[Attempt]("auth.session.reused", "A refresh token was used for the second time, so somebody has stolen it; the session ended")
)
