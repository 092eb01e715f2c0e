package browser_test

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"

	"nms.example/console/internal/browser"
)

// The page of live spectra while receivers send, and sessions while somebody works.
var watching = []act{
	{"spectra are watched, held and measured", watchesSpectra},
	{"the page is accessible while it moves", liveIsAccessible},
	{"a stream ends when its user is blocked, and the page says so", isBlocked},
	{"a reload in the middle goes on", reloadsInTheMiddle},
	{"two tabs refresh at once", refreshesTwice},
	{"two instances with one key", goesToAnotherInstance},
	{"equipment is moved by keys alone", movesByKeys},
}

// sweeps is how many the page has taken in of the receiver that it shows.
const sweeps = `Number(/Sweeps: (\d+)/.exec(document.body.innerText)?.[1] ?? 0)`

func watchesSpectra(t *testing.T, s *stand) {
	t.Helper()
	tab := s.admin(t)
	require.NoError(t, tab.Open("/live"))
	does(t, tab, browser.Until(`document.querySelector(".page-head .badge")?.innerText === "live"`), browser.Until(`document.querySelector(".waterfall canvas")?.width > 100`), browser.Until(sweeps+` >= 4`))
	require.Equal(t, 2, value[int](t, tab, `[...document.querySelectorAll("select")].find((e) => e.labels[0].innerText === "Receiver and band").options.length`))
	// Held, it stands still; let go, it goes on.
	does(t, tab, browser.Click("Pause"), browser.Until(`document.querySelector("button[aria-pressed=true]")?.innerText.includes("Go on")`))
	held := value[int](t, tab, sweeps)
	seen := value[int](t, tab, `fetch("/api/v1/inbox/traces?limit=1").then((r) => r.json()).then((p) => p.total)`)
	does(t, tab, browser.Until(fmt.Sprintf(`fetch("/api/v1/inbox/traces?limit=1").then((r) => r.json()).then((p) => window.total = p.total) && window.total > %d`, seen+4)))
	require.Equal(t, held, value[int](t, tab, sweeps))
	does(t, tab, browser.Click("Go on"), browser.Until(fmt.Sprintf(`%s > %d`, sweeps, held)),
		browser.Script(`[...document.querySelectorAll("label")].find((l) => l.innerText === "Average").control.click()`), browser.Until(`document.querySelectorAll(".legend li").length === 3`),
		browser.Script(`document.querySelector(".chart-box").focus()`), chromedp.KeyEvent(kb.ArrowRight), browser.Until(`/M .* -\d+\.\d dBm/.test(document.querySelector(".readout").innerText)`),
		browser.Click("Reference"), chromedp.KeyEvent(kb.Tab), browser.Script(`document.querySelector(".chart-box").focus()`), chromedp.KeyEvent(kb.ArrowRight), browser.Until(`document.querySelector(".readout").innerText.includes("Δ")`),
		browser.Until(sweeps+` > 6`))
	// Looked at from within, frame by frame: from outside one may come too late.
	require.True(t, value[bool](t, tab, `new Promise((done) => { const before = `+sweeps+`; [...document.querySelectorAll("button")].find((b) => b.innerText.trim() === "Begin anew").click();
		const look = () => { const n = `+sweeps+`; if (n > 0 && n < before) done(true); else requestAnimationFrame(look); }; look(); })`))
}

func liveIsAccessible(t *testing.T, s *stand) {
	t.Helper()
	tab := s.admin(t)
	for _, look := range []struct {
		theme, language string
		width           int64
	}{{"dark", "en", 1440}, {"light", "ru", 420}} {
		require.NoError(t, tab.Size(look.width, 900))
		require.NoError(t, tab.Prefer(look.theme, look.language))
		require.NoError(t, tab.Open("/live"))
		does(t, tab, browser.Until(`document.querySelector(".waterfall canvas") !== null`))
		accessible(t, tab, "live, "+look.theme)
		require.LessOrEqual(t, value[int](t, tab, `document.documentElement.scrollWidth - innerWidth`), 0)
	}
}

// somebody makes a user and logs in as such.
func (s *stand) somebody(t *testing.T, admin *browser.Tab, name string, permissions ...string) (*browser.Tab, int64) {
	t.Helper()
	const first, own = "a password given by another", "a password of my own"
	api[any](t, admin, "POST", "auth/roles", object{"id": name, "description": name, "permissions": permissions})
	id := api[struct{ ID int64 }](t, admin, "POST", "auth/users", object{"login": name, "name": name, "role_id": name, "password": first}).ID
	tab := s.session(t)
	require.NoError(t, tab.Login(name, first))
	if value[bool](t, tab, `document.body.innerText.includes("Choose one that only you know")`) {
		does(t, tab, browser.Fill("Present password", first), browser.Fill("New password", own), browser.Fill("New password again", own), browser.Click("Change"))
	}
	does(t, tab, browser.Until(`document.querySelector(".rail") !== null`))
	return tab, id
}

func isBlocked(t *testing.T, s *stand) {
	t.Helper()
	admin := s.admin(t)
	for _, page := range []struct {
		name, path, there string
		permissions       []string
	}{
		{"watcher", "/live", sweeps + ` > 0`, []string{"inbox:read"}},
		{"listener", "/alarms", `document.querySelector(".page-head .badge")?.innerText === "live"`, []string{"ctrl:read"}},
	} {
		tab, id := s.somebody(t, admin, page.name, page.permissions...)
		require.NoError(t, tab.Open(page.path))
		does(t, tab, browser.Until(page.there))
		api[any](t, admin, "POST", fmt.Sprintf("auth/users/%d/block", id), nil)
		// Nobody touches the page.
		does(t, tab, browser.Until(`location.pathname === "/login"`), browser.Shows("Your session has ended"))
	}
}

func reloadsInTheMiddle(t *testing.T, s *stand) {
	t.Helper()
	tab := s.admin(t)
	require.NoError(t, tab.Open("/live?source="))
	does(t, tab, browser.Until(sweeps+` > 0`), chromedp.Reload(), browser.Until(sweeps+` > 0`), browser.Shows("Administrator"))
	// In the middle of a form: what was not sent is not there, and nothing was.
	require.NoError(t, tab.Open("/equipment"))
	before := value[string](t, tab, `fetch("/api/v1/cfg/equipments?name=HALF").then((r) => r.text())`)
	does(t, tab, browser.Click("Add equipment"), browser.Fill("Name", "HALF"), chromedp.Reload(), browser.Until(`document.querySelector("[role=treeitem]") !== null`))
	require.Equal(t, before, value[string](t, tab, `fetch("/api/v1/cfg/equipments?name=HALF").then((r) => r.text())`))
}

func refreshesTwice(t *testing.T, s *stand) {
	t.Helper()
	tab := s.admin(t)
	other, err := tab.Another()
	require.NoError(t, err)
	defer other.Close()
	require.NoError(t, other.Size(1440, 900))
	require.NoError(t, other.Open("/equipment"))
	const many = `Promise.all(Array.from({length: 12}, () => fetch("/api/v1/console/refresh", {method: "POST"}).then((r) => r.status)))`
	here, there := make(chan []int, 1), make(chan []int, 1)
	for _, each := range []struct {
		tab  *browser.Tab
		into chan []int
	}{{tab, here}, {other, there}} {
		go func() {
			statuses, err := browser.Value[[]int](each.tab, many)
			if err != nil {
				statuses = nil
			}
			each.into <- statuses
		}()
	}
	for _, statuses := range [][]int{<-here, <-there} {
		require.Len(t, statuses, 12)
		for _, status := range statuses {
			require.Less(t, status, 300)
		}
	}
	// The session is none that was taken for stolen.
	require.NoError(t, tab.Open("/profile"))
	does(t, tab, browser.Shows("Administrator"))
	does(t, other, browser.Click("Overview"), browser.Until(`document.querySelector(".tile") !== null`))
	require.Zero(t, api[struct{ Total int }](t, tab, "GET", "admin/events?type=auth.session.reused&limit=1", nil).Total)
	require.Empty(t, other.Faults())
}

func goesToAnotherInstance(t *testing.T, s *stand) {
	t.Helper()
	tab := s.admin(t)
	second := s.Console()
	// Cookies do not know ports: a balancer leads to either with the same one.
	does(t, tab, chromedp.Navigate(second.URL+"/overview"), browser.Settled(), browser.Shows("Administrator"), browser.Until(`document.querySelector(".tile") !== null`))
	require.Equal(t, 200, value[int](t, tab, `fetch("/api/v1/console/refresh", {method: "POST"}).then((r) => r.status < 300 ? 200 : r.status)`))
	require.NoError(t, tab.Open("/equipment"))
	does(t, tab, browser.Until(`document.querySelector("[role=treeitem]") !== null`))
}

// tabTo presses Tab until the focus is where it is wanted.
func tabTo(t *testing.T, tab *browser.Tab, wanted string) {
	t.Helper()
	for range 120 {
		if value[bool](t, tab, `(() => { const e = document.activeElement; return Boolean(`+wanted+`); })()`) {
			return
		}
		does(t, tab, chromedp.KeyEvent(kb.Tab))
	}
	t.Fatalf("Tab leads nowhere to %s", wanted)
}

// goesTo goes down the tree, which has the focus, to a node.
func goesTo(t *testing.T, tab *browser.Tab, name string) {
	t.Helper()
	does(t, tab, chromedp.KeyEvent(kb.Home))
	for range 60 {
		if value[string](t, tab, `document.getElementById(document.querySelector("[role=tree]").getAttribute("aria-activedescendant"))?.innerText.trim() ?? ""`) == name {
			return
		}
		does(t, tab, chromedp.KeyEvent(kb.ArrowDown))
	}
	t.Fatalf("the tree has no %s", name)
}

func movesByKeys(t *testing.T, s *stand) {
	t.Helper()
	tab := s.admin(t)
	made := api[struct{ ID int64 }](t, tab, "POST", "cfg/equipments", object{"name": "KEYED", "name_full": "Moved by keys"})
	target := api[struct{ ID int64 }](t, tab, "POST", "cfg/equipments", object{"name": "TARGET", "name_full": "Where it goes"})
	require.NoError(t, tab.Open("/equipment"))
	does(t, tab, browser.Until(`[...document.querySelectorAll("[role=treeitem]")].some((e) => e.innerText.trim() === "KEYED")`))
	// Not one script sets the focus, nor clicks, from here on.
	tabTo(t, tab, `e.getAttribute("role") === "tree"`)
	goesTo(t, tab, "KEYED")
	does(t, tab, chromedp.KeyEvent(kb.Enter), browser.Until(`document.querySelector(".item h2")?.innerText === "KEYED"`))
	tabTo(t, tab, `e.innerText?.trim() === "Move"`)
	does(t, tab, chromedp.KeyEvent(kb.Enter), browser.Until(`document.activeElement?.type === "search" && document.activeElement.closest("dialog") !== null`), chromedp.KeyEvent("TARGET"),
		browser.Until(`[...document.querySelectorAll("dialog .found-one")].some((b) => b.innerText.startsWith("TARGET"))`))
	tabTo(t, tab, `e.classList.contains("found-one") && e.innerText.startsWith("TARGET")`)
	does(t, tab, chromedp.KeyEvent(kb.Enter), browser.Until(`document.querySelector("dialog .facts").innerText.includes("/TARGET/KEYED")`))
	tabTo(t, tab, `e.matches("dialog .sheet-foot .primary")`)
	does(t, tab, chromedp.KeyEvent(kb.Enter), browser.Until(`document.querySelector(".item .path")?.innerText.includes("/TARGET")`))
	require.Equal(t, target.ID, api[struct {
		Parent int64 `json:"parent_id"`
	}](t, tab, "GET", fmt.Sprint("cfg/equipments/", made.ID), nil).Parent)
}
