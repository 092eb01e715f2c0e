package measure

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// traceLoad is one way to send traces.
type traceLoad struct {
	points, clients int
	ndjson          bool
	// goal is the rate per second that has to be reached, 0 without.
	goal float64
	// journal lets admin record every event meanwhile; without, they wait in its queue.
	journal bool
}

func (l traceLoad) String() string {
	name := fmt.Sprintf("inbox: single posts by %d clients, %d points", l.clients, l.points)
	if l.ndjson {
		name = fmt.Sprintf("inbox: %d NDJSON streams, %d points", l.clients, l.points)
	}
	if l.journal {
		name += ", the journal recording"
	}
	return name
}

// inbox measures the intake of traces against a bare handler that drops the same bodies, and against COPY of as many
// rows on one connection.
func (s *suite) inbox(ctx context.Context) error {
	s.sayf("inbox")
	if err := s.buildSpectra(ctx); err != nil {
		return err
	}
	loads := []traceLoad{
		{points: 1000, clients: 2, ndjson: true, journal: true},
		{points: 1000, clients: 2, ndjson: true, goal: 15_000}, {points: 1000, clients: 256, goal: 5000}, {points: 1000, clients: 16},
		{points: 10_000, clients: 2, ndjson: true}, {points: 10_000, clients: 256}, {points: 10_000, clients: 16},
	}
	if s.quick {
		loads = loads[1:3]
	}
	for _, one := range loads {
		if err := s.journal(ctx, one.journal); err != nil {
			return err
		}
		if err := s.traces(ctx, one); err != nil {
			return fmt.Errorf("%s: %w", one, err)
		}
	}
	if err := s.rollups(ctx); err != nil {
		return err
	}
	return s.journal(ctx, true)
}

// buildSpectra builds the generator of traces.
func (s *suite) buildSpectra(ctx context.Context) error {
	s.spectra = filepath.Join(s.system.Dir(), "spectra")
	build := exec.CommandContext(ctx, "go", "build", "-buildvcs=false", "-o", s.spectra, "./inbox/cmd/spectra")
	build.Dir, build.Stderr = s.checkout.Root, os.Stderr
	if err := build.Run(); err != nil {
		return fmt.Errorf("build the generator: %w", err)
	}
	return nil
}

// journal starts or stops the service that records the events.
func (s *suite) journal(ctx context.Context, wanted bool) error {
	const admin = "admin"
	_, stopped := s.system.Ended(admin)
	switch {
	case wanted && stopped:
		if err := s.system.Start(admin); err != nil {
			return err
		}
		return s.awaitReady(ctx, admin)
	case !wanted && !stopped:
		return s.system.Stop(admin)
	}
	return nil
}

// sent is what the generator prints.
type sent struct {
	Created int64   `json:"created"`
	Other   int64   `json:"other"`
	Seconds float64 `json:"seconds"`
	P50     float64 `json:"p50_seconds"`
	P99     float64 `json:"p99_seconds"`
}

// send runs the generator, a process of its own.
func (s *suite) send(ctx context.Context, address string, l traceLoad, count int, pace float64) (sent, error) {
	args := []string{"generate", "-inbox", "http://" + address, "-load", "-json", "-count", strconv.Itoa(count),
		"-clients", strconv.Itoa(l.clients), "-points", strconv.Itoa(l.points), "-pace", strconv.FormatFloat(pace, 'f', 1, 64)}
	if l.ndjson {
		args = append(args, "-ndjson")
	}
	cmd := exec.CommandContext(ctx, s.spectra, args...)
	var problems bytes.Buffer
	cmd.Stderr, cmd.Env = &problems, append(os.Environ(), "SPECTRA_TOKEN="+s.token)
	out, err := cmd.Output()
	if err != nil {
		return sent{}, fmt.Errorf("spectra: %w: %s", err, strings.TrimSpace(problems.String()))
	}
	var result sent
	return result, json.Unmarshal(out, &result)
}

// traces compares one way of sending with both ceilings and looks at its waits.
func (s *suite) traces(ctx context.Context, l traceLoad) error {
	address := s.system.Address("inbox")
	probe, err := s.send(ctx, address, l, 2000, 0)
	if err != nil {
		return err
	}
	// As many as take about the time of a round.
	count := max(512, int(2000/probe.Seconds*s.slice.Seconds()))
	ours := side{"inbox", func(ctx context.Context) (float64, error) {
		result, err := s.send(ctx, address, l, count, 0)
		if err == nil && result.Created < int64(count)/int64(l.clients)*int64(l.clients) {
			err = fmt.Errorf("%d of %d traces were committed", result.Created, count)
		}
		return float64(result.Created) / result.Seconds, err
	}}
	reads := side{"bare gin", func(ctx context.Context) (float64, error) {
		result, err := s.send(ctx, s.bare.address, l, count, 0)
		return float64(count) / result.Seconds, err
	}}
	rows := newRows(l.points)
	copies := side{"COPY", func(ctx context.Context) (rate float64, err error) {
		err = s.sql(ctx, "dwh", func(conn *pgx.Conn) error {
			rate, err = copyRows(ctx, conn, rows, s.slice)
			return err
		})
		return rate, err
	}}
	if err := s.compare(ctx, l.String(), "/s", Goal{}, ours, reads, copies); err != nil {
		return err
	}
	rates := s.report.Ratios[len(s.report.Ratios)-1].Ours
	if l.goal > 0 {
		s.figure(l.String()+", committed", "/s", AtLeast(l.goal), rates...)
	}
	return s.traceWaits(ctx, l, rates.Median(), count)
}

// halfFor is for how many rounds the waits at half of the top rate are measured; one has too few posts for a p99.
const halfFor = 5

// traceWaits measures the waits and the processor time per trace, at the top rate and, of single posts, at half of it.
func (s *suite) traceWaits(ctx context.Context, l traceLoad, top float64, count int) error {
	for _, at := range []struct {
		name string
		pace float64
		goal Goal
	}{{", top rate", 0, Goal{}}, {", half of that", top / 2, AtMost(50)}} {
		if l.ndjson && at.pace > 0 {
			continue
		}
		amount := count
		if at.pace > 0 {
			amount = count / 2 * halfFor
			// The relay still publishes what was taken at the top rate; that is no part of half of it.
			if err := s.settle(ctx, "dwh"); err != nil {
				return err
			}
		}
		var result sent
		cpu, err := s.spent(func() (int64, error) {
			var err error
			result, err = s.send(ctx, s.system.Address("inbox"), l, amount, at.pace)
			return result.Created, err
		})
		if err != nil {
			return err
		}
		s.latency(Latency{Name: l.String() + at.name, Rate: float64(result.Created) / result.Seconds,
			P50: 1000 * result.P50, P99: 1000 * result.P99, CPU: cpu, Goal: at.goal})
	}
	return nil
}

// batchRows is how many rows go into one transaction, as many as inbox puts together at most.
const batchRows = 256

// newRows makes rows as inbox stores them, with noise for values.
func newRows(points int) [][]any {
	rows := make([][]any, batchRows)
	source := rand.New(rand.NewPCG(1, 2))
	for i := range rows {
		power := make([]byte, 0, 2*points)
		for range points {
			power = binary.LittleEndian.AppendUint16(power, uint16(int16(-10_000+300*source.NormFloat64())))
		}
		const start, step = 400_000_000, 1000
		rows[i] = []any{time.Now(), nil, start, start + step*int64(points-1), step, float32(-100), 55.7, 37.6, power}
	}
	return rows
}

// copyRows copies the rows again and again, each time under new guids, and returns rows per second.
func copyRows(ctx context.Context, conn *pgx.Conn, rows [][]any, d time.Duration) (float64, error) {
	if _, err := conn.Exec(ctx, "SELECT trace_partition_ensure(now())"); err != nil {
		return 0, err
	}
	columns := []string{"measured_at", "guid", "start_freq_hz", "stop_freq_hz", "step_freq_hz", "noise_dbm", "lat", "lng", "power"}
	begun, n := time.Now(), int64(0)
	for time.Since(begun) < d {
		for _, row := range rows {
			row[1] = uuid.New()
		}
		copied, err := conn.CopyFrom(ctx, pgx.Identifier{"trace"}, columns, pgx.CopyFromRows(rows))
		if err != nil {
			return 0, err
		}
		n += copied
	}
	return float64(n) / time.Since(begun).Seconds(), nil
}
