package ingest

import (
	"context"
	"strconv"
	"sync"
	"time"

	"github.com/google/uuid"

	"nms.example/common/event"
	"nms.example/common/rf"
	"nms.example/inbox/internal/tracebody"
)

// EventReceived tells of every new trace.
var EventReceived = event.DeclareCreation[Received]("inbox.trace.received", "A trace was stored")

// Window bounds the timestamps that are taken, relative to now.
type Window struct {
	// Past is how old a trace may be.
	Past time.Duration
	// Ahead is how far a trace's clock may run in front.
	Ahead time.Duration
	// Kept says that what is older than Past is not kept at all.
	Kept bool
}

// Receiver reads trace bodies and hands them to a Queue.
type Receiver struct {
	queue     *Queue
	window    Window
	maxPoints int
	now       func() time.Time
	items     sync.Pool
}

// NewReceiver makes a receiver in front of queue for traces of up to maxPoints values.
func NewReceiver(queue *Queue, window Window, maxPoints int) *Receiver {
	return &Receiver{
		queue: queue, window: window, maxPoints: maxPoints, now: time.Now,
		items: sync.Pool{New: func() any { return NewItem() }},
	}
}

// Accepted is a trace that was taken; of one that was refused it holds the guid alone.
type Accepted struct {
	// GUID is empty when the body held none that could be read.
	GUID    string
	Outcome Outcome
}

// Take reads one body and waits until its trace is committed. Its errors are those of tracebody.Scan,
// ErrFull, ErrConflict, ErrStopped and the database's.
func (in *Receiver) Take(ctx context.Context, body []byte) (Accepted, error) {
	item, guid, err := in.read(ctx, body)
	if err != nil {
		return Accepted{GUID: guid}, err
	}
	outcome, err := in.queue.Submit(ctx, item)
	if ctx.Err() == nil { // otherwise the queue may still hold the item
		in.items.Put(item)
	}
	return Accepted{guid, outcome}, err
}

// Pending is a trace of a stream that has been handed over.
type Pending struct {
	intake *Receiver
	item   *Item
	guid   string
	err    error
}

// Begin reads one body of a stream and queues its trace, waiting for room. Whatever goes wrong comes out
// of Pending.Wait. The body may be used again when Begin returns.
func (in *Receiver) Begin(ctx context.Context, body []byte) Pending {
	item, guid, err := in.read(ctx, body)
	if err != nil {
		return Pending{guid: guid, err: err}
	}
	p := Pending{intake: in, item: item, guid: guid}
	if p.err = in.queue.Enqueue(ctx, item); p.err != nil {
		in.items.Put(item)
		p.item = nil
	}
	return p
}

// Refused is a pending trace of which it is already known that it failed.
func Refused(err error) Pending { return Pending{err: err} }

// Wait returns what became of the trace.
func (p Pending) Wait(ctx context.Context) (Accepted, error) {
	if p.item == nil {
		return Accepted{GUID: p.guid}, p.err
	}
	outcome, err := p.intake.queue.Wait(ctx, p.item)
	if ctx.Err() == nil {
		p.intake.items.Put(p.item)
	}
	return Accepted{p.guid, outcome}, err
}

// read makes an item of a body. Of a refused one it returns the guid, empty when there is none.
func (in *Receiver) read(ctx context.Context, body []byte) (item *Item, guid string, err error) {
	item, _ = in.items.Get().(*Item)
	now := in.now()
	err = tracebody.Scan(body, &item.Trace, tracebody.Limits{
		MaxPoints: in.maxPoints, Oldest: now.Add(-in.window.Past), Newest: now.Add(in.window.Ahead),
		Kept: in.window.Kept,
	})
	if item.Trace.GUID != uuid.Nil || err == nil {
		guid = item.Trace.GUID.String()
	}
	if err == nil {
		item.Event = EventReceived.Encoded(guid, appendEventData(item.Event.Data[:0], &item.Trace))
		item.Event.Time = now.UTC()
		err = item.Event.Complete(ctx)
	}
	if err != nil {
		in.items.Put(item)
		return nil, guid, err
	}
	return item, guid, nil
}

// Received is what an event tells of a trace; its names are those of the interface. appendEventData
// writes it.
type Received struct {
	GUID      uuid.UUID `json:"guid" format:"uuid" doc:"The trace; its values are at /api/v1/inbox/traces/{guid}"`
	StartHz   float64   `json:"start_freq_hz" doc:"Frequency of the first value, Hz"`
	StopHz    float64   `json:"stop_freq_hz" doc:"Frequency of the last value, Hz"`
	StepHz    float64   `json:"step_freq_hz" exclusiveMinimum:"0" doc:"Distance between values, Hz"`
	NoiseDBm  float64   `json:"noise" doc:"Noise floor, in the unit of the values"`
	Points    int       `json:"numpoints" minimum:"1" doc:"Number of values"`
	Timestamp time.Time `json:"timestamp" doc:"When it was measured"`
	Location  Location  `json:"location" doc:"Where it was measured"`
	tracebody.Context
}

// Location is a place on earth.
type Location struct {
	Lat float64 `json:"lat" minimum:"-90" maximum:"90" doc:"Latitude, degrees north"`
	Lng float64 `json:"lng" minimum:"-180" maximum:"180" doc:"Longitude, degrees east"`
	// AltM is nil when it is not known.
	AltM *float64 `json:"alt_m,omitempty" minimum:"-20000" maximum:"1000000000" doc:"Height above sea level, m"`
}

// appendEventData writes what an event tells of a trace: everything but the values and meta, which a consumer
// reads at /traces/{guid}.
func appendEventData(dst []byte, t *tracebody.Trace) []byte {
	dst = append(dst, `{"before":null,"after":{"guid":"`...)
	guid, _ := t.GUID.MarshalText() // never fails
	dst = append(dst, guid...)
	dst = append(dst, `","start_freq_hz":`...)
	dst = rf.AppendHz(dst, t.StartHz)
	dst = append(dst, `,"stop_freq_hz":`...)
	dst = rf.AppendHz(dst, t.StopHz)
	dst = append(dst, `,"step_freq_hz":`...)
	dst = rf.AppendHz(dst, t.StepHz)
	dst = append(dst, `,"noise":`...)
	dst = strconv.AppendFloat(dst, t.NoiseDBm, 'f', -1, 64)
	dst = append(dst, `,"numpoints":`...)
	dst = strconv.AppendInt(dst, int64(t.Points()), 10)
	dst = append(dst, `,"timestamp":"`...)
	dst = t.Time.AppendFormat(dst, time.RFC3339Nano)
	dst = append(dst, `","location":{"lat":`...)
	dst = strconv.AppendFloat(dst, t.Lat, 'f', -1, 64)
	dst = append(dst, `,"lng":`...)
	dst = strconv.AppendFloat(dst, t.Lng, 'f', -1, 64)
	if t.AltM != nil {
		dst = strconv.AppendFloat(append(dst, `,"alt_m":`...), *t.AltM, 'f', -1, 64)
	}
	dst = t.AppendJSON(append(dst, '}'))
	return append(dst, `}}`...)
}
