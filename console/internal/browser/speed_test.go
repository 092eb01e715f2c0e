//go:build workshop

package browser_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"nms.example/common/proctest"
	"nms.example/common/waittest"

	"nms.example/console/internal/browser"
	"nms.example/console/internal/standtest"
)

// The sizes that are held; times are printed beside what the machine needs for nothing at all, since no clock of ours may fail on a slow one.
const (
	maxScript = 150 << 10  // of the bundle as it goes over the line
	maxBinary = 35_000_000 // of the program
	maxIdle   = 40 << 20   // resident, of an instance that has served a login
	nodes     = 100_000
	catalogue = 5_000
	raised    = 500
)

//nolint:paralleltest // its times are its own
func TestSpeed(t *testing.T) {
	s := setup(t)
	tab := s.admin(t)
	s.fill(t, tab)
	require.NoError(t, tab.Open("/overview"))
	report := func(what string, took []float64, goal float64) {
		slices.Sort(took)
		t.Logf("%-58s median %6.0f ms, worst %6.0f ms, goal %4.0f ms", what, took[len(took)/2], took[len(took)-1], goal)
	}
	report("an empty frame of this machine (ceiling)", many(t, tab, `frame(() => {})`), 0)
	report("first paint of the login", loads(t, s.session(t), "/login", `performance.getEntriesByName("first-contentful-paint")[0]?.startTime`), 300)
	report("overview, with all its numbers", loads(t, tab, "/overview", `document.querySelector(".tile.idle") === null && document.querySelectorAll(".tile").length >= 9 && performance.now()`), 1000)

	require.NoError(t, tab.Open("/equipment"))
	does(t, tab, browser.Until(`document.querySelector("[role=treeitem]") !== null`), browser.Script(`document.querySelector("[role=tree]").focus()`))
	for _, key := range []string{"End", "ArrowRight", "ArrowDown", "Home"} {
		report(fmt.Sprintf("tree over %d nodes: %s", nodes, key), many(t, tab, `frame(() => document.querySelector("[role=tree]").dispatchEvent(new KeyboardEvent("keydown", {key: "`+key+`", bubbles: true})))`), 100)
	}
	require.NoError(t, tab.Open("/commands/send"))
	does(t, tab, browser.Until(`document.querySelectorAll(".found-one").length > 10`))
	report(fmt.Sprintf("a letter typed into the filter of %d commands", catalogue), many(t, tab, typed(`document.querySelector(".chooser input, input[type=search]")`)), 100)
	require.NoError(t, tab.Open("/alarms"))
	does(t, tab, browser.Until(fmt.Sprintf(`/of (\d+)/.exec(document.querySelector("p[role=status]")?.innerText)?.[1] >= %d`, raised)))
	report(fmt.Sprintf("a letter typed into the filter of %d alarms", raised), many(t, tab, typed(`document.querySelector("input[type=search]")`)), 100)
	report("an alarm opened", many(t, tab, `frame(() => document.querySelector("tr.open").click()).then((ms) => { history.back(); return ms; })`), 100)
	sizes(t, s)
}

// frame is how long something takes until the browser has drawn what came of it.
const frame = `const frame = (act) => new Promise((done) => { const begun = performance.now(); act(); requestAnimationFrame(() => setTimeout(() => done(performance.now() - begun))); });`

func typed(field string) string {
	return `frame(() => { const f = ` + field + `; f.value = f.value.length > 2 ? "" : f.value + "1"; f.dispatchEvent(new Event("input", {bubbles: true})); })`
}

// many measures something again and again.
func many(t *testing.T, tab *browser.Tab, expression string) (took []float64) {
	t.Helper()
	for range 11 {
		took = append(took, value[float64](t, tab, `(() => { `+frame+` return `+expression+`; })()`))
	}
	return took
}

// loads loads a page anew and again, and returns when a condition, whose value is the time, came true.
func loads(t *testing.T, tab *browser.Tab, path, condition string) (took []float64) {
	t.Helper()
	for range 5 {
		require.NoError(t, tab.Open(path))
		took = append(took, value[float64](t, tab, `new Promise((done) => { const look = () => { const at = `+condition+`; if (at) done(at); else requestAnimationFrame(look); }; look(); })`))
	}
	return took
}

// fill makes a large catalogue, and alarms.
func (s *stand) fill(t *testing.T, tab *browser.Tab) {
	t.Helper()
	root, err := filepath.Abs("../../..")
	require.NoError(t, err)
	generate := exec.CommandContext(t.Context(), "go", "run", "./cfg/cmd/generate", "-equipments", strconv.Itoa(nodes), "-commands", strconv.Itoa(catalogue), "-parameters", "100")
	generate.Dir = root
	document, err := generate.Output()
	require.NoError(t, err)
	token := s.token(t)
	s.post(t, token, s.Settings["CFG_URL"]+"/api/v1/cfg/import", "application/json", document)
	var ids []int64
	page := api[struct {
		Content []struct {
			EquipmentID int64 `json:"equipment_id"`
		}
	}](t, tab, "GET", "cfg/commands?limit=5000", nil)
	for _, c := range page.Content {
		if !slices.Contains(ids, c.EquipmentID) && c.EquipmentID != s.rx.id && len(ids) < raised {
			ids = append(ids, c.EquipmentID)
		}
	}
	require.Len(t, ids, raised)
	api[any](t, tab, "POST", "ctrl/limits", object{"telemetry_id": s.rx.temperature, "name": "all", "levels": []object{{"severity": "minor", "high": 60}}})
	waittest.Until(t, "the alarms", func() bool {
		var lines bytes.Buffer
		for _, id := range ids {
			fmt.Fprintf(&lines, `{"equipment_id": %d, "at": %q, "values": {"rx_temperature": 70}}`+"\n", id, time.Now().UTC().Format(time.RFC3339Nano))
		}
		s.post(t, token, s.Settings["CTRL_URL"]+"/api/v1/ctrl/telemetry", "application/x-ndjson", lines.Bytes())
		return api[struct{ Total int }](t, tab, "GET", "ctrl/alarms?active=true&limit=1", nil).Total >= raised
	})
}

// token logs in at auth itself.
func (s *stand) token(t *testing.T) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.Settings["AUTH_URL"]+"/api/v1/auth/token", strings.NewReader("grant_type=password&username=admin_nms&password="+strings.ReplaceAll(standtest.AdminPassword, " ", "+")))
	require.NoError(t, err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answer, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	defer answer.Body.Close()
	var grant struct {
		Token string `json:"access_token"`
	}
	require.NoError(t, json.NewDecoder(answer.Body).Decode(&grant))
	return grant.Token
}

func (s *stand) post(t *testing.T, token, url, kind string, body []byte) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, bytes.NewReader(body))
	require.NoError(t, err)
	r.Header.Set("Content-Type", kind)
	r.Header.Set("Authorization", "Bearer "+token)
	answer, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	require.Less(t, answer.StatusCode, 300, "%.500s", text)
}

// sizes holds what does not depend on the machine.
func sizes(t *testing.T, s *stand) {
	t.Helper()
	root, err := filepath.Abs("../../..")
	require.NoError(t, err)
	script, err := os.ReadFile(filepath.Join(root, "console/web/dist/app.js"))
	require.NoError(t, err)
	var packed bytes.Buffer
	w, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	require.NoError(t, err)
	_, err = w.Write(script)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	t.Logf("the script: %d kB, gzip'ed %d kB of at most %d", len(script)>>10, packed.Len()>>10, maxScript>>10)
	require.Less(t, packed.Len(), maxScript)

	binary := filepath.Join(t.TempDir(), "console")
	build := exec.CommandContext(t.Context(), "go", "build", "-buildvcs=false", "-tags=nomsgpack,grpcnotrace", "-ldflags=-s -w", "-o", binary, "./console")
	build.Dir, build.Env = root, append(os.Environ(), "CGO_ENABLED=0")
	out, err := build.CombinedOutput()
	require.NoError(t, err, "%s", out)
	info, err := os.Stat(binary)
	require.NoError(t, err)
	t.Logf("the program: %.1f MB of at most %d", float64(info.Size())/1e6, maxBinary/1_000_000)
	require.Less(t, info.Size(), int64(maxBinary))

	port := proctest.FreePort(t)
	env := []string{"PORT=" + strconv.Itoa(port), "HOST=127.0.0.1", "ENVIRONMENT=dev"}
	for name, setting := range s.Settings {
		env = append(env, name+"="+setting)
	}
	p := proctest.New(t, t.TempDir(), env, binary)
	p.Start()
	p.AwaitPort(port, waittest.Bound)
	tab, err := s.browser.Session("http://127.0.0.1:" + strconv.Itoa(port))
	require.NoError(t, err)
	defer tab.Close()
	require.NoError(t, tab.Login("admin_nms", standtest.AdminPassword))
	resident := gauge(t, fmt.Sprintf("http://127.0.0.1:%d/metrics", port), "process_resident_memory_bytes")
	t.Logf("an instance that has served a login: %.1f MiB resident of at most %d", resident/(1<<20), maxIdle>>20)
	require.Less(t, resident, float64(maxIdle))
}

// gauge reads one number of an instance's metrics.
func gauge(t *testing.T, url, name string) float64 {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	require.NoError(t, err)
	answer, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, name+" "); ok {
			number, err := strconv.ParseFloat(strings.TrimSpace(rest), 64)
			require.NoError(t, err)
			return number
		}
	}
	t.Fatalf("%s has no %s", url, name)
	return 0
}
