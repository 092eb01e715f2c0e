package scaffold

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"nms.example/tools/internal/layout"
)

const checkout = "../../.."

func TestWhatCannotBeMade(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		options Options
		want    string
	}{
		"empty":     {Options{}, "a name is"},
		"capital":   {Options{Name: "Weather"}, "a name is"},
		"dash":      {Options{Name: "two-words"}, "a name is"},
		"path":      {Options{Name: "../weather"}, "a name is"},
		"keyword":   {Options{Name: "func"}, "a name is"},
		"long":      {Options{Name: strings.Repeat("a", 21)}, "a name is"},
		"service":   {Options{Name: "cfg"}, "taken"},
		"folder":    {Options{Name: "docs"}, "taken"},
		"reserved":  {Options{Name: "internal"}, "taken"},
		"database":  {Options{Name: "weather", Database: "oracle"}, "no database oracle"},
		"port":      {Options{Name: "weather", Port: 4000}, "port 4000"},
		"kept port": {Options{Name: "weather", Port: 4042}, "port 4042"},
		"beside":    {Options{Name: "weather", Port: 4050}, "port 4050"},
		"low port":  {Options{Name: "weather", Port: 80}, "port 80"},
		"id":        {Options{Name: "weather", ID: "91a6"}, "a UUID"},
		"further":   {Options{Name: "weather", Database: "nms,weather"}, "no further database weather"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			files, err := Make(checkout, c.options)
			require.ErrorContains(t, err, c.want)
			require.Empty(t, files)
		})
	}
}

// A file that has changed its form makes it refuse before anything is written.
func TestNothingIsWrittenWhenAPlaceIsMissing(t *testing.T) {
	t.Parallel()
	s, err := plan(checkout, Options{Name: "weather", Database: "weather"})
	require.NoError(t, err)
	for _, e := range s.edits() {
		t.Run(e.path, func(t *testing.T) {
			t.Parallel()
			_, found := e.do("something else\n")
			require.False(t, found)

			root := t.TempDir()
			put(t, filepath.Join(root, "sql", model, "migrations", outboxMigration), nil)
			for _, other := range s.edits() {
				content, err := os.ReadFile(filepath.Join(checkout, other.path))
				require.NoError(t, err)
				if other.path == e.path {
					content = []byte("something else\n")
				}
				put(t, filepath.Join(root, other.path), content)
			}
			put(t, filepath.Join(root, model, "go.mod"), []byte("module x\n"))
			put(t, filepath.Join(root, model, "go.sum"), nil)
			for _, service := range layout.Services {
				put(t, filepath.Join(root, metricsFolder, service.Name+".txt"), nil)
			}
			before := tree(t, root)
			_, err := Make(root, Options{Name: "weather", Database: "weather"})
			require.ErrorContains(t, err, e.path)
			require.Equal(t, before, tree(t, root))
		})
	}
}

func put(t *testing.T, name string, content []byte) {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Dir(name), 0o755))
	require.NoError(t, os.WriteFile(name, content, 0o600))
}

// tree returns all files with their content.
func tree(t *testing.T, root string) map[string]string {
	t.Helper()
	files := map[string]string{}
	require.NoError(t, filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(name)
		files[name] = string(content)
		return err
	}))
	return files
}

// In an existing database a service's table comes behind what is there, and no list of databases changes.
func TestAnExistingDatabaseIsLeftAsItIs(t *testing.T) {
	t.Parallel()
	s, err := plan(checkout, Options{Name: "weather", Database: "dwh"})
	require.NoError(t, err)
	require.False(t, s.OwnDatabase)
	wired, err := s.wire(checkout)
	require.NoError(t, err)
	require.Len(t, wired, len(s.serviceEdits()))
	files, err := s.files(checkout)
	require.NoError(t, err)
	for _, f := range files {
		require.NotContains(t, f.path, outboxMigration)
	}
}

// What the template makes today is what the services have: a change of one is a change of all.
func TestTheServicesHaveTheTemplatesShape(t *testing.T) {
	t.Parallel()
	imports := regexp.MustCompile(`(?s)import \(.*?\)\n`)
	squeeze := func(text string) string { // the first line says what the service is; the order of imports is free
		_, code, _ := strings.Cut(text, "\n")
		return imports.ReplaceAllStringFunc(code, func(block string) string {
			return strings.Join(slices.Sorted(strings.FieldsFuncSeq(block, func(r rune) bool { return r == '\n' })), "\n")
		})
	}
	read := func(name string) string {
		content, err := os.ReadFile(filepath.Join(checkout, name))
		require.NoError(t, err)
		return string(content)
	}
	compose := read("compose.yaml")
	for _, l := range layout.Services {
		if len(l.Databases) == 0 {
			continue // the tool makes none without a database
		}
		t.Run(l.Name, func(t *testing.T) {
			t.Parallel()
			base, _, ok := baseOf(l.Databases[0], l.Name)
			require.True(t, ok)
			s := &service{
				Name: l.Name, Database: l.Databases[0], DSNVariable: layout.DSNVariable(l.Databases[0]),
				PortVariable: layout.PortVariable(l.Name), Port: l.Port, Kind: base.kind, Read: base.read, Write: base.write,
			}
			for _, name := range []string{"main.go", "internal/app/variables_test.go"} {
				want, err := s.render("templates/service/" + name + ".tmpl")
				require.NoError(t, err)
				require.Equal(t, squeeze(string(want)), squeeze(read(l.Name+"/"+name)), name)
			}
			build := read(l.Name + "/internal/app/app.go")
			settings, open := "backbone.Settings", "backbone.Open(ctx, s, settings.Settings)"
			if l.Name == "auth" { // which signs the tokens
				settings, open = "backbone.IssuerSettings", "backbone.OpenIssuer(ctx, s, settings.IssuerSettings)"
			}
			for _, line := range []string{
				"var Identity = service.Identity{", fmt.Sprintf("Port:        %d,", l.Port), "Events:      Events,", "config.Base", settings,
				"backbone.Database[db." + s.Kind + "](ctx, s, ", open, "backbone.Relay(s, pool, b",
				fmt.Sprintf("config.PostgresDSN `envconfig:%q required:\"true\" ", s.DSNVariable),
			} {
				require.Contains(t, build, line, "app.go")
			}
			routes := read(l.Name + "/internal/api/routes.go")
			require.Contains(t, routes, "\ntype Deps struct {\n")
			require.Contains(t, routes, "\nfunc Register(a *api.API, d Deps) {\n")
			require.Contains(t, read(l.Name+"/internal/app/events.go"), fmt.Sprintf("var Events = event.NewCatalogue(%q,", l.Name))

			// Its lines in the lists are those that the tool would write.
			blank, found := s.compose("x:\n  CORS_ORIGINS: ${CORS_ORIGINS:-x}\n\nservices:\nvolumes:\n")
			require.True(t, found)
			_, entry, _ := strings.Cut(blank, "services:\n")
			for line := range strings.Lines(strings.TrimSuffix(entry, "\nvolumes:\n")) {
				require.Contains(t, compose, strings.TrimSuffix(line, "]\n"), "compose.yaml") // a list may go on, with further secrets
			}
		})
	}
}

func TestPortsAndMigrationsGoOn(t *testing.T) {
	t.Parallel()
	port, err := choosePort("weather", 0)
	require.NoError(t, err)
	for _, s := range layout.Services {
		require.NotEqual(t, s.Port, port)
	}
	require.GreaterOrEqual(t, port, firstPort)

	dir := t.TempDir()
	now := time.Date(2026, 11, 23, 14, 0, 0, 0, time.UTC)
	number, err := nextMigration(dir, now)
	require.NoError(t, err)
	require.Equal(t, "20261123140000", number)
	put(t, filepath.Join(dir, "20270101000005_later.sql"), nil)
	put(t, filepath.Join(dir, "20260101000009_earlier.sql"), nil)
	number, err = nextMigration(dir, now)
	require.NoError(t, err)
	require.Equal(t, "20270101000006", number)
}

// A service over two databases opens both, and each of its lists names both.
func TestAServiceMayHaveSeveralDatabases(t *testing.T) {
	t.Parallel()
	s, err := plan(checkout, Options{Name: "weather", Database: "nms,dwh", ID: "91A6B4EB-4B05-424E-BFC7-1D06FFB60C7A"})
	require.NoError(t, err)
	require.Equal(t, "91a6b4eb-4b05-424e-bfc7-1d06ffb60c7a", s.ID)
	for name, lines := range map[string][]string{
		"templates/service/internal/app/app.go.tmpl":      {`envconfig:"DB_NMS_DSN"`, `envconfig:"DB_DWH_DSN"`, "backbone.Database[db.DWH](ctx, s, settings.DWH, settings.Limits)"},
		"templates/service/internal/app/app_test.go.tmpl": {`"DB_NMS_DSN": pgtest.DSN[db.NMS](t).Reveal()`, `"DB_DWH_DSN": pgtest.DSN[db.DWH](t).Reveal()`},
	} {
		content, err := s.render(name)
		require.NoError(t, err)
		for _, line := range lines {
			require.Contains(t, string(content), line)
		}
	}
	wired, err := s.wire(checkout)
	require.NoError(t, err)
	lists := map[string]string{}
	for _, f := range wired {
		lists[f.path] = string(f.content)
	}
	require.Contains(t, lists["tools/internal/layout/layout.go"], `Databases: []string{"nms", "dwh"}},`)
	require.Contains(t, lists["compose.yaml"], "      DB_NMS_DSN_FILE: /run/secrets/db_nms_dsn\n      DB_DWH_DSN_FILE: /run/secrets/db_dwh_dsn\n    secrets: [jwt_secret_key, mq_dsn, redis_dsn, db_nms_dsn, db_dwh_dsn]\n")
	require.Contains(t, lists["deploy/helm/nms/values.yaml"], "    databases: [nms, dwh]\n")
	require.Contains(t, lists["docs/architecture.md"], "| databases `nms`, `dwh` |\n")
}

// What a list says of a service it says of the new one, and nothing is left to be done by hand: its metrics are those that
// every service has, and it is kept apart from the others as they are from each other.
func TestANewServiceIsListedLikeTheOthers(t *testing.T) {
	t.Parallel()
	s, err := plan(checkout, Options{Name: "weather"})
	require.NoError(t, err)
	files, err := s.files(checkout)
	require.NoError(t, err)
	wired, err := s.wire(checkout)
	require.NoError(t, err)
	lists := map[string]string{}
	for _, f := range append(files, wired...) {
		lists[f.path] = string(f.content)
	}
	metrics := lists["deploy/prometheus/metrics/weather.txt"]
	require.Contains(t, metrics, "nms_build_info gauge\n")
	require.NotContains(t, metrics, "inbox_")
	require.Contains(t, lists["README.md"], "(`console`);\n- the **items** (say what they are for) (`weather`).\n")
	require.Contains(t, lists[".devcontainer/devcontainer.json"], fmt.Sprintf(", %d, 15432,", s.Port))
	rules := lists[".golangci.yml"]
	for _, l := range layout.Services {
		_, rule, found := strings.Cut(rules, "\n        "+l.Name+":\n")
		require.True(t, found, l.Name)
		rule, _, _ = strings.Cut(rule, `"nms.example/tools"`)
		require.Contains(t, rule, `"nms.example/weather"`, l.Name)
	}
	_, rule, found := strings.Cut(rules, "\n        weather:\n")
	require.True(t, found)
	rule, library, found := strings.Cut(rule, `"nms.example/tools"`)
	require.True(t, found)
	for _, l := range layout.Services {
		require.Contains(t, rule, `"nms.example/`+l.Name+`"`)
	}
	_, library, _ = strings.Cut(library, "common-imports-no-service:")
	library, _, _ = strings.Cut(library, "test-packages-only")
	require.Contains(t, library, `"nms.example/weather", desc: "services depend on common`)
}

// The containers of a new service get the address of its new database: the secret is made, listed, and given to PostgreSQL,
// which creates the role, to the migrator and to the service.
func TestANewDatabaseIsASecretOfTheContainers(t *testing.T) {
	t.Parallel()
	s := &service{Name: "weather", Database: "weather", DSNVariable: "DB_WEATHER_DSN", PortVariable: "WEATHER_PORT", Port: 4045}
	read := func(name string) string {
		content, err := os.ReadFile(filepath.Join(checkout, name))
		require.NoError(t, err)
		return string(content)
	}
	compose, found := s.compose(read("compose.yaml"))
	require.True(t, found)
	compose, found = s.composeDatabase(compose)
	require.True(t, found)
	for _, line := range []string{
		"    secrets: [postgres_password, db_auth_dsn, db_nms_dsn, db_dwh_dsn, db_admin_dsn, db_weather_dsn]\n",
		"    secrets: [db_auth_dsn, db_nms_dsn, db_dwh_dsn, db_admin_dsn, db_weather_dsn]\n",
		"    secrets: [jwt_secret_key, mq_dsn, redis_dsn, db_weather_dsn]\n",
		"      DB_ADMIN_DSN_FILE: /run/secrets/db_admin_dsn\n      DB_WEATHER_DSN_FILE: /run/secrets/db_weather_dsn\n    secrets: [db_auth",
		"  db_weather_dsn: {file: \"${SECRETS_DIR:?deploy/compose/secrets.sh fills it}/db_weather_dsn\"}\n",
		"    ports: [\"127.0.0.1:${WEATHER_PORTS:-${WEATHER_PORT:-4045}}:4045\"]\n",
	} {
		require.Contains(t, compose, line)
	}
	script, found := s.databaseSecret(read("deploy/compose/secrets.sh"))
	require.True(t, found)
	require.Contains(t, script, "database weather \"${WEATHER_DB_PASSWORD:-$(random)}\"\n")
	script, found = s.createDatabase(read("deploy/compose/create-databases.sh"))
	require.True(t, found)
	require.Contains(t, script, "\ncreate admin\ncreate weather\n")
}
