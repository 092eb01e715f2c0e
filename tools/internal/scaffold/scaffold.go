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
	// Database holds the service's table; "nms" when empty. The service's own name means a new database. Further known
	// ones, which it opens too, follow behind commas: "nms,dwh".
	Database string
	// Port is the service's default port; the one that is kept for it, or else the next free one, when 0.
	Port int
	// ID is the service's identity for good, a UUID; a new one when empty.
	ID string
}

// firstPort is where the search for a free port begins. The ports below are given away.
const firstPort = 4045

// keptPorts are those of services to come.
//
//nolint:gochecknoglobals // a table, never written to
var keptPorts = map[string]int{"ctrl": 4042, "console": 4040}

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
	Others                                        []other
	migration                                     string // number of the migration
}

// other is a further database that the service opens.
type other struct{ Database, DSNVariable, Kind string }

// Databases lists the databases that the service opens, its table's first.
func (s *service) Databases() []string {
	all := []string{s.Database}
	for _, o := range s.Others {
		all = append(all, o.Database)
	}
	return all
}

// othersOf describes the further databases.
func othersOf(names []string) (others []other, err error) {
	for _, name := range names {
		base, ok := databases[name]
		if !ok {
			return nil, fmt.Errorf("there is no further database %s: take some of %s", name, strings.Join(layout.Databases, ", "))
		}
		others = append(others, other{name, layout.DSNVariable(name), base.kind})
	}
	return others, nil
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
	first, further, _ := strings.Cut(o.Database, ",")
	o.Database = first
	others, err := othersOf(strings.FieldsFunc(further, func(r rune) bool { return r == ',' }))
	if err != nil {
		return nil, err
	}
	id, err := chooseID(o.ID)
	if err != nil {
		return nil, err
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
	port, err := choosePort(o.Name, o.Port)
	if err != nil {
		return nil, err
	}
	number, err := nextMigration(migrations, time.Now())
	if err != nil {
		return nil, err
	}
	return &service{
		Name: o.Name, ID: id, Others: others, Database: o.Database, DSNVariable: layout.DSNVariable(o.Database),
		PortVariable: layout.PortVariable(o.Name), Port: port, Kind: base.kind, Read: base.read, Write: base.write,
		Package: o.Database + "db", Table: o.Name + "_item", Go: strings.ToUpper(o.Name[:1]) + o.Name[1:], migration: number,
		OwnDatabase: isNew,
	}, nil
}

// chooseID checks the identity that is wanted, or makes one.
func chooseID(wanted string) (string, error) {
	if wanted == "" {
		return uuid.NewString(), nil
	}
	id, err := uuid.Parse(wanted)
	if err != nil {
		return "", errors.New("an id is a UUID, such as 91a6b4eb-4b05-424e-bfc7-1d06ffb60c7a")
	}
	return id.String(), nil
}

func choosePort(name string, wanted int) (int, error) {
	taken := func(port int) bool {
		for owner, kept := range keptPorts {
			if port == kept && owner != name {
				return true
			}
		}
		return slices.ContainsFunc(layout.Services, func(s layout.Service) bool { return s.Port == port }) ||
			slices.ContainsFunc(layout.Programs, func(p layout.Program) bool { return p.Port == port })
	}
	if wanted != 0 {
		if wanted < 1024 || wanted > 65535 || taken(wanted) {
			return 0, fmt.Errorf("the port %d cannot be taken: one from 1024 to 65535 that no service has", wanted)
		}
		return wanted, nil
	}
	if kept, ok := keptPorts[name]; ok && !taken(kept) {
		return kept, nil
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
