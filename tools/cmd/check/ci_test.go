//go:build workshop

package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"
)

//nolint:paralleltest,tparallel // the linter writes to a variable of its package whenever it is made
func TestWorkflows(t *testing.T) {
	t.Parallel()
	workflow := func(step string) string {
		return "name: x\non: push\njobs:\n  x:\n    runs-on: ubuntu-24.04\n    steps:\n      - " + step + "\n"
	}
	const hash = "3d3c42e5aac5ba805825da76410c181273ba90b1"
	for name, tc := range map[string]struct{ content, finding string }{
		"good":               {workflow("uses: actions/checkout@" + hash + " # v7.0.1"), ""},
		"of this repository": {workflow("uses: ./.github/actions/go"), ""},
		"by tag":             {workflow("uses: actions/checkout@v7"), "x.yml:7: pin the action"},
		"without version":    {workflow("uses: actions/checkout@" + hash), "x.yml:7: pin the action"},
		"unknown key":        {workflow("runs: true"), `"runs"`},
		"unknown expression": {workflow("run: echo ${{ github.nothing_of_it }}"), "nothing_of_it"},
		"unknown need":       {"name: x\non: push\njobs:\n  x:\n    needs: y\n    runs-on: ubuntu-24.04\n    steps: [{run: true}]\n", "needs"},
	} {
		t.Run(name, func(t *testing.T) {
			root, out, with := setup(t)
			write(t, root, ".github/actions/go/action.yml",
				"name: go\ndescription: go\nruns:\n  using: composite\n  steps:\n    - run: \"true\"\n      shell: bash\n")
			write(t, root, ".github/workflows/x.yml", tc.content)

			err := with(false).workflows(t.Context())

			if tc.finding == "" {
				require.NoError(t, err, out)
				return
			}
			require.Error(t, err)
			require.Contains(t, out.String(), tc.finding)
		})
	}
}

// vulnerabilityDatabase serves one made-up vulnerability: strings.Repeat of every Go.
func vulnerabilityDatabase(t *testing.T) string {
	t.Helper()
	files := map[string]string{
		"/index/db.json.gz":      `{"modified":"2026-01-01T00:00:00Z"}`,
		"/index/modules.json.gz": `[{"path":"stdlib","vulns":[{"id":"GO-2026-0001","modified":"2026-01-01T00:00:00Z"}]}]`,
		"/ID/GO-2026-0001.json.gz": `{"schema_version":"1.3.1","id":"GO-2026-0001","modified":"2026-01-01T00:00:00Z",
			"published":"2026-01-01T00:00:00Z","summary":"made up","details":"made up","affected":[{"package":{"name":"stdlib","ecosystem":"Go"},
			"ranges":[{"type":"SEMVER","events":[{"introduced":"0"}]}],
			"ecosystem_specific":{"imports":[{"path":"strings","symbols":["Repeat"]}]}}],
			"database_specific":{"url":"https://pkg.go.dev/vuln/GO-2026-0001","review_status":"REVIEWED"}}`,
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		content, found := files[r.URL.Path]
		if !found {
			http.NotFound(w, r)
			return
		}
		zipped := gzip.NewWriter(w)
		_, _ = zipped.Write([]byte(content))
		_ = zipped.Close()
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func TestAVulnerabilityThatTheCodeReachesIsFound(t *testing.T) {
	t.Parallel()
	root, out, with := setup(t)
	c := with(false)
	c.vulndb = vulnerabilityDatabase(t)
	require.NoError(t, c.vulnerabilities(t.Context()), "nothing calls strings.Repeat yet: %s", out)

	write(t, root, "auth/main.go", "package main\n\nimport (\n\t\"strings\"\n\n\t_ \"nms.example/common/a\"\n)\n\nfunc main() { _ = strings.Repeat(\"a\", 2) }\n")
	require.ErrorContains(t, c.vulnerabilities(t.Context()), "findings in auth")
	require.Contains(t, out.String(), "GO-2026-0001")
}

// A database that is out of reach is said to be: never "good", and a failure where it must not be missed.
func TestVulnerabilitiesWithoutADatabase(t *testing.T) {
	t.Parallel()
	_, _, with := setup(t)
	server := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(server.Close)
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	for name, url := range map[string]string{"nobody listens": gone.URL, "another server": server.URL} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, out := with(false), &bytes.Buffer{}
			c.vulndb, c.out = url, out
			one := []check{{"vulnerabilities", "", c.vulnerabilities}}
			require.NoError(t, c.do(t.Context(), one, false))
			require.Contains(t, out.String(), "NOT CHECKED")
			require.NotContains(t, out.String(), "good")
			require.EqualError(t, c.do(t.Context(), one, true), "vulnerabilities failed")
		})
	}
}

func TestChecksGoOnAfterAFailure(t *testing.T) {
	t.Parallel()
	_, out, with := setup(t)
	c := with(false)
	err := c.do(t.Context(), []check{
		{"first", "", func(context.Context) error { return errors.New("broken") }},
		{"second", "", func(context.Context) error { return nil }},
	}, false)
	require.EqualError(t, err, "first failed")
	require.Contains(t, out.String(), "good")
}
