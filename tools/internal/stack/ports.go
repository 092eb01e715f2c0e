package stack

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"

	"nms.example/tools/internal/layout"
)

// Ports maps each program, and each further listener of RabbitMQ, to its loopback port.
type Ports map[string]int

// The listeners beside the services. The defaults lie apart from the standard ports, so that a machine's own
// servers are never met, and below 32768, where the kernel takes the ports of outgoing connections from.
const (
	portPostgres   = "postgres"
	portRedis      = "redis"
	portRabbit     = "rabbitmq"
	portManagement = "rabbitmq-management"
	portDist       = "rabbitmq-dist"
	portEpmd       = "rabbitmq-epmd"
)

func serverPorts() Ports {
	return Ports{
		portPostgres: 15432, portRedis: 16379,
		portRabbit: 16672, portManagement: 16673, portDist: 16674, portEpmd: 16675,
	}
}

// choosePorts returns the ports of `up`: the defaults, moved by variables such as POSTGRES_PORT or AUTH_PORT.
func choosePorts(getenv func(string) string) (Ports, error) {
	ports := serverPorts()
	for _, service := range layout.Services {
		ports[service.Name] = service.Port
	}
	for _, program := range layout.Programs {
		ports[program.Name] = program.Port
	}
	var faults []error
	owners := map[int]string{}
	for _, name := range ports.names() {
		variable := layout.PortVariable(name)
		if text := getenv(variable); text != "" {
			port, err := strconv.Atoi(text)
			if err != nil || port < 1024 || port > 65535 {
				faults = append(faults, fmt.Errorf("%s=%q is not a port from 1024 to 65535", variable, text))
				continue
			}
			ports[name] = port
		}
		if other, taken := owners[ports[name]]; taken {
			faults = append(faults, fmt.Errorf("%s and %s are both given port %d", other, name, ports[name]))
		}
		owners[ports[name]] = name
	}
	return ports, errors.Join(faults...)
}

// freePorts returns ports for the servers, and for the further programs named, that were free a moment ago. They lie
// below 32768, so that the kernel gives none of them to an outgoing connection while a program is between two lives.
func freePorts(further ...string) (Ports, error) {
	const lowest, highest, attempts = 20000, 32767, 1000
	ports := serverPorts()
	for _, name := range further {
		ports[name] = 0
	}
	for name := range ports {
		var last error
		found := false
		for range attempts {
			port := lowest + rand.IntN(highest-lowest+1)
			listener, err := net.ListenTCP("tcp4", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: port})
			if err != nil {
				last = err
				continue
			}
			defer listener.Close() // held until all are chosen, so that none is given twice
			ports[name], found = port, true
			break
		}
		if !found {
			return nil, fmt.Errorf("no free port from %d to %d: %w", lowest, highest, last)
		}
	}
	return ports, nil
}

// names lists the listeners, the services first, the servers last.
func (p Ports) names() []string {
	names := slices.DeleteFunc(programNames(), func(name string) bool { _, here := p[name]; return !here })
	var servers []string
	for name := range p {
		if !slices.Contains(names, name) {
			servers = append(servers, name)
		}
	}
	slices.Sort(servers)
	return append(names, servers...)
}

// without leaves out the programs whose ports are among the taken ones.
func (p Ports) without(taken []int) Ports {
	rest := Ports{}
	for name, port := range p {
		if !slices.Contains(taken, port) {
			rest[name] = port
		}
	}
	return rest
}

// check says which ports are taken, and what to set to move the program that wants each.
func (p Ports) check() error {
	var taken []string
	for _, name := range p.names() {
		listener, err := net.ListenTCP("tcp4", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: p[name]})
		if err != nil {
			taken = append(taken, fmt.Sprintf("port %d, wanted by %s, is taken (set %s to another)",
				p[name], name, layout.PortVariable(name)))
			continue
		}
		_ = listener.Close()
	}
	switch len(taken) {
	case 0:
		return nil
	case 1:
		return errors.New(taken[0])
	case len(p):
		taken = append(taken, "all of them: does the stack of another checkout run?")
	}
	return errors.New("these ports are not free:\n  " + strings.Join(taken, "\n  "))
}

// environ is os.Getenv, named for what it is used for here.
func environ(name string) string { return os.Getenv(name) }
