package browser_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"

	"nms.example/common/waittest"

	"nms.example/console/internal/browser"
	"nms.example/console/internal/standtest"
)

// What an operator comes for, page by page, with mouse or keyboard alone.
var operating = []act{
	{"logs in, and is told when that fails", logsIn},
	{"adds, changes and moves equipment by keyboard", worksOnEquipment},
	{"sees what somebody else has changed meanwhile", merges},
	{"sees equipment as it was", seesThePast},
	{"reads a long history page by page", readsALongHistory},
	{"sends a command, follows it and undoes it", sendsACommand},
	{"cannot send a hazardous command by a slip", confirmsHazard},
	{"measures a trace", measuresATrace},
	{"finds who did what", readsTheJournal},
	{"makes a user, who has to choose a password", makesAUser},
	{"makes a key, whose secret is shown once", makesAKey},
	{"tries a value against a parameter", triesAValue},
	{"holds a queue and lets it go on", holdsAQueue},
	{"takes a catalogue in from a file", importsACatalogue},
	{"sends a dead letter again, and forgets it", handlesADeadLetter},
	{"changes language and theme", changesTheLook},
}

func logsIn(t *testing.T, s *stand) {
	t.Helper()
	tab := s.session(t)
	require.NoError(t, tab.Open("/equipment"))
	does(t, tab, browser.Until(`location.pathname === "/login"`))
	require.NoError(t, tab.Login("admin_nms", "wrong"))
	does(t, tab, browser.Shows("wrong"), browser.Fill("Password", standtest.AdminPassword), browser.Click("Log in"))
	does(t, tab, browser.Until(`location.pathname === "/login" || true`), browser.Shows("Administrator"))
	require.Empty(t, value[string](t, tab, `document.cookie`), "no script sees the session")
	require.Equal(t, []string{"nms.language", "nms.theme"}, value[[]string](t, tab, `Object.keys(localStorage).sort()`))
	does(t, tab, chromedp.Reload(), browser.Shows("Administrator"), browser.Click("Log out"), browser.Until(`location.pathname === "/login"`))
	require.NoError(t, tab.Open("/overview"))
	does(t, tab, browser.Until(`location.pathname === "/login"`))
}

// worksOnEquipment uses the keyboard alone from the tree on.
func worksOnEquipment(t *testing.T, s *stand) {
	t.Helper()
	tab := s.admin(t)
	require.NoError(t, tab.Open("/equipment"))
	does(t, tab, browser.Until(`document.querySelector("[role=tree] [role=treeitem]") !== null`), browser.Script(`document.querySelector("[role=tree]").focus()`))
	goesTo(t, tab, "Service_Control_1")
	does(t, tab, chromedp.KeyEvent(kb.Enter), browser.Until(`document.querySelector(".item h2")?.innerText === "Service_Control_1"`),
		browser.Script(`document.querySelector("[role=tree]").focus()`), chromedp.KeyEvent(kb.ArrowRight),
		browser.Until(`[...document.querySelectorAll("[role=treeitem]")].some((e) => e.innerText.trim() === "RX1")`))
	// Add below it: the focus is in the first field.
	does(t, tab, browser.Script(`[...document.querySelectorAll("button")].find((b) => b.innerText.trim() === "Add below").focus()`), chromedp.KeyEvent(kb.Enter),
		browser.Until(`document.activeElement?.tagName === "INPUT" && document.querySelector("dialog[open]") !== null`),
		chromedp.KeyEvent("MAST"), chromedp.KeyEvent(kb.Tab), chromedp.KeyEvent("A mast"), chromedp.KeyEvent(kb.Enter),
		browser.Until(`document.querySelector(".item h2")?.innerText === "MAST"`), browser.Shows("/Service_Control_1"))
	// A name that is taken is told at its field.
	does(t, tab, browser.Click("Edit"), browser.Fill("Name", "RX1"), browser.Click("Save"), browser.Until(`document.querySelector("dialog .field.wrong .error") !== null`),
		browser.Fill("Name", "MAST-2"), browser.Click("Save"), browser.Until(`document.querySelector(".item h2")?.innerText === "MAST-2"`))
	// Move it below RX1, with the preview of the new place.
	does(t, tab, browser.Click("Move"), browser.Fill("New place", "RX1"),
		browser.Until(`[...document.querySelectorAll("dialog .found-one")].some((b) => b.innerText.startsWith("RX1"))`),
		browser.Script(`[...document.querySelectorAll("dialog .found-one")].find((b) => b.innerText.startsWith("RX1")).focus()`), chromedp.KeyEvent(kb.Enter),
		browser.Until(`document.querySelector("dialog .facts").innerText.includes("/Service_Control_1/RX1/MAST-2")`),
		browser.Script(`document.querySelector("dialog .sheet-foot .primary").focus()`), chromedp.KeyEvent(kb.Enter),
		browser.Until(`document.querySelector(".item .path")?.innerText.includes("/Service_Control_1/RX1")`))
	// Its history tells it, and it can be put away and brought back.
	does(t, tab, browser.ClickTab("history"), browser.Until(`document.querySelectorAll(".versions > li").length >= 3`))
	does(t, tab, browser.Click("Details"), browser.Click("Put away"), browser.Shows("Nothing depends on it"),
		browser.Script(`document.querySelector("dialog .sheet-foot .danger").click()`), browser.Until(`document.querySelector(".item h2")?.innerText === "RX1"`))
	require.NoError(t, tab.Open("/equipment?archived=1&q=MAST"))
	does(t, tab, browser.Until(`document.querySelector(".found-one") !== null`), browser.Script(`document.querySelector(".found-one").click()`),
		browser.Click("Bring back"), browser.Until(`!location.search.includes("archived")`), browser.Shows("MAST-2"))
}

func merges(t *testing.T, s *stand) {
	t.Helper()
	tab := s.admin(t)
	id := value[int](t, tab, `fetch("/api/v1/cfg/equipments", {method: "POST", headers: {"Content-Type": "application/json"}, body: JSON.stringify({name: "SHARED", name_full: "First"})}).then((r) => r.json()).then((e) => e.id)`)
	require.NoError(t, tab.Open(fmt.Sprintf("/equipment/%d", id)))
	does(t, tab, browser.Click("Edit"), browser.Fill("Full name", "Mine"))
	other, err := tab.Another()
	require.NoError(t, err)
	defer other.Close()
	require.NoError(t, other.Open(fmt.Sprintf("/equipment/%d", id)))
	does(t, other, browser.Click("Edit"), browser.Fill("Full name", "Theirs"), browser.Click("Save"), browser.Until(`document.querySelector(".item .facts").innerText.includes("Theirs")`))
	does(t, tab, browser.Click("Save"), browser.Shows("Somebody has changed it meanwhile"), browser.Until(`document.querySelector(".merge .was").innerText === "Theirs" && document.querySelector(".merge .is").innerText === "Mine"`),
		browser.Click("Keep mine"), browser.Click("Save"), browser.Until(`document.querySelector(".item .facts").innerText.includes("Mine")`))
	require.Empty(t, other.Faults())
}

func seesThePast(t *testing.T, s *stand) {
	t.Helper()
	tab := s.admin(t)
	path := fmt.Sprint("cfg/equipments/", api[struct{ ID int64 }](t, tab, "POST", "cfg/equipments", object{"name": "PAST-1", "name_full": "First"}).ID)
	api[any](t, tab, "PATCH", path, object{"name_full": "Second"})
	api[any](t, tab, "PATCH", path, object{"name": "PAST-2"})
	page := strings.Replace(path, "cfg/equipments", "/equipment", 1)
	require.NoError(t, tab.Open(page+"/history"))
	does(t, tab, browser.Until(`document.querySelectorAll(".versions > li").length === 3`), browser.Script(`document.querySelector(".versions > li:last-child a[href*='at=']").click()`),
		browser.Until(`document.querySelector(".item h2")?.innerText === "PAST-1"`), browser.Until(`document.querySelector(".item .facts").innerText.includes("First")`), browser.Shows("The catalogue as it was at"),
		browser.Until(`[...document.querySelectorAll("[role=treeitem]")].some((e) => e.innerText.trim() === "PAST-1")`))
	const changing = `[...document.querySelectorAll("button")].map((b) => b.innerText.trim()).filter((b) => ["Edit", "Move", "Put away", "Add below", "Add equipment"].includes(b))`
	require.Empty(t, value[[]string](t, tab, changing), "the past cannot be changed")
	accessible(t, tab, "the past")
	does(t, tab, browser.ClickTab("history"), browser.Until(`document.querySelector(".versions > li:last-child").innerText.includes("looked at")`),
		browser.Click("Back to now"), browser.Click("Details"), browser.Until(`document.querySelector(".item h2")?.innerText === "PAST-2"`), browser.Until(`!location.search.includes("at=")`))
	require.NotEmpty(t, value[[]string](t, tab, changing))
	// The values of now are none of the past, even where the address asks for both.
	require.NoError(t, tab.Open(page+"/values?at=2020-01-01T00:00:00"))
	does(t, tab, browser.Shows("It did not exist then"))
}

func readsALongHistory(t *testing.T, s *stand) {
	t.Helper()
	tab := s.admin(t)
	id := api[struct{ ID int64 }](t, tab, "POST", "cfg/equipments", object{"name": "LONG", "name_full": "0"}).ID
	value[bool](t, tab, fmt.Sprintf(`(async () => { for (let i = 1; i < 60; i++) await fetch("/api/v1/cfg/equipments/%d", {method: "PATCH", headers: {"Content-Type": "application/json"}, body: JSON.stringify({name_full: String(i)})}); return true; })()`, id))
	require.NoError(t, tab.Open(fmt.Sprintf("/equipment/%d/history", id)))
	does(t, tab, browser.Until(`document.querySelectorAll(".versions > li").length === 50`), browser.Shows("Shown: 50 of 60"), browser.Click("Show more"), browser.Until(`document.querySelectorAll(".versions > li").length === 60`))
	require.Equal(t, "1", value[string](t, tab, `/Version (\d+)/.exec(document.querySelector(".versions > li:last-child").innerText)[1]`))
	// Where the pages meet, too, each is shown against the one before it.
	require.Equal(t, 59, value[int](t, tab, `document.querySelectorAll(".versions .diff").length`))
}

func sendsACommand(t *testing.T, s *stand) {
	t.Helper()
	tab := s.admin(t)
	require.NoError(t, tab.Open("/commands/send"))
	does(t, tab, browser.ClickCommand("GAIN"), browser.Until(`document.querySelector("input.num") !== null`), browser.Fill("gain", "12"),
		browser.Click("Try without sending"), browser.Until(`document.querySelector(".preview pre")?.innerText.includes("12")`),
		browser.Fill("gain", "61"), browser.Click("Try without sending"), browser.Until(`document.querySelector(".field.wrong .error") !== null`),
		browser.Fill("gain", "12"), browser.Script(`document.querySelector(".form-actions .primary").click()`))
	does(t, tab, browser.Until(`location.pathname.startsWith("/commands/sent/")`), browser.Until(`document.querySelector(".card-head .badge")?.innerText === "succeeded"`),
		browser.Until(`document.querySelectorAll(".steps li").length >= 4`), browser.Shows("rx_gain"))
	does(t, tab, browser.Click("Undo"), browser.Shows("GAIN0"), browser.Script(`document.querySelector("dialog .sheet-foot .primary").click()`),
		browser.Shows("Undoes"), browser.Until(`document.querySelector(".card-head .badge")?.innerText === "succeeded"`))
	require.NoError(t, tab.Open("/commands"))
	does(t, tab, browser.Until(`[...document.querySelectorAll("tbody tr")].length >= 2`))
}

func confirmsHazard(t *testing.T, s *stand) {
	t.Helper()
	tab := s.admin(t)
	require.NoError(t, tab.Open("/commands/send"))
	does(t, tab, browser.ClickCommand("OFF"), browser.Shows("The receiver loses its supply"))
	require.True(t, value[bool](t, tab, `document.querySelector(".form-actions .danger").disabled`))
	does(t, tab, browser.Script(`document.querySelector(".hazard input[type=checkbox]").click()`), browser.Until(`!document.querySelector(".form-actions .danger").disabled`),
		browser.Script(`document.querySelector(".form-actions .danger").click()`), browser.Until(`location.pathname.startsWith("/commands/sent/")`),
		browser.Until(`["succeeded", "unverified"].includes(document.querySelector(".card-head .badge")?.innerText)`))
}

func measuresATrace(t *testing.T, s *stand) {
	t.Helper()
	tab := s.admin(t)
	require.NoError(t, tab.Open("/spectra?to="+s.begun.Format(time.RFC3339)))
	does(t, tab, browser.Until(`document.querySelector("tr.open") !== null`), browser.Script(`document.querySelector("tr.open").focus()`), chromedp.KeyEvent(kb.Enter),
		browser.Until(`document.querySelector(".chart canvas") !== null`), browser.Click("Peak"), browser.Until(`/M .* -\d+\.\d dBm/.test(document.querySelector(".readout").innerText)`))
	before := value[string](t, tab, `document.querySelector(".readout").innerText`)
	does(t, tab, browser.Click("Reference"), browser.Script(`document.querySelector(".chart-box").focus()`), chromedp.KeyEvent(kb.ArrowRight),
		browser.Until(`document.querySelector(".readout").innerText.includes("Δ")`))
	require.NotEqual(t, before, value[string](t, tab, `document.querySelector(".readout").innerText`))
	// A signal's power as the service has it, and that of the same band as the page reckons it.
	does(t, tab, browser.Until(`document.querySelector(".grid tr.open") !== null`), browser.Script(`document.querySelector(".grid tr.open").click()`),
		browser.Until(`[...document.querySelectorAll(".facts dt")].filter((d) => d.innerText === "Channel power").length === 2`))
	powers := value[[]string](t, tab, `[...document.querySelectorAll(".facts div")].filter((d) => d.innerText.startsWith("Channel power")).map((d) => d.querySelector("dd").innerText.split(" dBm")[0])`)
	require.Equal(t, powers[0], powers[1])
	does(t, tab, browser.Choose("Lay over it", " · "), browser.Until(`[...document.querySelectorAll(".legend li")].some((l) => l.innerText.includes("(compared)"))`))
	// The signal can be taken away alone.
	require.Equal(t, []string{"image/png", "text/csv", "application/vnd.sigmf+tar"}, value[[]string](t, tab, `Promise.all([...document.querySelectorAll("a[download]")].filter((a) => a.href.includes("/cut?")).map((a) =>
		fetch(a.href).then((r) => r.ok ? r.headers.get("Content-Type").split(";")[0] : String(r.status))))`))
}

func readsTheJournal(t *testing.T, s *stand) {
	t.Helper()
	tab := s.admin(t)
	require.NoError(t, tab.Open("/journal?source=cfg&type=cfg.equipment.created"))
	does(t, tab, browser.Until(`document.querySelector("tr.open") !== null`), browser.Script(`document.querySelector("tr.open").click()`),
		browser.Until(`document.querySelector("dialog .is")?.innerText.length > 0`), browser.Until(`document.querySelector("dialog .facts").innerText.includes("cfg.equipment.created")`),
		browser.Until(`(() => { const a = document.querySelector("dialog .facts a"); a?.click(); return a !== null; })()`), browser.Until(`location.search.includes("request-id=")`))
	require.NoError(t, tab.Open("/journal?type=no.such.event"))
	does(t, tab, browser.Until(`document.querySelector(".state") !== null`))
}

func makesAUser(t *testing.T, s *stand) {
	t.Helper()
	tab := s.admin(t)
	require.NoError(t, tab.Open("/people"))
	does(t, tab, browser.Click("Add a user"), browser.Fill("Login", "operator"), browser.Fill("Full name", "An operator"), browser.Fill("First password", "short"), browser.Click("Save"),
		browser.Until(`document.querySelector("dialog .field.wrong .error") !== null`), browser.Fill("First password", "a password given by another"), browser.Click("Save"),
		browser.Until(`[...document.querySelectorAll("tr.open")].some((r) => r.innerText.includes("operator"))`))
	operator := s.session(t)
	require.NoError(t, operator.Login("operator", "a password given by another"))
	if value[bool](t, operator, `document.body.innerText.includes("Choose one that only you know")`) {
		does(t, operator, browser.Fill("Present password", "a password given by another"), browser.Fill("New password", "a password of my own"),
			browser.Fill("New password again", "a password of my own"), browser.Click("Change"))
	}
	does(t, operator, browser.Shows("An operator"))
	// Blocked, the operator is told so at the next call, in the middle of work.
	require.NoError(t, operator.Open("/equipment"))
	does(t, tab, browser.Until(`(() => { const r = [...document.querySelectorAll("tr.open")].find((e) => e.innerText.includes("operator")); r?.click(); return r !== undefined; })()`),
		browser.Click("Block"), browser.Until(`document.querySelector("dialog.dialog") !== null`), browser.Script(`document.querySelector("dialog.dialog .danger").click()`), browser.Shows("blocked"))
	does(t, operator, browser.Script(`[...document.querySelectorAll("a")].find((a) => a.innerText.trim() === "Overview")?.click()`), browser.Until(`location.pathname === "/login"`), browser.Shows("Your session has ended"))
}

func makesAKey(t *testing.T, s *stand) {
	t.Helper()
	tab := s.admin(t)
	require.NoError(t, tab.Open("/people/keys"))
	does(t, tab, browser.Click("Make a key"), browser.Fill("What it is for", "Reader"), browser.Script(`[...document.querySelectorAll("dialog fieldset input")][0].click()`), browser.Click("Make the key"),
		browser.Until(`document.querySelector("[data-secret]")?.innerText.startsWith("nms_")`), browser.Click("I have kept it"), browser.Until(`document.querySelector("[data-secret]") === null`),
		browser.Until(`[...document.querySelectorAll("tr.open")].some((r) => r.innerText.includes("Reader"))`))
	does(t, tab, chromedp.Reload(), browser.Until(`document.querySelector("tr.open") !== null`))
	require.False(t, value[bool](t, tab, `document.body.innerText.includes("nms_")`))
}

func triesAValue(t *testing.T, s *stand) {
	t.Helper()
	tab := s.admin(t)
	require.NoError(t, tab.Open("/catalogue/parameters"))
	does(t, tab, browser.Until(`(() => { const r = [...document.querySelectorAll("tr.open")].find((e) => e.innerText.startsWith("rx_gain")); r?.click(); return r !== undefined; })()`),
		browser.Fill("Try a value", "12"), browser.Shows("The value passes"), browser.Fill("Try a value", `"loud"`), browser.Until(`document.querySelector("dialog .notice.warn") !== null`))
}

func holdsAQueue(t *testing.T, s *stand) {
	t.Helper()
	tab := s.admin(t)
	id := value[int](t, tab, `fetch("/api/v1/cfg/equipments?name=PS1&depth=0").then((r) => r.json()).then((l) => l[0].id)`)
	does(t, tab, browser.Until(fmt.Sprintf(`fetch("/api/v1/ctrl/queues/%d", {method: "PATCH", headers: {"Content-Type": "application/json"}, body: '{"held":false}'}) && true`, id)))
	require.NoError(t, tab.Open("/commands/queues"))
	row := `[...document.querySelectorAll("tbody tr")].find((r) => r.innerText.startsWith("PS1"))`
	does(t, tab, browser.Until(row+` !== undefined`))
	for _, asked := range value[[]string](t, tab, `performance.getEntriesByType("resource").map((e) => e.name).filter((n) => n.includes("/cfg/equipments"))`) {
		require.Regexp(t, `/cfg/equipments/\d+\?fields=name$`, asked, "the names that are shown, and not the tree")
	}
	does(t, tab, browser.Script(row+`.querySelector("button").click()`), browser.Fill("Reason", "maintenance"),
		browser.Script(`document.querySelector("dialog .primary").click()`), browser.Until(row+`?.innerText.includes("maintenance")`),
		browser.Script(row+`.querySelector("button").click()`), browser.Until(row+`?.innerText.includes("runs")`))
}

func importsACatalogue(t *testing.T, s *stand) {
	t.Helper()
	tab := s.admin(t)
	require.NoError(t, tab.Open("/catalogue/transfer"))
	does(t, tab, browser.Script(`(() => { const chosen = new DataTransfer(); chosen.items.add(new File([JSON.stringify({format: "nms.cfg/1", telemetry: [
			{name: "imported", name_full: "Imported", description: "From a file", value_validator: {type: "number"}}]})], "catalogue.json"));
			const field = document.querySelector("#import-file"); field.files = chosen.files; field.dispatchEvent(new Event("change", {bubbles: true})); })()`),
		browser.Click("Show the difference"), browser.Until(`document.querySelector(".badge.ok")?.innerText === "new: 1"`))
	query := "cfg/telemetry?name=imported"
	require.Zero(t, api[struct{ Total int }](t, tab, "GET", query, nil).Total, "only shown")
	does(t, tab, browser.Click("Take it in"), browser.Shows("The file was taken in"), browser.Click("Show the difference"), browser.Shows("Nothing differs"))
	require.Equal(t, 1, api[struct{ Total int }](t, tab, "GET", query, nil).Total)
}

func handlesADeadLetter(t *testing.T, s *stand) {
	t.Helper()
	tab := s.admin(t)
	type letters = struct {
		Content []struct {
			Replays int
			State   string
		}
	}
	dead := func() letters { return api[letters](t, tab, "GET", "admin/dead-letters", nil) }
	s.Broker.Publish("nms.events", "browser.nothing.known", "no event")
	waittest.Until(t, "the letter", func() bool { return len(dead().Content) == 1 })
	require.NoError(t, tab.Open("/services/letters"))
	does(t, tab, browser.Until(`document.querySelectorAll("tr.open").length === 1`), browser.Choose("Why", "failed too often"), browser.Until(`document.querySelector("tr.open") === null`), browser.Shows("Nothing found"),
		browser.Choose("Why", "cannot be read"), browser.Until(`document.querySelector("tr.open")?.innerText.includes("browser.nothing.known")`), browser.Script(`document.querySelector("tr.open").click()`),
		browser.Until(`document.querySelector("dialog .json")?.innerText.length > 0`), browser.Click("Send again"), browser.Until(`document.querySelector("dialog[open]") === null`))
	// Sent again it can be read no better.
	again := func(times int) {
		waittest.Until(t, "it dies again", func() bool { l := dead().Content; return len(l) == 1 && l[0].Replays == times && l[0].State == "dead" })
	}
	again(1)
	does(t, tab, chromedp.Reload(), browser.Click("Send all again"), browser.Until(`document.querySelector("dialog.dialog .primary") !== null`),
		browser.Script(`document.querySelector("dialog.dialog .primary").click()`), browser.Shows("They were sent again"))
	again(2)
	does(t, tab, chromedp.Reload(), browser.Until(`document.querySelector("tr.open") !== null`), browser.Script(`document.querySelector("tr.open").click()`),
		browser.Until(`document.querySelector("dialog .sheet-foot .danger") !== null`), browser.Script(`document.querySelector("dialog .sheet-foot .danger").click()`),
		browser.Until(`document.querySelector("dialog.dialog .danger") !== null`), browser.Script(`document.querySelector("dialog.dialog .danger").click()`), browser.Until(`document.querySelector("tr.open") === null`))
	require.Empty(t, dead().Content)
}

func changesTheLook(t *testing.T, s *stand) {
	t.Helper()
	tab := s.admin(t)
	require.NoError(t, tab.Open("/overview"))
	does(t, tab, browser.Click("Light theme"), browser.Until(`document.documentElement.dataset.theme === "light"`), browser.Click("Русский"), browser.Shows("Обзор"), chromedp.Reload(), browser.Shows("Обзор"))
	require.Equal(t, "light", value[string](t, tab, `document.documentElement.dataset.theme`))
	does(t, tab, browser.Click("English"), browser.Shows("Overview"))
}
