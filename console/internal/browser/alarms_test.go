package browser_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"

	"nms.example/common/waittest"

	"nms.example/console/internal/browser"
	"nms.example/console/internal/standtest"
)

// What is done with alarms and values. Each act has equipment of its own, so that none sees the other's alarms as new ones.
var alarming = []act{
	{"an alarm appears by itself and is handled by keyboard", handlesAnAlarm},
	{"a new alarm is heard, and counted in the title", hearsAnAlarm},
	{"what one may not do is not shown", mayOnlyLook},
	{"an alarm that has changed is not acknowledged unseen", looksAgain},
	{"values come by themselves, with gaps and bad ones", seesValues},
	{"a limit is tried on the past, made and changed by two people", editsALimit},
	{"somebody is told, and one sees that", tellsSomebody},
	{"the overview leads to the alarms", overviewLeadsToAlarms},
}

// unit is a piece of equipment with a temperature that has a limit.
type unit struct {
	receiver

	name  string
	limit int64
}

// unit makes one and opens its first window.
func (s *stand) unit(t *testing.T, tab *browser.Tab, name string) unit {
	t.Helper()
	made := api[struct{ ID int64 }](t, tab, "POST", "cfg/equipments", object{"name": name, "name_full": name})
	u := unit{receiver{made.ID, s.rx.temperature}, name, 0}
	u.limit = api[struct{ ID int64 }](t, tab, "POST", "ctrl/limits", object{
		"telemetry_id": u.temperature, "equipment_id": u.id, "name": "hot " + name, "levels": []object{{"severity": "major", "high": 60, "clear": 55}, {"severity": "critical", "high": 80, "clear": 75}},
	}).ID
	u.gives(t, tab, time.Now(), 20)
	return u
}

// raises sends values until they have raised an alarm, as a source goes on sending: a limit is looked at from half a second on after it was
// made. It returns the alarm's id.
func (u unit) raises(t *testing.T, tab *browser.Tab, celsius float64) int64 {
	t.Helper()
	query := fmt.Sprintf("ctrl/alarms?active=true&equipment-id=%d&severity=%s", u.id, map[bool]string{true: "critical", false: "major"}[celsius > 80])
	var id int64
	waittest.Until(t, "an alarm of "+u.name, func() bool {
		u.gives(t, tab, time.Now(), celsius)
		if found := api[struct{ Content []struct{ ID int64 } }](t, tab, "GET", query, nil).Content; len(found) > 0 {
			id = found[0].ID
		}
		return id != 0
	})
	return id
}

// row is the row of the table that begins so.
func row(name string) string {
	return fmt.Sprintf(`[...document.querySelectorAll("tbody tr")].find((r) => [...r.cells].some((c) => c.innerText.trim() === %q))`, name)
}

func focusButton(text string) browser.Action {
	find := fmt.Sprintf(`[...document.querySelectorAll("dialog[open] button")].find((b) => !b.disabled && b.innerText.trim() === %q)`, text)
	return chromedp.Steps(browser.Until(find+" !== undefined"), browser.Script(find+".focus()"))
}

func handlesAnAlarm(t *testing.T, s *stand) {
	t.Helper()
	tab := s.admin(t)
	u := s.unit(t, tab, "HANDLED")
	require.NoError(t, tab.Open("/alarms"))
	does(t, tab, browser.Until(`document.querySelector(".page-head .badge")?.innerText === "live"`))
	u.raises(t, tab, 70)
	does(t, tab, browser.Until(row("HANDLED")+`?.innerText.includes("unacknowledged")`), browser.Until(row("HANDLED")+`.innerText.includes("70 °C")`),
		// It gets worse while somebody looks.
		browser.Until(row("HANDLED")+`.innerText.includes("major")`))
	u.raises(t, tab, 90)
	does(t, tab, browser.Until(row("HANDLED")+`?.innerText.includes("critical")`),
		browser.Script(row("HANDLED")+`.focus()`), chromedp.KeyEvent(" "), browser.Until(`document.querySelector("dialog .steps li") !== null`),
		browser.Click("Comment"), browser.Fill("What is to be said of it", "I am looking"), focusButton("Acknowledge"), chromedp.KeyEvent(kb.Enter),
		browser.Until(`document.querySelector("dialog .badge.info")?.innerText === "acknowledged"`), browser.Until(`document.querySelector("dialog .steps").innerText.includes("I am looking")`),
		browser.Click("Shelve"), browser.Fill("Reason", "being repaired"), chromedp.KeyEvent(kb.Enter),
		browser.Until(`document.querySelector("dialog .facts").innerText.includes("being repaired")`), chromedp.KeyEvent(kb.Escape), browser.Until(`document.querySelector("dialog[open]") === null`),
		browser.Until(row("HANDLED")+` === undefined`), browser.Choose("Show", "shelved"), browser.Until(row("HANDLED")+` !== undefined`), browser.Script(row("HANDLED")+`.click()`),
		browser.Click("Take from the shelf"), browser.Until(`document.querySelector("dialog .badge.info")?.innerText === "acknowledged"`))
	u.gives(t, tab, time.Now(), 20)
	does(t, tab, browser.Until(`document.querySelector("dialog .badge.ok")?.innerText === "normal"`), browser.Click("Close alarm"), browser.Until(`document.querySelector("dialog .facts").innerText.includes("closed")`))
	steps := value[[]string](t, tab, `[...document.querySelectorAll("dialog .steps strong")].map((e) => e.innerText).reverse()`)
	require.Equal(t, []string{"raised", "has got worse", "acknowledged", "shelved", "taken from the shelf", "cleared", "closed"}, steps)
}

func hearsAnAlarm(t *testing.T, s *stand) {
	t.Helper()
	tab := s.admin(t)
	u := s.unit(t, tab, "HEARD")
	require.NoError(t, tab.Open("/alarms"))
	does(t, tab, browser.Script(`window.tones = []; const make = AudioContext.prototype.createOscillator; AudioContext.prototype.createOscillator = function () {
			const o = make.call(this); const start = o.start; o.start = function (...a) { tones.push(o.frequency.value); return start.apply(o, a); }; return o; }`),
		browser.Script(`[...document.querySelectorAll(".page-head label")].forEach((l) => l.control.click())`), browser.Until(`tones.includes(440)`),
		browser.Click("Equipment"), browser.Until(`location.pathname === "/equipment"`))
	u.raises(t, tab, 90)
	// On whichever page one is.
	does(t, tab, browser.Until(`tones.includes(880)`), browser.Until(`/^\(\d+\) Equipment/.test(document.title)`), browser.Until(`Number.parseInt(document.querySelector(".rail .count")?.innerText) >= 1`),
		chromedp.Reload(), browser.Until(`/^\(\d+\) /.test(document.title)`))
	require.NoError(t, tab.Open("/alarms"))
	does(t, tab, browser.Script(`[...document.querySelectorAll(".page-head label")].forEach((l) => l.control.click())`), browser.Until(`document.title.startsWith("Alarms")`))
}

func mayOnlyLook(t *testing.T, s *stand) {
	t.Helper()
	admin := s.admin(t)
	u := s.unit(t, admin, "LOOKED-AT")
	id := u.raises(t, admin, 90)
	tab, _ := s.somebody(t, admin, "looker", "ctrl:read", "cfg:read")
	require.NoError(t, tab.Open("/overview"))
	does(t, tab, browser.Until(`document.querySelector(".severities") !== null`))
	require.NoError(t, tab.Open(fmt.Sprintf("/alarms?alarm=%d", id)))
	does(t, tab, browser.Until(`document.querySelector("dialog .steps li") !== null`), browser.Until(row("LOOKED-AT")+` !== undefined`))
	require.False(t, value[bool](t, tab, `[...document.querySelectorAll("button")].some((b) => ["Acknowledge", "Shelve", "Comment"].includes(b.innerText.trim()))`))
	require.NoError(t, tab.Open("/alarms/notification"))
	does(t, tab, browser.Until(`document.querySelector(".card h2") !== null`))
	require.False(t, value[bool](t, tab, `document.body.innerText.includes("Add a receiver")`))
}

func looksAgain(t *testing.T, s *stand) {
	t.Helper()
	tab := s.admin(t)
	u := s.unit(t, tab, "WORSE")
	id := u.raises(t, tab, 70)
	require.NoError(t, tab.Open("/alarms"))
	does(t, tab, browser.Until(row("WORSE")+` !== undefined`),
		// Somebody else comments on it in the very moment: the page's call is of a version that is no more.
		browser.Script(fmt.Sprintf(`const whole = window.fetch; window.fetch = async (url, init) => { if (String(url).endsWith("/ack")) { window.fetch = whole;
			await whole("/api/v1/ctrl/alarms/%d/comment", {method: "POST", headers: {"Content-Type": "application/json"}, body: '{"comment":"wait"}'}); } return whole(url, init); }`, id)),
		browser.Script(row("WORSE")+`.querySelector("button").click()`), browser.Shows("The alarm has changed meanwhile"), browser.Until(row("WORSE")+`?.innerText.includes("unacknowledged")`),
		browser.Until(row("WORSE")+`.querySelector("button:not(:disabled)") !== null`), browser.Script(row("WORSE")+`.querySelector("button").click()`), browser.Until(row("WORSE")+`?.cells[3].innerText === "acknowledged"`))
	// The button is not the row, which opens it.
	require.False(t, value[bool](t, tab, `location.search.includes("alarm=")`))
}

func seesValues(t *testing.T, s *stand) {
	t.Helper()
	tab := s.admin(t)
	require.NoError(t, tab.Open("/telemetry?q=RX1"))
	does(t, tab, browser.Until(`document.querySelector(".found-one") !== null`), browser.Script(`document.querySelector(".found-one").click()`),
		browser.Until(row("rx_temperature")+`?.innerText.includes("33 °C")`), browser.Until(row("rx_temperature")+`.innerText.includes("> 60 °C major")`),
		browser.Script(row("rx_temperature")+`.focus()`), chromedp.KeyEvent(" "), browser.Until(`document.querySelector(".over-time .chart canvas") !== null`),
		browser.Until(`document.querySelector(".readout").innerText.includes("bad: 1")`),
		browser.Script(`document.querySelector(".chart-box").focus()`), chromedp.KeyEvent(kb.ArrowRight), browser.Until(`document.querySelector(".readout").innerText.includes("Mean")`))
	s.rx.gives(t, tab, time.Now(), 34.5)
	does(t, tab, browser.Until(row("rx_temperature")+`?.innerText.includes("34.5 °C")`), browser.Choose("The last", "15 minutes"), browser.Until(`location.search.includes("span=15m")`),
		browser.Until(`document.querySelector(".over-time .chart canvas") !== null`), browser.Choose("The last", "7 days"), browser.Until(`document.querySelector(".over-time .chart canvas") !== null`))
	require.NoError(t, tab.Open(fmt.Sprintf("/equipment/%d/values", s.rx.id)))
	does(t, tab, browser.Until(row("rx_temperature")+`?.innerText.includes("34.5 °C")`))
	// Where nobody has chosen any, all that is polled is there: here nothing is.
	require.NoError(t, tab.Open("/telemetry"))
	does(t, tab, browser.Shows("Choose a node of the tree"))
}

func editsALimit(t *testing.T, s *stand) {
	t.Helper()
	tab := s.admin(t)
	u := s.unit(t, tab, "LIMITED")
	for i := range 10 {
		u.gives(t, tab, time.Now().Add(time.Duration(i-11)*time.Minute), 20+float64(i%5)*5)
	}
	api[any](t, tab, "DELETE", fmt.Sprint("ctrl/limits/", u.limit), nil)
	require.NoError(t, tab.Open(fmt.Sprintf("/telemetry/%d?parameter=rx_temperature", u.id)))
	would := `document.querySelector("dialog .past .notice")?.innerText ?? ""`
	does(t, tab, browser.Click("Add a limit"), browser.Fill("Name", "lukewarm"), browser.Click("Add a bound"), browser.Fill("Bound", "35"),
		browser.Until(`(`+would+`).includes("alarms: 2")`), browser.Until(`document.querySelector("dialog .past canvas") !== null`),
		browser.Fill("Bound", "36"), browser.Until(`(`+would+`).includes("alarms: 2")`), browser.Fill("Bound", "50"), browser.Until(`(`+would+`).includes("alarms: 0")`),
		browser.Fill("Clears at", "51"), browser.Until(`(`+would+`).startsWith("It cannot be tried so")`), browser.Click("Save"), browser.Until(`document.querySelector("dialog .field.wrong .error") !== null`),
		browser.Fill("Clears at", ""), browser.Fill("Bound", "38"), browser.Click("Save"), browser.Until(`document.querySelector("dialog[open]") === null`),
		browser.Until(row("rx_temperature")+`?.innerText.includes("> 38 °C major")`))
	u.raises(t, tab, 39)
	does(t, tab, browser.Until(row("rx_temperature")+`?.innerText.includes("major")`), browser.Until(row("rx_temperature")+`.querySelector(".badge.severity.major") !== null`))
	// Two people at once.
	id := api[struct{ Content []struct{ ID int64 } }](t, tab, "GET", fmt.Sprint("ctrl/limits?equipment-id=", u.id), nil).Content[0].ID
	does(t, tab, browser.Click("Limit: lukewarm"), browser.Fill("Name", "mine"))
	api[any](t, tab, "PATCH", fmt.Sprint("ctrl/limits/", id), object{"name": "theirs", "latched": true})
	does(t, tab, browser.Click("Save"), browser.Shows("Somebody has changed it meanwhile"), browser.Until(`document.querySelector(".merge .was").innerText === "true" || document.querySelector(".merge").innerText.includes("theirs")`),
		browser.Click("Keep mine"), browser.Click("Save"), browser.Until(`document.querySelector("dialog[open]") === null`))
	require.Equal(t, "mine", api[struct{ Name string }](t, tab, "GET", fmt.Sprint("ctrl/limits/", id), nil).Name)
	require.NoError(t, tab.Open("/telemetry/limits"))
	does(t, tab, browser.Until(row("mine")+`?.innerText.includes("LIMITED")`), browser.Script(row("mine")+`.click()`), browser.Click("Remove the limit"),
		browser.Until(`document.querySelector("dialog.dialog") !== null`), browser.Script(`document.querySelector("dialog.dialog .danger").click()`), browser.Until(row("mine")+` === undefined`))
}

func tellsSomebody(t *testing.T, s *stand) {
	t.Helper()
	var told atomic.Int64
	hook := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		if r.Header.Get("Webhook-Signature") == "" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		told.Add(1)
	}))
	t.Cleanup(hook.Close)
	tab := s.admin(t)
	u := s.unit(t, tab, "TOLD")
	require.NoError(t, tab.Open("/alarms/notification"))
	does(t, tab, browser.Shows("No alarm is told to anybody"), browser.Click("Add a receiver"), browser.Fill("Name", "duty"), browser.Fill("Address", "http://10.1.2.3/"), browser.Fill("Secret", standtest.WebhookKey),
		browser.Click("Save"), browser.Until(`document.querySelector("dialog .field.wrong .error") !== null`), browser.Fill("Address", hook.URL), browser.Click("Save"),
		browser.Until(row("duty")+` !== undefined`), browser.Script(row("duty")+`.querySelector("button").click()`), browser.Until(row("duty")+`.innerText.includes("delivered")`))
	require.Equal(t, int64(1), told.Load())
	does(t, tab, browser.Click("Add a route"), browser.Fill("Name", "night"), browser.Fill("Equipment", "TOLD"),
		browser.Until(`[...document.querySelectorAll("dialog .found-one")].some((b) => b.innerText.startsWith("TOLD"))`),
		browser.Script(`[...document.querySelectorAll("dialog .found-one")].find((b) => b.innerText.startsWith("TOLD")).click()`),
		browser.Fill("Told together within", "0"), browser.Click("Save"), browser.Until(row("night")+`?.innerText.includes("TOLD")`))
	u.raises(t, tab, 90)
	require.NoError(t, tab.Open("/alarms/deliveries"))
	does(t, tab, browser.Until(`[...document.querySelectorAll("tbody tr")].some((r) => r.innerText.includes("TOLD raised") && r.innerText.includes("delivered"))`),
		browser.Choose("Kind", "test"), browser.Until(`document.querySelectorAll("tbody tr").length === 1`), browser.Script(`document.querySelector("tr.open").click()`), browser.Until(`document.querySelector("dialog .facts") !== null`))
	require.Equal(t, int64(2), told.Load())
}

func overviewLeadsToAlarms(t *testing.T, s *stand) {
	t.Helper()
	tab := s.admin(t)
	u := s.unit(t, tab, "SEEN")
	u.raises(t, tab, 90)
	require.NoError(t, tab.Open("/overview"))
	does(t, tab, browser.Until(`Number(document.querySelector(".tile.severity.critical .tile-value")?.innerText) >= 1`), browser.Script(`document.querySelector(".tile.severity.critical").click()`),
		browser.Until(`location.pathname + location.search === "/alarms?severity=critical"`), browser.Until(row("SEEN")+` !== undefined`))
	require.NoError(t, tab.Open(fmt.Sprintf("/equipment/%d/alarms", u.id)))
	does(t, tab, browser.Until(`document.querySelectorAll(".item tbody tr").length === 1`), browser.Script(`document.querySelector(".item tbody tr").click()`), browser.Until(`document.querySelector("dialog .steps li") !== null`))
}
