//go:build workshop

package stack

import (
	"encoding/base64"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/stretchr/testify/require"
)

// privateKey changes over from the shared secret to a private key that the guide's commands make, in the guide's order: no
// service refuses a token on the way, and afterwards the secret signs nothing any more.
func (o *operated) privateKey() {
	o.t.Helper()
	dir := o.checkout.dataDir("redis") // the services' user may write there
	made := exec.CommandContext(o.t.Context(), "/bin/sh", "-ec", o.said("The JWT key", "```sh\n", "\n```"))
	made.Dir = dir
	if as := o.checkout.Account; as != nil {
		made.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: as.UID, Gid: as.GID}}
	}
	out, err := made.CombinedOutput()
	require.NoError(o.t, err, "%s", out)
	public, err := os.ReadFile(filepath.Join(dir, "jwt-public.pem"))
	require.NoError(o.t, err)
	require.Contains(o.t, string(public), "BEGIN PUBLIC KEY")

	everywhere := func(status int) {
		o.t.Helper()
		for _, path := range []string{
			"auth /api/v1/auth/users", "cfg /api/v1/cfg/commands", "inbox " + tracesPath, "admin /api/v1/admin/events", "ctrl /api/v1/ctrl/commands",
		} {
			service, path, _ := strings.Cut(path, " ")
			require.Equal(o.t, status, o.http.call(http.MethodGet, service, path, "", nil), service)
		}
	}
	renew := func() string {
		o.http.loggedIn = time.Time{}
		o.http.logIn()
		header, _, _ := strings.Cut(o.http.token, ".")
		text, err := base64.RawURLEncoding.DecodeString(header)
		require.NoError(o.t, err)
		return string(text)
	}
	require.Contains(o.t, renew(), `"HS256"`)
	early := o.http.token
	others := slices.DeleteFunc(serviceNames(), func(name string) bool { return name == "auth" })
	until := time.Now().Add(16*time.Minute + 30*time.Second).Format(time.RFC3339)
	for _, name := range others {
		o.giveAll(map[string]string{
			"JWT_JWKS_URL": o.URL("auth") + "/.well-known/jwks.json", "JWT_JWKS_COPY": filepath.Join(dir, name+".json"), "JWT_HS256_UNTIL": until,
		}, name)
	}
	everywhere(http.StatusOK)
	o.giveAll(map[string]string{"JWT_SIGNING_KEY_FILE": filepath.Join(dir, "jwt.pem"), "JWT_HS256_UNTIL": until}, "auth")
	everywhere(http.StatusOK)
	o.until("auth signs with its private key", func() bool { return strings.Contains(renew(), `"EdDSA"`) })
	everywhere(http.StatusOK)
	o.giveAll(map[string]string{"JWT_SECRET_KEY": "", "JWT_HS256_UNTIL": ""}, append(others, "auth")...)
	everywhere(http.StatusOK)
	o.arrives()
	o.http.token = early
	everywhere(http.StatusUnauthorized)
	renew()
}
