package bus

import (
	"context"
	"strings"
	"time"

	"github.com/google/uuid"
	amqp "github.com/rabbitmq/amqp091-go"
	"go.opentelemetry.io/otel/propagation"

	"nms.example/common/request"
)

// Intake is a durable queue of messages that outside systems send and that are no events, behind a fanout
// exchange of the same name. Who may write to that exchange is the broker's permission.
type Intake struct {
	// Queue is named "<service>.<what>"; all instances share it and each message goes to one.
	Queue string
	// Concurrency is how many messages this instance takes and handles at once, in no order; default 64.
	Concurrency int
	// MaxAttempts, RetryDelay and HandlerTimeout are as in Subscription.
	MaxAttempts    int
	RetryDelay     time.Duration
	HandlerTimeout time.Duration
	// Handler takes one message and answers as that of a Subscription. It must tolerate a message twice.
	Handler func(ctx context.Context, m *Incoming) error
}

// Incoming is a message of an outside system.
type Incoming struct {
	// ID is the sender's message id; without one it is made from the body.
	ID string
	// ContentType and ContentEncoding are as the sender says, often empty.
	ContentType, ContentEncoding string
	Body                         []byte
	// User is the broker's user that sent it, empty when the sender did not set the property user_id (which the broker
	// checks).
	User string

	traceParent string
}

// ConsumeIntake serves an intake as Consume does a subscription.
func ConsumeIntake(ctx context.Context, c *Conn, in Intake) error {
	setDefault(&in.Concurrency, 64)
	return Consume(ctx, c, Subscription{
		Queue: in.Queue, Prefetch: in.Concurrency, Workers: in.Concurrency, MaxAttempts: in.MaxAttempts,
		RetryDelay: in.RetryDelay, HandlerTimeout: in.HandlerTimeout, intake: &in,
	})
}

// maxMessageID bounds a sender's message id that is taken over, in bytes.
const maxMessageID = 128

func incomingOf(d *amqp.Delivery) *Incoming {
	m := &Incoming{
		ID: d.MessageId, ContentType: d.ContentType, ContentEncoding: d.ContentEncoding, Body: d.Body, User: d.UserId,
	}
	if m.ID == "" || len(m.ID) > maxMessageID {
		m.ID = uuid.NewSHA1(uuid.NameSpaceOID, d.Body).String()
	}
	if user, ok := ownHeaders(d)[HeaderUser].(string); ok {
		m.User = user
	}
	m.traceParent, _ = d.Headers["traceparent"].(string)
	return m
}

// context carries the sender as the actor, its message id as the request id when it can be one, and its trace.
func (m *Incoming) context(ctx context.Context) context.Context {
	actor := "amqp"
	if m.User != "" {
		actor += ":" + m.User
	}
	id := m.ID
	if !request.ValidID(id) {
		id = uuid.NewSHA1(uuid.NameSpaceOID, []byte(id)).String()
	}
	ctx = request.WithID(request.WithActor(ctx, actor), id)
	return propagation.TraceContext{}.Extract(ctx, propagation.MapCarrier{"traceparent": strings.ToLower(m.traceParent)})
}

// message is the same message for the retry queue or the dead letters.
func (m *Incoming) message() Message {
	out := Message{ID: m.ID, ContentType: m.ContentType, ContentEncoding: m.ContentEncoding, Body: m.Body}
	if m.User != "" {
		out.addHeaders(amqp.Table{HeaderUser: m.User})
	}
	if m.traceParent != "" {
		out.addHeaders(amqp.Table{"traceparent": m.traceParent})
	}
	return out
}
