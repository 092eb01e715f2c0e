package bus

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"nms.example/common/event"
	"nms.example/common/fault"
)

// Subscription is a durable queue with a handler.
type Subscription struct {
	// Queue is named "<service>.<purpose>"; all instances of a service share it and each event goes to one.
	Queue string
	// Bindings are routing-key patterns in nms.events: "*" is one word, "#" any number ("cfg.*.*", "#").
	Bindings []string
	// Prefetch bounds the messages that this instance has in hand; default 64. A message may hold several events.
	Prefetch int
	// Workers handle events at once; default 1. Events of one entity always go to the same worker, in order.
	Workers int
	// MaxAttempts is how often an event is handed to the handler before it becomes a dead letter; default 5.
	MaxAttempts int
	// RetryDelay is the pause between two attempts; default 5 s.
	RetryDelay time.Duration
	// SingleActive has one instance at a time take the events while the others stand by, so that order
	// holds over all of them. It is a property of the queue: an existing one must be deleted to change it.
	SingleActive bool
	// TakeUnrouted has a subscription to everything ("#") also take what nobody listened to before there was its queue:
	// when it begins, the messages of nms.unrouted are moved into its queue, behind what came since. An event may
	// come twice then, too.
	TakeUnrouted bool
	// HandlerTimeout bounds one call of the handler; default 30 s.
	HandlerTimeout time.Duration
	// Handler takes one event. The context carries the request id, the actor and the trace of whoever caused it. It
	// must be idempotent by Event.ID: an event may come twice.
	//
	// nil: done. A fault.Unavailable: what the handler needs is away; the worker waits and calls it again with
	// the same event, for as long as it takes, so that order is kept and no attempt is used up. A
	// fault.Invalid or an error marked by Permanent: a dead letter at once. Any other error: another attempt
	// after RetryDelay, while later events go on.
	Handler func(ctx context.Context, e event.Event) error

	intake *Intake // takes the place of Handler
}

func (s *Subscription) complete() error {
	if s.Queue == "" || strings.HasPrefix(s.Queue, "amq.") || s.Handler == nil && s.intake == nil {
		return errors.New("bus: a subscription needs a queue of its own and a handler")
	}
	if s.TakeUnrouted && !slices.Equal(s.Bindings, []string{"#"}) {
		return fmt.Errorf("bus: the subscription %s cannot take what nobody listened to: it is not for all events", s.Queue)
	}
	setDefault(&s.Prefetch, 64)
	setDefault(&s.Workers, 1)
	setDefault(&s.MaxAttempts, 5)
	setDefault(&s.RetryDelay, 5*time.Second)
	setDefault(&s.HandlerTimeout, 30*time.Second)
	return nil
}

func setDefault[T int | time.Duration](field *T, value T) {
	if *field <= 0 {
		*field = value
	}
}

// Reason says why a message became a dead letter.
type Reason string

// The reasons.
const (
	ReasonPermanent  Reason = "permanent"  // the handler will never take it
	ReasonAttempts   Reason = "attempts"   // the handler refused it MaxAttempts times
	ReasonUnreadable Reason = "unreadable" // no CloudEvents document
	ReasonDeliveries Reason = "deliveries" // the broker's limit: its consumers died or were cut off each time
)

type permanentError struct{ error }

func (e permanentError) Unwrap() error { return e.error }

// Permanent marks an error of a handler: trying again cannot help.
func Permanent(err error) error {
	if err == nil {
		return nil
	}
	return permanentError{err}
}

func isPermanent(err error) bool {
	var p permanentError
	return errors.As(err, &p) || fault.KindOf(err) == fault.Invalid
}

// maxPublicText bounds publicText, in bytes.
const maxPublicText = 1000

// publicText is what of a handler's error may be shown: a fault's message and details, never a cause.
func publicText(err error) string {
	f := fault.As(err)
	if f == nil {
		return "internal error"
	}
	f = fault.As(fault.Move(f, placeInMessage))
	text := fault.List(f.Kind, f.Message, f.Details...).Error()
	if len(f.Details) == 1 && f.Details[0].Message() == f.Message && f.Details[0].Place() != (fault.Place{}) {
		text = f.Details[0].Place().String() + ": " + text
	}
	if len(text) > maxPublicText {
		text = strings.ToValidUTF8(text[:maxPublicText], "") + " …"
	}
	return text
}

// placeInMessage says where in a message the place of a refusal is: what a handler takes is the body.
func placeInMessage(p fault.Place) fault.Place {
	if location, ok := p.Within("body"); ok {
		return fault.Request(location)
	}
	return p
}

// handlePanic turns a panic of a handler into an error, so that one event cannot stop the service.
func handlePanic(err *error) {
	if p := recover(); p != nil {
		*err = fmt.Errorf("bus: the handler panicked: %v", p)
	}
}
