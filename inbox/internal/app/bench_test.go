package app_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"syscall"
	"testing"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"
	klauspost "github.com/klauspost/compress/gzip"
	"github.com/stretchr/testify/require"

	"nms.example/common/authn"
	"nms.example/common/bustest"
	"nms.example/common/db"
	"nms.example/common/pgtest"
	"nms.example/common/redistest"
	"nms.example/common/servicetest"
	"nms.example/inbox/internal/app"
	"nms.example/inbox/internal/dwhdb"
	"nms.example/inbox/internal/load"
	"nms.example/inbox/internal/spectra"
	"nms.example/inbox/internal/tracebody"
)

// The benchmarks of the intake. Each reports traces/s and the processor time of this process per trace,
// which holds service and load generator but not PostgreSQL, in µs. Ratios between the lines of one run
// are what counts:
//
//	go test ./internal/app -run '^$' -bench . -benchtime 20000x

var pointCounts = []int{1000, 10_000}

func axisOf(points int) spectra.Axis {
	axis := spectra.DefaultAxis
	axis.StepHz, axis.Points = axis.StepHz*int64(axis.Points)/int64(points), points
	return axis
}

// measure reports what fn, which handles b.N traces, costs.
func measure(b *testing.B, fn func()) {
	b.Helper()
	var before, after syscall.Rusage
	require.NoError(b, syscall.Getrusage(syscall.RUSAGE_SELF, &before))
	b.ResetTimer()
	fn()
	b.StopTimer()
	require.NoError(b, syscall.Getrusage(syscall.RUSAGE_SELF, &after))
	spent := after.Utime.Nano() + after.Stime.Nano() - before.Utime.Nano() - before.Stime.Nano()
	b.ReportMetric(float64(spent)/1e3/float64(b.N), "cpu-µs/trace")
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "traces/s")
	b.ReportMetric(0, "ns/op")
}

// startService runs inbox without a rate limit and gives its address and a token.
func startService(b *testing.B) load.Target {
	b.Helper()
	instance := servicetest.Start(b, app.Identity, app.Build, map[string]string{
		"DB_DWH_DSN": pgtest.DSN[db.DWH](b).Reveal(), "MQ_DSN": bustest.New(b).DSN.Reveal(),
		"REDIS_DSN": redistest.DSN(b).Reveal(), "REDIS_PREFIX": redistest.Prefix(b),
		"JWT_SECRET_KEY": secret, "RATE_LIMIT": "0", "LOG_LEVEL": "warn",
	})
	return load.Target{URL: instance.URL + traces, Token: token(b, authn.Mask(authn.InboxWrite))}
}

// startBare runs a gin handler that reads and drops.
func startBare(b *testing.B) load.Target {
	b.Helper()
	gin.SetMode(gin.ReleaseMode)
	engine := gin.New()
	engine.POST("/*any", func(c *gin.Context) {
		_ = http.NewResponseController(c.Writer).EnableFullDuplex()
		_, _ = io.Copy(io.Discard, c.Request.Body)
		c.Status(http.StatusCreated)
	})
	server := httptest.NewUnstartedServer(engine)
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	server.Config.BaseContext = func(net.Listener) context.Context { return b.Context() }
	server.Start()
	b.Cleanup(server.Close)
	return load.Target{URL: server.URL + traces}
}

func BenchmarkPosts(b *testing.B) {
	for _, points := range pointCounts {
		bodies := load.NewBodies(1, axisOf(points))
		for _, clients := range []int{16, 256} {
			for _, kind := range []struct {
				name  string
				start func(*testing.B) load.Target
			}{{"inbox", startService}, {"bare-gin", startBare}} {
				b.Run(fmt.Sprintf("points=%d/clients=%d/%s", points, clients, kind.name), func(b *testing.B) {
					target := kind.start(b)
					measure(b, func() {
						result, err := load.Posts(b.Context(), target, bodies, b.N, clients, 0)
						require.NoError(b, err)
						require.EqualValues(b, b.N, result.Created)
						b.ReportMetric(float64(result.Wait(0.99))/1e6, "p99-ms")
					})
				})
			}
		}
	}
}

func BenchmarkStream(b *testing.B) {
	for _, points := range pointCounts {
		bodies := load.NewBodies(1, axisOf(points))
		b.Run(fmt.Sprintf("points=%d/inbox", points), func(b *testing.B) {
			target := startService(b)
			measure(b, func() {
				result, err := load.Stream(b.Context(), target, bodies, b.N, 1)
				require.NoError(b, err)
				require.EqualValues(b, b.N, result.Created)
			})
		})
	}
}

// BenchmarkCopy is the floor of the database's part: COPY of the same rows from memory, on one
// connection, 256 per transaction.
func BenchmarkCopy(b *testing.B) {
	for _, points := range pointCounts {
		rows := storedTraces(b, points)
		b.Run(fmt.Sprintf("points=%d", points), func(b *testing.B) {
			pool := pgtest.New[db.DWH](b)
			_, err := dwhdb.New(pool).PartitionEnsure(b.Context(), time.Now())
			require.NoError(b, err)
			measure(b, func() {
				for sent := 0; sent < b.N; sent += len(rows) {
					batch := rows[:min(len(rows), b.N-sent)]
					for i := range batch {
						batch[i].Guid = uuid.New()
					}
					require.NoError(b, pool.InTx(b.Context(), db.TxOptions{}, func(ctx context.Context, tx db.Tx[db.DWH]) error {
						_, err := dwhdb.New(tx).TraceInsert(ctx, batch)
						return err
					}))
				}
			})
		})
	}
}

func storedTraces(b *testing.B, points int) []dwhdb.TraceInsertParams {
	b.Helper()
	bodies := load.NewBodies(1, axisOf(points))
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

// BenchmarkStages takes the way of one body apart.
func BenchmarkStages(b *testing.B) {
	for _, points := range pointCounts {
		body := load.NewBodies(1, axisOf(points)).Plain(nil, 0)
		var packed bytes.Buffer
		w := gzip.NewWriter(&packed)
		_, err := w.Write(body)
		require.NoError(b, err)
		require.NoError(b, w.Close())
		b.Run(fmt.Sprintf("points=%d/inflate", points), func(b *testing.B) {
			var reader klauspost.Reader
			source := bytes.NewReader(nil)
			measure(b, func() {
				for range b.N {
					source.Reset(packed.Bytes())
					require.NoError(b, reader.Reset(source))
					_, err := io.Copy(io.Discard, &reader)
					require.NoError(b, err)
				}
			})
		})
		b.Run(fmt.Sprintf("points=%d/scan-and-validate", points), func(b *testing.B) {
			var t tracebody.Trace
			measure(b, func() {
				for range b.N {
					require.NoError(b, tracebody.Scan(body, &t, tracebody.Limits{MaxPoints: points}))
				}
			})
		})
	}
}
