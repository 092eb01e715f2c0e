package stack

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"nms.example/tools/internal/layout"
)

// PrivateOptions says how a private system is to be.
type PrivateOptions struct {
	// Dir is a folder that does not exist yet and takes data and logs; it stays after Close. "": one in the temporary
	// folder that Close removes, or the next test run, should this process be killed.
	Dir string
	// Durable starts the servers with the settings of ./task up (PostgreSQL with fsync, Redis with its append-only file).
	// Without it they have those of ./task test: quicker, but a killed PostgreSQL loses the last commits
	// (synchronous_commit is off) and a killed Redis everything.
	Durable bool
	// Env is added to the environment of every service and of what runs beside them, and wins over everything else.
	Env map[string]string
	// Via puts something between the services and a server: it is given the server's name (postgres, redis, rabbitmq)
	// and address (host:port), before the services start, and returns the address that they are told. nil: nothing.
	Via func(server, address string) (string, error)
}

// Usage is what a program takes, its child processes included.
type Usage struct {
	Processes int
	// Resident is memory in bytes. What processes share (PostgreSQL's buffers) counts in each of them.
	Resident uint64
	// CPU is the time that the processes have run since their start, user and system.
	CPU time.Duration
}

// Private is a whole system of its own, servers and services, beside whatever else runs on the machine: own ports on
// loopback, own data, release builds of this checkout's services and of what ./task up runs beside them. Its programs are named
// after the services (auth, cfg …), simulator, postgres, redis, rabbitmq and epmd. Nothing is started again by itself: what was killed stays dead until Start. Its
// methods may be called from several goroutines, but not Start beside Stop or AwaitReady of the same program.
type Private struct {
	*throwAway

	options PrivateOptions
	via     map[string]string // the servers' own addresses, and what services are told in their place
	second  int               // the number of the last further instance
	close   sync.Once
}

// StartPrivate builds the services, starts everything and returns when all of it is ready. The caller must Close it;
// when the starting process dies before, the kernel ends the programs.
func StartPrivate(ctx context.Context, checkout Checkout, console Console, options PrivateOptions) (*Private, error) {
	sweepThrowAways()
	begun := time.Now()
	throw, err := newThrowAway(ctx, checkout, options.Dir, programNames()...)
	if err != nil {
		return nil, err
	}
	throw.throw = !options.Durable
	p := &Private{throwAway: throw, options: options, via: map[string]string{}, second: 1}
	if err := p.startAll(ctx); err != nil {
		p.Close()
		return nil, err
	}
	console.printf("A private system (%s) is up after %.1f s, logs in %s.", p.Versions(), time.Since(begun).Seconds(), p.checkout.logDir())
	return p, nil
}

// Versions names the servers with their versions.
func (p *Private) Versions() string {
	return fmt.Sprintf("PostgreSQL %s, Redis %s, RabbitMQ %s", p.bin.PostgresVersion, p.bin.RedisVersion, p.bin.RabbitVersion)
}

func (p *Private) startAll(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	build := func(ctx context.Context) error { return errors.Join(p.build(ctx, nil), p.checkout.installAll()) }
	if err := together(ctx, build, p.start); err != nil {
		return err
	}
	if err := p.migrate(ctx); err != nil {
		return err
	}
	if p.options.Via != nil {
		for _, server := range []string{portPostgres, portRedis, portRabbit} {
			address := layout.Loopback(p.ports[server])
			other, err := p.options.Via(server, address)
			if err != nil {
				return fmt.Errorf("put something before %s: %w", server, err)
			}
			p.via[address] = other
		}
	}
	var starts []func(context.Context) error
	for _, service := range layout.Services {
		instance, err := p.instance(service.Name, service, nil)
		if err != nil {
			return err
		}
		starts = append(starts, func(ctx context.Context) error { return p.launch(ctx, instance) })
	}
	for _, further := range layout.Programs {
		env := p.besideEnv(further.Name)
		for variable, value := range p.options.Env {
			env = append(env, variable+"="+value)
		}
		one, err := p.service(further.Name, further.Name, p.ports[further.Name], env)
		if err != nil {
			return err
		}
		starts = append(starts, func(ctx context.Context) error { return p.launch(ctx, one) })
	}
	return together(ctx, starts...)
}

// instance describes one process of a service; name is the service's, or one that StartSecond made.
func (p *Private) instance(name string, service layout.Service, env map[string]string) (*program, error) {
	instance, err := p.service(name, service.Name, p.ports[name], p.serviceEnv(name, service))
	if err != nil {
		return nil, err
	}
	for i := range instance.env {
		for address, other := range p.via {
			instance.env[i] = strings.ReplaceAll(instance.env[i], address, other)
		}
	}
	for _, further := range []map[string]string{p.options.Env, env} {
		for variable, value := range further {
			instance.env = append(instance.env, variable+"="+value) // the last one counts
		}
	}
	return instance, nil
}

// Close ends everything at once, whatever state it is in, and removes the folder unless PrivateOptions named it.
func (p *Private) Close() {
	p.close.Do(func() {
		for _, name := range p.Programs() {
			_ = p.Continue(name) // a paused program would not hear that it is to end
		}
		p.stop()
		if p.options.Dir == "" {
			p.remove()
		} else {
			p.checkout.releaseMemory()
		}
	})
}

// Programs names everything that was started, in the order of the start; what has been killed is still among them.
func (p *Private) Programs() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	var names []string
	for _, one := range p.programs {
		names = append(names, one.name)
	}
	return names
}

// find returns a program by its name.
func (p *Private) find(name string) (*program, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, one := range p.programs {
		if one.name == name {
			return one, nil
		}
	}
	return nil, fmt.Errorf("there is no program %q in this system", name)
}

// life returns the current life of a program: its process and the channel that closes with its end.
func (p *Private) life(one *program) (pid int, done <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return one.cmd.Process.Pid, one.done
}

// members lists the processes of a program; none when it has ended.
func (p *Private) members(one *program) []Ident {
	pid, done := p.life(one)
	select {
	case <-done:
		return nil
	default:
	}
	leader, err := Identify(pid)
	if err != nil {
		return nil
	}
	return family(leader)
}

// signal sends a signal to all processes of a program. The eldest is stopped first and so has no child that is missed.
func (p *Private) signal(one *program, sig syscall.Signal) []Ident {
	if members := p.members(one); len(members) > 0 && sig != syscall.SIGCONT {
		_ = members[0].Signal(syscall.SIGSTOP) // fails only when it has ended
		awaitStopped(members[:1])
	}
	members := p.members(one)
	for _, member := range members {
		_ = member.Signal(sig) // as above
	}
	return members
}

// Kill ends a program with SIGKILL, its children included, and returns when they are gone. One that has ended already
// is no error.
func (p *Private) Kill(name string) error {
	one, err := p.find(name)
	if err != nil {
		return err
	}
	_, done := p.life(one)
	members := p.signal(one, syscall.SIGKILL)
	<-done
	const limit = 10 * time.Second
	for begun := time.Now(); slices.ContainsFunc(members, Ident.Alive); time.Sleep(2 * time.Millisecond) {
		if time.Since(begun) > limit {
			return fmt.Errorf("%s was killed %s ago and is still there", name, limit)
		}
	}
	return nil
}

// Stop ends a program in order, as an operator would, and returns when it has ended. It is killed when it takes too
// long (services 12 s, PostgreSQL and RabbitMQ 20 s, Redis 10 s).
func (p *Private) Stop(name string) error {
	one, err := p.find(name)
	if err != nil {
		return err
	}
	p.signal(one, syscall.SIGCONT)
	one.halt()
	return nil
}

// Pause stops a program in its tracks (SIGSTOP): its ports still take connections, and nobody answers.
func (p *Private) Pause(name string) error {
	one, err := p.find(name)
	if err != nil {
		return err
	}
	members := p.signal(one, syscall.SIGSTOP)
	if len(members) == 0 {
		return fmt.Errorf("%s does not run", name)
	}
	awaitStopped(members)
	return nil
}

// Continue lets a paused program go on.
func (p *Private) Continue(name string) error {
	one, err := p.find(name)
	if err != nil {
		return err
	}
	if len(p.signal(one, syscall.SIGCONT)) == 0 {
		return fmt.Errorf("%s does not run", name)
	}
	return nil
}

// Start starts a program again, on the same port and data, after it has ended. It does not wait until it serves:
// AwaitReady does.
func (p *Private) Start(name string) error {
	one, err := p.find(name)
	if err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	select {
	case <-one.done:
	default:
		return fmt.Errorf("%s runs already", name)
	}
	one.served.Store(false)
	return one.start(p.spawner, p.checkout.Account)
}

// AwaitReady waits until a program serves; a service until its /readyz is 200. It fails when the program ends.
func (p *Private) AwaitReady(ctx context.Context, name string) error {
	one, err := p.find(name)
	if err != nil {
		return err
	}
	return one.awaitReady(ctx)
}

// Ended tells whether a program has ended, by itself or not, and how.
func (p *Private) Ended(name string) (how string, ended bool) {
	one, err := p.find(name)
	if err != nil {
		return err.Error(), true
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	select {
	case <-one.done:
		return one.ending(), true
	default:
		return "", false
	}
}

// StartSecond starts a further instance of a service on a port of its own and waits until it is ready. env is for this
// instance alone. The answer is its name ("cfg-2"), by which all other methods know it.
func (p *Private) StartSecond(ctx context.Context, service string, env map[string]string) (string, error) {
	i := slices.IndexFunc(layout.Services, func(s layout.Service) bool { return s.Name == service })
	if i < 0 {
		return "", fmt.Errorf("there is no service %q", service)
	}
	ports, err := freePorts()
	if err != nil {
		return "", err
	}
	p.mu.Lock()
	p.second++
	name := service + "-" + strconv.Itoa(p.second)
	p.ports[name] = ports[portPostgres] // any of those that were found free
	instance, err := p.instance(name, layout.Services[i], env)
	p.mu.Unlock()
	if err != nil {
		return "", err
	}
	return name, p.launch(ctx, instance)
}

// Address is where a program listens ("127.0.0.1:20815"), past anything that PrivateOptions.Via put before it.
func (p *Private) Address(name string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return layout.Loopback(p.ports[name])
}

// URL is the address of a service, without a slash at its end.
func (p *Private) URL(service string) string { return "http://" + p.Address(service) }

// DSN is the URL of a database (auth, nms, dwh, admin) for the role that owns it, as its service has it.
func (p *Private) DSN(database string) string {
	return postgresDSN(database, database, database, p.ports[portPostgres])
}

// SuperDSN is the URL of a database for PostgreSQL's superuser.
func (p *Private) SuperDSN(database string) string { return p.superDSN(database) }

// BrokerDSN is the broker's AMQP URL for its administrator.
func (p *Private) BrokerDSN() string { return p.brokerDSN() }

// ManagementURL is the broker's management API, with its login.
func (p *Private) ManagementURL() string { return p.managementURL(true) }

// RedisDSN is Redis' URL.
func (p *Private) RedisDSN() string { return p.redisDSN() }

// Login returns the administrator's name and password.
func (p *Private) Login() (name, password string) {
	return developmentLogin, developmentPassword(p.options.Env)
}

// Process identifies a program's (first) process.
func (p *Private) Process(name string) (Ident, error) {
	one, err := p.find(name)
	if err != nil {
		return Ident{}, err
	}
	members := p.members(one)
	if len(members) == 0 {
		return Ident{}, fmt.Errorf("%s does not run", name)
	}
	return members[0], nil
}

// Usage measures a program with its children; all zero when it does not run.
func (p *Private) Usage(name string) (Usage, error) {
	one, err := p.find(name)
	if err != nil {
		return Usage{}, err
	}
	return usage(p.members(one)), nil
}

// Log is the file with a program's output; further: "build", "migrate", "initdb".
func (p *Private) Log(name string) string { return p.checkout.logPath(name) }

// Binary is the file of a built service, or of "migrate".
func (p *Private) Binary(name string) string { return p.checkout.binary(name) }

// Dir is the folder that holds it all.
func (p *Private) Dir() string { return filepath.Clean(p.checkout.Local) }
