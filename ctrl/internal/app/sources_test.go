package app_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"nms.example/common/event"
	"nms.example/common/servicetest"
	"nms.example/common/waittest"

	"nms.example/ctrl/internal/app"
)

// sourceAt is the path of a telemetry binding.
func (u *unit) sourceAt(parameter int64) string {
	return fmt.Sprintf("/telemetry-bindings/%d/%d", u.equipment, parameter)
}

// named returns the id of a parameter.
func (b *bundle) named(name string) (id int64) {
	b.t.Helper()
	require.NoError(b.t, b.pool.QueryRow(b.t.Context(), "SELECT id FROM telemetry WHERE name = $1", name).Scan(&id))
	return id
}

func polled(fields object) object {
	return with(object{"driver": "simulator", "read": object{"get": "gain_db"}, "interval": 0.5}, fields)
}

func TestTelemetryBindings(t *testing.T) {
	t.Parallel()
	b := setup(t)
	gain, level, mode := b.named("gain"), b.named("level"), b.named("mode")
	for name, c := range map[string]struct {
		fields      object
		place, code string
	}{
		"an unknown driver is refused":            {object{"driver": "morse"}, "body.driver", "not_one_of"},
		"a template of another driver is refused": {object{"read": object{"oid": "1.3"}}, "body.read", "bad_read"},
		"polling needs an interval":               {object{"interval": nil}, "body.interval", "contradiction"},
		"an interval has bounds":                  {object{"interval": 0.1}, "body.interval", "below_minimum"},
		"a scale of 0 is refused":                 {object{"scale": 0}, "body.scale", "excluded"},
		"a series has no interval":                {object{"driver": "prometheus", "read": object{"metric": "up"}}, "body.interval", "contradiction"},
		"a series has a metric":                   {object{"driver": "prometheus", "interval": nil, "read": object{"labels": object{}}}, "body.read", "bad_read"},
		"a rate goes to another parameter":        {object{"rate": object{"telemetry_id": gain, "bits": 64, "uptime_id": level}}, "body.rate", "duplicates"},
		"a rate goes to one that exists":          {object{"rate": object{"telemetry_id": 99999, "bits": 64, "uptime_id": level}}, "body.rate.telemetry_id", "reference_missing"},
		"a counter has 32 or 64 bits":             {object{"rate": object{"telemetry_id": mode, "bits": 16, "uptime_id": level}}, "body.rate.bits", "not_one_of"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			u := b.unit(t)
			u.put(u.sourceAt(gain), polled(c.fields)).Refused(unprocessable, c.place, c.code)
			u.Get(u.sourceAt(gain)).Is(notFound)
		})
	}
	t.Run("it is written, changed, listed and removed", func(t *testing.T) {
		t.Parallel()
		u := b.unit(t)
		list := fmt.Sprint("/telemetry-bindings?equipment-id=", u.equipment)
		tag := u.put(u.sourceAt(gain), polled(nil)).Is(created).Header.Get("ETag")
		u.put(u.sourceAt(level), polled(object{"interval": 30})).Is(created)
		require.Equal(t, 2, u.total(list))
		u.Patch(u.sourceAt(gain), object{"scale": 2, "interval": 60}, matching(tag)).Is(ok)
		u.Patch(u.sourceAt(gain), object{"scale": 3}, matching(tag)).Refused(changed, "header.If-Match", "changed_meanwhile")
		require.EqualValues(t, 2, u.Get(u.sourceAt(gain)).Field("scale"))
		u.Delete(u.sourceAt(gain)).Is(noContent)
		u.Delete(u.sourceAt(level)).Is(noContent)
		u.Delete(u.sourceAt(level)).Is(notFound)
		require.Zero(t, u.total(list))
	})
	t.Run("a parameter of a piece of equipment has one source", func(t *testing.T) {
		t.Parallel()
		u := b.unit(t)
		rate := object{"rate": object{"telemetry_id": mode, "bits": 64, "uptime_id": level}}
		u.put(u.sourceAt(gain), polled(rate)).Is(created)
		u.put(u.sourceAt(gain), polled(rate)).Is(ok)
		u.put(u.sourceAt(mode), polled(nil)).Refused(unprocessable, "body", "second_source")
		other := u.parameter(fmt.Sprint("counter", u.equipment), `{"type":"integer"}`)
		u.put(u.sourceAt(other), polled(rate)).Refused(unprocessable, "body.rate.telemetry_id", "second_source")
		u.Delete(u.sourceAt(gain)).Is(noContent)
		u.put(u.sourceAt(mode), polled(nil)).Is(created)
		u.put(u.sourceAt(gain), polled(rate)).Refused(unprocessable, "body.rate.telemetry_id", "second_source")
	})
	t.Run("what the catalogue does not have is refused", func(t *testing.T) {
		t.Parallel()
		u := b.unit(t)
		u.put(u.sourceAt(99999), polled(nil)).Is(notFound)
		u.put(fmt.Sprintf("/telemetry-bindings/99999/%d", gain), polled(nil)).Is(notFound)
	})
}

func TestChangesOfTelemetryBindingsAreTold(t *testing.T) {
	t.Parallel()
	b := prepare(t, nil)
	followed := b.broker.Follow("ctrl.source.*")
	b.start()
	u := b.unit(t)
	at := u.sourceAt(b.named("gain"))
	u.put(at, polled(nil)).Is(created)
	u.Patch(at, object{"offset": 1}).Is(ok)
	u.Delete(at).Is(noContent)
	told := followed.Await("all is told", func(events []event.Event) bool { return len(events) >= 3 })
	for i, want := range []string{"ctrl.source.created", "ctrl.source.updated", "ctrl.source.deleted"} {
		require.Equal(t, want, told[i].Type)
		require.Equal(t, fmt.Sprintf("%d.%d", u.equipment, b.named("gain")), told[i].Subject)
	}
}

// instrument is a SCPI instrument that counts who asks at a time, and lets its answers wait.
type instrument struct {
	address       string
	delay         time.Duration
	open, most    atomic.Int64
	conversations atomic.Int64
}

func newInstrument(t *testing.T, delay time.Duration, answer func(query string) string) *instrument {
	t.Helper()
	i := &instrument{delay: delay}
	listener := listen(t, "127.0.0.1:0")
	i.address = listener.Addr().String()
	var group sync.WaitGroup
	group.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			group.Go(func() { i.talk(conn, answer) })
		}
	})
	t.Cleanup(func() { _ = listener.Close(); group.Wait() })
	return i
}

func (i *instrument) talk(conn net.Conn, answer func(query string) string) {
	defer conn.Close()
	now := i.open.Add(1)
	defer i.open.Add(-1)
	for most := i.most.Load(); now > most && !i.most.CompareAndSwap(most, now); most = i.most.Load() {
	}
	i.conversations.Add(1)
	lines := bufio.NewScanner(conn)
	for lines.Scan() {
		time.Sleep(i.delay)
		if _, err := fmt.Fprintln(conn, answer(lines.Text())); err != nil {
			return
		}
	}
}

func TestPolling(t *testing.T) {
	t.Parallel()
	b := setup(t)
	gain, level, mode := b.named("gain"), b.named("level"), b.named("mode")

	t.Run("what is bound is read together, scaled and kept", func(t *testing.T) {
		t.Parallel()
		u := b.receiver(t, nil)
		u.put(u.sourceAt(gain), polled(object{"read": object{"get": "temperature_c"}, "scale": 2, "offset": 1})).Is(created)
		u.put(u.sourceAt(level), polled(object{"read": object{"get": "level_dbm"}})).Is(created)
		u.put(u.sourceAt(mode), polled(object{"read": object{"get": "mode"}})).Is(created)
		waittest.Until(t, "the values are there", func() bool { return len(u.shown("")) == 3 })
		require.Equal(t, []string{"gain 64 good", "level -87 good", `mode "standby" invalid`}, u.shown(""))
	})
	t.Run("equipment that is locked, or does not answer, has no values; afterwards it has", func(t *testing.T) {
		t.Parallel()
		u := b.receiver(t, nil)
		u.Patch(of("/endpoints", u.equipment), object{"admin_state": "locked"}).Is(ok)
		u.put(u.sourceAt(gain), polled(nil)).Is(created)
		tick := func() (n int) {
			require.NoError(t, u.pool.QueryRow(t.Context(), "SELECT tick FROM telemetry_poll WHERE equipment_id = $1", u.equipment).Scan(&n))
			return n
		}
		waittest.Until(t, "it was due", func() bool { return tick() > 1 })
		require.Empty(t, u.shown(""))
		u.Patch(of("/endpoints", u.equipment), object{"admin_state": "unlocked", "address": "127.0.0.1:1"}).Is(ok)
		waittest.Until(t, "the problem is noted", func() bool {
			var problem *string
			require.NoError(t, u.pool.QueryRow(t.Context(), "SELECT problem FROM telemetry_poll WHERE equipment_id = $1", u.equipment).Scan(&problem))
			return problem != nil
		})
		require.Empty(t, u.shown(""))
		u.Patch(of("/endpoints", u.equipment), object{"address": u.address}).Is(ok)
		waittest.Until(t, "the value is there", func() bool { return len(u.shown("")) == 1 })
		u.Delete(u.sourceAt(gain)).Is(noContent)
		var rows int
		require.NoError(t, u.pool.QueryRow(t.Context(), "SELECT count(*) FROM telemetry_poll WHERE equipment_id = $1", u.equipment).Scan(&rows))
		require.Zero(t, rows)
	})
	t.Run("equipment that refuses to be read has bad values, and its problem is noted", func(t *testing.T) {
		t.Parallel()
		u := b.unit(t)
		failing := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) }))
		t.Cleanup(failing.Close)
		u.put(of("/endpoints", u.equipment), object{"driver": "http", "address": failing.URL}).Is(created)
		u.put(u.sourceAt(gain), object{"driver": "http", "read": object{"path": "/"}, "interval": 0.5}).Is(created)
		waittest.Until(t, "the values are bad", func() bool { return slices.Equal(u.shown(""), []string{"gain null bad"}) })
		waittest.Until(t, "the problem is noted", func() (noted bool) {
			require.NoError(t, u.pool.QueryRow(t.Context(), "SELECT problem IS NOT NULL FROM telemetry_poll WHERE equipment_id = $1", u.equipment).Scan(&noted))
			return noted
		})
		u.secret("fleeting", "x")
		u.Patch(of("/endpoints", u.equipment), object{"secret": "fleeting"}).Is(ok)
		require.NoError(t, os.Remove(filepath.Join(b.settings["CTRL_SECRETS_DIR"], "fleeting")))
		waittest.Until(t, "the other problem is noted", func() (noted bool) {
			require.NoError(t, u.pool.QueryRow(t.Context(), "SELECT problem = 'its secret cannot be read' FROM telemetry_poll WHERE equipment_id = $1", u.equipment).
				Scan(&noted))
			return noted
		})
	})
	t.Run("the rate of a counter is kept beside it", func(t *testing.T) {
		t.Parallel()
		u := b.unit(t)
		uptime, octets, rate := u.parameter("uptime", `{"type":"number"}`), u.parameter("octets", `{"type":"integer"}`), u.parameter("rate", `{"type":"number","minimum":0}`)
		var asked atomic.Int64
		i := newInstrument(t, 0, func(query string) string {
			if strings.Contains(query, "UPTIME") {
				return strconv.FormatInt(asked.Load()+1, 10)
			}
			return strconv.FormatUint(uint64(1)<<63+uint64(asked.Add(1))*1000, 10)
		})
		u.put(of("/endpoints", u.equipment), object{"driver": "scpi", "address": i.address}).Is(created)
		scpi := func(query string, fields object) object {
			return with(object{"driver": "scpi", "read": object{"query": query}, "interval": 0.5}, fields)
		}
		u.put(u.sourceAt(uptime), scpi("UPTIME?", nil)).Is(created)
		u.put(u.sourceAt(octets), scpi("OCTETS?", object{"scale": 8, "rate": object{"telemetry_id": rate, "bits": 64, "uptime_id": uptime}})).Is(created)
		var v struct {
			Value   float64
			Quality string
		}
		waittest.Until(t, "there is a rate", func() bool {
			a := u.Get(of("/equipments", u.equipment) + "/rate")
			if a.Status != ok {
				return false
			}
			a.Into(&v)
			return true
		})
		require.Positive(t, v.Value)
		require.Equal(t, "good", v.Quality)
		require.Contains(t, string(u.Get(of("/equipments", u.equipment)+"/octets").Is(ok).Body), `"value":922337203685477`, "the counter itself is kept as it is, to the last digit")
	})
}

// However many instances there are and however slow equipment is, one poll is at it at a time, and those that were due meanwhile are left out.
func TestOnePollAtATime(t *testing.T) {
	t.Parallel()
	b := setup(t)
	second := servicetest.Start(t, app.Identity, app.Build, b.settings)
	u := b.unit(t)
	i := newInstrument(t, 700*time.Millisecond, func(string) string { return "1" })
	u.put(of("/endpoints", u.equipment), object{"driver": "scpi", "address": i.address}).Is(created)
	u.put(u.sourceAt(b.named("gain")), object{"driver": "scpi", "read": object{"query": "GAIN?"}, "interval": 0.5}).Is(created)
	waittest.Until(t, "it was asked five times", func() bool { return i.conversations.Load() >= 5 })
	require.EqualValues(t, 1, i.most.Load())
	waittest.Until(t, "polls were left out", func() bool {
		return b.instance.Metric(t, "ctrl_polls_missed_total")+second.Metric(t, "ctrl_polls_missed_total") > 0
	})
}

// shownPolling is how the API shows that a piece of equipment is polled.
type shownPolling struct {
	State        string
	Interval     float64
	PolledAt     *time.Time `json:"polled_at"`
	NextAt       time.Time  `json:"next_at"`
	Problem      *string
	Failures     int
	FailingSince *time.Time `json:"failing_since"`
}

func (u *unit) polling() (p *shownPolling) {
	u.t.Helper()
	u.Get(of("/endpoints", u.equipment) + "/polling").Is(ok).Into(&p)
	return p
}

// polls has a piece of equipment polled twice a second, that answers at an address.
func (u *unit) polls(address string) {
	u.t.Helper()
	u.put(of("/endpoints", u.equipment), object{"driver": "scpi", "address": address}).Is(created)
	u.put(u.sourceAt(u.named("gain")), object{"driver": "scpi", "read": object{"query": "GAIN?"}, "interval": 0.5}).Is(created)
}

// Equipment that does not answer is polled more and more seldom, and all of that can be seen; the first answer ends it.
//
//nolint:paralleltest,tparallel // the parts change the same piece of equipment
func TestEquipmentThatDoesNotAnswerIsPolledMoreSeldom(t *testing.T) {
	t.Parallel()
	b := setup(t)
	const failing = "/endpoints?failing=true"
	u, other := b.unit(t), b.receiver(t, nil)
	u.put(of("/endpoints", u.equipment), object{"driver": "scpi", "address": "127.0.0.1:1"}).Is(created)
	u.Get(of("/endpoints", u.equipment)+"/polling").Refused(notFound, "path.equipment_id", "not_found")
	require.Zero(t, u.total(failing))
	u.put(u.sourceAt(u.named("gain")), object{"driver": "scpi", "read": object{"query": "GAIN?"}, "interval": 0.5}).Is(created)
	other.put(other.sourceAt(other.named("gain")), polled(nil)).Is(created)
	i := newInstrument(t, 0, func(string) string { return "7" })
	var p *shownPolling
	waittest.Until(t, "it has failed four times", func() bool { p = u.polling(); return p.Failures >= 4 })
	require.Equal(t, "failing", p.State)
	require.NotEmpty(t, *p.Problem)
	require.InDelta(t, 0.5, p.Interval, 0)
	require.GreaterOrEqual(t, p.NextAt.Sub(*p.PolledAt), 3600*time.Millisecond, "eight times its interval, a little less by chance")
	require.GreaterOrEqual(t, p.PolledAt.Sub(*p.FailingSince), 450*time.Millisecond*(1+2+4))
	require.Equal(t, 1, u.total(failing))
	require.Equal(t, 1, u.total("/endpoints?failing=false"))
	waittest.Until(t, "it is counted", func() bool { return b.instance.Metric(t, "ctrl_polls_backed_off") == 1 })
	waittest.Until(t, "the other one answers", func() bool { return other.polling().State == "answering" })
	require.Zero(t, b.instance.Metric(t, "ctrl_polls_missed_total"), "none was left out because the one before lasted too long")

	t.Run("a change of the endpoint has it polled at once, and an answer ends it", func(t *testing.T) {
		u.exec("UPDATE telemetry_poll SET not_before = now() + interval '1 hour' WHERE failures > 0")
		u.Patch(of("/endpoints", u.equipment), object{"address": i.address}).Is(ok)
		waittest.Until(t, "it answers", func() bool { return u.polling().State == "answering" })
		p := u.polling()
		require.Zero(t, p.Failures)
		require.Nil(t, p.Problem)
		require.Nil(t, p.FailingSince)
		require.Zero(t, u.total(failing))
	})
	t.Run("so does a test call that is answered", func(t *testing.T) {
		u.exec("UPDATE telemetry_poll SET failures = 9, failing_since = now(), not_before = now() + interval '1 hour' WHERE equipment_id = $1", u.equipment)
		u.Post(of("/endpoints", u.equipment)+"/test", nil).Is(ok)
		waittest.Until(t, "it answers", func() bool { return u.polling().State == "answering" })
	})
	t.Run("so does an answer when it is its turn", func(t *testing.T) {
		u.exec("UPDATE telemetry_poll SET failures = 9, failing_since = now(), not_before = now() WHERE equipment_id = $1", u.equipment)
		waittest.Until(t, "it answers", func() bool { return u.polling().State == "answering" })
	})
}

// One dead piece of equipment in a hundred does not keep the others waiting, even when only one is polled at a time: all others are polled again and again while
// the poll of the dead one still waits for its answer.
func TestADeadPieceOfEquipmentDelaysNoOthers(t *testing.T) {
	t.Parallel()
	b := prepare(t, map[string]string{"CTRL_POLLS": "1", "CTRL_POLL_TIMEOUT": "1h"})
	b.start()
	dead := listen(t, "127.0.0.1:0") // takes connections, and never says anything
	t.Cleanup(func() { _ = dead.Close() })
	asked, ended := make(chan struct{}), make(chan struct{})
	go func() {
		conn, err := dead.Accept()
		if err != nil {
			return
		}
		close(asked)
		_, _ = io.Copy(io.Discard, conn)
		close(ended)
	}()
	b.unit(t).polls(dead.Addr().String())
	select {
	case <-asked:
	case <-time.After(waittest.Bound):
		t.Fatal("the dead one was not polled")
	}
	const others = 99
	var answers [others]*instrument
	for i := range answers {
		answers[i] = newInstrument(t, 0, func(string) string { return "1" })
		b.unit(t).polls(answers[i].address)
	}
	waittest.Until(t, "all others are polled again and again", func() bool {
		return !slices.ContainsFunc(answers[:], func(i *instrument) bool { return i.conversations.Load() < 3 })
	})
	select {
	case <-ended:
		t.Fatal("the poll of the dead one has ended meanwhile")
	default:
	}
}
