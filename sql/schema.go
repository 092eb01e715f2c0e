// Package schema carries the databases' migrations, so that every program knows the schema it was built
// for: the migrator applies the files, the services compare a database's version with Latest.
package schema

import (
	"embed"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"
)

// Files holds <database>/migrations/*.sql of every database.
//
//go:embed auth/migrations/*.sql nms/migrations/*.sql dwh/migrations/*.sql admin/migrations/*.sql
var Files embed.FS

// Database names one of the system's databases.
type Database string

// The databases.
const (
	Auth  Database = "auth"  // users, roles, sessions, API keys
	NMS   Database = "nms"   // the managed equipment and its catalogues
	DWH   Database = "dwh"   // traces and signals
	Admin Database = "admin" // the journal
)

// Databases lists all of them in the order in which they are migrated.
func Databases() []Database { return []Database{Auth, NMS, DWH, Admin} }

// Parse finds the database of that name.
func Parse(name string) (Database, error) {
	if d := Database(name); slices.Contains(Databases(), d) {
		return d, nil
	}
	all := make([]string, 0, len(Databases()))
	for _, d := range Databases() {
		all = append(all, string(d))
	}
	last := len(all) - 1
	return "", fmt.Errorf("there is no database %q: the databases are %s and %s", name, strings.Join(all[:last], ", "), all[last])
}

// Variable is the environment variable that holds the database's URL, such as DB_NMS_DSN.
func (d Database) Variable() string { return "DB_" + strings.ToUpper(string(d)) + "_DSN" }

// Dir is the folder of the database's migrations in Files.
func (d Database) Dir() string { return string(d) + "/migrations" }

// Version is a migration's number, YYYYMMDDhhmmss; empty means before the first one.
type Version string

// Before reports whether v is older than other.
func (v Version) Before(other Version) bool {
	if len(v) != len(other) {
		return len(v) < len(other)
	}
	return v < other
}

// String returns the number, or "none".
func (v Version) String() string {
	if v == "" {
		return "none"
	}
	return string(v)
}

var fileName = regexp.MustCompile(`^(\d{14})_[a-z0-9_]+\.sql$`)

// Versions lists the database's migrations, oldest first. A file whose name is no migration's, or two with
// one number, is a fault of the build and caught by this package's tests.
func Versions(d Database) ([]Version, error) {
	entries, err := fs.ReadDir(Files, d.Dir())
	if err != nil {
		return nil, fmt.Errorf("list the migrations of database %s: %w", d, err)
	}
	versions := make([]Version, 0, len(entries))
	for _, entry := range entries { // ReadDir sorts by name
		match := fileName.FindStringSubmatch(entry.Name())
		if match == nil {
			return nil, fmt.Errorf("%s/%s is not named <YYYYMMDDhhmmss>_<subject>.sql", d.Dir(), entry.Name())
		}
		if slices.Contains(versions, Version(match[1])) {
			return nil, fmt.Errorf("%s has two migrations %s", d.Dir(), match[1])
		}
		versions = append(versions, Version(match[1]))
	}
	return versions, nil
}

// Latest is the version that this build needs the database to have; empty for a name that is no database's.
func Latest(d Database) Version {
	versions, err := Versions(d)
	if err != nil || len(versions) == 0 {
		return ""
	}
	return versions[len(versions)-1]
}
