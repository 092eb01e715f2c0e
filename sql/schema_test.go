package schema_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/require"

	schema "nms.example/sql"
)

func TestEveryDatabaseHasWellNamedMigrations(t *testing.T) {
	t.Parallel()
	for _, d := range schema.Databases() {
		versions, err := schema.Versions(d)
		require.NoError(t, err)
		require.NotEmpty(t, versions)
		require.IsIncreasing(t, versions)
		require.Equal(t, versions[len(versions)-1], schema.Latest(d))
		require.Equal(t, schema.Version("20261123000001"), versions[0], "the outbox opens every database")
	}
}

func TestOutboxIsTheSameEverywhere(t *testing.T) {
	t.Parallel()
	model, err := schema.Files.ReadFile(schema.Auth.Dir() + "/20261123000001_outbox.sql")
	require.NoError(t, err)
	for _, d := range schema.Databases() {
		own, err := schema.Files.ReadFile(d.Dir() + "/20261123000001_outbox.sql")
		require.NoError(t, err)
		require.Equal(t, string(model), string(own), "%s", d)
	}
}

func TestParse(t *testing.T) {
	t.Parallel()
	d, err := schema.Parse("nms")
	require.NoError(t, err)
	require.Equal(t, "DB_NMS_DSN", d.Variable())
	_, err = schema.Parse("NMS ")
	require.ErrorContains(t, err, `there is no database "NMS ": the databases are auth, nms, dwh`)
	require.Empty(t, schema.Latest("none"))
}

func TestVersionOrder(t *testing.T) {
	t.Parallel()
	require.True(t, schema.Version("").Before("20261123000001"))
	require.True(t, schema.Version("20261123000001").Before("20261123000002"))
	require.True(t, schema.Version("9").Before("10"))
	require.False(t, schema.Version("20261123000001").Before("20261123000001"))
	require.Equal(t, "none", schema.Version("").String())
}

func TestConnectErrorsAreOneSentenceWithoutSecrets(t *testing.T) {
	t.Parallel()
	cfg := &pgconn.Config{Host: "db", Port: 5432, User: "nms", Database: "nms", Password: "pa55word"}
	server := func(code string) error {
		return fmt.Errorf("dial pa55word: %w", &pgconn.PgError{Code: code, Message: "pa55word"})
	}
	for name, c := range map[string]struct {
		err  error
		want string
	}{
		"refused":   {&net.OpError{Op: "dial", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}, "nothing listens there"},
		"name":      {&net.DNSError{Name: "db", IsNotFound: true}, "the host name is not known"},
		"time":      {fmt.Errorf("pa55word: %w", context.DeadlineExceeded), "no answer in time"},
		"cancelled": {context.Canceled, "called off"},
		"other":     {errors.New("pa55word"), "broken off"},
		"password":  {server("28P01"), `refuses the user "nms": wrong password`},
		"database":  {server("3D000"), `has no database "nms": create it first`},
		"denied":    {server("42501"), "may not connect"},
		"full":      {server("53300"), "no connection left"},
		"starting":  {server("57P03"), "starting up or shutting down"},
		"unknown":   {server("XX000"), "SQLSTATE XX000"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := schema.ConnectError(schema.NMS, cfg, c.err)
			require.ErrorContains(t, err, c.want)
			require.ErrorIs(t, err, c.err)
			require.NotContains(t, err.Error(), "pa55word")
			require.NotContains(t, err.Error(), "\n")
		})
	}
	require.NoError(t, schema.ConnectError(schema.NMS, cfg, nil))
}
