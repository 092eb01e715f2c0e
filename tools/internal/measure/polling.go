package measure

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gosnmp/gosnmp"
	"github.com/jackc/pgx/v5"
)

const (
	// polled is how many pieces of equipment are polled over SNMP, twice a second each for three variables; getRate of these polls per
	// second are to be made.
	polled  = 2000
	getRate = 2000
	// community is what the SNMP agent answers to. It is a secret of the endpoints, by the same name, and the key of the webhooks' signatures.
	community = "bench"
)

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
	const name = "ctrl: polls of three variables over SNMP"
	var rates Samples
	err = t.compare(ctx, name, "/s", Goal{},
		side{"ctrl", func(ctx context.Context) (float64, error) {
			rate, err := t.pollRate(ctx)
			rates = append(rates, rate)
			return rate, err
		}},
		side{"the agent, asked by nobody else", func(ctx context.Context) (float64, error) { return bareGets(ctx, address, 4*t.slice) }})
	if err != nil {
		return err
	}
	t.figure(name, "/s", AtLeast(getRate), rates[1:]...) // the first one was to warm up
	return t.sql(ctx, "nms", func(conn *pgx.Conn) error {
		_, err := conn.Exec(ctx, "DELETE FROM telemetry_poll")
		return err
	})
}

// pollRate has all of the equipment polled for a while, and returns how many polls were answered per second.
func (t *measuring) pollRate(ctx context.Context) (float64, error) {
	if err := t.poll(ctx, "now() + random() * interval_s * interval '1 second'"); err != nil {
		return 0, err
	}
	if err := sleep(ctx, t.slice); err != nil { // until all are at it
		return 0, err
	}
	before, begun := t.polls(ctx), time.Now()
	if err := sleep(ctx, 4*t.slice); err != nil {
		return 0, err
	}
	rate := (t.polls(ctx) - before) / time.Since(begun).Seconds()
	if err := t.poll(ctx, "now() + interval '1 hour'"); err != nil {
		return 0, err
	}
	return rate, t.awaitNone(ctx, "nms", time.Minute, "polls do not end", "FROM telemetry_poll WHERE owner IS NOT NULL")
}

// poll sets when the equipment is due.
func (t *measuring) poll(ctx context.Context, due string) error {
	return t.sql(ctx, "nms", func(conn *pgx.Conn) error {
		_, err := conn.Exec(ctx, "UPDATE telemetry_poll SET due_at = "+due)
		return err
	})
}

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// variables are those that are polled.
var variables = []string{"1.3.6.1.2.1.1.3.0", "1.3.6.1.2.1.1.7.0", "1.3.6.1.2.1.11.1.0"}

// bareGets asks the agent for the variables in as many sessions as keep it busy, as fast as it answers, and returns its answers per second. It works on
// one request at a time.
func bareGets(ctx context.Context, address string, length time.Duration) (float64, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return 0, err
	}
	number, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return 0, err
	}
	var answers atomic.Int64
	failures := make([]error, clients)
	begun := time.Now()
	var group sync.WaitGroup
	for i := range failures {
		group.Go(func() {
			session := &gosnmp.GoSNMP{Target: host, Port: uint16(number), Version: gosnmp.Version2c, Community: community, Context: ctx,
				Timeout: time.Second, Retries: 3, MaxOids: len(variables)}
			if failures[i] = session.Connect(); failures[i] != nil {
				return
			}
			defer session.Conn.Close()
			for failures[i] == nil && time.Since(begun) < length {
				_, failures[i] = session.Get(variables)
				answers.Add(1)
			}
		})
	}
	group.Wait()
	return float64(answers.Load()) / time.Since(begun).Seconds(), errors.Join(failures...)
}

// bind has each piece of equipment polled twice a second.
func (t *measuring) bind(ctx context.Context, address string) error {
	return t.sql(ctx, "nms", func(conn *pgx.Conn) error {
		for _, statement := range []string{
			"INSERT INTO endpoint (equipment_id, driver, address, secret) SELECT id, 'snmp', '" + address + "', '" + community + "' FROM equipment WHERE id >= $1 AND id < $2",
			`INSERT INTO telemetry_binding (equipment_id, telemetry_id, driver, read, scale, zero, interval_s)
				SELECT e.id, p.id, 'snmp', jsonb_build_object('oid', o.oid), 1, 0, 0.5 FROM equipment AS e,
					(VALUES ('bench1', '` + variables[0] + `'), ('bench2', '` + variables[1] + `'), ('bench3', '` + variables[2] + `')) AS o (name, oid)
					JOIN telemetry AS p ON p.name = o.name WHERE e.id >= $1 AND e.id < $2`,
			`INSERT INTO telemetry_poll (equipment_id, interval_s, due_at) SELECT id, 0.5, now() + interval '1 hour' FROM equipment WHERE id >= $1 AND id < $2`,
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
