package app_test

import (
	"context"
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"nms.example/common/db"
	"nms.example/common/servicetest"
	"nms.example/common/waittest"
)

// TestAFullQueueAnswers503 holds the database's hand while the queue is full. Whoever was let in is committed afterwards,
// whoever was not can try again.
func TestAFullQueueAnswers503(t *testing.T) {
	t.Parallel()
	b := setup(t, "INGEST_QUEUE_BYTES=1048576")
	b.trace(time.Now()) // the partition is there
	// Each takes a quarter of the queue, 2 KiB beside its values of two bytes, so that four fill it.
	const fit, points = 4, (1<<20/4 - 2<<10) / 2
	waiting, let := make([]uuid.UUID, fit), make(chan *servicetest.Answer, fit)
	refused := uuid.New()
	err := b.pool.InTx(t.Context(), db.TxOptions{}, func(ctx context.Context, tx db.Tx[db.DWH]) error {
		if _, err := tx.Exec(ctx, `SET LOCAL idle_in_transaction_session_timeout = 0; LOCK TABLE trace_key IN ACCESS EXCLUSIVE MODE`); err != nil {
			return err
		}
		for i := range waiting {
			waiting[i] = uuid.New()
			body := gzipped(t, wide(waiting[i], time.Now(), points))
			go func() { let <- b.untilTaken(body) }()
		}
		waittest.Until(t, "the queue is full", func() bool { return b.instance.Metric(t, "inbox_queue_traces") == fit })
		for range 20 {
			waittest.Until(t, "there is no room", func() bool {
				answer := b.Post(traces, sample(refused, time.Now())).Is(http.StatusServiceUnavailable)
				requireRetryAfter(t, answer)
				return string(answer.Problem(http.StatusServiceUnavailable).Errors[0].Code) == "busy"
			})
		}
		require.GreaterOrEqual(t, b.instance.Metric(t, "inbox_queue_refused_total"), 20.0)
		return nil
	})
	require.NoError(t, err)
	for range waiting {
		require.Contains(t, []int{http.StatusCreated, http.StatusOK}, (<-let).Status)
	}
	require.Equal(t, fit, b.stored(waiting...))
	require.Zero(t, b.stored(refused))
	b.send(sample(refused, time.Now()))
	waittest.Until(t, "the queue is empty", func() bool { return b.instance.Metric(t, "inbox_queue_traces") == 0 })
	require.GreaterOrEqual(t, b.instance.Metric(t, "inbox_commit_traces_sum"), float64(fit))
	require.Positive(t, b.instance.Metric(t, "inbox_commit_seconds_sum"))
}

// untilTaken posts a trace until it is taken. It may be told to come again: a commit does not wait for ever, which counts where the
// machine is so busy that the table is locked for that long.
func (b *bundle) untilTaken(body string) *servicetest.Answer {
	for {
		answer := b.Post(traces, body, "Content-Encoding: gzip")
		if answer.Status != http.StatusServiceUnavailable {
			return answer
		}
	}
}

func requireRetryAfter(t *testing.T, answer *servicetest.Answer) {
	t.Helper()
	wait, err := strconv.Atoi(answer.Header.Get("Retry-After"))
	require.NoError(t, err)
	require.Positive(t, wait)
}
