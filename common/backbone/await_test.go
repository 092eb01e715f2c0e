package backbone

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"nms.example/common/bus"
	"nms.example/common/bustest"
	"nms.example/common/config"
	"nms.example/common/db"
	"nms.example/common/pgtest"
)

// onFirst is a log that does something at its first line.
type onFirst struct {
	slog.Handler
	once sync.Once
	do   func()
}

func (h *onFirst) Handle(context.Context, slog.Record) error { h.once.Do(h.do); return nil }

func (*onFirst) Enabled(context.Context, slog.Level) bool { return true }

// late gives the URL another port, on which nothing listens until open is called; then it leads to the URL's own.
func late(t *testing.T, text string) (moved string, open func()) {
	t.Helper()
	u, err := url.Parse(text)
	require.NoError(t, err)
	target := u.Host
	reserved, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	u.Host = reserved.Addr().String()
	require.NoError(t, reserved.Close())
	return u.String(), func() {
		listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", u.Host)
		if err != nil {
			t.Errorf("the port is gone: %v", err)
			return
		}
		t.Cleanup(func() { _ = listener.Close() })
		go func() {
			for {
				from, err := listener.Accept()
				if err != nil {
					return
				}
				to, err := new(net.Dialer).DialContext(context.WithoutCancel(t.Context()), "tcp", target)
				if err != nil {
					_ = from.Close()
					return
				}
				go pipe(to, from)
				go pipe(from, to)
			}
		}()
	}
}

func pipe(to, from net.Conn) {
	_, _ = io.Copy(to, from)
	_ = to.Close()
}

const generous = 3 * time.Minute

func TestAStartWaitsForADatabaseThatStartsLater(t *testing.T) {
	t.Parallel()
	text, open := late(t, pgtest.DSN[db.NMS](t).Reveal())
	var dsn config.PostgresDSN
	require.NoError(t, dsn.Decode(text))
	pool, err := await(t.Context(), slog.New(&onFirst{do: open}), time.Now().Add(generous), func(ctx context.Context) (*db.Pool[db.NMS], error) {
		return db.Open[db.NMS](ctx, db.Settings{DSN: dsn})
	})
	require.NoError(t, err)
	require.NoError(t, pool.Close(t.Context()))
}

func TestAStartWaitsForRabbitMQThatStartsLater(t *testing.T) {
	t.Parallel()
	text, open := late(t, bustest.New(t).DSN.Reveal())
	var dsn config.AMQPDSN
	require.NoError(t, dsn.Decode(text))
	conn, err := await(t.Context(), slog.New(&onFirst{do: open}), time.Now().Add(generous), func(ctx context.Context) (*bus.Conn, error) {
		return bus.Dial(ctx, bus.Settings{DSN: dsn, Name: "test"})
	})
	require.NoError(t, err)
	require.NoError(t, conn.Close(t.Context()))
}

// A wrong password does not become right by waiting.
func TestARefusalIsNotWaitedFor(t *testing.T) {
	t.Parallel()
	u, err := url.Parse(pgtest.DSN[db.NMS](t).Reveal())
	require.NoError(t, err)
	u.Path = "/no_such_database"
	var dsn config.PostgresDSN
	require.NoError(t, dsn.Decode(u.String()))
	attempts := 0
	_, err = await(t.Context(), slog.New(slog.DiscardHandler), time.Now().Add(time.Hour), func(ctx context.Context) (*db.Pool[db.NMS], error) {
		attempts++
		return db.Open[db.NMS](ctx, db.Settings{DSN: dsn})
	})
	require.ErrorContains(t, err, `has no database "no_such_database"`)
	require.Equal(t, 1, attempts)
}

func TestAWaitEndsWithItsDeadlineAndItsContext(t *testing.T) {
	t.Parallel()
	text, _ := late(t, pgtest.DSN[db.NMS](t).Reveal())
	var dsn config.PostgresDSN
	require.NoError(t, dsn.Decode(text))
	open := func(ctx context.Context) (*db.Pool[db.NMS], error) {
		return db.Open[db.NMS](ctx, db.Settings{DSN: dsn})
	}
	_, err := await(t.Context(), slog.New(slog.DiscardHandler), time.Now().Add(2*startPause), open)
	require.ErrorContains(t, err, "nothing listens there")

	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	_, err = await(ctx, slog.New(&onFirst{do: cancel}), time.Now().Add(time.Hour), open)
	require.ErrorContains(t, err, "cannot be reached")
}
