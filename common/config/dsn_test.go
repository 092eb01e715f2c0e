package config_test

import (
	"net/url"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/require"

	"nms.example/common/config"
)

// The driver itself says whether everything in the address has arrived.
func TestPostgresDSNReachesTheDriverWhole(t *testing.T) {
	t.Parallel()
	type host struct {
		name string
		port uint16
	}
	tests := map[string]struct {
		dsn      string
		shown    string
		user     string
		password string
		database string
		hosts    []host
		runtime  map[string]string
	}{
		"port and query": {
			"postgres://u:p@db:5433/nms?application_name=x&sslmode=disable", "postgres://db:5433/nms",
			"u", "p", "nms", []host{{"db", 5433}}, map[string]string{"application_name": "x"},
		},
		"default port":              {"postgresql://u:p@db/nms?sslmode=disable", "postgresql://db:5432/nms", "u", "p", "nms", []host{{"db", 5432}}, nil},
		"percent-encoded password":  {"postgres://u:p%40s%2Fs%3A%23%25@db:1/nms?sslmode=disable", "postgres://db:1/nms", "u", "p@s/s:#%", "nms", []host{{"db", 1}}, nil},
		"at sign in the password":   {"postgres://u:p@ss@db:1/nms?sslmode=disable", "postgres://db:1/nms", "u", "p@ss", "nms", []host{{"db", 1}}, nil},
		"character net/url refuses": {"postgres://u:p^s@db:1/nms?sslmode=disable", "postgres://db:1/nms", "u", "p^s", "nms", []host{{"db", 1}}, nil},
		"several hosts":             {"postgres://u:p@h1:5432,h2:5433/nms?sslmode=disable", "postgres://h1:5432,h2:5433/nms", "u", "p", "nms", []host{{"h1", 5432}, {"h2", 5433}}, nil},
		"port on one host only":     {"postgres://u:p@h1:5433,h2/nms?sslmode=disable", "postgres://h1:5433,h2:5432/nms", "u", "p", "nms", []host{{"h1", 5433}, {"h2", 5432}}, nil},
		"IPv6":                      {"postgres://u:p@[::1]:5433/nms?sslmode=disable", "postgres://[::1]:5433/nms", "u", "p", "nms", []host{{"::1", 5433}}, nil},
		"socket in the query":       {"postgres://u@/nms?host=/run/pg", "postgres://%2Frun%2Fpg/nms", "u", "", "nms", []host{{"/run/pg", 5432}}, nil},
		"socket as host":            {"postgres://u:p@%2Frun%2Fpg:5433/nms", "postgres://%2Frun%2Fpg/nms", "u", "p", "nms", []host{{"/run/pg", 5433}}, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dsn := postgres(t, tt.dsn)
			require.Equal(t, tt.shown, dsn.String())
			c, err := pgconn.ParseConfig(dsn.Reveal())
			require.NoError(t, err)
			require.Equal(t, tt.user, c.User)
			require.Equal(t, tt.password, c.Password)
			require.Equal(t, tt.database, c.Database)
			got := []host{{c.Host, c.Port}}
			for _, f := range c.Fallbacks {
				got = append(got, host{f.Host, f.Port})
			}
			require.Equal(t, tt.hosts, got)
			for k, v := range tt.runtime {
				require.Equal(t, v, c.RuntimeParams[k])
			}
		})
	}
}

func TestBadDSNsAreRefusedWithoutTheirText(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"s3cret", "s3cret://u:s3cret@h/db", "mysql://u:s3cret@h/db", "postgres:/s3cret", "postgres://",
		"postgres:///s3cret", "postgres://u:s3cret@/db", "postgres://u:s3cret@h:port/db", "postgres://u:s3cret@h:0/db",
		"postgres://u:s3cret@h:65536/db", "postgres://u:s3cret/x@h/db", "postgres://u:s3cret#@h/db",
		"postgres://u:s3cret%zz@h/db", "postgres://u:s3 cret@h/db", "postgres://u:s3cret\n@h/db",
		"postgres://u:p@h/db?s3cret=%zz", "postgres://u:p@h/s3cret%", "postgres://u:p@::1:5432/s3cret",
		"postgres://u:p@s3cret%00/db", "postgres://u:p@s3cret%2Fh/db", "postgres://u:p@s3cret%3Fh/db", "postgres://u:p@s3cret%40h/db",
		"postgres://u:s3cret@h1,,h2/db",
	} {
		var d config.PostgresDSN
		err := d.Decode(text)
		require.Error(t, err, text)
		require.NotContains(t, err.Error(), "s3cret")
		require.True(t, d.IsZero())
	}
}

func TestAMQPAndRedisDSN(t *testing.T) {
	t.Parallel()
	var mq config.AMQPDSN
	require.NoError(t, mq.Decode("amqps://u:p%2F@mq/%2Fnms?heartbeat=10"))
	require.Equal(t, "amqps://mq:5671/%2Fnms", mq.String())
	require.Equal(t, []string{"amqps://u:p%2F@mq:5671/%2Fnms?heartbeat=10"}, mq.PerHost())
	u, err := url.Parse(mq.Reveal())
	require.NoError(t, err)
	require.Equal(t, "10", u.Query().Get("heartbeat"))
	require.NoError(t, mq.Decode("amqp://u:p@ss@h1:5673,h2,[::1]:5674/nms"))
	require.Equal(t, "amqp://h1:5673,h2:5672,[::1]:5674/nms", mq.String())
	require.Equal(t, []string{"amqp://u:p%40ss@h1:5673/nms", "amqp://u:p%40ss@h2:5672/nms", "amqp://u:p%40ss@[::1]:5674/nms"}, mq.PerHost())
	require.Empty(t, config.AMQPDSN{}.PerHost())
	require.Error(t, mq.Decode("amqp:///vhost"))
	require.Error(t, mq.Decode("amqp://h1,,h2/vhost"))
	require.Error(t, mq.Decode("redis://h"))

	for text, shown := range map[string]string{
		"redis://:pw@r:6380/2":        "redis://r:6380/2",
		"rediss://u:pw@r":             "rediss://r:6379",
		"redis://r1:1,r2:2?master=nm": "redis://r1:1,r2:2",
		"unix:///run/redis.sock":      "unix:///run/redis.sock",
	} {
		var r config.RedisDSN
		require.NoError(t, r.Decode(text))
		require.Equal(t, shown, r.String())
		require.Equal(t, text, r.Reveal())
	}
	for _, text := range []string{"redis://", "unix://", "unix:///", "http://r"} {
		var r config.RedisDSN
		require.Error(t, r.Decode(text), text)
	}
}
