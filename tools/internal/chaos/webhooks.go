package chaos

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"
)

// webhooks is the program that is told of alarms.
const webhooks = "webhooks"

// WebhooksCommand is the argument with which a program that makes this proof has to call ServeWebhooks, and nothing else.
const WebhooksCommand = "webhooks"

// webhookCall is a call of a webhook, as it came.
type webhookCall struct {
	At        time.Time `json:"at"`
	Path      string    `json:"path"`
	ID        string    `json:"id"`
	Stamp     string    `json:"stamp"`
	Signature string    `json:"signature"`
	Body      string    `json:"body"`
	// Status is what it was answered with.
	Status int `json:"status"`
}

// Of so many calls one is answered 503 and forgotten, and one is answered 500 although it was taken: both come again.
const failsOnce = 40

// ServeWebhooks receives notifications on the address that HOST and PORT name until ctx ends, and prints each call before it is answered: whoever
// was answered 2xx finds it there, whenever this program is killed.
func ServeWebhooks(ctx context.Context, getenv func(string) string, out io.Writer) error {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", net.JoinHostPort(getenv("HOST"), getenv("PORT")))
	if err != nil {
		return err
	}
	// The last line of a life that was killed may have no end.
	if _, err := fmt.Fprintln(out, "\nwebhooks are received on", listener.Addr()); err != nil {
		return errors.Join(err, listener.Close())
	}
	server := &http.Server{Handler: &webhookReceiver{out: out}, ReadHeaderTimeout: 10 * time.Second}
	stop := context.AfterFunc(ctx, func() { _ = server.Close() }) // which Serve returns on
	defer stop()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// webhookReceiver prints what it is told.
type webhookReceiver struct {
	mu  sync.Mutex
	out io.Writer
}

func (h *webhookReceiver) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		return // somebody looks whether it is ready
	}
	body, err := io.ReadAll(r.Body)
	chance := rand.IntN(failsOnce)
	if err != nil || chance == 0 {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	one := webhookCall{
		At: time.Now().UTC(), Path: r.URL.Path, ID: r.Header.Get("Webhook-Id"), Stamp: r.Header.Get("Webhook-Timestamp"),
		Signature: r.Header.Get("Webhook-Signature"), Body: string(body), Status: http.StatusNoContent,
	}
	if chance == 1 {
		one.Status = http.StatusInternalServerError
	}
	line, err := json.Marshal(one)
	if err == nil {
		h.mu.Lock()
		_, err = h.out.Write(append(line, '\n'))
		h.mu.Unlock()
	}
	if err != nil {
		one.Status = http.StatusInternalServerError
	}
	w.WriteHeader(one.Status)
}

// readWebhooks reads what the program has printed into its log, over all of its lives.
func readWebhooks(log string) ([]webhookCall, error) {
	raw, err := os.ReadFile(log)
	if err != nil {
		return nil, err
	}
	var list []webhookCall
	for line := range bytes.Lines(raw) {
		var one webhookCall
		if strings.HasPrefix(string(line), "{") && json.Unmarshal(line, &one) == nil { // else it was killed before the end of the line
			list = append(list, one)
		}
	}
	return list, nil
}
