package session

import "nms.example/common/event"

// What is told of logins and sessions.
var (
	EventSucceeded = event.Declare[Attempt]("auth.login.succeeded", "A user logged in: a session began")
	EventFailed    = event.Declare[Attempt]("auth.login.failed", "A login was refused")
	EventThrottled = event.Declare[Throttled]("auth.login.throttled", "Logins were refused of which there were too many for an event each; a summary")
	EventEnded     = event.Declare[Ended]("auth.session.ended", "A session was ended, by its user or by an administrator")
	EventReused    = event.Declare[Attempt]("auth.session.reused", "A refresh token was used for the second time, so somebody has stolen it; the session ended")
)
