package config_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"

	"nms.example/common/config"
)

func postgres(t *testing.T, text string) config.PostgresDSN {
	t.Helper()
	var d config.PostgresDSN
	require.NoError(t, d.Decode(text))
	return d
}

// hidden has the secrets where fmt finds them by reflection only.
type hidden struct {
	key  config.Secret
	dsn  config.PostgresDSN
	keys []config.Secret
}

func TestSecretsAreNeverPrinted(t *testing.T) {
	t.Parallel()
	const text = "s3cret-text"
	key := config.NewSecret(text)
	dsn := postgres(t, "postgres://user7:"+text+"@db.example:5433/auth?sslpassword="+text)
	h := hidden{key, dsn, []config.Secret{key}}
	hex := fmt.Sprintf("%x", text)

	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%T", "%10v", "%t"} {
		for _, value := range []any{key, &key, dsn, &dsn, h, &h, []any{key, dsn}, map[string]any{"k": key}, errors.Join(fmt.Errorf("%v", key))} {
			got := fmt.Sprintf(verb, value)
			require.NotContains(t, got, "s3cret", verb)
			require.NotContains(t, got, hex, verb)
			require.NotContains(t, got, "user7", verb)
		}
	}
	for _, value := range []any{key, dsn, h, map[string]any{"k": key, "d": &dsn}} {
		encoded, err := json.Marshal(value)
		require.NoError(t, err)
		require.NotContains(t, string(encoded), "s3cret")
		var log bytes.Buffer
		slog.New(slog.NewTextHandler(&log, nil)).Info("x", "value", value)
		slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "value", value)
		require.NotContains(t, log.String(), "s3cret")
	}
	encoded, err := xml.Marshal(key)
	require.NoError(t, err)
	require.NotContains(t, string(encoded), "s3cret")

	require.Equal(t, "[redacted]", key.String())
	require.Equal(t, `"[redacted]"`, fmt.Sprintf("%q", key))
	require.Equal(t, "postgres://db.example:5433/auth", dsn.String())
	require.Equal(t, text, key.Reveal())
}

func TestZeroSecret(t *testing.T) {
	t.Parallel()
	var key config.Secret
	require.True(t, key.IsZero())
	require.Empty(t, key.Reveal())
	require.Empty(t, key.String())
	require.True(t, config.NewSecret("").IsZero())
	require.True(t, config.PostgresDSN{}.IsZero())
	require.Empty(t, config.PostgresDSN{}.Reveal())
}
