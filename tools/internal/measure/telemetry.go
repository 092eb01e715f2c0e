package measure

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
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
	// polled is how many pieces of equipment are polled over SNMP, twice a second each for three variables; getRate of these polls per
	// second are to be made.
	polled  = 2000
	getRate = 2000
	// community is what the SNMP agent answers to. It is a secret of the endpoints, by the same name.
	community = "bench"
)

// telemetry measures values: how many are committed, how soon they are read, and how often equipment is polled over SNMP.
func (s *suite) telemetry(ctx context.Context) error {
	s.sayf("telemetry")
	t, err := s.newMeasuring(ctx)
	if err != nil {
		return fmt.Errorf("make the equipment: %w", err)
	}
	if err := t.intake(ctx); err != nil {
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
}

func (s *suite) newMeasuring(ctx context.Context) (*measuring, error) {
	t := &measuring{suite: s, begins: time.Now().Add(-time.Hour)}
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
		at := t.begins.Add(time.Duration(t.moment+n) * time.Millisecond).Format(time.RFC3339Nano)
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

// intake measures values per second that are sent as lines in four streams and committed.
func (t *measuring) intake(ctx context.Context) error {
	const streams, each = 4, 2
	var rates Samples
	for range t.rounds + 1 {
		bodies := make([][]byte, streams)
		for i := range bodies {
			bodies[i] = t.frames(i*measured/streams, (i+1)*measured/streams, each)
		}
		t.moment += each
		failures, begun := make([]error, streams), time.Now()
		var group sync.WaitGroup
		for i, body := range bodies {
			group.Go(func() { failures[i] = t.post(ctx, body, each*measured/streams) })
		}
		group.Wait()
		if err := errors.Join(failures...); err != nil {
			return fmt.Errorf("send values: %w", err)
		}
		rates = append(rates, each*measured*perFrame/time.Since(begun).Seconds())
	}
	t.figure(fmt.Sprintf("ctrl: values committed, in frames of %d", perFrame), "/s", AtLeast(valueRate), rates[1:]...) // the first one was to warm up
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

// polling measures polls per second of three variables over SNMP, of net-snmp's agent.
func (t *measuring) polling(ctx context.Context) error {
	program, err := exec.LookPath("snmpd")
	if err != nil {
		program = "/usr/sbin/snmpd"
	}
	if _, err := os.Stat(program); err != nil {
		t.sayf("  snmpd is not installed: polling over SNMP is not measured")
		return nil
	}
	address, end, err := startAgent(ctx, program)
	if err != nil {
		return err
	}
	defer end()
	if err := t.bind(ctx, address); err != nil {
		return fmt.Errorf("bind the equipment: %w", err)
	}
	var rates Samples
	for range t.rounds + 1 {
		before, begun := t.polls(ctx), time.Now()
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(4 * t.slice):
		}
		rates = append(rates, (t.polls(ctx)-before)/time.Since(begun).Seconds())
	}
	t.figure("ctrl: polls of three variables over SNMP", "/s", AtLeast(getRate), rates[1:]...)
	return t.sql(ctx, "nms", func(conn *pgx.Conn) error {
		_, err := conn.Exec(ctx, "DELETE FROM telemetry_poll")
		return err
	})
}

// bind has each piece of equipment polled twice a second.
func (t *measuring) bind(ctx context.Context, address string) error {
	return t.sql(ctx, "nms", func(conn *pgx.Conn) error {
		for _, statement := range []string{
			"INSERT INTO endpoint (equipment_id, driver, address, secret) SELECT id, 'snmp', '" + address + "', '" + community + "' FROM equipment WHERE id >= $1 AND id < $2",
			`INSERT INTO telemetry_binding (equipment_id, telemetry_id, driver, read, scale, zero, interval_s)
				SELECT e.id, p.id, 'snmp', jsonb_build_object('oid', o.oid), 1, 0, 0.5 FROM equipment AS e,
					(VALUES ('bench1', '1.3.6.1.2.1.1.3.0'), ('bench2', '1.3.6.1.2.1.1.7.0'), ('bench3', '1.3.6.1.2.1.11.1.0')) AS o (name, oid)
					JOIN telemetry AS p ON p.name = o.name WHERE e.id >= $1 AND e.id < $2`,
			`INSERT INTO telemetry_poll (equipment_id, interval_s, due_at) SELECT id, 0.5, now() + random() * interval '0.5 s' FROM equipment WHERE id >= $1 AND id < $2`,
		} {
			if _, err := conn.Exec(ctx, statement, t.first, t.first+polled); err != nil {
				return err
			}
		}
		return nil
	})
}

// polls are those that were answered.
func (t *measuring) polls(ctx context.Context) (n float64) {
	metrics, err := t.fetch(ctx, "ctrl", "/metrics", nil)
	if err != nil {
		return 0 // then the rate shows it
	}
	for lines := bufio.NewScanner(bytes.NewReader(metrics.Body)); lines.Scan(); {
		if text, found := strings.CutPrefix(lines.Text(), `ctrl_polls_total{outcome="answered"} `); found {
			n, _ = strconv.ParseFloat(text, 64) // it is Prometheus' own
		}
	}
	return n
}

// startAgent starts an SNMP agent on a port of its own; end stops it.
func startAgent(ctx context.Context, program string) (address string, end func(), err error) {
	dir, err := os.MkdirTemp("", "bench-snmpd-")
	if err != nil {
		return "", nil, err
	}
	var config net.ListenConfig
	free, err := config.ListenPacket(ctx, "udp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	address = free.LocalAddr().String()
	_ = free.Close()
	file := filepath.Join(dir, "snmpd.conf")
	if err := os.WriteFile(file, []byte("agentaddress udp:"+address+"\nrocommunity "+community+" 127.0.0.1\n"), 0o600); err != nil {
		return "", nil, err
	}
	running, stop := context.WithCancel(ctx)
	agent := exec.CommandContext(running, program, "-f", "-Lo", "-C", "-c", file, "-p", filepath.Join(dir, "pid"))
	agent.Env = []string{"SNMP_PERSISTENT_DIR=" + dir, "HOME=" + dir}
	if err := agent.Start(); err != nil {
		stop()
		return "", nil, err
	}
	return address, func() {
		stop()
		_ = agent.Wait() // it was killed
		_ = os.RemoveAll(dir)
	}, nil
}
