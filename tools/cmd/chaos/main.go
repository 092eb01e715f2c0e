// Command chaos proves that the system loses and invents nothing: on a private system, beside whatever else runs, it
// sends traffic to all services, kills, pauses and cuts off one part after the other, and compares what was answered with
// what is stored and with what the journal says. `./task chaos` calls it. Exit code 1: something was found, or the proof
// could not be made.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"
	"time"

	"nms.example/tools/internal/chaos"
	"nms.example/tools/internal/measure"
	"nms.example/tools/internal/program"
	"nms.example/tools/internal/stack"
)

func main() {
	program.Main("chaos", func(ctx context.Context, args []string) error {
		return run(ctx, args, os.Stdout)
	}, syscall.SIGHUP) // the private system has to go when the terminal is closed
}

const usage = `./task chaos [FLAG …], without flags: ten minutes of faults, into docs/measurements.md
./task soak [-soak DURATION], without flags: a quarter of an hour without faults, into docs/measurements.md`

func run(ctx context.Context, args []string, out io.Writer) error {
	if len(args) == 1 && args[0] == chaos.WebhooksCommand {
		return chaos.ServeWebhooks(ctx, os.Getenv, out)
	}
	options := chaos.Long(out)
	flags := program.Flags("chaos", usage)
	short := flags.Bool("short", false, "what ./task test -workshop does: one fault of each kind, briefly")
	flags.IntVar(&options.Rounds, "rounds", options.Rounds, "rounds through all faults")
	flags.IntVar(&options.Kills, "kills", options.Kills, "how often PostgreSQL is killed in the middle of ingest")
	flags.IntVar(&options.Upsets, "upsets", options.Upsets, "how often ctrl, PostgreSQL and whoever is told of alarms are killed or paused while values cross limits")
	flags.IntVar(&options.Cuts, "cuts", options.Cuts, "how often the connections to RabbitMQ are cut at each of the four places")
	flags.DurationVar(&options.BrokerPause, "pause", options.BrokerPause, "how long RabbitMQ hangs")
	flags.DurationVar(&options.Outage, "outage", options.Outage, "how long a killed program stays away")
	dir := flags.String("dir", "", "a new folder for data and logs, which stays (default: a temporary one)")
	file := flags.String("report", "", "a page whose section «chaos» or «soak» takes the report (docs/measurements.md)")
	calm := flags.Duration("soak", 0, "disturb nothing, but send traffic for so long and watch memory, goroutines, connections and queues")
	if err := program.ParseAlone(flags, args); err != nil {
		return err
	}
	env := chaos.Env()
	if *short {
		options, env = chaos.Short(out), chaos.ShortEnv()
	}
	checkout, err := stack.FindCheckout(".")
	if err != nil {
		return err
	}
	console := stack.Console{Out: out}
	if err := stack.EnsureServers(ctx, checkout, console); err != nil {
		return err
	}
	options.Command = strings.TrimSpace("./task chaos " + strings.Join(args, " "))
	private := stack.PrivateOptions{Dir: *dir, Env: env}
	found, err := prove(ctx, checkout, private, options, *calm)
	if err != nil {
		return err
	}
	fmt.Fprint(out, "\n", found.text)
	if *file != "" {
		if err := measure.ReplaceSection(*file, found.section, found.text); err != nil {
			return err
		}
	}
	if found.violations > 0 {
		return fmt.Errorf("%d violations", found.violations)
	}
	return nil
}

// soakSamples is how many samples a soak takes.
const soakSamples = 60

// findings are a report as Markdown, the section of the page that takes it, and the number of violations in it.
type findings struct {
	section, text string
	violations    int
}

// prove disturbs the system, or soaks it for so long when calm is not 0.
func prove(ctx context.Context, checkout stack.Checkout, private stack.PrivateOptions, options chaos.Options, calm time.Duration) (findings, error) {
	var text strings.Builder
	if calm > 0 {
		result, err := chaos.Soak(ctx, checkout, private, chaos.SoakOptions{For: calm, Every: calm / soakSamples, Command: options.Command, Out: options.Out})
		if err != nil {
			return findings{}, err
		}
		result.Write(&text)
		return findings{"soak", text.String(), len(result.Violations)}, nil
	}
	result, err := chaos.Run(ctx, checkout, private, options)
	if err != nil {
		return findings{}, err
	}
	result.Write(&text)
	return findings{"chaos", text.String(), len(result.Violations)}, nil
}
