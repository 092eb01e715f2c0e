// Package scaffold makes a new service: its module from templates, its table and queries, and its place in
// every file that lists the services.
package scaffold

import (
	"errors"
	"fmt"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"nms.example/tools/internal/layout"
)

// Options say what to make.
type Options struct {
	// Name is the folder, the module and the last part of the API's prefix.
	Name string
	// Database holds the service's table; "nms" when empty. The service's own name means a new database.
	Database string
	// Port is the service's default port; the next free one when 0.
	Port int
}

// firstPort is where the search for a free port begins. The ports below are given away, 4042 among them.
const firstPort = 4045

// database is what a service has to know of its database.
type database struct{ kind, read, write string }

// databases holds the kind in common/db and the permissions that fit the database's subject.
//
//nolint:gochecknoglobals // a table, never written to
var databases = map[string]database{
	"auth":  {"AUTH", "UsersRead", "UsersWrite"},
	"nms":   {"NMS", "CfgRead", "CfgWrite"},
	"dwh":   {"DWH", "InboxRead", "InboxWrite"},
	"admin": {"ADMIN", "AdminRead", "AdminWrite"},
}

// baseOf describes a database: a known one, one that this tool has made, or the one to be made for the service.
func baseOf(name, service string) (base database, isNew, ok bool) {
	if base, ok = databases[name]; ok {
		return base, false, true
	}
	isNew = !slices.Contains(layout.Databases, name)
	return database{strings.ToUpper(name), "CfgRead", "CfgWrite"}, isNew, !isNew || name == service
}

// service is what the templates know.
type service struct {
	Name, ID, Database, DSNVariable, PortVariable string
	Port                                          int
	Kind, Read, Write                             string
	Package                                       string // of the generated queries
	Table, Go                                     string // the table, and the beginning of its queries' names
	OwnDatabase                                   bool   // it is made together with the service
	migration                                     string // number of the migration
}

// schemaNames are folders and identifiers of the module sql that a new database would run into.
//
//nolint:gochecknoglobals // a table, never written to
var schemaNames = []string{"cmd", "database", "databases", "files", "latest", "migrate", "parse", "version", "versions"}

var names = regexp.MustCompile(`^[a-z][a-z0-9]{1,19}$`)

// Make writes all files of the service below root, the checkout, and tells which. When it refuses, it has
// written nothing. Generated code and go.mod are still to be completed: see Finish.
func Make(root string, o Options) ([]string, error) {
	s, err := plan(root, o)
	if err != nil {
		return nil, err
	}
	files, err := s.files(root)
	if err != nil {
		return nil, err
	}
	wired, err := s.wire(root)
	if err != nil {
		return nil, err
	}
	return write(root, append(files, wired...))
}

// plan checks the options and completes them.
func plan(root string, o Options) (*service, error) {
	if !names.MatchString(o.Name) || token.IsKeyword(o.Name) {
		return nil, errors.New("a name is 2 to 20 small letters and digits, a letter first, such as weather")
	}
	if _, err := os.Lstat(filepath.Join(root, o.Name)); err == nil || slices.Contains([]string{"main", "test", "internal", "vendor"}, o.Name) {
		return nil, fmt.Errorf("the name %s is taken", o.Name)
	}
	if o.Database == "" {
		o.Database = "nms"
	}
	base, isNew, ok := baseOf(o.Database, o.Name)
	if !ok {
		return nil, fmt.Errorf("there is no database %s: take %s, or %s for one of its own", o.Database, strings.Join(layout.Databases, ", "), o.Name)
	}
	migrations := filepath.Join(root, "sql", o.Database, "migrations")
	if isNew {
		migrations = filepath.Join(root, "sql", model, "migrations") // behind the outbox's, which it begins with
		if _, err := os.Lstat(filepath.Join(root, "sql", o.Database)); err == nil || slices.Contains(schemaNames, o.Database) {
			return nil, fmt.Errorf("a database cannot be called %s", o.Database)
		}
	}
	port, err := choosePort(o.Port)
	if err != nil {
		return nil, err
	}
	number, err := nextMigration(migrations, time.Now())
	if err != nil {
		return nil, err
	}
	return &service{
		Name: o.Name, ID: uuid.NewString(), Database: o.Database, DSNVariable: layout.DSNVariable(o.Database),
		PortVariable: layout.PortVariable(o.Name), Port: port, Kind: base.kind, Read: base.read, Write: base.write,
		Package: o.Database + "db", Table: o.Name + "_item", Go: strings.ToUpper(o.Name[:1]) + o.Name[1:], migration: number,
		OwnDatabase: isNew,
	}, nil
}

func choosePort(wanted int) (int, error) {
	taken := func(port int) bool {
		return port == 4042 || slices.ContainsFunc(layout.Services, func(s layout.Service) bool { return s.Port == port })
	}
	if wanted != 0 {
		if wanted < 1024 || wanted > 65535 || taken(wanted) {
			return 0, fmt.Errorf("the port %d cannot be taken: one from 1024 to 65535 that no service has", wanted)
		}
		return wanted, nil
	}
	port := firstPort
	for taken(port) {
		port++
	}
	return port, nil
}

// nextMigration returns a number behind the last one, the present time when that is.
func nextMigration(dir string, now time.Time) (string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return "", fmt.Errorf("look for the last migration: %w", err)
	}
	const form = "20060102150405"
	number := now.UTC().Format(form)
	for _, e := range entries {
		last, _, found := strings.Cut(e.Name(), "_")
		if !found || len(last) != len(form) || last < number {
			continue
		}
		var n uint64
		if _, err := fmt.Sscan(last, &n); err != nil {
			return "", fmt.Errorf("the migration %s has no number", e.Name())
		}
		number = fmt.Sprintf("%014d", n+1)
	}
	return number, nil
}
