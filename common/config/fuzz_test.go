package config

import (
	"bytes"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// FuzzDSN reads anything as the address of a server. What is taken is a URL; what is refused is not repeated, as it
// may hold a password.
func FuzzDSN(f *testing.F) {
	for _, seed := range []string{
		"postgres://u:p@h:5432/db?sslmode=disable", "amqp://guest:guest@127.0.0.1:5672/", "redis://:p%40@[::1]:6379/0", "redis://a,b,c/0", "postgres://u:p%zz@h/db", "://", "redis://h:99999", "postgres://\x00", "amqps://u:p@h/%2f",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var p PostgresDSN
		var a AMQPDSN
		var r RedisDSN
		for _, d := range []interface {
			Decode(value string) error
			Reveal() string
		}{&p, &a, &r} {
			err := d.Decode(text)
			if err != nil {
				if len(text) > 16 {
					require.NotContains(t, err.Error(), text)
				}
				continue
			}
			if revealed := d.Reveal(); !strings.Contains(revealed, ",") { // several hosts are no URL for the library
				_, err = url.Parse(revealed)
				require.NoError(t, err)
			}
		}
	})
}

// FuzzEnvFile reads anything as a .env file: an error names a line of it and repeats none.
func FuzzEnvFile(f *testing.F) {
	for _, seed := range []string{"A=1\nB='x y'\n", "A=\"", "export A=$B", "# c\n\nA: 1", "A=${A}", "\x00=\xff", "=", "A=1\nsecret password\n", "A='${B:-x}'"} {
		f.Add([]byte(seed))
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, content []byte) {
		file := filepath.Join(dir, "env")
		require.NoError(t, os.WriteFile(file, content, 0o600))
		report := new(Report)
		values := readEnvFile(&options{file: file, mustFile: true}, report)
		if values == nil {
			require.LessOrEqual(t, firstBadLine(content), bytes.Count(content, []byte("\n"))+1)
		}
	})
}
