//go:build workshop

package app_test

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"nms.example/common/authn"
	"nms.example/common/lanetest"
	"nms.example/common/proctest"
	"nms.example/common/waittest"
)

// A real Prometheus, as an agent, sends what it scrapes of this very service.
func TestPrometheusSendsItsSamples(t *testing.T) {
	t.Parallel()
	require.True(t, lanetest.Workshop)
	b := setup(t)
	u := b.unit(t)
	up, seconds := u.parameter("up", `{"type":"integer","minimum":0,"maximum":1}`), u.parameter("started", `{"type":"number"}`)
	prometheus := func(metric string, fields object) object {
		return with(object{"driver": "prometheus", "read": object{"metric": metric, "labels": object{"job": "nms"}}}, fields)
	}
	u.put(u.sourceAt(up), prometheus("up", nil)).Is(created)
	u.put(u.sourceAt(seconds), prometheus("process_start_time_seconds", object{"scale": 1000})).Is(created)

	dir := t.TempDir()
	config := fmt.Sprintf(`
global: {scrape_interval: 1s}
scrape_configs:
  - {job_name: nms, static_configs: [{targets: [%q]}]}
remote_write:
  - {url: %q, authorization: {credentials: %q}, queue_config: {batch_send_deadline: 1s}}
`, b.instance.URL[len("http://"):], b.instance.URL+"/api/v1/ctrl/telemetry/prometheus", b.token(1, authn.Mask(authn.TelemetryWrite)))
	file := filepath.Join(dir, "prometheus.yml")
	require.NoError(t, os.WriteFile(file, []byte(config), 0o600))
	address := net.JoinHostPort("127.0.0.1", strconv.Itoa(proctest.FreePort(t)))
	proctest.New(t, dir, nil, proctest.Find(t, "prometheus", "/usr/bin/prometheus"), "--config.file="+file, "--enable-feature=agent",
		"--storage.agent.path="+filepath.Join(dir, "data"), "--web.listen-address="+address).Start()

	waittest.Until(t, "both values have come", func() bool { return len(u.shown("")) == 2 })
	require.Equal(t, "up 1 good", u.shown("&parameter=up")[0])
	waittest.Until(t, "they go on coming", func() bool {
		var n int
		require.NoError(t, b.dwh.QueryRow(t.Context(), "SELECT count(*) FROM frame WHERE equipment = $1", u.equipment).Scan(&n))
		return n > 2
	})
	require.Positive(t, b.instance.Metric(t, "ctrl_remote_write_unbound_total"), "all other series are counted")
}
