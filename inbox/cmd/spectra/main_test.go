package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"nms.example/common/authn"
	"nms.example/common/bustest"
	"nms.example/common/config"
	"nms.example/common/db"
	"nms.example/common/pgtest"
	"nms.example/common/redistest"
	"nms.example/common/servicetest"
	"nms.example/common/waittest"
	"nms.example/inbox/internal/app"
)

const secret = "a key for tests that is long enough, 0123456789"

// setup runs an inbox and returns its address and a token.
// setup starts an inbox; token may read and write, manager manage too.
func setup(t *testing.T) (address, token, manager string) {
	t.Helper()
	instance := servicetest.Start(t, app.Identity, app.Build, map[string]string{
		"DB_DWH_DSN": pgtest.DSN[db.DWH](t).Reveal(), "MQ_DSN": bustest.New(t).DSN.Reveal(),
		"REDIS_DSN": redistest.DSN(t).Reveal(), "REDIS_PREFIX": redistest.Prefix(t), "JWT_SECRET_KEY": secret, "RATE_LIMIT": "0",
	})
	var settings struct {
		config.Base
		authn.Settings
	}
	_, err := config.Load(&settings, config.WithSettings(map[string]string{"JWT_SECRET_KEY": secret}))
	require.NoError(t, err)
	keys, err := authn.NewKeyring(settings.Settings)
	require.NoError(t, err)
	sign := func(access authn.Mask) string {
		token, _, err := keys.Sign(authn.Claims{UserID: 1, Login: "tester", Role: "tester", Access: access, SessionID: uuid.New()})
		require.NoError(t, err)
		return token
	}
	return instance.URL, sign(authn.Mask(authn.InboxRead | authn.InboxWrite)), sign(authn.AllPermissions)
}

func TestHistoryAndLoad(t *testing.T) {
	t.Parallel()
	address, token, _ := setup(t)
	getenv := func(name string) string { return map[string]string{"SPECTRA_TOKEN": token}[name] }
	call := func(args ...string) string {
		var out strings.Builder
		require.NoError(t, run(t.Context(), append([]string{"-inbox", address, "-points", "100"}, args...), getenv, &out))
		return out.String()
	}
	pictures := t.TempDir()
	out := call("-history", "20s", "-every", "1s", "-sites", "2", "-pictures", pictures)
	require.Contains(t, out, "receiver north: 21 traces new, 0 known, 0 refused")
	require.Contains(t, out, "receiver centre: 21 traces new")
	drawn, err := os.ReadFile(filepath.Join(pictures, "waterfall-north.png"))
	require.NoError(t, err)
	require.True(t, bytes.HasPrefix(drawn, []byte("\x89PNG")))

	// The addresses that it prints show pictures.
	for line := range strings.Lines(out) {
		_, shown, found := strings.Cut(strings.TrimSpace(line), ": http")
		if !found {
			continue
		}
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http"+shown, nil)
		require.NoError(t, err)
		request.Header.Set("Authorization", "Bearer "+token)
		response, err := http.DefaultClient.Do(request)
		require.NoError(t, err)
		require.NoError(t, response.Body.Close())
		require.Equal(t, http.StatusOK, response.StatusCode, shown)
		require.Equal(t, "image/png", response.Header.Get("Content-Type"))
	}
	require.Contains(t, call("-load", "-count", "50", "-clients", "4"), "50 traces committed")
	require.Contains(t, call("-load", "-json", "-count", "20"), `{"created":20,"other":0,"seconds":`)
	require.Contains(t, call("-load", "-ndjson", "-count", "600", "-clients", "2"), "600 traces committed")
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	getenv := func(string) string { return "x" }
	require.Error(t, run(t.Context(), []string{"-sites", "99"}, getenv, &strings.Builder{}))
	require.Error(t, run(t.Context(), []string{"-history", "1s", "-inbox", "http://127.0.0.1:1"}, getenv, &strings.Builder{}))
}

// Made-up spectra never get anywhere by a forgotten word.
func TestNothingIsSentWithoutAVerb(t *testing.T) {
	t.Parallel()
	getenv := func(string) string { return "a token" }
	for _, args := range [][]string{nil, {"sweep.csv"}, {"-history", "1s"}, {"send"}} {
		var out, errs strings.Builder
		require.Equal(t, exitUsage, command(t.Context(), args, getenv, &out, &errs), args)
		require.Empty(t, out.String())
		require.Equal(t, usage, errs.String())
	}
	var out, errs strings.Builder
	require.Equal(t, exitDone, command(t.Context(), []string{"-h"}, getenv, &out, &errs))
	require.Equal(t, usage, out.String())
	require.Equal(t, exitFailed, command(t.Context(), []string{"generate", "sweep.csv"}, getenv, &out, &errs))
	require.Contains(t, errs.String(), "spectra import sends files")
}

func TestLive(t *testing.T) {
	t.Parallel()
	address, token, _ := setup(t)
	ctx, stop := context.WithCancel(t.Context())
	getenv := func(name string) string { return map[string]string{"SPECTRA_TOKEN": token}[name] }
	ended := make(chan error, 1)
	go func() {
		ended <- run(ctx, []string{"-inbox", address, "-points", "100", "-live", "-sites", "2", "-every", "50ms"}, getenv, io.Discard)
	}()
	total := func() (page struct{ Total int }) {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address+"/api/v1/inbox/traces?limit=1&bbox=37,55,38,56", http.NoBody)
		require.NoError(t, err)
		request.Header.Set("Authorization", "Bearer "+token)
		response, err := http.DefaultClient.Do(request)
		require.NoError(t, err)
		defer response.Body.Close()
		require.NoError(t, json.NewDecoder(response.Body).Decode(&page))
		return page
	}
	waittest.Until(t, "three traces of the second receiver", func() bool { return total().Total >= 3 })
	stop()
	require.NoError(t, <-ended)
}
