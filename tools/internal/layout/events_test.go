package layout

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Whose imports lead to AMQP: what speaks it, what wires it up, and who reads from the bus. All others make events (package
// event) and write them (package change), whatever carries them.
var knowAMQP = []string{
	"nms.example/common/bus", "nms.example/common/bustest", "nms.example/console/internal/standtest", "nms.example/common/relay", "nms.example/common/backbone",
	"nms.example/inbox/internal/intake", // takes traces over RabbitMQ
	"nms.example/inbox/internal/api",    // shows what passes on the bus
	"nms.example/admin/internal/journal", "nms.example/admin/internal/deadletter", "nms.example/admin/internal/api",
}

func TestOnlyWhoReadsTheBusKnowsAMQP(t *testing.T) {
	t.Parallel()
	root, err := filepath.Abs(filepath.Join("..", "..", ".."))
	require.NoError(t, err)
	args := []string{"list", "-f", `{{.ImportPath}} {{join .Deps " "}}`, "./common/..."}
	for _, s := range Services {
		args = append(args, "./"+s.Name+"/...")
	}
	cmd := exec.CommandContext(t.Context(), "go", args...)
	cmd.Dir, cmd.Env = root, append(os.Environ(), "GOWORK="+filepath.Join(root, "go.work"))
	out, err := cmd.Output()
	require.NoError(t, err)
	var know []string
	for line := range strings.Lines(string(out)) {
		words := strings.Fields(line)
		wiring := strings.HasSuffix(words[0], "/internal/app") || strings.Count(words[0], "/") == 1 // and main
		if !wiring && slices.Contains(words[1:], "github.com/rabbitmq/amqp091-go") {
			know = append(know, words[0])
		}
	}
	require.ElementsMatch(t, knowAMQP, know)
}

// examples are the examples of an API's documentation; any event will do for them.
var examples = regexp.MustCompile(`example:"[^"]*"`)

// The name of an event is written out in one place, where it is declared, so that a search finds it; the name of the variable
// finds every use.
func TestEachEventIsNamedOnce(t *testing.T) {
	t.Parallel()
	root := filepath.Join("..", "..", "..")
	schemas, err := filepath.Glob(filepath.Join(root, "docs", "events", "*.schema.json"))
	require.NoError(t, err)
	require.NotEmpty(t, schemas)
	places := map[string][]string{}
	for _, s := range Services {
		require.NoError(t, filepath.WalkDir(filepath.Join(root, s.Name), func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			text, err := os.ReadFile(path)
			text = examples.ReplaceAll(text, nil)
			for _, schema := range schemas {
				name := strings.TrimSuffix(filepath.Base(schema), ".schema.json")
				for range strings.Count(string(text), `"`+name+`"`) {
					places[name] = append(places[name], path)
				}
			}
			return err
		}))
	}
	for _, schema := range schemas {
		name := strings.TrimSuffix(filepath.Base(schema), ".schema.json")
		require.Len(t, places[name], 1, "%s is named at %v", name, places[name])
	}
}
