package stack

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"nms.example/tools/internal/layout"
)

// checkMode refuses a second stack of the other kind beside the first.
func (p Place) checkMode(ctx context.Context) error {
	switch mode := os.Getenv("STACK"); mode {
	case "", modeNative, modeDocker:
	default:
		return fmt.Errorf("STACK=%q is unknown: native or docker, or unset for docker where an engine answers", mode)
	}
	state, err := p.readState()
	if err != nil || state == nil {
		return err
	}
	if state.Running() && os.Getenv("STACK") == modeDocker {
		return errors.New("the stack runs natively here: ./task down comes first")
	}
	if state.Mode == modeDocker && os.Getenv("STACK") == modeNative {
		return errors.New("the stack runs in Docker here: ./task down comes first")
	}
	return ctx.Err()
}

// dockerWanted tells whether the stack is to run in containers: a native one that runs stays, STACK decides
// else, and without it a Docker engine with the compose plug-in that answers within three seconds.
func dockerWanted(ctx context.Context, place Place) bool {
	if state, err := place.readState(); err == nil && state != nil && (state.Running() || state.Mode == modeDocker) {
		return state.Mode == modeDocker
	}
	switch os.Getenv("STACK") {
	case modeNative:
		return false
	case modeDocker:
		return true
	}
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	for _, args := range [][]string{{"info", "--format", "{{.ServerVersion}}"}, {"compose", "version"}} {
		cmd := exec.CommandContext(ctx, "docker", args...)
		cmd.WaitDelay = time.Second
		if cmd.Run() != nil {
			return false
		}
	}
	return true
}

// compose runs docker compose on this checkout with the user's terminal.
func (p Place) compose(ctx context.Context, console Console, args ...string) error {
	cmd := exec.CommandContext(ctx, "docker", append([]string{"compose", "--project-directory", p.Root,
		"--env-file", p.composeEnvPath()}, args...)...)
	cmd.Stdout, cmd.Stderr, cmd.Dir = console.Out, os.Stderr, p.Root
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = time.Minute
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			return ErrInterrupted
		}
		return fmt.Errorf("docker compose %s: %w", args[0], err)
	}
	return nil
}

func dockerUp(ctx context.Context, place Place, console Console) error {
	console.printf("A Docker engine answers: starting the stack with docker compose (STACK=native avoids it).")
	if err := place.prepareDocker(); err != nil {
		return err
	}
	err := place.compose(ctx, console, "up", "--build", "--wait", "--wait-timeout", "600")
	if errors.Is(err, ErrInterrupted) {
		console.printf("Interrupted: stopping what was started …")
		stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
		defer cancel()
		return errors.Join(err, place.compose(stop, console, "down"))
	}
	if err != nil {
		return err
	}
	return place.PrintTable(ctx, console)
}

// prepareDocker writes what compose.yaml requires, with secrets of this checkout, and the client environment.
func (p Place) prepareDocker() error {
	if err := os.MkdirAll(p.logDir(), 0o755); err != nil {
		return err
	}
	kept, err := p.loadSecrets()
	if err != nil {
		return err
	}
	ports, err := choosePorts(environ)
	if err != nil {
		return err
	}
	s := server{place: p, ports: ports, secrets: kept}
	env := []string{
		"ENVIRONMENT=dev", "TZ=" + timeZone(), "VERSION=" + version(context.Background(), p.Root), //nolint:contextcheck // bounded inside
		"POSTGRES_PASSWORD=" + kept.Postgres, "RABBITMQ_PASSWORD=" + brokerUser, "REDIS_PASSWORD=" + kept.Redis,
		"JWT_SECRET_KEY=" + kept.JWT,
	}
	for _, database := range layout.Databases {
		env = append(env, strings.ToUpper(database)+"_DB_PASSWORD="+database)
	}
	for name, port := range ports {
		env = append(env, layout.PortVariable(name)+"="+strconv.Itoa(port))
	}
	if err := replaceFile(p.composeEnvPath(), []byte(strings.Join(env, "\n")+"\n")); err != nil {
		return err
	}
	if err := p.writeEnv(s.clientEnv()); err != nil {
		return err
	}
	return p.writeState(&State{Mode: modeDocker, Started: time.Now(), Phase: Ready, Ports: ports})
}

func dockerDown(ctx context.Context, place Place, console Console, purge bool) error {
	args := []string{"down", "--remove-orphans"}
	if purge {
		args = append(args, "--volumes", "--rmi", "local")
	}
	return place.compose(ctx, console, args...)
}

func dockerStatus(ctx context.Context, place Place, console Console) error {
	if err := place.compose(ctx, console, "ps", "--all"); err != nil {
		return err
	}
	return place.PrintTable(ctx, console)
}

func dockerLogs(ctx context.Context, place Place, console Console, names []string, follow bool, lines int) error {
	args := []string{"logs", "--tail", strconv.Itoa(lines)}
	if follow {
		args = append(args, "--follow")
	}
	return place.compose(ctx, console, append(args, names...)...)
}
