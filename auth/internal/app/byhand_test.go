package app_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"nms.example/common/db"
	"nms.example/common/pgtest"
	"nms.example/common/servicetest"
)

// What an administrator of the database does by hand, with the guide's own statements.

func TestTheLastAdministratorStaysByHandToo(t *testing.T) {
	t.Parallel()
	s := setup(t)
	pool := pgtest.Open[db.AUTH](t, db.Settings{DSN: s.dsn})
	_, err := pool.Exec(t.Context(), "INSERT INTO roles (id, description, access) VALUES ('lesser', 'lesser', 1)")
	require.NoError(t, err)
	for _, statement := range []string{
		"UPDATE users SET status = 1", "UPDATE users SET status = -1", "UPDATE users SET role_id = 'lesser'", "DELETE FROM users",
		"UPDATE roles SET access = 1",
	} {
		_, err := pool.Exec(t.Context(), statement)
		require.ErrorContains(t, err, "the last administrator cannot be taken away", statement)
	}
	s.admin()
}

func TestNoSessionComesBackWithABackup(t *testing.T) {
	t.Parallel()
	s := setup(t)
	open := s.login("admin_nms", adminPassword)
	_, text, found := strings.Cut(servicetest.Text(t, "docs/operating.md"), "\n**After restoring a backup of the database `auth`**")
	require.True(t, found)
	_, text, found = strings.Cut(text, "`UPDATE ")
	require.True(t, found)
	statements, _, found := strings.Cut(text, "`")
	require.True(t, found)

	s.Stop(t)
	_, err := pgtest.Open[db.AUTH](t, db.Settings{DSN: s.dsn}).Exec(t.Context(), "UPDATE "+statements)
	require.NoError(t, err)
	s.Instance = s.start()
	s.eventually("the token is refused", func() bool {
		return s.as(open.Access).Get("/me").Status == http.StatusUnauthorized
	})
	s.refused(refreshGrant(open.Refresh), "invalid_grant")
	s.admin().Get("/me").Is(http.StatusOK)
}
