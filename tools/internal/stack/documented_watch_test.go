//go:build workshop

package stack

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"nms.example/tools/internal/layout"
)

// watchFolder is a folder in the place of the guide's /tmp/nms-watch, which the services' user can read.
func watchFolder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.Chmod(filepath.Dir(dir), 0o755))
	return filepath.Join(dir, "nms-watch")
}

// watchingByHand pastes docs/watching.md, block by block, but for those that install the programs and start the system. The device and the mail server are those
// of the guide, on other ports.
func watchingByHand(ctx context.Context, t *testing.T, p *Private, folder string) {
	t.Helper()
	ports, err := freePorts()
	require.NoError(t, err)
	device, mail := layout.Loopback(ports[portPostgres]), layout.Loopback(ports[portRedis]) // any of those that were found free
	s := openShell(ctx, t, p, "/tmp/nms-watch", folder, "127.0.0.1:1161", device, "127.0.0.1:2525", mail)
	text := slices.DeleteFunc(blocks(t, p, "docs/watching.md"), func(one string) bool {
		return strings.HasPrefix(one, "sudo apt-get ") || strings.HasSuffix(one, "./task up\n")
	})
	s.follow(text, [][]string{
		{}, // the device and the mail server
		{}, // a token
		{}, // the catalogue
		{`"address":"` + device + `"`, `"answered_ms":`, `"oid":"1.3.6.1.2.1.25.1.6.0"`},
		{`"parameter":"processes","value":`},
		{`"kind":"test","state":"delivered"`, `"name":"watched host"`, "Subject: [nms] test", "duty@example.org"},
		{}, // a limit
		{"[nms] MAJOR raised: Watched host: processes is "},
		{`"high":100000`},
		{"[nms] MAJOR cleared: Watched host: processes is "},
		{}, // the device falls silent
		{"[nms] WARNING raised: Watched host: no value of processes"},
		{}, // and comes back
		{"[nms] WARNING cleared: Watched host: values of processes"},
		{`"type": "stale"`, `"is_cleared": true`, `"state": "delivered"`, `"cleared"`},
		{},
	})
	left, err := filepath.Glob(filepath.Join(folder, "*"))
	require.NoError(t, err)
	require.Empty(t, left, "the guide takes away what it has made")
	require.NoDirExists(t, folder)
}
