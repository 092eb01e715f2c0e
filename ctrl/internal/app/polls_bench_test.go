package app_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"nms.example/common/proctest"
	"nms.example/common/waittest"
)

// BenchmarkPolls polls 2,000 pieces of equipment over SNMP, twice a second each for three variables, of one agent of net-snmp.
//
//	go test ./internal/app -run '^$' -bench Polls -benchtime 5x
func BenchmarkPolls(b *testing.B) {
	t := prepare(b, nil)
	const equipment = 2000
	dir, address := b.TempDir(), fmt.Sprint("127.0.0.1:", proctest.FreePort(b))
	file := filepath.Join(dir, "snmpd.conf")
	require.NoError(b, os.WriteFile(file, []byte("agentaddress udp:"+address+"\nrocommunity bench 127.0.0.1\n"), 0o600))
	agent := proctest.New(b, dir, []string{"SNMP_PERSISTENT_DIR=" + dir, "HOME=" + dir}, proctest.Find(b, "snmpd", "/usr/sbin/snmpd"),
		"-f", "-Lo", "-C", "-c", file, "-p", filepath.Join(dir, "pid"))
	agent.Start()
	t.secret("bench", "bench")
	t.exec("INSERT INTO equipment (name, name_full) SELECT 'e' || i, 'x' FROM generate_series(1, $1) i", equipment)
	t.exec("INSERT INTO endpoint (equipment_id, driver, address, secret) SELECT id, 'snmp', $1, 'bench' FROM equipment WHERE name LIKE 'e%'", address)
	t.exec(`INSERT INTO telemetry_binding (equipment_id, telemetry_id, driver, read, scale, zero, interval_s)
		SELECT e.id, p.id, 'snmp', jsonb_build_object('oid', o.oid), 1, 0, 0.5 FROM equipment e,
			(VALUES ('gain', '1.3.6.1.2.1.1.3.0'), ('mode', '1.3.6.1.2.1.1.7.0'), ('level', '1.3.6.1.2.1.11.1.0')) o (name, oid)
			JOIN telemetry p ON p.name = o.name WHERE e.name LIKE 'e%'`)
	t.exec("INSERT INTO telemetry_poll (equipment_id, interval_s, due_at) SELECT id, 0.5, now() + random() * interval '0.5 s' FROM equipment WHERE name LIKE 'e%'")
	t.start()
	polls := func() float64 { return t.instance.Metric(b, "ctrl_polls_total", `outcome="answered"`) }
	waittest.Until(b, "polls are answered", func() bool { return polls() > equipment })
	before, begun := polls(), time.Now()
	for b.Loop() {
		time.Sleep(time.Second)
	}
	b.ReportMetric((polls()-before)/time.Since(begun).Seconds(), "polls/s")
}
