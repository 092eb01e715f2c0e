//go:build workshop

package stack

import (
	"bytes"
	"context"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
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
	management, err := url.Parse(p.ManagementURL())
	require.NoError(t, err)
	replaced := strings.NewReplacer("127.0.0.1:4000", p.Address("auth"), "127.0.0.1:4041", p.Address("cfg"),
		"127.0.0.1:4043", p.Address("inbox"), "127.0.0.1:4044", p.Address("admin"), "127.0.0.1:15672", management.Host).Replace(text)
	shell := exec.CommandContext(ctx, "sh", "-c", replaced)
	out, err := shell.CombinedOutput()
	require.NoError(t, err, "%s\n%s", replaced, out)
	return string(out)
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

// aTraceFromTheShell pastes the block of docs/operating.md that sends a trace through the management interface. The user
// is made through the same interface, as rabbitmqctl would.
func aTraceFromTheShell(ctx context.Context, t *testing.T, p *Private) {
	t.Helper()
	for path, body := range map[string]string{
		"/api/users/receiver7":           `{"password": "a long password", "tags": "management"}`,
		"/api/permissions/%2F/receiver7": `{"configure": "^$", "write": "^inbox[.]traces$", "read": "^$"}`,
	} {
		require.Eventually(t, func() bool { // the permission wants the user
			request, err := http.NewRequestWithContext(ctx, http.MethodPut, p.ManagementURL()+path, bytes.NewBufferString(body))
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
