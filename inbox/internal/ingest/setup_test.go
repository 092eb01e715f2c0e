package ingest_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"nms.example/common/change"
	"nms.example/common/db"
	"nms.example/common/event"
	"nms.example/common/pgtest"
	"nms.example/common/rf"
	"nms.example/inbox/internal/ingest"
)

// committer makes a Store on the database.
func committer(pool *db.Pool[db.DWH]) ingest.Store {
	return ingest.NewCommitter(change.NewWriter(pool, event.NewCatalogue("inbox", ingest.EventReceived), change.Options[db.DWH]{}))
}

type bundle struct {
	t     *testing.T
	ctx   context.Context
	pool  *db.Pool[db.DWH]
	queue *ingest.Queue
}

// setup runs a queue on a database of its own.
func setup(t *testing.T, settings ingest.Settings) *bundle {
	t.Helper()
	b := &bundle{t: t, ctx: t.Context(), pool: pgtest.New[db.DWH](t)}
	b.queue = b.start(committer(b.pool), settings)
	return b
}

// start runs a queue until the test ends.
func (b *bundle) start(store ingest.Store, settings ingest.Settings) *ingest.Queue {
	queue := ingest.NewQueue(store, settings)
	ctx, stop := context.WithCancel(b.ctx)
	done := make(chan error, 1)
	go func() { done <- queue.Run(ctx) }()
	b.t.Cleanup(func() {
		stop()
		require.NoError(b.t, <-done)
	})
	return queue
}

func (b *bundle) count(query string, args ...any) (n int) {
	b.t.Helper()
	require.NoError(b.t, b.pool.QueryRow(b.ctx, query, args...).Scan(&n))
	return n
}

var noon = time.Now().UTC().Truncate(24 * time.Hour).Add(12 * time.Hour)

// item makes a small valid trace with its event.
func item(guid uuid.UUID, at time.Time, levels ...rf.Level) *ingest.Item {
	it := ingest.NewItem()
	if len(levels) == 0 {
		levels = []rf.Level{-7524, -8000, 0}
	}
	t := &it.Trace
	t.GUID, t.Time = guid, at
	t.StartHz, t.StepHz, t.StopHz = 100e6, 1000, 100e6+1000*float64(len(levels)-1)
	t.NoiseDBm, t.Lat, t.Lng = -101.5, 55.75, 37.62
	t.Power = rf.AppendBytes(nil, levels)
	it.Event = event.Event{
		Type: ingest.EventReceived.Type, Subject: guid.String(), Source: "/nms/inbox", ID: uuid.Must(uuid.NewV7()),
		Time: at, Data: []byte(fmt.Sprintf(`{"before":null,"after":{"guid":%q}}`, guid)),
	}
	return it
}
