package bus

import (
	"fmt"
	"maps"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
)

// The topology. Everything is durable and every queue is a quorum queue, or a stream with as many copies, so that a
// broker of three nodes loses nothing with one of them; this file is the only place that declares anything.
//
//	publisher ──► nms.events (topic) ──binding──► <queue> ──► consumer
//	                  │ nobody bound                 │  ▲ │
//	                  ▼ alternate-exchange           │  │ │ refused: copy to <queue>.retry, which hands it
//	              nms.unrouted (fanout)              │  │ ▼ back through the default exchange after its TTL
//	                  ▼                              │  <queue>.retry
//	              nms.unrouted (newest 10,000)       │
//	                                                 ▼ permanently refused, attempts used up, unreadable
//	                                             nms.dead (topic, key = queue) ──► nms.dead
//
// An intake takes messages of outside systems that are no events. It has a fanout exchange of its own, so that
// the permission to write to it is a permission for nothing else; from its queue on all is as above.
//
//	outside system ──► <queue> (fanout) ──► <queue> ──► consumer
//
// A queue collects events from the moment when its subscription was declared for the first time, whether
// its consumers run or not; what was published before went past it.
//
// Live views read a stream, a log without acknowledgements that is bounded in time and size (type Tap).
//
//	nms.events ──binding──► <service>.live (stream) ──► every instance
//
// An event that no queue is bound to is not an error: it is kept in nms.unrouted, oldest dropped first, and is confirmed
// to its publisher. The journal, which is for all events, takes it from there when it begins
// (Subscription.TakeUnrouted). A message returned in spite of that means that the
// topology was damaged from outside; the publisher reports it and declares the topology anew.
const (
	// Exchange is the topic exchange that all events go to.
	Exchange = "nms.events"
	// Unrouted is the exchange and the bounded queue of events that nobody listens to.
	Unrouted = "nms.unrouted"
	// Dead is the exchange and the queue of dead letters.
	Dead = "nms.dead"
	// RetrySuffix follows a queue's name to form the name of its retry queue.
	RetrySuffix = ".retry"
)

// Headers of messages in retry queues and of dead letters.
const (
	HeaderAttempts   = "x-nms-attempts"    // int32: how often a handler refused it
	HeaderQueue      = "x-nms-queue"       // the queue that it came from
	HeaderRoutingKey = "x-nms-routing-key" // its routing key in nms.events
	HeaderReason     = "x-nms-reason"      // dead letters: a Reason
	HeaderError      = "x-nms-error"       // dead letters: the error's public text
	HeaderTime       = "x-nms-time"        // dead letters: when, RFC 3339
	HeaderUser       = "x-nms-user"        // messages of an intake: the broker's user that sent it first
)

const (
	unroutedLength = 10_000
	// deliveryLimit stops a message that kills its consumer again and again: the broker counts lost
	// deliveries. It is generous, because every lost connection counts too.
	deliveryLimit = 100
)

// declareBase declares the exchanges and queues that every service needs. It is idempotent.
func declareBase(ch *amqp.Channel) error {
	for _, e := range []struct {
		name, kind string
		args       amqp.Table
	}{
		{Unrouted, amqp.ExchangeFanout, nil},
		{Dead, amqp.ExchangeTopic, nil},
		{Exchange, amqp.ExchangeTopic, amqp.Table{"alternate-exchange": Unrouted}},
	} {
		if err := ch.ExchangeDeclare(e.name, e.kind, true, false, false, false, e.args); err != nil {
			return fmt.Errorf("declare exchange %s: %w", e.name, err)
		}
	}
	if err := declareQueue(ch, Unrouted, amqp.Table{
		"x-max-length": unroutedLength, "x-overflow": "drop-head",
	}); err != nil {
		return err
	}
	return declareQueue(ch, Dead, nil)
}

// bindBase makes the bindings among them.
func bindBase(ch *amqp.Channel) error {
	if err := bind(ch, Unrouted, "", Unrouted); err != nil {
		return err
	}
	return bind(ch, Dead, "#", Dead)
}

// declareQueues declares a consumer's queue and its retry queue.
func declareQueues(ch *amqp.Channel, s *Subscription) error {
	queue, retryDelay := s.Queue, s.RetryDelay
	args := amqp.Table{
		"x-dead-letter-exchange":    Dead,
		"x-dead-letter-routing-key": queue,
		"x-dead-letter-strategy":    "at-least-once",
		"x-overflow":                "reject-publish", // without a length it only belongs to at-least-once
		"x-delivery-limit":          deliveryLimit,
	}
	if s.SingleActive {
		args["x-single-active-consumer"] = true
	}
	if err := declareQueue(ch, queue, args); err != nil {
		return err
	}
	// At least once and reject-publish belong together: the retry queue gives a message up only when the
	// main queue has it. The delay is part of the name, so that a changed setting makes another queue
	// instead of a conflict; what waits in the old one still comes back.
	return declareQueue(ch, retryQueue(queue, retryDelay), amqp.Table{
		"x-dead-letter-exchange":    "",
		"x-dead-letter-routing-key": queue,
		"x-dead-letter-strategy":    "at-least-once",
		"x-overflow":                "reject-publish",
		"x-message-ttl":             retryDelay.Milliseconds(),
	})
}

// bindQueue makes the bindings of a consumer's queue. Those that an earlier version of the service made are not
// removed.
func bindQueue(ch *amqp.Channel, s *Subscription) error {
	if s.intake != nil {
		if err := ch.ExchangeDeclare(s.Queue, amqp.ExchangeFanout, true, false, false, false, nil); err != nil {
			return fmt.Errorf("declare exchange %s: %w", s.Queue, err)
		}
		return bind(ch, s.Queue, "", s.Queue)
	}
	for _, key := range s.Bindings {
		if err := bind(ch, s.Queue, key, Exchange); err != nil {
			return err
		}
	}
	return nil
}

// retryQueue names the retry queue of a queue, "<queue>.retry.<delay>".
func retryQueue(queue string, delay time.Duration) string {
	return queue + RetrySuffix + "." + delay.String()
}

// declareTap declares the stream that live views are read from: one for all instances, a log that every reader reads at
// its own pace and from any message on. What is past its bounds is dropped in whole segments, the oldest first.
func declareTap(ch *amqp.Channel, name string, bindings []string) error {
	_, err := ch.QueueDeclare(name, true, false, false, false, amqp.Table{
		"x-queue-type": "stream", "x-max-age": tapAge, "x-max-length-bytes": tapBytes,
		"x-stream-max-segment-size-bytes": tapSegment,
	})
	if err != nil {
		return fmt.Errorf("declare stream %s: %w", name, err)
	}
	for _, key := range bindings {
		if err := bind(ch, name, key, Exchange); err != nil {
			return err
		}
	}
	return nil
}

func declareQueue(ch *amqp.Channel, name string, args amqp.Table) error {
	table := amqp.Table{"x-queue-type": "quorum"}
	maps.Copy(table, args)
	if _, err := ch.QueueDeclare(name, true, false, false, false, table); err != nil {
		return fmt.Errorf("declare queue %s: %w", name, err)
	}
	return nil
}

func bind(ch *amqp.Channel, queue, key, exchange string) error {
	if err := ch.QueueBind(queue, key, exchange, false, nil); err != nil {
		return fmt.Errorf("bind queue %s to %s: %w", queue, exchange, err)
	}
	return nil
}
