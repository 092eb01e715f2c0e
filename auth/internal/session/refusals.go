package session

import (
	"context"
	"log/slog"
	"maps"
	"net/netip"
	"slices"
	"strconv"
	"sync"
	"time"

	"nms.example/common/change"
	"nms.example/common/db"
	"nms.example/common/event"
	"nms.example/common/request"

	"nms.example/auth/internal/authdb"
)

// Refused logins are told to the journal in the background, so that no login waits for it and none can be told from
// another by how long that takes. Of one account, address and reason the first refusal is told within reportEvery, those
// that follow together once a minute. Beyond maxOrigins of those, and for logins that were refused unread, there is one
// summary, again the first at once and then once a minute. So an attack costs an instance at most maxOrigins and one
// events a minute, whatever its size. A crash loses what was not told yet.
const (
	// reportEvery is how long a refused login waits to be told.
	reportEvery = time.Second
	// repeatEvery is the time between two events about the same.
	repeatEvery = time.Minute
	// maxOrigins bounds the accounts at addresses that have events of their own within a minute.
	maxOrigins = 60
	// maxNamed bounds the addresses and the logins named in one summary.
	maxNamed = 20
	// purgeEvery is how often what is over is forgotten.
	purgeEvery = 10 * time.Minute
)

// origin is whose login was refused, where and why. All unknown logins of a network are one.
type origin struct {
	userID  int64 // 0: the login is unknown
	network netip.Prefix
	reason  string
}

// refusal is what is told of an origin.
type refusal struct {
	attempts  int64
	since     time.Time // the first attempt that was not told yet
	login     string    // as the database has it
	address   string    // of the last attempt, like the next two
	userAgent string
	requestID string
	told      time.Time // when an event was last written; zero: never
}

// Throttled is the data of EventThrottled.
type Throttled struct {
	Attempts  int64            `json:"attempts" doc:"Logins that were refused unread since the last report"`
	Failed    int64            `json:"failed" doc:"Logins that were tried and refused since the last report, beyond those that have events of their own"`
	Since     time.Time        `json:"since" doc:"When the first of them came"`
	Addresses map[string]int64 `json:"addresses" doc:"How many of them per address, for the first twenty addresses"`
	Others    int64            `json:"others" doc:"How many came from further addresses"`
	Logins    map[string]int64 `json:"logins" doc:"How many of them per login of an existing user, for the first twenty"`
}

// refusals counts refused logins until they are told.
type refusals struct {
	mu      sync.Mutex
	origins map[origin]*refusal
	summary Throttled
	told    time.Time // when a summary was last written
}

// fail counts a login that was tried and refused.
func (r *refusals) fail(o origin, login string, c Client, requestID string, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	one := r.origins[o]
	if one == nil {
		if len(r.origins) >= maxOrigins {
			r.summary.Failed++
			r.summary.name(addressOf(c), login, now)
			return
		}
		if r.origins == nil {
			r.origins = map[origin]*refusal{}
		}
		one = &refusal{}
		r.origins[o] = one
	}
	if one.attempts == 0 {
		one.since = now
	}
	one.attempts++
	one.login, one.address, one.userAgent, one.requestID = login, addressOf(c), c.UserAgent, requestID
}

// throttle counts a login that was refused unread; login is empty when there is no such user.
func (r *refusals) throttle(login string, c Client, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.summary.Attempts++
	r.summary.name(addressOf(c), login, now)
}

func (t *Throttled) name(address, login string, now time.Time) {
	if t.Since.IsZero() {
		t.Since, t.Addresses, t.Logins = now, map[string]int64{}, map[string]int64{}
	}
	if _, named := t.Addresses[address]; named || len(t.Addresses) < maxNamed {
		t.Addresses[address]++
	} else {
		t.Others++
	}
	if _, named := t.Logins[login]; login != "" && (named || len(t.Logins) < maxNamed) {
		t.Logins[login]++
	}
}

// due takes what is to be told now: everything that was never told or whose minute is over, all of it at the end.
func (r *refusals) due(now time.Time, all bool) (map[origin]refusal, *Throttled) {
	r.mu.Lock()
	defer r.mu.Unlock()
	taken := map[origin]refusal{}
	for o, one := range r.origins {
		switch {
		case !all && now.Sub(one.told) < repeatEvery:
		case one.attempts == 0:
			delete(r.origins, o)
		default:
			taken[o] = *one
			one.attempts, one.told = 0, now
		}
	}
	if r.summary.Since.IsZero() || !all && now.Sub(r.told) < repeatEvery {
		return taken, nil
	}
	summary := r.summary
	r.summary, r.told = Throttled{}, now
	return taken, &summary
}

// giveBack counts what could not be told once more.
func (r *refusals) giveBack(o origin, one refusal) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if present := r.origins[o]; present != nil && present.attempts > 0 {
		one.attempts += present.attempts
		one.address, one.userAgent, one.requestID = present.address, present.userAgent, present.requestID
	}
	r.origins[o] = &one
}

func (r *refusals) giveBackSummary(back Throttled) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for address, n := range r.summary.Addresses {
		back.Addresses[address] += n
	}
	for login, n := range r.summary.Logins {
		back.Logins[login] += n
	}
	back.Attempts += r.summary.Attempts
	back.Failed += r.summary.Failed
	back.Others += r.summary.Others
	r.summary, r.told = back, time.Time{}
}

// Run tells of refused logins and forgets what is over, until ctx ends; the last are told then.
func (s *Service) Run(ctx context.Context, log *slog.Logger) error {
	reports, purges := time.NewTicker(reportEvery), time.NewTicker(purgeEvery)
	defer reports.Stop()
	defer purges.Stop()
	for {
		select {
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), reportEvery)
			s.report(last, log, true)
			cancel()
			return nil
		case <-reports.C:
			s.report(ctx, log, false)
		case <-purges.C:
			s.purge(ctx, log)
		}
	}
}

func (s *Service) report(ctx context.Context, log *slog.Logger, all bool) {
	taken, summary := s.refused.due(time.Now(), all)
	var failed error
	for _, o := range slices.SortedFunc(maps.Keys(taken), func(a, b origin) int { return taken[a].since.Compare(taken[b].since) }) {
		if failed == nil {
			failed = s.tell(ctx, o, taken[o])
		}
		if failed != nil {
			s.refused.giveBack(o, taken[o])
		}
	}
	if summary != nil {
		if failed == nil {
			failed = s.record(ctx, func() (event.Event, error) { return EventThrottled.New("all", *summary) })
		}
		if failed != nil {
			s.refused.giveBackSummary(*summary)
		}
	}
	if failed != nil {
		log.WarnContext(ctx, "refused logins wait to be reported", "error", failed)
	}
}

// tell writes the event about an origin, under the request of its last attempt.
func (s *Service) tell(ctx context.Context, o origin, r refusal) error {
	subject := "unknown"
	if o.userID != 0 {
		subject = strconv.FormatInt(o.userID, 10)
	}
	return s.record(request.WithID(ctx, r.requestID), func() (event.Event, error) {
		return EventFailed.New(subject, Attempt{
			UserID: o.userID, Login: r.login, Address: r.address, UserAgent: r.userAgent, Reason: o.reason,
			Attempts: r.attempts, Since: r.since.UTC(),
		})
	})
}

// record writes an event that belongs to no change.
func (s *Service) record(ctx context.Context, made func() (event.Event, error)) error {
	return s.writer.Do(ctx, func(_ context.Context, _ db.Tx[db.AUTH], changes *change.Changes) error {
		return changes.Record(made())
	})
}

func (s *Service) purge(ctx context.Context, log *slog.Logger) {
	q := authdb.New(s.writer.Pool())
	for _, forget := range []func(context.Context) (int64, error){q.SessionPurge, q.RevocationPurge} {
		if _, err := forget(ctx); err != nil && ctx.Err() == nil {
			log.WarnContext(ctx, "what is over cannot be forgotten", "error", err)
		}
	}
}
