package measure

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	// measured is how many pieces of equipment send values, in frames of perFrame.
	measured = 2500
	perFrame = 40
	// valueRate is how many values per second are to be committed.
	valueRate = 100_000
)

// telemetry measures values: how many are committed, how soon they are read, and how often equipment is polled over SNMP.
func (s *suite) telemetry(ctx context.Context) error {
	s.sayf("telemetry")
	t, err := s.newMeasuring(ctx)
	if err != nil {
		return fmt.Errorf("make the equipment: %w", err)
	}
	if err := t.intake(ctx, fmt.Sprintf("ctrl: values committed, in frames of %d", perFrame), nil); err != nil {
		return err
	}
	if err := t.alarms(ctx); err != nil {
		return err
	}
	if err := t.month(ctx); err != nil {
		return fmt.Errorf("make a month of hours: %w", err)
	}
	to := time.Now().UTC().Truncate(time.Hour)
	for _, read := range []struct {
		name, path string
		query      url.Values
		goal       float64
	}{
		{"ctrl: newest values of one of 2,500, 40 parameters", "/telemetry/latest", url.Values{}, 2},
		{"ctrl: a month of one parameter in 300 buckets", "/telemetry/values", url.Values{"parameter": {"bench7"}, "points": {"300"},
			"from": {to.AddDate(0, -1, 0).Format(time.RFC3339)}, "to": {to.Format(time.RFC3339)}}, 30},
	} {
		if err := t.read(ctx, read.name, read.path, read.query, read.goal); err != nil {
			return fmt.Errorf("%s: %w", read.name, err)
		}
	}
	return t.polling(ctx)
}

// measuring is equipment with values.
type measuring struct {
	*suite

	first  int64 // id of the first piece of equipment; the others follow it
	moment int   // how many frames each has sent
	begins time.Time
	step   time.Duration // between two frames
	// crossings is how often values have crossed limits.
	crossings int
}

func (s *suite) newMeasuring(ctx context.Context) (*measuring, error) {
	t := &measuring{suite: s, step: time.Millisecond, begins: time.Now().Add(-2 * time.Hour)}
	err := s.sql(ctx, "nms", func(conn *pgx.Conn) error {
		_, err := conn.Exec(ctx, "INSERT INTO equipment (name, name_full) SELECT 'bench' || i, 'x' FROM generate_series(1, $1::int) AS i", measured)
		if err != nil {
			return err
		}
		if _, err = conn.Exec(ctx, `INSERT INTO telemetry (name, name_full, description, value_validator)
			SELECT 'bench' || i, 'x', 'x', '{"type": "number", "minimum": -1000000, "maximum": 1000000}' FROM generate_series(1, $1::int) AS i`, perFrame); err != nil {
			return err
		}
		if _, err = conn.Exec(ctx, "UPDATE cache_version SET version = version + 1"); err != nil {
			return err
		}
		return conn.QueryRow(ctx, "SELECT min(id) FROM equipment WHERE name LIKE 'bench%'").Scan(&t.first)
	})
	return t, err
}

// frames are the next ones of the share of equipment from low to high, as lines.
func (t *measuring) frames(low, high, each int) []byte {
	var lines bytes.Buffer
	for n := range each {
		at := t.begins.Add(time.Duration(t.moment+n) * t.step).Format(time.RFC3339Nano)
		for e := low; e < high; e++ {
			fmt.Fprintf(&lines, `{"equipment_id":%d,"at":%q,"values":{`, t.first+int64(e), at)
			for p := range perFrame {
				if p > 0 {
					lines.WriteByte(',')
				}
				fmt.Fprintf(&lines, `"bench%d":%d.%d`, p+1, (e*31+p)%1000, (n+p)%100)
			}
			lines.WriteString("}}\n")
		}
	}
	return lines.Bytes()
}

// streams is in how many streams values are sent.
const streams = 4

// intake measures values per second that are sent as lines and committed; done, unless it is nil, waits for more than that.
func (t *measuring) intake(ctx context.Context, name string, done func(context.Context) error) error {
	const each = 2
	var rates Samples
	for range t.rounds + 1 {
		bodies := t.bodies(measured, each)
		begun := time.Now()
		if err := t.send(ctx, bodies, each*measured/streams); err != nil {
			return err
		}
		if done != nil {
			if err := done(ctx); err != nil {
				return err
			}
		}
		rates = append(rates, each*measured*perFrame/time.Since(begun).Seconds())
	}
	t.figure(name, "/s", AtLeast(valueRate), rates[1:]...) // the first one was to warm up
	return nil
}

// bodies are the next frames of so many pieces of equipment, each of them each, a body per stream.
func (t *measuring) bodies(equipment, each int) [][]byte {
	bodies := make([][]byte, streams)
	for i := range bodies {
		bodies[i] = t.frames(i*equipment/streams, (i+1)*equipment/streams, each)
	}
	t.moment += each
	return bodies
}

// send sends bodies at the same time, of which each has so many frames.
func (t *measuring) send(ctx context.Context, bodies [][]byte, frames int) error {
	failures := make([]error, len(bodies))
	var group sync.WaitGroup
	for i, body := range bodies {
		group.Go(func() { failures[i] = t.post(ctx, body, frames) })
	}
	group.Wait()
	if err := errors.Join(failures...); err != nil {
		return fmt.Errorf("send values: %w", err)
	}
	return nil
}

// post sends lines, of which so many are to be new.
func (t *measuring) post(ctx context.Context, body []byte, want int) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, t.system.URL("ctrl")+"/api/v1/ctrl/telemetry", bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+t.token)
	request.Header.Set("Content-Type", "application/x-ndjson")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if n := bytes.Count(answer, []byte(`"status":201`)); err == nil && n != want {
		err = fmt.Errorf("%d of %d frames were stored: %.200s", n, want, answer)
	}
	return err
}

// month gives 200 pieces of equipment the hours of a month.
func (t *measuring) month(ctx context.Context) error {
	return t.sql(ctx, "dwh", func(conn *pgx.Conn) error {
		to := time.Now().UTC().Truncate(time.Hour).Add(-2 * time.Hour)
		for _, at := range []time.Time{to.AddDate(0, -1, -1), to} {
			if _, err := conn.Exec(ctx, "SELECT frame_partition_ensure('rollup_1h', $1)", at); err != nil {
				return err
			}
		}
		_, err := conn.Exec(ctx, `WITH a AS (SELECT array_agg(60) AS n, array_agg(0) AS bad, array_agg(i::float8) AS v FROM generate_series(1, $3::int) AS i)
			INSERT INTO rollup_1h (equipment, frame, bucket, n, bad, vmin, vmax, vsum)
			SELECT l.equipment, l.frame, h, a.n, a.bad, a.v, a.v, a.v FROM a, latest AS l, generate_series($1::timestamptz, $2, '1 hour') AS h
			WHERE l.equipment < $4 ON CONFLICT DO NOTHING`, to.AddDate(0, -1, -1), to, perFrame, t.first+200)
		return err
	})
}

// read measures how long an answer takes, each time of another piece of equipment.
func (t *measuring) read(ctx context.Context, name, path string, query url.Values, goal float64) error {
	var waits Samples
	for range t.rounds {
		var round Samples
		for e := range int64(100) {
			query.Set("equipment-id", strconv.FormatInt(t.first+e, 10))
			begun := time.Now()
			answer, err := t.fetch(ctx, "ctrl", "/api/v1/ctrl"+path+"?"+query.Encode(), []string{"Authorization: Bearer " + t.token})
			if err != nil {
				return err
			}
			round = append(round, ms(time.Since(begun)))
			if answer.Status != http.StatusOK {
				return fmt.Errorf("status %d: %.200s", answer.Status, answer.Body)
			}
		}
		waits = append(waits, round.Median())
	}
	t.figure(name, "ms", AtMost(goal), waits...)
	return nil
}
