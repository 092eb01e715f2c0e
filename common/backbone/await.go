package backbone

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"nms.example/common/service"
)

// startPause is the time between two attempts to reach a server at start.
const startPause = 500 * time.Millisecond

// awaitFor waits until START_TIMEOUT after the service's start.
func awaitFor[T any](ctx context.Context, s *service.Service, open func(context.Context) (T, error)) (T, error) {
	return await(ctx, s.Logger(), s.Started().Add(s.Base().StartTimeout), open)
}

// await opens what a service cannot start without, and tries again until the deadline while the server cannot be
// reached: it may be starting as well. A server that answers and refuses is not asked twice. What it waits for is
// logged, each reason once.
func await[T any](ctx context.Context, logger *slog.Logger, deadline time.Time, open func(context.Context) (T, error)) (T, error) {
	told := ""
	for {
		opened, err := open(ctx)
		if err == nil || !unreachable(err) || ctx.Err() != nil || time.Now().Add(startPause).After(deadline) {
			return opened, err
		}
		if reason := err.Error(); reason != told {
			logger.WarnContext(ctx, "waiting for a server", "error", reason, "until", deadline)
			told = reason
		}
		select {
		case <-ctx.Done():
			return opened, err
		case <-time.After(startPause):
		}
	}
}

// cannotConnectNow is PostgreSQL's SQLSTATE while it starts or stops.
const cannotConnectNow = "57P03"

// unreachable tells a server that is not there yet from one that refuses.
func unreachable(err error) bool {
	if refused, ok := errors.AsType[*pgconn.PgError](err); ok {
		return refused.Code == cannotConnectNow
	}
	var network net.Error // a name that is not known yet, a port where nothing listens, no answer in time
	return errors.As(err, &network) || errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, syscall.ECONNRESET) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}
