package deployment

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// mover is a test that sees a metric change on real servers: its file, below the root, and its name.
type mover struct{ file, test string }

// Tests by mechanism.
var (
	outage    = mover{"common/backbone/health_test.go", "TestAnOutageOfTheBrokerIsSeenInTheMetrics"}
	health    = mover{"common/backbone/health_test.go", "TestEveryHealthBitIsSetAndCleared"}
	backlog   = mover{"common/relay/metrics_test.go", "TestTheBacklogIsMeasured"}
	refusals  = mover{"common/bus/bus_test.go", "TestRefusedEventsAreRetriedThenDead"}
	waiting   = mover{"common/bus/bus_test.go", "TestUnavailableHoldsTheEventWithoutUsingAttempts"}
	pool      = mover{"common/db/metrics_test.go", "TestAnExhaustedPoolIsSeenInTheMetrics"}
	store     = mover{"common/cache/metrics_test.go", "TestTheMetricsOfAStoreMove"}
	fullQueue = mover{"inbox/internal/app/pressure_test.go", "TestAFullQueueAnswers503"}
	noTrace   = mover{"inbox/internal/app/amqp_test.go", "TestNoTraceIsLostOnTheWay"}
	readers   = mover{"inbox/internal/app/stream_test.go", "TestASlowReaderOfTheStreamIsDropped"}
	journal   = mover{"admin/internal/app/events_test.go", "TestARepeatedEventIsThereOnce"}
	commands  = mover{"ctrl/internal/app/metrics_test.go", "TestTheMetricsOfCommandsMove"}
	values    = mover{"ctrl/internal/app/telemetry_metrics_test.go", "TestTheMetricsOfTelemetryMove"}
	alarms    = mover{"ctrl/internal/app/alarm_metrics_test.go", "TestTheMetricsOfAlarmsMove"}
	jwks      = mover{"common/backbone/keys_test.go", "TestAServiceWaitsForTheKeysOfAuth"}
	overruns  = mover{"ctrl/internal/app/sources_test.go", "TestOnePollAtATime"}
	silent    = mover{"ctrl/internal/app/sources_test.go", "TestEquipmentThatDoesNotAnswerIsPolledMoreSeldom"}
	letters   = mover{"admin/internal/app/letters_test.go", "TestADeadLetterIsReplayedToItsOwnQueueOnce"}
)

// moved says for each metric of ours which test moves it.
var moved = map[string]mover{
	"ctrl_alarms_raised":                    alarms,
	"ctrl_alarms_unacknowledged":            alarms,
	"ctrl_commands_oldest_seconds":          commands,
	"ctrl_commands_total":                   commands,
	"ctrl_commands_unknown":                 commands,
	"ctrl_commands_waiting":                 commands,
	"ctrl_driver_duration_seconds":          commands,
	"ctrl_limits_changes_total":             alarms,
	"ctrl_limits_lag_seconds":               alarms,
	"ctrl_limits_slots":                     alarms,
	"ctrl_limits_unheld":                    alarms,
	"ctrl_limits_values_total":              alarms,
	"ctrl_notifications_oldest_seconds":     alarms,
	"ctrl_notifications_total":              alarms,
	"ctrl_notifications_waiting":            alarms,
	"ctrl_polls_backed_off":                 silent,
	"ctrl_polls_failing":                    alarms,
	"ctrl_polls_missed_total":               overruns,
	"ctrl_polls_total":                      values,
	"ctrl_queues_held":                      commands,
	"ctrl_remote_write_outside_total":       values,
	"ctrl_remote_write_samples_total":       values,
	"ctrl_remote_write_unbound_total":       values,
	"ctrl_telemetry_commit_failed_total":    values,
	"ctrl_telemetry_commit_frames":          values,
	"ctrl_telemetry_commit_seconds":         values,
	"ctrl_telemetry_known_total":            values,
	"ctrl_telemetry_late_total":             values,
	"ctrl_telemetry_refused_total":          values,
	"ctrl_telemetry_values_total":           values,
	"ctrl_telemetry_waiting":                values,
	"ctrl_telemetry_waiting_max":            values,
	"http_request_duration_seconds":         outage,
	"inbox_amqp_duration_seconds":           noTrace,
	"inbox_commit_failed_total":             noTrace,
	"inbox_commit_seconds":                  fullQueue,
	"inbox_commit_traces":                   fullQueue,
	"inbox_queue_refused_total":             fullQueue,
	"inbox_queue_traces":                    fullQueue,
	"inbox_stream_readers":                  readers,
	"nms_build_info":                        outage,
	"nms_bus_connection_losses_total":       outage,
	"nms_bus_dead_letters_total":            refusals,
	"nms_bus_handled_events_total":          outage,
	"nms_bus_published_messages_total":      outage,
	"nms_bus_refused_messages_total":        outage,
	"nms_bus_retried_events_total":          refusals,
	"nms_bus_waiting_events_total":          waiting,
	"nms_cache_asked_total":                 store,
	"nms_cache_bytes":                       store,
	"nms_cache_fills_total":                 store,
	"nms_cache_flushes_total":               store,
	"nms_cache_hits_total":                  store,
	"nms_cache_leased":                      store,
	"nms_cache_shared_total":                store,
	"nms_cache_unleased_reads_total":        store,
	"nms_db_pool_acquire_seconds_total":     pool,
	"nms_db_pool_acquire_waits_total":       pool,
	"nms_db_pool_acquires_cancelled_total":  pool,
	"nms_db_pool_acquires_total":            pool,
	"nms_db_pool_connections":               pool,
	"nms_db_pool_connections_expired_total": pool,
	"nms_db_pool_connections_max":           pool,
	"nms_db_pool_connections_opened_total":  pool,
	"nms_dead_letters_taken_total":          letters,
	"nms_dependency_up":                     health,
	"nms_health_code":                       health,
	"nms_journal_events_total":              journal,
	"nms_journal_transactions_total":        journal,
	"nms_jwks_age_seconds":                  jwks,
	"nms_jwks_failures_total":               jwks,
	"nms_jwks_keys":                         jwks,
	"nms_jwks_reads_total":                  jwks,
	"nms_jwks_refusals_total":               jwks,
	"nms_outbox_failures_total":             backlog,
	"nms_outbox_oldest_seconds":             backlog,
	"nms_outbox_published_rows_total":       backlog,
	"nms_outbox_rows":                       backlog,
}

// exposed are the metrics of all services, but for those that Prometheus' client measures of the process by itself.
func exposed(t *testing.T) map[string]bool {
	t.Helper()
	lists, err := filepath.Glob(filepath.Join(root, "deploy", "prometheus", "metrics", "*.txt"))
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(lists), 4)
	names := map[string]bool{}
	for _, list := range lists {
		content, err := os.ReadFile(list)
		require.NoError(t, err)
		for line := range strings.Lines(string(content)) {
			name, _, _ := strings.Cut(strings.TrimSpace(line), " ")
			if !strings.HasPrefix(name, "process_") && !strings.HasPrefix(name, "promhttp_") {
				names[name] = true
			}
		}
	}
	return names
}

// A metric that stands still whatever happens is worse than none: each that a service exposes has a test that moves it, which
// names it; and alerts look at these metrics alone. The lists of what is exposed are kept true by the services' own tests.
func TestEveryMetricIsSeenMoving(t *testing.T) {
	t.Parallel()
	known := exposed(t)
	for name := range known {
		require.Contains(t, moved, name, "no test moves it")
	}
	for name, by := range moved {
		require.Contains(t, known, name, "nothing exposes it")
		content, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(by.file)))
		require.NoError(t, err)
		text := string(content)
		require.Contains(t, text, "func "+by.test+"(t *testing.T)", by.file)
		require.Contains(t, text, name, "%s does not name it", by.file)
	}
}
