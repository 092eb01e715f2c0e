package app_test

import (
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"nms.example/common/servicetest"
)

// A past month is taken out of the journal with the guide's own statement and dumped, while the service runs.
func TestAPastMonthIsArchived(t *testing.T) {
	t.Parallel()
	b := setup(t)
	const documented = "event_2026_11"
	past := time.Now().UTC().AddDate(0, -2, 0)
	month := "event_" + past.Format("2006_01")
	_, err := b.pool.Exec(t.Context(), "SELECT event_partition_make($1)", past)
	require.NoError(t, err)
	b.publish(change("cfg.equipment.updated", "past", past, nil, nil), change("cfg.equipment.updated", "present", time.Now(), nil, nil))
	b.journalled(2)

	_, text, found := strings.Cut(servicetest.Text(t, "docs/operating.md"), "(`ALTER TABLE event DETACH PARTITION "+documented)
	require.True(t, found)
	rest, _, _ := strings.Cut(text, "`")
	_, err = b.pool.Exec(t.Context(), "ALTER TABLE event DETACH PARTITION "+month+rest)
	require.NoError(t, err)
	dump, err := exec.CommandContext(t.Context(), "pg_dump", "--table="+month, b.dsn.Reveal()).CombinedOutput()
	require.NoError(t, err, "%s", dump)
	require.Contains(t, string(dump), "\tcfg.equipment.updated\tpast\t")

	b.publish(change("cfg.equipment.updated", "next", time.Now(), nil, nil))
	b.journalled(2)
	b.admin.Stop(t)
	b.admin = b.start() // looks for the months that it has to make
	b.publish(change("cfg.equipment.updated", "last", time.Now(), nil, nil))
	b.journalled(3)
	require.Equal(t, "last next present", b.events("").subjects())
	require.EqualValues(t, 1, b.count(month))
}
