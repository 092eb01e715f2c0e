// Package deployment checks, without a container engine, the files that one would read.
package deployment

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"
	"github.com/stretchr/testify/require"

	"nms.example/tools/internal/layout"
)

const root = "../../.."

// secretNames are the variables that compose.yaml must not have a default for.
func secretNames() []string {
	names := []string{"JWT_SECRET_KEY", "POSTGRES_PASSWORD", "RABBITMQ_PASSWORD", "REDIS_PASSWORD"}
	for _, database := range layout.Databases {
		names = append(names, strings.ToUpper(database)+"_DB_PASSWORD")
	}
	return names
}

func load(t *testing.T, env map[string]string) (*types.Project, error) {
	t.Helper()
	var list []string
	for name, value := range env {
		list = append(list, name+"="+value)
	}
	options, err := cli.NewProjectOptions([]string{filepath.Join(root, "compose.yaml")},
		cli.WithEnv(list), cli.WithWorkingDirectory(root))
	require.NoError(t, err)
	return options.LoadProject(t.Context())
}

func setup(t *testing.T) *types.Project {
	t.Helper()
	env := map[string]string{}
	for _, name := range secretNames() {
		env[name] = "value-of-" + strings.ToLower(name)
	}
	project, err := load(t, env)
	require.NoError(t, err)
	return project
}

func TestComposeRequiresEverySecret(t *testing.T) {
	t.Parallel()
	for _, missing := range secretNames() {
		env := map[string]string{}
		for _, name := range secretNames() {
			if name != missing {
				env[name] = "x"
			}
		}
		_, err := load(t, env)
		require.ErrorContains(t, err, missing)
	}
}

func TestComposeDefaultsToProduction(t *testing.T) {
	t.Parallel()
	project := setup(t)
	for _, service := range layout.Services {
		require.Equal(t, "prod", *project.Services[service.Name].Environment["ENVIRONMENT"], service.Name)
	}
}

func TestComposeRunsEveryServiceHardenedAndWatched(t *testing.T) {
	t.Parallel()
	project := setup(t)
	for _, want := range layout.Services {
		service, ok := project.Services[want.Name]
		require.True(t, ok, "compose.yaml has no service %s", want.Name)
		require.Equal(t, want.Name, *service.Build.Args["SERVICE"])
		require.Equal(t, []string{"CMD", "/service", "--healthcheck"}, []string(service.HealthCheck.Test), want.Name)
		require.True(t, service.ReadOnly, want.Name)
		require.Equal(t, []string{"ALL"}, service.CapDrop, want.Name)
		for _, database := range want.Databases {
			dsn := service.Environment[layout.DSNVariable(database)]
			require.NotNil(t, dsn, "%s lacks %s", want.Name, layout.DSNVariable(database))
			require.Contains(t, *dsn, "postgres://"+database+":value-of-"+database+"_db_password@postgres:5432/"+database)
		}
		require.Len(t, service.Ports, 1, want.Name)
		require.EqualValues(t, want.Port, service.Ports[0].Target, want.Name)
		require.Equal(t, *service.Environment["PORT"], service.Ports[0].Published, want.Name)
	}
	for _, database := range layout.Databases {
		require.NotNil(t, project.Services["migrate"].Environment[layout.DSNVariable(database)], database)
	}
}

func TestComposeWaitsOnlyForWhatCanBecomeTrue(t *testing.T) {
	t.Parallel()
	project := setup(t)
	for name, service := range project.Services {
		for dependency, condition := range service.DependsOn {
			switch condition.Condition {
			case types.ServiceConditionHealthy:
				require.NotNil(t, project.Services[dependency].HealthCheck, "%s waits for the health of %s, which has no check", name, dependency)
			case types.ServiceConditionCompletedSuccessfully:
				require.Equal(t, "no", project.Services[dependency].Restart, "%s waits for the end of %s, which restarts", name, dependency)
			default:
				require.Fail(t, "unexpected condition", "%s waits for %s: %s", name, dependency, condition.Condition)
			}
		}
	}
}

func TestComposePublishesDistinctPortsOnLoopback(t *testing.T) {
	t.Parallel()
	owners := map[string]string{}
	for name, service := range setup(t).Services {
		for _, port := range service.Ports {
			require.Equal(t, "127.0.0.1", port.HostIP, "%s publishes %s beyond the machine", name, port.Published)
			require.Empty(t, owners[port.Published], "%s and %s both publish %s", name, owners[port.Published], port.Published)
			owners[port.Published] = name
		}
	}
	require.NotEmpty(t, owners)
}

func TestNoServiceRunsAsRoot(t *testing.T) {
	t.Parallel()
	for name, service := range setup(t).Services {
		if service.Build != nil {
			continue // the Dockerfile's USER; see TestDockerfile
		}
		require.NotContains(t, []string{"", "root", "0", "0:0"}, service.User, name)
	}
}

// The image's start script creates the databases; a name that it lacks would only be missed at run time.
func TestDatabaseScriptCreatesEveryDatabase(t *testing.T) {
	t.Parallel()
	script, err := os.ReadFile(filepath.Join(root, "deploy", "compose", "create-databases.sh"))
	require.NoError(t, err)
	created := map[string]bool{}
	for _, match := range regexp.MustCompile(`(?m)^create (\w+) "\$(\w+)"$`).FindAllStringSubmatch(string(script), -1) {
		require.Equal(t, strings.ToUpper(match[1])+"_DB_PASSWORD", match[2])
		created[match[1]] = true
	}
	require.ElementsMatch(t, layout.Databases, slices.Collect(maps.Keys(created)))
}
