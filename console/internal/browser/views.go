package browser

import "time"

// View is one page in one state, as pictures and the test of accessibility see it.
type View struct {
	// Name is that of its picture.
	Name string
	// Show brings the page there.
	Show func(t *Tab) error
	// Streams is set where a receiver has to send meanwhile.
	Streams bool
}

// at is a view that an address leads to, and what is done there.
func at(name, path string, then ...Action) View {
	return View{Name: name, Streams: path == "/live", Show: func(t *Tab) error {
		if err := t.Open(path); err != nil {
			return err
		}
		return t.Run(append(then, Settled())...)
	}}
}

// drawn waits for the chart in a part of the page.
func drawn(part string) Action {
	return Until(`document.querySelector("` + part + ` .chart canvas") !== null`)
}

// firstRow opens the first row of the page's table.
func firstRow() Action {
	return clickFirst(`document.querySelector("tr.open")`)
}

// node chooses a node of the equipment tree, which is open at it or above it.
func node(name string) Action {
	return clickFirst(`[...document.querySelectorAll("[role=treeitem]")].find((e) => e.innerText.trim() === "` + name + `")`)
}

// Views lists every page; the start data and the simulator's devices have to be there.
func Views() []View {
	return []View{
		at("overview", "/overview", Until(`document.querySelectorAll(".tile.idle").length === 0`)),
		at("alarms", "/alarms", Until(`document.querySelector("tr.open") !== null`)),
		at("alarm", "/alarms", firstRow(), Until(`document.querySelector("dialog .steps li") !== null`)),
		at("alarms-past", "/alarms/past"),
		at("notification", "/alarms/notification"),
		at("deliveries", "/alarms/deliveries"),
		at("live", "/live", Until(`Number(/: (\d+) ·/.exec(document.body.innerText)?.[1]) >= 30`)),
		at("spectra", "/spectra"),
		at("place", "/spectra?south=53&west=26&north=62&east=42", Until(`document.querySelectorAll(".map .coast").length > 0 && document.querySelectorAll(".map .spot").length > 1`)),
		at("trace", "/spectra", firstRow(), Until(`document.querySelector(".chart canvas") !== null`)),
		at("span", "/spectra/span", Until(`document.querySelector("img.picture")?.complete === true`)),
		at("equipment", "/equipment", node("Service_Control_1")),
		at("equipment-values", "/equipment?q=RX1", clickFirst(`document.querySelector(".found-one")`), ClickTab("values"), drawn(".over-time")),
		at("equipment-alarms", "/equipment?q=RX1", clickFirst(`document.querySelector(".found-one")`), ClickTab("alarms")),
		at("equipment-control", "/equipment?q=RX1", clickFirst(`document.querySelector(".found-one")`), ClickTab("control")),
		at("equipment-history", "/equipment", node("Service_Control_1"), ClickTab("history")),
		at("equipment-past", "/equipment?at="+time.Now().UTC().Format(time.RFC3339), node("Service_Control_1")),
		at("telemetry", "/telemetry?q=RX1", clickFirst(`document.querySelector(".found-one")`), clickFirst(`document.querySelector("tr.open .condition")`), drawn(".over-time")),
		at("telemetry-all", "/telemetry"),
		at("limits", "/telemetry/limits"),
		at("limit", "/telemetry?q=RX1", clickFirst(`document.querySelector(".found-one")`), clickFirst(`document.querySelector("tr.open .condition")`), drawn(".over-time"),
			clickFirst(`[...document.querySelectorAll(".over-time button")].find((b) => b.innerText.startsWith("Limit:") || b.innerText.startsWith("Предел:"))`), drawn("dialog .past")),
		at("commands", "/commands"),
		at("send", "/commands/send", ClickCommand("GAIN"), Until(`document.querySelector("input.num") !== null`)),
		at("hazard", "/commands/send", ClickCommand("OFF"), Until(`document.querySelector(".hazard") !== null`)),
		at("queues", "/commands/queues", Until(`![...document.querySelectorAll("tbody a")].some((a) => a.innerText.startsWith("#"))`)),
		at("catalogue", "/catalogue"),
		at("sections", "/catalogue/sections"),
		at("parameters", "/catalogue/parameters", firstRow(), Until(`document.querySelector("dialog .facts") !== null`)),
		at("transfer", "/catalogue/transfer"),
		at("journal", "/journal"),
		at("event", "/journal", firstRow(), Until(`document.querySelector("dialog .facts") !== null`)),
		at("users", "/people"),
		at("user", "/people", firstRow(), Until(`document.querySelector("dialog .facts") !== null`)),
		at("roles", "/people/roles", firstRow(), Until(`document.querySelector("dialog fieldset") !== null`)),
		at("keys", "/people/keys"),
		at("services", "/services"),
		at("letters", "/services/letters"),
		at("profile", "/profile"),
	}
}

// ClickTab goes to a tab of the page by the end of its address.
func ClickTab(part string) Action {
	return clickFirst(`[...document.querySelectorAll(".tabs a")].find((e) => new URL(e.href).pathname.endsWith("/` + part + `"))`)
}

// ClickCommand chooses a command by its name on the page that sends one.
func ClickCommand(name string) Action {
	return clickFirst(`[...document.querySelectorAll(".found-one")].find((e) => e.innerText.startsWith("` + name + `\n"))`)
}

// clickFirst waits for an element and clicks it.
func clickFirst(find string) Action {
	return Until(`(() => { const e = ` + find + `; e?.click(); return e; })()`)
}
