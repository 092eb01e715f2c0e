// Package chaos proves that the system loses and invents nothing. It runs a private system, sends traffic to all services,
// kills, pauses and cuts off one part after the other, and then compares what was answered with what is stored and with
// what the journal says.
package chaos

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"nms.example/tools/internal/layout"
	"nms.example/tools/internal/measure"
	"nms.example/tools/internal/stack"
)

// Options say how long and how hard.
type Options struct {
	// Rounds through all faults.
	Rounds int
	// Calm is the time of undisturbed traffic before each fault, Outage the time that a killed program stays away.
	Calm, Outage time.Duration
	// BrokerPause is how long RabbitMQ hangs, Hang how long PostgreSQL and Redis do; 0: they do not. How long ctrl, the simulator and the
	// line between them do follows from the commands' deadlines.
	BrokerPause, Hang time.Duration
	// Unheard is how long whoever is told of alarms hangs.
	Unheard time.Duration
	// Cuts is how often the connection to RabbitMQ is cut at each of the four places.
	Cuts int
	// Seconds are services of which a further instance runs beside the first: its relay shares the work, and a second
	// admin takes over when the first is killed.
	Seconds []string
	// Kills is how often PostgreSQL is killed in the middle of ingest, after the rounds.
	Kills int
	// Upsets is how often what values pass through, from ctrl to whoever is told of alarms, is killed or paused while they cross limits, after the rounds.
	Upsets int
	// Settle is the time that the broker's topology stands before the first fault: a RabbitMQ that is killed right
	// after the declarations may forget a binding, and what was published in the meantime was never meant for that queue.
	Settle time.Duration
	// HealthyWithin is what a service may take from the last repair on. It has to stay healthy for Steady.
	HealthyWithin, Steady time.Duration
	// Drain bounds the wait for the journal to catch up.
	Drain time.Duration
	// Points is the length of the traces, Pace the pause of each of eight clients between two requests (0: 20 ms).
	Points int
	Pace   time.Duration
	// Command is what was typed, for the report.
	Command string
	// Out takes a line per fault while it runs.
	Out io.Writer
}

// Long are the options of ./task chaos: every fault, with the system's own settings.
func Long(out io.Writer) Options {
	return Options{
		Rounds: 1, Calm: 3 * time.Second, Outage: 3 * time.Second, BrokerPause: 20 * time.Second, Hang: 5 * time.Second, Cuts: 10,
		Unheard: 25 * time.Second, Upsets: 32,
		Seconds: []string{"cfg", "inbox", "admin", "ctrl"}, Kills: 12, Settle: 5 * time.Second, HealthyWithin: 10 * time.Second, Steady: 6 * time.Second, Drain: 2 * time.Minute,
		Points: 500, Out: out,
	}
}

// Short are those of ./task test -workshop: one fault of each kind, and patience for a busy machine.
func Short(out io.Writer) Options {
	return Options{
		Rounds: 1, Calm: 500 * time.Millisecond, Outage: 500 * time.Millisecond, BrokerPause: 3 * time.Second, Cuts: 1,
		Unheard: time.Second, Upsets: 8,
		Seconds: []string{"ctrl"}, Kills: 2, Settle: 3 * time.Second, HealthyWithin: time.Minute, Steady: 1500 * time.Millisecond, Drain: 2 * time.Minute,
		Points: 50, Pace: 50 * time.Millisecond, Command: "./task test -workshop", Out: out,
	}
}

// Env is what the services are given for a proof: the traffic comes from one user, is not about bcrypt, and each change of an alarm is looked for.
func Env() map[string]string {
	return map[string]string{"RATE_LIMIT": "0", "BCRYPT_COST": "4", "ALARM_FLAPPING_CHANGES": "1000", "ALARM_FLAPPING_WINDOW": "1s"}
}

// ShortEnv is Env for Short, whose steady time needs health to be probed more often.
func ShortEnv() map[string]string {
	env := Env()
	env["HEALTH_INTERVAL"] = "1s"
	return env
}

// run is one proof under way.
type run struct {
	Options

	system   *stack.Private
	proxy    *Proxy
	traffic  *Traffic
	items    []*catalogueWorker
	commands *commanding
	alarming *alarming
	windows  []window
	changes  []change        // of all traffic that has ended
	before   map[string]bool // events of the journal that are older than the ledgers
	report   *Report
}

// Run starts a private system, does all of it and returns the report. The report holds what must not be; an error says
// that the proof could not be made.
func Run(ctx context.Context, checkout stack.Checkout, private stack.PrivateOptions, options Options) (*Report, error) {
	r := &run{Options: options, report: &Report{}}
	begun := time.Now()
	private.Via = func(server, address string) (string, error) {
		if server != "rabbitmq" {
			return address, nil
		}
		var err error
		if r.proxy, err = NewProxy(ctx, address); err != nil {
			return "", err
		}
		return r.proxy.Address(), nil
	}
	defer func() {
		if r.proxy != nil {
			r.proxy.Close()
		}
	}()
	end, err := r.open(ctx, checkout, private)
	if err != nil {
		return nil, err
	}
	defer end()
	for _, part := range []func(context.Context) error{r.prepare, r.rounds, r.upset, r.ingest, r.judge} {
		if err := part(ctx); err != nil {
			return nil, err
		}
	}
	r.report.Took = time.Since(begun)
	return r.report, nil
}

// open starts the system; end ends it.
func (r *run) open(ctx context.Context, checkout stack.Checkout, private stack.PrivateOptions) (end func(), err error) {
	dir, err := secrets()
	if err != nil {
		return nil, err
	}
	private.Durable = true // without fsync and synchronous commits a kill loses what was promised
	private.Env = maps.Clone(private.Env)
	private.Env["CTRL_SECRETS_DIR"] = dir
	if r.system, err = stack.StartPrivate(ctx, checkout, stack.Console{Out: r.Out}, private); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	r.report.Head = measure.Circumstances(ctx, checkout.Root, r.Command, r.system.Versions())
	return func() {
		r.closeLine()
		r.system.Close()
		_ = os.RemoveAll(dir) // what is left of a temporary folder is no fault of the system
	}, nil
}

// closeLine ends the line to the simulator, if there is one.
func (r *run) closeLine() {
	if r.commands != nil {
		r.commands.line.Close()
	}
}

// prepare sets the receivers up, waits until the system stands still and lays the ledgers.
func (r *run) prepare(ctx context.Context) error {
	if err := errors.Join(r.newCommanding(ctx), r.newAlarming(ctx)); err != nil {
		return err
	}
	if err := layLedgers(ctx, r.system); err != nil {
		return err
	}
	for _, service := range r.Seconds {
		if _, err := r.system.StartSecond(ctx, service, nil); err != nil {
			return err
		}
	}
	for _, name := range r.services() {
		if service, _, _ := strings.Cut(name, "-"); service == "ctrl" {
			r.commands.instances = append(r.commands.instances, name)
		}
	}
	r.alarming.instances = r.commands.instances
	pause(ctx, r.Settle)
	if err := settle(ctx, r.system, r.Drain); err != nil {
		return err
	}
	before, err := journalIDs(ctx, r.system)
	if err != nil {
		return err
	}
	ledger, err := readLedgers(ctx, r.system)
	for _, c := range ledger {
		delete(before, c.id)
	}
	r.before = before
	return err
}

func (r *run) newTraffic() {
	r.traffic = newTraffic(r.system)
	if r.Pace > 0 {
		r.traffic.pace = r.Pace
	}
}

// load begins with traffic on all services.
func (r *run) load(ctx context.Context) error {
	r.newTraffic()
	r.items = []*catalogueWorker{{kinds: catalogueKinds()}, {kinds: catalogueKinds()}, {kinds: accountKinds()}}
	return r.traffic.start(ctx, slices.Concat(r.commands.workers(), r.alarming.all(), []worker{r.items[0], r.items[1], r.items[2], sessionWorker{},
		&reader{}, &inboxWorker{points: r.Points}, &inboxWorker{points: r.Points}})...)
}

// rounds goes through all faults, with traffic on all services.
func (r *run) rounds(ctx context.Context) error {
	if err := r.load(ctx); err != nil {
		return err
	}
	err := r.inflict(ctx)
	r.traffic.drain()
	r.changes = append(r.changes, r.traffic.all()...)
	if err != nil {
		return err
	}
	return r.settleCommands(ctx)
}

// inflict goes through all faults.
func (r *run) inflict(ctx context.Context) error {
	for number := range r.Rounds {
		for _, f := range r.faults() {
			if err := r.disturb(ctx, f, number+1); err != nil {
				return err
			}
		}
	}
	return nil
}

// judge compares what all of it has left.
func (r *run) judge(ctx context.Context) error {
	if err := r.judgeAlarms(ctx); err != nil { // first: it waits until ctrl has nothing left to do
		return err
	}
	e, err := gather(ctx, r.system, r.changes, r.before, r.Drain)
	if err != nil {
		return err
	}
	r.report.Entities = e.compare()
	for i := range r.report.Entities {
		r.report.violate(r.report.Entities[i].violations()...)
	}
	const most = 100
	if a, token := r.traffic.client.logIn(ctx, true); token == "" {
		return fmt.Errorf("log in to read back: status %d", a.status)
	}
	if err := r.judgeCommands(ctx); err != nil {
		return err
	}
	asked, faults := readBack(ctx, r.traffic, certainItems(r.items, most))
	r.report.ReadBack = asked
	r.report.violate(faults...)
	r.report.Repeated = r.repeated(ctx)
	letters, err := deadLetters(ctx, r.system)
	r.report.violate(letters...)
	complaints, logErr := r.system.ServerFaults()
	r.report.violate(complaints...)
	return errors.Join(err, logErr)
}

// services lists the instances of all services.
func (r *run) services() []string {
	var names []string
	for _, name := range r.system.Programs() {
		service, _, _ := strings.Cut(name, "-")
		if slices.ContainsFunc(layout.Services, func(s layout.Service) bool { return s.Name == service }) {
			names = append(names, name)
		}
	}
	return names
}

// repeated counts the events that came to the journal once more and were recognised, since its instances' last start.
func (r *run) repeated(ctx context.Context) int {
	const metric = `nms_journal_events_total{result="repeated"} `
	total := 0
	for _, name := range r.services() {
		a := r.traffic.client.do(ctx, request{service: name, method: http.MethodGet, path: "/metrics", anonymous: true})
		for line := range strings.Lines(string(a.body)) {
			if value, found := strings.CutPrefix(line, metric); found {
				n, _ := strconv.ParseFloat(strings.TrimSpace(value), 64)
				total += int(n)
			}
		}
	}
	return total
}

// healthy asks a service as an operator's probe would.
func (r *run) healthy(ctx context.Context, service string) error {
	const patience = 2 * time.Second
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for _, path := range []string{"/readyz", "/ctrl"} {
		a := r.traffic.client.do(ctx, request{service: service, method: http.MethodGet, path: path, anonymous: true})
		if !a.ok() {
			return fmt.Errorf("%s of %s is answered %d: %.300s", path, service, a.status, a.body)
		}
		if path == "/ctrl" {
			if code, err := healthCode(a.body); err != nil || code != 0 {
				return errors.Join(fmt.Errorf("health_code of %s is %d", service, code), err)
			}
		}
	}
	return nil
}

// allHealthy asks all services.
func (r *run) allHealthy(ctx context.Context) error {
	var faults []error
	for _, name := range r.services() {
		faults = append(faults, r.healthy(ctx, name))
	}
	return errors.Join(faults...)
}
