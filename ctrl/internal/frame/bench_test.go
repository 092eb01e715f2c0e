package frame_test

import (
	"context"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"nms.example/common/db"
	"nms.example/common/pgtest"

	"nms.example/ctrl/internal/frame"
)

// perFrame is how many values a frame of the benchmarks has.
const perFrame = 40

// BenchmarkIntake commits frames of 40 values, ten of each of 2,500 pieces of equipment, handed over by the hundred from four goroutines.
//
//	go test ./internal/frame -run '^$' -bench . -benchtime 1x
//
// cpu-µs/value is the processor time of this process, not of PostgreSQL. The tests' PostgreSQL flushes nothing.
func BenchmarkIntake(b *testing.B) {
	intake := frame.NewIntake(pgtest.New[db.DWH](b), frame.Settings{})
	ctx, cancel := context.WithCancel(context.WithoutCancel(b.Context()))
	ended := make(chan error, 1)
	go func() { ended <- intake.Run(ctx) }()
	defer func() { cancel(); require.NoError(b, <-ended) }()
	const equipment, senders, parcel, each = 2500, 4, 100, 10
	var moment atomic.Int64
	begin := time.Now().Add(-time.Hour)
	send := func(from, to int64) {
		second := begin.Add(time.Duration(moment.Add(1)) * time.Millisecond)
		for first := from; first < to; first += parcel {
			frames := make([]frame.Frame, 0, parcel)
			for e := first; e < min(first+parcel, to); e++ {
				f := frame.Frame{Equipment: e + 1, At: second, Values: make([]frame.Value, perFrame)}
				for i := range f.Values {
					f.Values[i] = frame.Value{Parameter: int64(i + 1), Number: float64(e) + float64(i)/7}
				}
				frames = append(frames, f)
			}
			if _, err := intake.Take(context.WithoutCancel(b.Context()), frames, true); err != nil {
				b.Error(err)
				return
			}
		}
	}
	send(0, equipment) // partition, definition, latest rows
	values, spent, began := 0, processorTime(b), time.Now()
	for b.Loop() {
		var group sync.WaitGroup
		for s := range int64(senders) {
			group.Go(func() {
				for range each {
					send(s*equipment/senders, (s+1)*equipment/senders)
				}
			})
		}
		group.Wait()
		values += equipment * each * perFrame
	}
	b.ReportMetric(float64(values)/time.Since(began).Seconds(), "values/s")
	b.ReportMetric((processorTime(b)-spent)/float64(values)*1e6, "cpu-µs/value")
}

// BenchmarkLatest reads the newest values of a piece of equipment that has 40, among 2,500.
func BenchmarkLatest(b *testing.B) {
	pool := pgtest.New[db.DWH](b)
	_, err := pool.Exec(b.Context(), `WITH d AS (INSERT INTO frame_def (params) SELECT array_agg(i) FROM generate_series(1::bigint, $1) i RETURNING id)
		INSERT INTO latest (equipment, frame, at, value) SELECT e, d.id, now(), (SELECT array_agg(i::float8) FROM generate_series(1, $1) i) FROM d, generate_series(1, 2500) e`, perFrame)
	require.NoError(b, err)
	reader, equipment := frame.NewReader(pool), int64(0)
	for b.Loop() {
		equipment = equipment%2500 + 1
		found, err := reader.Latest(b.Context(), []int64{equipment}, nil)
		require.NoError(b, err)
		require.Len(b, found, perFrame)
	}
}

// processorTime is what this process has used, in seconds.
func processorTime(b *testing.B) float64 {
	b.Helper()
	var used syscall.Rusage
	require.NoError(b, syscall.Getrusage(syscall.RUSAGE_SELF, &used))
	return time.Duration(used.Utime.Nano() + used.Stime.Nano()).Seconds()
}
