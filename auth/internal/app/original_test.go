package app_test

import (
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"nms.example/common/authn"
	"nms.example/common/config"
	"nms.example/common/db"
	"nms.example/common/pgtest"
	"nms.example/common/servicetest"
)

// The guide is followed step by step, before the first start. The hash is of "a password from python", made by
// libxcrypt; the texts look like what the recipe renames.
func TestAnOriginalsTablesAreTakenOver(t *testing.T) {
	t.Parallel()
	s, settings := settingsFor(t)
	settings["BCRYPT_COST"] = "6"
	const guide, heading = "docs/operating.md", "## Users of an original system"
	shell, sql := servicetest.Blocks(t, guide, heading, "sh"), servicetest.Blocks(t, guide, heading, "sql")
	require.Len(t, shell, 1)
	require.Len(t, sql, 3)

	load := exec.CommandContext(t.Context(), "sh", "-eu", "-c", shell[0])
	load.Dir = t.TempDir()
	load.Env = append(os.Environ(), "ORIGINAL_DSN="+original(t).Reveal(), "DB_AUTH_DSN="+s.dsn.Reveal())
	out, err := load.CombinedOutput()
	require.NoError(t, err, string(out))
	left, err := os.ReadDir(load.Dir)
	require.NoError(t, err)
	require.Empty(t, left, "no copy of the hashes stays behind")

	conn, err := pgx.Connect(t.Context(), s.dsn.Reveal())
	require.NoError(t, err)
	defer conn.Close(t.Context())
	for query := range strings.SplitSeq(strings.TrimSuffix(strings.TrimSpace(sql[0]), ";"), ";") {
		require.Empty(t, logins(t, conn, query), query)
	}
	shown, err := os.ReadFile("../../import/original.sql")
	require.NoError(t, err)
	_, section, ok := strings.Cut(string(shown), "shows this text.\n")
	require.True(t, ok)
	require.Equal(t, section, sql[1], guide+" shows another text than import/original.sql")
	_, err = conn.Exec(t.Context(), sql[1])
	require.NoError(t, err)
	require.Equal(t, []string{"chief"}, logins(t, conn, sql[2]), "who can go on")

	s.Instance = s.start()
	pool := pgtest.Open[db.AUTH](t, db.Settings{DSN: s.dsn})
	tk := s.login("Оператор", "a password from python")
	s.as(tk.Access).Get("/me").Is(http.StatusOK)
	var login, name, hash, description string
	require.NoError(t, pool.QueryRow(t.Context(), `SELECT login, name, password_hash, description FROM users u JOIN roles r ON r.id = role_id
		WHERE login_key(login) = login_key('оператор')`).Scan(&login, &name, &hash, &description))
	require.Equal(t, []string{"public.name", "Смотрит на public.data"}, []string{name, description})
	require.True(t, strings.HasPrefix(hash, "$2a$06$"), "the login renews a hash of a lower cost: %s", hash[:7])
	admin := s.as(s.login("chief", "a password from python").Access)
	require.EqualValues(t, authn.AllPermissions, admin.Get("/me").Is(http.StatusOK).Field("access"))
	s.refused(passwordGrant("gone", "a password from python"), "invalid_grant")
	s.refused(passwordGrant("admin_nms", adminPassword), "invalid_grant")
	require.Greater(t, s.user(admin, "after the import", "operator"), int64(40))
}

// logins reads the login that each row of a query shows.
func logins(t *testing.T, conn *pgx.Conn, query string) []string {
	t.Helper()
	rows, err := conn.Query(t.Context(), query)
	require.NoError(t, err, query)
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (login string, err error) {
		values, err := row.Values()
		if err != nil {
			return "", err
		}
		login, _ = values[0].(string)
		return login, nil
	})
	require.NoError(t, err)
	return found
}

// original makes the database of an original system.
func original(t *testing.T) config.PostgresDSN {
	t.Helper()
	dsn := pgtest.EmptyDSN(t)
	conn, err := pgx.Connect(t.Context(), dsn.Reveal())
	require.NoError(t, err)
	defer conn.Close(t.Context())
	const hash = "$2b$05$abcdefghijklmnopqrstuuct.CsqrTg2BB/j2yXstdBFnKB8RSx.q"
	_, err = conn.Exec(t.Context(), `
		CREATE TABLE user_roles (id varchar(80) PRIMARY KEY, description varchar(80), access bigint NOT NULL);
		CREATE TABLE users (id serial PRIMARY KEY, login varchar(50) NOT NULL, name varchar(80) NOT NULL,
			password varchar(60) NOT NULL, role_id varchar(80) REFERENCES user_roles, status int NOT NULL DEFAULT 0, dark_theme boolean,
			create_dt timestamptz, update_dt timestamptz);
		CREATE TABLE others (id int);
		GRANT SELECT ON users TO pg_monitor;
		INSERT INTO user_roles VALUES ('chief', '', 4227858455), ('operator', 'Смотрит на public.data', 1 << 26);
		INSERT INTO users (id, login, name, password, role_id, status) VALUES
			(38, 'chief', 'C', '`+hash+`', 'chief', 0), (39, 'оператор', 'public.name', '`+hash+`', 'operator', 0),
			(40, 'gone', 'G', '`+hash+`', 'operator', -1);
		SELECT setval('users_id_seq', 40)`)
	require.NoError(t, err)
	return dsn
}
