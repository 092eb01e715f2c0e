package stack

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The oldest versions that the services are tested with.
const (
	minPostgres = "15"
	minRedis    = "7.0"
	minRabbit   = "3.10"
)

// Binaries are the servers' programs found on this machine.
type Binaries struct {
	Initdb, Postgres string
	Redis            string
	Rabbit, Epmd     string
	PostgresVersion  string
	RedisVersion     string
	RabbitVersion    string
}

// missing is one program that was not found, or found too old.
type missing struct {
	what     string
	packages []string // Debian's and Ubuntu's
	hint     string
}

// locate looks for the three servers where the usual packages put them.
func locate(ctx context.Context) (Binaries, []missing) {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	var found Binaries
	var absent []missing
	if err := found.locatePostgres(ctx); err != nil {
		absent = append(absent, missing{what: fmt.Sprintf("PostgreSQL %s or newer: %v", minPostgres, err),
			packages: []string{"postgresql"}, hint: "POSTGRES_BIN=<folder of initdb and postgres>"})
	}
	if err := found.locateRedis(ctx); err != nil {
		absent = append(absent, missing{what: fmt.Sprintf("Redis %s or newer: %v", minRedis, err),
			packages: []string{"redis-server"}, hint: "REDIS_BIN=<folder of redis-server>"})
	}
	if err := found.locateRabbit(ctx); err != nil {
		absent = append(absent, missing{what: fmt.Sprintf("RabbitMQ %s or newer: %v", minRabbit, err),
			packages: []string{"rabbitmq-server"}, hint: "RABBITMQ_BIN=<folder of rabbitmq-server>"})
	}
	return found, absent
}

var errNotFound = errors.New("not found")

func (b *Binaries) locatePostgres(ctx context.Context) error {
	folders := candidates("POSTGRES_BIN", "postgres",
		"/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/usr/local/pgsql/bin", "/opt/postgresql*/bin")
	found := errNotFound
	for _, folder := range folders {
		postgres, initdb := filepath.Join(folder, "postgres"), filepath.Join(folder, "initdb")
		if !executable(postgres) || !executable(initdb) {
			continue
		}
		version, err := versionOf(ctx, postgres, "--version")
		if err != nil {
			found = err
			continue
		}
		if !atLeast(version, minPostgres) {
			found = fmt.Errorf("%s is version %s", postgres, version)
			continue
		}
		if b.Postgres == "" || atLeast(version, b.PostgresVersion) {
			b.Postgres, b.Initdb, b.PostgresVersion = postgres, initdb, version
		}
		if os.Getenv("POSTGRES_BIN") != "" {
			break
		}
	}
	if b.Postgres == "" {
		return found
	}
	return nil
}

func (b *Binaries) locateRedis(ctx context.Context) error {
	found := errNotFound
	for _, folder := range candidates("REDIS_BIN", "redis-server", "/usr/bin", "/usr/local/bin", "/opt/redis*/bin") {
		path := filepath.Join(folder, "redis-server")
		if !executable(path) {
			continue
		}
		version, err := versionOf(ctx, path, "--version")
		if err == nil && atLeast(version, minRedis) {
			b.Redis, b.RedisVersion = path, version
			return nil
		}
		found = fmt.Errorf("%s is version %s", path, version)
	}
	return found
}

// locateRabbit prefers the script inside the package's own folder: Debian's /usr/sbin/rabbitmq-server changes
// to the user rabbitmq by itself and works for root only.
func (b *Binaries) locateRabbit(ctx context.Context) error {
	found := errNotFound
	folders := candidates("RABBITMQ_BIN", "", "/usr/lib/rabbitmq/bin", "/usr/lib/rabbitmq/lib/rabbitmq_server-*/sbin",
		"/opt/rabbitmq*/sbin", "/usr/local/sbin", "/usr/local/lib/rabbitmq/sbin")
	for _, folder := range folders {
		path := filepath.Join(folder, "rabbitmq-server")
		if !executable(path) {
			continue
		}
		version := rabbitVersion(ctx, path)
		if !atLeast(version, minRabbit) {
			found = fmt.Errorf("%s is version %s", path, version)
			continue
		}
		epmd, err := locateEpmd()
		if err != nil {
			return err
		}
		b.Rabbit, b.Epmd, b.RabbitVersion = path, epmd, version
		return nil
	}
	return found
}

func locateEpmd() (string, error) {
	for _, folder := range candidates("ERLANG_BIN", "epmd", "/usr/lib/erlang/bin", "/usr/lib/erlang/erts-*/bin",
		"/usr/local/lib/erlang/bin", "/usr/lib64/erlang/bin", "/opt/erlang/bin") {
		if path := filepath.Join(folder, "epmd"); executable(path) {
			return path, nil
		}
	}
	return "", errors.New("epmd, which comes with Erlang, was not found")
}

// rabbitVersion reads the version off the folder's name, which costs nothing; asking the program takes seconds.
func rabbitVersion(ctx context.Context, script string) string {
	for _, pattern := range []string{filepath.Join(filepath.Dir(script), "..", "lib", "rabbitmq_server-*"), script} {
		matches, _ := filepath.Glob(pattern)
		for _, match := range matches {
			if resolved, err := filepath.EvalSymlinks(match); err == nil {
				match = resolved
			}
			if _, rest, ok := strings.Cut(match, "rabbitmq_server-"); ok {
				return versionPattern.FindString(rest)
			}
		}
	}
	version, _ := versionOf(ctx, filepath.Join(filepath.Dir(script), "rabbitmqctl"), "version")
	return version
}

// candidates lists the folders to look in: the one that the variable names, or else PATH's and the patterns',
// newest name first.
func candidates(variable, program string, patterns ...string) []string {
	if folder := os.Getenv(variable); folder != "" {
		return []string{folder}
	}
	var folders []string
	for _, pattern := range patterns {
		matches, _ := filepath.Glob(pattern)
		slices.Reverse(matches)
		folders = append(folders, matches...)
	}
	if program == "" {
		return folders
	}
	if path, err := exec.LookPath(program); err == nil {
		if resolved, err := filepath.EvalSymlinks(path); err == nil && filepath.Base(resolved) == program {
			path = resolved
		}
		folders = append([]string{filepath.Dir(path)}, folders...)
	}
	return folders
}

func executable(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && info.Mode().Perm()&0o111 != 0
}

var versionPattern = regexp.MustCompile(`\d+(\.\d+)+|\d+`)

// versionOf asks a program for its version. Redis writes "v=7.0.15", PostgreSQL "(PostgreSQL) 15.13 (…)".
func versionOf(ctx context.Context, program string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.WaitDelay = time.Second
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%s %s: %w", program, strings.Join(args, " "), err)
	}
	version := versionPattern.FindString(string(out))
	if version == "" {
		return "", fmt.Errorf("%s %s tells no version", program, strings.Join(args, " "))
	}
	return version, nil
}

// atLeast compares dotted versions number by number; a missing number counts as 0.
func atLeast(version, least string) bool {
	if version == "" {
		return false
	}
	have, want := strings.Split(version, "."), strings.Split(least, ".")
	for i := range max(len(have), len(want)) {
		h, w := part(have, i), part(want, i)
		if h != w {
			return h > w
		}
	}
	return true
}

func part(parts []string, i int) int {
	if i >= len(parts) {
		return 0
	}
	n, _ := strconv.Atoi(parts[i])
	return n
}
