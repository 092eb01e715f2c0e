package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// The command that is sent: the gain of the first receiver of the simulated station, which ./task up has put into the catalogues.
const (
	commanded = "RX1"
	named     = "GAIN"
	gain      = 12
)

// listed is a command of the catalogue.
type listed struct {
	ID            int64   `json:"id"`
	Name          string  `json:"name"`
	EquipmentID   int64   `json:"equipment_id"`
	EquipmentName string  `json:"equipment_name"`
	UndoID        *int64  `json:"undo_cmd_id"`
	UndoName      *string `json:"undo_cmd_name"`
}

// verifier is what has to hold after a command.
type verifier struct {
	Parameter string
	Op        string
	Value     json.RawMessage
	Arg       string
	Within    float64
}

// sent is a command that was sent, with its steps.
type sent struct {
	ID       string
	State    string
	Reason   *string
	Wire     string
	Args     map[string]json.RawMessage
	Readback []struct {
		Parameter string
		Value     json.RawMessage
	}
	Steps []taken
}

// taken is one step of a command.
type taken struct {
	At     time.Time
	State  string
	Actor  string
	Detail *string
}

// command sends a command to the simulated station, follows it to its end, and undoes it.
func (w *walk) command(ctx context.Context) error {
	var of listed
	var one sent
	order := map[string]any{"id": newGUID(), "args": map[string]any{"gain": gain}}
	steps := []struct {
		name string
		do   func() (string, error)
	}{
		{"find a command of the receiver " + commanded, func() (string, error) {
			err := w.find(ctx, &of)
			order["command_id"] = of.ID
			return fmt.Sprintf("%s, id %d, undone by %s", of.Name, of.ID, orElse(text(of.UndoName), "nothing")), err
		}},
		{"try it without sending it", func() (string, error) {
			var dry sent
			err := w.ctrlCall(ctx, http.MethodPost, "/commands?dry-run=true", order, http.StatusOK, &dry)
			return "would go over the line: " + dry.Wire, err
		}},
		{"send it to ctrl", func() (string, error) {
			err := w.ctrlCall(ctx, http.MethodPost, "/commands", order, http.StatusCreated, &one)
			return "201, id " + one.ID, err
		}},
		{"it is sent to the equipment and verified", func() (string, error) { return w.done(ctx, &one) }},
	}
	for _, s := range steps {
		if err := w.step(s.name, s.do); err != nil {
			return err
		}
	}
	if err := w.show(ctx, of.ID, one); err != nil {
		return err
	}
	if of.UndoID == nil {
		return nil // somebody has taken it from the catalogue
	}
	var back sent
	if err := w.step("undo it", func() (string, error) {
		err := w.ctrlCall(ctx, http.MethodPost, "/commands/"+one.ID+"/undo", map[string]any{"id": newGUID()}, http.StatusCreated, &back)
		return "201, sends " + text(of.UndoName) + ": " + back.Wire, err
	}); err != nil {
		return err
	}
	if err := w.step("the undo is sent and verified, too", func() (string, error) { return w.done(ctx, &back) }); err != nil {
		return err
	}
	return w.show(ctx, *of.UndoID, back)
}

// find looks for the command in the catalogue.
func (w *walk) find(ctx context.Context, of *listed) error {
	query := url.Values{"name": {named}, "equipment-name": {commanded}}
	var page struct {
		Content []listed `json:"content"`
	}
	if err := w.jsonCall(ctx, http.MethodGet, w.cfg+"/api/v1/cfg/commands?"+query.Encode(), nil, http.StatusOK, &page); err != nil {
		return err
	}
	if len(page.Content) == 0 {
		return fmt.Errorf("the catalogue has no command %s of %s; ./task up puts it there once", named, commanded)
	}
	*of = page.Content[0]
	return nil
}

// longest bounds the wait for the end of a command.
const longest = 20 * time.Second

// done waits until nothing more happens to a command.
func (w *walk) done(ctx context.Context, one *sent) (string, error) {
	for begun := time.Now(); ; {
		if err := w.ctrlCall(ctx, http.MethodGet, "/commands/"+one.ID, nil, http.StatusOK, one); err != nil {
			return "", err
		}
		switch one.State {
		case "queued", "sending", "accepted", "verifying":
		case "succeeded":
			return fmt.Sprintf("succeeded after %d steps", len(one.Steps)), nil
		default:
			return "", fmt.Errorf("it is %s: %s", one.State, orElse(text(one.Reason), "no reason is given"))
		}
		if time.Since(begun) > longest {
			return "", fmt.Errorf("after %s it is still %s; is the queue of %s held? (GET %s/api/v1/ctrl/queues)", longest, one.State, commanded, w.ctrl)
		}
		select {
		case <-ctx.Done():
			return "", ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// show prints the steps of a command, and its verifiers with what was read.
func (w *walk) show(ctx context.Context, id int64, one sent) error {
	var binding struct{ Verifiers []verifier }
	if err := w.ctrlCall(ctx, http.MethodGet, "/command-bindings/"+strconv.FormatInt(id, 10), nil, http.StatusOK, &binding); err != nil {
		return err
	}
	for _, line := range append(drawSteps(one.Steps), drawVerifiers(binding.Verifiers, one)...) {
		fmt.Fprintln(w.out, "     "+line)
	}
	return nil
}

// drawSteps makes a line of each step; the time is that since the first one.
func drawSteps(steps []taken) []string {
	var lines []string
	for _, s := range steps {
		after := float64(s.At.Sub(steps[0].At).Microseconds()) / 1000
		line := fmt.Sprintf("%s  %+8.1f ms   %-10s %-13s %s", s.At.Local().Format("15:04:05.000"), after, s.State, s.Actor, text(s.Detail))
		lines = append(lines, strings.TrimRight(line, " "))
	}
	return lines
}

// drawVerifiers makes a line of each verifier.
func drawVerifiers(verifiers []verifier, one sent) []string {
	signs := map[string]string{"eq": "=", "ne": "≠", "lt": "<", "le": "≤", "gt": ">", "ge": "≥"}
	var lines []string
	for _, v := range verifiers {
		want := v.Value
		if v.Arg != "" {
			want = one.Args[v.Arg]
		}
		read := "not read"
		for _, r := range one.Readback {
			if r.Parameter == v.Parameter {
				read = "read " + string(r.Value)
			}
		}
		lines = append(lines, fmt.Sprintf("verifier: %s %s %s within %g s   %s", v.Parameter, signs[v.Op], want, v.Within, read))
	}
	return lines
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func (w *walk) ctrlCall(ctx context.Context, method, path string, body any, want int, into any) error {
	return w.jsonCall(ctx, method, w.ctrl+"/api/v1/ctrl"+path, body, want, into)
}

// jsonCall sends JSON, or nothing when body is nil, and reads the answer.
func (w *walk) jsonCall(ctx context.Context, method, address string, body any, want int, into any) error {
	r := request{method: method, url: address}
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			return err
		}
		r.kind, r.body = "application/json", raw
	}
	status, raw, err := w.client.do(ctx, r)
	if err != nil {
		return err
	}
	if err := expect(status, raw, want); err != nil {
		return err
	}
	if err := json.Unmarshal(raw, into); err != nil {
		return errors.Join(errors.New("the answer is not what was expected"), err)
	}
	return nil
}
