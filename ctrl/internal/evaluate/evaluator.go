// Package evaluate raises and clears the alarms of limits, by the values that are committed, whichever instance took them in.
//
// Whoever stores frames feeds those that limits may hold for, in the same transaction, by slots of equipment (table limit_feed). An instance holds a
// share of the slots under leases, and reads what is fed into them. What it finds is written in one transaction of the database nms: the alarms, how far each limit
// is evaluated, and which rows of the feed that was made of; the rows are removed afterwards. So whatever ends in between, the next one goes on
// from there: no value is evaluated twice or left out. An instance that has lost a slot unawares, because it stood still, writes nothing.
package evaluate

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"

	"nms.example/common/change"
	"nms.example/common/db"
	"nms.example/common/request"
	"nms.example/common/retry"

	"nms.example/ctrl/internal/alarm"
	"nms.example/ctrl/internal/catalogue"
	"nms.example/ctrl/internal/limit"
	"nms.example/ctrl/internal/nmsdb"
)

const (
	// look is how often it is looked what has come.
	look = 150 * time.Millisecond
	// lease is how long a slot is held without being renewed: so late others go on when an instance is gone.
	lease = 5 * time.Second
	// renewal is how often leases are renewed, and shares looked at.
	renewal = time.Second
	// checkpoint is how often it is written how far the limits of a slot are evaluated when no alarm has changed.
	checkpoint = 2 * time.Second
	// silence is how often it is looked which values do not come.
	silence = 500 * time.Millisecond
	// atOnce is how many rows of each slot's feed are read at once.
	atOnce = 20
	// farewell bounds what is still written at a stop.
	farewell = 5 * time.Second
)

// errLost says that a slot is another instance's by now.
var errLost = errors.New("evaluate: a slot was taken over by another instance")

// Options of an evaluator.
type Options struct {
	Logger *slog.Logger
}

// Evaluator is one instance's. Any number of instances may run one.
type Evaluator struct {
	writer    *change.Writer[db.NMS]
	values    *db.Pool[db.DWH]
	book      *limit.Book
	catalogue *catalogue.Catalogue
	alarms    *alarm.Alarms
	log       *slog.Logger
	id        uuid.UUID

	evaluated prometheus.Counter
	changed   *prometheus.CounterVec
	held      prometheus.Gauge
}

// New makes an evaluator.
func New(
	writer *change.Writer[db.NMS], values *db.Pool[db.DWH], book *limit.Book, c *catalogue.Catalogue, alarms *alarm.Alarms, o Options,
) *Evaluator {
	e := &Evaluator{
		writer: writer, values: values, book: book, catalogue: c, alarms: alarms, log: o.Logger, id: uuid.New(),
		evaluated: prometheus.NewCounter(prometheus.CounterOpts{Name: "ctrl_limits_values_total", Help: "Values that limits were evaluated on."}),
		changed:   prometheus.NewCounterVec(prometheus.CounterOpts{Name: "ctrl_limits_changes_total", Help: "Conditions that came or went, by type."}, []string{"type"}),
		held:      prometheus.NewGauge(prometheus.GaugeOpts{Name: "ctrl_limits_slots", Help: "Slots of equipment whose limits this instance evaluates; eight over all instances."}),
	}
	for _, kind := range []string{alarm.TypeLimit, alarm.TypeStale} {
		e.changed.WithLabelValues(kind)
	}
	return e
}

// Collectors are the evaluator's metrics for the registry of the service.
func (e *Evaluator) Collectors() []prometheus.Collector {
	return []prometheus.Collector{e.evaluated, e.changed, e.held}
}

// Run evaluates until ctx ends.
func (e *Evaluator) Run(ctx context.Context) error {
	ctx = request.WithActor(ctx, alarm.Actor)
	pauses := retry.Growing(100*time.Millisecond, 5*time.Second)
	for ctx.Err() == nil {
		began := time.Now()
		if err := e.term(ctx); err != nil && ctx.Err() == nil {
			e.log.WarnContext(ctx, "limits are not evaluated; they will be, on all that comes, as soon as it is possible", "error", err)
			pauses.WaitSince(ctx, began)
		}
	}
	e.held.Set(0)
	return nil
}

// term evaluates until ctx ends or something fails. What was found and not written then is forgotten and found again.
func (e *Evaluator) term(ctx context.Context) error {
	t := newTerm(e)
	// What this instance held before is taken anew, with what was written of it.
	if err := e.let(ctx, allSlots()); err != nil {
		return err
	}
	for ctx.Err() == nil {
		if err := t.round(ctx); err != nil {
			return err
		}
		if !t.more {
			retry.Sleep(ctx, look)
		}
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), farewell)
	defer cancel()
	err := t.commit(last)
	return errors.Join(err, e.let(last, allSlots()), nmsdb.New(e.writer.Pool()).EvaluatorForget(last, e.id))
}

// let lets slots go.
func (e *Evaluator) let(ctx context.Context, slots []int16) error {
	return nmsdb.New(e.writer.Pool()).SlotRelease(ctx, nmsdb.SlotReleaseParams{Owner: e.id, Ids: slots})
}
