package notify

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"nms.example/common/retry"

	"nms.example/ctrl/internal/nmsdb"
)

const (
	// look is how often it is looked what is to be decided and sent.
	look = 200 * time.Millisecond
	// lease is how long a delivery is an instance's; longer than an attempt.
	lease = 2 * timeout
	// workers is how many deliveries an instance sends at a time.
	workers = 16
	// firstPause and longestPause are between two attempts.
	firstPause   = time.Second
	longestPause = 5 * time.Minute
	// patience is how long a delivery is tried, and leastAttempts how often at least: it may have waited for a receiver that was switched off, or behind others.
	patience      = 24 * time.Hour
	leastAttempts = 10
	// kept is how long deliveries that have ended can be read.
	kept = 90 * 24 * time.Hour
	// tidying is how often those are removed that cannot be read any more.
	tidying = time.Hour
)

// Notifier decides and sends. Any number of instances may run one.
type Notifier struct {
	*Notifications

	log  *slog.Logger
	sent *prometheus.CounterVec
	tidy time.Time // when it was tidied up last

	mu      sync.Mutex
	working int
}

// NewNotifier makes one.
func NewNotifier(n *Notifications, log *slog.Logger) *Notifier {
	s := &Notifier{Notifications: n, log: log, sent: prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "ctrl_notifications_total", Help: "Attempts to deliver a notification, by how they ended.",
	}, []string{"outcome"})}
	for _, outcome := range []string{"delivered", "refused", "failed"} {
		s.sent.WithLabelValues(outcome)
	}
	return s
}

// Collectors are the notifier's metrics for the registry of the service.
func (s *Notifier) Collectors() []prometheus.Collector { return []prometheus.Collector{s.sent} }

// Run works until ctx ends; what is being sent then is broken off and sent again by another instance, or after the next start.
func (s *Notifier) Run(ctx context.Context) error {
	var group sync.WaitGroup
	defer group.Wait()
	for {
		if err := s.round(ctx, &group); err != nil && ctx.Err() == nil {
			s.log.WarnContext(ctx, "nobody is notified; they will be as soon as the database is back", "error", err)
		}
		if !retry.Sleep(ctx, look) {
			return nil
		}
	}
}

func (s *Notifier) round(ctx context.Context, group *sync.WaitGroup) error {
	q := nmsdb.New(s.writer.Pool())
	if time.Since(s.tidy) > tidying {
		if err := q.DeliveryForget(ctx, kept.Seconds()); err != nil {
			return err
		}
		s.tidy = time.Now()
	}
	pending, err := q.NotifyPending(ctx)
	if err != nil {
		return err
	}
	for more := pending.Decide; more; {
		if more, err = s.decide(ctx); err != nil {
			return err
		}
	}
	if pending.Beat {
		beats, err := q.HeartbeatDue(ctx)
		if err != nil {
			return err
		}
		if err := q.DeliveryHeartbeat(ctx, beats); err != nil {
			return err
		}
	}
	if pending.Decide || pending.Beat || pending.Send {
		return s.deliver(ctx, q, group)
	}
	return nil
}

// deliver sends what is due.
func (s *Notifier) deliver(ctx context.Context, q *nmsdb.Queries, group *sync.WaitGroup) error {
	s.mu.Lock()
	free := workers - s.working
	s.mu.Unlock()
	if free <= 0 {
		return nil
	}
	begun := time.Now() // before the lease
	due, err := q.DeliveryClaim(ctx, nmsdb.DeliveryClaimParams{LeaseS: lease.Seconds(), Take: int32(free)})
	if err != nil {
		return err
	}
	for i := range due {
		s.mu.Lock()
		s.working++
		s.mu.Unlock()
		group.Go(func() {
			defer func() {
				s.mu.Lock()
				defer s.mu.Unlock()
				s.working--
			}()
			if err := s.attempt(ctx, begun, &due[i]); err != nil && ctx.Err() == nil {
				s.log.WarnContext(ctx, "what has become of a notification cannot be written; it is sent again", "delivery", due[i].Guid, "error", err)
			}
		})
	}
	return nil
}

// attempt sends a delivery and writes what has become of it. It is sent before its lease ends, counted from begun: else another instance sends it, and
// what is behind it.
func (s *Notifier) attempt(ctx context.Context, begun time.Time, d *nmsdb.Delivery) error {
	q := nmsdb.New(s.writer.Pool())
	leased, cancel := context.WithDeadline(ctx, begun.Add(timeout))
	defer cancel()
	r, err := s.Receiver(leased, d.ReceiverID)
	if err != nil {
		return err
	}
	err = s.sender.send(leased, &r, d)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	end := nmsdb.DeliveryEndParams{ID: d.ID, Delivered: true, Attempts: d.Attempts}
	if err == nil {
		s.sent.WithLabelValues("delivered").Inc()
		return q.DeliveryEnd(ctx, end)
	}
	s.log.WarnContext(ctx, "a notification was not taken", "delivery", d.Guid, "receiver", r.ID, "attempt", d.Attempts, "error", err)
	problem := describe(err)
	if _, partly := errors.AsType[partlyError](err); partly {
		s.sent.WithLabelValues("delivered").Inc()
		end.Problem = &problem
		return q.DeliveryEnd(ctx, end)
	}
	if _, refused := errors.AsType[refusedError](err); refused || time.Since(d.CreatedAt) > patience && d.Attempts >= leastAttempts {
		s.sent.WithLabelValues("refused").Inc()
		return q.DeliveryEnd(ctx, nmsdb.DeliveryEndParams{ID: d.ID, Attempts: d.Attempts, Problem: &problem})
	}
	s.sent.WithLabelValues("failed").Inc()
	pause := min(firstPause<<min(max(d.Attempts-1, 0), 10), longestPause)
	return q.DeliveryRetry(ctx, nmsdb.DeliveryRetryParams{ID: d.ID, Attempts: d.Attempts, PauseS: pause.Seconds(), Problem: &problem})
}
