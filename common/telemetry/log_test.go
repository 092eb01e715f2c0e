package telemetry_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"nms.example/common/config"
	"nms.example/common/request"
	"nms.example/common/telemetry"
)

const traceParent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

func jsonLogger(t *testing.T) (*slog.Logger, func() map[string]any) {
	t.Helper()
	moscow, err := time.LoadLocation("Europe/Moscow")
	require.NoError(t, err)
	var out bytes.Buffer
	logger := telemetry.NewLogger(&out, telemetry.LogOptions{
		Service: "auth", Version: "v1.2.3", Level: slog.LevelInfo, JSON: true, Location: moscow,
	})
	return logger, func() map[string]any {
		line := map[string]any{}
		require.NoError(t, json.Unmarshal(out.Bytes(), &line), out.String())
		out.Reset()
		return line
	}
}

func TestLinesNameServiceRequestAndTrace(t *testing.T) {
	t.Parallel()
	logger, last := jsonLogger(t)
	ctx := request.WithActor(request.WithID(t.Context(), "r-1"), "user:7")
	ctx = continued(ctx, traceParent)
	logger.With("a", 1).InfoContext(ctx, "hello")
	line := last()
	for key, want := range map[string]any{
		"msg": "hello", "service": "auth", "version": "v1.2.3", "request_id": "r-1", "actor": "user:7",
		"trace_id": "4bf92f3577b34da6a3ce929d0e0e4736", "span_id": "00f067aa0ba902b7", "level": "INFO",
	} {
		require.Equal(t, want, line[key], key)
	}
	require.Regexp(t, `\+03:00$`, line["time"])

	logger.Info("outside a request")
	line = last()
	require.NotContains(t, line, "request_id")
	require.NotContains(t, line, "trace_id")
}

func TestSecretsDoNotReachTheLog(t *testing.T) {
	t.Parallel()
	logger, last := jsonLogger(t)
	logger.Info("dial amqp://guest:s3cret@mq:5672/ failed",
		"password", "s3cret", "Authorization", "Bearer s3cret", "key", config.NewSecret("s3cret"),
		"error", errors.New("dial redis://:s3cret@r:1/0 and postgres://u:s3@cret@h/db: refused"),
		slog.Group("inner", "token", "s3cret", "url", "http://u:s3cret@h/"))
	line := last()
	text, err := json.Marshal(line)
	require.NoError(t, err)
	require.NotContains(t, string(text), "s3cret")
	require.NotContains(t, string(text), "s3@cret")
	require.Equal(t, "dial amqp://[redacted]@mq:5672/ failed", line["msg"])
	require.Equal(t, "dial redis://[redacted]@r:1/0 and postgres://[redacted]@h/db: refused", line["error"])

	logger.With("token", "s3cret").WithGroup("outer").Info("as a value of its own", "valuer", valuer{})
	line = last()
	require.Equal(t, "[redacted]", line["token"])
	require.Equal(t, map[string]any{"valuer": map[string]any{"dsn": "[redacted]", "port": 5432.0}}, line["outer"])
}

// valuer shows itself as a group.
type valuer struct{}

func (valuer) LogValue() slog.Value {
	return slog.GroupValue(slog.String("dsn", "postgres://u:s3cret@h/db"), slog.Int("port", 5432))
}

func TestURLsWithoutUserStay(t *testing.T) {
	t.Parallel()
	const text = "see http://127.0.0.1:4000/users?mail=a@b and mail c@d"
	require.Equal(t, text, telemetry.RedactURLs(text))
}
