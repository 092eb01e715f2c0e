package app_test

import (
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"nms.example/common/apitest"
	"nms.example/common/authn"
	"nms.example/common/redistest"
	"nms.example/common/servicetest"
	"nms.example/hostile"

	"nms.example/console/internal/app"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func settings(t *testing.T) map[string]string {
	t.Helper()
	return map[string]string{
		"REDIS_DSN": redistest.DSN(t).Reveal(), "REDIS_PREFIX": redistest.Prefix(t), "CONSOLE_KEY": "a key for tests that is long enough for the console",
		"AUTH_URL": "http://127.0.0.1:1", // away; what needs it is tried in gate
	}
}

func setup(t *testing.T) *servicetest.Instance {
	t.Helper()
	return servicetest.Start(t, app.Identity, app.Build, settings(t))
}

func TestVariablesAreDocumented(t *testing.T) {
	t.Parallel()
	servicetest.CheckVariables(t, new(app.Settings))
}

func TestOperationsAreDocumented(t *testing.T) {
	t.Parallel()
	servicetest.CheckDocument(t, app.Identity)
}

func TestMetricsAreListed(t *testing.T) {
	t.Parallel()
	setup(t).CheckMetrics(t)
}

//nolint:paralleltest // it measures the memory of the process
func TestHostileInput(t *testing.T) {
	s := settings(t)
	s["JWT_SECRET_KEY"] = "a key for tests that is long enough for HS256" // for the tokens of the attacks
	hostile.Check(t, servicetest.Start(t, app.Identity, app.Build, s), s)
}

func TestSlowClientsAreCutOff(t *testing.T) {
	t.Parallel()
	hostile.CheckSlow(t, setup(t))
}

// The console's own operations are for browsers that log in, refresh and log out; all else asks the services.
func TestOnlyTheSessionIsPublic(t *testing.T) {
	t.Parallel()
	s := settings(t)
	s["ENVIRONMENT"] = "prod"
	apitest.CheckAccess(t, servicetest.Start(t, app.Identity, app.Build, s).Service.API(), func(authn.Mask) string { return "" },
		"GET /", "GET /ctrl", "GET /healthz", "GET /readyz", "GET /metrics", "GET /openapi.json",
		"POST /api/v1/console/session", "POST /api/v1/console/refresh", "DELETE /api/v1/console/session")
}

func TestAKeyThatIsTooShortIsRefusedInProduction(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"CONSOLE_KEY", "CONSOLE_KEYS_OLD"} {
		s := settings(t)
		s["ENVIRONMENT"], s[name] = "prod", "short"
		_, err := servicetest.TryStart(t, app.Identity, app.Build, s)
		require.ErrorContains(t, err, name)
		require.NotContains(t, err.Error(), "short;")
	}
}

// get asks for a path as a browser does, or as a program when accept is empty.
func get(t *testing.T, url, accept string) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	require.NoError(t, err)
	if accept != "" {
		r.Header.Set("Accept", accept)
	}
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	answer, err := transport.RoundTrip(r)
	require.NoError(t, err)
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	return answer, string(body)
}

const html = "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"

func TestThePage(t *testing.T) {
	t.Parallel()
	console := setup(t)
	t.Run("a browser gets the page, a program the service's word about itself", func(t *testing.T) {
		t.Parallel()
		a, body := get(t, console.URL+"/", html)
		require.Equal(t, "text/html; charset=utf-8", a.Header.Get("Content-Type"))
		require.Contains(t, body, "<!doctype html>")
		require.Contains(t, a.Header.Values("Vary"), "Accept")
		a, body = get(t, console.URL+"/", "")
		require.Equal(t, "application/json", a.Header.Get("Content-Type"))
		require.Contains(t, body, app.Identity.AboutRU)
	})
	t.Run("every page has the one policy: nothing from elsewhere, no script in it, none made from text", func(t *testing.T) {
		t.Parallel()
		for _, path := range []string{"/", "/login", "/equipment/7/history?at=x", "/spectra/"} {
			a, body := get(t, console.URL+path, html)
			require.Equal(t, http.StatusOK, a.StatusCode, path)
			policy := a.Header.Values("Content-Security-Policy")
			require.Len(t, policy, 1)
			for _, part := range []string{"default-src 'none'", "script-src 'self';", "style-src 'self';", "frame-ancestors 'none'", "require-trusted-types-for 'script'", "trusted-types 'none'"} {
				require.Contains(t, policy[0]+";", part)
			}
			require.NotContains(t, policy[0], "unsafe")
			require.NotRegexp(t, `<script[^>]*>[^<\s]|\sstyle=|\son\w+=`, body)
		}
	})
	t.Run("its files are kept for ever, under a name that changes with them", func(t *testing.T) {
		t.Parallel()
		_, body := get(t, console.URL+"/", html)
		files := regexp.MustCompile(`"(/ui/[0-9a-f]{16}/[\w.]+)"`).FindAllStringSubmatch(body, -1)
		require.Len(t, files, 3)
		for _, f := range files {
			a, content := get(t, console.URL+f[1], "")
			require.Equal(t, http.StatusOK, a.StatusCode, f[1])
			require.Equal(t, "public, max-age=31536000, immutable", a.Header.Get("Cache-Control"))
			require.NotEmpty(t, content)
		}
		a, content := get(t, console.URL+"/ui/0123456789abcdef/app.js", "")
		require.Equal(t, http.StatusNotFound, a.StatusCode)
		require.Contains(t, content, `"no_route"`)
	})
	t.Run("what is no page is a problem, as elsewhere", func(t *testing.T) {
		t.Parallel()
		for _, path := range []string{"/no-such-page", "/api/v1/nothing"} {
			a, _ := get(t, console.URL+path, html)
			require.Equal(t, "application/problem+json", a.Header.Get("Content-Type"), path)
			require.Equal(t, http.StatusNotFound, a.StatusCode)
		}
	})
	t.Run("the script is small enough to be fetched anew after each release", func(t *testing.T) {
		t.Parallel()
		_, body := get(t, console.URL+"/", html)
		script := regexp.MustCompile(`/ui/[0-9a-f]{16}/app\.js`).FindString(body)
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, console.URL+script, http.NoBody)
		require.NoError(t, err)
		r.Header.Set("Accept-Encoding", "gzip")
		transport := &http.Transport{DisableCompression: true}
		defer transport.CloseIdleConnections()
		a, err := transport.RoundTrip(r)
		require.NoError(t, err)
		defer a.Body.Close()
		require.Equal(t, "gzip", a.Header.Get("Content-Encoding"))
		size, err := io.Copy(io.Discard, a.Body)
		require.NoError(t, err)
		require.LessOrEqual(t, size, int64(150<<10), "bytes, compressed")
		require.True(t, strings.HasPrefix(a.Header.Get("Content-Type"), "text/javascript"))
	})
}
