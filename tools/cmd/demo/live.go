package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"time"
)

// live keeps the system busy until ctx ends, so that every page of the console shows something that moves: receivers send spectra,
// the station is polled, commands set its gains, and gains beyond their limit raise alarms.
type live struct {
	*walk

	login, password string
	spectra         string // the program that sends spectra; empty for none
}

// between is the time between two commands.
const between = 4 * time.Second

// polled is what is read of each kind of device, by the names of the parameter and of the device's own; in seconds, how often.
var polled = map[string]map[string]struct {
	get   string
	every float64
}{
	"RX": {"rx_gain": {"gain_db", 1}, "rx_level": {"level_dbm", 1}, "rx_temperature": {"temperature_c", 2}, "rx_mode": {"mode", 2}},
	"PS": {"ps_voltage": {"voltage_v", 2}, "ps_current": {"current_a", 2}, "ps_output": {"output", 2}},
}

// limited is the parameter that commands set, and its limit's name.
const limited, limitName = "rx_gain", "gain of the demonstration"

type object = map[string]any

func (l *live) run(ctx context.Context) error {
	if _, err := l.walk.login(ctx, l.login, l.password); err != nil {
		return err
	}
	if err := l.prepare(ctx); err != nil {
		return err
	}
	ended := make(chan error, 1)
	sender, stop := context.WithCancel(ctx)
	defer stop()
	go func() { ended <- l.send(sender) }()
	fmt.Fprintln(l.out, "Receivers send spectra, the station is polled, commands go out. Ctrl-C ends it.")
	err := l.command(ctx)
	stop()
	return errors.Join(err, <-ended)
}

// send runs the program that sends spectra.
func (l *live) send(ctx context.Context) error {
	if l.spectra == "" {
		return nil
	}
	cmd := exec.CommandContext(ctx, l.spectra, "generate", "-live", "-sites", "3", "-every", "1s")
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.Stderr, cmd.WaitDelay = os.Stderr, 5*time.Second
	if err := cmd.Run(); ctx.Err() == nil {
		return fmt.Errorf("no more spectra are sent: %w", err)
	}
	return nil
}

// prepare has the station's devices polled, and gives the gains a limit, unless that is done already.
func (l *live) prepare(ctx context.Context) error {
	var tree []equipment
	if _, err := l.equipment(ctx, &tree); err != nil {
		return err
	}
	parameters, err := l.parameters(ctx)
	if err != nil {
		return err
	}
	for _, e := range devices(tree) {
		for name, p := range polled[e.Name[:2]] {
			path := fmt.Sprintf("/telemetry-bindings/%d/%d", e.ID, parameters[name])
			body := object{"driver": "simulator", "read": object{"get": p.get}, "interval": p.every}
			if err := l.put(ctx, path, body); err != nil {
				return fmt.Errorf("poll %s of %s: %w", name, e.Name, err)
			}
		}
	}
	return l.limit(ctx, parameters[limited])
}

// devices are the station's, wherever they stand in the tree.
func devices(tree []equipment) (found []equipment) {
	for _, e := range tree {
		if len(e.Name) == 3 && polled[e.Name[:2]] != nil {
			found = append(found, e)
		}
		found = append(found, devices(e.Content)...)
	}
	return found
}

// parameters are the ids of the catalogue's, by name.
func (l *live) parameters(ctx context.Context) (map[string]int64, error) {
	var page struct {
		Content []struct {
			ID   int64  `json:"id"`
			Name string `json:"name"`
		} `json:"content"`
	}
	if err := l.jsonCall(ctx, http.MethodGet, l.cfg+"/api/v1/cfg/telemetry?limit=1000", nil, http.StatusOK, &page); err != nil {
		return nil, err
	}
	ids := map[string]int64{}
	for _, p := range page.Content {
		ids[p.Name] = p.ID
	}
	return ids, nil
}

// put writes a binding, new or not.
func (l *live) put(ctx context.Context, path string, body object) error {
	raw, err := json.Marshal(body)
	if err != nil {
		return err
	}
	status, answer, err := l.client.do(ctx, request{method: http.MethodPut, url: l.ctrl + "/api/v1/ctrl" + path, kind: "application/json", body: raw})
	if err != nil || status == http.StatusCreated {
		return err
	}
	return expect(status, answer, http.StatusOK)
}

// limit makes the limit of the gains, for all receivers.
func (l *live) limit(ctx context.Context, parameter int64) error {
	var present struct {
		Content []struct{ Name string } `json:"content"`
	}
	query := url.Values{"telemetry-id": {strconv.FormatInt(parameter, 10)}, "limit": {"1000"}}
	if err := l.ctrlCall(ctx, http.MethodGet, "/limits?"+query.Encode(), nil, http.StatusOK, &present); err != nil {
		return err
	}
	if slices.ContainsFunc(present.Content, func(one struct{ Name string }) bool { return one.Name == limitName }) {
		return nil
	}
	var made object
	return l.ctrlCall(ctx, http.MethodPost, "/limits", object{
		"telemetry_id": parameter, "name": limitName, "stale_after": 60, "levels": []object{
			{"severity": "minor", "high": 35, "clear": 33}, {"severity": "major", "high": 45, "clear": 43}, {"severity": "critical", "high": 55, "clear": 53},
		},
	}, http.StatusCreated, &made)
}

// command sets the gain of one receiver after the other until ctx ends. What is refused, such as for a queue that is held, is told and left.
func (l *live) command(ctx context.Context) error {
	var page struct {
		Content []listed `json:"content"`
	}
	query := url.Values{"name": {named}, "limit": {"1000"}}
	if err := l.jsonCall(ctx, http.MethodGet, l.cfg+"/api/v1/cfg/commands?"+query.Encode(), nil, http.StatusOK, &page); err != nil {
		return err
	}
	if len(page.Content) == 0 {
		return fmt.Errorf("the catalogue has no command %s; ./task up puts it there once", named)
	}
	clock := time.NewTicker(between)
	defer clock.Stop()
	for i := 0; ; i++ {
		of := page.Content[i%len(page.Content)]
		gain := rand.N(34)
		if i%7 == 0 {
			gain = 36 + rand.N(25) // beyond the limit
		}
		var one sent
		err := l.ctrlCall(ctx, http.MethodPost, "/commands", object{"id": newGUID(), "command_id": of.ID, "args": object{"gain": gain}}, http.StatusCreated, &one)
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			fmt.Fprintf(l.out, "%s of %s is not sent: %v\n", named, of.EquipmentName, err)
			if _, err := l.walk.login(ctx, l.login, l.password); err != nil && ctx.Err() == nil { // the token may be too old
				fmt.Fprintln(l.out, err)
			}
		default:
			fmt.Fprintf(l.out, "%s  %s %d dB to %s\n", time.Now().Format(time.TimeOnly), named, gain, of.EquipmentName)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-clock.C:
		}
	}
}
