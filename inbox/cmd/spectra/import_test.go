package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// imported is what a call of import said.
type imported struct {
	code      int
	out, errs string
}

// importer calls import with an environment of its own and a folder for its progress.
type importer struct {
	t   *testing.T
	env map[string]string
}

func newImporter(t *testing.T, env ...string) *importer {
	t.Helper()
	i := &importer{t, map[string]string{}}
	for _, one := range env {
		name, value, _ := strings.Cut(one, "=")
		i.env[name] = value
	}
	i.env["state"] = t.TempDir()
	return i
}

func (i *importer) call(args ...string) imported {
	i.t.Helper()
	return i.callUntil(i.t.Context(), args...)
}

func (i *importer) callUntil(ctx context.Context, args ...string) imported {
	i.t.Helper()
	var out, errs bytes.Buffer
	code := runImport(ctx, append([]string{"-state", i.env["state"]}, args...), func(name string) string { return i.env[name] }, &out, &errs)
	return imported{code, out.String(), errs.String()}
}

// place is where the recordings of these tests were made.
var place = []string{"-tz", "UTC", "-lat", "52.52", "-lng", "13.4"}

func at(args ...string) []string { return append(append([]string{}, place...), args...) }

// sweeps writes an rtl_power file of two hops of 10 values per sweep, a second apart and in the last hours, on a grid of
// whole hertz.
func sweeps(t *testing.T, count int) string {
	t.Helper()
	var text strings.Builder
	begin := time.Now().UTC().Add(-3 * time.Hour)
	for n := range count {
		for h := range 2 {
			fmt.Fprintf(&text, "%s, %d, %d, 1000.00, 8", begin.Add(time.Duration(n)*time.Second).Format("2006-01-02, 15:04:05"), 100_000_000+h*10_000, 100_010_000+h*10_000)
			for v := range 11 {
				fmt.Fprintf(&text, ", %d.%02d", -90+h*5, (n+v)%100)
			}
			text.WriteByte('\n')
		}
	}
	path := filepath.Join(t.TempDir(), "sweeps.csv")
	require.NoError(t, os.WriteFile(path, []byte(text.String()), 0o600))
	return path
}

func recordings(names ...string) []string {
	paths := make([]string, len(names))
	for i, name := range names {
		paths[i] = filepath.Join("..", "..", "internal", "recording", "testdata", name)
	}
	return paths
}

func TestDryRunWritesTheBodies(t *testing.T) {
	t.Parallel()
	files := recordings("rtl_power.csv", "hackrf_sweep.csv", "analyser.csv")
	got := newImporter(t).call(append([]string{"-dry-run", "-tz", "Europe/Berlin", "-lat", "52.52", "-lng", "13.4"}, files...)...)
	require.Equal(t, exitDone, got.code, got.errs)
	var want strings.Builder
	for _, name := range recordings("rtl_power.ndjson", "hackrf_sweep.ndjson", "analyser.ndjson") {
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		want.Write(text)
	}
	require.Equal(t, want.String(), got.out)
	require.Contains(t, got.errs, files[0]+" (rtl_power): traces: 3 written\n")
	require.Contains(t, got.errs, files[2]+":2: note: the header has a date without a time of day")
	require.Contains(t, got.errs, "3 files: traces: 6 written\n")
}

func TestWhatTheCommandLineSays(t *testing.T) {
	t.Parallel()
	got := newImporter(t).call(append(at("-dry-run", "-source", "RX \"7\"", "-equipment-id", "4", "-alt", "210.5", "-noise", "-101.25", "-rbw", "3000", "-enbw", "3200",
		"-unit", "dbm/hz", "-detector", "rms", "-trace-mode", "max-hold", "-antenna", "discone"), recordings("rtl_power.csv")...)...)
	require.Equal(t, exitDone, got.code, got.errs)
	first, _, _ := strings.Cut(got.out, "\n")
	var body map[string]any
	require.NoError(t, json.Unmarshal([]byte(first), &body))
	delete(body, "guid")
	delete(body, "y_val_dbm")
	require.Equal(t, map[string]any{
		"start_freq_hz": 4e8, "stop_freq_hz": 408333332.0, "step_freq_hz": 86805.56, "noise": -101.25, "numpoints": 97.0, "timestamp": "2026-03-29T01:59:50Z",
		"location": map[string]any{"lat": 52.52, "lng": 13.4, "alt_m": 210.5}, "source": `RX "7"`, "equipment_id": 4.0, "rbw_hz": 3000.0, "enbw_hz": 3200.0,
		"unit": "dBm/Hz", "detector": "rms", "trace_mode": "max-hold", "antenna": "discone",
	}, body)
}

func TestWrongCalls(t *testing.T) {
	t.Parallel()
	file := recordings("rtl_power.csv")[0]
	binary := filepath.Join(t.TempDir(), "x.bin")
	require.NoError(t, os.WriteFile(binary, append([]byte{20, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0}, make([]byte, 4)...), 0o600))
	for want, args := range map[string][]string{
		"no file given":                             {"-dry-run"},
		"say -tz Europe/Berlin":                     {"-dry-run", "-lat", "1", "-lng", "2", file},
		"say -lat and -lng":                         {"-dry-run", "-tz", "UTC", file},
		"-lat and -lng go together":                 {"-dry-run", "-lat", "1", file},
		"must be a number from -90 to 90":           {"-lat", "91", file},
		"-tz:":                                      {"-tz", "Mars/Base", file},
		"-format must be one of auto, analyser, ha": {"-format", "mp3", file},
		"must be one of sample, peak":               {"-detector", "ear", file},
		"-time must be of the form":                 {"-time", "yesterday", file},
		"no credentials: set SPECTRA_API_KEY":       at(file),
		"say -time 2026-03-29T14:03:10Z":            at("-dry-run", binary),
		"-inbox must be an address":                 at("-inbox", "nms.example.org:4043", file),
		"flag provided but not defined":             {"-colour", file},
	} {
		got := newImporter(t).call(args...)
		require.Equal(t, exitUsage, got.code, want)
		require.Contains(t, got.errs, want)
		require.Empty(t, got.out)
	}
	help := newImporter(t).call("-help")
	require.Equal(t, exitDone, help.code)
	require.Contains(t, help.errs, "usage: spectra import")
	gone := newImporter(t, "SPECTRA_TOKEN=x").call(at("/nowhere/at-all.csv")...)
	require.Equal(t, exitFailed, gone.code)
	require.Contains(t, gone.errs, "no such file")
}

func TestAFileOfNoKnownFormatIsRefusedAndTheNextIsTaken(t *testing.T) {
	t.Parallel()
	text := filepath.Join(t.TempDir(), "notes.txt")
	require.NoError(t, os.WriteFile(text, []byte("remember the milk\n"), 0o600))
	got := newImporter(t).call(at("-dry-run", text, recordings("rtl_power.csv")[0])...)
	require.Equal(t, exitRefused, got.code)
	require.Contains(t, got.errs, text+": the format is not known")
	require.Contains(t, got.errs, "2 files: traces: 3 written; rows refused: 1\n")
}

// flaky stands before inbox and fails as it is told.
type flaky struct {
	address string
	mu      sync.Mutex
	// faults are taken one per request; an empty one passes it on, as all do when none is left.
	faults []string
	busy   func() // is called at the fault of that name
	posts  int
	lines  int
}

func newFlaky(t *testing.T, target string, faults ...string) *flaky {
	t.Helper()
	f := &flaky{faults: faults}
	address, err := url.Parse(target)
	require.NoError(t, err)
	proxy := httputil.NewSingleHostReverseProxy(address)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			body, err := io.ReadAll(r.Body)
			if err != nil {
				return
			}
			r.Body = io.NopCloser(bytes.NewReader(body))
			if f.fail(w, r, proxy, body) {
				return
			}
		}
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	f.address = server.URL
	return f
}

// fail takes the next fault; true when it has answered.
func (f *flaky) fail(w http.ResponseWriter, r *http.Request, proxy http.Handler, body []byte) bool {
	f.mu.Lock()
	f.posts++
	fault := ""
	if len(f.faults) > 0 {
		fault, f.faults = f.faults[0], f.faults[1:]
	}
	f.mu.Unlock()
	switch fault {
	case "":
		f.count(body)
		return false
	case "refuse": // for as long as the test says nothing else
		f.set("refuse")
		w.WriteHeader(http.StatusServiceUnavailable)
		return true
	case "busy":
		if f.busy != nil {
			f.busy()
		}
		w.Header().Set("Retry-After", "1")
		w.WriteHeader(http.StatusServiceUnavailable)
		return true
	case "cut": // committed, but the answer breaks off in the middle
		answer := httptest.NewRecorder()
		proxy.ServeHTTP(answer, r)
		w.Header().Set("Content-Type", answer.Header().Get("Content-Type"))
		_, _ = w.Write(answer.Body.Bytes()[:answer.Body.Len()/2])
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	default: // "lost": the connection breaks before anything is read
		panic(http.ErrAbortHandler)
	}
}

func (f *flaky) count(body []byte) {
	reader, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return
	}
	text, _ := io.ReadAll(reader)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.lines += bytes.Count(text, []byte{'\n'})
}

func (f *flaky) set(faults ...string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.faults = faults
}

func (f *flaky) seen() (posts, lines int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	posts, lines, f.posts, f.lines = f.posts, f.lines, 0, 0
	return posts, lines
}

func TestImport(t *testing.T) {
	t.Parallel()
	address, token, manager := setup(t)
	get := func(t *testing.T, path string) []byte {
		t.Helper()
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address+"/api/v1/inbox"+path, nil)
		require.NoError(t, err)
		request.Header.Set("Authorization", "Bearer "+token)
		response, err := http.DefaultClient.Do(request)
		require.NoError(t, err)
		defer func() { _ = response.Body.Close() }()
		body, err := io.ReadAll(response.Body)
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, response.StatusCode, "%s", body)
		return body
	}
	t.Run("a second run adds nothing", func(t *testing.T) {
		t.Parallel()
		file := sweeps(t, 1200)
		i := newImporter(t, "SPECTRA_TOKEN="+token, "INBOX_URL="+address)
		got := i.call(at(file)...)
		require.Equal(t, imported{exitDone, file + " (rtl_power): traces: 1200 new, 0 known, 0 refused\n", ""}, got)
		got = i.call(at(file)...)
		require.Equal(t, imported{exitDone, file + " (rtl_power): traces: 0 new, 1200 known, 0 refused\n", ""}, got)
		got = i.call(at("-noise", "-99", file)...)
		require.Equal(t, exitRefused, got.code)
		require.Contains(t, got.out, "traces: 0 new, 0 known, 1200 refused")
		require.Contains(t, got.out, file+":1: inbox answers 409: body.guid")

		// What inbox holds is what the file says, and its own export of it is known to it.
		first, _, _ := strings.Cut(i.call(at("-dry-run", file)...).out, "\n")
		var sent, kept struct {
			GUID   string    `json:"guid"`
			Points int       `json:"numpoints"`
			Time   string    `json:"timestamp"`
			Values []float64 `json:"y_val_dbm"`
		}
		require.NoError(t, json.Unmarshal([]byte(first), &sent))
		require.NoError(t, json.Unmarshal(get(t, "/traces/"+sent.GUID), &kept))
		require.Equal(t, sent.Values, kept.Values)
		require.Len(t, kept.Values, 21)
		archive := filepath.Join(t.TempDir(), "own.sigmf")
		require.NoError(t, os.WriteFile(archive, get(t, "/traces/"+sent.GUID+"?format=sigmf"), 0o600))
		got = i.call(archive)
		require.Equal(t, imported{exitDone, archive + " (sigmf): traces: 0 new, 1 known, 0 refused\n", ""}, got)
	})
	t.Run("nothing is lost by refusals and broken connections", func(t *testing.T) {
		t.Parallel()
		file := sweeps(t, 1234)
		f := newFlaky(t, address, "busy", "lost", "", "cut", "busy", "cut", "lost")
		got := newImporter(t, "SPECTRA_TOKEN="+token).call(at("-source", "flaky", "-inbox", f.address, file)...)
		require.Equal(t, exitDone, got.code, got.errs)
		require.Contains(t, got.out, " 0 refused\n")
		var created, known int
		_, counts, _ := strings.Cut(got.out, "traces: ")
		_, err := fmt.Sscanf(counts, "%d new, %d known", &created, &known)
		require.NoError(t, err)
		require.Equal(t, 1234, created+known)
		require.Positive(t, known, "those that were committed while their answer was cut off")
		require.Contains(t, got.errs, "inbox answers 503 Service Unavailable; trying again\n")
		again := newImporter(t, "SPECTRA_TOKEN="+token).call(at("-source", "flaky", "-inbox", address, file)...)
		require.Contains(t, again.out, "traces: 0 new, 1234 known, 0 refused\n")
	})
	t.Run("an interrupted run goes on", func(t *testing.T) {
		t.Parallel()
		file := sweeps(t, 1700)
		f := newFlaky(t, address, "", "", "refuse")
		i := newImporter(t, "SPECTRA_TOKEN="+token)
		args := at("-source", "interrupted", "-inbox", f.address, "-retry", "1s", file)
		got := i.call(args...)
		require.Equal(t, exitFailed, got.code)
		require.Contains(t, got.errs, "spectra import: inbox answers 503")
		require.Contains(t, got.out, "traces: 1000 new, 0 known, 0 refused\n")
		f.seen()
		f.set()
		got = i.call(args...)
		require.Equal(t, imported{exitDone, file + " (rtl_power): traces: 700 new, 0 known, 0 refused, 1000 sent by an interrupted run (0 of them refused)\n", ""}, got)
		_, lines := f.seen()
		require.Equal(t, 700, lines)
		left, err := os.ReadDir(i.env["state"])
		require.NoError(t, err)
		require.Empty(t, left, "a file that is done leaves no progress behind")
		got = i.call(args...)
		require.Contains(t, got.out, "traces: 0 new, 1700 known, 0 refused\n")
	})
	t.Run("a run that is stopped goes on", func(t *testing.T) {
		t.Parallel()
		file := sweeps(t, 1100)
		f := newFlaky(t, address, "", "busy")
		i := newImporter(t, "SPECTRA_TOKEN="+token)
		args := at("-source", "stopped", "-inbox", f.address, file)
		ctx, stop := context.WithCancel(t.Context())
		f.busy = stop
		got := i.callUntil(ctx, args...)
		require.Equal(t, exitFailed, got.code)
		require.Contains(t, got.errs, "spectra import: stopped; call it again to go on\n")
		got = i.call(args...)
		require.Equal(t, imported{exitDone, file + " (rtl_power): traces: 600 new, 0 known, 0 refused, 500 sent by an interrupted run (0 of them refused)\n", ""}, got)
	})
	t.Run("another file under the same name begins anew", func(t *testing.T) {
		t.Parallel()
		file, other := sweeps(t, 700), sweeps(t, 550)
		f := newFlaky(t, address, "", "refuse")
		i := newImporter(t, "SPECTRA_TOKEN="+token)
		args := at("-inbox", f.address, "-retry", "1s", file)
		require.Equal(t, exitFailed, i.call(append([]string{"-source", "one"}, args...)...).code)
		f.set()
		require.NoError(t, os.Rename(other, file))
		got := i.call(append([]string{"-source", "two"}, args...)...)
		require.Equal(t, imported{exitDone, file + " (rtl_power): traces: 550 new, 0 known, 0 refused\n", ""}, got)
	})
	t.Run("refusals are told with their lines", func(t *testing.T) {
		t.Parallel()
		file := sweeps(t, 3)
		content, err := os.ReadFile(file)
		require.NoError(t, err)
		past, gone := time.Now().AddDate(0, 0, -60).UTC().Format("2006-01-02, 15:04:05"), "2026-01-01, 00:00:00"
		const values = ", 100, 120, 10.00, 1, -1, -2, "
		text := past + values + "-2\n" + string(content) + past + values + "y\n"
		require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
		f := newFlaky(t, address)
		i := newImporter(t, "SPECTRA_TOKEN="+token)
		got := i.call(at("-source", "refused", "-inbox", f.address, file)...)
		require.Equal(t, exitRefused, got.code)
		require.Contains(t, got.out, "traces: 3 new, 0 known, 1 refused; rows refused: 1\n")
		require.Contains(t, got.out, file+":1: inbox answers 422: body.timestamp is older than the accepted window\n")
		require.Contains(t, got.out, file+":8: value 3: not a number\n")
		require.Contains(t, got.out, "(-backfill takes traces of any age")

		// With -backfill it is taken, by who may; what is past the retention is not.
		backfill := at("-source", "refused", "-inbox", f.address, "-backfill", file)
		got = i.call(backfill...)
		require.Equal(t, exitFailed, got.code)
		require.Contains(t, got.errs, "inbox answers 403")
		require.NoError(t, os.WriteFile(file, []byte(gone+values+"-2\n"+text), 0o600))
		got = newImporter(t, "SPECTRA_TOKEN="+manager).call(backfill...)
		require.Equal(t, exitRefused, got.code)
		require.Contains(t, got.out, "traces: 1 new, 3 known, 1 refused; rows refused: 1\n")
		require.Contains(t, got.out, file+":1: inbox answers 422: body.timestamp is older than what is kept here\n")
		require.Contains(t, got.out, "(RETENTION of inbox says how long traces are kept)")
	})
	t.Run("credentials", func(t *testing.T) {
		t.Parallel()
		file := sweeps(t, 1)
		got := newImporter(t, "SPECTRA_TOKEN=forged", "INBOX_URL="+address).call(at(file)...)
		require.Equal(t, exitFailed, got.code)
		require.Contains(t, got.errs, "inbox answers 401")
		require.NotContains(t, got.errs, "forged")
		path := filepath.Join(t.TempDir(), "token")
		require.NoError(t, os.WriteFile(path, []byte(token+"\n"), 0o600))
		got = newImporter(t, "SPECTRA_TOKEN_FILE="+path, "INBOX_URL="+address).call(at("-source", "file", file)...)
		require.Equal(t, exitDone, got.code, got.errs)
		got = newImporter(t, "SPECTRA_TOKEN_FILE="+path+"x", "INBOX_URL="+address).call(at(file)...)
		require.Equal(t, exitUsage, got.code)

		// The key goes to the address that was given and nowhere else.
		asked := make(chan string, 1)
		elsewhere := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { asked <- r.Header.Get("X-Api-Key") }))
		defer elsewhere.Close()
		inbox := httptest.NewServer(http.RedirectHandler(elsewhere.URL, http.StatusTemporaryRedirect))
		defer inbox.Close()
		got = newImporter(t, "SPECTRA_API_KEY=key", "INBOX_URL="+inbox.URL).call(at(file)...)
		require.Equal(t, exitFailed, got.code)
		require.Contains(t, got.errs, "307")
		require.Empty(t, asked)
	})
	t.Run("an expired token is renewed", func(t *testing.T) {
		t.Parallel()
		// auth is another service; here its answer is enough: first a token that is no longer good, then one that is.
		tokens := make(chan string, 2)
		tokens <- uuid.NewString()
		tokens <- token
		auth := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.FormValue("username") == "receiver" && r.FormValue("password") == "long enough 12" {
				fmt.Fprintf(w, `{"access_token":%q}`, <-tokens)
			}
		}))
		defer auth.Close()
		file := sweeps(t, 2)
		got := newImporter(t, "SPECTRA_PASSWORD=long enough 12", "INBOX_URL="+address, "AUTH_URL="+auth.URL).call(at("-source", "renewed", "-login", "receiver", file)...)
		require.Equal(t, exitDone, got.code, got.errs)
		require.Contains(t, got.out, "traces: 2 new")
	})
}
