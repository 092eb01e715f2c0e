//go:build workshop

package stack

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"nms.example/tools/internal/layout"
)

// block returns the first shell block of a document behind a text that introduces it.
func block(t *testing.T, p *Private, file, behind string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(p.checkout.Root, filepath.FromSlash(file)))
	require.NoError(t, err)
	_, text, found := strings.Cut(string(content), behind)
	require.True(t, found, "%s does not say %q", file, behind)
	_, text, found = strings.Cut(text, "```sh\n")
	require.True(t, found)
	text, _, found = strings.Cut(text, "```")
	require.True(t, found)
	return text
}

// paste runs a block as somebody who pastes it into a shell, with the addresses of this system.
func paste(ctx context.Context, t *testing.T, p *Private, text string) string {
	t.Helper()
	replaced := addresses(p).Replace(text)
	shell := exec.CommandContext(ctx, "sh", "-c", replaced)
	out, err := shell.CombinedOutput()
	require.NoError(t, err, "%s\n%s", replaced, out)
	return string(out)
}

// addresses puts this system's in the place of those of ./task up; others are pairs of what else is replaced.
func addresses(p *Private, others ...string) *strings.Replacer {
	_, management, _ := strings.Cut(p.ManagementURL(), "@")
	pairs := []string{
		"127.0.0.1:15672", strings.TrimRight(management, "/"),
		"go run ./ctrl/cmd/simulator ", p.Binary(simulator) + " -listen " + p.Address(simulator) + " ", // without its compiler's time
	}
	for _, service := range layout.Services {
		pairs = append(pairs, layout.Loopback(service.Port), p.Address(service.Name))
	}
	return strings.NewReplacer(append(pairs, others...)...)
}

// theMainJobByHand pastes the README's block.
func theMainJobByHand(ctx context.Context, t *testing.T, p *Private) {
	t.Helper()
	text := block(t, p, "README.md", "\n## The main job, by hand\n")
	said := paste(ctx, t, p, text)
	for _, want := range []string{`"content"`, "  201\n", `"y_val_dbm":[-75.24,`, " 9c e2 8e e0 90 e8 f1 d8 80 d8\n"} {
		require.Contains(t, said, want)
	}
	// The event needs a moment; the last step is pasted again until it is there.
	login, _, _ := strings.Cut(text, "\n# 2.")
	_, last, found := strings.Cut(text, "\n# 5.")
	require.True(t, found)
	_, rest, found := strings.Cut(said, `"guid":"`)
	require.True(t, found)
	guid, _, _ := strings.Cut(rest, `"`)
	for until := time.Now().Add(5 * time.Minute); ; {
		said = paste(ctx, t, p, login+"\nGUID="+guid+"\n# 5."+last)
		if strings.Contains(said, `"inbox.trace.`) {
			return
		}
		require.True(t, time.Now().Before(until), "%s", said)
	}
}

// shell is one in which blocks are pasted one after the other, as somebody does who follows a guide.
type shell struct {
	t        *testing.T
	in       io.Writer
	out      *bufio.Reader
	replaced *strings.Replacer
}

// openShell opens a shell in the checkout; end of input ends it.
func openShell(ctx context.Context, t *testing.T, p *Private, others ...string) *shell {
	t.Helper()
	cmd := exec.CommandContext(ctx, "sh")
	cmd.Dir = p.checkout.Root
	in, err := cmd.StdinPipe()
	require.NoError(t, err)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	cmd.Stderr = cmd.Stdout
	require.NoError(t, cmd.Start())
	t.Cleanup(func() { _ = in.Close(); _ = cmd.Wait() }) // how it ends is of no interest
	return &shell{t: t, in: in, out: bufio.NewReader(out), replaced: addresses(p, others...)}
}

// paste runs a block and returns what it prints.
func (s *shell) paste(text string) string {
	s.t.Helper()
	const end = "the block has ended"
	_, err := io.WriteString(s.in, s.replaced.Replace(text)+"\necho; echo "+end+"\n")
	require.NoError(s.t, err)
	var said strings.Builder
	for {
		line, err := s.out.ReadString('\n')
		require.NoError(s.t, err, "%s\n%s", text, &said)
		if line == end+"\n" {
			return said.String()
		}
		said.WriteString(line)
	}
}

// blocks are all shell blocks of a document.
func blocks(t *testing.T, p *Private, file string) (list []string) {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(p.checkout.Root, filepath.FromSlash(file)))
	require.NoError(t, err)
	for part := range strings.SplitSeq(string(content), "```sh\n") {
		text, _, _ := strings.Cut(part, "```")
		list = append(list, text)
	}
	return list[1:] // the first part stands before the first block
}

// commandingByHand pastes docs/ctrl.md, docs/telemetry.md and docs/alarms.md, block by block.
func commandingByHand(ctx context.Context, t *testing.T, p *Private) {
	t.Helper()
	s := openShell(ctx, t, p)
	s.follow(blocks(t, p, "docs/ctrl.md"), [][]string{
		{`"name":"gain"`},
		{`"address":"` + p.Address(simulator) + `"`, `"answered_ms":`},
		{`"x-unit":"dB"`, `"revision":`},
		{`"set gain_db 12"`, `"state":"queued"`},
		{`"succeeded"`, `"queued"`, `"sending"`, `"verifying"`},
		{`"state":"queued"`},
		{`"unknown"`, `"set gain_db 20"`, "it may have been executed"},
		{`"state":"succeeded"`, `"seen on the panel"`},
	})
	s.follow(blocks(t, p, "docs/telemetry.md"), [][]string{
		{`"stored":2`, `"parameter":"tmi2","value":"on","quality":"good"`, `"parameter":"tmi1","value":12.5`},
		{`"get":"temperature_c"`, `"revision":`},
		{`"parameter":"rx_temperature","value":`},
		{`"driver":"prometheus"`, `"metric":"up"`},
		{`"min":12.5,"max":12.5`, "at,min,max,mean,n,bad\n", "event: values\n", `"parameter":"rx_temperature"`},
	})
	s.follow(blocks(t, p, "docs/alarms.md"), [][]string{
		{`"raised":`, `"happenings":[`},
		{`"severity":"major"`, `"state":"unack"`},
		{`"event":"raise"`, `"operator_state":"ack"`, `"reason":"being repaired"`, `"total":1`},
		{`"kind":"test","state":"failed"`, `"name":"night"`, `"total":`},
	})
}

// follow pastes the blocks of a guide one by one; each has to say what is wanted of it. One that only looks is pasted again until it does.
func (s *shell) follow(text []string, wants [][]string) {
	s.t.Helper()
	require.Len(s.t, text, len(wants))
	for i, want := range wants {
		said := s.paste(text[i])
		lacks := func() bool {
			return slices.ContainsFunc(want, func(words string) bool { return !strings.Contains(said, words) })
		}
		looks := slices.ContainsFunc([]string{"call $CTRL/commands/$ID | jq", "call $CTRL/equipments/", "grep -h '^Subject:' "},
			func(begin string) bool { return strings.HasPrefix(text[i], begin) })
		for until := time.Now().Add(5 * time.Minute); looks && lacks() && time.Now().Before(until); {
			said = s.paste(text[i])
		}
		for _, words := range want {
			require.Contains(s.t, said, words, "%s", text[i])
		}
	}
}

// aTraceFromTheShell pastes the block of docs/operating.md that sends a trace through the management interface. The user
// is made through the same interface, as rabbitmqctl would.
func aTraceFromTheShell(ctx context.Context, t *testing.T, p *Private) {
	t.Helper()
	for _, put := range []struct{ path, body string }{ // the permission wants the user
		{"/api/users/receiver7", `{"password": "a long password", "tags": "management"}`},
		{"/api/permissions/%2F/receiver7", `{"configure": "^$", "write": "^inbox[.]traces$", "read": "^$"}`},
	} {
		require.Eventually(t, func() bool {
			request, err := http.NewRequestWithContext(ctx, http.MethodPut, p.ManagementURL()+put.path, bytes.NewBufferString(put.body))
			require.NoError(t, err)
			response, err := http.DefaultClient.Do(request)
			require.NoError(t, err)
			require.NoError(t, response.Body.Close())
			return response.StatusCode < http.StatusBadRequest
		}, 5*time.Minute, time.Second)
	}
	text := block(t, p, "docs/operating.md", "\nA trace from the shell")
	require.Equal(t, `{"routed":true}`, paste(ctx, t, p, text))
	refused := paste(ctx, t, p, strings.ReplaceAll(text, "exchanges/%2F/inbox.traces", "exchanges/%2F/amq.default"))
	require.NotContains(t, refused, `"routed"`, "nothing but that exchange")
}
