package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
)

// listener is a consumer on the bus with a queue of its own that goes with it.
type listener struct {
	conn       *amqp.Connection
	deliveries <-chan amqp.Delivery
}

// listen binds a temporary queue to the events' exchange before anything is posted, so that nothing is missed.
func listen(ctx context.Context, dsn, key string) (*listener, error) {
	const patience = 10 * time.Second
	conn, err := amqp.DialConfig(dsn, amqp.Config{Dial: amqp.DefaultDial(patience)})
	if err != nil {
		return nil, fmt.Errorf("no connection to RabbitMQ: %w", err)
	}
	l := &listener{conn: conn}
	if err := l.bind(ctx, key); err != nil {
		l.close()
		return nil, err
	}
	return l, nil
}

func (l *listener) bind(ctx context.Context, key string) error {
	channel, err := l.conn.Channel()
	if err != nil {
		return err
	}
	queue, err := channel.QueueDeclare("", false, true, true, false, nil)
	if err != nil {
		return err
	}
	if err := channel.QueueBind(queue.Name, key, "nms.events", false, nil); err != nil {
		return fmt.Errorf("the exchange nms.events is not there: %w", err)
	}
	l.deliveries, err = channel.ConsumeWithContext(ctx, queue.Name, "", true, true, false, false, nil)
	return err
}

func (l *listener) close() { _ = l.conn.Close() }

// event is the part of a CloudEvents 1.0 document that is looked at here.
type event struct {
	SpecVersion string          `json:"specversion"`
	Type        string          `json:"type"`
	Subject     string          `json:"subject"`
	Source      string          `json:"source"`
	Data        json.RawMessage `json:"data"`
}

// await waits for the event that speaks of the guid, and tells its type and when it came.
func (l *listener) await(ctx context.Context, guid string) (string, time.Time, error) {
	const patience = 10 * time.Second
	timer := time.NewTimer(patience)
	defer timer.Stop()
	others := 0
	for {
		select {
		case delivery, open := <-l.deliveries:
			at := time.Now()
			if !open {
				return "", at, errors.New("RabbitMQ closed the connection")
			}
			events, err := decode(delivery)
			if err != nil {
				return "", at, err
			}
			for _, e := range events {
				if strings.Contains(e.Subject, guid) && e.SpecVersion == "1.0" {
					return e.Type, at, nil
				}
				others++
			}
		case <-timer.C:
			return "", time.Time{}, fmt.Errorf("no event for this trace within %s (%d others came)", patience, others)
		case <-ctx.Done():
			return "", time.Time{}, ctx.Err()
		}
	}
}

// decode reads one event, or a batch of them.
func decode(delivery amqp.Delivery) ([]event, error) {
	var one event
	var many []event
	err := json.Unmarshal(delivery.Body, &many)
	if !strings.HasPrefix(delivery.ContentType, "application/cloudevents-batch+json") {
		err = json.Unmarshal(delivery.Body, &one)
		many = []event{one}
	}
	if err != nil {
		return nil, fmt.Errorf("a message on the bus is no CloudEvents document: %w", err)
	}
	return many, nil
}
