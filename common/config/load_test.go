package config_test

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"nms.example/common/config"
)

type settings struct {
	config.Base

	Auth config.PostgresDSN `envconfig:"DB_AUTH_DSN" required:"true" desc:"Where the users are."`
	Bus  config.AMQPDSN     `envconfig:"MQ_DSN" required:"true"`
	JWT  struct {
		Key config.Secret   `envconfig:"JWT_SECRET_KEY" required:"true"`
		Old []config.Secret `envconfig:"JWT_SECRET_KEYS_OLD"`
	}
}

func complete(more ...string) map[string]string {
	all := map[string]string{
		"DB_AUTH_DSN":    "postgres://auth:pw1@db:5432/auth",
		"MQ_DSN":         "amqp://guest:pw2@mq:5672/",
		"JWT_SECRET_KEY": "P4xCg7Dhk+Db",
	}
	for i := 0; i+1 < len(more); i += 2 {
		all[more[i]] = more[i+1]
	}
	return all
}

func load(t *testing.T, from map[string]string) (settings, []string) {
	t.Helper()
	var s settings
	warnings, err := config.Load(&s, config.WithSettings(from))
	require.NoError(t, err)
	return s, warnings
}

func envFile(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "shared.env")
	require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
	return path
}

func TestDefaults(t *testing.T) {
	t.Parallel()
	s, warnings := load(t, complete())
	require.Empty(t, warnings)
	require.Equal(t, config.Prod, s.Environment)
	require.Equal(t, time.UTC, s.TZ.Location())
	require.Equal(t, "127.0.0.1", s.Host)
	require.Equal(t, slog.LevelInfo, s.Level())
	require.Equal(t, 8*time.Second, s.ShutdownTimeout)
	require.EqualValues(t, 8<<20, s.MaxBodyBytes)
	require.Empty(t, s.CORSOrigins)
	require.Equal(t, "P4xCg7Dhk+Db", s.JWT.Key.Reveal())
}

func TestSettingsOfTheOriginalsEnvFile(t *testing.T) {
	t.Parallel()
	path := envFile(t, `TZ=Europe/Moscow
ENVIRONMENT=dev
TESTING=True
DEBUG=True
DB_NMS_DSN=postgres://nms:nms@nms-db:5432/nms
DB_DWH_DSN=postgres://dwh:dwh@nms-db:5432/dwh
DB_AUTH_DSN=postgres://auth:auth@nms-db:5432/auth
MQ_DSN=amqp://guest:guest@nms-mq:5672/
JWT_SECRET_KEY=P4xCg7Dhk+Db
`)
	s, warnings := load(t, map[string]string{"ENV_FILE": path})
	require.Empty(t, warnings, "another service's variables are no misspellings")
	require.Equal(t, "Europe/Moscow", s.TZ.String())
	require.Equal(t, config.Dev, s.Environment)
	require.True(t, s.Testing)
	require.True(t, s.Debug)
	require.Equal(t, slog.LevelDebug, s.Level())
	require.Equal(t, "P4xCg7Dhk+Db", s.JWT.Key.Reveal())
}

func TestEnvironmentGoesBeforeTheFile(t *testing.T) {
	t.Parallel()
	path := envFile(t, "PORT=4100\nLOG_LEVEL=warn\nCORS_ORIGINS=https://a.example\n")
	s, _ := load(t, complete("ENV_FILE", path, "PORT", "4200", "CORS_ORIGINS", ""))
	require.EqualValues(t, 4200, s.Port)
	require.Equal(t, slog.LevelWarn, s.LogLevel)
	require.Empty(t, s.CORSOrigins, "set to nothing in the environment hides the file's")
}

func TestSingleQuotesOfTheFileKeepWhatTheyHold(t *testing.T) {
	t.Parallel()
	const key = "a key with $HOME and # in it, long enough"
	from := complete("ENV_FILE", envFile(t, "PORT=4100 # the port\nJWT_SECRET_KEY='"+key+"'\n"))
	delete(from, "JWT_SECRET_KEY")
	s, _ := load(t, from)
	require.EqualValues(t, 4100, s.Port)
	require.Equal(t, key, s.JWT.Key.Reveal())
}

func TestTheExampleFileIsAStart(t *testing.T) {
	t.Parallel()
	example, err := os.ReadFile(filepath.Join("..", "..", ".env.example"))
	require.NoError(t, err)
	filled := strings.Replace(string(example), "JWT_SECRET_KEY=\n", "JWT_SECRET_KEY='"+strings.Repeat("k", 40)+"'\n", 1)
	filled = strings.NewReplacer("# LOG_LEVEL", "LOG_LEVEL", "# CORS", "CORS", "# TRUSTED", "TRUSTED", "# OTEL", "OTEL").Replace(filled)
	s, warnings := load(t, map[string]string{"ENV_FILE": envFile(t, filled)})
	require.Empty(t, warnings)
	require.Equal(t, slog.LevelDebug, s.LogLevel)
	require.Equal(t, "Europe/Moscow", s.TZ.String())
}

func TestAllFaultsComeAtOnceWithoutValues(t *testing.T) {
	t.Parallel()
	var s settings
	_, err := config.Load(&s, config.WithSettings(map[string]string{
		"DB_AUTH_DSN":      "postgres://auth:s3cr%et@db:5432/auth",
		"MQ_DSN":           "",
		"PORT":             "s3cret-port",
		"DEBUG":            "s3cret-bool",
		"TZ":               "s3cret/Zone",
		"ENVIRONMENT":      "s3cret-env",
		"LOG_LEVEL":        "s3cret-level",
		"RATE_BURST":       "0",
		"HEALTH_INTERVAL":  "s3cret",
		"SHUTDOWN_TIMEOUT": "1h",
		"CORS_ORIGINS":     "https://a.example/s3cret",
		"TRUSTED_PROXIES":  "s3cret",
	}))
	var faults *config.Error
	require.ErrorAs(t, err, &faults)
	names := make([]string, 0, len(faults.Faults))
	for _, f := range faults.Faults {
		names = append(names, f.Name)
		require.NotEmpty(t, f.Expected, f.Name)
	}
	require.ElementsMatch(t, []string{
		"DB_AUTH_DSN", "MQ_DSN", "PORT", "DEBUG", "TZ", "ENVIRONMENT", "LOG_LEVEL", "RATE_BURST",
		"HEALTH_INTERVAL", "SHUTDOWN_TIMEOUT", "CORS_ORIGINS", "TRUSTED_PROXIES", "JWT_SECRET_KEY",
	}, names)
	text := err.Error()
	require.NotContains(t, text, "s3cr")
	require.NotContains(t, text, "\n")
	require.Contains(t, text, "MQ_DSN is missing (expected: amqp://")
	require.Contains(t, text, "PORT is wrong (expected: a whole number from 0 to 65535)")
	require.Contains(t, text, "SHUTDOWN_TIMEOUT is wrong (expected: a duration such as 30s or 5m from 100ms to 10m)")
}

func TestBooleans(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"True": true, "true": true, "TRUE": true, "1": true, "yes": true, "on": true,
		"False": false, "false": false, "0": false, "No": false, "off": false, "": false,
	} {
		s, _ := load(t, complete("DEBUG", text))
		require.Equal(t, want, s.Debug, "%q", text)
	}
}

func TestListsAreTrimmed(t *testing.T) {
	t.Parallel()
	s, _ := load(t, complete(
		"CORS_ORIGINS", " https://a.example , http://localhost:8080,",
		"TRUSTED_PROXIES", "10.0.0.0/8, 192.0.2.1",
		"JWT_SECRET_KEYS_OLD", "one, two"))
	require.Equal(t, []string{"https://a.example", "http://localhost:8080"}, s.CORSOrigins)
	require.Equal(t, []string{"10.0.0.0/8", "192.0.2.1"}, s.TrustedProxies)
	require.Len(t, s.JWT.Old, 2)
	require.Equal(t, "two", s.JWT.Old[1].Reveal())
}

func TestMisspeltVariablesAreNamed(t *testing.T) {
	t.Parallel()
	path := envFile(t, "JWT_SECRET_KYE=s3cret\nDB_ATUH_DSN=s3cret\nmq_dsn=s3cret\nWHATEVER_ELSE=s3cret\nDB_NMS_DSN=s3cret\nCOMPOSE_PROJECT_NAME=x\n")
	_, warnings := load(t, complete("ENV_FILE", path, "JWT_SECRET_KEY_FIEL", "", "JWT_SECRET_KEYS_ODL", "s3cret", "HOME", "/", "HOSTNAME", "x"))
	require.Equal(t, []string{
		"the variable DB_ATUH_DSN is not read; did you mean DB_AUTH_DSN?",
		"the variable JWT_SECRET_KEYS_ODL is not read; did you mean JWT_SECRET_KEYS_OLD?",
		"the variable JWT_SECRET_KEY_FIEL is not read; did you mean JWT_SECRET_KEY_FILE?",
		"the variable JWT_SECRET_KYE is not read; did you mean JWT_SECRET_KEY?",
		"the variable mq_dsn is not read; did you mean MQ_DSN?",
	}, warnings, "in .env and in the environment; what is far from every name is left alone")
}

func TestAFieldWithoutAVariableIsRefused(t *testing.T) {
	t.Parallel()
	var s struct {
		config.Base

		Inner struct{ Forgotten int }
	}
	_, err := config.Load(&s, config.WithSettings(nil))
	require.ErrorContains(t, err, "Forgotten has no envconfig tag")
	require.ErrorContains(t, config.WriteTable(new(strings.Builder), &s), "Forgotten")
}

func TestFileThatCannotBeRead(t *testing.T) {
	t.Parallel()
	var s settings
	_, err := config.Load(&s, config.WithSettings(complete("ENV_FILE", filepath.Join(t.TempDir(), "none.env"))))
	require.ErrorContains(t, err, "ENV_FILE is wrong")

	path := envFile(t, "TZ=UTC\nDEBUG=True\nJWT SECRET!=s3cret\nPORT=1\n")
	_, err = config.Load(&s, config.WithSettings(complete("ENV_FILE", path)))
	require.ErrorContains(t, err, "line 3")
	require.NotContains(t, err.Error(), "s3cret")
}

func TestSecretsFromFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, content string) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
		return path
	}
	from := complete(
		"JWT_SECRET_KEY", "", "JWT_SECRET_KEY_FILE", write("key", "from-a-file\n"),
		"JWT_SECRET_KEYS_OLD_FILE", write("old", "a\nb\n"),
		"DB_AUTH_DSN", "", "DB_AUTH_DSN_FILE", write("dsn", "postgres://auth:pw@db/auth\n"))
	s, _ := load(t, from)
	require.Equal(t, "from-a-file", s.JWT.Key.Reveal())
	require.Equal(t, "postgres://auth:pw@db/auth", s.Auth.Reveal())
	require.Len(t, s.JWT.Old, 2)

	for name, value := range map[string]string{
		"both":    from["JWT_SECRET_KEY_FILE"],
		"no file": filepath.Join(dir, "none"),
		"folder":  dir,
	} {
		broken := complete("JWT_SECRET_KEY_FILE", value)
		if name != "both" {
			broken["JWT_SECRET_KEY"] = ""
		}
		_, err := config.Load(&s, config.WithSettings(broken))
		require.ErrorContains(t, err, "JWT_SECRET_KEY_FILE is wrong", name)
	}
	_, err := config.Load(&s, config.WithSettings(complete("JWT_SECRET_KEY", "", "JWT_SECRET_KEY_FILE", write("empty", "\n"))))
	require.ErrorContains(t, err, "JWT_SECRET_KEY is missing")
}

func TestDefaultOfOneService(t *testing.T) {
	t.Parallel()
	var s settings
	_, err := config.Load(&s, config.WithDefault("PORT", "4041"), config.WithSettings(complete()))
	require.NoError(t, err)
	require.EqualValues(t, 4041, s.Port)
}

func TestTable(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	require.NoError(t, config.WriteTable(&b, new(settings), config.WithDefault("PORT", "4000")))
	require.Contains(t, b.String(), "| `PORT` | `4000` | Port to listen on")
	require.Contains(t, b.String(), "| `DB_AUTH_DSN` | **required** | Where the users are. Or the path of a file with it in `DB_AUTH_DSN_FILE`. |")
	require.Contains(t, b.String(), "| `CORS_ORIGINS` | – |")
}

func TestEveryCommonVariableIsDescribed(t *testing.T) {
	t.Parallel()
	variables, err := config.Variables(new(config.Base))
	require.NoError(t, err)
	for _, v := range variables {
		require.NotEmpty(t, v.Description, v.Name)
	}
}

func TestLoadNeedsAPointer(t *testing.T) {
	t.Parallel()
	_, err := config.Load(settings{})
	require.ErrorContains(t, err, "pointer to a struct")
}
