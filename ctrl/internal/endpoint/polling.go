package endpoint

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"nms.example/common/db"

	"nms.example/ctrl/internal/nmsdb"
)

// States of polling.
const (
	Waiting   = "waiting"   // it was not polled yet, or not since it is reached otherwise
	Answering = "answering" // the last poll was answered
	Failing   = "failing"   // the last poll was not answered: it is polled more seldom until one is
)

// Polling is how the equipment of an endpoint is polled.
type Polling struct {
	State        string     `json:"state" enum:"waiting,answering,failing" doc:"Whether the last poll was answered; failing: it was not, and it is polled more seldom until one is"`
	Interval     float64    `json:"interval" doc:"How often it is polled, in seconds, while it answers"`
	PolledAt     *time.Time `json:"polled_at" doc:"When the last poll ended; null before the first one, and since it is reached otherwise"`
	NextAt       time.Time  `json:"next_at" doc:"When it is polled next"`
	Problem      *string    `json:"problem" doc:"What was wrong with the last poll; null for nothing"`
	Failures     int32      `json:"failures" doc:"How many polls in a row were not answered"`
	FailingSince *time.Time `json:"failing_since" doc:"When the first of these ended; null for none"`
	Missed       int64      `json:"missed" doc:"Polls that were left out because the one before lasted too long, or nobody was there"`
}

// Shown is an endpoint with how its equipment is polled.
type Shown struct {
	Endpoint
	Polling *Polling `json:"polling,omitempty" doc:"How the equipment is polled; absent when it is not"`
}

func shownOf(row *nmsdb.EndpointShownRow) Shown {
	s := Shown{Endpoint: Of(row.Endpoint)}
	if row.IntervalS == nil || row.DueAt == nil || row.Failures == nil || row.Missed == nil {
		return s // it is not polled
	}
	p := &Polling{
		State: Answering, Interval: *row.IntervalS, PolledAt: row.PolledAt, NextAt: row.DueAt.UTC(), Problem: row.Problem, Failures: *row.Failures,
		FailingSince: row.FailingSince, Missed: *row.Missed,
	}
	switch {
	case p.Failures > 0:
		p.State = Failing
	case p.PolledAt == nil:
		p.State = Waiting
	}
	if row.NotBefore != nil && row.NotBefore.After(p.NextAt) {
		p.NextAt = row.NotBefore.UTC()
	}
	s.Polling = p
	return s
}

// Show returns the endpoint of a piece of equipment with how that is polled, or ErrNotFound.
func (s *Endpoints) Show(ctx context.Context, equipmentID int64) (Shown, error) {
	row, err := nmsdb.New(s.writer.Pool()).EndpointShown(ctx, equipmentID)
	if errors.Is(err, pgx.ErrNoRows) {
		return Shown{}, ErrNotFound
	}
	return shownOf(&row), db.MapError(err, nil)
}

// Filter chooses endpoints; what is nil chooses all.
type Filter struct {
	Driver  *string
	Failing *bool // whether the equipment does not answer polls
}

// List returns endpoints by equipment, those behind the one of after, at most take of them with skip left out before, and how many there are in all.
func (s *Endpoints) List(ctx context.Context, f Filter, after, skip int64, take int) ([]Shown, int64, error) {
	q := nmsdb.New(s.writer.Pool())
	total, err := q.EndpointCount(ctx, nmsdb.EndpointCountParams(f))
	if err != nil {
		return nil, 0, db.MapError(err, nil)
	}
	rows, err := q.EndpointList(ctx, nmsdb.EndpointListParams{Driver: f.Driver, Failing: f.Failing, After: after, Skip: skip, Take: int32(take)})
	if err != nil {
		return nil, 0, db.MapError(err, nil)
	}
	list := make([]Shown, len(rows))
	for i := range rows {
		row := nmsdb.EndpointShownRow(rows[i])
		list[i] = shownOf(&row)
	}
	return list, total, nil
}
