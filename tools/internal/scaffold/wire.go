package scaffold

import (
	"cmp"
	"fmt"
	"go/format"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"

	"nms.example/tools/internal/layout"
)

// edit puts the service into one file that lists the services. CI, tests and checks need none: they read
// go.work and sqlc.yaml.
type edit struct {
	path string
	do   func(content string) (string, bool) // false: the place was not found
}

func (s *service) edits() []edit {
	edits := s.serviceEdits()
	if s.OwnDatabase {
		edits = append(edits, s.databaseEdits()...)
	}
	return edits
}

func (s *service) serviceEdits() []edit {
	return []edit{
		{"go.work", s.goWork},
		{"sqlc.yaml", s.sqlc},
		{"tools/internal/layout/layout.go", s.layout},
		{"compose.yaml", s.compose},
		{"deploy/helm/nms/values.yaml", s.chart},
		{"README.md", s.readme},
		{"docs/architecture.md", s.architecture},
		{".golangci.yml", s.lint},
		{".devcontainer/devcontainer.json", s.forwarded},
		{".vscode/launch.json", s.launch},
		{".vscode/tasks.json", s.debugTask},
	}
}

// wire returns the changed files.
func (s *service) wire(root string) ([]file, error) {
	var files []file
	for _, e := range s.edits() {
		var content []byte
		at := slices.IndexFunc(files, func(f file) bool { return f.path == e.path })
		if at >= 0 { // a file may be edited twice
			content = files[at].content
			files = slices.Delete(files, at, at+1)
		} else {
			var err error
			if content, err = os.ReadFile(filepath.Join(root, filepath.FromSlash(e.path))); err != nil {
				return nil, fmt.Errorf("list the service: %w", err)
			}
		}
		changed, found := e.do(string(content))
		if !found {
			return nil, fmt.Errorf("%s has another form than tools/internal/scaffold/wire.go expects: no place for the service was found", e.path)
		}
		files = append(files, file{e.path, []byte(changed)})
	}
	return files, nil
}

func (s *service) goWork(content string) (string, bool) {
	work, err := modfile.ParseWork("go.work", []byte(content), nil)
	if err != nil || work.AddUse("./"+s.Name, "") != nil {
		return "", false
	}
	for _, statement := range work.Syntax.Stmt {
		block, ok := statement.(*modfile.LineBlock)
		if !ok || block.Token[0] != "use" {
			continue
		}
		slices.SortFunc(block.Line, func(a, b *modfile.Line) int { return cmp.Compare(a.Token[0], b.Token[0]) })
		return string(modfile.Format(work.Syntax)), true
	}
	return "", false
}

// sqlc repeats the last block for the service.
func (s *service) sqlc(content string) (string, bool) {
	content = strings.TrimRight(content, "\n") + "\n"
	at := strings.LastIndex(content, "\n  - name: ") + 1
	block := content[at:]
	for _, field := range []struct{ name, value string }{
		{"name", s.Name + "-" + s.Database},
		{"schema", "sql/" + s.Database + "/migrations"},
		{"queries", "sql/" + s.Database + "/queries/" + s.Name},
		{"package", s.Package},
		{"out", s.Name + "/internal/" + s.Package},
	} {
		line := regexp.MustCompile(`(?m)^( +(?:- )?` + field.name + `: ).*$`)
		if len(line.FindAllString(block, -1)) != 1 {
			return "", false
		}
		block = line.ReplaceAllString(block, "${1}"+field.value)
	}
	return content + block, at > 0 && strings.Contains(block, "overrides: *overrides")
}

func (s *service) layout(content string) (string, bool) {
	line := fmt.Sprintf("\t{Name: %q, Port: %d, Databases: []string{\"%s\"}},\n", s.Name, s.Port, strings.Join(s.Databases(), `", "`))
	return before(content, "var Services = []Service{\n", "}\n", line)
}

func (s *service) compose(content string) (string, bool) {
	origins := regexp.MustCompile(`(?m)^(\s+CORS_ORIGINS: \$\{CORS_ORIGINS:-.*)\}$`)
	if !origins.MatchString(content) {
		return "", false
	}
	content = origins.ReplaceAllString(content, fmt.Sprintf("${1},http://127.0.0.1:$${%s:-%d}}", s.PortVariable, s.Port))
	var addresses, secrets strings.Builder
	for _, database := range s.Databases() {
		secret := "db_" + database + "_dsn"
		fmt.Fprintf(&addresses, "      %s_FILE: /run/secrets/%s\n", layout.DSNVariable(database), secret)
		secrets.WriteString(", " + secret)
	}
	block := fmt.Sprintf(`  %[1]s:
    <<: *service
    image: ${COMPOSE_PROJECT_NAME}/%[1]s:${VERSION:-dev}
    build: {context: ., target: service, args: {SERVICE: %[1]s, VERSION: "${VERSION:-dev}", COMMIT: "${COMMIT:-unknown}"}}
    environment:
      <<: *environment
      PORT: "%[2]d"
%[3]s    secrets: [jwt_secret_key, mq_dsn, redis_dsn%[4]s]
    ports: ["127.0.0.1:${%[5]sS:-${%[5]s:-%[2]d}}:%[2]d"]

`, s.Name, s.Port, addresses.String(), secrets.String(), s.PortVariable)
	return before(content, "\nservices:\n", "volumes:\n", block)
}

// chart adds the service to the map at the end of the values.
func (s *service) chart(content string) (string, bool) {
	entry := fmt.Sprintf("  %s:\n    port: %d\n    databases: [%s]\n", s.Name, s.Port, strings.Join(s.Databases(), ", "))
	_, services, found := strings.Cut(content, "\nservices:\n")
	inLastMap := found && !regexp.MustCompile(`\n[^ \n#]`).MatchString(services)
	return strings.TrimRight(content, "\n") + "\n" + entry, inLastMap
}

func (s *service) readme(content string) (string, bool) {
	address := fmt.Sprintf("http://127.0.0.1:%d", s.Port)
	content, first := after(content, regexp.MustCompile(`(?m)^\| \w+ \| http://127\.0\.0\.1:\d+ \|.*\n`),
		fmt.Sprintf("| %s | %s | %s/docs |\n", s.Name, address, address))
	folders := regexp.MustCompile("(?m)^\\| ((?:`\\w+`, )+`\\w+`) \\| the services")
	second := folders.MatchString(content)
	content = folders.ReplaceAllString(content, "| ${1}, `"+s.Name+"` | the services")
	// What the system keeps is a list that ends with a full stop.
	content, third := replace(content, "(?m)^(- the \\*\\*.*\\(`\\w+`\\))\\.\n", "${1};\n- the **items** (say what they are for) (`"+s.Name+"`).\n")
	return content, first && second && third
}

func (s *service) architecture(content string) (string, bool) {
	named := "database `"
	if len(s.Others) > 0 {
		named = "databases `"
	}
	return after(content, regexp.MustCompile("(?m)^\\| `\\w+` \\| .* \\| databases? `\\w+`.* \\|\n"),
		fmt.Sprintf("| `%s` | items (say what it is for) | %s%s` |\n", s.Name, named, strings.Join(s.Databases(), "`, `")))
}

// before inserts text in front of the first end that follows the first begin.
func before(content, begin, end, text string) (string, bool) {
	from := strings.Index(content, begin)
	if from < 0 {
		return "", false
	}
	from += len(begin)
	// The end begins a line.
	at := strings.Index(content[from-1:], "\n"+end)
	if at < 0 {
		return "", false
	}
	at += from
	return content[:at] + text + content[at:], true
}

// after inserts text behind the last match.
func after(content string, match *regexp.Regexp, text string) (string, bool) {
	all := match.FindAllStringIndex(content, -1)
	if len(all) == 0 {
		return "", false
	}
	at := all[len(all)-1][1]
	return content[:at] + text + content[at:], true
}

// replace puts text in the place of the first match of the pattern.
func replace(content, pattern, text string) (string, bool) {
	match := regexp.MustCompile(pattern)
	at := match.FindStringSubmatchIndex(content)
	if at == nil {
		return content, false
	}
	return content[:at[0]] + string(match.ExpandString(nil, text, content, at)) + content[at[1]:], true
}

// gofmt formats Go code whose edits were all found.
func gofmt(content string, found bool) (string, bool) {
	if !found {
		return "", false
	}
	formatted, err := format.Source([]byte(content))
	return string(formatted), err == nil
}
