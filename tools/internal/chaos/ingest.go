package chaos

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5"
)

// KillRow is one kill of PostgreSQL in the middle of ingest.
type KillRow struct {
	Number int
	Counts
	// Stored traces of this turn, and of them those whose answer was lost or a server's error.
	Stored, Unanswered int
	// Missing were answered 2xx and are not stored, Foreign are stored and were never sent or were refused with 4xx.
	Missing, Foreign int
	// Healthy is when all services were healthy, from the moment when PostgreSQL served again.
	Healthy time.Duration
}

// ingest kills PostgreSQL while traces arrive, again and again, and counts after each time.
func (r *run) ingest(ctx context.Context) error {
	if r.Kills == 0 {
		return nil
	}
	stored, err := r.readTraces(ctx)
	if err != nil {
		return err
	}
	seen := sightings{known: map[string]bool{}, taken: map[string]bool{}}
	for guid := range stored {
		seen.known[guid] = true
	}
	for number := range r.Kills {
		row, err := r.killIngest(ctx, number+1, seen)
		if err != nil {
			return fmt.Errorf("kill %d of PostgreSQL: %w", number+1, err)
		}
		if row.Missing+row.Foreign > 0 {
			r.report.violate(fmt.Sprintf("kill %d of PostgreSQL: %d acknowledged traces are not stored, %d stored ones were not taken",
				row.Number, row.Missing, row.Foreign))
		}
		if row.Healthy > r.HealthyWithin {
			r.report.violate(fmt.Sprintf("kill %d of PostgreSQL: healthy after %.1f s only", row.Number, row.Healthy.Seconds()))
		}
		r.report.Kills = append(r.report.Kills, row)
		fmt.Fprintf(r.Out, "  kill −9 postgres in ingest, %2d    %6d sent %6d 2xx %6d stored %4d missing   healthy after %5.1f s\n", row.Number,
			row.Sent, row.Done, row.Stored, row.Missing, row.Healthy.Seconds())
	}
	return nil
}

// killIngest is one turn: traffic, the kill at a random moment of it, the repair, the count.
func (r *run) killIngest(ctx context.Context, number int, seen sightings) (KillRow, error) {
	row := KillRow{Number: number}
	r.newTraffic()
	workers := make([]worker, 6)
	for i := range workers {
		workers[i] = &inboxWorker{points: r.Points, turn: i}
	}
	if err := r.traffic.start(ctx, workers...); err != nil {
		return row, err
	}
	pause(ctx, 300*time.Millisecond+rand.N(700*time.Millisecond))
	err := r.system.Kill("postgres")
	if err == nil {
		pause(ctx, rand.N(300*time.Millisecond))
		err = r.start(ctx, "postgres")
	}
	if err == nil {
		row.Healthy, err = r.awaitHealthy(ctx, time.Now())
	}
	r.traffic.drain()
	if err != nil {
		return row, err
	}
	stored, err := r.readTraces(ctx)
	if err != nil {
		return row, err
	}
	changes := r.traffic.all()
	r.changes = append(r.changes, changes...)
	row.compare(changes, stored, seen)
	return row, nil
}

// sightings are the traces that were counted as stored before, and those that may be stored: all that were sent and not
// refused with 4xx. A request that was given up may be carried out a turn later.
type sightings struct{ known, taken map[string]bool }

// compare counts one turn.
func (k *KillRow) compare(changes []change, stored map[string]string, seen sightings) {
	for i := range changes {
		c := &changes[i]
		if c.entity != traceEntity {
			continue
		}
		k.count(c)
		content, there := stored[c.subject]
		if c.status/100 != 4 {
			seen.taken[c.subject] = true
		}
		switch {
		case c.done() && (!there || content != c.content):
			k.Missing++
		case !c.done() && there:
			k.Unanswered++
		}
	}
	for guid := range stored {
		if seen.known[guid] {
			continue
		}
		seen.known[guid] = true
		k.Stored++
		if !seen.taken[guid] {
			k.Foreign++
		}
	}
}

// readTraces returns the stored traces and the MD5 of their values.
func (r *run) readTraces(ctx context.Context) (map[string]string, error) {
	type pair struct{ guid, sum string }
	pairs, err := collect(ctx, r.system, "dwh", "SELECT guid::text, md5(power) FROM trace", func(row pgx.CollectableRow) (pair, error) {
		var p pair
		err := row.Scan(&p.guid, &p.sum)
		return p, err
	})
	traces := make(map[string]string, len(pairs))
	for _, p := range pairs {
		traces[p.guid] = p.sum
	}
	return traces, err
}
