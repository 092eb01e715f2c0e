package chaos

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"nms.example/tools/internal/stack"
)

// requestPrefix begins the id of every request of the traffic, so that its changes are known in history and journal.
const requestPrefix = "chaos-"

// client speaks HTTP to the services of a private system as its administrator.
type client struct {
	system *stack.Private
	http   *http.Client
	prefix string // of the ids of its requests
	number atomic.Int64

	mu     sync.Mutex
	token  string
	gotten time.Time
}

func newClient(system *stack.Private) *client {
	const patience = 15 * time.Second // longer than every deadline inside the services
	return &client{system: system, prefix: requestPrefix, http: &http.Client{
		Timeout: patience, Transport: &http.Transport{MaxIdleConnsPerHost: 32},
	}}
}

func (c *client) close() { c.http.CloseIdleConnections() }

// request is one call of a service.
type request struct {
	service, method, path  string
	kind, encoding, accept string
	body                   []byte
	anonymous              bool
	// token in place of the administrator's.
	token string
}

// answer is what came back. status 0: nothing did, or not all of it; body holds what there was.
type answer struct {
	id     string
	status int
	body   []byte
}

// ok tells whether the service promised that it was done.
func (a answer) ok() bool { return a.status/100 == 2 }

// nextID makes an id for a request.
func (c *client) nextID() string { return c.prefix + strconv.FormatInt(c.number.Add(1), 10) }

// do sends a request and reads the whole answer.
func (c *client) do(ctx context.Context, r request) answer {
	a := answer{id: c.nextID()}
	sent, err := http.NewRequestWithContext(ctx, r.method, c.system.URL(r.service)+r.path, bytes.NewReader(r.body))
	if err != nil {
		return a
	}
	sent.Header.Set("X-Request-ID", a.id)
	for name, value := range map[string]string{"Content-Type": r.kind, "Content-Encoding": r.encoding, "Accept": r.accept} {
		if value != "" {
			sent.Header.Set(name, value)
		}
	}
	switch {
	case r.token != "":
		sent.Header.Set("Authorization", "Bearer "+r.token)
	case !r.anonymous:
		sent.Header.Set("Authorization", "Bearer "+c.currentToken())
	}
	response, err := c.http.Do(sent)
	if err != nil {
		return a
	}
	defer response.Body.Close()
	const most = 64 << 20
	a.body, err = io.ReadAll(io.LimitReader(response.Body, most))
	if err == nil {
		a.status = response.StatusCode
	}
	return a
}

// doJSON sends a document.
func (c *client) doJSON(ctx context.Context, service, method, path string, document any) answer {
	body, err := json.Marshal(document)
	if err != nil {
		return answer{}
	}
	return c.do(ctx, request{service: service, method: method, path: path, kind: "application/json", body: body})
}

func (c *client) currentToken() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.token
}

// tokenAge is how old the token is.
func (c *client) tokenAge() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Since(c.gotten)
}

// logIn gets a token; keep makes it the one that all requests carry.
func (c *client) logIn(ctx context.Context, keep bool) (answer, string) {
	name, password := c.system.Login()
	form := url.Values{"grant_type": {"password"}, "username": {name}, "password": {password}}
	a := c.do(ctx, request{service: "auth", method: http.MethodPost, path: "/api/v1/auth/token", anonymous: true,
		kind: "application/x-www-form-urlencoded", body: []byte(form.Encode())})
	var grant struct {
		Token string `json:"access_token"`
	}
	if !a.ok() || json.Unmarshal(a.body, &grant) != nil || grant.Token == "" {
		return a, ""
	}
	if keep {
		c.mu.Lock()
		c.token, c.gotten = grant.Token, time.Now()
		c.mu.Unlock()
	}
	return a, grant.Token
}
