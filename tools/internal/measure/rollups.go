package measure

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// rolledSource is the receiver whose sweeps are looked at.
const rolledSource = "bench"

// rollups measures waterfall and statistics of a day and of a month of one-second sweeps of 1,000 points, and what rolling up
// costs the intake. The day's traces are copied into the database and rolled up by inbox; the hours of the 29 days before are copies of the day's.
func (s *suite) rollups(ctx context.Context) error {
	day := time.Now().UTC().Truncate(24*time.Hour).AddDate(0, 0, -1)
	if err := s.sql(ctx, "dwh", func(conn *pgx.Conn) error { return copyDay(ctx, conn, day) }); err != nil {
		return fmt.Errorf("copy a day of sweeps: %w", err)
	}
	begun := time.Now()
	if err := s.rebuild(ctx, day, day.AddDate(0, 0, 1)); err != nil {
		return err
	}
	if err := s.rolledUp(ctx); err != nil {
		return err
	}
	s.figure("inbox: a day of one-second sweeps rolled up", "s", Goal{}, time.Since(begun).Seconds())
	err := s.sql(ctx, "dwh", func(conn *pgx.Conn) error {
		_, err := conn.Exec(ctx, `INSERT INTO rollup (width_s, begins_at, source, equipment_id, start_freq_hz, stop_freq_hz, points, unit, sweeps, first_at, last_at,
				south, west, north, east, highest, lowest, total_mw, number, cells)
			SELECT width_s, begins_at - i * interval '1 day', source, equipment_id, start_freq_hz, stop_freq_hz, points, unit, sweeps,
				first_at - i * interval '1 day', last_at - i * interval '1 day', south, west, north, east, highest, lowest, total_mw, number, cells
			FROM rollup, generate_series(1, 29) AS i WHERE width_s = 3600 AND source = $1`, rolledSource)
		return err
	})
	if err != nil {
		return fmt.Errorf("copy a month of hours: %w", err)
	}
	if err := s.settle(ctx, "dwh"); err != nil {
		return err
	}
	if err := s.ranges(ctx, day); err != nil {
		return err
	}
	return s.intakeBeside(ctx, day)
}

// copyDay stores a sweep for every second of a day.
func copyDay(ctx context.Context, conn *pgx.Conn, day time.Time) error {
	if _, err := conn.Exec(ctx, "SELECT trace_partition_ensure($1)", day); err != nil {
		return err
	}
	rows, source, second := newRows(1000), rand.New(rand.NewPCG(3, 4)), 0
	columns := []string{"measured_at", "guid", "start_freq_hz", "stop_freq_hz", "step_freq_hz", "noise_dbm", "lat", "lng", "power", "source"}
	_, err := conn.CopyFrom(ctx, pgx.Identifier{"trace"}, columns, pgx.CopyFromFunc(func() ([]any, error) {
		if second == 24*60*60 {
			return nil, nil
		}
		row := append([]any{}, rows[source.IntN(len(rows))]...)
		row[0], row[1] = day.Add(time.Duration(second)*time.Second), uuid.New()
		second++
		return append(row, rolledSource), nil
	}))
	return err
}

// rebuild has inbox roll up a range anew.
func (s *suite) rebuild(ctx context.Context, from, to time.Time) error {
	return s.sql(ctx, "dwh", func(conn *pgx.Conn) error {
		_, err := conn.Exec(ctx, "SELECT rollup_rebuild($1, $2)", from, to)
		return err
	})
}

// rollingUp has inbox roll up a range anew and waits until it has begun.
func (s *suite) rollingUp(ctx context.Context, from, to time.Time) error {
	if err := s.rebuild(ctx, from, to); err != nil {
		return err
	}
	return s.awaitNone(ctx, "dwh", time.Minute, "inbox did not begin to roll up", "FROM rollup_dirty WHERE width_s = 60 AND begins_at = $1", from)
}

// rolledUp waits until inbox has nothing left to roll up but what is too young.
func (s *suite) rolledUp(ctx context.Context) error {
	return s.awaitNone(ctx, "dwh", 3*time.Minute, "the rollups are not up to date",
		"FROM rollup_dirty WHERE begins_at + make_interval(secs => width_s) < now() - interval '5 s'")
}

// ranges asks for pictures and statistics of the day, which begin and end within a minute, and of the month.
func (s *suite) ranges(ctx context.Context, day time.Time) error {
	for _, one := range []struct {
		name     string
		from, to time.Time
		goal     float64
	}{
		{"a day", day.Add(17*time.Minute + 23*time.Second), day.Add(24*time.Hour - 13*time.Second), 1000},
		{"a month", day.AddDate(0, 0, -29), day.AddDate(0, 0, 1), 2000},
	} {
		query := url.Values{"from": {one.from.Format(time.RFC3339)}, "to": {one.to.Format(time.RFC3339)}, "source": {rolledSource}}.Encode()
		for _, what := range []string{"waterfall?format=png", "waterfall?format=json&statistic=mean", "statistics?threshold=-95&format=json", "statistics?threshold=-95&format=png"} {
			var waits []float64
			for range s.rounds {
				begun := time.Now()
				answer, err := s.fetch(ctx, "inbox", "/api/v1/inbox/"+what+"&"+query, []string{"Authorization: Bearer " + s.token})
				if err != nil {
					return err
				}
				if answer.Status != http.StatusOK {
					return fmt.Errorf("%s: status %d: %.200s", what, answer.Status, answer.Body)
				}
				waits = append(waits, ms(time.Since(begun)))
			}
			s.figure("inbox: "+what+", "+one.name, "ms", AtMost(one.goal), waits...)
		}
	}
	return nil
}

// intakeBeside compares the intake while inbox rolls up with that while it does not.
func (s *suite) intakeBeside(ctx context.Context, day time.Time) error {
	l := traceLoad{points: 1000, clients: 2, ndjson: true}
	probe, err := s.send(ctx, s.system.Address("inbox"), l, 2000, 0)
	if err != nil {
		return err
	}
	count := max(512, int(2000/probe.Seconds*s.slice.Seconds()))
	rate := func(ctx context.Context) (float64, error) {
		result, err := s.send(ctx, s.system.Address("inbox"), l, count, 0)
		return float64(result.Created) / result.Seconds, err
	}
	return s.compare(ctx, l.String()+", while rolling up", "/s", AtLeast(0.9),
		side{"inbox rolling up", func(ctx context.Context) (float64, error) {
			if err := s.rollingUp(ctx, day, day.Add(8*time.Hour)); err != nil {
				return 0, err
			}
			return rate(ctx)
		}},
		side{"with nothing to roll up", func(ctx context.Context) (float64, error) {
			if err := s.rolledUp(ctx); err != nil {
				return 0, err
			}
			return rate(ctx)
		}})
}
