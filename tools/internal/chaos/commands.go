package chaos

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/google/uuid"

	"nms.example/tools/internal/station"
)

const (
	commandEntity = "ctrl.command"
	commandsPath  = "/api/v1/ctrl/commands"
)

// The receivers' commands. Each takes a number that no other command has, by which the simulator's record knows it.
const (
	verified   = "VERIFIED"   // its effect is looked for
	unverified = "UNVERIFIED" // nobody looks
	repeatable = "REPEATABLE" // idempotent: sent again when its answer is lost
)

const (
	receivers = 8
	// commandTimeout bounds sending a command and its answer. Without a fault it takes some milliseconds.
	commandTimeout = 3 * time.Second
	// overtaken is how long an instance of ctrl has to stand still for others to give up what it was sending: its deadline is the
	// time for sending and 10 s more.
	overtaken = commandTimeout + 12*time.Second
	// silence is how long the simulator or the line to it has to be silent for commands to become unknown.
	silence = commandTimeout + 1500*time.Millisecond
)

// order is a command that the traffic has sent, or tried to send.
type order struct {
	id     uuid.UUID
	device string
	// number is its argument: those of one device grow in the order in which they were sent.
	number int64
}

// commanding is the traffic of commands: its receivers, the line to them, and what was sent.
type commanding struct {
	line      *Line
	receivers []station.Receiver
	instances []string // of ctrl

	mu     sync.Mutex
	number int64
	orders []order
}

// newCommanding sets the receivers up.
func (r *run) newCommanding(ctx context.Context) error {
	line, err := NewLine(ctx, r.system.Address("simulator"))
	if err != nil {
		return err
	}
	name, password := r.system.Login()
	// The least number is within the bounds of both parameters.
	r.commands = &commanding{line: line, number: 10_000}
	bindings := map[string]station.Binding{
		verified:   station.Verified("rx_frequency", "frequency_hz", 9e3, 6e9),
		unverified: station.Unverified("rx_bandwidth", "bandwidth_hz", 100, 20e6),
		repeatable: station.Verified("rx_frequency", "frequency_hz", 9e3, 6e9),
	}
	for _, binding := range bindings {
		binding["timeout"], binding["ttl"] = commandTimeout.Seconds(), time.Hour.Seconds()
	}
	bindings[repeatable]["idempotent"] = true
	r.commands.receivers, err = station.MakeFleet(ctx, station.System{
		Auth: r.system.URL("auth"), Cfg: r.system.URL("cfg"), Ctrl: r.system.URL("ctrl"), Login: name, Password: password, Simulator: line.Address(),
	}, receivers, bindings)
	if err != nil {
		return fmt.Errorf("set up the receivers: %w", err)
	}
	return nil
}

// workers are one for each receiver, and one who resolves what is unknown.
func (c *commanding) workers() (list []worker) {
	for i := range c.receivers {
		list = append(list, &commandWorker{commanding: c, receiver: &c.receivers[i], caller: caller{instances: c.instances, turn: i}})
	}
	return append(list, &resolver{commanding: c, caller: caller{instances: c.instances}, seen: map[string]time.Time{}})
}

// next makes an order for a device.
func (c *commanding) next(device string) order {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.number++
	one := order{uuid.New(), device, c.number}
	c.orders = append(c.orders, one)
	return one
}

// caller asks one instance of ctrl until that does not answer, and then another.
type caller struct {
	instances []string
	turn      int
}

func (c *caller) do(ctx context.Context, t *Traffic, method, path string, document any) answer {
	const patience = 2 * time.Second // one that stands still is left soon
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	name := c.instances[c.turn%len(c.instances)]
	var a answer
	if document == nil {
		a = t.client.do(ctx, request{service: name, method: method, path: path})
	} else {
		a = t.client.doJSON(ctx, name, method, path, document)
	}
	if a.status == 0 || a.status >= http.StatusInternalServerError {
		c.turn++
	}
	return a
}

// commandWorker sends commands to one receiver, one after the other: the next one when the last was answered.
type commandWorker struct {
	*commanding
	caller

	receiver *station.Receiver
	due      *order // sent, and not answered yet
	attempts int    // of due
	body     map[string]any
}

func (w *commandWorker) step(ctx context.Context, t *Traffic) bool {
	if w.due == nil {
		w.compose()
	}
	a := w.do(ctx, t, http.MethodPost, commandsPath, w.body)
	t.record("ctrl", change{entity: commandEntity, subject: w.due.id.String(), request: a.id, status: a.status,
		retried: w.attempts > 0, content: strconv.FormatInt(w.due.number, 10)})
	if a.ok() || a.status == http.StatusConflict || a.status == http.StatusUnprocessableEntity {
		w.due = nil // else the same is sent again
	}
	w.attempts++
	const gap = 150 * time.Millisecond // some wait in a queue that is held, and not too many
	pause(ctx, gap)
	return a.ok()
}

func (w *commandWorker) compose() {
	kinds := []string{verified, verified, unverified, unverified, repeatable}
	one := w.next(w.receiver.Device)
	w.due, w.attempts = &one, 0
	w.body = map[string]any{"id": one.id, "command_id": w.receiver.Commands[kinds[rand.IntN(len(kinds))]],
		"args": map[string]any{"to": one.number}}
	if rand.IntN(10) == 0 { // not to be sent when its turn comes late
		w.body["expires_at"] = time.Now().Add(3 * time.Second).UTC()
	}
}

// resolver looks what became of commands of unknown outcome, as an operator would, and says it.
type resolver struct {
	*commanding
	caller

	seen map[string]time.Time // when it was first seen, by id
}

// inspected is how long a command is left unknown at least, with others waiting behind it.
const inspected = 500 * time.Millisecond

func (w *resolver) step(ctx context.Context, t *Traffic) bool {
	a := w.do(ctx, t, http.MethodGet, commandsPath+"?state=unknown&limit=100", nil)
	var page struct {
		Content []struct {
			ID   string `json:"id"`
			Args struct {
				To int64 `json:"to"`
			} `json:"args"`
		} `json:"content"`
	}
	if !a.ok() || json.Unmarshal(a.body, &page) != nil {
		return false
	}
	settled := w.line.Settled() // while something is under way nobody can say that it will not be executed
	executed, err := station.ReadExecuted(t.client.system.Log("simulator"))
	if err != nil {
		return false
	}
	for _, one := range page.Content {
		if w.seen[one.ID].IsZero() {
			w.seen[one.ID] = time.Now()
		}
		if !settled || time.Since(w.seen[one.ID]) < inspected {
			continue
		}
		outcome := "failed"
		if slices.ContainsFunc(executed, func(e station.Execution) bool { return e.Number == one.Args.To }) {
			outcome = "succeeded"
		}
		w.do(ctx, t, http.MethodPost, commandsPath+"/"+one.ID+"/resolve", map[string]any{"outcome": outcome, "reason": "seen in the record"})
	}
	pause(ctx, inspected/2)
	return true
}
