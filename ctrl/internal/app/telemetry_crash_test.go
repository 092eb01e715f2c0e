package app_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"nms.example/common/authn"
	"nms.example/common/waittest"
)

// feed sends frames to an instance, each a second behind the one before: the n-th has the number n and a text that changes with every tenth.
type feed struct {
	u      *unit
	token  string
	begins time.Time
	client *http.Client
}

func (u *unit) feed() *feed {
	f := &feed{
		u: u, token: u.token(1, authn.AllPermissions), begins: time.Now().Add(-time.Hour).UTC().Truncate(time.Second),
		client: &http.Client{Transport: &http.Transport{}},
	}
	u.t.Cleanup(f.client.CloseIdleConnections)
	return f
}

// send returns the status of the answer, 0 when none came.
func (f *feed) send(url string, n int) int {
	body, err := json.Marshal(f.u.frame(f.begins.Add(time.Duration(n)*time.Second), fmt.Sprintf(`{"gain": %d, "mode": "%d"}`, n, n/10)))
	if err != nil {
		return 0
	}
	request, err := http.NewRequestWithContext(context.WithoutCancel(f.u.t.Context()), http.MethodPost, url+"/api/v1/ctrl/telemetry", bytes.NewReader(body))
	if err != nil {
		return 0
	}
	request.Header.Set("Authorization", "Bearer "+f.token)
	request.Header.Set("Content-Type", "application/json")
	answer, err := f.client.Do(request)
	if err != nil {
		return 0
	}
	defer answer.Body.Close()
	return answer.StatusCode
}

// holds requires that exactly these frames are there, with what they said, each counted once.
func (f *feed) holds(frames int) {
	t := f.u.t
	t.Helper()
	count := func(condition string) (n int) {
		require.NoError(t, f.u.dwh.QueryRow(t.Context(), `SELECT count(*) FROM frame f WHERE equipment = $1 AND extract(epoch FROM at - $2::timestamptz) < 3600 AND `+condition,
			f.u.equipment, f.begins).Scan(&n))
		return n
	}
	require.Equal(t, frames, count("true"))
	require.Zero(t, count("value[1] <> extract(epoch FROM at - $2::timestamptz)"), "numbers of other frames")
	require.Zero(t, count(`(extract(epoch FROM at - $2::timestamptz)::int / 10)::text <> coalesce((SELECT value #>> '{}' FROM text_value v
		WHERE v.equipment = f.equipment AND v.at <= f.at ORDER BY v.at DESC LIMIT 1), '')`), "texts of other frames")
	var s struct{ Buckets []struct{ N int } }
	f.u.Get(fmt.Sprintf("/telemetry/values?equipment-id=%d&parameter=gain&points=1&from=%s", f.u.equipment, f.begins.Add(-time.Minute).Format(time.RFC3339))).
		Is(ok).Into(&s)
	require.Len(t, s.Buckets, 1)
	require.Equal(t, frames, s.Buckets[0].N)
}

// An instance is killed while it takes frames in. All that it has acknowledged is there, and what is sent again is there once.
func TestNoValueIsLostOrDoubledByAKill(t *testing.T) {
	t.Parallel()
	b := prepare(t, nil)
	first := b.process()
	u := b.unit(t)
	f := u.feed()
	const senders = 4
	taken := make([]int, senders)
	var acknowledged atomic.Int64
	var group sync.WaitGroup
	for s := range senders {
		url := b.url
		group.Go(func() {
			for f.send(url, taken[s]*senders+s) == created {
				taken[s]++
				acknowledged.Add(1)
			}
		})
	}
	waittest.Until(t, "frames come in", func() bool { return acknowledged.Load() >= 100 })
	first.Kill()
	group.Wait()

	u.process()
	var stored int
	require.NoError(t, u.dwh.QueryRow(t.Context(), "SELECT count(*) FROM frame WHERE equipment = $1", u.equipment).Scan(&stored))
	require.GreaterOrEqual(t, stored, int(acknowledged.Load()))
	most := 0
	for _, n := range taken {
		most = max(most, n+2)
	}
	for s := range senders {
		for i := max(0, taken[s]-5); i < most; i++ {
			require.Contains(t, []int{created, ok}, f.send(u.url, i*senders+s))
		}
	}
	f.holds(most * senders)
}

// An instance stands still in the middle of a transaction. Another one takes the same frame as soon as the database has broken that off, and
// the first one's does not come on top when it goes on.
func TestNoValueIsLostOrDoubledByAnInstanceThatStandsStill(t *testing.T) {
	t.Parallel()
	b := prepare(t, nil)
	b.settings["DB_DWH_DSN"] += separator(b.settings["DB_DWH_DSN"]) + "idle_in_transaction_session_timeout=1000"
	first := b.process()
	u, at := b.unit(t), b.url
	f := u.feed()
	require.Equal(t, created, f.send(at, 0))
	_, err := u.dwh.Exec(t.Context(), `CREATE TABLE held (); INSERT INTO held DEFAULT VALUES;
		CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN WHILE EXISTS (SELECT FROM held) LOOP PERFORM pg_sleep(0.02); END LOOP; RETURN NULL; END $$;
		CREATE TRIGGER hold AFTER INSERT ON latest FOR EACH STATEMENT EXECUTE FUNCTION hold()`)
	require.NoError(t, err)
	status := make(chan int, 1)
	go func() { status <- f.send(at, 1) }()
	waittest.Until(t, "the transaction is under way", func() (asleep bool) {
		require.NoError(t, u.dwh.QueryRow(t.Context(),
			"SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep')").Scan(&asleep))
		return asleep
	})
	first.Pause()
	_, err = u.dwh.Exec(t.Context(), "DELETE FROM held")
	require.NoError(t, err)
	u.process()
	waittest.Until(t, "the other instance has taken it", func() bool { return f.send(u.url, 1) == created })
	first.Resume()
	require.NotEqual(t, created, <-status)
	waittest.Until(t, "the first one goes on", func() bool { return f.send(at, 2) == created })
	f.holds(3)
}

func separator(dsn string) string {
	if strings.Contains(dsn, "?") {
		return "&"
	}
	return "?"
}

// meter is an instrument with a counter, whose rate is kept, and a clock. Its answers wait while the gate is locked.
type meter struct {
	*instrument

	u     *unit
	gate  sync.RWMutex
	asked atomic.Int64
	count atomic.Uint64
}

func (u *unit) meter(t *testing.T) *meter {
	t.Helper()
	m := &meter{u: u}
	m.instrument = newInstrument(t, 0, func(query string) string {
		m.gate.RLock()
		defer m.gate.RUnlock()
		if query == "UPTIME?" {
			return strconv.FormatInt(m.asked.Add(1), 10)
		}
		return strconv.FormatUint(m.count.Add(1000), 10)
	})
	uptime, octets, rate := u.parameter("uptime", `{"type":"number"}`), u.parameter("octets", `{"type":"integer"}`), u.parameter("rate", `{"type":"number"}`)
	u.put(of("/endpoints", u.equipment), object{"driver": "scpi", "address": m.address}).Is(created)
	u.put(u.sourceAt(uptime), object{"driver": "scpi", "read": object{"query": "UPTIME?"}, "interval": 0.5}).Is(created)
	u.put(u.sourceAt(octets), object{"driver": "scpi", "read": object{"query": "OCTETS?"}, "interval": 0.5,
		"rate": object{"telemetry_id": rate, "bits": 64, "uptime_id": uptime}}).Is(created)
	return m
}

// rates returns how many rates there are, and the largest.
func (m *meter) rates() (n int, largest float64) {
	m.u.t.Helper()
	var s struct {
		Buckets []struct {
			N   int
			Max float64
		}
	}
	m.u.Get(fmt.Sprintf("/telemetry/values?equipment-id=%d&parameter=rate", m.u.equipment)).Is(ok).Into(&s)
	for _, k := range s.Buckets {
		n, largest = n+k.N, max(largest, k.Max)
	}
	return n, largest
}

// interrupted has an instance end while the equipment keeps its answer back. Far more than ever between two polls is counted before the next
// one reads the counter.
func (m *meter) interrupted(end func()) (rates int) {
	t := m.u.t
	t.Helper()
	waittest.Until(t, "rates are kept", func() bool { n, _ := m.rates(); return n > 1 })
	m.gate.Lock()
	waittest.Until(t, "a poll is under way", func() bool { return m.open.Load() == 1 })
	rates, _ = m.rates()
	end()
	m.count.Add(1 << 50)
	m.gate.Unlock()
	return rates
}

// goesOn waits until there are rates again, and requires that none is of the time between.
func (m *meter) goesOn(before int) {
	t := m.u.t
	t.Helper()
	waittest.Until(t, "it is polled again", func() bool { n, _ := m.rates(); return n > before+2 })
	_, largest := m.rates()
	require.Less(t, largest, 1e9, "after a gap there is no rate, not a spike")
}

// What one instance polls, another one goes on polling when it is gone, and no rate is made over the gap.
func TestPollingGoesOnInAnotherInstance(t *testing.T) {
	t.Parallel()
	t.Run("behind one that was killed", func(t *testing.T) {
		t.Parallel()
		b := prepare(t, nil)
		first := b.process()
		u := b.unit(t)
		m := u.meter(t)
		before := m.interrupted(first.Kill)
		u.process()
		m.goesOn(before)
	})
	t.Run("behind one that stands still, which then changes nothing", func(t *testing.T) {
		t.Parallel()
		b := prepare(t, nil)
		first := b.process()
		u := b.unit(t)
		m := u.meter(t)
		before := m.interrupted(first.Pause)
		u.process()
		m.goesOn(before)
		first.Resume()
		n, _ := m.rates()
		m.goesOn(n)
	})
	t.Run("behind one that was stopped, at once", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		u := b.unit(t)
		m := u.meter(t)
		before := m.interrupted(func() { b.instance.Stop(t) })
		var letGo bool
		require.NoError(t, u.pool.QueryRow(t.Context(), "SELECT owner IS NULL AND problem IS NULL FROM telemetry_poll WHERE equipment_id = $1", u.equipment).
			Scan(&letGo))
		require.True(t, letGo, "that its poll was broken off is no fault of the equipment")
		u.start()
		m.goesOn(before)
	})
}
