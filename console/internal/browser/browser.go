// Package browser drives a headless Chromium over the console's pages, for its tests and its pictures. What a page writes to
// the browser's console as an error, and what it throws and does not catch, is kept.
package browser

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// Action is one step of what a person does, or waits for.
type Action = chromedp.Action[chromedp.Void]

// patience bounds each wait for a page. Nothing takes anywhere near it; it ends a wait for what never comes.
const patience = 2 * time.Minute

// Find returns the path of Chromium, or says how to get it.
func Find() (string, error) {
	for _, name := range []string{os.Getenv("CHROMIUM"), "chromium", "chromium-browser", "google-chrome"} {
		if name == "" {
			continue
		}
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", errors.New("there is no Chromium: apt-get install chromium, or CHROMIUM=/path/to/it (./task test installs it where it may)")
}

// Browser is one Chromium with a profile of its own.
type Browser struct {
	ctx    context.Context
	cancel []context.CancelFunc
}

// Start starts a browser, which ends with ctx or with Close.
func Start(ctx context.Context) (*Browser, error) {
	path, err := Find()
	if err != nil {
		return nil, err
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.WSURLReadTimeout(patience),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true),
		chromedp.Flag("force-color-profile", "srgb"), chromedp.Flag("lang", "en-GB"), chromedp.Env("TZ=UTC"),
		chromedp.Flag("force-prefers-reduced-motion", true)) // what moves would be drawn without end
	allocator, stopAllocator := chromedp.NewExecAllocator(ctx, options...)
	first, stopFirst := chromedp.NewContext(allocator)
	b := &Browser{ctx: first, cancel: []context.CancelFunc{stopFirst, stopAllocator}}
	if err := chromedp.Do(first); err != nil {
		b.Close()
		return nil, fmt.Errorf("browser: start: %w", err)
	}
	return b, nil
}

// Close ends the browser.
func (b *Browser) Close() {
	for _, cancel := range b.cancel {
		cancel()
	}
}

// Tab is one page of a browser. Tabs of one session share its cookies.
type Tab struct {
	ctx    context.Context
	base   string
	cancel context.CancelFunc

	mu     sync.Mutex
	faults []string
}

// Session opens a first tab with no cookies of any other session. base is the console's address, without a slash at its end.
func (b *Browser) Session(base string) (*Tab, error) {
	return newTab(b.ctx, base, chromedp.WithNewBrowserContext())
}

// Another opens a further tab of the same session.
func (t *Tab) Another() (*Tab, error) { return newTab(t.ctx, t.base) }

func newTab(parent context.Context, base string, options ...chromedp.ContextOption) (*Tab, error) {
	ctx, cancel := chromedp.NewContext(parent, options...)
	t := &Tab{ctx: ctx, base: base, cancel: cancel}
	// Both domains are enabled for every target.
	if err := chromedp.Listen(ctx, t.listen); err != nil {
		cancel()
		return nil, fmt.Errorf("browser: open a tab: %w", err)
	}
	return t, nil
}

// Close closes the tab.
func (t *Tab) Close() { t.cancel() }

func (t *Tab) listen(event any) {
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		t.fault("uncaught: " + described(e.ExceptionDetails))
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeAssert {
			var words []string
			for _, a := range e.Args {
				words = append(words, string(a.Value)+a.Description)
			}
			t.fault("console: " + strings.Join(words, " "))
		}
	case *log.EventEntryAdded:
		// A refusal is an answer that the page shows; the browser notes each.
		if e.Entry.Level == log.EntryLevelError && e.Entry.Source != log.EntrySourceNetwork {
			t.fault(fmt.Sprintf("%s: %s %s", e.Entry.Source, e.Entry.Text, e.Entry.URL))
		}
	}
}

func described(d *runtime.ExceptionDetails) string {
	if d.Exception != nil {
		return d.Text + " " + d.Exception.Description
	}
	return d.Text
}

func (t *Tab) fault(text string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.faults = append(t.faults, text)
}

// Faults returns what went wrong in the page so far.
func (t *Tab) Faults() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return append([]string(nil), t.faults...)
}

// Run does actions, one after the other.
func (t *Tab) Run(actions ...Action) error {
	ctx, cancel := context.WithTimeout(t.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, actions...); err != nil {
		text, _ := chromedp.Run(t.ctx, chromedp.Evaluate[string](`location.href + "\n" + document.body.innerText.slice(0, 1500)`)) // for the message alone
		return fmt.Errorf("browser: %w; the page shows:\n%s\n%s", err, text, strings.Join(t.Faults(), "\n"))
	}
	return nil
}

// Size sets the window's inner size in CSS pixels.
func (t *Tab) Size(width, height int64) error {
	return t.Run(chromedp.EmulateViewport(width, height))
}

// Prefer sets the theme and the language that the page keeps in this browser; they count from the next Open on.
func (t *Tab) Prefer(theme, language string) error {
	return t.Run(Script(fmt.Sprintf(`localStorage.setItem("nms.theme", %q); localStorage.setItem("nms.language", %q)`, theme, language)))
}

// Open goes to a path of the console and waits until the page has what it asked for.
func (t *Tab) Open(path string) error {
	return t.Run(chromedp.Navigate(t.base+path), Settled())
}

// Settled waits until a page is there and nothing is being loaded.
func Settled() Action {
	return Until(`document.querySelector("h1, .state") !== null && document.querySelector(".loading, [aria-busy=true]") === null`)
}

// Script runs JavaScript in the page.
func Script(text string) Action { return chromedp.Evaluate[chromedp.Void](text) }

// Until waits until a JavaScript expression is true. It is asked from outside: the page's policy lets no script be made from text.
func Until(expression string) Action {
	return func(ctx context.Context, target *chromedp.Target) (void chromedp.Void, err error) {
		ask := chromedp.Evaluate[bool]("Boolean(" + expression + ")")
		for pause := 10 * time.Millisecond; ; pause = min(2*pause, 80*time.Millisecond) {
			holds, err := ask(ctx, target)
			if holds {
				return void, nil
			}
			if ctx.Err() != nil {
				return void, fmt.Errorf("waited in vain for %s: %w", expression, errors.Join(err, ctx.Err()))
			}
			select {
			case <-ctx.Done():
			case <-time.After(pause):
			}
		}
	}
}

// Shows waits until the page shows a text.
func Shows(text string) Action {
	return Until(fmt.Sprintf(`document.body.innerText.includes(%q)`, text))
}

// Click clicks the button or link whose text or label is this.
func Click(text string) Action {
	find := fmt.Sprintf(`[...document.querySelectorAll("dialog[open] button, dialog[open] a")].concat([...document.querySelectorAll("button, a, summary, [role=treeitem]")])`+
		`.find((e) => !e.disabled && e.checkVisibility() && [e.getAttribute("aria-label"), e.innerText.trim(), e.innerText.trim().split("\n")[0]].includes(%q))`, text)
	return chromedp.Steps(Until(find+" !== undefined"), Script(find+".click()"))
}

// Fill types a text into the field with this label, as a person would.
func Fill(label, text string) Action {
	find := fmt.Sprintf(`[...document.querySelectorAll("dialog[open] label")].concat([...document.querySelectorAll("label")])`+
		`.find((l) => l.innerText.replace(" *", "").trim() === %q)?.control`, label)
	if text == "" {
		text = "\b"
	}
	return chromedp.Steps(Until(find+" != null"), Script(find+".focus(); "+find+".select?.()"), chromedp.KeyEvent(text))
}

// Choose chooses an option of the field with this label by a part of its text.
func Choose(label, option string) Action {
	find := fmt.Sprintf(`[...document.querySelectorAll("label")].find((l) => l.innerText.replace(" *", "").trim() === %q)?.control`, label)
	return chromedp.Steps(
		Until(fmt.Sprintf(`[...(%s?.options ?? [])].some((o) => o.text.includes(%q))`, find, option)),
		Script(fmt.Sprintf(`(() => { const s = %s; s.value = [...s.options].find((o) => o.text.includes(%q)).value;
			s.dispatchEvent(new Event("change", {bubbles: true})); })()`, find, option)))
}

// Login logs in on the login page.
func (t *Tab) Login(login, password string) error {
	const name, secret = chromedp.CSS(`input[autocomplete=username]`), chromedp.CSS(`input[autocomplete=current-password]`)
	return t.Run(chromedp.Navigate(t.base+"/login"), chromedp.WaitVisible(name), chromedp.SendKeys(name, login), chromedp.SendKeys(secret, password),
		Script(`document.querySelector("form").requestSubmit()`),
		Until(`location.pathname !== "/login" || document.querySelector(".notice.bad") !== null`), Settled())
}

// Drag presses the mouse at one place of an element, moves it to another and lets go; places are parts of its width and height.
func Drag(element string, fromX, fromY, toX, toY float64) Action {
	return func(ctx context.Context, target *chromedp.Target) (void chromedp.Void, err error) {
		box, err := chromedp.Evaluate[[]float64](`(() => { const e = document.querySelector("`+element+`"); e.scrollIntoView({block: "center"});
			const r = e.getBoundingClientRect(); return [r.x, r.y, r.width, r.height]; })()`)(ctx, target)
		if err != nil {
			return void, err
		}
		x := func(part float64) float64 { return box[0] + part*box[2] }
		y := func(part float64) float64 { return box[1] + part*box[3] }
		held := func(p *input.DispatchMouseEventParams) {
			p.Button, p.Buttons, p.ClickCount = input.MouseButtonLeft, 1, 1
		}
		return chromedp.Steps(
			chromedp.MouseEvent(chromedp.MousePressed, x(fromX), y(fromY), held),
			chromedp.MouseEvent(chromedp.MouseMoved, x((fromX+toX)/2), y((fromY+toY)/2), held),
			chromedp.MouseEvent(chromedp.MouseMoved, x(toX), y(toY), held),
			chromedp.MouseEvent(chromedp.MouseReleased, x(toX), y(toY), chromedp.ButtonLeft, chromedp.ClickCount(1)),
		)(ctx, target)
	}
}

// Picture takes one of the window, as PNG.
func (t *Tab) Picture() ([]byte, error) {
	ctx, cancel := context.WithTimeout(t.ctx, patience)
	defer cancel()
	return chromedp.Run(ctx, chromedp.CaptureScreenshot())
}

// Value evaluates a JavaScript expression, a promise also, to a value.
func Value[T any](t *Tab, expression string) (T, error) {
	ctx, cancel := context.WithTimeout(t.ctx, patience)
	defer cancel()
	return chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
}
