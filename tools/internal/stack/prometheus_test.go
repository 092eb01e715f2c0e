//go:build workshop

package stack

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"nms.example/tools/internal/layout"
)

// prometheus is Debian's, on a port of its own, with the rules of deploy/prometheus. It scrapes the services of a private
// system and evaluates the rules every second, and ends with the system.
type prometheus struct {
	*Private

	t       *testing.T
	ctx     context.Context
	http    http.Client
	dir     string
	address string

	token    string
	loggedIn time.Time
	waiting  sync.WaitGroup // for requests in the background
	files    string         // auth's own limit
}

// rule is an alert's rule as GET /api/v1/rules shows it
// (https://prometheus.io/docs/prometheus/2.42/querying/api/#rules).
type rule struct {
	Name, Query, Health, LastError string
	Alerts                         []struct {
		State               string // pending or firing: the expression is true
		Labels, Annotations map[string]string
	}
}

// subjects are the services that an alert names while its expression is true; "" for one that names none.
func (r rule) subjects() []string {
	var names []string
	for _, one := range r.Alerts {
		name := one.Labels["job"]
		if name == "" {
			name = one.Labels["service"]
		}
		names = append(names, name)
	}
	return names
}

// scrape is the least that docs/operating.md asks for: each service under its own name. Targets are read from a file, so
// that instances may come and go.
const scrape = `
global: {scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}
rule_files: [alerts.yaml]
scrape_configs:
  - job_name: nms
    file_sd_configs: [{files: [targets.json]}]
`

func startPrometheus(t *testing.T, p *Private) *prometheus {
	t.Helper()
	path, err := exec.LookPath("prometheus")
	require.NoError(t, err, "the alerts are tried with a real Prometheus (Debian, Ubuntu: sudo apt-get install --no-install-recommends prometheus)")
	prom := &prometheus{Private: p, t: t, ctx: context.WithoutCancel(t.Context()), http: http.Client{Timeout: time.Minute,
		Transport: &http.Transport{MaxIdleConnsPerHost: 32}}}
	t.Cleanup(prom.http.CloseIdleConnections)
	prom.dir, err = p.checkout.private("prometheus")
	require.NoError(t, err)
	rules, err := os.ReadFile(filepath.Join(p.checkout.Root, "deploy", "prometheus", "alerts.yaml"))
	require.NoError(t, err)
	require.NoError(t, p.checkout.write(filepath.Join(prom.dir, "alerts.yaml"), string(rules)))
	require.NoError(t, p.checkout.write(filepath.Join(prom.dir, "prometheus.yaml"), scrape))
	prom.settle()
	prom.targets()
	ports, err := freePorts()
	require.NoError(t, err)
	port := ports[portPostgres] // any of those that were found free
	prom.address = layout.Loopback(port)
	require.NoError(t, p.launch(prom.ctx, &program{
		name: "prometheus", path: path, env: p.serverEnv(), dir: prom.dir, log: p.checkout.logPath("prometheus"),
		args:  []string{"--config.file=prometheus.yaml", "--storage.tsdb.path=data", "--web.listen-address=" + prom.address, "--log.level=warn"},
		death: syscall.SIGKILL, stop: syscall.SIGTERM, grace: 10 * time.Second,
		ready: func(ctx context.Context) error {
			_, err := prom.get(ctx, "http://"+prom.address+"/-/ready", nil)
			return err
		},
	}))
	return prom
}

// targets has the services scraped that run, each as a job of its own with all its instances.
func (p *prometheus) targets() {
	p.t.Helper()
	type group struct {
		Targets []string          `json:"targets"`
		Labels  map[string]string `json:"labels"`
	}
	var groups []group
	for _, service := range layout.Services {
		groups = append(groups, group{Targets: p.instances(service.Name), Labels: map[string]string{"job": service.Name}})
	}
	content, err := json.Marshal(groups)
	require.NoError(p.t, err)
	path := filepath.Join(p.dir, "targets.json")
	require.NoError(p.t, p.checkout.write(path+".new", string(content)))
	require.NoError(p.t, os.Rename(path+".new", path)) // at once: without its file Prometheus would forget all targets
}

// instances are the addresses of a service's instances that have not ended.
func (p *prometheus) instances(service string) []string {
	var addresses []string
	for _, name := range p.Programs() {
		if _, ended := p.Ended(name); !ended && (name == service || strings.HasPrefix(name, service+"-")) {
			addresses = append(addresses, p.Address(name))
		}
	}
	return addresses
}

// get asks for a page, which must be there, and reads its JSON into a value unless that is nil.
func (p *prometheus) get(ctx context.Context, address string, into any) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	response, err := p.http.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s answers %d", address, response.StatusCode)
	}
	if into != nil {
		err = json.NewDecoder(response.Body).Decode(into)
	}
	return response, err
}

// rules are all alerts with their states, by name; none before Prometheus has evaluated each of them.
func (p *prometheus) rules() map[string]rule {
	p.t.Helper()
	var answer struct {
		Data struct{ Groups []struct{ Rules []rule } }
	}
	_, err := p.get(p.ctx, "http://"+p.address+"/api/v1/rules?type=alert", &answer)
	require.NoError(p.t, err)
	all := map[string]rule{}
	for _, group := range answer.Data.Groups {
		for _, r := range group.Rules {
			if r.Health == "unknown" {
				return nil
			}
			require.Equal(p.t, "ok", r.Health, "%s: %s", r.Name, r.LastError)
			all[r.Name] = r
			p.checkTexts(r)
		}
	}
	return all
}

// checkTexts holds what an alert says against the system: the instance is one of that job, and no label that the text
// names is missing.
func (p *prometheus) checkTexts(r rule) {
	p.t.Helper()
	for _, one := range r.Alerts {
		if instance := one.Labels["instance"]; instance != "" {
			var known []string
			for _, name := range p.Programs() {
				if job := one.Labels["job"]; name == job || strings.HasPrefix(name, job+"-") {
					known = append(known, p.Address(name))
				}
			}
			require.Contains(p.t, known, instance, r.Name)
		}
		summary := " " + one.Annotations["summary"]
		for _, hole := range []string{"  ", " .", " ,", " :", "()", "<error", "<no value"} {
			require.NotContains(p.t, summary, hole, r.Name)
		}
	}
}

// value is that of an expression that makes one number; 0 when it makes none.
func (p *prometheus) value(expression string) float64 {
	p.t.Helper()
	var answer struct {
		Data struct{ Result []struct{ Value [2]any } }
	}
	_, err := p.get(p.ctx, "http://"+p.address+"/api/v1/query?query="+url.QueryEscape(expression), &answer)
	require.NoError(p.t, err)
	if len(answer.Data.Result) == 0 {
		return 0
	}
	text, isText := answer.Data.Result[0].Value[1].(string)
	require.True(p.t, isText)
	number, err := strconv.ParseFloat(text, 64)
	require.NoError(p.t, err)
	return number
}

// await waits until the alerts are as wanted, and does something before each further look unless that is nil.
func (p *prometheus) await(what string, wanted func(map[string]rule) bool, meanwhile func()) {
	p.t.Helper()
	const patience, pause = 5 * time.Minute, 200 * time.Millisecond
	var now map[string]rule
	for begun := time.Now(); time.Since(begun) < patience; time.Sleep(pause) {
		if now = p.rules(); len(now) > 0 && wanted(now) {
			return
		}
		if meanwhile != nil {
			meanwhile()
		}
	}
	var active []string
	for _, name := range slices.Sorted(maps.Keys(now)) {
		if subjects := now[name].subjects(); len(subjects) > 0 {
			active = append(active, fmt.Sprint(name, subjects))
		}
	}
	require.FailNow(p.t, what, "not after %s; active are: %s", patience, strings.Join(active, " "))
}

// panelsShowSomething evaluates the expressions of deploy/grafana/nms.json, after all that has happened.
func (p *prometheus) panelsShowSomething() {
	p.t.Helper()
	content, err := os.ReadFile(filepath.Join(p.checkout.Root, "deploy", "grafana", "nms.json"))
	require.NoError(p.t, err)
	var dashboard struct {
		Panels []struct {
			Title   string
			Targets []struct{ Expr string }
		}
	}
	require.NoError(p.t, json.Unmarshal(content, &dashboard))
	for _, panel := range dashboard.Panels {
		for _, target := range panel.Targets {
			expression := strings.NewReplacer("$__rate_interval", "5m", "$job", ".+").Replace(target.Expr)
			var answer struct{ Data struct{ Result []any } }
			_, err := p.get(p.ctx, "http://"+p.address+"/api/v1/query?query="+url.QueryEscape(expression), &answer)
			require.NoError(p.t, err, "%s: %s", panel.Title, expression)
			assert.NotEmpty(p.t, answer.Data.Result, "%s: %s", panel.Title, expression)
		}
	}
}
