package session

import (
	"net/netip"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// told is what came of refusals: how many events there were of a kind, and how many logins they stand for.
type told struct{ events, attempts, summaries, failed, throttled int64 }

// tick tells what is due, as Run does.
func (s *told) tick(r *refusals, now time.Time, all bool) {
	taken, summary := r.due(now, all)
	for _, one := range taken {
		s.events++
		s.attempts += one.attempts
	}
	if summary != nil {
		s.summaries++
		s.failed += summary.Failed
		s.throttled += summary.Attempts
	}
}

func clientAt(i int) Client {
	return Client{Addr: netip.AddrFrom4([4]byte{192, 0, byte(i >> 8), byte(i)}), UserAgent: "test"}
}

func (r *refusals) failFrom(c Client, userID int64, now time.Time) {
	login := ""
	if userID != 0 {
		login = "user " + strconv.FormatInt(userID, 10)
	}
	r.fail(origin{userID: userID, network: c.network(), reason: "password"}, login, c, "request", now)
}

func TestAStormOfRefusedLoginsCostsFewEventsAndLosesNone(t *testing.T) {
	t.Parallel()
	begin := time.Date(2026, 11, 30, 0, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		accounts, networks, unread int // of each second's 100 logins
		most                       int64
	}{
		"one account from one address":           {accounts: 1, networks: 1, most: 1},
		"one account from a thousand addresses":  {accounts: 1, networks: 1000, most: maxOrigins},
		"a thousand accounts from one address":   {accounts: 1000, networks: 1, most: maxOrigins},
		"all of it, and most are refused unread": {accounts: 1000, networks: 1000, unread: 90, most: maxOrigins},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var r refusals
			var got told
			const minutes, perSecond = 10, 100
			now := begin
			for second := range minutes * 60 {
				for i := range perSecond {
					n := second*perSecond + i
					if i < c.unread {
						r.throttle("user "+strconv.Itoa(n%c.accounts), clientAt(n%c.networks), now)
						continue
					}
					r.failFrom(clientAt(n%c.networks), int64(1+n%c.accounts), now)
				}
				now = now.Add(time.Second)
				got.tick(&r, now, false)
			}
			got.tick(&r, now, true)
			// The last minute's are told once more at the end.
			require.LessOrEqual(t, got.events, c.most*(minutes+1))
			require.LessOrEqual(t, got.summaries, int64(minutes+1))
			require.Equal(t, int64(minutes*60*(perSecond-c.unread)), got.attempts+got.failed)
			require.Equal(t, int64(minutes*60*c.unread), got.throttled)
		})
	}
}

func TestWhenARefusedLoginIsTold(t *testing.T) {
	t.Parallel()
	begin := time.Date(2026, 11, 30, 0, 0, 0, 0, time.UTC)
	at := func(seconds int) time.Time { return begin.Add(time.Duration(seconds) * time.Second) }
	var r refusals
	var got told
	r.failFrom(clientAt(1), 7, at(0))
	got.tick(&r, at(1), false)
	require.Equal(t, told{events: 1, attempts: 1}, got, "the first at once")
	r.failFrom(clientAt(1), 7, at(2))
	r.failFrom(clientAt(1), 7, at(3))
	r.failFrom(clientAt(2), 7, at(3))
	got.tick(&r, at(4), false)
	require.Equal(t, told{events: 2, attempts: 2}, got, "another place at once, the same one not yet")
	got.tick(&r, at(60), false)
	require.Equal(t, told{events: 2, attempts: 2}, got)
	got.tick(&r, at(61), false)
	require.Equal(t, told{events: 3, attempts: 4}, got, "together, when the minute is over")
	got.tick(&r, at(300), false)
	require.Equal(t, told{events: 3, attempts: 4}, got)
	require.Empty(t, r.origins, "nothing is remembered for longer than it is needed")

	r.failFrom(clientAt(1), 7, at(301))
	taken, _ := r.due(at(302), false)
	r.failFrom(clientAt(1), 7, at(303))
	for o, one := range taken { // the database is away
		r.giveBack(o, one)
	}
	taken, _ = r.due(at(304), false)
	require.Len(t, taken, 1)
	for _, one := range taken {
		require.EqualValues(t, 2, one.attempts)
		require.Equal(t, at(301), one.since)
	}

	r.throttle("u", clientAt(1), at(305))
	_, summary := r.due(at(306), false)
	r.throttle("u", clientAt(2), at(307))
	r.giveBackSummary(*summary)
	_, summary = r.due(at(308), false)
	require.Equal(t, &Throttled{
		Attempts: 2, Since: at(305), Addresses: map[string]int64{"192.0.0.1": 1, "192.0.0.2": 1}, Logins: map[string]int64{"u": 2},
	}, summary)
}
