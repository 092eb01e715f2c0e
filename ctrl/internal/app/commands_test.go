package app_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"nms.example/common/authn"
	"nms.example/common/servicetest"

	"nms.example/ctrl/internal/station"
)

func TestSendingACommand(t *testing.T) {
	t.Parallel()
	b := setup(t)
	t.Run("it is sent, verified, and every step is there", func(t *testing.T) {
		t.Parallel()
		u := b.receiver(t, nil)
		c := u.sent(u.order(12.5))
		require.Equal(t, "set gain_db 12.5", c.Wire)
		c = u.becomes(c.ID, "succeeded")
		require.Equal(t, "create send accept verify confirm", c.events())
		require.Equal(t, "user:1", c.Steps[0].Actor)
		require.Equal(t, "service:ctrl", c.Steps[1].Actor)
		require.Equal(t, 1, c.Sends)
		require.Equal(t, "ok", *c.Reply)
		require.InDelta(t, 12.5, c.Readback[0].Value, 0)
		require.Equal(t, []station.Execution{{Device: "rx1", Name: "gain_db", Value: 12.5}}, u.station.Executed())
	})
	t.Run("the same command is taken once", func(t *testing.T) {
		t.Parallel()
		u := b.receiver(t, nil)
		order := u.order(3)
		c := u.sent(order)
		var again issued
		u.Post("/commands", order).Is(ok).Into(&again)
		require.Equal(t, c.ID, again.ID)
		u.becomes(c.ID, "succeeded")
		u.Post("/commands", order).Is(ok)
		require.Len(t, u.station.Executed(), 1)
	})
	t.Run("also when it comes many times at once", func(t *testing.T) {
		t.Parallel()
		u := b.receiver(t, nil)
		order := u.order(5)
		require.Equal(t, map[int]int{created: 1, ok: 7}, u.atOnce(8, func() int { return u.Post("/commands", order).Status }))
		id, _ := order["id"].(uuid.UUID)
		u.becomes(id, "succeeded")
		require.Len(t, u.station.Executed(), 1)
	})
	t.Run("an id with other content, or of another sender, is refused", func(t *testing.T) {
		t.Parallel()
		u := b.receiver(t, nil)
		order := u.order(3)
		u.sent(order)
		u.as(2, authn.AllPermissions).Post("/commands", order).Refused(conflict, "body.id", "guid_taken")
		order["args"] = object{"gain": 4}
		u.Post("/commands", order).Refused(conflict, "body.id", "guid_taken")
	})
	t.Run("a dry run shows what would go over the line, and sends nothing", func(t *testing.T) {
		t.Parallel()
		u := b.receiver(t, nil)
		order := u.order(3)
		var c issued
		u.Post("/commands?dry-run=true", order).Is(ok).Into(&c)
		require.Equal(t, "set gain_db 3", c.Wire)
		require.Equal(t, "queued", c.State)
		u.Get(at(c.ID)).Refused(notFound, "path.id", "not_found")
		order["args"] = object{"gain": 51}
		u.Post("/commands?dry-run=true", order).Refused(unprocessable, "body.args.gain", "above_maximum")
		require.Empty(t, u.station.Executed())
	})
	t.Run("a hazardous command needs its permission and a confirmation", func(t *testing.T) {
		t.Parallel()
		u := b.receiver(t, object{"hazardous": true, "hazard_reason": "the amplifier may burn"})
		u.Post("/commands", u.order(1)).Refused(unprocessable, "body.confirm_hazard", "hazard_unconfirmed")
		order := u.order(1)
		order["confirm_hazard"] = true
		u.as(2, authn.Mask(authn.CommandsSend)).Post("/commands", order).Refused(forbidden, "request", "forbidden")
		require.Empty(t, u.station.Executed())
		u.becomes(u.sent(order).ID, "succeeded")
	})
	t.Run("it expires in the future and within the binding's ttl", func(t *testing.T) {
		t.Parallel()
		u := b.receiver(t, nil)
		for _, at := range []time.Time{time.Now().Add(-time.Second), time.Now().Add(time.Hour)} {
			order := u.order(1)
			order["expires_at"] = moment(at)
			u.Post("/commands", order).Refused(unprocessable, "body.expires_at", "out_of_range")
		}
		require.Empty(t, u.station.Executed())
	})
}

func TestArguments(t *testing.T) {
	t.Parallel()
	u := setup(t).receiver(t, nil)
	send := func(t *testing.T, args string) *servicetest.Answer {
		t.Helper()
		return u.For(t).Post("/commands", object{"id": uuid.New(), "command_id": u.gain, "args": json.RawMessage(args)})
	}
	for name, c := range map[string]struct{ args, place, code, message string }{
		"over the bound is refused with the unit":  {`{"gain": 50.5}`, "body.args.gain", "above_maximum", "must be at most 50 (dB)"},
		"also when the unit is given":              {`{"gain": {"value": 99, "unit": "dB"}}`, "body.args.gain", "above_maximum", "must be at most 50 (dB)"},
		"a text is no number":                      {`{"gain": "12"}`, "body.args.gain", "wrong_type", "(dB)"},
		"another unit is refused, never converted": {`{"gain": {"value": 1, "unit": "dBm"}}`, "body.args.gain.unit", "wrong_unit", "must be dB"},
		"a value in an object needs its unit":      {`{"gain": {"value": 1}}`, "body.args.gain", "wrong_type", "dB"},
		"a required argument is missing":           {`{}`, "body.args", "required", ""},
		"an argument that nobody knows is refused": {`{"gain": 1, "more": 2}`, "body.args", "unknown_field", ""},
		"a list is no object":                      {`[1]`, "body.args", "wrong_type", ""},
		"null is no object":                        {`null`, "body.args", "wrong_type", ""},
		"a number beyond every bound is refused":   {`{"gain": 1e-99999}`, "body.args", "too_complex", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			answer := send(t, c.args).Refused(unprocessable, c.place, c.code)
			require.Contains(t, string(answer.Body), c.message)
		})
	}
	t.Run("a value in its unit is taken", func(t *testing.T) {
		t.Parallel()
		var c issued
		u.For(t).Post("/commands", object{"id": uuid.New(), "command_id": u.gain, "args": json.RawMessage(`{"gain": {"unit": "dB", "value": 7}}`)}).
			Is(created).Into(&c)
		require.Equal(t, object{"gain": 7.0}, c.Args)
		require.Equal(t, "set gain_db 7", c.Wire)
	})
}

func TestWhatCannotBeSent(t *testing.T) {
	t.Parallel()
	b := setup(t)
	refuses := func(u *unit, place, code string) {
		u.t.Helper()
		u.Post("/commands", u.order(1)).Refused(conflict, place, code)
		require.Empty(u.t, u.station.Executed())
	}
	t.Run("a command that the catalogue does not have", func(t *testing.T) {
		t.Parallel()
		b.For(t).Post("/commands", object{"id": uuid.New(), "command_id": 999999}).Refused(conflict, "body.command_id", "reference_missing")
	})
	t.Run("a command that is archived", func(t *testing.T) {
		t.Parallel()
		u := b.receiver(t, nil)
		u.exec("UPDATE command SET undo_cmd_id = NULL, archived_at = now() WHERE id = $1", u.gain)
		refuses(u, "body.command_id", "reference_missing")
	})
	t.Run("a command without a binding", func(t *testing.T) {
		t.Parallel()
		refuses(b.unit(t), "body.command_id", "not_bound")
	})
	t.Run("a command whose equipment has no endpoint", func(t *testing.T) {
		t.Parallel()
		u := b.unit(t)
		u.put(of("/command-bindings", u.gain), gainBinding(nil)).Is(created)
		refuses(u, "body.command_id", "no_endpoint")
	})
	t.Run("a command whose equipment has an endpoint of another driver", func(t *testing.T) {
		t.Parallel()
		u := b.unit(t)
		u.put(of("/command-bindings", u.gain), gainBinding(nil)).Is(created)
		u.put(of("/endpoints", u.equipment), object{"driver": "scpi", "address": u.address}).Is(created)
		refuses(u, "body.command_id", "no_endpoint")
	})
	t.Run("a command whose endpoint is locked", func(t *testing.T) {
		t.Parallel()
		u := b.receiver(t, nil)
		u.Patch(of("/endpoints", u.equipment), object{"admin_state": "locked"}).Is(ok)
		refuses(u, "body.command_id", "endpoint_locked")
	})
}

func TestActingOnACommandAsItWas(t *testing.T) {
	t.Parallel()
	b := setup(t)
	other := b.as(2, authn.AllPermissions)
	refuses := func(u *unit, c issued, by *servicetest.Client, body object, acts ...string) {
		u.t.Helper()
		for _, act := range acts {
			by.For(u.t).Post(at(c.ID, act), body, matching(`"99"`)).Refused(changed, "header.If-Match", "changed_meanwhile")
		}
		require.Equal(u.t, c.Version, u.command(c.ID).Version)
	}
	t.Run("approve, reject and cancel look at its version", func(t *testing.T) {
		t.Parallel()
		u := b.receiver(t, object{"approvals": 1})
		c := u.sent(u.order(1))
		require.Equal(t, 1, c.Version)
		other.For(t).Post(at(c.ID, "approve"), nil, matching(`"99"`)).Refused(changed, "header.If-Match", "changed_meanwhile")
		refuses(u, c, other, object{}, "reject", "cancel")
		u.Post(at(c.ID, "cancel"), object{}, matching(u.Get(at(c.ID)).Header.Get("ETag"))).Is(ok)
	})
	t.Run("resolve looks at its version", func(t *testing.T) {
		t.Parallel()
		u := b.receiver(t, object{"timeout": 1, "verifiers": []any{}, "points": []any{}})
		u.fault(station.LostAnswers, true)
		c := u.becomes(u.sent(u.order(1)).ID, "unknown")
		resolution := object{"outcome": "succeeded", "reason": "seen"}
		refuses(u, c, other, resolution, "resolve")
		u.Post(at(c.ID, "resolve"), resolution, matching(u.Get(at(c.ID)).Header.Get("ETag"))).Is(ok)
	})
	t.Run("undo looks at its version", func(t *testing.T) {
		t.Parallel()
		u := b.receiver(t, nil)
		c := u.becomes(u.sent(u.order(1)).ID, "succeeded")
		refuses(u, c, other, object{"id": uuid.New()}, "undo")
		u.Post(at(c.ID, "undo"), object{"id": uuid.New()}, matching(u.Get(at(c.ID)).Header.Get("ETag"))).Is(created)
	})
	t.Run("a command that is not there is not found", func(t *testing.T) {
		t.Parallel()
		c := b.For(t)
		c.Get(at(uuid.New())).Refused(notFound, "path.id", "not_found")
		c.Post(at(uuid.New(), "approve"), nil).Refused(notFound, "path.id", "not_found")
		for act, body := range map[string]object{
			"reject": {}, "cancel": {}, "resolve": {"outcome": "failed", "reason": "x"}, "undo": {"id": uuid.New()},
		} {
			c.Post(at(uuid.New(), act), body).Refused(notFound, "path.id", "not_found")
		}
	})
	t.Run("a command that is done is neither cancelled nor approved", func(t *testing.T) {
		t.Parallel()
		u := b.receiver(t, nil)
		c := u.becomes(u.sent(u.order(1)).ID, "succeeded")
		u.Post(at(c.ID, "cancel"), object{}).Refused(conflict, "path.id", "wrong_state")
		other.For(t).Post(at(c.ID, "approve"), nil).Refused(conflict, "path.id", "wrong_state")
		u.Post(at(c.ID, "resolve"), object{"outcome": "failed", "reason": "x"}).Refused(conflict, "path.id", "wrong_state")
	})
}

func TestListsOfCommands(t *testing.T) {
	t.Parallel()
	u := setup(t).receiver(t, nil)
	var ids []uuid.UUID
	for i := range 5 {
		ids = append(ids, u.becomes(u.sent(u.order(float64(i))).ID, "succeeded").ID)
	}
	t.Run("a list is read page by page, the newest first", func(t *testing.T) {
		t.Parallel()
		var seen []uuid.UUID
		for query := "limit=2"; ; {
			var page struct {
				Total   int
				Content []issued
				Next    string
			}
			u.For(t).Get("/commands?" + query).Is(ok).Into(&page)
			require.Equal(t, 5, page.Total)
			for _, c := range page.Content {
				seen = append(seen, c.ID)
			}
			if page.Next == "" {
				break
			}
			query = "limit=2&cursor=" + page.Next
		}
		require.Equal(t, []uuid.UUID{ids[4], ids[3], ids[2], ids[1], ids[0]}, seen)
	})
	for query, want := range map[string]int{
		"state=succeeded": 5, "state=failed": 0, "sender=user:1": 5, "sender=user:2": 0, "equipment-id=" + of("", u.equipment)[1:]: 5,
		"command-id=" + of("", u.mode)[1:]: 0, "from=2020-01-01T00:00:00Z": 5, "to=2020-01-01T00:00:00Z": 0,
	} {
		t.Run("a list is filtered by "+query, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, want, u.in(t).total("/commands?"+query))
		})
	}
}
