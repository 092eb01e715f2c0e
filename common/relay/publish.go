package relay

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"nms.example/common/bus"
	"nms.example/common/event"
)

// parcel is one message and the rows that it is made of.
type parcel struct {
	bus.Message
	rows []*row
}

// publish sends the rows of all slots and marks what was confirmed. Each round holds the next message of every
// slot, so the slots go side by side and within a slot nothing is sent before what precedes it is confirmed. A
// slot ends with its first failure.
func (r *Relay) publish(ctx context.Context, bySlot [][]*row) error {
	queues := make([][]parcel, 0, len(bySlot))
	var failure error
	for _, rows := range bySlot {
		parcels, err := parcelsOf(rows)
		if err != nil {
			failure = err
		}
		if len(parcels) > 0 {
			queues = append(queues, parcels)
		}
	}
	for len(queues) > 0 {
		round := make([]bus.Message, len(queues))
		for i, q := range queues {
			round[i] = q[0].Message
		}
		err := r.sender.Send(ctx, round...)
		var partly *bus.SendError
		if err != nil && !errors.As(err, &partly) {
			return err //nolint:wrapcheck // shown as it is
		}
		var rest [][]parcel
		for i, q := range queues {
			if partly != nil && partly.Errs[i] != nil {
				failure = partly.Errs[i]
				continue
			}
			for _, row := range q[0].rows {
				row.confirmed = true
			}
			if len(q) > 1 {
				rest = append(rest, q[1:])
			}
		}
		queues = rest
	}
	return failure
}

// maxParcel bounds a message made of several rows, in bytes.
const maxParcel = 256 << 10

// parcelsOf joins neighbouring rows of one type into messages. A row that is no event ends the list with
// an error: it was not written by outbox.Write and somebody must look.
func parcelsOf(rows []*row) (parcels []parcel, err error) {
	for _, r := range rows {
		kind, id, err := head(r.event)
		if err != nil {
			return finishParcels(parcels), fmt.Errorf("relay: row %d of slot %d is no event: %w", r.id, r.slot, err)
		}
		events := r.event
		many := events[0] == '['
		if many {
			events = events[1 : len(events)-1]
		}
		if n := len(parcels); n > 0 && parcels[n-1].RoutingKey == kind && len(parcels[n-1].Body)+len(events) < maxParcel {
			last := &parcels[n-1]
			last.Body = append(append(last.Body, ','), events...)
			last.ContentType = event.ContentTypeBatch
			last.rows = append(last.rows, r)
			continue
		}
		p := parcel{rows: []*row{r}}
		p.RoutingKey, p.ID, p.ContentType, p.Body = kind, id, event.ContentTypeEvent, append([]byte{'['}, events...)
		if many {
			p.ContentType = event.ContentTypeBatch
		}
		parcels = append(parcels, p)
	}
	return finishParcels(parcels), nil
}

func finishParcels(parcels []parcel) []parcel {
	for i := range parcels {
		if p := &parcels[i]; p.ContentType == event.ContentTypeBatch {
			p.Body = append(p.Body, ']')
		} else {
			p.Body = p.Body[1:]
		}
	}
	return parcels
}

// head finds the type and the id of a row's first event. Both stand before the data, which is not read.
func head(event []byte) (kind, id string, err error) {
	decoder := json.NewDecoder(bytes.NewReader(event))
	if len(event) > 0 && event[0] == '[' {
		if _, err := decoder.Token(); err != nil {
			return "", "", fmt.Errorf("read: %w", err)
		}
	}
	if open, err := decoder.Token(); err != nil || open != json.Delim('{') {
		return "", "", errors.New("no object")
	}
	for decoder.More() && (kind == "" || id == "") {
		name, err := decoder.Token()
		if err != nil {
			return "", "", fmt.Errorf("read: %w", err)
		}
		var target any = new(json.RawMessage)
		switch name {
		case "type":
			target = &kind
		case "id":
			target = &id
		}
		if err := decoder.Decode(target); err != nil {
			return "", "", fmt.Errorf("read: %w", err)
		}
	}
	if kind == "" || id == "" {
		return "", "", errors.New("no type or id")
	}
	return kind, id, nil
}
