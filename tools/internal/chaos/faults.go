package chaos

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"nms.example/tools/internal/layout"
	"nms.example/tools/internal/stack"
)

// fault is one thing that goes wrong and is repaired again.
type fault struct {
	name string
	// doubt tells that it may leave it open whether a command was executed.
	doubt bool
	// inflict does it and repairs it; it returns at the moment of the repair.
	inflict func(ctx context.Context) error
}

// faults lists them in the order in which they are inflicted.
func (r *run) faults() []fault {
	var list []fault
	for _, program := range []string{"rabbitmq", "redis", "postgres"} {
		list = append(list, r.kill(program))
	}
	for _, service := range layout.Services {
		list = append(list, r.kill(service.Name))
	}
	list = append(list, r.killSimulator(), r.hang("ctrl", overtaken), r.hang("simulator", silence), r.cutLine(), r.holdLine())
	list = append(list, r.kill(webhooks), r.hang(webhooks, r.Unheard))
	list = append(list, r.hang("rabbitmq", r.BrokerPause))
	for _, program := range []string{"postgres", "redis"} {
		if r.Hang > 0 {
			list = append(list, r.hang(program, r.Hang))
		}
	}
	for place := range cutKinds {
		list = append(list, r.cut(place))
	}
	return list
}

// commanders are the programs between the sender of a command and its record, without which it may be in doubt.
var commanders = []string{"postgres", "ctrl", "simulator"}

// kill ends a program with SIGKILL and starts it again after the outage. Repaired is a server when it serves and a service
// when it has been started.
func (r *run) kill(program string) fault {
	return fault{name: "kill −9 " + program, doubt: slices.Contains(commanders, program), inflict: func(ctx context.Context) error {
		if err := r.system.Kill(program); err != nil {
			return err
		}
		pause(ctx, r.Outage)
		return r.start(ctx, program)
	}}
}

// start starts a program again and waits for a server until it serves.
func (r *run) start(ctx context.Context, program string) error {
	if err := r.system.Start(program); err != nil {
		return err
	}
	if slices.Contains(r.services(), program) {
		return nil
	}
	return r.system.AwaitReady(ctx, program)
}

// hang stops a program in its tracks for a while.
func (r *run) hang(program string, length time.Duration) fault {
	return fault{name: fmt.Sprintf("pause %s %s", program, length), doubt: slices.Contains(commanders, program), inflict: func(ctx context.Context) error {
		if err := r.system.Pause(program); err != nil {
			return err
		}
		pause(ctx, length)
		return r.system.Continue(program)
	}}
}

// cut cuts the connections between services and RabbitMQ, again and again at the same place.
func (r *run) cut(place Cut) fault {
	return fault{name: fmt.Sprintf("cut at %s ×%d", place, r.Cuts), inflict: func(ctx context.Context) error {
		const patience = time.Minute
		defer r.proxy.Disarm()
		for range r.Cuts {
			before := r.proxy.Done(place)
			r.proxy.Arm(place)
			for begun := time.Now(); r.proxy.Done(place) == before; pause(ctx, 2*time.Millisecond) {
				if time.Since(begun) > patience {
					return fmt.Errorf("in %s there was no %s to cut", patience, place)
				}
				if ctx.Err() != nil {
					return ctx.Err()
				}
			}
			pause(ctx, r.Outage/4)
		}
		return nil
	}}
}

// killSimulator is kill for the simulator: while it is away nothing answers at its address, so that ctrl knows that nothing was sent.
func (r *run) killSimulator() fault {
	f := r.kill("simulator")
	inflict := f.inflict
	f.inflict = func(ctx context.Context) error {
		away := time.AfterFunc(r.Outage/2, r.commands.line.Cut) // before, connections are taken and end at once
		defer away.Stop()
		if err := inflict(ctx); err != nil {
			return err
		}
		return r.commands.line.Mend(ctx)
	}
	return f
}

// cutLine cuts the connections between ctrl and the simulator, at whatever is under way, and keeps them cut for the outage.
func (r *run) cutLine() fault {
	return fault{name: "cut ctrl from the simulator", doubt: true, inflict: func(ctx context.Context) error {
		r.commands.line.Cut()
		pause(ctx, r.Outage)
		return r.commands.line.Mend(ctx)
	}}
}

// holdLine keeps everything between ctrl and the simulator back for longer than ctrl waits, and lets it through then.
func (r *run) holdLine() fault {
	return fault{name: fmt.Sprintf("hold back ctrl and simulator %s", silence), doubt: true, inflict: func(ctx context.Context) error {
		r.commands.line.Hold()
		pause(ctx, silence)
		r.commands.line.Release()
		return nil
	}}
}

// disturb inflicts one fault on the system at work and waits until all is well again.
func (r *run) disturb(ctx context.Context, f fault, round int) error {
	r.traffic.next()
	now := window{fault: f.name, doubt: f.doubt, from: time.Now()}
	pause(ctx, r.Calm)
	now.inflicted = time.Now()
	if err := f.inflict(ctx); err != nil {
		return fmt.Errorf("%s: %w", f.name, err)
	}
	row := FaultRow{Name: f.name, Round: round}
	last, err := r.awaitHealthy(ctx, time.Now())
	if err != nil {
		return err
	}
	now.end = time.Now()
	r.windows = append(r.windows, now)
	row.Healthy = last
	if row.Healthy > r.HealthyWithin {
		r.report.violate(fmt.Sprintf("%s: all services were healthy after %.1f s only", f.name, row.Healthy.Seconds()))
	}
	counts := r.traffic.next()
	for _, one := range counts {
		row.add(one)
	}
	r.report.Faults = append(r.report.Faults, row)
	if err := r.reviveAndTell(ctx, f); err != nil {
		return err
	}
	fmt.Fprintf(r.Out, "  %-32s %6d sent %6d 2xx %5d refused %4d lost   healthy after %5.1f s\n", f.name, row.Sent, row.Done,
		row.Refused, row.Lost, row.Healthy.Seconds())
	return ctx.Err()
}

// awaitHealthy returns how long after the repair the last service became healthy for good. Health is probed in the
// background now and then, so that all of them have to stay so for a while.
func (r *run) awaitHealthy(ctx context.Context, repaired time.Time) (time.Duration, error) {
	sick := time.Time{} // the last moment at which one was not well
	limit := r.HealthyWithin + time.Minute
	for {
		begun := time.Now()
		err := r.allHealthy(ctx)
		if ctx.Err() != nil {
			return 0, ctx.Err()
		}
		switch {
		case err != nil:
			sick = time.Now()
		case sick.IsZero() && begun.Sub(repaired) >= r.Steady:
			return 0, nil
		case !sick.IsZero() && begun.Sub(sick) >= r.Steady:
			return max(0, sick.Sub(repaired)), nil
		}
		if time.Since(repaired) > limit && err != nil {
			r.report.violate(fmt.Sprintf("not healthy %s after the repair: %v", limit, err))
			return time.Since(repaired), nil
		}
		pause(ctx, 50*time.Millisecond)
	}
}

// revive starts again what has ended without being killed, which no service may.
func (r *run) revive(ctx context.Context, when string) error {
	for _, name := range r.services() {
		how, ended := r.system.Ended(name)
		if !ended {
			continue
		}
		r.report.violate(fmt.Sprintf("%s: %s ended by itself (%s)", when, name, how))
		if err := r.system.Start(name); err != nil {
			return err
		}
		if err := r.system.AwaitReady(ctx, name); err != nil {
			return err
		}
	}
	return nil
}

// reviveAndTell is revive, and looks whether every service takes changes again.
func (r *run) reviveAndTell(ctx context.Context, f fault) error {
	if err := r.revive(ctx, f.name); err != nil {
		return err
	}
	const patience = 30 * time.Second
	r.traffic.next()
	for _, service := range []string{"auth", "cfg", "inbox", "ctrl"} {
		begun := time.Now()
		for r.traffic.done(service) == 0 {
			if time.Since(begun) > patience {
				r.report.violate(fmt.Sprintf("%s: %s is healthy and takes no changes", f.name, service))
				break
			}
			pause(ctx, 20*time.Millisecond)
		}
	}
	return ctx.Err()
}

// healthCode reads the answer of /ctrl.
func healthCode(body []byte) (int, error) {
	var answered struct {
		HealthCode *int `json:"health_code"`
	}
	if err := json.Unmarshal(body, &answered); err != nil {
		return 0, err
	}
	if answered.HealthCode == nil {
		return 0, fmt.Errorf("no health_code in %.200s", body)
	}
	return *answered.HealthCode, nil
}

// deadLetters tells of messages that a consumer gave up.
func deadLetters(ctx context.Context, system *stack.Private) ([]string, error) {
	return collect(ctx, system, "admin", `SELECT 'dead letter of ' || queue || ': ' || reason || ', ' || error FROM dead_letter`,
		pgx.RowTo[string])
}
