package browser_test

import (
	"strconv"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"

	"nms.example/console/internal/browser"
)

// How spectra of a place are found.
var finding = []act{
	{"a place is drawn on the map, and typed", choosesAPlace},
	{"a place is chosen by keys alone", choosesAPlaceByKeys},
	{"a place is typed when the map does not come", choosesAPlaceWithoutAMap},
}

// edgesOf are the fields of the box: south, west, north, east.
const edgesOf = `[...document.querySelectorAll(".edges input")].map((i) => i.value)`

// box is that of the map in pixels: the first that is drawn.
const box = `["x", "y", "width", "height"].map((a) => Number(document.querySelector(".map .box").getAttribute(a)))`

// edges reads the fields of the box.
func edges(t *testing.T, tab *browser.Tab) (south, west, north, east float64) {
	t.Helper()
	var numbers [4]float64
	for i, text := range value[[]string](t, tab, edgesOf) {
		n, err := strconv.ParseFloat(text, 64)
		require.NoError(t, err)
		numbers[i] = n
	}
	return numbers[0], numbers[1], numbers[2], numbers[3]
}

func choosesAPlace(t *testing.T, s *stand) {
	t.Helper()
	tab := s.admin(t)
	require.NoError(t, tab.Open("/spectra"))
	// Nothing of the map is loaded before somebody wants it.
	const loaded = `performance.getEntriesByType("resource").filter((e) => /\/(map\.js|land-110m\.json)$/.test(e.name)).length`
	require.Zero(t, value[int](t, tab, loaded))
	does(t, tab, browser.Until(`document.querySelector("tr.open") !== null`), browser.Click("Place"), browser.Until(`document.querySelectorAll(".map .spot").length >= 2`), browser.Until(loaded+` === 2`),
		browser.Drag(".map", 0.1, 0.1, 0.9, 0.9), browser.Until(edgesOf+`.every((v) => v !== "")`))
	south, west, north, east := edges(t, tab)
	require.True(t, south < 55.75 && north > 59.94 && west < 30.3 && east > 37.62, "it holds the receivers: %v %v %v %v", south, west, north, east)
	does(t, tab, browser.Click("Search"), browser.Until(`location.search.includes("south=")`), browser.Until(`document.querySelector("tr.open") !== null`))
	// What is typed is drawn: half of it is half as wide.
	before := value[[]float64](t, tab, box)
	does(t, tab, browser.Fill("East", strconv.FormatFloat((west+east)/2, 'f', -1, 64)), browser.Until(`Math.abs(`+box+`[2] - `+strconv.FormatFloat(before[2]/2, 'f', -1, 64)+`) < 1`))
	require.InDelta(t, before[0], value[[]float64](t, tab, box)[0], 0.01)
	// What cannot be a box is said at its field, and not searched for.
	does(t, tab, browser.Fill("North", "-89"), browser.Until(`document.querySelector(".edges .field.wrong .error")?.innerText.includes("south of the southern edge")`), browser.Until(`document.querySelector(".map .box") === null`),
		browser.Fill("North", "91"), browser.Until(`document.querySelector(".edges .field.wrong .error")?.innerText === "From -90 to 90"`),
		browser.Fill("North", ""), browser.Click("Search"), browser.Until(`document.querySelector(".edges .field.wrong .error")?.innerText === "All four edges are needed"`))
	// Across the 180th meridian: the map goes there, the search takes it, statistics say that they do not.
	does(t, tab, browser.Fill("South", "-20"), browser.Fill("West", "170"), browser.Fill("North", "-10"), browser.Fill("East", "-170"), browser.Shows("The box crosses the 180th meridian"),
		browser.Until(`[...document.querySelectorAll(".map .box")].some((b) => Number(b.getAttribute("x")) > 0 && Number(b.getAttribute("x")) + Number(b.getAttribute("width")) < document.querySelector(".map").clientWidth)`),
		browser.Click("Search"), browser.Until(`location.search.includes("east=-170")`), browser.Shows("No traces in this selection"),
		browser.Click("Over time"), browser.Until(`document.querySelector(".state[role=alert]")?.innerText.includes("180th meridian")`),
		browser.Click("Remove the box"), browser.Until(edgesOf+`.every((v) => v === "")`), browser.Click("Search"), browser.Until(`document.querySelector(".chart canvas") !== null`))
}

func choosesAPlaceByKeys(t *testing.T, s *stand) {
	t.Helper()
	tab := s.admin(t)
	require.NoError(t, tab.Open("/spectra"))
	// Not one script sets the focus, nor clicks, from here on.
	tabTo(t, tab, `e.tagName === "SUMMARY" && e.innerText.trim() === "Place"`)
	does(t, tab, chromedp.KeyEvent(kb.Enter), browser.Until(`document.querySelectorAll(".map .spot").length >= 2`))
	tabTo(t, tab, `e.classList.contains("map")`)
	does(t, tab, chromedp.KeyEvent("0"), browser.Until(`document.querySelector(".map-box [role=status]").innerText.includes("-180° to 180°")`),
		chromedp.KeyEvent("+"), chromedp.KeyEvent("+"), browser.Until(`document.querySelector(".map-box [role=status]").innerText.includes("-45° to 45°")`),
		chromedp.KeyEvent(kb.ArrowRight), chromedp.KeyEvent(kb.ArrowUp), chromedp.KeyEvent(kb.ArrowUp), chromedp.KeyEvent(kb.ArrowUp), chromedp.KeyEvent(kb.ArrowUp), chromedp.KeyEvent(kb.ArrowUp), chromedp.KeyEvent(kb.Enter),
		browser.Until(edgesOf+`.every((v) => v !== "")`))
	south, west, north, east := edges(t, tab)
	require.Equal(t, []float64{22.5, -27, 67.5, 63}, []float64{south, west, north, east})
	tabTo(t, tab, `e.matches(".edges input")`)
	does(t, tab, chromedp.KeyEvent(kb.Enter), browser.Until(`location.search.includes("south=22.5")`), browser.Until(`document.querySelector("tr.open") !== null`))
}

func choosesAPlaceWithoutAMap(t *testing.T, s *stand) {
	t.Helper()
	tab := s.admin(t)
	require.NoError(t, tab.Open("/spectra"))
	does(t, tab, browser.Script(`const whole = window.fetch; window.fetch = (url, init) => String(url).endsWith("/land-110m.json") ? Promise.reject(new TypeError("no answer")) : whole(url, init)`),
		browser.Click("Place"), browser.Shows("The map could not be loaded"), browser.Fill("South", "59"), browser.Fill("West", "30"), browser.Fill("North", "61"), browser.Fill("East", "31"),
		browser.Click("Search"), browser.Until(`location.search.includes("north=61")`),
		browser.Until(`performance.getEntriesByType("resource").some((e) => e.name.includes("/inbox/traces?") && decodeURIComponent(e.name).includes("bbox=30,59,31,61"))`))
}
