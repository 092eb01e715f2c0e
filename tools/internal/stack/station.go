package stack

import (
	"context"
	"errors"
	"io/fs"
	"maps"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"nms.example/tools/internal/layout"
	"nms.example/tools/internal/station"
)

// simulator is the program whose devices are put into the catalogues.
const simulator = "simulator"

// stationPath is the note that this was done, with the simulator's address; the data in Docker are others than the native ones.
func (p Checkout) stationPath(mode string) string {
	return filepath.Join(p.stateDir(), "station-"+mode)
}

// setUpStation puts the simulator's devices into the catalogues, once for a stack's data: what somebody changes or removes there
// stays as it is. That it cannot be done is told and stops nothing; the next `up` tries again.
func (p Checkout) setUpStation(ctx context.Context, console Console, mode string, ports Ports, options UpOptions) error {
	for _, needed := range []string{"auth", "cfg", "ctrl"} {
		if slices.Contains(options.Without, needed) {
			return nil
		}
	}
	address := stationAddress(mode, ports)
	noted, err := os.ReadFile(p.stationPath(mode))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	moved := strings.TrimSpace(string(noted))
	if moved == address {
		return nil
	}
	system := stationSystem(ports, address)
	system.Password = developmentPassword(nil)
	err = showing(ctx, console, "put the simulator's devices into the catalogues", func(ctx context.Context, _ func(string)) error {
		return station.Load(ctx, system, moved)
	})
	switch {
	case ctx.Err() != nil:
		return ErrInterrupted
	case err != nil:
		console.printf("The simulator's devices are not in the catalogues: %v\n"+
			"(Is it the password? AUTH_ADMIN_PASSWORD names another one than user_super. The next ./task up tries again.)", err)
		return nil
	default:
		return replaceFile(p.stationPath(mode), []byte(address+"\n"))
	}
}

// stationAddress is where ctrl finds the simulator.
func stationAddress(mode string, ports Ports) string {
	if mode != modeDocker {
		return layout.Loopback(ports[simulator])
	}
	program, _ := beside(simulator) // it is in the table
	return net.JoinHostPort(simulator, strconv.Itoa(program.Port))
}

func stationSystem(ports Ports, address string) station.System {
	at := func(service string) string { return "http://" + layout.Loopback(ports[service]) }
	return station.System{Auth: at("auth"), Cfg: at("cfg"), Ctrl: at("ctrl"), Login: developmentLogin, Simulator: address}
}

// developmentLogin is the first user; auth makes it.
const developmentLogin = "admin_nms"

// developmentPassword is the first user's where ENVIRONMENT is dev, as auth takes it: from the service's variables, which may be
// nil, or the caller's.
func developmentPassword(env map[string]string) string {
	const variable, inDev = "AUTH_ADMIN_PASSWORD", "user_super"
	for _, set := range []string{env[variable], os.Getenv(variable)} {
		if set != "" {
			return set
		}
	}
	return inDev
}

// SetUpStation puts the simulator's devices into the catalogues, as `up` does.
func (p *Private) SetUpStation(ctx context.Context) error {
	p.mu.Lock()
	ports := maps.Clone(p.ports)
	p.mu.Unlock()
	system := stationSystem(ports, stationAddress(modeNative, ports))
	system.Login, system.Password = p.Login()
	return station.Load(ctx, system, "")
}
