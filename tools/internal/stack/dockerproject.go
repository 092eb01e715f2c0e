package stack

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// project is compose's name for this checkout's stack: a hash of its path, so that two checkouts share nothing.
func (p Checkout) project() string {
	sum := sha256.Sum256([]byte(p.Root))
	return "nms-" + hex.EncodeToString(sum[:4])
}

// projectLabel is on all that compose makes for a project: containers, networks, volumes and built images. What belongs to
// the stack is found by it, whatever was noted in .local.
func (p Checkout) projectLabel() string { return "label=com.docker.compose.project=" + p.project() }

// container is one of the stack's.
type container struct {
	id, service string
	// state is Docker's word, such as running or exited; status its sentence, such as "Up 2 minutes (healthy)".
	state, status string
	ports         []int
}

type containers []container

// containers lists those of the stack, also those that have stopped.
func (p Checkout) containers(ctx context.Context) (containers, error) {
	out, err := docker(ctx, "ps", "--all", "--no-trunc", "--filter", p.projectLabel(),
		"--format", `{{.ID}}	{{.Label "com.docker.compose.service"}}	{{.State}}	{{.Status}}	{{.Ports}}`)
	if err != nil {
		return nil, err
	}
	var list containers
	for line := range strings.Lines(out) {
		fields := append(strings.Split(strings.TrimRight(line, "\n"), "\t"), "", "", "", "")
		list = append(list, container{
			id: fields[0], service: fields[1], state: fields[2], status: fields[3], ports: publishedPorts(fields[4]),
		})
	}
	return list, nil
}

// published matches the machine's ports in Docker's list, such as 127.0.0.1:4000->4000/tcp or 127.0.0.1:4141-4142->….
var published = regexp.MustCompile(`:(\d+)(?:-(\d+))?->`)

func publishedPorts(list string) []int {
	var ports []int
	for _, match := range published.FindAllStringSubmatch(list, -1) {
		first, _ := strconv.Atoi(match[1])
		last, err := strconv.Atoi(match[2])
		if err != nil {
			last = first
		}
		for port := first; port <= last; port++ {
			ports = append(ports, port)
		}
	}
	return ports
}

func (l containers) ports() []int {
	var all []int
	for _, c := range l {
		all = append(all, c.ports...)
	}
	return all
}

func (l containers) running() bool {
	return slices.ContainsFunc(l, func(c container) bool { return c.state == "running" })
}

// inDocker tells whether the stack runs in containers, or was started in them: also when nothing was noted.
func (p Checkout) inDocker(ctx context.Context, state *State) bool {
	if state != nil && state.Mode == modeDocker {
		return true
	}
	list, err := p.containers(ctx)
	return err == nil && len(list) > 0
}

// well tells whether a container does what it should; the migrator ends when it has done its work.
func (c container) well() bool {
	if c.service == "migrate" && strings.HasPrefix(c.status, "Exited (0)") {
		return true
	}
	return c.state == "running" && !strings.Contains(c.status, "unhealthy") && !strings.Contains(c.status, "health: starting")
}

// composeServices are the services of compose.yaml, the servers first.
func composeServices() []string {
	return append([]string{portPostgres, portRabbit, portRedis, "migrate"}, programNames()...)
}

// dockerStatus shows the containers; the error is ErrNotReady unless each of the stack's is there and well.
func dockerStatus(ctx context.Context, checkout Checkout, console Console) error {
	list, err := checkout.containers(ctx)
	if err != nil {
		return fmt.Errorf("the stack was started in Docker: %w", err)
	}
	console.printf("in Docker, project %s\n", checkout.project())
	console.printf("%-10s %-10s %s", "container", "state", "")
	answer := error(nil)
	for _, service := range composeServices() {
		found := false
		for _, c := range list {
			if c.service != service {
				continue
			}
			found = true
			word := c.status
			if !c.well() {
				answer, word = ErrNotReady, c.status+"; see ./task logs "+service
			}
			console.printf("%-10s %-10s %s", service, c.state, word)
		}
		if !found {
			answer = ErrNotReady
			console.printf("%-10s %-10s %s", service, "missing", "./task up starts it")
		}
	}
	if _, err := checkout.ClientEnv(); err != nil {
		if _, err := os.Stat(checkout.secretsPath()); err == nil {
			console.printf("\n./task up brings it to what the sources say and prints where it is.")
			return ErrNotReady
		}
		console.printf("\nWhere it is and its passwords were in %s, which is gone: ./task down --purge and ./task up make it anew.", checkout.Local)
		return ErrNotReady
	}
	if answer != nil {
		return answer
	}
	return checkout.PrintTable(ctx, console)
}

// showUnwell prints the last lines of the containers that are not well.
func (p Checkout) showUnwell(ctx context.Context, console Console) {
	list, err := p.containers(ctx)
	if err != nil {
		console.printf("%v", err)
		return
	}
	for _, c := range list {
		if c.well() || c.state == "created" {
			continue
		}
		console.printf("%s: %s", c.service, c.status)
		lines := dockerCommand(ctx, "logs", "--tail", "15", c.id)
		lines.Stdout, lines.Stderr = console.Out, console.Out
		if err := lines.Run(); err != nil {
			console.printf("docker logs: %v", err)
		}
	}
}

// labelled lists the ids of what is of a kind (container, network, volume, image) and belongs to the stack.
func (p Checkout) labelled(ctx context.Context, kind string, filters ...string) ([]string, error) {
	args := []string{kind, "ls", "--quiet", "--filter", p.projectLabel()}
	for _, filter := range filters {
		args = append(args, "--filter", filter)
	}
	out, err := docker(ctx, args...)
	if err != nil {
		return nil, err
	}
	ids := strings.Fields(out)
	slices.Sort(ids)
	return slices.Compact(ids), nil // an image may have several names
}

// removeLabelled removes all of a kind that belongs to the stack.
func (p Checkout) removeLabelled(ctx context.Context, kind string, flags, filters []string) error {
	ids, err := p.labelled(ctx, kind, filters...)
	if err != nil || len(ids) == 0 {
		return err
	}
	_, err = docker(ctx, slices.Concat([]string{kind, "rm"}, flags, ids)...)
	return err
}

// removeContainers stops the containers, the services before the servers that they need, and removes them and the network.
func (p Checkout) removeContainers(ctx context.Context) error {
	list, err := p.containers(ctx)
	if err != nil {
		return err
	}
	var services, servers, all []string
	for _, c := range list {
		all = append(all, c.id)
		switch {
		case c.state != "running" && c.state != "restarting":
		case slices.Contains([]string{portPostgres, portRabbit, portRedis}, c.service):
			servers = append(servers, c.id)
		default:
			services = append(services, c.id)
		}
	}
	for _, ids := range [][]string{services, servers} {
		if len(ids) > 0 {
			if _, err := docker(ctx, append([]string{"stop"}, ids...)...); err != nil {
				return err
			}
		}
	}
	if len(all) > 0 {
		if _, err := docker(ctx, append([]string{"rm", "--force", "--volumes"}, all...)...); err != nil {
			return err
		}
	}
	return p.removeLabelled(ctx, "network", nil, nil)
}

// removeOldImages removes the images that a later build has taken the name from.
func (p Checkout) removeOldImages(ctx context.Context) error {
	return p.removeLabelled(ctx, "image", nil, []string{"dangling=true"})
}

// dockerDown removes the stack's containers and network and, with purge, its volumes and images. It goes by the
// project's label alone. Where no engine answers there is nothing to be done; that is an error when the stack was
// started in Docker.
func dockerDown(ctx context.Context, checkout Checkout, console Console, state *State, purge bool) error {
	ask, cancel := context.WithTimeout(ctx, dockerPatience)
	defer cancel()
	list, err := checkout.containers(ask)
	switch {
	case ctx.Err() != nil:
		return ErrInterrupted
	case err != nil && (state == nil || state.Mode != modeDocker):
		return nil // no engine, and none was used
	case err != nil:
		return fmt.Errorf("the stack was started in Docker, so run ./task down again when the engine answers: %w", err)
	}
	if list.running() {
		console.printf("Stopping the stack …")
	}
	if err := checkout.removeContainers(ctx); err != nil || !purge {
		return err
	}
	return errors.Join(checkout.removeLabelled(ctx, "volume", nil, nil), checkout.removeLabelled(ctx, "image", []string{"--force"}, nil))
}
