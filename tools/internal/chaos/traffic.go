package chaos

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"nms.example/tools/internal/stack"
)

// Counts are requests and what became of them. A change is one entity that a request was to change: an NDJSON request
// of five traces counts five.
type Counts struct {
	// Sent changes, and of them those that were answered 2xx, refused (any other status) and left without an answer.
	Sent, Done, Refused, Lost int
	// Reads that were sent, and of them those that were answered 2xx.
	Reads, ReadsDone int
}

// add sums up.
func (c *Counts) add(o Counts) {
	c.Sent += o.Sent
	c.Done += o.Done
	c.Refused += o.Refused
	c.Lost += o.Lost
	c.Reads += o.Reads
	c.ReadsDone += o.ReadsDone
}

// count adds one change.
func (c *Counts) count(one *change) {
	c.Sent++
	switch {
	case one.done():
		c.Done++
	case one.status == 0:
		c.Lost++
	default:
		c.Refused++
	}
}

// change is one change that the traffic asked for, with the answer.
type change struct {
	// entity is "<service>.<entity>", as in the types of events.
	entity string
	// subject is the entity's id; empty where the answer with it never came.
	subject string
	// request is the id of the request.
	request string
	// status of the answer; 0: none came.
	status int
	// retried tells that the HTTP client may have sent it twice by itself (DELETE), so that a refusal may follow on
	// a success.
	retried bool
	// idle tells that a 2xx answer may mean that there was nothing to change (a user that is blocked twice).
	idle bool
	// content is what the database must hold afterwards: the marker, a trace's MD5, a signal's trace; "": no check.
	content string
}

func (c *change) done() bool { return c.status/100 == 2 }

// Traffic sends changes and reads to all services until it is stopped, and remembers every one.
type Traffic struct {
	client *client
	pace   time.Duration // pause of a worker between two steps, half of it by chance
	work   sync.WaitGroup
	cancel context.CancelFunc
	ending chan struct{} // closed by drain

	mu      sync.Mutex
	changes []change
	phase   map[string]Counts // by service, since the last call of next
}

// worker sends one kind of traffic; step makes one request, or a few that belong together, and tells whether all went
// well.
type worker interface {
	step(ctx context.Context, t *Traffic) bool
}

const (
	usualPace = 20 * time.Millisecond
	slowPace  = 100 * time.Millisecond // after a step that was not answered 2xx
	tokenLife = 8 * time.Minute        // of 15
)

func newTraffic(system *stack.Private) *Traffic {
	return &Traffic{client: newClient(system), pace: usualPace, ending: make(chan struct{}), phase: map[string]Counts{}}
}

// start logs in and begins with the given workers.
func (t *Traffic) start(ctx context.Context, workers ...worker) error {
	if a, token := t.client.logIn(ctx, true); token == "" {
		return fmt.Errorf("log in: status %d: %.200s", a.status, a.body)
	}
	ctx, t.cancel = context.WithCancel(ctx)
	for _, w := range workers {
		t.work.Go(func() {
			for t.goesOn(ctx) {
				rest := t.pace/2 + rand.N(t.pace/2)
				if !w.step(ctx, t) {
					rest = max(rest, slowPace)
				}
				pause(ctx, rest)
			}
		})
	}
	t.work.Go(func() {
		for t.goesOn(ctx) {
			if t.client.tokenAge() > tokenLife {
				t.client.logIn(ctx, true)
			}
			pause(ctx, slowPace)
		}
	})
	return nil
}

func (t *Traffic) goesOn(ctx context.Context) bool {
	select {
	case <-t.ending:
		return false
	case <-ctx.Done():
		return false
	default:
		return true
	}
}

// drain ends the traffic when every request that is under way has its answer.
func (t *Traffic) drain() {
	close(t.ending)
	t.work.Wait()
	t.stop()
}

// stop ends the traffic at once; requests that are under way are given up and so without an answer.
func (t *Traffic) stop() {
	t.cancel()
	t.work.Wait()
	t.client.close()
}

// next begins a new phase and returns the counts of the last one, by service.
func (t *Traffic) next() map[string]Counts {
	t.mu.Lock()
	defer t.mu.Unlock()
	last := t.phase
	t.phase = map[string]Counts{}
	return last
}

// done counts the changes of a service that were answered 2xx in this phase.
func (t *Traffic) done(service string) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.phase[service].Done
}

// record remembers changes and their answers.
func (t *Traffic) record(service string, changes ...change) {
	t.mu.Lock()
	defer t.mu.Unlock()
	c := t.phase[service]
	for i := range changes {
		c.count(&changes[i])
	}
	t.phase[service] = c
	t.changes = append(t.changes, changes...)
}

// tally counts changes that somebody else remembers.
func (t *Traffic) tally(service string, one *change) {
	t.mu.Lock()
	defer t.mu.Unlock()
	c := t.phase[service]
	c.count(one)
	t.phase[service] = c
}

// recordRead remembers a read.
func (t *Traffic) recordRead(service string, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	c := t.phase[service]
	c.Reads++
	if ok {
		c.ReadsDone++
	}
	t.phase[service] = c
}

// all returns every change so far.
func (t *Traffic) all() []change {
	t.mu.Lock()
	defer t.mu.Unlock()
	return append([]change(nil), t.changes...)
}

func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
