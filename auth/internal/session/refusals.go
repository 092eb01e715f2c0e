package session

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"nms.example/common/change"
	"nms.example/common/db"

	"nms.example/auth/internal/authdb"
)

const (
	// reportEvery is how often refused logins are reported: an attack costs one event a second, whatever
	// its size, while each login that is really tried has an event of its own.
	reportEvery = time.Second
	// reportAddresses bounds the addresses named in one report.
	reportAddresses = 20
	// purgeEvery is how often what is over is forgotten.
	purgeEvery = 10 * time.Minute
)

// refusals counts logins that were refused unread: throttled, or more than there are workers for.
type refusals struct {
	mu        sync.Mutex
	attempts  int64
	addresses map[string]int64
	others    int64
}

// Throttled is the data of EventThrottled.
type Throttled struct {
	Attempts  int64            `json:"attempts" doc:"Logins that were refused unread since the last report"`
	Addresses map[string]int64 `json:"addresses" doc:"How many of them per address, for the first twenty addresses"`
	Others    int64            `json:"others" doc:"How many came from further addresses"`
}

func (r *refusals) count(c Client) {
	address := addressOf(c)
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.addresses == nil {
		r.addresses = map[string]int64{}
	}
	r.attempts++
	if _, ok := r.addresses[address]; !ok && len(r.addresses) >= reportAddresses {
		r.others++
		return
	}
	r.addresses[address]++
}

func (r *refusals) take() (Throttled, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.attempts == 0 {
		return Throttled{}, false
	}
	taken := Throttled{Attempts: r.attempts, Addresses: r.addresses, Others: r.others}
	r.attempts, r.addresses, r.others = 0, nil, 0
	return taken, true
}

func (r *refusals) giveBack(back Throttled) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.attempts += back.Attempts
	r.others += back.Others
	if r.addresses == nil {
		r.addresses = map[string]int64{}
	}
	for address, n := range back.Addresses {
		r.addresses[address] += n
	}
}

// Run reports refused logins and forgets what is over, until ctx ends; the last report is written then.
func (s *Service) Run(ctx context.Context, log *slog.Logger) error {
	reports, purges := time.NewTicker(reportEvery), time.NewTicker(purgeEvery)
	defer reports.Stop()
	defer purges.Stop()
	for {
		select {
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), reportEvery)
			s.report(last, log)
			cancel()
			return nil
		case <-reports.C:
			s.report(ctx, log)
		case <-purges.C:
			s.purge(ctx, log)
		}
	}
}

func (s *Service) report(ctx context.Context, log *slog.Logger) {
	taken, ok := s.refused.take()
	if !ok {
		return
	}
	err := s.writer.Do(ctx, func(_ context.Context, _ db.Tx[db.AUTH], changes *change.Changes) error {
		return changes.Record(EventThrottled.New("all", taken))
	})
	if err != nil {
		s.refused.giveBack(taken)
		log.WarnContext(ctx, "refused logins wait to be reported", "attempts", taken.Attempts, "error", err)
	}
}

func (s *Service) purge(ctx context.Context, log *slog.Logger) {
	q := authdb.New(s.writer.Pool())
	for _, forget := range []func(context.Context) (int64, error){q.SessionPurge, q.RevocationPurge} {
		if _, err := forget(ctx); err != nil && ctx.Err() == nil {
			log.WarnContext(ctx, "what is over cannot be forgotten", "error", err)
		}
	}
}
