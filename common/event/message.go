package event

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
)

// Content types of a message: one event, or several of one type in a JSON array.
const (
	ContentTypeEvent = "application/cloudevents+json"
	ContentTypeBatch = "application/cloudevents-batch+json"
)

const (
	// maxBatch is how many events Encode puts into one message, maxBatchBytes how large it lets it grow.
	maxBatch      = 256
	maxBatchBytes = 256 << 10
)

// Message is one event, or several of one type, as they travel.
type Message struct {
	// Type is the type of the events.
	Type string
	// ID is the id of the first event.
	ID string
	// ContentType is ContentTypeEvent or ContentTypeBatch.
	ContentType string
	Body        []byte
}

// Encode packs neighbours of equal type into messages and tells how many events each one holds.
func Encode(events []Event) (messages []Message, counts []int) {
	for first := 0; first < len(events); {
		body := events[first].AppendJSON(append(make([]byte, 0, 512), '['))
		next := first + 1
		for next < len(events) && events[next].Type == events[first].Type && next-first < maxBatch && len(body) < maxBatchBytes {
			body = events[next].AppendJSON(append(body, ','))
			next++
		}
		m := Message{Type: events[first].Type, ID: events[first].ID.String(), ContentType: ContentTypeEvent, Body: body[1:]}
		if next-first > 1 {
			body = append(body, ']')
			m.ContentType, m.Body = ContentTypeBatch, body
		}
		messages, counts = append(messages, m), append(counts, next-first)
		first = next
	}
	return messages, counts
}

// MarshalJSON implements json.Marshaler: the structured CloudEvents JSON format.
func (e Event) MarshalJSON() ([]byte, error) { return e.AppendJSON(nil), nil }

// AppendJSON appends the CloudEvents JSON document to dst. Data is taken as it is and must be JSON.
func (e *Event) AppendJSON(dst []byte) []byte {
	dst = append(dst, `{"specversion":"1.0","id":"`...)
	id, _ := e.ID.MarshalText() // never fails
	dst = append(dst, id...)
	dst = append(dst, '"')
	dst = appendMember(dst, "source", e.Source)
	dst = appendMember(dst, "type", e.Type)
	dst = appendMember(dst, "subject", e.Subject)
	dst = append(dst, `,"time":"`...)
	dst = e.Time.UTC().AppendFormat(dst, time.RFC3339Nano)
	dst = append(dst, '"')
	dst = appendMember(dst, "actor", e.Actor)
	dst = appendMember(dst, "actorlogin", e.ActorLogin)
	dst = appendMember(dst, "requestid", e.RequestID)
	dst = appendMember(dst, "traceparent", e.TraceParent)
	if len(e.Data) > 0 {
		dst = append(dst, `,"datacontenttype":"application/json","data":`...)
		dst = append(dst, e.Data...)
	}
	return append(dst, '}')
}

// appendMember writes an optional string attribute; plain ASCII, the usual case, needs no marshaller.
func appendMember(dst []byte, name, value string) []byte {
	if value == "" {
		return dst
	}
	dst = append(dst, ',', '"')
	dst = append(dst, name...)
	dst = append(dst, '"', ':')
	for i := range len(value) {
		if c := value[i]; c < 0x20 || c > 0x7e || c == '"' || c == '\\' {
			quoted, err := json.Marshal(value)
			if err != nil { // a string always marshals
				quoted = []byte(`""`)
			}
			return append(dst, quoted...)
		}
	}
	dst = append(dst, '"')
	dst = append(dst, value...)
	return append(dst, '"')
}

type wireEvent struct {
	SpecVersion string          `json:"specversion"`
	ID          uuid.UUID       `json:"id"`
	Source      string          `json:"source"`
	Type        string          `json:"type"`
	Subject     string          `json:"subject"`
	Time        time.Time       `json:"time"`
	Actor       string          `json:"actor"`
	ActorLogin  string          `json:"actorlogin"`
	RequestID   string          `json:"requestid"`
	TraceParent string          `json:"traceparent"`
	Data        json.RawMessage `json:"data"`
}

// UnmarshalJSON implements json.Unmarshaler; unknown attributes are ignored, as the standard asks.
func (e *Event) UnmarshalJSON(b []byte) error {
	var w wireEvent
	if err := json.Unmarshal(b, &w); err != nil {
		return fmt.Errorf("%w: %w", ErrEvent, err)
	}
	switch {
	case w.SpecVersion != "1.0":
		return fmt.Errorf("%w: specversion is not 1.0", ErrEvent)
	case w.ID == uuid.Nil, w.Source == "", w.Type == "":
		return fmt.Errorf("%w: id, source or type is missing", ErrEvent)
	}
	*e = Event{
		ID: w.ID, Source: w.Source, Type: w.Type, Subject: w.Subject, Time: w.Time, Data: w.Data,
		Actor: w.Actor, ActorLogin: w.ActorLogin, RequestID: w.RequestID, TraceParent: w.TraceParent,
	}
	return nil
}

// Parse reads the events of a message body in either content type; an empty content type is told
// by the first byte. The events may share the body's memory. The error wraps ErrEvent.
func Parse(contentType string, body []byte) ([]Event, error) {
	body = bytes.TrimSpace(body)
	if contentType == ContentTypeBatch || contentType != ContentTypeEvent && len(body) > 0 && body[0] == '[' {
		r := reader{b: body}
		if events, ok := r.batch(); ok {
			return events, nil
		}
		var batch []Event
		if err := json.Unmarshal(body, &batch); err != nil {
			return nil, wrapEventError(err)
		}
		if len(batch) == 0 {
			return nil, fmt.Errorf("%w: the batch is empty", ErrEvent)
		}
		return batch, nil
	}
	var e Event
	if r := (reader{b: body}); r.event(&e) && r.ended() {
		return []Event{e}, nil
	}
	e = Event{}
	if err := json.Unmarshal(body, &e); err != nil {
		return nil, wrapEventError(err)
	}
	return []Event{e}, nil
}

func wrapEventError(err error) error {
	if errors.Is(err, ErrEvent) {
		return err
	}
	return fmt.Errorf("%w: %w", ErrEvent, err)
}
