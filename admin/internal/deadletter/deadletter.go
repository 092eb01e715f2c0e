// Package deadletter looks after the messages that consumers of the bus could not handle: it takes them
// out of the broker's queue into the database, lists them, sends them again and forgets them.
package deadletter

import (
	"time"

	"nms.example/common/bus"
	"nms.example/common/fault"
)

// Letter is a dead letter.
type Letter struct {
	ID int64
	// MessageID is the id of the message's first event; empty when it was no event.
	MessageID string
	// Queue is where it came from and where a replay sends it.
	Queue string
	// RoutingKey is the type of its events.
	RoutingKey string
	Reason     bus.Reason
	// Error is the last refusal's public text.
	Error string
	// Attempts is how often a handler had it before it died last, Deaths how often it died.
	Attempts, Deaths int
	DiedAt           time.Time
	ContentType      string
	// ContentEncoding is gzip or zstd, usually empty.
	ContentEncoding string
	// Size is the message's length in bytes.
	Size int
	// Replays is how often it was sent again, ReplayedAt when last; nil while it is dead.
	Replays    int
	ReplayedAt *time.Time
	// Body is the message; only Get returns it.
	Body []byte
}

// Filter narrows a list.
type Filter struct {
	Queue, Reason *string
	Replayed      *bool
}

var codeNoQueue = fault.Declare(fault.Conflict, "queue_gone", "The queue that the dead letter came from is gone; its service must run first.")

// The refusals of this package.
var (
	ErrNotFound = fault.At(fault.Target, fault.CodeNotFound, "there is no such dead letter")
	ErrNoQueue  = fault.List(fault.Conflict, "the queue that the letter came from is gone",
		fault.NewDetail(fault.Target, codeNoQueue, "nothing takes its replay; its service must run first"))
	errBus = fault.New(fault.CodeUnavailable, "the message bus does not take the letter now").After(5 * time.Second)
)
