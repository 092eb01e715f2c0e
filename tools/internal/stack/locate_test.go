package stack

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// saying makes an executable file that says one line.
func saying(t *testing.T, dir, name, line string) {
	t.Helper()
	require.NoError(t, os.MkdirAll(dir, 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\necho '"+line+"'\n"), 0o700))
}

// The folders that variables name are looked into, and no others.
//
//nolint:paralleltest // variables are set
func TestServersAreFoundWhereVariablesSay(t *testing.T) {
	dir := t.TempDir()
	postgres, redis := filepath.Join(dir, "postgres"), filepath.Join(dir, "redis")
	rabbit, erlang := filepath.Join(dir, "rabbitmq_server-4.1.2", "sbin"), filepath.Join(dir, "erlang")
	for variable, folder := range map[string]string{"POSTGRES_BIN": postgres, "REDIS_BIN": redis, "RABBITMQ_BIN": rabbit, "ERLANG_BIN": erlang} {
		t.Setenv(variable, folder)
	}
	_, absent := locate(t.Context())
	require.Len(t, absent, 3, "whatever else is installed")

	saying(t, postgres, "initdb", "")
	saying(t, postgres, "postgres", "postgres (PostgreSQL) 14.9")
	saying(t, redis, "redis-server", "Redis server v=6.2.14")
	saying(t, rabbit, "rabbitmq-server", "")
	saying(t, erlang, "epmd", "")
	_, absent = locate(t.Context())
	require.Len(t, absent, 2)
	require.Contains(t, absent[0].what, "version 14.9")
	require.Contains(t, absent[1].what, "version 6.2.14")

	saying(t, postgres, "postgres", "postgres (PostgreSQL) 18.1 (Debian 18.1-1)")
	saying(t, redis, "redis-server", "Redis server v=8.0.3 sha=00000000:0")
	found, absent := locate(t.Context())
	require.Empty(t, absent)
	require.Equal(t, Binaries{
		Initdb: filepath.Join(postgres, "initdb"), Postgres: filepath.Join(postgres, "postgres"), PostgresVersion: "18.1",
		Redis: filepath.Join(redis, "redis-server"), RedisVersion: "8.0.3",
		Rabbit: filepath.Join(rabbit, "rabbitmq-server"), Epmd: filepath.Join(erlang, "epmd"), RabbitVersion: "4.1.2",
	}, found)
}
