package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	schema "nms.example/sql"
	"nms.example/sql/internal/testdb"
)

type call struct {
	out, errs strings.Builder
	env       map[string]string
}

func (c *call) run(t *testing.T, args ...string) int {
	t.Helper()
	c.out.Reset()
	c.errs.Reset()
	return run(t.Context(), append(args, "--env-file", filepath.Join(t.TempDir(), "none")), func(name string) string { return c.env[name] }, &c.out, &c.errs)
}

func TestFromEmptyToReadyAndBack(t *testing.T) {
	t.Parallel()
	c := &call{env: map[string]string{"DB_ADMIN_DSN": testdb.New(t)}}
	versions, err := schema.Versions(schema.Admin)
	require.NoError(t, err)
	count, latest := len(versions), schema.Latest(schema.Admin)

	require.Zero(t, c.run(t, "status"))
	require.Contains(t, c.out.String(), fmt.Sprintf("admin: at none, %d pending up to %s\n", count, latest))
	require.Equal(t, 1, c.run(t, "wait", "admin", "--timeout", "2s"))
	require.Contains(t, c.errs.String(), "gave up waiting: database admin is not migrated yet")
	require.Zero(t, c.run(t, "up"))
	require.Contains(t, c.out.String(), fmt.Sprintf("admin: %d migrations applied, now at %s\n", count, latest))
	require.Zero(t, c.run(t, "up"))
	require.Contains(t, c.out.String(), fmt.Sprintf("admin: up to date at %s\n", latest))
	require.Zero(t, c.run(t, "wait"))
	require.Equal(t, "admin: ready\n", c.out.String())
	require.Zero(t, c.run(t, "down", "--all", "admin"))
	require.Contains(t, c.out.String(), fmt.Sprintf("admin: %d migrations undone\n", count))
	require.Equal(t, 1, c.run(t, "down", "admin"))
	require.Equal(t, "migrate: database admin: no migration is applied\n", c.errs.String())
}

func TestAnAddressMayComeFromAFile(t *testing.T) {
	t.Parallel()
	dsn, path := testdb.New(t), filepath.Join(t.TempDir(), "dsn")
	require.NoError(t, os.WriteFile(path, []byte(dsn+"\n"), 0o600))
	c := &call{env: map[string]string{"DB_ADMIN_DSN_FILE": path}}
	for _, args := range [][]string{{"status"}, {"status", "admin"}} {
		require.Zero(t, c.run(t, args...), c.errs.String())
		require.Contains(t, c.out.String(), "admin: at none")
	}
	c.env["DB_ADMIN_DSN"] = dsn
	require.Equal(t, 1, c.run(t, "status"))
	require.Equal(t, "migrate: set either DB_ADMIN_DSN or DB_ADMIN_DSN_FILE, not both\n", c.errs.String())
	c.env = map[string]string{"DB_ADMIN_DSN_FILE": path + ".none"}
	require.Equal(t, 1, c.run(t, "status", "admin"))
	require.Contains(t, c.errs.String(), "migrate: DB_ADMIN_DSN_FILE: open "+path+".none")
}

func TestWrongCalls(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		args []string
		env  map[string]string
		code int
		want string
	}{
		"nothing":       {nil, nil, 2, "no command given"},
		"command":       {[]string{"sideways"}, nil, 2, `there is no command "sideways"`},
		"flag":          {[]string{"up", "--force"}, nil, 2, "not defined: -force"},
		"steps":         {[]string{"down", "--steps", "0", "nms"}, nil, 2, "must be over 0"},
		"down whom":     {[]string{"down", "--all"}, nil, 2, "name the databases"},
		"no database":   {[]string{"up"}, nil, 1, "no database is set: give DB_AUTH_DSN"},
		"unknown name":  {[]string{"up", "nsm"}, nil, 1, `there is no database "nsm"`},
		"not set":       {[]string{"up", "nms"}, nil, 1, "database nms is not set: give DB_NMS_DSN"},
		"unreachable":   {[]string{"up"}, map[string]string{"DB_NMS_DSN": "postgres://nms:pa55word@127.0.0.1:1/nms"}, 1, "nothing listens there"},
		"no such place": {[]string{"up"}, map[string]string{"DB_NMS_DSN": "mysql://nms:pa55word@127.0.0.1:1/nms"}, 1, "DB_NMS_DSN is not a postgres://"},
		"wrong part":    {[]string{"up"}, map[string]string{"DB_NMS_DSN": "postgres://nms:pa55word@127.0.0.1:1/nms?sslmode=pa55"}, 1, "DB_NMS_DSN is not a postgres://"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := &call{env: test.env}
			require.Equal(t, test.code, c.run(t, test.args...))
			require.Contains(t, c.errs.String(), test.want)
			require.NotContains(t, c.errs.String(), "pa55")
		})
	}
}

func TestVersionNeedsNoServer(t *testing.T) {
	t.Parallel()
	c := &call{}
	require.Zero(t, c.run(t, "version"))
	require.Len(t, strings.Split(strings.TrimSpace(c.out.String()), "\n"), 5)
	require.Zero(t, c.run(t, "--help"))
	require.Contains(t, c.errs.String(), "usage: migrate")
}

func TestEnvironmentComesBeforeTheFile(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), ".env")
	require.NoError(t, os.WriteFile(file, []byte("DB_NMS_DSN=postgres://f:f@127.0.0.1:1/file\nDB_DWH_DSN=postgres://f:f@127.0.0.1:1/file\nJWT_SECRET_KEY=x\n"), 0o600))
	c := command{envFile: file}
	targets, err := c.targets(func(name string) string {
		return map[string]string{"DB_NMS_DSN": "postgres://e:e@127.0.0.1:1/environment"}[name]
	})
	require.NoError(t, err)
	require.Len(t, targets, 2)
	require.Contains(t, targets[0].URL, "environment")
	require.Contains(t, targets[1].URL, "file")

	require.NoError(t, os.WriteFile(file, []byte("A=\"pa55word"), 0o600))
	_, err = c.targets(os.Getenv)
	require.ErrorContains(t, err, "cannot be read")
	require.NotContains(t, err.Error(), "pa55word")
}
