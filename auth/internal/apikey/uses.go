package apikey

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/google/uuid"

	"nms.example/common/authn"
	"nms.example/common/db"

	"nms.example/auth/internal/authdb"
)

const (
	// fetchUses is how often Redis is asked which keys were used. Of one key no more than one use a minute is stored.
	fetchUses = 5 * time.Second
	// fetchTimeout bounds one round.
	fetchTimeout = 10 * time.Second
)

// Reports is where the services report the use of keys; authn.Publisher is one.
type Reports interface {
	KeyUses(ctx context.Context) ([]authn.KeyUse, error)
	ForgetKeyUses(ctx context.Context, uses []authn.KeyUse) error
}

// Uses stores in the database when keys were last used. Any number of instances may do it at once.
type Uses struct {
	pool    *db.Pool[db.AUTH]
	reports Reports
	log     *slog.Logger
}

// NewUses joins the parts.
func NewUses(pool *db.Pool[db.AUTH], reports Reports, log *slog.Logger) *Uses {
	return &Uses{pool: pool, reports: reports, log: log}
}

// Run stores what is reported until ctx ends. What cannot be stored now waits in Redis.
func (u *Uses) Run(ctx context.Context) error {
	ticker := time.NewTicker(fetchUses)
	defer ticker.Stop()
	for failed := false; ; {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
		err := u.Store(ctx)
		if err != nil && !failed && ctx.Err() == nil {
			u.log.WarnContext(ctx, "the use of API keys cannot be stored now", "error", err)
		}
		failed = err != nil
	}
}

// Store stores what is reported now. A use that comes within a minute after one of the same key was stored stays
// in Redis and is stored later, unless the key is used again.
func (u *Uses) Store(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, fetchTimeout)
	defer cancel()
	uses, err := u.reports.KeyUses(ctx)
	if err != nil || len(uses) == 0 {
		return err
	}
	n := len(uses)
	ids, times, addresses := make([]uuid.UUID, n), make([]time.Time, n), make([]string, n)
	for i, use := range uses {
		ids[i], times[i] = use.Key, use.At
		if use.Address.IsValid() {
			addresses[i] = use.Address.String()
		}
	}
	q := authdb.New(u.pool)
	if _, err := q.APIKeyUse(ctx, authdb.APIKeyUseParams{Ids: ids, UsedAt: times, Addresses: addresses}); err != nil {
		return fmt.Errorf("apikey: store uses: %w", err)
	}
	waiting, err := q.APIKeyUseWaiting(ctx, authdb.APIKeyUseWaitingParams{Ids: ids, UsedAt: times})
	if err != nil {
		return fmt.Errorf("apikey: stored uses: %w", err)
	}
	waits := make(map[uuid.UUID]bool, len(waiting))
	for _, id := range waiting {
		waits[id] = true
	}
	return u.reports.ForgetKeyUses(ctx, slices.DeleteFunc(uses, func(use authn.KeyUse) bool { return waits[use.Key] }))
}
