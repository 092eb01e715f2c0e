// Package poll reads values from equipment, each piece of equipment by one poll at a time, whatever the number of instances.
//
// When each piece of equipment is due stands in the database. An instance takes what is due for a time that is longer than a poll may last, and
// lets it go afterwards with what the next poll, perhaps of another instance, needs for rates. A poll that lasts longer than its interval
// leaves out those that were due meanwhile.
//
// Equipment that does not answer is polled more seldom until it does, and whoever waits for it for long keeps nobody else waiting.
package poll

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"math"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"

	"nms.example/common/db"

	"nms.example/ctrl/internal/catalogue"
	"nms.example/ctrl/internal/driver"
	"nms.example/ctrl/internal/endpoint"
	"nms.example/ctrl/internal/frame"
	"nms.example/ctrl/internal/nmsdb"
	"nms.example/ctrl/internal/source"
	"nms.example/ctrl/internal/submission"
)

const (
	// look is how often it is looked what is due.
	look = 100 * time.Millisecond
	// longest is how seldom equipment is polled at most that does not answer, unless its interval is longer.
	longest = 5 * time.Minute
	// patience is how long a poll counts as one of Options.Workers: whoever has not answered by then is only waited for.
	patience = time.Second
	// waited is how many polls may be on their way for each of Options.Workers, those that are only waited for included.
	waited = 4
	// atOnce bounds what is taken at once.
	atOnce = 500
)

// Options of a poller.
type Options struct {
	Workers int           // polls at a time
	Timeout time.Duration // of a poll
	Logger  *slog.Logger
}

// Poller is one instance's. Any number of instances may run one.
type Poller struct {
	pool      *db.Pool[db.NMS]
	endpoints *endpoint.Endpoints
	catalogue *catalogue.Catalogue
	intake    *frame.Intake
	options   Options
	owner     uuid.UUID

	polls  *prometheus.CounterVec
	missed prometheus.Counter

	mu       sync.Mutex
	active   map[int64]*flight // equipment that a poll of this instance is at
	slow     int               // those of them that are only waited for
	finished []finished
	wake     chan struct{}
}

// finished is a piece of equipment that was polled and is to be let go.
type finished struct {
	equipment int64
	reply     reply
	problem   string
	counters  counters // nil: the next poll makes no rates
}

// reply is whether a piece of equipment has answered, as PollRelease takes it.
type reply int16

const (
	silent    reply = -1
	undecided reply = 0 // the poll was broken off
	replied   reply = 1
)

// New makes a poller.
func New(pool *db.Pool[db.NMS], endpoints *endpoint.Endpoints, c *catalogue.Catalogue, intake *frame.Intake, o Options) *Poller {
	p := &Poller{
		pool: pool, endpoints: endpoints, catalogue: c, intake: intake, options: o, owner: uuid.New(), active: map[int64]*flight{}, wake: make(chan struct{}, 1),
		polls:  prometheus.NewCounterVec(prometheus.CounterOpts{Name: "ctrl_polls_total", Help: "Polls of pieces of equipment, by how they ended."}, []string{"outcome"}),
		missed: prometheus.NewCounter(prometheus.CounterOpts{Name: "ctrl_polls_missed_total", Help: "Polls left out because the one before lasted too long, or nobody was there."}),
	}
	for _, outcome := range []string{answered, failed} {
		p.polls.WithLabelValues(outcome)
	}
	return p
}

// The outcomes.
const (
	answered = "answered"
	failed   = "failed"
)

// Collectors are the poller's metrics for the registry of the service.
func (p *Poller) Collectors() []prometheus.Collector {
	return []prometheus.Collector{p.polls, p.missed}
}

// Run polls until ctx ends; polls on their way are broken off then.
func (p *Poller) Run(ctx context.Context) error {
	ticker := time.NewTicker(look)
	defer ticker.Stop()
	var polls sync.WaitGroup
	for ctx.Err() == nil {
		if err := p.round(ctx, &polls); err != nil && ctx.Err() == nil {
			p.options.Logger.WarnContext(ctx, "equipment is not polled", "error", err)
		}
		select {
		case <-ctx.Done():
		case <-ticker.C:
		case <-p.wake:
		}
	}
	polls.Wait()
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	if err := p.release(last); err != nil { // the leases end by themselves
		p.options.Logger.WarnContext(ctx, "equipment is let go late", "error", err)
	}
	return nil
}

// round lets go what was polled, and meanwhile takes what is due.
func (p *Poller) round(ctx context.Context, polls *sync.WaitGroup) error {
	released := make(chan error, 1)
	go func() { released <- p.release(ctx) }()
	err := p.take(ctx, polls)
	return errors.Join(err, <-released)
}

// take begins the polls that are due.
func (p *Poller) take(ctx context.Context, polls *sync.WaitGroup) error {
	q := nmsdb.New(p.pool)
	free := p.free()
	if free <= 0 {
		return nil
	}
	lease := 2 * p.options.Timeout // longer than a poll lasts
	due, err := q.PollClaim(ctx, nmsdb.PollClaimParams{Owner: p.owner, LeaseS: lease.Seconds(), Take: int32(free)})
	if err != nil || len(due) == 0 {
		return err
	}
	begun := time.Now()
	jobs, err := p.plan(ctx, q, due)
	if err != nil {
		return err // the leases end by themselves
	}
	for _, j := range jobs {
		if !j.due.Failing {
			p.missed.Add(float64(j.due.Missed))
		}
		if !p.begin(j.due.EquipmentID) {
			continue // a poll of this very instance has outlived its lease, and lets it go
		}
		polls.Go(func() {
			bounded, cancel := context.WithDeadline(ctx, begun.Add(p.options.Timeout))
			defer cancel()
			p.finish(p.poll(bounded, j))
		})
	}
	return nil
}

// release lets equipment go that was polled.
func (p *Poller) release(ctx context.Context) error {
	p.mu.Lock()
	list := p.finished
	p.finished = nil
	p.mu.Unlock()
	if len(list) == 0 {
		return nil
	}
	arg := nmsdb.PollReleaseParams{Owner: p.owner, LongestS: longest.Seconds()}
	for _, f := range list {
		raw, err := json.Marshal(f.counters)
		if err != nil {
			return err
		}
		arg.EquipmentIds, arg.Problems, arg.Counters = append(arg.EquipmentIds, f.equipment), append(arg.Problems, f.problem), append(arg.Counters, raw)
		arg.Answers = append(arg.Answers, int16(f.reply))
	}
	err := nmsdb.New(p.pool).PollRelease(ctx, arg)
	if err != nil { // the next round tries again, which does nothing to what is another instance's by then
		p.mu.Lock()
		p.finished = append(p.finished, list...)
		p.mu.Unlock()
	}
	return err
}

// job is a piece of equipment to be polled.
type job struct {
	due      nmsdb.PollClaimRow
	bindings []source.Source // those whose turn it is
	driver   driver.Driver   // nil: there is no endpoint that may be used, or it cannot be reached for err
	to       driver.Endpoint
	err      error
}

// plan finds how the equipment is reached now, and whose turn it is.
func (p *Poller) plan(ctx context.Context, q *nmsdb.Queries, due []nmsdb.PollClaimRow) ([]*job, error) {
	ids, byID := make([]int64, len(due)), make(map[int64]*job, len(due))
	jobs := make([]*job, len(due))
	for i, row := range due {
		ids[i], jobs[i] = row.EquipmentID, &job{due: row}
		byID[row.EquipmentID] = jobs[i]
	}
	bindings, err := q.PollBindings(ctx, ids)
	if err != nil {
		return nil, err
	}
	reach := p.endpoints.Reacher()
	for _, row := range bindings {
		j := byID[row.TelemetryBinding.EquipmentID]
		if b := source.Of(row.TelemetryBinding); j.turn(b) {
			j.bindings = append(j.bindings, b)
		}
		if j.driver == nil && j.err == nil {
			e := endpoint.Of(row.Endpoint)
			j.driver, j.to, j.err = reach(&e)
		}
	}
	return jobs, nil
}

// every is in how many polls of the equipment a binding takes part: in one of so many.
func (j *job) every(b source.Source) int64 {
	return max(1, int64(math.Round(*b.Interval/j.due.IntervalS)))
}

// turn reports whether a binding takes part in this poll, or would have in one that was left out.
func (j *job) turn(b source.Source) bool {
	k := j.every(b)
	return j.due.Tick/k != (j.due.Tick-1-j.due.Missed)/k
}

// poll reads a piece of equipment once and hands over what it answers.
func (p *Poller) poll(ctx context.Context, j *job) finished {
	f := finished{equipment: j.due.EquipmentID, counters: j.before(), reply: replied}
	if len(j.bindings) == 0 {
		return f // its turn comes later, or it is locked, or its endpoint is gone
	}
	values, err := p.read(ctx, j)
	if err != nil {
		f.reply = silent
		return p.fail(ctx, f, err, driver.Describe(err))
	}
	if err := p.store(ctx, j, values, &f); err != nil {
		return p.fail(ctx, f, err, "its values could not be stored")
	}
	if f.problem = unread(values); f.problem != "" {
		p.polls.WithLabelValues(failed).Inc()
		return f
	}
	p.polls.WithLabelValues(answered).Inc()
	return f
}

// unread says why not one of the values could be read; empty: one was.
func unread(values map[int64]driver.Value) (problem string) {
	for _, v := range values {
		if v.Problem == "" {
			return ""
		}
		problem = v.Problem
	}
	return problem
}

// fail notes what was wrong with a poll, unless it was broken off because this instance stops.
func (p *Poller) fail(ctx context.Context, f finished, err error, problem string) finished {
	f.counters = nil
	if errors.Is(context.Cause(ctx), context.Canceled) {
		f.reply = undecided
		return f
	}
	p.options.Logger.DebugContext(ctx, "equipment cannot be polled", "equipment", f.equipment, "error", err)
	p.polls.WithLabelValues(failed).Inc()
	f.problem = problem
	return f
}

func (p *Poller) read(ctx context.Context, j *job) (map[int64]driver.Value, error) {
	if j.err != nil {
		return nil, j.err
	}
	points := make([]driver.Point, len(j.bindings))
	for i, b := range j.bindings {
		points[i] = driver.Point{Parameter: key(b.TelemetryID), Read: b.Read}
	}
	values, err := j.driver.Poll(ctx, j.to, points)
	if len(values) == 0 && err == nil {
		err = errors.New("no value came")
	}
	if len(values) == 0 {
		return nil, err
	}
	byID := make(map[int64]driver.Value, len(values)) // what came before it was broken off counts
	for i, v := range values {
		byID[j.bindings[i].TelemetryID] = v
	}
	return byID, nil
}

// arrived is when the last of the values came.
func arrived(values map[int64]driver.Value) (at time.Time) {
	for _, v := range values {
		if v.At.After(at) {
			at = v.At
		}
	}
	return at
}

// store hands what was read over, together with the rates.
func (p *Poller) store(ctx context.Context, j *job, values map[int64]driver.Value, f *finished) error {
	known, err := p.catalogue.Present(ctx)
	if err != nil {
		return err
	}
	frames := frame.Frame{Equipment: j.due.EquipmentID, At: arrived(values)}
	add := func(v frame.Value) {
		parameter := known.Parameter(v.Parameter)
		if parameter == nil {
			return // archived, or made a moment ago
		}
		submission.Judge(parameter, &v, v.Exact)
		frames.Values = append(frames.Values, v)
	}
	for _, b := range j.bindings {
		v := frame.Of(b.TelemetryID, values[b.TelemetryID].Value) // bad when nothing came
		if b.Rate == nil {
			v.Scale(b.Scale, b.Offset)
		}
		add(v)
	}
	var rates []frame.Value
	rates, f.counters = j.rates(values, frames.At)
	for _, v := range rates {
		add(v)
	}
	frames.Sort()
	_, err = p.intake.Take(ctx, []frame.Frame{frames}, true)
	return err
}
