package history

import (
	"context"
	"encoding/json"
	"math"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"nms.example/common/db"

	"nms.example/ctrl/internal/dwhdb"
)

// Bucket is what a parameter was in a stretch of time.
type Bucket struct {
	At             time.Time // its beginning
	Min, Max, Mean float64   // of the good and uncertain numbers; NaN when there are none
	N, Bad         int64     // good and uncertain numbers; values that are neither
}

// Text is a value that is no number, from a moment on.
type Text struct {
	At    time.Time
	Value json.RawMessage
}

// Series is a parameter of a piece of equipment over time.
type Series struct {
	From, To time.Time // of the first and last bucket
	Width    time.Duration
	Buckets  []Bucket // those that hold values, in order
	Texts    []Text   // its changes, with the one that held at the beginning
}

// Query asks for a series. To lies after From, Points is at least 1.
type Query struct {
	Equipment, Parameter int64
	From, To             time.Time
	Points               int // most buckets
}

// maxTexts bounds the changes of one answer.
const maxTexts = 10_000

// Reader reads series.
type Reader struct {
	pool   *db.Pool[db.DWH]
	policy Policy
	now    func() time.Time
}

// NewReader makes a reader of the database dwh.
func NewReader(pool *db.Pool[db.DWH], policy Policy) *Reader {
	return &Reader{pool: pool, policy: policy, now: time.Now}
}

// Read reads a series in one snapshot: an hour from its rollup where neither it nor one of its parts is marked, else from those of its 5
// minutes, else from the frames themselves. So every value counts exactly once, however far behind the rollups are.
func (r *Reader) Read(ctx context.Context, query Query) (Series, error) {
	s := r.plan(query)
	err := r.pool.InTx(ctx, db.TxOptions{Isolation: pgx.RepeatableRead, ReadOnly: true}, func(ctx context.Context, tx db.Tx[db.DWH]) error {
		q := dwhdb.New(tx)
		places, err := q.SeriesPlaces(ctx, dwhdb.SeriesPlacesParams{Equipment: query.Equipment, Parameter: query.Parameter})
		if err != nil {
			return err
		}
		from, err := sources(ctx, q, &s)
		if err != nil {
			return err
		}
		found := map[int64]*Bucket{}
		for _, place := range places {
			if err := from.read(ctx, q, &s, query.Equipment, place, found); err != nil {
				return err
			}
		}
		s.Buckets = ordered(found)
		texts, err := q.SeriesTexts(ctx, dwhdb.SeriesTextsParams{
			Equipment: query.Equipment, Parameter: query.Parameter, Since: s.From, Until: s.To, Take: maxTexts,
		})
		s.Texts = make([]Text, len(texts))
		for i, t := range texts {
			s.Texts[i] = Text(t)
		}
		return err
	})
	return s, db.MapError(err, nil)
}

// plan chooses the buckets. Those of 5 minutes or an hour at least begin at whole ones, so that rollups can answer; what was measured before
// the retention of frames is known by these widths alone.
func (r *Reader) plan(q Query) Series {
	whole := q.To.Sub(q.From)
	points := time.Duration(q.Points)
	width := max((whole+points-1)/points, time.Millisecond)
	age := r.now().Sub(q.From)
	unit := time.Duration(0)
	switch {
	case width >= hour || age > r.policy.Minutes:
		unit = hour
	case width >= minutes || age > r.policy.Frames:
		unit = minutes
	}
	if unit == 0 {
		width = (width + time.Microsecond - 1).Truncate(time.Microsecond)
		return Series{From: q.From.Truncate(time.Microsecond), To: q.To, Width: width}
	}
	s := Series{Width: (width + unit - 1).Truncate(unit)}
	for {
		s.From = q.From.Truncate(unit)
		whole := q.To.Sub(s.From) + s.Width - 1
		if whole/s.Width <= points {
			s.To = s.From.Add(whole.Truncate(s.Width))
			return s
		}
		s.Width += unit
		if s.Width >= hour {
			unit, s.Width = hour, s.Width.Truncate(hour)
		}
	}
}

// ranges are stretches of time, each up to the beginning of the next or less.
type ranges struct{ sinces, untils []time.Time }

func (r *ranges) add(since, until time.Time) {
	if n := len(r.untils); n > 0 && r.untils[n-1].Equal(since) {
		r.untils[n-1] = until
		return
	}
	r.sinces, r.untils = append(r.sinces, since), append(r.untils, until)
}

// parts say which stretch is read from what.
type parts struct{ hours, minutes, frames ranges }

// sources finds what is up to date.
func sources(ctx context.Context, q *dwhdb.Queries, s *Series) (p parts, err error) {
	if s.Width%minutes != 0 || !s.From.Equal(s.From.Truncate(minutes)) {
		p.frames.add(s.From, s.To)
		return p, nil
	}
	rows, err := q.DirtyList(ctx, dwhdb.DirtyListParams{Since: s.From.Truncate(hour), Until: s.To})
	if err != nil {
		return p, err
	}
	dirtyHours, dirty := map[int64]bool{}, map[int64]bool{}
	for _, row := range rows {
		dirtyHours[row.Bucket.Truncate(hour).Unix()] = true
		if row.WidthS == seconds(minutes) {
			dirty[row.Bucket.Unix()] = true
		}
	}
	whole := s.Width%hour == 0 && s.From.Equal(s.From.Truncate(hour))
	for at := s.From; at.Before(s.To); {
		if whole && !dirtyHours[at.Unix()] {
			p.hours.add(at, at.Add(hour))
			at = at.Add(hour)
			continue
		}
		until := at.Add(minutes)
		if whole {
			until = at.Add(hour)
		}
		for ; at.Before(until); at = at.Add(minutes) {
			if dirty[at.Unix()] {
				p.frames.add(at, at.Add(minutes))
			} else {
				p.minutes.add(at, at.Add(minutes))
			}
		}
	}
	return p, nil
}

// read adds what is stored of one definition.
func (p *parts) read(ctx context.Context, q *dwhdb.Queries, s *Series, equipment int64, place dwhdb.SeriesPlacesRow, found map[int64]*Bucket) error {
	arg := dwhdb.SeriesFramesParams{WidthS: s.Width.Seconds(), Origin: s.From, Place: place.Place, Equipment: equipment, Frame: place.ID}
	if arg.Sinces, arg.Untils = p.frames.sinces, p.frames.untils; len(arg.Sinces) > 0 {
		rows, err := q.SeriesFrames(ctx, arg)
		if err != nil {
			return err
		}
		for _, row := range rows {
			add(found, row)
		}
	}
	if arg.Sinces, arg.Untils = p.minutes.sinces, p.minutes.untils; len(arg.Sinces) > 0 {
		rows, err := q.SeriesMinutes(ctx, dwhdb.SeriesMinutesParams(arg))
		if err != nil {
			return err
		}
		for _, row := range rows {
			add(found, dwhdb.SeriesFramesRow(row))
		}
	}
	if arg.Sinces, arg.Untils = p.hours.sinces, p.hours.untils; len(arg.Sinces) > 0 {
		rows, err := q.SeriesHours(ctx, dwhdb.SeriesHoursParams(arg))
		if err != nil {
			return err
		}
		for _, row := range rows {
			add(found, dwhdb.SeriesFramesRow(row))
		}
	}
	return nil
}

// add adds to a bucket; Mean holds the sum meanwhile.
func add(found map[int64]*Bucket, row dwhdb.SeriesFramesRow) {
	key := row.Bucket.UnixMicro()
	b := found[key]
	if b == nil {
		found[key] = &Bucket{At: row.Bucket, Min: row.Vmin, Max: row.Vmax, Mean: row.Vsum, N: row.N, Bad: row.Bad}
		return
	}
	if row.N > 0 && (b.N == 0 || row.Vmin < b.Min) {
		b.Min = row.Vmin
	}
	if row.N > 0 && (b.N == 0 || row.Vmax > b.Max) {
		b.Max = row.Vmax
	}
	b.Mean += row.Vsum
	b.N, b.Bad = b.N+row.N, b.Bad+row.Bad
}

func ordered(found map[int64]*Bucket) []Bucket {
	list := make([]Bucket, 0, len(found))
	for _, b := range found {
		if b.N == 0 {
			b.Mean = math.NaN()
		} else {
			b.Mean /= float64(b.N)
		}
		list = append(list, *b)
	}
	slices.SortFunc(list, func(a, b Bucket) int { return a.At.Compare(b.At) })
	return list
}
