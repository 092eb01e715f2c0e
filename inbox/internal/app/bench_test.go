package app_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"nms.example/common/db"
	"nms.example/common/pgtest"
	"nms.example/inbox/internal/dwhdb"
	"nms.example/inbox/internal/load"
	"nms.example/inbox/internal/spectra"
	"nms.example/inbox/internal/tracebody"
)

var pointCounts = []int{1000, 10_000}

func axisOf(points int) spectra.Axis {
	axis := spectra.DefaultAxis
	axis.StepHz, axis.Points = math.Floor(axis.StepHz*float64(axis.Points)/float64(points)), points
	return axis
}

// BenchmarkIntake sets the intake beside its two ceilings: a bare gin handler that reads and drops the same
// bodies, and COPY of the same rows from memory on one connection. The three take turns, so that the ratios
// hold on a busy machine too; each figure is the median of the rounds.
//
//	go test ./internal/app -run '^$' -bench 'Intake|Stages' -benchtime 1x
//
// traces/s are those of inbox, ×gin and ×copy its share of either ceiling, cpu-µs/trace the processor time of
// this process, which holds inbox and the load generator but not PostgreSQL, and ms-p99-at-half the wait that
// 99 % of single posts stay below at half the rate. The tests' PostgreSQL flushes nothing; `./task bench`
// takes the figures of a durable system in processes of its own.
func BenchmarkIntake(b *testing.B) {
	const rounds = 3
	for _, points := range pointCounts {
		bodies := load.NewBodies(1, axisOf(points))
		rows := storedTraces(b, bodies, points)
		for _, way := range []way{{"posts", 16, 6000}, {"posts", 256, 8000}, {"ndjson", 1, 20_000}} {
			b.Run(fmt.Sprintf("points=%d/%s/clients=%d", points, way.kind, way.clients), func(b *testing.B) {
				target := startOn(b, pgtest.DSN[db.DWH](b))
				bare := startBare(b)
				pool := pgtest.New[db.DWH](b)
				_, err := dwhdb.New(pool).PartitionEnsure(b.Context(), time.Now())
				require.NoError(b, err)
				way.count = way.count * pointCounts[0] / points
				way.send(b, target, bodies, 0) // warms up
				var rate, gin, copied, cpu, half []float64
				for b.Loop() {
					for range rounds {
						spent := processorTimeOfThis(b)
						mine := way.send(b, target, bodies, 0)
						cpu = append(cpu, (processorTimeOfThis(b)-spent)/float64(way.count))
						rate = append(rate, mine.PerSecond())
						gin = append(gin, mine.PerSecond()/way.drop(b, bare, bodies))
						copied = append(copied, mine.PerSecond()/copyRows(b, pool, rows, way.count))
						if way.kind == "posts" {
							half = append(half, way.send(b, target, bodies, mine.PerSecond()/2).Wait(0.99).Seconds()*1e3)
						}
					}
				}
				b.ReportMetric(median(rate), "traces/s")
				b.ReportMetric(median(gin), "×gin")
				b.ReportMetric(median(copied), "×copy")
				b.ReportMetric(median(cpu), "cpu-µs/trace")
				if len(half) > 0 {
					b.ReportMetric(median(half), "ms-p99-at-half")
				}
				b.ReportMetric(0, "ns/op")
			})
		}
	}
}

func median(values []float64) float64 {
	slices.Sort(values)
	return values[len(values)/2]
}

// way is one way to send a number of traces.
type way struct {
	kind           string
	clients, count int
}

// send sends to inbox and makes sure that everything was committed.
func (w way) send(b *testing.B, target load.Target, bodies *load.Bodies, pace float64) *load.Result {
	b.Helper()
	if w.kind == "ndjson" {
		result, err := load.Stream(b.Context(), target, bodies, w.count, w.clients)
		require.NoError(b, err)
		require.EqualValues(b, w.count, result.Created)
		return result
	}
	result, err := load.Posts(b.Context(), target, bodies, w.count, w.clients, pace)
	require.NoError(b, err)
	require.EqualValues(b, w.count, result.Created)
	return result
}

// drop sends to the bare handler, which answers nothing that could be counted, and gives traces per second.
func (w way) drop(b *testing.B, target load.Target, bodies *load.Bodies) float64 {
	b.Helper()
	var result *load.Result
	var err error
	if w.kind == "ndjson" {
		result, err = load.Stream(b.Context(), target, bodies, w.count, w.clients)
	} else {
		result, err = load.Posts(b.Context(), target, bodies, w.count, w.clients, 0)
	}
	require.NoError(b, err)
	return float64(w.count) / result.Took.Seconds()
}

// startBare runs a gin handler that reads and drops.
func startBare(b *testing.B) load.Target {
	b.Helper()
	gin.SetMode(gin.ReleaseMode)
	engine := gin.New()
	engine.POST("/*any", func(c *gin.Context) {
		_ = http.NewResponseController(c.Writer).EnableFullDuplex()
		_, _ = io.Copy(io.Discard, c.Request.Body)
		c.Status(http.StatusOK)
	})
	server := httptest.NewUnstartedServer(engine)
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	server.Config.BaseContext = func(net.Listener) context.Context { return b.Context() }
	server.Start()
	b.Cleanup(server.Close)
	return load.Target{URL: server.URL + base + traces}
}

// copyRows copies count rows, 256 per transaction, and gives rows per second.
func copyRows(b *testing.B, pool *db.Pool[db.DWH], rows []dwhdb.TraceInsertParams, count int) float64 {
	b.Helper()
	began := time.Now()
	for sent := 0; sent < count; sent += len(rows) {
		batch := rows[:min(len(rows), count-sent)]
		for i := range batch {
			batch[i].Guid = uuid.New()
		}
		require.NoError(b, pool.InTx(b.Context(), db.TxOptions{}, func(ctx context.Context, tx db.Tx[db.DWH]) error {
			_, err := dwhdb.New(tx).TraceInsert(ctx, batch)
			return err
		}))
	}
	return float64(count) / time.Since(began).Seconds()
}

// storedTraces makes a transaction's rows out of the bodies.
func storedTraces(b *testing.B, bodies *load.Bodies, points int) []dwhdb.TraceInsertParams {
	b.Helper()
	rows := make([]dwhdb.TraceInsertParams, 256)
	for i := range rows {
		var t tracebody.Trace
		require.NoError(b, tracebody.Scan(bodies.Plain(nil, i), &t, tracebody.Limits{MaxPoints: points}))
		rows[i] = dwhdb.TraceInsertParams{
			MeasuredAt: time.Now(), Guid: t.GUID, StartFreqHz: t.StartHz, StopFreqHz: t.StopHz, StepFreqHz: t.StepHz,
			NoiseDbm: t.NoiseDBm, Lat: t.Lat, Lng: t.Lng, Power: t.Power,
		}
	}
	return rows
}

// processorTimeOfThis gives the processor time that this process has used, in µs.
func processorTimeOfThis(b *testing.B) float64 {
	b.Helper()
	var usage syscall.Rusage
	require.NoError(b, syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return float64(usage.Utime.Nano()+usage.Stime.Nano()) / 1e3
}
