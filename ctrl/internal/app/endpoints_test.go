package app_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"nms.example/ctrl/internal/station"
)

func TestEndpoints(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for name, c := range map[string]struct {
		fields      object
		place, code string
	}{
		"an unknown driver is refused":                       {object{"driver": "morse"}, "body.driver", "not_one_of"},
		"an address without a port is refused":               {object{"address": "127.0.0.1"}, "body.address", "bad_address"},
		"an address outside the allowed networks is refused": {object{"address": "192.0.2.1:5025"}, "body.address", "address_not_allowed"},
		"options that the driver does not know are refused":  {object{"options": object{"device": "rx1", "colour": "red"}}, "body.options", "bad_options"},
		"options that are no object are refused":             {object{"options": []int{1}}, "body.options", "bad_options"},
		"options of null are refused":                        {object{"driver": "scpi", "options": nil}, "body.options", "bad_options"},
		"options without end are refused":                    {object{"options": object{"device": strings.Repeat("x", 8<<20-1000)}}, "body.options", "too_long"},
		"a device that nobody sees is refused":               {object{"options": object{"device": "rx1\u202e"}}, "body.options", "bad_options"},
		"an address that nobody sees is refused":             {object{"address": "local\u200bhost:4050"}, "body.address", "forbidden_characters"},
		"a user that nobody sees is refused": {object{
			"driver": "snmp", "options": object{"version": "3", "user": "a\u200bb", "auth": "sha"},
		}, "body.options", "bad_options"},
		"a secret that is not there is refused":                  {object{"secret": "nowhere"}, "body.secret", "secret_unreadable"},
		"a secret outside the directory is refused":              {object{"secret": "../passwd"}, "body.secret", "secret_unreadable"},
		"an administrative state that does not exist is refused": {object{"admin_state": "asleep"}, "body.admin_state", "not_one_of"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			u := b.unit(t)
			u.put(of("/endpoints", u.equipment), u.endpoint(c.fields)).Refused(unprocessable, c.place, c.code)
			u.Get(of("/endpoints", u.equipment)).Refused(notFound, "path.equipment_id", "not_found")
		})
	}
	t.Run("equipment that is not in the catalogue, or archived, has none", func(t *testing.T) {
		t.Parallel()
		u := b.unit(t)
		u.put("/endpoints/999999", u.endpoint(nil)).Refused(notFound, "path.equipment_id", "not_found")
		u.exec("UPDATE command SET undo_cmd_id = NULL WHERE equipment_id = $1", u.equipment)
		u.exec("UPDATE command SET archived_at = now() WHERE equipment_id = $1", u.equipment)
		u.exec("UPDATE equipment SET archived_at = now() WHERE id = $1", u.equipment)
		u.put(of("/endpoints", u.equipment), u.endpoint(nil)).Refused(notFound, "path.equipment_id", "not_found")
	})
	t.Run("a change of a version that is no longer there is refused", func(t *testing.T) {
		t.Parallel()
		u := b.unit(t)
		at := of("/endpoints", u.equipment)
		u.put(at, u.endpoint(nil), matching(`"1"`)).Refused(changed, "header.If-Match", "changed_meanwhile")
		tag := u.put(at, u.endpoint(nil)).Is(created).Header.Get("ETag")
		u.Get(at, "If-None-Match: "+tag).Is(http.StatusNotModified)
		u.Patch(at, object{"admin_state": "locked"}, matching(tag)).Is(ok)
		u.Patch(at, object{"admin_state": "unlocked"}, matching(tag)).Refused(changed, "header.If-Match", "changed_meanwhile")
		u.put(at, u.endpoint(nil), matching(tag)).Refused(changed, "header.If-Match", "changed_meanwhile")
		u.Delete(at, matching(tag)).Refused(changed, "header.If-Match", "changed_meanwhile")
		require.Equal(t, "locked", u.Get(at).Field("admin_state"))
	})
	t.Run("nothing is unlocked by writing it anew, unless that is said", func(t *testing.T) {
		t.Parallel()
		u := b.unit(t)
		at := of("/endpoints", u.equipment)
		require.Equal(t, "unlocked", u.put(at, u.endpoint(nil)).Is(created).Field("admin_state"))
		u.Patch(at, object{"admin_state": "locked"}).Is(ok)
		require.Equal(t, "locked", u.put(at, u.endpoint(nil)).Is(ok).Field("admin_state"))
		require.Equal(t, "unlocked", u.put(at, u.endpoint(object{"admin_state": "unlocked"})).Is(ok).Field("admin_state"))
	})
	t.Run("a secret that the driver cannot use is refused", func(t *testing.T) {
		t.Parallel()
		u := b.unit(t)
		u.secret("lines", "one\ntwo\n")
		u.secret("short", "1234567")
		http := object{"driver": "http", "address": "http://127.0.0.1/", "secret": "lines"}
		u.put(of("/endpoints", u.equipment), http).Refused(unprocessable, "body.secret", "bad_secret")
		snmp := object{"driver": "snmp", "address": "127.0.0.1:161", "options": object{"version": "3", "user": "u", "auth": "sha"}, "secret": "short"}
		u.put(of("/endpoints", u.equipment), snmp).Refused(unprocessable, "body.secret", "bad_secret")
	})
	t.Run("a secret is named and can be taken away", func(t *testing.T) {
		t.Parallel()
		u := b.unit(t)
		at := of("/endpoints", u.equipment)
		u.put(at, u.endpoint(nil)).Is(created)
		u.secret("community", "a community of tests\n")
		u.Patch(at, object{"secret": "community"}).Is(ok)
		answer := u.Get(at).Is(ok)
		require.Equal(t, "community", answer.Field("secret"))
		require.NotContains(t, string(answer.Body), "a community of tests")
		u.Patch(at, object{"secret": nil}).Is(ok)
		require.Nil(t, u.Get(at).Is(ok).Field("secret"))
	})
	t.Run("a test says how long the answer took, or that there is none", func(t *testing.T) {
		t.Parallel()
		u := b.unit(t)
		at := of("/endpoints", u.equipment)
		u.Post(at+"/test", nil).Refused(notFound, "path.equipment_id", "not_found")
		u.put(at, u.endpoint(nil)).Is(created)
		require.Positive(t, u.Post(at+"/test", nil).Is(ok).Field("answered_ms"))
		u.Patch(at, object{"address": "localhost:1"}).Is(ok)
		u.Post(at+"/test", nil).Refused(http.StatusServiceUnavailable, "path.equipment_id", "no_reply")
	})
	t.Run("one of several that come at once makes it, the others change it", func(t *testing.T) {
		t.Parallel()
		u := b.unit(t)
		statuses := u.atOnce(8, func() int { return u.put(of("/endpoints", u.equipment), u.endpoint(nil)).Status })
		require.Equal(t, map[int]int{created: 1, ok: 7}, statuses)
	})
	t.Run("it is forgotten", func(t *testing.T) {
		t.Parallel()
		u := b.unit(t)
		at := of("/endpoints", u.equipment)
		u.put(at, u.endpoint(nil)).Is(created)
		u.Delete(at).Is(noContent)
		u.Delete(at).Refused(notFound, "path.equipment_id", "not_found")
	})
	t.Run("those of one driver are listed", func(t *testing.T) {
		t.Parallel()
		u := b.unit(t)
		u.put(of("/endpoints", u.equipment), object{"driver": "scpi", "address": u.address}).Is(created)
		require.Equal(t, 1, u.total("/endpoints?driver=scpi"))
		require.Zero(t, u.total("/endpoints?driver=snmp"))
	})
}

// atOnce does the same several times at once and counts the answers.
func (b *bundle) atOnce(times int, do func() int) map[int]int {
	b.t.Helper()
	answers, counts := make(chan int, times), map[int]int{}
	for range times {
		go func() { answers <- do() }()
	}
	for range times {
		counts[<-answers]++
	}
	return counts
}

// A name is looked at when it is resolved, not when it is written.
func TestAnAddressOutsideTheAllowedNetworksIsNotReached(t *testing.T) {
	t.Parallel()
	b := prepare(t, map[string]string{"CTRL_ALLOWED_NETWORKS": "10.99.0.0/16"})
	b.start()
	u := b.unit(t)
	at := of("/endpoints", u.equipment)
	u.put(at, object{"driver": "http", "address": "http://localhost:1/"}).Is(created)
	u.Post(at+"/test", nil).Refused(unprocessable, "body.address", "address_not_allowed")

	u.put(at, u.endpoint(object{"address": "localhost:" + u.address[len("127.0.0.1:"):]})).Is(ok)
	u.put(of("/command-bindings", u.gain), gainBinding(nil)).Is(created)
	c := u.sent(u.order(1))
	c = u.attempted(c.ID)
	require.Contains(t, *c.Reason, "lies outside the networks of CTRL_ALLOWED_NETWORKS")
	require.Equal(t, []station.Execution(nil), u.station.Executed())
}
