package db

import (
	"context"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgconn/ctxwatch"

	schema "nms.example/sql"
)

type committingKey struct{}

// committing marks the context of a COMMIT.
func committing(ctx context.Context) context.Context {
	return context.WithValue(ctx, committingKey{}, true)
}

// watch prepares cfg for one connection. What commits without its standbys is an error there. The end of a context
// stops the statement on the server and the connection lives on; a COMMIT it gives up by closing the connection.
func watch(cfg *pgconn.Config) {
	guard := schema.GuardCommits(cfg)
	cfg.BuildContextWatcherHandler = func(conn *pgconn.PgConn) ctxwatch.Handler {
		return &watcher{
			CancelRequestContextWatcherHandler: pgconn.CancelRequestContextWatcherHandler{Conn: conn, DeadlineDelay: cancelDeadline},
			guard:                              guard,
		}
	}
}

// watcher implements ctxwatch.Handler.
type watcher struct {
	pgconn.CancelRequestContextWatcherHandler

	guard  *schema.CommitGuard
	resume func() // set when a COMMIT was given up
}

// HandleCancel implements ctxwatch.Handler.
func (w *watcher) HandleCancel(ctx context.Context) {
	if ctx.Value(committingKey{}) == nil {
		w.CancelRequestContextWatcherHandler.HandleCancel(ctx)
		return
	}
	w.resume = w.guard.GiveUp(w.Conn)
}

// HandleUnwatchAfterCancel implements ctxwatch.Handler.
func (w *watcher) HandleUnwatchAfterCancel() {
	if w.resume == nil {
		w.CancelRequestContextWatcherHandler.HandleUnwatchAfterCancel()
		return
	}
	w.resume()
	w.resume = nil
}
