package relay_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"nms.example/common/bus"
	"nms.example/common/bustest"
	"nms.example/common/db"
	"nms.example/common/event"
	"nms.example/common/outbox"
	"nms.example/common/pgtest"
	"nms.example/common/relay"
)

// traceEvents look like those of inbox: small, all of one type, each about an entity of its own.
func traceEvents(tb testing.TB, n int) []event.Event {
	tb.Helper()
	events := make([]event.Event, n)
	for i := range events {
		events[i] = newEvent(tb, "inbox.trace.stored", fmt.Sprintf("0190b0b0-0000-7000-8000-%012d", i), map[string]any{
			"before": nil, "after": map[string]any{
				"guid": fmt.Sprintf("0190b0b0-0000-7000-8000-%012d", i), "start_freq_hz": 88_000_000, "stop_freq_hz": 108_000_000,
				"step_freq_hz": 20_000, "noise": -95.25, "numpoints": 1001, "timestamp": "2026-11-23T13:00:00+03:00",
				"location": map[string]any{"lat": 55.75, "lng": 37.61},
			},
		})
	}
	return events
}

// BenchmarkWrite measures what the events add to a writer's transaction, per event.
func BenchmarkWrite(b *testing.B) {
	pool := pgtest.Open[db.DWH](b, db.Settings{DSN: pgtest.DSN[db.DWH](b)})
	for _, size := range []int{1, 30, 300} {
		b.Run(fmt.Sprintf("events=%d", size), func(b *testing.B) {
			template := traceEvents(b, size)
			n := 0
			for b.Loop() {
				events := append([]event.Event(nil), template...)
				err := pool.InTx(b.Context(), db.TxOptions{}, func(ctx context.Context, tx db.Tx[db.DWH]) error {
					return outbox.Write(ctx, tx, inbox, events...)
				})
				require.NoError(b, err)
				n += size
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(n), "ns/event")
			b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "events/s")
		})
	}
}

// BenchmarkRelay measures the way from the table through the broker to a consumer's handler.
func BenchmarkRelay(b *testing.B) {
	for _, size := range []int{1, 300} {
		b.Run(fmt.Sprintf("events=%d", size), func(b *testing.B) {
			pool := pgtest.Open[db.DWH](b, db.Settings{DSN: pgtest.DSN[db.DWH](b)})
			broker := bustest.New(b)
			conn := broker.Dial()
			got := make(chan struct{}, 1<<20)
			ctx, cancel := context.WithCancel(b.Context())
			done := make(chan error, 2)
			go func() {
				done <- bus.Consume(ctx, conn, bus.Subscription{Queue: "bench.all", Bindings: []string{"#"}, Handler: func(context.Context, event.Event) error {
					got <- struct{}{}
					return nil
				}})
			}()
			broker.AwaitBinding("bench.all", 1)
			template := traceEvents(b, size)
			n := 0
			for b.Loop() {
				events := append([]event.Event(nil), template...)
				require.NoError(b, pool.InTx(ctx, db.TxOptions{}, func(ctx context.Context, tx db.Tx[db.DWH]) error {
					return outbox.Write(ctx, tx, inbox, events...)
				}))
				n += size
			}
			began := time.Now()
			relay := relay.New(pool, conn.Publisher(), relay.Options{})
			go func() { done <- relay.Run(ctx) }()
			for range n {
				<-got
			}
			elapsed := time.Since(began)
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(float64(n), "events")
			b.ReportMetric(float64(n)/elapsed.Seconds(), "relayed/s")
			cancel()
			require.NoError(b, <-done)
			require.NoError(b, <-done)
		})
	}
}
