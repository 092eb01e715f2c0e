package frame

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/semaphore"

	"nms.example/common/db"
	"nms.example/common/fault"
)

// Refusals of the intake.
var (
	// ErrFull says that more waits to be committed than may.
	ErrFull = fault.New(fault.CodeBusy, "more values are waiting than can be taken; try again").After(time.Second)
	// ErrStopped says that this instance is shutting down.
	ErrStopped = fault.New(fault.CodeStopping, "this instance is stopping; try again").After(time.Second)
)

// Settings tune an Intake. The zero value of each field means its default.
type Settings struct {
	MaxValues     int64         // that wait or are being committed; default 1,000,000
	BatchValues   int           // of one transaction, about; default 40,000
	Committers    int           // transactions at a time; default 2
	CommitTimeout time.Duration // of one transaction; default 15 s
	// Watched reports whether limits may hold for a frame: then it is fed to whoever evaluates them. nil: none is.
	Watched func(equipment int64, values []Value) bool
}

func (s *Settings) setDefaults() {
	if s.MaxValues == 0 {
		s.MaxValues = 1_000_000
	}
	if s.BatchValues == 0 {
		s.BatchValues = 40_000
	}
	if s.Committers == 0 {
		s.Committers = 2
	}
	if s.CommitTimeout == 0 {
		s.CommitTimeout = 15 * time.Second
	}
}

// Intake takes frames in. Run must be running for anything to be committed.
type Intake struct {
	settings    Settings
	store       *store
	definitions *definitions
	metrics     intakeMetrics

	parcels chan *parcel
	room    *semaphore.Weighted // values
	waiting atomic.Int64

	mu      sync.RWMutex
	stopped bool
}

// parcel is what one caller hands over at once.
type parcel struct {
	rows []*row
	cost int64
	done chan error
}

// NewIntake makes an intake of the database dwh.
func NewIntake(pool *db.Pool[db.DWH], settings Settings) *Intake {
	settings.setDefaults()
	return &Intake{
		settings: settings, store: newStore(pool, settings.Watched), definitions: newDefinitions(pool), metrics: newIntakeMetrics(),
		parcels: make(chan *parcel, settings.MaxValues/parcelCost+1), room: semaphore.NewWeighted(settings.MaxValues),
	}
}

// parcelCost is what a parcel counts for beside its values. It bounds the number of parcels.
const parcelCost = 10

// Take stores frames, each sorted, and returns when they are committed: how many values of each were not there before. With wait it
// waits for room, otherwise it refuses with ErrFull when there is none. When ctx ends first, they may still be committed.
func (in *Intake) Take(ctx context.Context, frames []Frame, wait bool) (fresh []int, err error) {
	fresh = make([]int, len(frames))
	p := &parcel{done: make(chan error, 1)}
	if p.rows, err = in.rows(ctx, frames); err != nil {
		return nil, err
	}
	if len(p.rows) == 0 {
		return fresh, nil
	}
	for _, r := range p.rows {
		p.cost += int64(len(r.values))
	}
	p.cost = min(p.cost+parcelCost, in.settings.MaxValues)
	if wait {
		if err := in.room.Acquire(ctx, p.cost); err != nil {
			return nil, ErrFull.Because(err)
		}
	} else if !in.room.TryAcquire(p.cost) {
		in.metrics.refused.Inc()
		return nil, ErrFull
	}
	if err := in.push(p); err != nil {
		return nil, err
	}
	select {
	case err := <-p.done:
		if err != nil {
			return nil, err
		}
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	for _, r := range p.rows {
		if r.fresh {
			fresh[r.of] += len(r.values)
		}
	}
	return fresh, nil
}

// rows divides frames into what is stored under one definition each.
func (in *Intake) rows(ctx context.Context, frames []Frame) ([]*row, error) {
	rows := make([]*row, 0, len(frames))
	all := make([]row, 0, len(frames))
	var buffer []byte
	for i := range frames {
		f := &frames[i]
		add := func(definition int32, values []Value) {
			all = append(all, row{of: i, equipment: f.Equipment, definition: definition, at: f.At, values: values})
		}
		for left := f.Values; len(left) > 0; {
			part := left[:min(len(left), maxValues)]
			left = left[len(part):]
			id, ok, err := in.definitions.of(ctx, part, &buffer)
			if err != nil {
				return nil, err
			}
			if ok {
				add(id, part)
				continue
			}
			for j := range part {
				if id, _, err = in.definitions.of(ctx, part[j:j+1], &buffer); err != nil {
					return nil, err
				}
				add(id, part[j:j+1])
			}
		}
	}
	for i := range all {
		rows = append(rows, &all[i])
	}
	return rows, nil
}

func (in *Intake) push(p *parcel) error {
	in.mu.RLock()
	defer in.mu.RUnlock()
	if in.stopped {
		in.room.Release(p.cost)
		return ErrStopped
	}
	in.waiting.Add(p.cost)
	in.parcels <- p // never blocks: room bounds the parcels
	return nil
}

// Run commits until ctx ends; what was taken in by then is still committed.
func (in *Intake) Run(ctx context.Context) error {
	stop := context.AfterFunc(ctx, func() {
		in.mu.Lock()
		defer in.mu.Unlock()
		if !in.stopped {
			in.stopped = true
			close(in.parcels)
		}
	})
	defer stop()
	work := context.WithoutCancel(ctx) // whoever was let in gets an answer
	var committers sync.WaitGroup
	for range in.settings.Committers {
		committers.Go(func() {
			for first := range in.parcels {
				in.commit(work, in.gather(first))
			}
		})
	}
	committers.Wait()
	return nil
}

// gather takes what is at hand.
func (in *Intake) gather(first *parcel) []*parcel {
	batch, values := []*parcel{first}, first.cost
	for values < int64(in.settings.BatchValues) {
		select {
		case p, open := <-in.parcels:
			if !open {
				return batch
			}
			batch, values = append(batch, p), values+p.cost
		default:
			return batch
		}
	}
	return batch
}

func (in *Intake) commit(ctx context.Context, batch []*parcel) {
	db.CommitHalving(batch, func(part []*parcel) error {
		bounded, cancel := context.WithTimeout(ctx, in.settings.CommitTimeout)
		defer cancel()
		var rows []*row
		for _, p := range part {
			rows = append(rows, p.rows...)
		}
		began := time.Now()
		err := in.store.commit(bounded, rows)
		in.metrics.observe(rows, time.Since(began), err)
		return err
	}, func(part []*parcel, err error) {
		for _, p := range part {
			in.room.Release(p.cost)
			in.waiting.Add(-p.cost)
			p.done <- err
		}
	})
}

// Waiting returns how many values wait or are being committed, with a little for each call.
func (in *Intake) Waiting() int64 { return in.waiting.Load() }

type intakeMetrics struct {
	refused, failed, values, known, late prometheus.Counter
	batch, duration                      prometheus.Histogram
}

func newIntakeMetrics() intakeMetrics {
	counter := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Name: name, Help: help})
	}
	return intakeMetrics{
		refused: counter("ctrl_telemetry_refused_total", "Calls refused because too many values were waiting."),
		failed:  counter("ctrl_telemetry_commit_failed_total", "Batches that the database refused, before they were split."),
		values:  counter("ctrl_telemetry_values_total", "Values stored."),
		known:   counter("ctrl_telemetry_known_total", "Values that were there before."),
		late:    counter("ctrl_telemetry_late_total", "Values that were stored more than five minutes after their time."),
		batch: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "ctrl_telemetry_commit_frames", Help: "Frames per transaction.", Buckets: prometheus.ExponentialBuckets(1, 4, 8),
		}),
		duration: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "ctrl_telemetry_commit_seconds", Help: "Duration of a transaction.", Buckets: prometheus.ExponentialBuckets(0.001, 2, 12),
		}),
	}
}

func (m *intakeMetrics) observe(rows []*row, took time.Duration, err error) {
	if err != nil {
		m.failed.Inc()
		return
	}
	m.batch.Observe(float64(len(rows)))
	m.duration.Observe(took.Seconds())
	soon := time.Now().Add(-Bucket)
	for _, r := range rows {
		number := float64(len(r.values))
		if !r.fresh {
			m.known.Add(number)
			continue
		}
		m.values.Add(number)
		if r.at.Before(soon) {
			m.late.Add(number)
		}
	}
}

// Collectors are the intake's metrics for the registry of the service.
func (in *Intake) Collectors() []prometheus.Collector {
	return []prometheus.Collector{
		in.metrics.refused, in.metrics.failed, in.metrics.values, in.metrics.known, in.metrics.late, in.metrics.batch, in.metrics.duration,
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "ctrl_telemetry_waiting", Help: "Values that wait or are being committed, with a little for each call.",
		}, func() float64 { return float64(in.Waiting()) }),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "ctrl_telemetry_waiting_max", Help: "How many may wait; beyond, what is posted is refused, and what was polled or sent by Prometheus waits.",
		}, func() float64 { return float64(in.settings.MaxValues) }),
	}
}
