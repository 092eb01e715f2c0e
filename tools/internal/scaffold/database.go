package scaffold

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// databaseEdits put a new database into every file that lists the databases. Migrator, tests and the native stack
// need none: they read sql/schema.go and layout.go.
func (s *service) databaseEdits() []edit {
	return []edit{
		{"sql/schema.go", s.schema},
		{"common/db/kind.go", s.kind},
		{"common/service/health.go", s.healthBit},
		{"common/backbone/backbone.go", s.bitOf},
		{"tools/internal/layout/layout.go", s.databaseLayout},
		{"deploy/compose/create-databases.sh", s.createDatabase},
		{"deploy/compose/secrets.sh", s.databaseSecret},
		{"deploy/helm/nms/values.yaml", s.chartSecret},
		{"deploy/helm/nms-servers/values.yaml", s.chartDatabase},
		{"compose.yaml", s.composeDatabase},
		{".env.example", s.envExample},
		{"docs/operating.md", s.operating},
	}
}

// exported is the database's name as a Go identifier.
func (s *service) exported() string { return strings.ToUpper(s.Database[:1]) + s.Database[1:] }

func (s *service) schema(content string) (string, bool) {
	content, embedded := replace(content, `(?m)^(//go:embed .*)$`, "${1} "+s.Database+"/migrations/*.sql")
	content, named := replace(content, `(?m)^\t(Admin Database = .*\n)`, fmt.Sprintf("\t${1}\t%s Database = %q // items (say what it is for)\n", s.exported(), s.Database))
	content, all := replace(content, `(return \[\]Database\{[\w, ]+)\}`, "${1}, "+s.exported()+"}")
	return gofmt(content, embedded && named && all)
}

func (s *service) kind(content string) (string, bool) {
	content, declared := replace(content, `(?m)^(\tADMIN struct\{\}\n)`,
		fmt.Sprintf("${1}\t// %s is the kind of the database `%s`: items.\n\t%s struct{}\n", s.Kind, s.Database, s.Kind))
	content, united := replace(content, `type Kind interface ?\{\s*([\w| ]+?)\s*\}`, "type Kind interface{ ${1} | "+s.Kind+" }")
	content, switched := replace(content, `(?m)^\tdefault:\n\t\treturn schema\.Admin\n`,
		fmt.Sprintf("\tcase %s:\n\t\treturn schema.%s\n${0}", s.Kind, s.exported()))
	return gofmt(content, declared && united && switched)
}

var bits = regexp.MustCompile(`HealthBit += 1 << (\d+)`)

// healthBit takes the next free bit: those that are given away keep their meaning for ever.
func (s *service) healthBit(content string) (string, bool) {
	next := nextBit(content)
	content, found := replace(content, `(?m)^(\tCache +HealthBit = 1 << \d+\n(?:\t\w+DB +HealthBit = 1 << \d+\n)*)`,
		fmt.Sprintf("${1}\t%sDB HealthBit = 1 << %d\n", s.exported(), next))
	return gofmt(content, found)
}

func nextBit(content string) int {
	next := 0
	for _, match := range bits.FindAllStringSubmatch(content, -1) {
		if n, err := strconv.Atoi(match[1]); err == nil {
			next = max(next, n+1)
		}
	}
	return next
}

func (s *service) bitOf(content string) (string, bool) {
	return replace(content, `(?m)^\tdefault:\n\t\treturn service\.AdminDB\n`,
		fmt.Sprintf("\tcase schema.%[1]s:\n\t\treturn service.%[1]sDB\n${0}", s.exported()))
}

func (s *service) databaseLayout(content string) (string, bool) {
	return replace(content, `(var Databases = \[\]string\{[^}]*)\}`, fmt.Sprintf("${1}, %q}", s.Database))
}

func (s *service) createDatabase(content string) (string, bool) {
	return replace(content, `(?m)^create admin\n`, fmt.Sprintf("${0}create %s\n", s.Database))
}

func (s *service) databaseSecret(content string) (string, bool) {
	return replace(content, `(?m)^database admin .*\n`,
		fmt.Sprintf("${0}database %s \"$${%s_DB_PASSWORD:-$$(random)}\"\n", s.Database, strings.ToUpper(s.Database)))
}

// chartSecret names the Secret with the database's address, chartDatabase has the database made.
func (s *service) chartSecret(content string) (string, bool) {
	return replace(content, `(?m)^    admin: \{name: nms-db-admin, .*\n`, fmt.Sprintf("${0}    %[1]s: {name: nms-db-%[1]s, key: dsn}\n", s.Database))
}

func (s *service) chartDatabase(content string) (string, bool) {
	return replace(content, `(?m)^    admin: \{secret: nms-db-admin\}\n`, fmt.Sprintf("${0}    %[1]s: {secret: nms-db-%[1]s}\n", s.Database))
}

// composeDatabase lists the secret with the database's address, and mounts it in PostgreSQL and the migrator.
func (s *service) composeDatabase(content string) (string, bool) {
	const last = "db_dwh_dsn, db_admin_dsn"
	secret := "db_" + s.Database + "_dsn"
	content, migrated := replace(content, `(?m)^      DB_DWH_DSN_FILE: .*\n      DB_ADMIN_DSN_FILE: .*\n`,
		fmt.Sprintf("${0}      %s_FILE: /run/secrets/%s\n", s.DSNVariable, secret))
	content, listed := replace(content, `(?m)^  db_admin_dsn: (\{file: .*/)db_admin_dsn("\}\n)`, fmt.Sprintf("${0}  %[1]s: ${1}%[1]s${2}", secret))
	return strings.ReplaceAll(content, last, last+", "+secret), migrated && listed && strings.Contains(content, last)
}

func (s *service) envExample(content string) (string, bool) {
	return replace(content, `(?m)^DB_ADMIN_DSN=.*\n`, fmt.Sprintf("${0}%[1]s=postgres://%[2]s:CHANGE_ME@127.0.0.1:5432/%[2]s\n", s.DSNVariable, s.Database))
}

var bitRow = regexp.MustCompile(`(?m)^\| (\d+) \| \d+ \| .*\n`)

func (s *service) operating(content string) (string, bool) {
	next := 0
	for _, match := range bitRow.FindAllStringSubmatch(content, -1) {
		if n, err := strconv.Atoi(match[1]); err == nil {
			next = max(next, n+1)
		}
	}
	return after(content, bitRow, fmt.Sprintf("| %d | %d | database `%s` | `%s` is not ready |\n", next, 1<<next, s.Database, s.Name))
}
