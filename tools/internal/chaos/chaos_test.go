//go:build workshop

package chaos

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"nms.example/tools/internal/stack"
)

// The short proof, with everything real: ./task chaos is the same with more of it.
func TestNothingIsLostInChaos(t *testing.T) {
	t.Parallel()
	checkout, err := stack.FindCheckout(".")
	require.NoError(t, err)
	var out bytes.Buffer
	report, err := Run(t.Context(), checkout, stack.PrivateOptions{Env: ShortEnv()}, Short(&out))
	require.NoError(t, err, out.String())
	var text strings.Builder
	report.Write(&text)
	t.Log("\n" + text.String())
	require.Empty(t, report.Violations, text.String())
	require.Len(t, report.Faults, 21)
	for _, fault := range report.Faults {
		require.Positive(t, fault.Done, "%s: there was no traffic", fault.Name)
	}
	require.Len(t, report.Kills, Short(nil).Kills)
	require.Positive(t, report.ReadBack)
	var entities []string
	for _, row := range report.Entities {
		entities = append(entities, row.Entity)
		require.Positive(t, row.Journal, row.Entity)
	}
	require.Subset(t, entities, []string{"ctrl.alarm", "auth.login", "auth.role", "auth.session", "auth.user", "cfg.command", "cfg.command_toc",
		"cfg.equipment", "cfg.telemetry", "ctrl.command", "inbox.signal", "inbox.trace"})
	var commands CommandRow
	for _, row := range report.Commands {
		commands.join(row)
	}
	require.Positive(t, commands.Executed)
	require.Positive(t, commands.Unknown, "the line was silent for longer than ctrl waits")
	require.Positive(t, commands.DoubtExecuted, "what the line held back was executed later")
	require.Positive(t, commands.NotSent, "the line was cut")
	var alarms AlarmRow
	for _, row := range report.Alarms {
		alarms.join(&row)
	}
	for what, n := range map[string]int{"raised": alarms.Raised, "worse": alarms.Worse, "eased": alarms.Eased, "cleared": alarms.Cleared,
		"missed": alarms.Missed, "told": alarms.Told} {
		require.Positive(t, n, what)
	}
	require.Equal(t, alarms.Asked, alarms.Raised+alarms.Worse+alarms.Eased+alarms.Cleared)
}
