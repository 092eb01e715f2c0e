package app_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"nms.example/common/authn"
	"nms.example/common/servicetest"
	"nms.example/common/waittest"

	"nms.example/ctrl/internal/app"
	"nms.example/ctrl/internal/station"
)

// told is an event of a stream.
type told struct{ name, id, data string }

// follow reads a stream of values until the test ends or stop is called.
func (u *unit) follow(instance *servicetest.Instance, query, lastID string) (events <-chan told, stop func()) {
	u.t.Helper()
	return u.followPath(instance, fmt.Sprintf("/api/v1/ctrl/telemetry/stream?equipment-id=%d%s", u.equipment, query), lastID)
}

// followPath reads a stream until the test ends or stop is called.
func (u *unit) followPath(instance *servicetest.Instance, path, lastID string) (events <-chan told, stop func()) {
	u.t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(u.t.Context()))
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, instance.URL+path, nil)
	require.NoError(u.t, err)
	request.Header.Set("Authorization", "Bearer "+u.token(1, authn.AllPermissions))
	if lastID != "" {
		request.Header.Set("Last-Event-ID", lastID)
	}
	client := &http.Client{Transport: &http.Transport{}}
	response, err := client.Do(request)
	require.NoError(u.t, err)
	require.Equal(u.t, ok, response.StatusCode)
	channel, done := make(chan told, 10_000), make(chan struct{})
	go func() {
		defer close(done)
		defer close(channel)
		var e told
		lines := bufio.NewScanner(response.Body)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			name, value, _ := strings.Cut(lines.Text(), ": ")
			switch name {
			case "event":
				e.name = value
			case "id":
				e.id = value
			case "data":
				e.data += value
			case "":
				if e.name != "" {
					channel <- e
				}
				e = told{}
			}
		}
	}()
	stop = func() {
		cancel()
		_ = response.Body.Close()
		<-done
		client.CloseIdleConnections()
	}
	u.t.Cleanup(stop)
	return channel, stop
}

// next returns the next event.
func next(t *testing.T, events <-chan told) told {
	t.Helper()
	select {
	case e, open := <-events:
		require.True(t, open, "the stream has ended")
		return e
	case <-time.After(waittest.Bound):
		require.Fail(t, "no event came")
		return told{}
	}
}

// gains returns what an event says of the gain.
func (e told) gains(t *testing.T) (values []float64) {
	t.Helper()
	require.Equal(t, "values", e.name, "%s", e.data)
	var list []struct {
		Values []struct {
			Parameter string
			Value     float64
		}
	}
	require.NoError(t, json.Unmarshal([]byte(e.data), &list))
	for _, equipment := range list {
		for _, v := range equipment.Values {
			if v.Parameter == "gain" {
				values = append(values, v.Value)
			}
		}
	}
	return values
}

func TestStreamOfValues(t *testing.T) {
	t.Parallel()
	b := setup(t)
	second := servicetest.Start(t, app.Identity, app.Build, b.settings)
	when := time.Now().Add(-time.Minute)
	send := func(u *unit, i int) {
		u.t.Helper()
		u.Post("/telemetry", u.frame(when.Add(time.Duration(i)*time.Millisecond), fmt.Sprintf(`{"gain": %d, "level": 0}`, i))).Is(created)
	}

	t.Run("the newest values come first, then what comes", func(t *testing.T) {
		t.Parallel()
		u := b.unit(t)
		send(u, 1)
		events, _ := u.follow(b.instance, "&parameter=GAIN", "")
		require.Equal(t, []float64{1}, next(t, events).gains(t))
		send(u, 2)
		require.Equal(t, []float64{2}, next(t, events).gains(t))
		b.unit(t).Post("/telemetry", b.unit(t).frame(when, `{"gain": 9}`)).Is(created) // of other equipment
		send(u, 3)
		require.Equal(t, []float64{3}, next(t, events).gains(t))
	})
	t.Run("after a reconnection, at whichever instance, the newest of what was missed comes, and nothing again", func(t *testing.T) {
		t.Parallel()
		u := b.unit(t)
		send(u, 1)
		events, stop := u.follow(b.instance, "", "")
		first := next(t, events)
		require.Equal(t, []float64{1}, first.gains(t))
		stop()
		send(u, 2)
		send(u, 3)
		again, stop := u.follow(second, "", first.id)
		missed := next(t, again)
		require.Equal(t, []float64{3}, missed.gains(t))
		stop()
		last, _ := u.follow(b.instance, "", missed.id)
		send(u, 4)
		require.Equal(t, []float64{4}, next(t, last).gains(t))
	})
	t.Run("whoever comes with an id of elsewhere is told that something may be lost", func(t *testing.T) {
		t.Parallel()
		for _, id := range []string{"nonsense", "1:2", "99999999:99999999:", "9:8:7", "1:9:9", "1:9:3,2", "0:1:", "1:2:x"} {
			u := b.unit(t)
			send(u, 1)
			events, _ := u.follow(b.instance, "", id)
			require.Equal(t, "lost", next(t, events).name, id)
			send(u, 2)
			require.Equal(t, []float64{2}, next(t, events).gains(t))
		}
	})
	t.Run("equipment and parameters that are not there are refused", func(t *testing.T) {
		t.Parallel()
		u := b.unit(t)
		u.Get("/telemetry/stream?equipment-id=99999").Is(notFound)
		u.Get(fmt.Sprintf("/telemetry/stream?equipment-id=%d&parameter=nothing", u.equipment)).Is(notFound)
		u.Get("/telemetry/stream").Is(unprocessable)
	})
}

// Values that come in on their own way show whether a command has had its effect.
func TestVerifiersOfValuesThatArrive(t *testing.T) {
	t.Parallel()
	b := setup(t)
	unread := object{"points": []any{}, "verifiers": []any{object{"parameter": "gain", "op": "eq", "arg": "gain", "within": 60}}}

	t.Run("one that came after the sending counts, whatever its own time", func(t *testing.T) {
		t.Parallel()
		u := b.receiver(t, unread)
		u.Post("/telemetry", u.frame(time.Now().Add(-2*time.Hour), `{"gain": 7}`)).Is(created) // before the sending
		c := u.sent(u.order(7))
		u.becomes(c.ID, "verifying")
		u.Post("/telemetry", u.frame(time.Now().Add(-time.Hour), `{"gain": 7}`)).Is(created)
		c = u.becomes(c.ID, "succeeded", "failed", "unverified")
		require.Equal(t, "succeeded", c.State)
		require.Len(t, c.Readback, 1)
		require.InDelta(t, 7, c.Readback[0].Value, 0)
	})
	t.Run("another value contradicts, and without any nobody can tell", func(t *testing.T) {
		t.Parallel()
		short := with(object{}, unread)
		short["verifiers"] = []any{object{"parameter": "gain", "op": "eq", "arg": "gain", "within": 1}}
		u := b.receiver(t, short)
		c := u.sent(u.order(7))
		require.Equal(t, "unverified", u.becomes(c.ID, "succeeded", "failed", "unverified").State)
		u = b.receiver(t, with(object{}, unread))
		u.put(of("/command-bindings", u.gain), gainBinding(with(object{}, short))).Is(ok)
		second := u.sent(u.order(7))
		u.becomes(second.ID, "verifying", "unverified")
		u.Post("/telemetry", u.frame(time.Now(), `{"gain": 6}`)).Is(created)
		require.Equal(t, "failed", u.becomes(second.ID, "succeeded", "failed", "unverified").State)
	})
	t.Run("they decide a command without an answer, when they were other ones shortly before", func(t *testing.T) {
		t.Parallel()
		u := b.receiver(t, with(object{"timeout": 1}, unread))
		u.Post("/telemetry", u.frame(time.Now().Add(-time.Hour), `{"gain": 6}`)).Is(created)
		u.fault(station.LostAnswers, true)
		c := u.becomes(u.sent(u.order(7)).ID, "unknown")
		require.Len(t, c.ReadBefore, 1)
		require.InDelta(t, 6, c.ReadBefore[0].Value, 0)
		u.Post("/telemetry", u.frame(time.Now().Add(-time.Hour), `{"gain": 7}`)).Is(created)
		c = u.becomes(c.ID, "succeeded", "failed")
		require.Equal(t, "succeeded", c.State)
		require.Equal(t, "confirm", c.Steps[len(c.Steps)-1].Event)
	})
	t.Run("but not when they were the same, or none had come for as long as it takes", func(t *testing.T) {
		t.Parallel()
		for name, before := range map[string]func(u *unit){
			"the same": func(u *unit) { u.Post("/telemetry", u.frame(time.Now(), `{"gain": 7}`)).Is(created) },
			"old": func(u *unit) {
				u.Post("/telemetry", u.frame(time.Now(), `{"gain": 6}`)).Is(created)
				_, err := u.dwh.Exec(t.Context(), "UPDATE latest SET received_at = received_at - interval '1 minute' WHERE equipment = $1", u.equipment)
				require.NoError(t, err)
			},
			"none": func(*unit) {},
		} {
			u := b.receiver(t, with(object{"timeout": 1}, unread))
			before(u)
			u.fault(station.LostAnswers, true)
			c := u.becomes(u.sent(u.order(7)).ID, "unknown")
			u.Post("/telemetry", u.frame(time.Now().Add(time.Second), `{"gain": 7}`)).Is(created)
			waittest.Until(t, "the value is shown: "+name, func() bool { return len(u.command(c.ID).Readback) > 0 })
			require.Equal(t, "unknown", u.command(c.ID).State, name)
		}
	})
	t.Run("a value that is bad shows nothing", func(t *testing.T) {
		t.Parallel()
		u := b.receiver(t, with(object{"verifiers": []any{object{"parameter": "gain", "op": "eq", "arg": "gain", "within": 1}}}, object{"points": []any{}}))
		c := u.sent(u.order(7))
		u.becomes(c.ID, "verifying")
		f := u.frame(time.Now(), `{"gain": 7}`)
		f["quality"] = object{"gain": "bad"}
		u.Post("/telemetry", f).Is(created)
		require.Equal(t, "unverified", u.becomes(c.ID, "succeeded", "failed", "unverified").State)
	})
}
