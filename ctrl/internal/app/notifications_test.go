package app_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"nms.example/common/servicetest"
	"nms.example/common/waittest"

	"nms.example/ctrl/internal/app"
	"nms.example/ctrl/internal/notify"
)

// duty is somebody who is told by a webhook, with a program of the test behind it.
type duty struct {
	*unit

	id     int64
	server *httptest.Server

	mu       sync.Mutex
	messages []notify.Message
	status   int // of the answers; 0: 200
}

// duty makes a receiver, and a route to it of what is below a piece of equipment.
func (u *unit) duty(tb testing.TB, route object) *duty {
	tb.Helper()
	d := &duty{unit: u}
	d.secret("duty", "very secret")
	d.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		var m notify.Message
		d.mu.Lock()
		defer d.mu.Unlock()
		stamp, id := r.Header.Get("Webhook-Timestamp"), r.Header.Get("Webhook-Id")
		if json.Unmarshal(body, &m) != nil || id != m.ID || r.Header.Get("Webhook-Signature") != "v1,"+notify.Sign("very secret", id, stamp, body) {
			w.WriteHeader(http.StatusTeapot)
			return
		}
		d.messages = append(d.messages, m)
		if d.status != 0 {
			w.WriteHeader(d.status)
		}
	}))
	tb.Cleanup(d.server.Close)
	d.id = d.Post("/receivers", object{"name": fmt.Sprint("duty of ", u.equipment), "kind": "webhook", "address": d.server.URL, "secret": "duty"}).Is(created).ID()
	if route != nil {
		d.route(route)
	}
	return d
}

func (d *duty) route(fields object) int64 {
	d.t.Helper()
	return d.Post("/routes", with(object{"name": "night", "receivers": []int64{d.id}, "below": d.equipment, "group": 0}, fields)).Is(created).ID()
}

func (d *duty) answers(status int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.status = status
}

func (d *duty) received() []notify.Message {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]notify.Message(nil), d.messages...)
}

// told is what was told of alarms, in order, each delivery once.
func (d *duty) told() string {
	var list []string
	seen := map[string]bool{}
	for _, m := range d.received() {
		if seen[m.ID] {
			continue
		}
		seen[m.ID] = true
		for _, a := range m.Alarms {
			list = append(list, a.Event+" "+a.Severity)
		}
	}
	return strings.Join(list, ", ")
}

// hears waits until this and nothing else was told.
func (d *duty) hears(want string) {
	d.t.Helper()
	waittest.Until(d.t, fmt.Sprintf("it is told %q", want), func() bool { return d.told() == want })
}

// decided waits until it is decided about all that has happened who is told.
func (d *duty) decided() {
	d.t.Helper()
	waittest.Until(d.t, "all is decided", func() bool {
		var waiting int
		return d.pool.QueryRow(d.t.Context(), "SELECT count(*) FROM alarm_notice WHERE NOT held").Scan(&waiting) == nil && waiting == 0
	})
}

// raises raises a major alarm, about which it is decided who is told.
func (w *watched) raises(d *duty) {
	w.t.Helper()
	w.gives(11)
	w.stands("limit", "major cleared=false none unack")
	d.decided()
}

func TestNotifications(t *testing.T) {
	t.Parallel()
	b := setup(t)

	t.Run("what is raised, gets worse and is cleared", func(t *testing.T) {
		t.Parallel()
		w := b.watch(t, nil)
		d := w.duty(t, object{"severity": "major"})
		w.gives(11)
		d.hears("raised major")
		w.gives(21)
		d.hears("raised major, worse critical")
		w.gives(12, 1)
		d.hears("raised major, worse critical, cleared major")
		m := d.received()[0]
		require.Equal(t, "alarms", m.Kind)
		require.Equal(t, w.equipment, m.Alarms[0].EquipmentID)
		require.Equal(t, "gain is 11, the limit is 10 at most", m.Alarms[0].Text)
		var page struct{ Content []notify.Delivery }
		waittest.Until(t, "what was delivered is noted", func() bool { // after the receiver has answered
			w.Get(fmt.Sprintf("/deliveries?receiver-id=%d&state=delivered", d.id)).Is(ok).Into(&page)
			return len(page.Content) == 3
		})
		require.Equal(t, m.ID, page.Content[2].ID.String())
	})
	t.Run("only what a route takes", func(t *testing.T) {
		t.Parallel()
		w := b.watch(t, nil)
		d := w.duty(t, object{"severity": "critical"})
		d.route(object{"types": []string{"stale"}})
		d.route(object{"below": b.unit(t).equipment})
		w.raises(d)
		w.gives(21)
		d.hears("raised critical")
		w.gives(1)
		d.hears("raised critical, cleared critical")
	})
	t.Run("whoever several routes lead to is told once", func(t *testing.T) {
		t.Parallel()
		w := b.watch(t, nil)
		d := w.duty(t, object{})
		d.route(object{})
		w.gives(11)
		d.hears("raised major")
		w.gives(1)
		d.hears("raised major, cleared major")
	})
	t.Run("what is shelved is not told, but that it is cleared", func(t *testing.T) {
		t.Parallel()
		w := b.watch(t, nil)
		d := w.duty(t, object{})
		w.gives(11)
		d.hears("raised major")
		a := w.stands("limit", "major cleared=false none unack")
		w.Post("/shelves", object{"alarm_id": a.ID, "until": moment(time.Now().Add(time.Hour)), "reason": "known"}).Is(created)
		w.gives(21)
		w.stands("limit", "critical cleared=false shelved shelved")
		w.gives(1)
		d.hears("raised major, cleared critical")
		w.gives(11)
		w.stands("limit", "major cleared=false shelved shelved")
		d.decided()
		w.exec("UPDATE alarm SET shelved_until = now(), version = version + 1 WHERE id = $1", a.ID)
		d.hears("raised major, cleared critical, raised major")
	})
	t.Run("what is suppressed is told when that ends, if it is still raised", func(t *testing.T) {
		t.Parallel()
		parent := b.watch(t, object{"suppresses": true})
		w, other := b.watch(t, nil), b.watch(t, nil)
		w.exec("UPDATE equipment SET parent_id = $1 WHERE id = ANY($2)", parent.equipment, []int64{w.equipment, other.equipment})
		parent.gives(11)
		parent.stands("limit", "major cleared=false none unack")
		d, none := w.duty(t, object{}), other.duty(t, object{})
		w.gives(11)
		other.gives(11)
		w.stands("limit", "major cleared=false none suppressed")
		other.stands("limit", "major cleared=false none suppressed")
		d.decided()
		other.gives(1)
		other.stands("limit", "major cleared=true none suppressed")
		require.Empty(t, d.told())
		parent.gives(1)
		d.hears("raised major")
		d.decided()
		require.Empty(t, none.told())
	})
	t.Run("what nobody acknowledges is told again", func(t *testing.T) {
		t.Parallel()
		w := b.watch(t, nil)
		d := w.duty(t, object{"repeat": 1})
		w.gives(11)
		waittest.Until(t, "it is told three times", func() bool { return strings.Count(d.told(), "repeated major") >= 2 })
		w.acts(w.alarms()[0].ID, "ack", object{}).Is(ok)
		w.gives(1)
		waittest.Until(t, "it is told that it is cleared", func() bool { return strings.HasSuffix(d.told(), "cleared major") })
	})
	t.Run("what happens together is told together", func(t *testing.T) {
		t.Parallel()
		w := b.watch(t, nil)
		d := w.duty(t, object{"group": 3600})
		w.raises(d)
		w.gives(21, 1)
		w.stands("limit", "critical cleared=true none rtn-unack")
		d.decided()
		require.Empty(t, d.told())
		w.exec("UPDATE delivery SET due_at = now() WHERE receiver_id = $1", d.id)
		d.hears("raised major, worse critical, cleared critical")
		require.Len(t, d.received(), 1)
	})
	t.Run("what is told at once takes along what happened before", func(t *testing.T) {
		t.Parallel()
		w := b.watch(t, nil)
		d := w.duty(t, object{"severity": "critical"})
		d.route(object{"severity": "major", "group": 3600})
		w.raises(d)
		require.Empty(t, d.told())
		w.gives(21)
		d.hears("raised major, worse critical")
		require.Len(t, d.received(), 1)
		w.gives(1)
		d.hears("raised major, worse critical, cleared critical")
	})
	t.Run("what was held and has passed is not told", func(t *testing.T) {
		t.Parallel()
		parent, w := b.watch(t, object{"suppresses": true}), b.watch(t, nil)
		w.exec("UPDATE equipment SET parent_id = $1 WHERE id = $2", parent.equipment, w.equipment)
		parent.gives(11)
		parent.stands("limit", "major cleared=false none unack")
		d := w.duty(t, object{})
		for i, value := range []float64{11, 1, 11} {
			w.gives(value)
			w.stands("limit", fmt.Sprintf("major cleared=%t none suppressed", i == 1))
			d.decided()
		}
		a := w.alarms()[0]
		parent.gives(1)
		d.hears("raised major")
		require.Equal(t, a.Version, int(d.received()[0].Alarms[0].Version), "the last raise")
	})
	t.Run("what gathers beside newer messages takes nothing further", func(t *testing.T) {
		t.Parallel()
		w := b.watch(t, nil)
		d := w.duty(t, object{"group": 3600})
		for _, filled := range []bool{false, true} { // as earlier versions of ctrl left it
			w.exec("INSERT INTO delivery (receiver_id, kind, due_at, filled) VALUES ($1, 'alarms', now() + interval '1 hour', $2)", d.id, filled)
		}
		d.Patch(of("/receivers", d.id), object{"enabled": false}).Is(ok)
		w.raises(d)
		w.exec("UPDATE delivery SET due_at = now() WHERE receiver_id = $1", d.id)
		d.Patch(of("/receivers", d.id), object{"enabled": true}).Is(ok)
		d.hears("raised major")
		require.Len(t, d.received(), 3)
		require.Len(t, d.received()[2].Alarms, 1)
	})
	t.Run("a heartbeat does not wait for what gathers", func(t *testing.T) {
		t.Parallel()
		w := b.watch(t, nil)
		d := w.duty(t, object{"group": 3600})
		w.raises(d)
		d.Patch(of("/receivers", d.id), object{"heartbeat": 1}).Is(ok)
		waittest.Until(t, "its heart beats", func() bool { return len(d.received()) >= 2 })
		require.Empty(t, d.told())
	})
	t.Run("a heartbeat", func(t *testing.T) {
		t.Parallel()
		d := b.unit(t).duty(t, nil)
		d.Patch(of("/receivers", d.id), object{"heartbeat": 1}).Is(ok)
		waittest.Until(t, "its heart beats", func() bool { return len(d.received()) >= 2 })
		require.Equal(t, "heartbeat", d.received()[0].Kind)
	})
}

func TestNotificationsThatDoNotArrive(t *testing.T) {
	t.Parallel()
	b := setup(t)

	t.Run("are sent again, with the same id, in their order", func(t *testing.T) {
		t.Parallel()
		w := b.watch(t, nil)
		d := w.duty(t, object{})
		d.answers(http.StatusServiceUnavailable)
		w.gives(11)
		waittest.Until(t, "it was tried twice", func() bool { return len(d.received()) >= 2 })
		w.gives(1)
		w.stands("limit", "major cleared=true none rtn-unack")
		d.answers(0)
		d.hears("raised major, cleared major")
		require.Equal(t, d.received()[0].ID, d.received()[1].ID)
	})
	t.Run("are given up when the receiver refuses them", func(t *testing.T) {
		t.Parallel()
		w := b.watch(t, nil)
		d := w.duty(t, object{})
		d.answers(http.StatusUnprocessableEntity)
		w.gives(11)
		var page struct{ Content []notify.Delivery }
		waittest.Until(t, "it is given up", func() bool {
			w.Get(fmt.Sprintf("/deliveries?receiver-id=%d&state=failed", d.id)).Is(ok).Into(&page)
			return len(page.Content) == 1
		})
		require.Equal(t, "the receiver refuses it with status 422", *page.Content[0].Problem)
		d.answers(0)
		w.gives(1)
		waittest.Until(t, "what follows is told", func() bool { return strings.HasSuffix(d.told(), "cleared major") })
	})
	t.Run("a receiver that is switched off is told later", func(t *testing.T) {
		t.Parallel()
		w := b.watch(t, nil)
		d := w.duty(t, object{})
		d.Patch(of("/receivers", d.id), object{"enabled": false}).Is(ok)
		w.raises(d)
		d.Patch(of("/receivers", d.id), object{"enabled": true}).Is(ok)
		d.hears("raised major")
	})
	t.Run("a test says what has become of it", func(t *testing.T) {
		t.Parallel()
		d := b.unit(t).duty(t, nil)
		require.Equal(t, "delivered", d.Post(of("/receivers", d.id)+"/test", nil).Is(ok).Field("state"))
		require.Equal(t, "test", d.received()[0].Kind)
		d.server.Close()
		failed := d.Post(of("/receivers", d.id)+"/test", nil).Is(ok)
		require.Equal(t, "failed", failed.Field("state"))
		require.NotEmpty(t, failed.Field("problem"))
	})
}

func TestReceiversAndRoutes(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.secret("key", "x")
	hook := func(fields object) object {
		return with(object{"name": "x", "kind": "webhook", "address": "http://127.0.0.1:1/x", "secret": "key"}, fields)
	}
	mail := func(fields object) object {
		return with(object{"name": "x", "kind": "smtp", "address": "127.0.0.1:25", "options": object{"from": "a@example.org", "to": []string{"b@example.org"}}}, fields)
	}

	t.Run("are made, read, changed and removed", func(t *testing.T) {
		t.Parallel()
		b := b.in(t)
		answer := b.Post("/receivers", mail(nil)).Is(created)
		id, tag := answer.ID(), answer.Header.Get("ETag")
		require.Equal(t, tag, b.Get(of("/receivers", id)).Is(ok).Header.Get("ETag"))
		b.Patch(of("/receivers", id), object{"heartbeat": 60}, matching(tag)).Is(ok)
		b.Patch(of("/receivers", id), object{"heartbeat": nil}, matching(tag)).Is(changed)
		route := b.Post("/routes", object{"name": "x", "receivers": []int64{id}}).Is(created)
		require.Equal(t, "warning", route.Field("severity"))
		b.Delete(of("/receivers", id)).Refused(conflict, "path.id", "in_use")
		b.Patch(of("/routes", route.ID()), object{"receivers": []int64{id, 99999}}).Refused(conflict, "body.receivers", "reference_missing")
		b.Patch(of("/routes", route.ID()), object{"severity": "critical", "repeat": 60}).Is(ok)
		b.Delete(of("/routes", route.ID())).Is(noContent)
		b.Get(of("/routes", route.ID())).Is(notFound)
		b.Delete(of("/receivers", id)).Is(noContent)
		b.Get(of("/receivers", id)).Is(notFound)
		b.Post(of("/receivers", id)+"/test", nil).Is(notFound)
	})
	t.Run("that cannot be used are refused, with the place", func(t *testing.T) {
		t.Parallel()
		for name, c := range map[string]struct {
			body        object
			place, code string
		}{
			"an address outside":                {hook(object{"address": "http://127.0.0.2/x"}), "body.address", "receiver_not_allowed"},
			"an address that is none":           {hook(object{"address": "ftp://127.0.0.1/x"}), "body.address", "bad_receiver"},
			"a webhook without a secret":        {hook(object{"secret": nil}), "body.secret", "required"},
			"a secret that is not there":        {hook(object{"secret": "other"}), "body.secret", "secret_unreadable"},
			"options of a webhook":              {hook(object{"options": object{"to": "x"}}), "body.options", "bad_receiver"},
			"a mail server without a port":      {mail(object{"address": "127.0.0.1"}), "body.address", "bad_receiver"},
			"a mail server outside":             {mail(object{"address": "10.0.0.1:25"}), "body.address", "receiver_not_allowed"},
			"a mail to nobody":                  {mail(object{"options": object{"from": "a@example.org"}}), "body.options", "bad_receiver"},
			"a recipient that is none":          {mail(object{"options": object{"from": "a@example.org", "to": []string{"b\r\nBcc: c"}}}), "body.options", "bad_receiver"},
			"a user without a password":         {mail(object{"options": object{"from": "a@example.org", "to": []string{"b@example.org"}, "user": "x"}}), "body.options", "bad_receiver"},
			"a password in clear text":          {mail(object{"secret": "key", "options": object{"from": "a@example.org", "to": []string{"b@example.org"}, "user": "x", "security": "none"}}), "body.options", "bad_receiver"},
			"options of a mail that are no map": {mail(object{"options": object{"from": 1}}), "body.options", "bad_receiver"},
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				if c.body["secret"] == nil {
					delete(c.body, "secret")
				}
				b.in(t).Post("/receivers", c.body).Refused(unprocessable, c.place, c.code)
			})
		}
	})
}

// Two instances decide and send: nobody is told twice, but for what one of them was killed over.
func TestTwoInstancesTellOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	servicetest.Start(t, app.Identity, app.Build, b.settings)
	w := b.watch(t, nil)
	d := w.duty(t, object{})
	want := []string{}
	for range 3 {
		w.gives(11, 1)
		want = append(want, "raised major", "cleared major")
		d.hears(strings.Join(want, ", "))
	}
	require.LessOrEqual(t, len(d.received()), len(want), "each delivery once")
}

// An instance is killed while a receiver has a message and has not answered: another one sends it again, with the same id.
func TestAKilledInstanceHasTold(t *testing.T) {
	t.Parallel()
	b := prepare(t, nil)
	victim := b.process()
	w := b.watch(t, nil)
	d := w.duty(t, object{})
	d.mu.Lock() // it does not answer
	w.gives(11)
	waittest.Until(t, "it is being sent", func() bool {
		var attempts int
		return b.pool.QueryRow(t.Context(), "SELECT count(*) FROM delivery WHERE leased_until IS NOT NULL").Scan(&attempts) == nil && attempts == 1
	})
	victim.Kill()
	d.mu.Unlock()
	w.exec("UPDATE delivery SET leased_until = now()") // sooner than it would end
	w.process()
	d.hears("raised major")
	waittest.Until(t, "it is noted", func() bool { return w.total(fmt.Sprintf("/deliveries?receiver-id=%d&state=delivered", d.id)) == 1 })
}
