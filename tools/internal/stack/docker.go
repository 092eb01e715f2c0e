package stack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"nms.example/tools/internal/layout"
)

// checkMode refuses a second stack of the other kind beside the first.
func (p Checkout) checkMode(ctx context.Context) error {
	mode := os.Getenv("STACK")
	switch mode {
	case "", modeNative, modeDocker:
	default:
		return fmt.Errorf("STACK=%q is unknown: native or docker, or unset for docker where an engine answers", mode)
	}
	state, err := p.readState()
	if err != nil {
		return err
	}
	if state.Running() && mode == modeDocker {
		return errors.New("the stack runs natively here: ./task down comes first")
	}
	if mode == modeNative {
		// What the engine says counts, not what was noted: its containers may be gone, or be there without a note.
		if containers, err := p.containers(ctx); err == nil && len(containers) > 0 {
			return errors.New("the stack runs in Docker here: ./task down comes first")
		}
	}
	return ctx.Err()
}

// dockerWanted tells whether the stack is to run in containers: a native one that runs stays, STACK decides else, then
// what was started last, and without all that an engine that answers and has what the stack needs.
func dockerWanted(ctx context.Context, checkout Checkout) bool {
	state, err := checkout.readState()
	if err == nil && state.Running() {
		return false
	}
	switch os.Getenv("STACK") {
	case modeNative:
		return false
	case modeDocker:
		return true
	}
	if err == nil && state != nil && state.Mode == modeDocker {
		return true
	}
	missing := checkDocker(ctx)
	if missing != nil && !errors.Is(missing, errNoEngine) {
		fmt.Fprintf(os.Stderr, "Docker cannot be used, so the stack starts natively: %v\n", missing)
	}
	return missing == nil
}

// composeArgs are those of every call of docker compose. Neither the caller's COMPOSE_FILE nor a file .env counts.
func (p Checkout) composeArgs(args ...string) []string {
	return append([]string{"compose", "--project-name", p.project(), "--project-directory", p.Root, "--env-file", os.DevNull,
		"--file", filepath.Join(p.Root, "compose.yaml"), "--file", p.composeOverridePath(), "--profile", "development"}, args...)
}

// compose runs docker compose on this checkout with the user's terminal. env is what compose.yaml asks for.
func (p Checkout) compose(ctx context.Context, console Console, env []string, args ...string) error {
	cmd := dockerCommand(ctx, p.composeArgs(args...)...)
	cmd.Env = append(cmd.Env, env...)
	cmd.Stdout, cmd.Stderr, cmd.Dir = console.Out, os.Stderr, p.Root
	if err := runDocker(ctx, cmd); err != nil {
		return fmt.Errorf("docker compose %s: %w", args[0], err)
	}
	return nil
}

// runDocker waits for a docker command; one that an interruption has ended returns ErrInterrupted.
func runDocker(ctx context.Context, cmd *exec.Cmd) error {
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = time.Minute
	err := cmd.Run()
	if ctx.Err() != nil {
		return ErrInterrupted
	}
	return err
}

// dockerUp starts the stack in containers, or brings those that run to what the sources say: images whose content has
// changed are built anew, and only their containers are exchanged. What was started is removed again when it does not
// become ready, unless a stack ran before.
func dockerUp(ctx context.Context, checkout Checkout, console Console) error {
	if err := checkDocker(ctx); err != nil {
		return fmt.Errorf("the stack cannot run in Docker: %w (STACK=native starts it natively, with data of its own)", err)
	}
	lock, err := checkout.awaitUpLock(ctx, console)
	if err != nil {
		return err
	}
	defer lock.Close()
	ports, err := choosePorts(environ)
	if err != nil {
		return err
	}
	delete(ports, portDist) // containers have them inside
	delete(ports, portEpmd)
	before, err := checkout.containers(ctx)
	if err != nil {
		return err
	}
	if err := ports.without(before.ports()).check(); err != nil {
		return err
	}
	kept, err := checkout.prepareDocker(ctx)
	if err != nil {
		return err
	}
	console.printf("A Docker engine answers: starting the stack with docker compose (STACK=native avoids it).")
	err = checkout.compose(ctx, console, checkout.composeEnv(ports), "up", "--build", "--wait", "--wait-timeout", "600", "--remove-orphans")
	if err != nil {
		return errors.Join(err, checkout.dockerFailed(ctx, console, before))
	}
	s := server{checkout: checkout, ports: ports, secrets: kept}
	if err := checkout.writeEnv(s.clientEnv()); err != nil {
		return err
	}
	if err := checkout.writeState(&State{Mode: modeDocker, Started: time.Now(), Phase: Ready, Ports: ports}); err != nil {
		return err
	}
	if err := checkout.removeOldImages(ctx); err != nil {
		console.printf("Images of earlier builds stay: %v", err)
	}
	if err := checkout.setUpStation(ctx, console, modeDocker, ports, UpOptions{}); err != nil {
		return err
	}
	return checkout.PrintTable(ctx, console)
}

// dockerFailed says why a stack did not become ready and removes it, unless one ran before.
func (p Checkout) dockerFailed(ctx context.Context, console Console, before containers) error {
	after, cancel := context.WithTimeout(context.WithoutCancel(ctx), 3*time.Minute)
	defer cancel()
	if ctx.Err() == nil {
		p.showUnwell(after, console)
	}
	if before.running() {
		console.printf("A stack ran here before: what runs now stays. ./task status shows it.")
		return nil
	}
	console.printf("Stopping what was started …")
	return p.removeContainers(after)
}

// prepareDocker writes the secrets of this checkout for compose.yaml, and what it gets beside that file.
func (p Checkout) prepareDocker(ctx context.Context) (secrets, error) {
	if err := os.MkdirAll(p.logDir(), 0o755); err != nil {
		return secrets{}, err
	}
	if _, err := os.Stat(p.secretsPath()); errors.Is(err, fs.ErrNotExist) {
		volumes, err := p.labelled(ctx, "volume")
		if err != nil {
			return secrets{}, err
		}
		if len(volumes) > 0 {
			return secrets{}, fmt.Errorf("the volumes of this checkout in Docker hold data but %s, with their passwords, is gone: run ./task down --purge",
				p.secretsPath())
		}
	}
	kept, err := p.loadSecrets()
	if err != nil {
		return secrets{}, err
	}
	if err := p.writeComposeSecrets(ctx, kept); err != nil {
		return secrets{}, err
	}
	known, err := p.knownVariables()
	if err != nil {
		return secrets{}, err
	}
	override, err := json.MarshalIndent(p.composeOverride(ctx, known), "", "  ")
	if err != nil {
		return secrets{}, err
	}
	return kept, replaceFile(p.composeOverridePath(), override)
}

// writeComposeSecrets has the files made that compose.yaml mounts, with the passwords of a development stack.
func (p Checkout) writeComposeSecrets(ctx context.Context, kept secrets) error {
	cmd := exec.CommandContext(ctx, "/bin/sh", filepath.Join(p.Root, "deploy", "compose", "secrets.sh"), p.composeSecretsDir())
	cmd.Env = []string{
		"PATH=" + os.Getenv("PATH"), "POSTGRES_PASSWORD=" + kept.Postgres, "RABBITMQ_PASSWORD=" + brokerUser,
		"REDIS_PASSWORD=" + kept.Redis, "JWT_SECRET_KEY=" + kept.JWT, "CONSOLE_KEY=" + kept.Console, "AUTH_ADMIN_PASSWORD=" + os.Getenv("AUTH_ADMIN_PASSWORD"),
	}
	for _, database := range layout.Databases {
		cmd.Env = append(cmd.Env, strings.ToUpper(database)+"_DB_PASSWORD="+database)
	}
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("make the secrets of the containers: %w: %s", err, strings.TrimSpace(string(out)))
	}
	return nil
}

// composeEnv holds all variables that compose.yaml is to see.
func (p Checkout) composeEnv(ports Ports) []string {
	env := []string{
		"ENVIRONMENT=dev", "TZ=" + timeZone(), "SECRETS_DIR=" + p.composeSecretsDir(),
		allowedNetworks + "=10.0.0.0/8,172.16.0.0/12,192.168.0.0/16", // those that Docker takes for its own
		notifiedNetworks + "=10.0.0.0/8,172.16.0.0/12,192.168.0.0/16",
		"CTRL_SECRETS_DIR=" + os.Getenv("CTRL_SECRETS_DIR"),
	}
	for name, port := range ports {
		env = append(env, layout.PortVariable(name)+"="+strconv.Itoa(port))
	}
	return env
}

// composeFile is the part of a compose file that is written here.
type composeFile struct {
	Services map[string]composeService `json:"services"`
}

type composeService struct {
	Build struct {
		Args map[string]string `json:"args"`
	} `json:"build"`
	Environment map[string]string `json:"environment,omitempty"`
}

// composeOverride adds to compose.yaml what the caller passes on to the services, as natively, and what stamps each image.
func (p Checkout) composeOverride(ctx context.Context, known knownVariables) composeFile {
	file := composeFile{Services: map[string]composeService{"migrate": p.stamped(ctx, "sql")}}
	for _, service := range layout.Services {
		entry := p.stamped(ctx, service.Name, "common", "sql")
		entry.Environment = map[string]string{}
		for _, variable := range known.passedOn(service.Name, os.Environ()) {
			name, value, _ := strings.Cut(variable, "=")
			// A file or folder of this machine is not in the container; the first user's password is among the secrets.
			if !strings.HasSuffix(name, "_FILE") && !strings.HasSuffix(name, "_DIR") && name != "AUTH_ADMIN_PASSWORD" {
				entry.Environment[name] = strings.ReplaceAll(value, "$", "$$")
			}
		}
		file.Services[service.Name] = entry
	}
	for _, program := range layout.Programs {
		file.Services[program.Name] = p.stamped(ctx, program.Module, "common", "sql")
	}
	return file
}

// stamped returns the version and commit of an image that is made of some modules: the last commit that changed what goes
// into the image. HEAD would make every image another one at each commit.
func (p Checkout) stamped(ctx context.Context, modules ...string) composeService {
	var entry composeService
	entry.Build.Args = map[string]string{"VERSION": "dev", "COMMIT": "unknown"}
	paths := append([]string{"--", "go.work", "go.work.sum", "Dockerfile", ":(exclude)**/*_test.go", ":(exclude)**/testdata/**",
		":(exclude)**/*.md"}, modules...)
	commit, err := p.git(ctx, append([]string{"log", "-1", "--format=%H"}, paths...)...)
	if err != nil || len(commit) < 12 {
		return entry
	}
	dirty := ""
	if changes, err := p.git(ctx, append([]string{"status", "--porcelain"}, paths...)...); err != nil || changes != "" {
		dirty = "-dirty"
	}
	entry.Build.Args["VERSION"], entry.Build.Args["COMMIT"] = "dev-"+commit[:12]+dirty, commit+dirty
	return entry
}

// git asks git about the checkout.
func (p Checkout) git(ctx context.Context, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, "git", append([]string{"-C", p.Root}, args...)...).Output()
	return strings.TrimSpace(string(out)), err
}

// dockerLogs asks compose, which finds the containers by the project's name alone: outside a folder with a compose.yaml it
// wants no variables and no files, so that the logs are there also when .local is gone.
func dockerLogs(ctx context.Context, checkout Checkout, console Console, names []string, follow bool, lines int) error {
	args := []string{"compose", "--project-name", checkout.project(), "logs", "--tail", strconv.Itoa(lines)}
	if follow {
		args = append(args, "--follow")
	}
	cmd := dockerCommand(ctx, append(args, names...)...)
	cmd.Stdout, cmd.Stderr, cmd.Dir = console.Out, os.Stderr, string(filepath.Separator)
	return runDocker(ctx, cmd)
}
