package browser_test

import (
	"context"
	_ "embed"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"nms.example/common/servicetest"
	"nms.example/common/waittest"

	"nms.example/console/internal/browser"
	"nms.example/console/internal/standtest"
)

func TestMain(m *testing.M) {
	flag.Parse()
	if cores := runtime.GOMAXPROCS(0); cores < atOnce {
		// Whoever looks at a page waits most of the time.
		if err := flag.Set("test.parallel", strconv.Itoa(atOnce)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(2)
		}
	}
	code := m.Run()
	standtest.Remove()
	os.Exit(code)
}

// atOnce is how many windows are worked in at a time, at least.
const atOnce = 4

// act is what somebody does in a window of the console.
type act struct {
	name string
	do   func(*testing.T, *stand)
}

// TestConsole has everybody work at once, over one set of services and in one browser: each act has what it changes to itself.
func TestConsole(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.Receivers()
	tab := s.admin(t)
	for _, around := range []string{"30,59,31,60", "37,55,38,56"} {
		waittest.Until(t, "a receiver sends", func() bool {
			return api[struct{ Total int }](t, tab, "GET", "inbox/traces?limit=1&bbox="+around, nil).Total > 0
		})
	}
	for _, a := range slices.Concat(looking(), operating, alarming, watching, finding) {
		t.Run(a.name, func(t *testing.T) {
			t.Parallel()
			a.do(t, s)
		})
	}
}

// stand is a console over all services with a receiver and its power supply, some spectra, and a browser.
type stand struct {
	*standtest.Stand

	console *servicetest.Instance
	browser *browser.Browser
	rx      receiver
	// begun is when the stand was ready: spectra from before it have all their signals, and stay the same.
	begun time.Time
}

// setup starts everything.
func setup(t *testing.T) *stand {
	t.Helper()
	s := &stand{Stand: standtest.New(t, "cfg", "ctrl", "inbox", "admin")}
	s.console = s.Console()
	b, err := browser.Start(context.WithoutCancel(t.Context())) // for pictures of what has failed
	require.NoError(t, err)
	t.Cleanup(b.Close)
	s.browser = b
	tab := s.admin(t)
	station := s.Simulator()
	var made map[string]any
	require.NoError(t, json.Unmarshal([]byte(value[string](t, tab, strings.ReplaceAll(station_, "STATION", station))), &made))
	s.rx = warm(t, tab)
	hot := s.unit(t, tab, "HOT1")
	hot.raises(t, tab, 90)
	s.Spectra("generate", "-auth", s.Settings["AUTH_URL"], "-inbox", s.Settings["INBOX_URL"], "-history", "1m", "-every", "5s")
	s.begun = time.Now().UTC()
	return s
}

// station_ makes RX1 and PS1 with the commands GAIN, GAIN0, OFF and ON, as an administrator's calls.
const station_ = `(async () => {
  const call = async (method, path, body) => {
    const r = await fetch("/api/v1/" + path, {method, headers: {"Content-Type": "application/json"}, body: body && JSON.stringify(body)});
    if (!r.ok) throw new Error(method + " " + path + ": " + await r.text());
    return r.status === 204 ? null : r.json();
  };
  const [above] = await call("GET", "cfg/equipments?name=Service_Control_1&depth=0");
  const rx = await call("POST", "cfg/equipments", {name: "RX1", name_full: "Receiver 1", parent_id: above.id});
  const ps = await call("POST", "cfg/equipments", {name: "PS1", name_full: "Power supply 1", parent_id: rx.id});
  const section = await call("POST", "cfg/commands-toc", {name: "Station"});
  await call("POST", "cfg/telemetry", {name: "rx_gain", name_full: "Gain", description: "Gain of the receiver", value_validator: {type: "number"}});
  const add = (e, name, undo) => call("POST", "cfg/commands", {equipment_id: e.id, toc_id: section.id, name, name_full: name, description: name, undo_cmd_id: undo});
  const gain0 = await add(rx, "GAIN0"), gain = await add(rx, "GAIN", gain0.id), on = await add(ps, "ON"), off = await add(ps, "OFF", on.id);
  await call("PUT", "ctrl/endpoints/" + rx.id, {driver: "simulator", address: "STATION", options: {device: "rx1"}});
  await call("PUT", "ctrl/endpoints/" + ps.id, {driver: "simulator", address: "STATION", options: {device: "ps1"}});
  const points = [{parameter: "rx_gain", read: {get: "gain_db"}}];
  await call("PUT", "ctrl/command-bindings/" + gain0.id, {driver: "simulator", template: {set: "gain_db", value: 0}, points, verifiers: [{parameter: "rx_gain", op: "eq", value: 0, within: 60}]});
  await call("PUT", "ctrl/command-bindings/" + gain.id, {driver: "simulator", template: {set: "gain_db", value: "{gain}"}, points, undo_args: {},
    args_schema: {type: "object", required: ["gain"], additionalProperties: false, properties: {gain: {type: "number", minimum: 0, maximum: 60, "x-unit": "dB"}}},
    verifiers: [{parameter: "rx_gain", op: "eq", arg: "gain", within: 60}]});
  await call("PUT", "ctrl/command-bindings/" + on.id, {driver: "simulator", template: {set: "output", value: "on"}});
  await call("PUT", "ctrl/command-bindings/" + off.id, {driver: "simulator", template: {set: "output", value: "off"}, hazardous: true, hazard_reason: "The receiver loses its supply", undo_args: {}});
  return JSON.stringify({rx: rx.id, ps: ps.id});
})()`

// receiver is what the values of a test come from.
type receiver struct {
	id, temperature int64
}

// warm gives RX1 a temperature: a quarter of an hour of good values with a gap in it, then one that the catalogue refuses, and a limit
// that the newest ones keep.
func warm(t *testing.T, tab *browser.Tab) receiver {
	t.Helper()
	rx := api[[]struct{ ID int64 }](t, tab, "GET", "cfg/equipments?name=RX1", nil)[0].ID
	parameter := api[struct{ ID int64 }](t, tab, "POST", "cfg/telemetry", object{
		"name": "rx_temperature", "name_full": "Temperature", "description": "Inside the housing",
		"value_validator": object{"type": "number", "minimum": -40, "maximum": 125, "x-unit": "Cel"},
	})
	r := receiver{rx, parameter.ID}
	now := time.Now().UTC()
	for i := range 60 {
		at := now.Add(time.Duration(i-60) * 15 * time.Second)
		if i >= 20 && i < 30 {
			continue // nobody was there
		}
		r.gives(t, tab, at, 31+float64(i%7))
	}
	r.gives(t, tab, now.Add(-4*time.Second), 999) // no receiver is as hot
	r.gives(t, tab, now.Add(-2*time.Second), 33)
	api[any](t, tab, "POST", "ctrl/limits", object{
		"telemetry_id": r.temperature, "equipment_id": r.id, "name": "warm",
		"levels": []object{{"severity": "major", "high": 60, "clear": 55}, {"severity": "critical", "high": 80, "clear": 75}},
	})
	return r
}

// gives sends a value of the receiver's temperature.
func (r receiver) gives(t *testing.T, tab *browser.Tab, at time.Time, celsius float64) {
	t.Helper()
	api[any](t, tab, "POST", "ctrl/telemetry", object{"equipment_id": r.id, "at": at.Format(time.RFC3339Nano), "values": object{"rx_temperature": celsius}})
}

type object = map[string]any

// api calls a service as the page's user, and returns its answer.
func api[T any](t *testing.T, tab *browser.Tab, method, path string, body any) T {
	t.Helper()
	sent := "null"
	if body != nil {
		raw, err := json.Marshal(body)
		require.NoError(t, err)
		sent = string(raw)
	}
	text := value[string](t, tab, fmt.Sprintf(`fetch("/api/v1/%s", {method: %q, headers: {"Content-Type": "application/json"}, body: %q === "null" ? undefined : %q})
		.then(async (r) => { const text = await r.text(); return r.ok ? text || "null" : "refused " + r.status + " " + text; })`, path, method, sent, sent))
	require.False(t, strings.HasPrefix(text, "refused "), "%s %s: %s", method, path, text)
	var answer T
	require.NoError(t, json.Unmarshal([]byte(text), &answer))
	return answer
}

// session opens a window of its own at the console, in English and dark, at the login page.
func (s *stand) session(t *testing.T) *browser.Tab {
	t.Helper()
	tab, err := s.browser.Session(s.console.URL)
	require.NoError(t, err)
	t.Cleanup(func() {
		if faults := tab.Faults(); len(faults) > 0 {
			t.Errorf("faults in the page:\n%s", strings.Join(faults, "\n"))
		}
		if t.Failed() {
			s.keep(t, tab)
		}
		tab.Close()
	})
	require.NoError(t, tab.Size(1440, 900))
	does(t, tab, chromedp.Navigate(s.console.URL+"/login"))
	require.NoError(t, tab.Prefer("dark", "en"))
	return tab
}

// keep leaves a picture of what a failing test has seen, where TEST_PICTURES names a folder.
func (s *stand) keep(t *testing.T, tab *browser.Tab) {
	t.Helper()
	dir := os.Getenv("TEST_PICTURES")
	if dir == "" {
		return
	}
	png, err := tab.Picture()
	if err == nil {
		err = os.WriteFile(fmt.Sprintf("%s/%s.png", dir, strings.ReplaceAll(t.Name(), "/", "-")), png, 0o600)
	}
	if err != nil {
		t.Logf("no picture: %v", err)
	}
}

// admin opens a window in which the administrator is logged in; the page is still that of the login.
func (s *stand) admin(t *testing.T) *browser.Tab {
	t.Helper()
	tab := s.session(t)
	logIn(t, tab)
	return tab
}

// logIn logs the administrator in without the login page.
func logIn(t *testing.T, tab *browser.Tab) {
	t.Helper()
	api[any](t, tab, "POST", "console/session", object{"login": "admin_nms", "password": standtest.AdminPassword})
}

func value[T any](t *testing.T, tab *browser.Tab, expression string) T {
	t.Helper()
	v, err := browser.Value[T](tab, expression)
	require.NoError(t, err)
	return v
}

// does runs steps that must succeed.
func does(t *testing.T, tab *browser.Tab, steps ...browser.Action) {
	t.Helper()
	require.NoError(t, tab.Run(steps...))
}

//go:embed testdata/axe/axe.min.js
var axe string
