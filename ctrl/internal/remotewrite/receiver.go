package remotewrite

import (
	"cmp"
	"context"
	"log/slog"
	"math"
	"slices"
	"sync"
	"time"

	"github.com/klauspost/compress/snappy"
	"github.com/prometheus/client_golang/prometheus"

	"nms.example/common/api"
	"nms.example/common/db"
	"nms.example/common/fault"

	"nms.example/ctrl/internal/catalogue"
	"nms.example/ctrl/internal/frame"
	"nms.example/ctrl/internal/nmsdb"
	"nms.example/ctrl/internal/source"
	"nms.example/ctrl/internal/submission"
)

// staleNaN is the value by which Prometheus says that a series has ended.
const staleNaN uint64 = 0x7ff0000000000002

// refresh is how often it is looked whether the bindings have changed.
const refresh = time.Second

// The refusals.
var (
	errSnappy  = fault.At(fault.Input, fault.CodeNotJSON, "is not compressed by snappy (block format)")
	errMessage = fault.At(fault.Input, fault.CodeNotJSON, "is no prometheus.WriteRequest")
	errLarge   = fault.At(fault.Input, api.CodeTooLarge, "the request is too large")
)

// binding is a parameter that a series gives.
type binding struct {
	equipment, parameter int64
	labels               map[string]string
	scale, offset        float64
}

// Receiver takes requests.
type Receiver struct {
	pool      *db.Pool[db.NMS]
	catalogue *catalogue.Catalogue
	intake    *frame.Intake
	window    submission.Window
	log       *slog.Logger

	samples, unbound, outside prometheus.Counter

	mu       sync.Mutex
	byMetric map[string][]binding
	state    nmsdb.SourceStateRow // of which byMetric is
	checked  time.Time
}

// New makes a receiver.
func New(pool *db.Pool[db.NMS], c *catalogue.Catalogue, to *submission.Receiver, log *slog.Logger) *Receiver {
	counter := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Name: name, Help: help})
	}
	return &Receiver{
		pool: pool, catalogue: c, intake: to.Intake(), window: to.Window(), log: log,
		samples: counter("ctrl_remote_write_samples_total", "Samples that Prometheus sent."),
		unbound: counter("ctrl_remote_write_unbound_total", "Samples of series that no telemetry binding names."),
		outside: counter("ctrl_remote_write_outside_total", "Samples that are older than what is kept, or too far in the future."),
	}
}

// Collectors are the receiver's metrics for the registry of the service.
func (r *Receiver) Collectors() []prometheus.Collector {
	return []prometheus.Collector{r.samples, r.unbound, r.outside}
}

// bindings returns those of series as they were a second ago at most; older only while the database cannot be read.
func (r *Receiver) bindings(ctx context.Context) (map[string][]binding, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if time.Since(r.checked) < refresh {
		return r.byMetric, nil
	}
	if err := r.read(ctx); err != nil {
		if r.byMetric == nil {
			return nil, db.MapError(err, nil)
		}
		r.log.WarnContext(ctx, "the telemetry bindings cannot be read; samples are taken by what is known of them", "error", err)
		r.checked = time.Now() // the others need not wait for the database, too
	}
	return r.byMetric, nil
}

func (r *Receiver) read(ctx context.Context) error {
	begun, q := time.Now(), nmsdb.New(r.pool)
	state, err := q.SourceState(ctx)
	if err != nil {
		return err
	}
	if r.byMetric == nil || state != r.state {
		rows, err := q.SourceListPushed(ctx)
		if err != nil {
			return err
		}
		all := map[string][]binding{}
		for _, row := range rows {
			series, err := source.SeriesOf(row.Read)
			if err != nil {
				continue // an older version may have taken others
			}
			all[series.Metric] = append(all[series.Metric], binding{row.EquipmentID, row.TelemetryID, series.Labels, row.Scale, row.Zero})
		}
		r.byMetric, r.state = all, state
	}
	r.checked = begun
	return nil
}

// Take reads a request whose body, inflated, has at most limit bytes, and stores the samples of the series that are bound. Samples that
// were there before, late ones, and those of other series are no errors: an agent would send them again for ever.
func (r *Receiver) Take(ctx context.Context, body []byte, limit int64) error {
	size, err := snappy.DecodedLen(body)
	if err != nil {
		return errSnappy.Because(err)
	}
	if int64(size) > limit {
		return errLarge
	}
	message, err := snappy.Decode(nil, body)
	if err != nil {
		return errSnappy.Because(err)
	}
	bindings, err := r.bindings(ctx)
	if err != nil {
		return err
	}
	known, err := r.catalogue.Present(ctx)
	if err != nil {
		return err
	}
	g := gathering{receiver: r, known: known, now: time.Now(), frames: map[moment]*frame.Frame{}}
	if err := Decode(message, func(s *Series) { g.add(s, bindings) }); err != nil {
		return errMessage.Because(err)
	}
	if len(g.frames) == 0 {
		return nil
	}
	_, err = r.intake.Take(ctx, g.sorted(), true)
	return err
}

type moment struct{ equipment, at int64 }

// gathering makes frames of samples: those of one piece of equipment at one moment belong together.
type gathering struct {
	receiver *Receiver
	known    *catalogue.Snapshot
	now      time.Time
	frames   map[moment]*frame.Frame
}

func (g *gathering) add(s *Series, bindings map[string][]binding) {
	r := g.receiver
	r.samples.Add(float64(len(s.Samples)))
	bound := false
	candidates := bindings[s.label("__name__")]
	for i := range candidates {
		b := &candidates[i]
		p := g.known.Parameter(b.parameter)
		if p == nil || !g.known.HasEquipment(b.equipment) || !s.has(b.labels) {
			continue
		}
		bound = true
		for _, sample := range s.Samples {
			at := time.UnixMilli(sample.Timestamp)
			if !r.window.Holds(at, g.now) {
				r.outside.Inc()
				continue
			}
			g.put(p, b, at, sample.Value)
		}
	}
	if !bound {
		r.unbound.Add(float64(len(s.Samples)))
	}
}

func (g *gathering) put(p *catalogue.Parameter, b *binding, at time.Time, value float64) {
	v := frame.Value{Parameter: b.parameter, Number: value}
	if math.IsNaN(value) {
		if math.Float64bits(value) == staleNaN {
			return // the series has ended, there is no value
		}
		v.Quality = frame.Bad
	}
	v.Scale(b.scale, b.offset)
	submission.Judge(p, &v, nil)
	key := moment{b.equipment, at.UnixMilli()}
	f := g.frames[key]
	if f == nil {
		f = &frame.Frame{Equipment: b.equipment, At: at}
		g.frames[key] = f
	}
	f.Values = append(f.Values, v)
}

func (g *gathering) sorted() []frame.Frame {
	list := make([]frame.Frame, 0, len(g.frames))
	for _, f := range g.frames {
		f.Sort()
		list = append(list, *f)
	}
	slices.SortFunc(list, func(a, b frame.Frame) int { return cmp.Or(cmp.Compare(a.Equipment, b.Equipment), a.At.Compare(b.At)) })
	return list
}

func (s *Series) label(name string) string {
	for i := range s.Labels {
		if string(s.Labels[i].Name) == name {
			return string(s.Labels[i].Value)
		}
	}
	return ""
}

// has reports whether a series has labels of these values.
func (s *Series) has(labels map[string]string) bool {
	for name, value := range labels {
		if s.label(name) != value {
			return false
		}
	}
	return true
}
