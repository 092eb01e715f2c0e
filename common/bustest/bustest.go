// Package bustest makes tests a virtual host of their own on the test broker, means to cut connections,
// and brokers of their own to break. It is for tests only.
package bustest

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"

	"nms.example/common/bus"
	"nms.example/common/config"
	"nms.example/common/waittest"
)

// Names of the environment variables with the broker's AMQP address and its management API.
const (
	VariableDSN = "TEST_MQ_DSN"
	VariableAPI = "TEST_MQ_API"
)

// Broker is a virtual host of a test's own.
type Broker struct {
	// DSN is its address.
	DSN   config.AMQPDSN
	t     testing.TB
	vhost string
	api   string
}

// New makes a virtual host for this test and removes it when the test ends. It costs about 60 ms.
func New(t testing.TB) *Broker {
	t.Helper()
	dsn, api := os.Getenv(VariableDSN), os.Getenv(VariableAPI)
	if dsn == "" || api == "" {
		t.Fatalf("bustest: %s or %s is not set; start the servers: ./task test does it", VariableDSN, VariableAPI)
	}
	address, err := url.Parse(dsn)
	if err != nil {
		t.Fatalf("bustest: %s is not an amqp:// URL", VariableDSN)
	}
	b := &Broker{t: t, vhost: "test-" + strings.ToLower(rand.Text()[:12]), api: strings.TrimSuffix(api, "/")}
	address.Path = "/" + b.vhost
	if err := b.DSN.Decode(address.String()); err != nil {
		t.Fatalf("bustest: %s: %v", VariableDSN, err)
	}
	b.call(http.MethodPut, "/api/vhosts/"+b.vhost, nil, nil)
	t.Cleanup(func() { b.call(http.MethodDelete, "/api/vhosts/"+b.vhost, nil, nil) })
	b.call(http.MethodPut, "/api/permissions/"+b.vhost+"/"+address.User.Username(),
		map[string]string{"configure": ".*", "write": ".*", "read": ".*"}, nil)
	return b
}

// Dial connects to the broker for the time of the test.
func (b *Broker) Dial() *bus.Conn {
	b.t.Helper()
	return Dial(b.t, bus.Settings{DSN: b.DSN})
}

// Dial connects for the time of the test.
func Dial(t testing.TB, s bus.Settings) *bus.Conn {
	t.Helper()
	if s.Name == "" {
		s.Name = "bustest"
	}
	conn, err := bus.Dial(t.Context(), s)
	if err != nil {
		t.Fatalf("bustest: %v", err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), waittest.Bound)
		defer cancel()
		if err := conn.Close(ctx); err != nil {
			t.Errorf("bustest: %v", err)
		}
	})
	return conn
}

// CutConnections closes every connection to the virtual host from the broker's side and returns how many
// there were. The broker lists a new connection only after some seconds: it waits for at least want of them.
func (b *Broker) CutConnections(want int) int {
	b.t.Helper()
	var connections []struct{ Name string }
	waittest.Until(b.t, fmt.Sprintf("the broker lists %d connections", want), func() bool {
		b.call(http.MethodGet, "/api/vhosts/"+b.vhost+"/connections", nil, &connections)
		return len(connections) >= want
	})
	for _, c := range connections {
		b.call(http.MethodDelete, "/api/connections/"+url.PathEscape(c.Name), nil, nil)
	}
	return len(connections)
}

// User makes a user of the virtual host who may write to the exchanges that the pattern names and do nothing else,
// and returns the address that it connects to. It is removed when the test ends.
func (b *Broker) User(name, write string) config.AMQPDSN {
	b.t.Helper()
	name += "-" + b.vhost
	const password = "a password of the tests"
	b.call(http.MethodPut, "/api/users/"+name, map[string]string{"password": password, "tags": ""}, nil)
	b.t.Cleanup(func() { b.call(http.MethodDelete, "/api/users/"+name, nil, nil) })
	b.call(http.MethodPut, "/api/permissions/"+b.vhost+"/"+name, map[string]string{"configure": "^$", "write": write, "read": "^$"}, nil)
	address, err := url.Parse(b.DSN.Reveal())
	if err != nil {
		b.t.Fatalf("bustest: %v", err)
	}
	address.User = url.UserPassword(name, password)
	var dsn config.AMQPDSN
	if err := dsn.Decode(address.String()); err != nil {
		b.t.Fatalf("bustest: %v", err)
	}
	return dsn
}

// Queue is the state of a queue as the management API tells it, some seconds late.
type Queue struct {
	Name      string         `json:"name"`
	Messages  int            `json:"messages"`
	Arguments map[string]any `json:"arguments"`
	Type      string         `json:"type"`
}

// Queues lists the queues of the virtual host.
func (b *Broker) Queues() []Queue {
	b.t.Helper()
	var queues []Queue
	b.call(http.MethodGet, "/api/queues/"+b.vhost, nil, &queues)
	return queues
}

// AwaitBinding waits until a queue exists and is bound to nms.events n times, so that nothing is published past it.
func (b *Broker) AwaitBinding(queue string, n int) {
	b.t.Helper()
	b.AwaitBindingOf(bus.Exchange, queue, n)
}

// AwaitBindingOf waits until a queue exists and is bound to an exchange n times.
func (b *Broker) AwaitBindingOf(exchange, queue string, n int) {
	b.t.Helper()
	waittest.Until(b.t, fmt.Sprintf("the queue %s has %d bindings", queue, n), func() bool {
		var bindings []struct{ Source, Destination string }
		b.call(http.MethodGet, "/api/bindings/"+b.vhost, nil, &bindings)
		found := 0
		for _, binding := range bindings {
			if binding.Source == exchange && binding.Destination == queue {
				found++
			}
		}
		return found >= n
	})
}

// Publish publishes any text as a message, as a program that knows nothing of events would.
func (b *Broker) Publish(exchange, key, text string) {
	b.t.Helper()
	b.call(http.MethodPost, "/api/exchanges/"+b.vhost+"/"+exchange+"/publish", map[string]any{
		"properties": map[string]any{"delivery_mode": 2}, "routing_key": key, "payload": text, "payload_encoding": "string",
	}, nil)
}

// DeleteExchange removes an exchange, as a careless hand would.
func (b *Broker) DeleteExchange(name string) {
	b.t.Helper()
	b.call(http.MethodDelete, "/api/exchanges/"+b.vhost+"/"+name, nil, nil)
}

// DeleteQueue removes a queue with its bindings.
func (b *Broker) DeleteQueue(name string) {
	b.t.Helper()
	b.call(http.MethodDelete, "/api/queues/"+b.vhost+"/"+name, nil, nil)
}

// Policy sets a policy on the queues that a pattern names; it has to be there before a stream is declared.
func (b *Broker) Policy(pattern string, definition map[string]any) {
	b.t.Helper()
	b.call(http.MethodPut, "/api/policies/"+b.vhost+"/test", map[string]any{"pattern": pattern, "definition": definition, "apply-to": "queues"}, nil)
}

// call fails the test unless the API answers with success; 404 to a DELETE is one.
func (b *Broker) call(method, path string, body, answer any) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(b.t.Context()), waittest.Bound)
	defer cancel()
	var payload bytes.Buffer
	if body != nil {
		if err := json.NewEncoder(&payload).Encode(body); err != nil {
			b.t.Fatalf("bustest: %v", err)
		}
	}
	address, err := url.Parse(b.api)
	if err != nil {
		b.t.Fatalf("bustest: %s is no URL", VariableAPI)
	}
	user := address.User
	address.User = nil
	r, err := http.NewRequestWithContext(ctx, method, address.String()+path, &payload)
	if err != nil {
		b.t.Fatalf("bustest: %v", err)
	}
	password, _ := user.Password()
	r.SetBasicAuth(user.Username(), password)
	r.Header.Set("Content-Type", "application/json")
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}} // nothing lives on after the test
	resp, err := client.Do(r)
	if err != nil {
		b.t.Fatalf("bustest: %s %s: %v", method, path, err)
	}
	defer func() { _ = resp.Body.Close() }()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		b.t.Fatalf("bustest: %s %s: %v", method, path, err)
	}
	switch {
	case resp.StatusCode == http.StatusNotFound && method == http.MethodDelete:
	case resp.StatusCode/100 != 2:
		b.t.Fatalf("bustest: %s %s: %s %s", method, path, resp.Status, data)
	case answer != nil:
		if err := json.Unmarshal(data, answer); err != nil {
			b.t.Fatalf("bustest: %s %s: %v", method, path, err)
		}
	}
}
