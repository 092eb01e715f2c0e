// Package deployment checks, without a container engine, the files that one would read.
package deployment

import (
	"maps"
	"os"
	"os/exec"
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

// secretsDir stands for the folder that deploy/compose/secrets.sh fills.
const secretsDir = "/secrets"

func load(t *testing.T, env map[string]string) (*types.Project, error) {
	t.Helper()
	var list []string
	for name, value := range env {
		list = append(list, name+"="+value)
	}
	options, err := cli.NewProjectOptions([]string{filepath.Join(root, "compose.yaml")},
		cli.WithEnv(list), cli.WithWorkingDirectory(root), cli.WithProfiles([]string{"development"}))
	require.NoError(t, err)
	return options.LoadProject(t.Context())
}

func setup(t *testing.T) *types.Project {
	t.Helper()
	project, err := load(t, map[string]string{"SECRETS_DIR": secretsDir})
	require.NoError(t, err)
	return project
}

func TestComposeRequiresTheSecrets(t *testing.T) {
	t.Parallel()
	_, err := load(t, nil)
	require.ErrorContains(t, err, "deploy/compose/secrets.sh")
}

// What `docker inspect` shows holds no secret: the containers read files, those that the script makes.
func TestSecretsAreFilesThatTheScriptMakes(t *testing.T) {
	t.Parallel()
	project := setup(t)
	dir := filepath.Join(t.TempDir(), "made")
	out, err := exec.CommandContext(t.Context(), "/bin/sh", filepath.Join(root, "deploy", "compose", "secrets.sh"), dir).CombinedOutput()
	require.NoError(t, err, string(out))
	info, err := os.Stat(dir)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o700), info.Mode().Perm(), "the folder is what keeps others out")
	for name, secret := range project.Secrets {
		require.Equal(t, filepath.Join(secretsDir, name), secret.File)
		info, err := os.Stat(filepath.Join(dir, name))
		require.NoError(t, err, "deploy/compose/secrets.sh does not make %s", name)
		require.Equal(t, os.FileMode(0o444), info.Mode().Perm(), "the user in the container is another one than the owner")
	}
	mounted := regexp.MustCompile(`/run/secrets/(\w+)`)
	for name, service := range project.Services {
		var given []string
		for _, secret := range service.Secrets {
			given = append(given, secret.Source)
			require.Contains(t, project.Secrets, secret.Source, name)
		}
		for variable, value := range service.Environment {
			if match := mounted.FindStringSubmatch(*value); match != nil {
				require.True(t, strings.HasSuffix(variable, "_FILE"), variable)
				require.Contains(t, given, match[1], "%s reads it", name)
				continue
			}
			require.NotRegexp(t, `(?i)password|secret|dsn$|_pass$`, strings.TrimSuffix(variable, "_SECRETS_DIR"), "%s: a secret belongs into a file", name)
		}
	}
}

// A second call changes nothing, and the parts of an address agree.
func TestTheScriptKeepsWhatItMade(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	made := func(env ...string) map[string]string {
		cmd := exec.CommandContext(t.Context(), "/bin/sh", filepath.Join(root, "deploy", "compose", "secrets.sh"), dir)
		cmd.Env = append([]string{"PATH=" + os.Getenv("PATH")}, env...)
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, string(out))
		contents := map[string]string{}
		files, err := os.ReadDir(dir)
		require.NoError(t, err)
		for _, file := range files {
			if file.IsDir() {
				continue // of the equipment's secrets, which the operator fills
			}
			content, err := os.ReadFile(filepath.Join(dir, file.Name()))
			require.NoError(t, err)
			contents[file.Name()] = strings.TrimSpace(string(content))
		}
		return contents
	}
	first := made("NMS_DB_PASSWORD=of-nms", "AUTH_ADMIN_PASSWORD=")
	require.Equal(t, "postgres://nms:of-nms@postgres:5432/nms?sslmode=disable", first["db_nms_dsn"])
	require.Empty(t, first["auth_admin_password"])
	require.GreaterOrEqual(t, len(first["jwt_secret_key"]), 32)
	require.Equal(t, "redis://:"+first["redis_password"]+"@redis:6379/0", first["redis_dsn"])
	require.Equal(t, "amqp://nms:"+first["rabbitmq_password"]+"@rabbitmq:5672/", first["mq_dsn"])
	require.Equal(t, "default_user = nms\ndefault_pass = "+first["rabbitmq_password"], first["rabbitmq_conf"])
	require.NoError(t, os.Remove(filepath.Join(dir, "mq_dsn")))
	require.Equal(t, first, made("NMS_DB_PASSWORD=another"))
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
		for _, database := range want.Databases {
			path := service.Environment[layout.DSNVariable(database)+"_FILE"]
			require.NotNil(t, path, "%s lacks %s", want.Name, layout.DSNVariable(database))
			require.Equal(t, "/run/secrets/db_"+database+"_dsn", *path)
		}
		require.Len(t, service.Ports, 1, want.Name)
		require.EqualValues(t, want.Port, service.Ports[0].Target, want.Name)
		require.Equal(t, *service.Environment["PORT"], service.Ports[0].Published, want.Name)
	}
	for _, database := range layout.Databases {
		require.NotNil(t, project.Services["migrate"].Environment[layout.DSNVariable(database)+"_FILE"], database)
		require.True(t, slices.ContainsFunc(project.Services["postgres"].Secrets, func(s types.ServiceSecretConfig) bool {
			return s.Source == "db_"+database+"_dsn"
		}), "create-databases.sh reads the password of %s", database)
	}
}

// What ./task up runs beside the services is no part of the system that compose.yaml starts by itself.
func TestComposeRunsWhatDevelopmentNeedsInItsProfileAlone(t *testing.T) {
	t.Parallel()
	project := setup(t)
	for _, want := range layout.Programs {
		program, ok := project.Services[want.Name]
		require.True(t, ok, "compose.yaml has no service %s", want.Name)
		require.Equal(t, []string{"development"}, program.Profiles, want.Name)
		require.Equal(t, want.Module, *program.Build.Args["SERVICE"])
		require.Equal(t, want.Package, *program.Build.Args["COMMAND"])
		require.Equal(t, "nms-"+want.Name, *program.Build.Args["TITLE"])
		require.NotNil(t, program.HealthCheck, want.Name)
		require.Len(t, program.Ports, 1, want.Name)
		require.EqualValues(t, want.Port, program.Ports[0].Target, want.Name)
		require.Equal(t, *program.Environment["PORT"], program.Ports[0].Published, want.Name)
		require.Empty(t, program.Secrets, want.Name)
	}
	for name, service := range project.Services {
		if !slices.ContainsFunc(layout.Programs, func(p layout.Program) bool { return p.Name == name }) {
			require.Empty(t, service.Profiles, name)
		}
	}
}

// The folder with the secrets of equipment is there when the script has run, or is the operator's own.
func TestTheSecretsOfEquipmentAreMounted(t *testing.T) {
	t.Parallel()
	for set, source := range map[string]string{"": secretsDir + "/equipment", "/srv/equipment": "/srv/equipment"} {
		project, err := load(t, map[string]string{"SECRETS_DIR": secretsDir, "CTRL_SECRETS_DIR": set})
		require.NoError(t, err)
		ctrl := project.Services["ctrl"]
		require.Len(t, ctrl.Volumes, 1)
		require.Equal(t, source, ctrl.Volumes[0].Source)
		require.Equal(t, *ctrl.Environment["CTRL_SECRETS_DIR"], ctrl.Volumes[0].Target)
		require.True(t, ctrl.Volumes[0].ReadOnly)
	}
	dir := t.TempDir()
	out, err := exec.CommandContext(t.Context(), "/bin/sh", filepath.Join(root, "deploy", "compose", "secrets.sh"), dir).CombinedOutput()
	require.NoError(t, err, string(out))
	info, err := os.Stat(filepath.Join(dir, "equipment"))
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o755), info.Mode().Perm(), "the user in the container is another one than the owner")
}

func TestEveryContainerIsHardenedAndItsLogBounded(t *testing.T) {
	t.Parallel()
	for name, service := range setup(t).Services {
		require.True(t, service.ReadOnly, name)
		require.Equal(t, []string{"ALL"}, service.CapDrop, name)
		require.Empty(t, service.CapAdd, name)
		require.Contains(t, service.SecurityOpt, "no-new-privileges:true", name)
		require.NotNil(t, service.Logging, name)
		require.NotEmpty(t, service.Logging.Options["max-size"], name)
		require.NotEmpty(t, service.Logging.Options["max-file"], name)
	}
}

// Two checkouts, or two systems, on one engine share no image.
func TestImagesBearTheProjectsName(t *testing.T) {
	t.Parallel()
	for name, service := range setup(t).Services {
		if service.Build != nil {
			require.Equal(t, "nms/"+name+":dev", service.Image)
		}
	}
	options, err := cli.NewProjectOptions([]string{filepath.Join(root, "compose.yaml")}, cli.WithName("other"),
		cli.WithEnv([]string{"SECRETS_DIR=" + secretsDir}), cli.WithWorkingDirectory(root))
	require.NoError(t, err)
	project, err := options.LoadProject(t.Context())
	require.NoError(t, err)
	require.Equal(t, "other/auth:dev", project.Services["auth"].Image)
}

func TestSeveralInstancesTakePortsOfARange(t *testing.T) {
	t.Parallel()
	env := map[string]string{"SECRETS_DIR": secretsDir}
	for _, service := range layout.Services {
		env[layout.PortVariable(service.Name)+"S"] = "5000-5009"
	}
	project, err := load(t, env)
	require.NoError(t, err)
	for _, service := range layout.Services {
		require.Equal(t, "5000-5009", project.Services[service.Name].Ports[0].Published, service.Name)
		require.EqualValues(t, service.Port, project.Services[service.Name].Ports[0].Target)
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
	for _, match := range regexp.MustCompile(`(?m)^create (\w+)$`).FindAllStringSubmatch(string(script), -1) {
		created[match[1]] = true
	}
	require.ElementsMatch(t, layout.Databases, slices.Collect(maps.Keys(created)))
}
