// Package intake takes traces that outside systems send over RabbitMQ: the same bodies under the same rules as
// POST /traces. A message is acknowledged when its trace is committed; so one that comes twice, because this instance
// or the broker died in between, is recognised by the trace's guid.
package intake

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"nms.example/common/api"
	"nms.example/common/bus"
	"nms.example/common/fault"
	"nms.example/inbox/internal/ingest"
)

// Queue is the queue and the exchange that take traces.
const Queue = "inbox.traces"

const (
	// concurrency is how many messages an instance has in hand. They share transactions with each other and with the
	// posts; it also bounds what a stopped database leaves in this process's memory.
	concurrency = 64
	// timeout bounds one attempt, its wait for room included; afterwards the message is tried again.
	timeout = 30 * time.Second
	// keptBody is the largest buffer that goes back to the pool, in bytes.
	keptBody = 1 << 20
)

// Consumer is the consumer of the queue.
type Consumer struct {
	traces    *ingest.Receiver
	limit     int64
	durations *prometheus.HistogramVec
	bodies    sync.Pool
}

// New makes a consumer that hands bodies of up to limit bytes, inflated, to traces.
func New(traces *ingest.Receiver, limit int64) *Consumer {
	in := &Consumer{
		traces: traces, limit: limit, bodies: sync.Pool{New: func() any { return new(bytes.Buffer) }},
		durations: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "inbox_amqp_duration_seconds", Help: "Time from a trace's arrival over RabbitMQ to its commit or refusal, by the " +
				"status that a post would have been answered with.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30},
		}, []string{"status"}),
	}
	in.durations.WithLabelValues(strconv.Itoa(http.StatusCreated)) // exposed before the first trace comes
	return in
}

// Collector is the consumer's metric for the registry of the service.
func (in *Consumer) Collector() prometheus.Collector { return in.durations }

// Run takes traces until ctx ends; those in hand are then still committed, or go back to the queue.
func (in *Consumer) Run(ctx context.Context, conn *bus.Conn) error {
	return bus.ConsumeIntake(ctx, conn, bus.Intake{
		Queue: Queue, Concurrency: concurrency, HandlerTimeout: timeout, Handler: in.take,
	})
}

// take commits the trace of one message. It answers with nil, with a permanent error for what can never be
// taken, with a fault.Unavailable while there is no room or no database, or with any other error for another attempt.
func (in *Consumer) take(ctx context.Context, m *bus.Incoming) error {
	began := time.Now()
	outcome, err := in.commit(ctx, m)
	in.durations.WithLabelValues(strconv.Itoa(status(outcome, err))).Observe(time.Since(began).Seconds())
	switch fault.KindOf(err) {
	case fault.Malformed, fault.TooLarge, fault.UnsupportedMedia, fault.Conflict:
		return bus.Permanent(err) // an invalid one is permanent by itself
	default:
		return err
	}
}

var (
	errKind = fault.List(fault.UnsupportedMedia, "the message is no JSON",
		fault.NewDetail(fault.Request("content_type"), api.CodeMediaType, "must be application/json, or absent"))
	errSlow = fault.New(fault.CodeTimeout, "the trace could not be committed in time")
)

func (in *Consumer) commit(ctx context.Context, m *bus.Incoming) (ingest.Outcome, error) {
	kind, _, _ := strings.Cut(m.ContentType, ";")
	if kind = strings.TrimSpace(kind); kind != "" && !strings.EqualFold(kind, "application/json") {
		return 0, errKind
	}
	body, _ := in.bodies.Get().(*bytes.Buffer)
	defer func() {
		if body.Cap() <= keptBody {
			body.Reset()
			in.bodies.Put(body)
		}
	}()
	if err := api.Inflate(body, m.ContentEncoding, m.Body, in.limit); err != nil {
		return 0, err
	}
	// As the lines of a stream do, it waits for room and leaves a quarter of it to single posts.
	taken, err := in.traces.Begin(ctx, body.Bytes()).Wait(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		err = errSlow.Because(err)
	}
	return taken.Outcome, err
}

// status is what a single post would have been answered with.
func status(outcome ingest.Outcome, err error) int {
	switch {
	case err != nil:
		return api.StatusOf(err)
	case outcome == ingest.Known:
		return http.StatusOK
	default:
		return http.StatusCreated
	}
}
