package app_test

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"nms.example/common/db"
	"nms.example/common/servicetest"
)

// TestAFullQueueAnswers503 holds the database's hand while more arrives than may wait. Whoever was let in
// is committed afterwards, whoever was not can try again.
func TestAFullQueueAnswers503(t *testing.T) {
	t.Parallel()
	b := setup(t, "INGEST_QUEUE_BYTES=1048576")
	require.Equal(t, http.StatusCreated, b.post(traces, sample(uuid.New(), time.Now())).Status, "the partition is there")

	// 20,000 values: 42 kB in the queue, so about 24 fit.
	values := strings.Repeat("-90.5,", 19_999) + "-90.5"
	big := func(guid uuid.UUID) string {
		return strings.NewReplacer("-75.24,-80,0.005,327.67,-12.345", values, `"numpoints":5`, `"numpoints":20000`,
			`"stop_freq_hz":100400`, `"stop_freq_hz":2099900`).Replace(sample(guid, time.Now()))
	}
	const posts = 60
	guids, answers := make([]uuid.UUID, posts), make([]chan *servicetest.Answer, posts)
	err := b.pool.InTx(t.Context(), db.TxOptions{}, func(ctx context.Context, tx db.Tx[db.DWH]) error {
		if _, err := tx.Exec(ctx, `LOCK TABLE trace_key IN ACCESS EXCLUSIVE MODE`); err != nil {
			return err
		}
		refusals := make(chan *servicetest.Answer, posts)
		for i := range posts {
			guids[i], answers[i] = uuid.New(), make(chan *servicetest.Answer, 1)
			body := gzipped(t, big(guids[i]))
			go func() {
				got := b.post(traces, body, "Content-Encoding", "gzip")
				answers[i] <- got
				refusals <- got // while the table is locked, nothing else is answered
			}()
		}
		for range 20 {
			got := <-refusals
			require.Equal(t, http.StatusServiceUnavailable, got.Status)
			wait, err := strconv.Atoi(got.Header.Get("Retry-After"))
			require.NoError(t, err)
			require.Positive(t, wait)
		}
		require.Positive(t, b.instance.Metric(t, "inbox_queue_traces"))
		require.GreaterOrEqual(t, b.instance.Metric(t, "inbox_queue_refused_total"), 20.0)
		return nil
	})
	require.NoError(t, err)
	statuses := map[int]int{}
	for i := range answers {
		got := <-answers[i]
		statuses[got.Status]++
		stored := b.get(traces + "/" + guids[i].String()).Status
		require.Equal(t, got.Status == http.StatusCreated, stored == http.StatusOK, "answered %d, found %d", got.Status, stored)
	}
	require.Positive(t, statuses[http.StatusServiceUnavailable], "%v", statuses)
	require.GreaterOrEqual(t, statuses[http.StatusCreated], 15, "%v", statuses)
	require.Len(t, statuses, 2, "%v", statuses)
	require.Zero(t, b.instance.Metric(t, "inbox_queue_traces"))
	require.GreaterOrEqual(t, b.instance.Metric(t, "inbox_commit_traces_sum"), float64(statuses[http.StatusCreated]))
	require.Positive(t, b.instance.Metric(t, "inbox_commit_seconds_sum"))
}
