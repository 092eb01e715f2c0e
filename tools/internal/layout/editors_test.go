package layout

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func read(t *testing.T, file string) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("../../..", file))
	require.NoError(t, err)
	return string(raw)
}

// What is compiled with other tags than ./task up's is compiled a second time.
func TestEverybodyBuildsWithTheSameTags(t *testing.T) {
	t.Parallel()
	for _, file := range []string{".vscode/settings.json", ".vscode/tasks.json", "Taskfile.yml", "docs/local.md"} {
		require.Contains(t, read(t, file), BuildTags, file)
	}
	require.Contains(t, read(t, ".golangci.yml"), strings.ReplaceAll(BuildTags, ",", ", "))
}

func TestEditorsKnowTheServices(t *testing.T) {
	t.Parallel()
	var launch struct {
		Configurations []struct{ Name, Program, EnvFile, PreLaunchTask string }
	}
	var tasks struct {
		Tasks []struct{ Label, Command string }
	}
	require.NoError(t, json.Unmarshal([]byte(read(t, ".vscode/launch.json")), &launch))
	require.NoError(t, json.Unmarshal([]byte(read(t, ".vscode/tasks.json")), &tasks))
	commands := map[string]string{}
	for _, task := range tasks.Tasks {
		commands[task.Label] = task.Command
	}
	services := map[string]bool{}
	for _, service := range Services {
		services[service.Name] = true
	}
	for _, one := range launch.Configurations {
		name := filepath.Base(one.Program)
		require.True(t, services[name], "%s starts %s", one.Name, one.Program)
		delete(services, name)
		command := commands[one.PreLaunchTask]
		require.Contains(t, command, "-without "+name+" ")
		require.Contains(t, command, ">"+strings.TrimPrefix(one.EnvFile, "${workspaceFolder}/"))
	}
	require.Empty(t, services, "no launch.json entry starts these")
	for _, service := range Services {
		require.Contains(t, read(t, ".devcontainer/devcontainer.json"), strconv.Itoa(service.Port)+", ", service.Name)
	}
	for _, file := range []string{".vscode/settings.json", ".vscode/extensions.json", ".devcontainer/devcontainer.json"} {
		require.True(t, json.Valid([]byte(read(t, file))), file)
	}
}

func TestTheContainerForEditorsHasTheGoOfTheWorkspace(t *testing.T) {
	t.Parallel()
	version := regexp.MustCompile(`(?m)^go (\S+)$`).FindStringSubmatch(read(t, "go.work"))
	require.NotNil(t, version)
	require.Contains(t, read(t, ".devcontainer/devcontainer.json"), `"golang:`+version[1]+`-`)
}
