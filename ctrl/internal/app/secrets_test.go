package app_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"nms.example/common/event"
	"nms.example/common/waittest"
)

// The equipment repeats the secret wherever it can. It is in no database, event, answer or log.
func TestASecretIsNowhereButOnTheLine(t *testing.T) {
	t.Parallel()
	const secret = "zq7x-secret-of-tests"
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		token := r.Header.Get("X-Token")
		if r.Method == http.MethodPut {
			w.WriteHeader(http.StatusBadGateway)
			_, _ = io.WriteString(w, "no upstream for "+token)
			return
		}
		_, _ = io.WriteString(w, `{"gain":"`+token+`"}`)
	}))
	t.Cleanup(server.Close)
	b := prepare(t, nil)
	followed := b.broker.Follow("ctrl.#")
	b.secret("token", secret+"\n")
	b.start()
	u := b.unit(t)
	u.put(of("/endpoints", u.equipment), object{
		"driver": "http", "address": server.URL, "options": object{"header": "X-Token", "prefix": "T "}, "secret": "token",
	}).Is(created)
	u.put(of("/command-bindings", u.gain), gainBinding(object{
		"driver": "http", "template": object{"method": "PUT", "path": "/gain"}, "verifiers": []any{},
		"points": []any{object{"parameter": "gain", "read": object{"path": "/gain", "pointer": "/gain"}}},
	})).Is(created)
	c := u.sent(u.order(1))
	waittest.Until(t, "a value is read back", func() bool { return len(u.command(c.ID).Readback) > 0 })
	c = u.command(c.ID)
	require.Equal(t, "502 no upstream for T (secret)", *c.Reply)
	require.Equal(t, "it may have been executed: the equipment answered that it has failed", *c.Reason)
	require.Equal(t, "T (secret)", c.Readback[0].Value)

	for _, path := range []string{at(c.ID), "/commands", of("/endpoints", u.equipment), "/endpoints", of("/equipments", u.equipment)} {
		require.NotContains(t, string(u.Get(path).Is(ok).Body), secret)
	}
	for _, table := range []string{"issued_command", "issued_command_step", "endpoint", "command_binding"} {
		var rows string
		require.NoError(t, b.pool.QueryRow(t.Context(), "SELECT string_agg(t::text, ' ') FROM "+table+" t").Scan(&rows))
		require.NotContains(t, rows, secret, table)
		require.NotEmpty(t, rows)
	}
	for _, e := range followed.Await("the steps are told", func(events []event.Event) bool { return len(events) >= 6 }) {
		require.NotContains(t, fmt.Sprintf("%+v %s", e, e.Data), secret)
	}
	require.NotContains(t, b.instance.Log(), secret)
}
