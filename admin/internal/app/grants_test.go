package app_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"nms.example/common/db"
	"nms.example/common/pgtest"
)

// In production the service may run as a role that can only read the journal and add to it. All of it works so.
func TestTheServiceNeedsNoMoreThanItIsGranted(t *testing.T) {
	t.Parallel()
	b := prepare(t)
	role, dsn := pgtest.Role(t, b.dsn)
	_, err := b.pool.Exec(t.Context(), "SELECT admin_service_grant($1)", role)
	require.NoError(t, err)
	b.settings["DB_ADMIN_DSN"] = dsn.Reveal()
	b.admin = b.start()

	c := b.consume("test.refusing", true)
	b.publish(change("cfg.equipment.updated", "17", time.Now(), nil, nil))
	l := b.dead(1)[0]
	c.set(false)
	b.client().Post("/dead-letters/"+strconv.FormatInt(l.ID, 10)+"/replay", nil).Is(200)
	b.client().Delete("/dead-letters/" + strconv.FormatInt(l.ID, 10)).Is(204)
	b.journalled(3)
	require.Contains(t, b.admin.Log(), "partitions of the journal were made")

	mine := pgtest.Open[db.ADMIN](t, db.Settings{DSN: dsn, Limits: db.Limits{MaxConns: 2}})
	for _, statement := range []string{
		"UPDATE event SET actor = ''", "DELETE FROM event", "TRUNCATE event", "DROP TABLE event",
		"ALTER TABLE event DISABLE TRIGGER ALL", "DELETE FROM event_default", "ALTER TABLE event DETACH PARTITION event_default",
		"INSERT INTO event_default (time, id, seq, source, type, subject) VALUES (now(), gen_random_uuid(), 1, '', '', '')",
		"SELECT admin_service_grant('" + role + "')", "DELETE FROM schema_migrations", "CREATE TABLE event_2099_01 ()",
	} {
		_, err := mine.Exec(t.Context(), statement+" -- provoked by a test")
		refused(t, err, statement)
	}
}
