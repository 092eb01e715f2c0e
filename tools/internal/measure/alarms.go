package measure

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	// raiseWithin and tellWithin are how long it may take, in ms, from a value to its alarm, and from there to whoever is told.
	raiseWithin, tellWithin = 1000, 1000
	// crossed is how many values cross the limit, one every crossEvery.
	crossed    = 40
	crossEvery = 100 * time.Millisecond
	// hourly is how many pieces of equipment send an hour of frames, one a second, as fast as they are taken.
	hourly = 20
)

// alarms measures limits: values that are evaluated, and how soon alarms are raised and told.
func (t *measuring) alarms(ctx context.Context) error {
	if err := t.limits(ctx); err != nil {
		return fmt.Errorf("make the limits: %w", err)
	}
	name := fmt.Sprintf("ctrl: values committed and evaluated against two levels each, in frames of %d", perFrame)
	soFar := t.metric(ctx, "ctrl_limits_values_total")
	if err := t.intake(ctx, name, func(ctx context.Context) error {
		soFar += eachRound * measured * perFrame // each value has one limit
		for t.metric(ctx, "ctrl_limits_values_total") < soFar {
			if err := sleep(ctx, 10*time.Millisecond); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		return err
	}
	told, end, err := t.listen(ctx)
	if err != nil {
		return err
	}
	defer end()
	if err := t.cross(ctx, "at rest", told); err != nil {
		return err
	}
	if err := t.underLoad(ctx, func(ctx context.Context) error { return t.cross(ctx, "beside 100,000 values/s", told) }); err != nil {
		return err
	}
	if err := t.hour(ctx); err != nil {
		return err
	}
	return t.sql(ctx, "nms", func(conn *pgx.Conn) error { // what is measured next raises none
		_, err := conn.Exec(ctx, "DELETE FROM route; DELETE FROM receiver; DELETE FROM telemetry_limit")
		return err
	})
}

// limits gives every parameter two levels that no value of a frame crosses, and one further parameter one that is crossed.
func (t *measuring) limits(ctx context.Context) error {
	err := t.sql(ctx, "nms", func(conn *pgx.Conn) error {
		for _, statement := range []string{
			`INSERT INTO telemetry_limit (name, telemetry_id, levels, stale_s)
				SELECT name, id, '[{"severity": "major", "high": 2000}, {"severity": "critical", "high": 3000}]', 3600 FROM telemetry WHERE name LIKE 'bench%'`,
			`WITH made AS (INSERT INTO telemetry (name, name_full, description, value_validator) VALUES ('crossed', 'x', 'x', '{"type": "number"}') RETURNING id)
				INSERT INTO telemetry_limit (name, telemetry_id, levels) SELECT 'crossed', id, '[{"severity": "major", "high": 10}]' FROM made`,
			"UPDATE cache_version SET version = version + 1",
		} {
			if _, err := conn.Exec(ctx, statement); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return sleep(ctx, 2*time.Second) // limits are looked at twice a second
}

// evaluated waits until all that was sent is evaluated.
func (t *measuring) evaluated(ctx context.Context) error {
	return t.awaitNone(ctx, "dwh", time.Minute, "values are not evaluated", "FROM limit_feed")
}

// arrivals are when somebody was told of the alarms of pieces of equipment.
type arrivals struct {
	mu sync.Mutex
	at map[int64]time.Time
}

func (a *arrivals) ServeHTTP(_ http.ResponseWriter, r *http.Request) {
	now := time.Now()
	var m struct {
		Alarms []struct {
			Event     string `json:"event"`
			Equipment int64  `json:"equipment_id"`
		} `json:"alarms"`
	}
	if json.NewDecoder(r.Body).Decode(&m) != nil {
		return // then it is missing
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, one := range m.Alarms {
		if one.Event == "raised" {
			a.at[one.Equipment] = now
		}
	}
}

func (a *arrivals) of(equipment int64) time.Time {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.at[equipment]
}

// listen begins to be told of all alarms, at once.
func (t *measuring) listen(ctx context.Context) (told *arrivals, end func(), err error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, nil, err
	}
	told = &arrivals{at: map[int64]time.Time{}}
	server := &http.Server{Handler: told, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = server.Serve(listener) }() // until end
	err = t.sql(ctx, "nms", func(conn *pgx.Conn) error {
		_, err := conn.Exec(ctx, `WITH made AS (INSERT INTO receiver (name, kind, address, secret) VALUES ('bench', 'webhook', $1, $2) RETURNING id)
			INSERT INTO route (name, receivers, severity, group_s) SELECT 'bench', ARRAY[id], 'warning', 0 FROM made`, "http://"+listener.Addr().String(), community)
		return err
	})
	return told, func() { _ = server.Close() }, err // whoever is told then is told in vain
}

// cross has values cross the limit one after the other, each of another piece of equipment, and measures how long it takes from each to its alarm, and from
// there to whoever is told.
func (t *measuring) cross(ctx context.Context, when string, told *arrivals) error {
	crossed := crossed
	if t.quick {
		crossed /= 4
	}
	first := t.first + measured/2 + int64(t.crossings*crossed) // whose alarms were never raised
	t.crossings++
	sent, raised := make([]time.Time, crossed), make([]time.Time, crossed)
	watching, stop := context.WithCancel(ctx)
	defer stop()
	seen := make(chan error, 1)
	go func() { seen <- t.watchAlarms(watching, first, raised) }()
	at := time.Now()
	for i := range crossed {
		sent[i] = time.Now()
		body := fmt.Appendf(nil, `{"equipment_id":%d,"at":%q,"values":{"crossed":%d}}`, first+int64(i), at.Add(time.Duration(i)*time.Millisecond).Format(time.RFC3339Nano), 11+i)
		if err := t.post(ctx, append(body, '\n'), 1); err != nil {
			return err
		}
		if err := sleep(ctx, crossEvery); err != nil {
			return err
		}
	}
	if err := <-seen; err != nil {
		return err
	}
	var raise, tell []time.Duration
	for i := range crossed {
		begun := time.Now()
		for told.of(first + int64(i)).IsZero() {
			if time.Since(begun) > time.Minute {
				return fmt.Errorf("nobody was told of alarm %d %s", i, when)
			}
			if err := sleep(ctx, time.Millisecond); err != nil {
				return err
			}
		}
		raise, tell = append(raise, raised[i].Sub(sent[i])), append(tell, max(0, told.of(first+int64(i)).Sub(raised[i])))
	}
	t.waits("ctrl: from a value to its alarm, "+when, raise, raiseWithin)
	t.waits("ctrl: from an alarm to whoever is told, "+when, tell, tellWithin)
	return nil
}

// watchAlarms notes when the alarms of pieces of equipment are there.
func (t *measuring) watchAlarms(ctx context.Context, first int64, raised []time.Time) error {
	return t.sql(ctx, "nms", func(conn *pgx.Conn) error {
		for left := len(raised); left > 0; {
			rows, err := conn.Query(ctx, "SELECT equipment_id FROM alarm WHERE equipment_id >= $1 AND equipment_id < $2", first, first+int64(len(raised)))
			if err != nil {
				return err
			}
			there, err := pgx.CollectRows(rows, pgx.RowTo[int64])
			if err != nil {
				return err
			}
			now := time.Now()
			for _, equipment := range there {
				if one := &raised[equipment-first]; one.IsZero() {
					*one = now
					left--
				}
			}
			if err := sleep(ctx, 5*time.Millisecond); err != nil {
				return err
			}
		}
		return nil
	})
}

// waits adds how long something took.
func (t *measuring) waits(name string, waits []time.Duration, within float64) {
	slices.Sort(waits)
	share := func(of float64) float64 { return ms(waits[int(of*float64(len(waits)-1))]) }
	t.latency(Latency{Name: name, Rate: 1 / crossEvery.Seconds(), P50: share(0.5), P99: share(0.99), Goal: AtMost(within)})
}

// underLoad does something while all of the equipment sends a frame a second.
func (t *measuring) underLoad(ctx context.Context, do func(context.Context) error) error {
	loading, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() {
		var err error
		for next := time.Now(); err == nil && sleep(loading, time.Until(next)) == nil; next = next.Add(time.Second) {
			err = t.send(ctx, t.bodies(measured, 1), measured/streams)
		}
		ended <- err
	}()
	err := sleep(ctx, 2*time.Second)
	if err == nil {
		err = do(ctx)
	}
	stop()
	if failed := <-ended; err == nil {
		err = failed
	}
	return err
}

// hour sends an hour of frames of some pieces of equipment, one a second of each, as fast as they are taken and evaluated, and looks whether the memory of
// ctrl grows.
func (t *measuring) hour(ctx context.Context) error {
	const seconds, each, quarters = 3600, 60, 4
	equipment := hourly
	if t.quick {
		equipment /= 5
	}
	before := *t
	t.step, t.moment, t.begins = time.Second, 0, time.Now().Add(-90*time.Minute).Truncate(time.Second)
	defer func() { t.step, t.moment, t.begins = before.step, before.moment, before.begins }()
	var resident Samples
	begun := time.Now()
	for range quarters {
		var quarter Samples // the garbage collector makes single ones waver
		for range seconds / each / quarters {
			if err := t.send(ctx, t.bodies(equipment, each), each*equipment/streams); err != nil {
				return err
			}
			usage, err := t.system.Usage("ctrl")
			if err != nil {
				return err
			}
			quarter = append(quarter, mebibytes(usage.Resident))
		}
		if err := t.evaluated(ctx); err != nil {
			return err
		}
		resident = append(resident, quarter.Median())
	}
	t.sayf("  an hour of %d values/s was taken in %.0f s", equipment*perFrame, time.Since(begun).Seconds())
	t.figure(fmt.Sprintf("ctrl: memory in the quarters of an hour of frames, one a second of %d", equipment), "MiB", Goal{}, resident...)
	t.figure("ctrl: memory in the last quarter of that hour, of that in the first", "×", AtMost(1.1), resident[quarters-1]/resident[0])
	return nil
}
