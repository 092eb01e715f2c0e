// Package bus carries the events of the services (package event) over RabbitMQ. It is the only package that knows AMQP.
//
// An event's type is its routing key in the topic exchange nms.events. The whole topology stands in topology.go; package
// relay brings committed changes to the exchange. Delivery is at least once: a consumer must tolerate an event twice.
//
// Order: events of one entity (service, entity, subject) reach a queue in the order in which they were
// committed, and a Subscription hands them to its handler in that order. Only an event that a handler
// refused and that waits for its delayed retry may be overtaken.
//
// Why the package supervises its connections itself instead of using the client library's recovery is
// told in docs/adr (delivery tags of a lost session must never be acknowledged in the next one).
package bus
