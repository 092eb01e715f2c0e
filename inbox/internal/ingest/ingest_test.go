package ingest_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"nms.example/common/fault"
	"nms.example/inbox/internal/ingest"
)

func TestATraceIsCommittedWithItsEvent(t *testing.T) {
	t.Parallel()
	b := setup(t, ingest.Settings{})
	guid := uuid.New()
	outcome, err := b.queue.Submit(b.ctx, item(guid, noon))
	require.NoError(t, err)
	require.Equal(t, ingest.Created, outcome)
	var power []byte
	require.NoError(t, b.pool.QueryRow(b.ctx, `SELECT power FROM trace WHERE guid = $1`, guid).Scan(&power))
	require.Equal(t, []byte{0x9c, 0xe2, 0xc0, 0xe0, 0, 0}, power)
	require.Equal(t, 1, b.count(`SELECT count(*) FROM outbox WHERE event->>'subject' = $1 OR event->0->>'subject' = $1`, guid.String()))
}

func TestTheSameTraceTwiceIsKnownAndAnotherOneConflicts(t *testing.T) {
	t.Parallel()
	b := setup(t, ingest.Settings{})
	guid := uuid.New()
	outcome, err := b.queue.Submit(b.ctx, item(guid, noon))
	require.NoError(t, err)
	require.Equal(t, ingest.Created, outcome)
	outcome, err = b.queue.Submit(b.ctx, item(guid, noon))
	require.NoError(t, err)
	require.Equal(t, ingest.Known, outcome)

	for name, change := range map[string]func(*ingest.Item){
		"power":     func(it *ingest.Item) { it.Trace.Power[0]++ },
		"noise":     func(it *ingest.Item) { it.Trace.NoiseDBm++ },
		"other day": func(it *ingest.Item) { it.Trace.Time = it.Trace.Time.Add(-48 * time.Hour) },
		"place":     func(it *ingest.Item) { it.Trace.Lat++ },
		"axis":      func(it *ingest.Item) { it.Trace.StartHz += 5; it.Trace.StopHz += 5 },
	} {
		other := item(guid, noon)
		change(other)
		_, err = b.queue.Submit(b.ctx, other)
		require.ErrorIs(t, err, ingest.ErrConflict, name)
	}
	require.Equal(t, 1, b.count(`SELECT count(*) FROM trace`))
	require.Equal(t, 1, b.count(`SELECT count(*) FROM trace_key`))
	require.Equal(t, 1, b.count(`SELECT count(*) FROM outbox`))
}

// TestGuidsRaced lets several queues (as instances of the service would) take the same guids in different
// orders and with different content. Each guid must have exactly one winner.
func TestGuidsRaced(t *testing.T) {
	t.Parallel()
	b := setup(t, ingest.Settings{BatchTraces: 16})
	queues := []*ingest.Queue{b.queue}
	for range 2 {
		queues = append(queues, b.start(committer(b.pool), ingest.Settings{BatchTraces: 16}))
	}
	guids := make([]uuid.UUID, 40)
	for i := range guids {
		guids[i] = uuid.New()
	}
	var created, known, conflict sync.Map
	count := func(m *sync.Map) (n int) {
		m.Range(func(any, any) bool { n++; return true })
		return n
	}
	var senders sync.WaitGroup
	for sender := range 24 {
		senders.Go(func() {
			order := rand.Perm(len(guids))
			for _, i := range order {
				// Half of the senders send one content, half another, on another day.
				at := noon.Add(-time.Duration(sender%2) * 24 * time.Hour)
				outcome, err := queues[sender%3].Submit(b.ctx, item(guids[i], at))
				switch {
				case errors.Is(err, ingest.ErrConflict):
					conflict.Store([2]int{sender, i}, true)
				case err != nil:
					t.Errorf("unexpected: %v", err)
				case outcome == ingest.Created:
					created.Store([2]int{sender, i}, true)
				default:
					known.Store([2]int{sender, i}, true)
				}
			}
		})
	}
	senders.Wait()
	require.Equal(t, len(guids), count(&created))
	require.Equal(t, len(guids)*11, count(&known))
	require.Equal(t, len(guids)*12, count(&conflict))
	require.Equal(t, len(guids), b.count(`SELECT count(*) FROM trace`))
	require.Equal(t, len(guids), b.count(`SELECT sum(CASE json_typeof(event) WHEN 'array' THEN json_array_length(event) ELSE 1 END) FROM outbox`))
}

func TestOneBadTraceNeverFailsItsNeighbours(t *testing.T) {
	t.Parallel()
	b := setup(t, ingest.Settings{Linger: 50 * time.Millisecond})
	items := make([]*ingest.Item, 21)
	for i := range items {
		items[i] = item(uuid.New(), noon)
		if i == 13 {
			items[i].Trace.StepHz = 10 // only the table's own check sees it: the body's checks were passed by
		}
		require.NoError(t, b.queue.Enqueue(b.ctx, items[i]))
	}
	for i, it := range items {
		outcome, err := b.queue.Wait(b.ctx, it)
		if i == 13 {
			require.Equal(t, fault.Invalid, fault.KindOf(err))
			continue
		}
		require.NoError(t, err)
		require.Equal(t, ingest.Created, outcome)
	}
	require.Equal(t, 20, b.count(`SELECT count(*) FROM trace`))
	require.Equal(t, 20, b.count(`SELECT count(*) FROM trace_key`))
}

func TestPartitionsAreMadeWhenTheyAreMissing(t *testing.T) {
	t.Parallel()
	b := setup(t, ingest.Settings{})
	for _, days := range []int{0, 40, 3} {
		outcome, err := b.queue.Submit(b.ctx, item(uuid.New(), noon.AddDate(0, 0, -days)))
		require.NoError(t, err)
		require.Equal(t, ingest.Created, outcome)
	}
	// A partition that retention drops behind the committer's back comes again.
	_, err := b.pool.Exec(b.ctx, "DROP TABLE trace_"+noon.AddDate(0, 0, -40).Format("20060102"))
	require.NoError(t, err)
	_, err = b.queue.Submit(b.ctx, item(uuid.New(), noon.AddDate(0, 0, -40)))
	require.NoError(t, err)
	require.Equal(t, 3, b.count(`SELECT count(*) FROM trace`))
	// The days on either side of 1970 are two.
	epoch := time.Unix(0, 0).UTC()
	_, errs, err := committer(b.pool).Commit(b.ctx,
		[]*ingest.Item{item(uuid.New(), epoch.Add(time.Hour)), item(uuid.New(), epoch.Add(-time.Hour))})
	require.NoError(t, err)
	require.Equal(t, []error{nil, nil}, errs)
}

// gate is a Store that commits nothing before it is opened. It tells of the first thousand commits: how many there are may be for the machine's speed
// to say, and it waits for nobody to hear of them.
type gate struct {
	open  chan struct{}
	began chan struct{}
	sizes chan int
	err   error
}

func newGate() *gate {
	return &gate{open: make(chan struct{}), began: make(chan struct{}, 1000), sizes: make(chan int, 1000)}
}

func (g *gate) Commit(ctx context.Context, items []*ingest.Item) ([]ingest.Outcome, []error, error) {
	tell(g.began, struct{}{})
	select {
	case <-g.open:
	case <-ctx.Done():
		return nil, nil, ctx.Err()
	}
	tell(g.sizes, len(items))
	outcomes := make([]ingest.Outcome, len(items))
	for i := range outcomes {
		outcomes[i] = ingest.Created
	}
	return outcomes, make([]error, len(items)), g.err
}

func tell[T any](to chan<- T, what T) {
	select {
	case to <- what:
	default:
	}
}

func TestAFullQueueRefusesInsteadOfGrowing(t *testing.T) {
	t.Parallel()
	g := newGate()
	b := &bundle{t: t, ctx: t.Context()}
	queue := b.start(g, ingest.Settings{MaxBytes: 64 << 10, Committers: 1, BatchTraces: 4})
	results := make(chan error, 100)
	for range 100 {
		go func() {
			_, err := queue.Submit(b.ctx, item(uuid.New(), noon))
			results <- err
		}()
	}
	var refused int
	for range 100 - 31 { // 64 KiB hold 31 small traces
		err := <-results
		require.ErrorIs(t, err, ingest.ErrFull)
		require.Equal(t, fault.Unavailable, fault.KindOf(err))
		require.Positive(t, fault.As(err).RetryAfter)
		refused++
	}
	require.EqualValues(t, 31, queue.Waiting())
	close(g.open)
	for range 31 {
		require.NoError(t, <-results)
	}
	require.Equal(t, 69, refused)
	require.Zero(t, queue.Waiting())
}

func TestConcurrentTracesShareATransaction(t *testing.T) {
	t.Parallel()
	g := newGate()
	b := &bundle{t: t, ctx: t.Context()}
	queue := b.start(g, ingest.Settings{Committers: 1, BatchTraces: 8})
	items := make([]*ingest.Item, 21)
	for i := range items {
		items[i] = item(uuid.New(), noon)
		require.NoError(t, queue.Enqueue(b.ctx, items[i]))
		if i == 0 {
			<-g.began // alone; the others gather meanwhile
		}
	}
	close(g.open)
	for _, it := range items {
		_, err := queue.Wait(b.ctx, it)
		require.NoError(t, err)
	}
	close(g.sizes)
	var sizes []int
	for n := range g.sizes {
		sizes = append(sizes, n)
	}
	require.Equal(t, []int{1, 8, 8, 4}, sizes)
}

func TestTroubleOfTheDatabaseIsNotSearchedForInTheTraces(t *testing.T) {
	t.Parallel()
	g := newGate()
	g.err = fault.New(fault.CodeUnavailable, "down")
	b := &bundle{t: t, ctx: t.Context()}
	queue := b.start(g, ingest.Settings{Committers: 1})
	items := []*ingest.Item{item(uuid.New(), noon), item(uuid.New(), noon), item(uuid.New(), noon), item(uuid.New(), noon)}
	for i, it := range items {
		require.NoError(t, queue.Enqueue(b.ctx, it))
		if i == 0 {
			<-g.began
		}
	}
	close(g.open)
	for _, it := range items {
		_, err := queue.Wait(b.ctx, it)
		require.Equal(t, fault.Unavailable, fault.KindOf(err))
	}
	require.Equal(t, 1, <-g.sizes)
	require.Equal(t, 3, <-g.sizes)
	require.Empty(t, g.sizes, "the batch is not tried again in parts")
}

// TestAGuidDoesNotOvertakeItself sends a guid again while it is being committed: its batch waits
// although a committer is free.
func TestAGuidDoesNotOvertakeItself(t *testing.T) {
	t.Parallel()
	g := newGate()
	b := &bundle{t: t, ctx: t.Context()}
	queue := b.start(g, ingest.Settings{Committers: 2, BatchTraces: 2})
	guid := uuid.New()
	first, again, other := item(guid, noon), item(guid, noon), item(uuid.New(), noon)
	require.NoError(t, queue.Enqueue(b.ctx, first))
	<-g.began
	require.NoError(t, queue.Enqueue(b.ctx, again))
	require.NoError(t, queue.Enqueue(b.ctx, other)) // the batch is full
	select {
	case <-g.began:
		require.Fail(t, "the same guid is committed twice at a time")
	case <-time.After(50 * time.Millisecond):
	}
	close(g.open)
	for _, it := range []*ingest.Item{first, again, other} {
		_, err := queue.Wait(b.ctx, it)
		require.NoError(t, err)
	}
	require.Equal(t, 1, <-g.sizes)
	require.Equal(t, 2, <-g.sizes)
}

func TestNobodyWaitsForWhoCannotCome(t *testing.T) {
	t.Parallel()
	g := newGate()
	close(g.open)
	b := &bundle{t: t, ctx: t.Context()}
	queue := b.start(g, ingest.Settings{Linger: time.Hour}) // a wait would last for ever
	for range 20 {
		_, err := queue.Submit(b.ctx, item(uuid.New(), noon))
		require.NoError(t, err)
	}
	// Two that were answered together are waited for.
	pair := []*ingest.Item{item(uuid.New(), noon), item(uuid.New(), noon)}
	for range 20 {
		for _, it := range pair {
			require.NoError(t, queue.Enqueue(b.ctx, it))
		}
		for _, it := range pair {
			_, err := queue.Wait(b.ctx, it)
			require.NoError(t, err)
		}
	}
}

func TestStoppingCommitsWhatWasTaken(t *testing.T) {
	t.Parallel()
	g := newGate()
	queue := ingest.NewQueue(g, ingest.Settings{Committers: 1, BatchTraces: 2})
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- queue.Run(ctx) }()
	var items []*ingest.Item
	for range 7 {
		items = append(items, item(uuid.New(), noon))
		require.NoError(t, queue.Enqueue(t.Context(), items[len(items)-1]))
	}
	stop()
	for {
		late := item(uuid.New(), noon)
		if err := queue.Enqueue(t.Context(), late); err != nil {
			require.ErrorIs(t, err, ingest.ErrStopped)
			break
		}
		items = append(items, late)
	}
	close(g.open)
	require.NoError(t, <-done)
	for _, it := range items {
		outcome, err := queue.Wait(t.Context(), it)
		require.NoError(t, err)
		require.Equal(t, ingest.Created, outcome)
	}
}
