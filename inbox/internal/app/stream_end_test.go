package app_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"nms.example/common/authn"
	"nms.example/common/authntest"
	"nms.example/common/redis"
	"nms.example/common/redistest"
	"nms.example/common/waittest"
)

// listenAs opens the stream, as soon as the service lets the caller in, and returns the last event once it has ended.
func (b *bundle) listenAs(credential string) <-chan sent {
	b.t.Helper()
	var l *listener
	waittest.Until(b.t, "the service knows the caller", func() bool { // a new key may still be on its way
		var status int
		l, status = b.as(credential).tryListen(new(http.Transport), "")
		return status == http.StatusOK
	})
	return l.end()
}

// end returns the last event once the stream has ended in order.
func (l *listener) end() <-chan sent {
	end := make(chan sent, 1)
	go func() {
		defer close(end)
		var last sent
		for s, more := l.read(); more; s, more = l.read() {
			last = s
		}
		if l.lines.Err() == nil {
			end <- last
		}
	}()
	return end
}

// listenBriefly opens the stream with a token that is about to expire; it is as long good as this machine needs to use it.
func (b *bundle) listenBriefly(kit *authntest.Kit, access authn.Mask) <-chan sent {
	b.t.Helper()
	for life := 2 * time.Second; ; life *= 2 {
		brief := b.as(kit.Forged(b.t, access, map[string]any{"exp": time.Now().Add(life).Unix()}))
		if l, status := brief.tryListen(new(http.Transport), ""); status == http.StatusOK {
			return l.end()
		}
		require.Less(b.t, life, waittest.Bound)
	}
}

// TestTheStreamEndsWithItsCaller follows the stream with credentials of each kind, tells inbox over Redis what auth tells it
// when they end, and waits for the last event. The service looks at its callers every 5 s, and at a token's last second.
//
//nolint:tparallel // each claim goes on from the one before
func TestTheStreamEndsWithItsCaller(t *testing.T) {
	t.Parallel()
	b := setup(t)
	kit := authntest.WithSecret(t, secret)
	redis := redistest.Open(t, redis.Settings{DSN: redistest.DSN(t), Prefix: b.settings["REDIS_PREFIX"]})
	access := authn.Mask(authn.InboxRead)
	until := time.Now().Add(authn.RevocationTTL)
	session, user, role := authntest.Claims(access), authntest.Claims(access), authntest.Claims(access)
	user.UserID++
	role.UserID, role.Role = role.UserID+2, "watch"
	key := kit.Key(t, access)
	kit.Publish(t, redis)
	ended := map[string]struct {
		end    <-chan sent
		reason string
	}{
		"of a session":  {b.listenAs(kit.Sign(t, session)), "the access token was revoked"},
		"of a user":     {b.listenAs(kit.Sign(t, user)), "the access token was revoked"},
		"of a role":     {b.listenAs(kit.Sign(t, role)), "the access token was revoked"},
		"of an API key": {b.listenAs(key), "the API key is unknown, has ended or is not allowed from this address"},
		"of a token":    {b.listenBriefly(kit, access), "the access token has expired"},
	}
	stays := b.listenAs(kit.Token(t, access))
	kit.Revoke(authn.Revocation{Session: session.SessionID, Until: until}, authn.Revocation{UserID: user.UserID, Epoch: 2, Until: until},
		authn.Revocation{Role: role.Role, Epoch: 2, Until: until})
	kit.Forget(key)
	kit.Publish(t, redis)
	t.Run("with the end", func(t *testing.T) {
		for name, c := range ended {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				end := awaitEnd(t, c.end)
				require.InDelta(t, http.StatusUnauthorized, end.data["status"], 0)
				require.Equal(t, c.reason, end.data["detail"])
			})
		}
	})
	t.Run("and nobody else's does", func(t *testing.T) { //nolint:paralleltest // before the service stops
		select {
		case <-stays:
			require.Fail(t, "somebody else's stream has ended")
		default:
		}
		require.InDelta(t, 1, b.in(t).streamReaders(), 0)
	})
	t.Run("until the service stops", func(t *testing.T) { //nolint:paralleltest // it stops
		b.instance.Stop(t)
		end := awaitEnd(t, stays)
		require.InDelta(t, http.StatusServiceUnavailable, end.data["status"], 0)
		require.Equal(t, "the service is stopping", end.data["detail"])
	})
}

// awaitEnd waits for the last event of a stream, which is its end.
func awaitEnd(t *testing.T, ended <-chan sent) sent {
	t.Helper()
	select {
	case end, inOrder := <-ended:
		require.True(t, inOrder, "the stream was cut off")
		require.Equal(t, "end", end.name)
		return end
	case <-time.After(waittest.Bound):
		require.Fail(t, "the stream goes on")
		return sent{}
	}
}
