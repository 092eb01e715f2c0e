package app_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/uuid"
	klauspost "github.com/klauspost/compress/gzip"
	"github.com/stretchr/testify/require"

	"nms.example/common/api"
	"nms.example/common/authn"
	"nms.example/common/change"
	"nms.example/common/db"
	"nms.example/common/event"
	"nms.example/common/pgtest"
	inboxapi "nms.example/inbox/internal/api"
	"nms.example/inbox/internal/app"
	"nms.example/inbox/internal/dwhdb"
	"nms.example/inbox/internal/ingest"
	"nms.example/inbox/internal/load"
	"nms.example/inbox/internal/tracebody"
)

// BenchmarkStages takes the way of a trace apart: what each stage costs in processor time of this process,
// and what PostgreSQL's session spends on it, in µs per trace.
//
//	inflate   gzip of one body
//	scan      digits to stored values, and all checks
//	validate  the same for a body of two values: fields and checks alone, a part of scan
//	copy      the rows alone, 256 per transaction
//	commit    everything in the database: guids, rows, events; copy is a part of it
//	http      a post of two values through authentication, routing, queue and answer, nothing stored;
//	          generator is the part of it that the load generator takes
func BenchmarkStages(b *testing.B) {
	for _, points := range pointCounts {
		bodies := load.NewBodies(1, axisOf(points))
		b.Run(fmt.Sprintf("points=%d/inflate", points), func(b *testing.B) { benchInflate(b, bodies) })
		b.Run(fmt.Sprintf("points=%d/scan", points), func(b *testing.B) { benchScan(b, bodies, points) })
		b.Run(fmt.Sprintf("points=%d/copy", points), func(b *testing.B) {
			pool := pgtest.New[db.DWH](b)
			_, err := dwhdb.New(pool).PartitionEnsure(b.Context(), time.Now())
			require.NoError(b, err)
			rows := storedTraces(b, bodies, points)
			copyRows(b, pool, rows, len(rows))
			perTrace(b, pool, 40*len(rows), func() { copyRows(b, pool, rows, 40*len(rows)) })
		})
		b.Run(fmt.Sprintf("points=%d/commit", points), func(b *testing.B) { benchCommit(b, bodies, points) })
	}
	small := load.NewBodies(1, axisOf(2))
	b.Run("validate", func(b *testing.B) { benchScan(b, small, 2) })
	for name, start := range map[string]func(*testing.B) load.Target{"http": startDropping, "generator": startAnswering} {
		b.Run(name, func(b *testing.B) {
			target := start(b)
			const count = 20_000
			perTrace(b, nil, count, func() {
				result, err := load.Posts(b.Context(), target, small, count, 16, 0)
				require.NoError(b, err)
				require.EqualValues(b, count, result.Created)
			})
		})
	}
}

// perTrace reports what fn costs, which handles count traces; pool, when there is one, is where it works.
func perTrace(b *testing.B, pool *db.Pool[db.DWH], count int, fn func()) {
	b.Helper()
	var here, there float64
	traces := 0
	for b.Loop() {
		s := side{pool: pool}
		var before map[int]float64
		if pool != nil {
			before = s.sessions(b)
		}
		spent := processorTimeOfThis(b)
		fn()
		here += processorTimeOfThis(b) - spent
		if pool != nil {
			for pid, cpu := range s.sessions(b) {
				there += cpu - before[pid]
			}
		}
		traces += count
	}
	b.ReportMetric(here/float64(traces), "cpu-µs/trace")
	if pool != nil {
		b.ReportMetric(there/float64(traces), "pg-µs/trace")
	}
	b.ReportMetric(0, "ns/op")
}

func benchInflate(b *testing.B, bodies *load.Bodies) {
	b.Helper()
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	_, err := w.Write(bodies.Plain(nil, 0))
	require.NoError(b, err)
	require.NoError(b, w.Close())
	var reader klauspost.Reader
	const count = 2000
	perTrace(b, nil, count, func() {
		for range count {
			require.NoError(b, reader.Reset(bufio.NewReader(bytes.NewReader(packed.Bytes())))) // as from a connection
			_, err := io.Copy(io.Discard, &reader)
			require.NoError(b, err)
		}
	})
}

func benchScan(b *testing.B, bodies *load.Bodies, points int) {
	b.Helper()
	body := bodies.Plain(nil, 0)
	var t tracebody.Trace
	const count = 20_000
	perTrace(b, nil, count, func() {
		for range count {
			require.NoError(b, tracebody.Scan(body, &t, tracebody.Limits{MaxPoints: points}))
		}
	})
}

func benchCommit(b *testing.B, bodies *load.Bodies, points int) {
	b.Helper()
	pool := pgtest.New[db.DWH](b)
	app.Events.SetCheck(func(*event.Event) error { return nil })
	committer := ingest.NewCommitter(change.NewWriter(pool, app.Events, change.Options[db.DWH]{}))
	items := make([]*ingest.Item, 256)
	for i := range items {
		items[i] = ingest.NewItem()
		require.NoError(b, tracebody.Scan(bodies.Plain(nil, i), &items[i].Trace, tracebody.Limits{MaxPoints: points}))
	}
	commit := func() {
		for _, item := range items {
			item.Trace.GUID = uuid.New()
			item.Event = event.Event{
				Type: ingest.EventReceived.Type, Subject: item.Trace.GUID.String(),
				Data: fmt.Appendf(nil, `{"before":null,"after":{"guid":%q,"filler":"%0200d"}}`, item.Trace.GUID, 0), // its usual size
			}
		}
		_, errs, err := committer.Commit(b.Context(), items)
		require.NoError(b, err)
		require.NoError(b, errs[0])
	}
	commit()
	const batches = 40
	perTrace(b, pool, batches*len(items), func() {
		for range batches {
			commit()
		}
	})
}

// dropping is a store that keeps nothing.
type dropping struct{}

// Commit implements ingest.Store.
func (dropping) Commit(_ context.Context, items []*ingest.Item) ([]ingest.Outcome, []error, error) {
	outcomes := make([]ingest.Outcome, len(items))
	for i := range outcomes {
		outcomes[i] = ingest.Created
	}
	return outcomes, make([]error, len(items)), nil
}

// everybody lets every caller in.
type everybody struct{}

// Authenticate implements api.Authenticator.
func (everybody) Authenticate(context.Context, *http.Request) (*authn.Principal, error) {
	return &authn.Principal{Subject: "user:1", Access: authn.AllPermissions}, nil
}

// startDropping serves inbox's interface in front of a store that drops.
func startDropping(b *testing.B) load.Target {
	b.Helper()
	queue := ingest.NewQueue(dropping{}, ingest.Settings{})
	ctx, stop := context.WithCancel(b.Context())
	done := make(chan error, 1)
	go func() { done <- queue.Run(ctx) }()
	a := api.New(api.Options{Authenticator: everybody{}})
	inboxapi.Register(a, inboxapi.Deps{
		Intake: ingest.NewReceiver(queue, ingest.Window{Past: time.Hour, Ahead: time.Hour}, 1000), MaxBodyBytes: 8 << 20,
	})
	server := httptest.NewUnstartedServer(a)
	server.Config.BaseContext = func(net.Listener) context.Context { return ctx }
	server.Start()
	b.Cleanup(func() {
		server.Close()
		stop()
		require.NoError(b, <-done)
	})
	return load.Target{URL: server.URL + base + traces}
}

// startAnswering runs the least of a server: it looks for the end of each request and answers.
func startAnswering(b *testing.B) load.Target {
	b.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(b, err)
	b.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer func() { _ = conn.Close() }()
				buffer := make([]byte, 64<<10)
				for {
					// The generator writes a small request in one piece and waits for its answer.
					if _, err := conn.Read(buffer); err != nil {
						return
					}
					if _, err := io.WriteString(conn, "HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n"); err != nil {
						return
					}
				}
			}()
		}
	}()
	return load.Target{URL: "http://" + listener.Addr().String() + base + traces}
}
