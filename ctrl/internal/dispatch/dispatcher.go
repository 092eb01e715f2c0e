// Package dispatch sends the commands that are queued: in order, one at a time per piece of equipment, each at most once.
//
// An instance holds one session lock of PostgreSQL under a name of its own, its owner id, and writes that id into every command
// before the first byte goes out. When the lock is free, the instance is gone: what it was sending may have been executed and
// is unknown from then on, and is never sent again by anybody; what was accepted is verified further by another instance.
package dispatch

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"nms.example/common/authn"
	"nms.example/common/change"
	"nms.example/common/db"
	"nms.example/common/request"
	"nms.example/common/retry"

	"nms.example/ctrl/internal/alarm"
	"nms.example/ctrl/internal/command"
	"nms.example/ctrl/internal/endpoint"
	"nms.example/ctrl/internal/groupcommit"
)

const (
	// channel is where the database says that a queue may go on.
	channel = "ctrl_command"
	// poll is how often queues are looked at without being told: those that wait for a pause to end, and after a lost notification.
	poll = 500 * time.Millisecond
	// sweepPause is between two looks for what has expired, and for commands of instances that are gone.
	sweepPause = time.Second
	// lookAgain is between two looks at a command whose outcome is unknown.
	lookAgain = 10 * time.Second
	// measureEvery is between two counts of what waits.
	measureEvery = 5 * time.Second
	// margin is what a deadline in the database lies behind the time that sending may take: the outcome has to be written by then.
	margin = 10 * time.Second
)

// Options of a dispatcher.
type Options struct {
	// Workers is how many pieces of equipment are worked on at once; those where a command is only watched do not count.
	Workers int
	// Stands reports whether somebody still holds permissions; authn.Authenticator.Stands.
	Stands func(authn.Holder, authn.Mask) bool
	// Arrived returns the newest values of parameters that came in behind a moment, by whatever way; nil: none ever does.
	Arrived func(ctx context.Context, equipment int64, parameters []string, since time.Time) ([]command.Reading, error)
	// Known fails while it is not known here what was revoked, and which API keys there are; authn.Guard.Check.
	Known  func(context.Context) error
	Logger *slog.Logger
}

// Dispatcher is one instance's. Any number of instances may run one.
type Dispatcher struct {
	writer    *change.Writer[db.NMS]
	commands  *command.Commands
	endpoints *endpoint.Endpoints
	options   Options
	backlog   *backlog
}

// New makes a dispatcher.
func New(writer *change.Writer[db.NMS], commands *command.Commands, endpoints *endpoint.Endpoints, o Options) *Dispatcher {
	return &Dispatcher{writer: writer, commands: commands, endpoints: endpoints, options: o, backlog: newBacklog()}
}

// lockName is the name of an owner's session lock.
func lockName(owner uuid.UUID) string { return "ctrl owner " + owner.String() }

// Run works until ctx ends. Then nothing new is begun, and it returns when what is being sent has its outcome.
func (d *Dispatcher) Run(ctx context.Context) error {
	ctx = request.WithActor(ctx, alarm.Actor)
	pauses := retry.Growing(100*time.Millisecond, 5*time.Second)
	for ctx.Err() == nil {
		began := time.Now()
		err := d.hold(ctx)
		if err != nil && ctx.Err() == nil {
			d.options.Logger.WarnContext(ctx, "commands are not sent; they will be as soon as the database is back", "error", err)
			pauses.WaitSince(ctx, began)
		}
	}
	return nil
}

// hold works for as long as it holds the lock of a new owner.
func (d *Dispatcher) hold(ctx context.Context) error {
	owner := uuid.New()
	// The lock is waited for until ctx ends, and kept beyond, until what is being sent has its outcome.
	kept, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	waiting := context.AfterFunc(ctx, cancel)
	_, err := d.writer.Pool().TryLock(kept, lockName(owner), func(held context.Context) error {
		if !waiting() {
			return context.Cause(ctx)
		}
		newTerm(held, ctx, d, owner).run()
		return context.Cause(held)
	})
	return err
}

// attempt is one sending of a command, by its number.
type attempt struct {
	id     uuid.UUID
	number int32
}

// term is the time in which one owner's lock is held.
type term struct {
	*Dispatcher

	owner uuid.UUID
	held  context.Context // ends when the lock is lost
	stop  context.Context // ends when the service stops
	wake  chan struct{}

	questions *groupcommit.Group[*question]
	writings  *groupcommit.Group[*writing]

	mu       sync.Mutex
	busy     map[int64]bool          // equipment that a worker of this instance is at
	watching int                     // workers that only watch what becomes of a command
	active   map[uuid.UUID]bool      // commands that a worker of this instance is at
	begun    map[attempt]bool        // attempts whose outcome is not written yet
	looked   map[uuid.UUID]time.Time // when an unknown command was looked at last; the sweep's alone
	again    map[int64]bool          // equipment whose queue is to be looked at once more by the worker that is at it
	due      []int64                 // equipment whose queue may go on as soon as a worker is free, the first one first
	listed   map[int64]bool          // what is in due
	starved  bool                    // other queues may wait for a free worker, too
	closed   bool                    // no worker begins any more
	group    sync.WaitGroup
}

func newTerm(held, stop context.Context, d *Dispatcher, owner uuid.UUID) *term {
	t := &term{
		Dispatcher: d, owner: owner, held: held, stop: stop, wake: make(chan struct{}, 1), busy: map[int64]bool{}, again: map[int64]bool{},
		listed: map[int64]bool{}, active: map[uuid.UUID]bool{}, begun: map[attempt]bool{}, looked: map[uuid.UUID]time.Time{},
	}
	t.questions = groupcommit.New(maxTogether, t.answerAll)
	t.writings = groupcommit.New(maxTogether, t.writeAll)
	return t
}

// ended reports whether nothing new is to be begun: the service stops, or the lock is lost.
func (t *term) ended() bool { return t.stop.Err() != nil || t.held.Err() != nil }

// within returns a context for reading from equipment, which may be broken off at any time: it ends with the term, at a stop,
// and when the time is over.
func (t *term) within(timeout time.Duration) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithTimeout(t.held, timeout)
	stopped := context.AfterFunc(t.stop, cancel)
	return ctx, func() { stopped(); cancel() }
}

func (t *term) run() {
	ctx, cancel := context.WithCancel(t.held)
	defer t.group.Wait()
	defer t.close()
	defer cancel()
	stopped := context.AfterFunc(t.stop, cancel)
	defer stopped()
	t.informed(ctx)
	t.commands.Follow(t.hint)
	defer t.commands.Follow(nil)
	t.group.Go(func() { t.listen(ctx) })
	t.group.Go(func() { t.sweep(ctx) })
	ticker := time.NewTicker(poll)
	defer ticker.Stop()
	for {
		t.fill(ctx)
		select {
		case <-ctx.Done():
			return
		case <-t.wake:
		case <-ticker.C:
		}
	}
}

// signal has the queues looked at.
func (t *term) signal() {
	select {
	case t.wake <- struct{}{}:
	default: // it is signalled already
	}
}

// listen passes on what the database says.
func (t *term) listen(ctx context.Context) {
	pauses := retry.Growing(100*time.Millisecond, 5*time.Second)
	for ctx.Err() == nil {
		began := time.Now()
		err := t.writer.Pool().Listen(ctx, channel, func(ctx context.Context, conn *pgx.Conn) error {
			t.signal()
			for {
				if _, err := conn.WaitForNotification(ctx); err != nil {
					return err
				}
				t.signal()
			}
		})
		if ctx.Err() == nil {
			t.options.Logger.WarnContext(ctx, "queues are looked at every half second meanwhile", "error", err)
			pauses.WaitSince(ctx, began)
		}
	}
}

// serve works on one queue until nothing in it can be sent now.
func (t *term) serve(equipment int64) {
	for !t.ended() && !t.overfull(equipment) {
		again, err := t.next(equipment)
		if err != nil && !t.ended() {
			t.options.Logger.WarnContext(t.held, "a command cannot be sent now", "equipment", equipment, "error", err)
			retry.Sleep(t.stop, poll)
			return
		}
		if !again {
			return
		}
	}
}

// next sends the first command of a queue, if it can be sent. again is false when the queue has to wait.
func (t *term) next(equipment int64) (again bool, err error) {
	first := &question{equipment: equipment}
	t.questions.Do(t.held, first)
	if first.err != nil || first.head == nil {
		return false, first.err
	}
	defer t.begin(first.head.IssuedCommand.ID)()
	j, again, err := t.release(first.head)
	if err != nil || j == nil {
		return again, err
	}
	t.send(j)
	return true, nil
}
