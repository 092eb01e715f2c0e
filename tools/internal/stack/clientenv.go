package stack

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"

	"nms.example/tools/internal/layout"
)

// clientEnv is what programs beside the stack need to use it: the services' URLs and the servers' DSNs.
func (s *server) clientEnv() []string {
	var env []string
	for _, service := range layout.Services {
		env = append(env, urlVariable(service.Name)+"=http://"+layout.Loopback(s.ports[service.Name]))
	}
	for _, program := range layout.Programs {
		env = append(env, addressVariable(program.Name)+"="+layout.Loopback(s.ports[program.Name]))
	}
	env = append(env, s.databaseEnv()...)
	return append(env, "MQ_DSN="+s.brokerDSN(), "MQ_API="+s.managementURL(true), "REDIS_DSN="+s.redisDSN())
}

// urlVariable is the name of the variable with a service's URL ("AUTH_URL").
func urlVariable(service string) string {
	return strings.TrimSuffix(layout.PortVariable(service), "_PORT") + "_URL"
}

// addressVariable is the name of the variable with the address of a program beside the services ("SIMULATOR_ADDRESS").
func addressVariable(program string) string {
	return strings.TrimSuffix(layout.PortVariable(program), "_PORT") + "_ADDRESS"
}

// writeEnv keeps the client environment for `devstack env` and `devstack exec`, for the owner's eyes.
func (p Checkout) writeEnv(env []string) error {
	return replaceFile(p.envPath(), []byte(strings.Join(env, "\n")+"\n"))
}

// ClientEnv reads the client environment of the stack that was started last.
func (p Checkout) ClientEnv() ([]string, error) {
	file, err := os.Open(p.envPath())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errors.New("the stack is not running: start it with ./task up")
	}
	if err != nil {
		return nil, err
	}
	defer file.Close()
	var env []string
	for lines := bufio.NewScanner(file); lines.Scan(); {
		if lines.Text() != "" {
			env = append(env, lines.Text())
		}
	}
	if len(env) == 0 {
		return nil, fmt.Errorf("%s is empty: start the stack with ./task up", p.envPath())
	}
	return env, nil
}

// ServiceEnv is what a service has to be given to run in the place of the stack's own instance: NAME=VALUE, quoted as a
// shell wants it, which the env files of editors understand as well.
func (p Checkout) ServiceEnv(name string) ([]string, error) {
	i := slices.IndexFunc(layout.Services, func(service layout.Service) bool { return service.Name == name })
	if i < 0 {
		return nil, fmt.Errorf("there is no service %q; there are %s", name, strings.Join(serviceNames(), ", "))
	}
	state, err := p.readState()
	if err != nil {
		return nil, err
	}
	if state != nil && state.Mode == modeDocker {
		return nil, errors.New("the stack runs in Docker; a service runs by hand beside a native one alone (STACK=native ./task up)")
	}
	if !state.Running() {
		return nil, errors.New("the stack is not running: start it with ./task up")
	}
	s, err := p.serverOf(state, nil)
	if err != nil {
		return nil, err
	}
	values := map[string]string{}
	for _, entry := range s.settings(name, layout.Services[i]) {
		variable, value, _ := strings.Cut(entry, "=")
		values[variable] = value // the last one counts
	}
	var env []string
	for _, variable := range slices.Sorted(maps.Keys(values)) {
		env = append(env, variable+"="+quoted(values[variable]))
	}
	return env, nil
}

// quoted is a value as a POSIX shell reads it, in single quotes where it needs some.
func quoted(value string) string {
	const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./:@%+,-"
	if value != "" && strings.Trim(value, plain) == "" {
		return value
	}
	return "'" + strings.ReplaceAll(value, "'", `'\''`) + "'"
}
