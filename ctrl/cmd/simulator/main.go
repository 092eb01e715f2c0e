// Command simulator is a station of receivers and their power supplies, to try commands on.
//
//	simulator [-listen 127.0.0.1:4050] [-pairs 9]         serves so many receivers and power supplies, and prints what they execute
//	simulator [-listen 127.0.0.1:4050] fault rx1 drift on tells a station that serves to misbehave, or (off) to stop that
//
// It reads lines of JSON and answers each with one, as package station says: {"op":"set","device":"rx1","name":"gain_db","value":12}.
package main

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"syscall"
	"time"

	"nms.example/ctrl/internal/station"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Getenv, os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "simulator:", err)
		os.Exit(1)
	}
}

const usage = "usage: simulator [-listen ADDRESS] [-pairs N | fault DEVICE FAULT on|off]"

// run does what the arguments say.
func run(ctx context.Context, args []string, getenv func(string) string, out io.Writer) error {
	flags := flag.NewFlagSet("simulator", flag.ContinueOnError)
	address := flags.String("listen", net.JoinHostPort(cmp.Or(getenv("HOST"), "127.0.0.1"), cmp.Or(getenv("PORT"), "4050")),
		"address of the station, to listen on or to speak to, by default that of the variables HOST and PORT; port 0 takes a free one")
	pairs := flags.Int("pairs", station.Pairs, "receivers, each with a power supply, by default as the variable PAIRS says")
	if text := getenv("PAIRS"); text != "" {
		if err := flags.Set("pairs", text); err != nil {
			return fmt.Errorf("PAIRS: %w", err)
		}
	}
	flags.Usage = func() {
		fmt.Fprintf(flags.Output(), "%s\n  without words it serves; fault switches a fault of a device of a station that serves: %v\n", usage, station.Faults())
		flags.PrintDefaults()
	}
	flags.SetOutput(out)
	check := flags.Bool("healthcheck", false, "only see whether the station answers")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return nil
		}
		return err
	}
	words := flags.Args()
	switch {
	case *pairs < 1 || *pairs > station.MaxPairs:
		return fmt.Errorf("there can be from 1 to %d pairs", station.MaxPairs)
	case *check:
		return ask(ctx, *address, station.Request{Op: "ping"})
	case len(words) == 0:
		return serve(ctx, *address, *pairs, out)
	case len(words) == 4 && words[0] == "fault" && (words[3] == "on" || words[3] == "off"):
		return ask(ctx, *address, station.Request{Op: "fault", Device: words[1], Fault: station.Fault(words[2]), On: words[3] == "on"})
	default:
		return errors.New(usage)
	}
}

// serve answers until ctx ends. The first line that it prints names the address, the others what was executed.
func serve(ctx context.Context, address string, pairs int, out io.Writer) error {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", address)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintln(out, "the station listens on", listener.Addr()); err != nil {
		return errors.Join(err, listener.Close())
	}
	return station.Sized(pairs, out).Serve(ctx, listener)
}

// patience bounds the wait for an answer.
const patience = 3 * time.Second

// ask sends one request to a station that serves. A refusal is an error.
func ask(ctx context.Context, address string, r station.Request) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", address)
	if err != nil {
		return err
	}
	defer conn.Close()
	deadline, _ := ctx.Deadline() // it has one
	if err := conn.SetDeadline(deadline); err != nil {
		return err
	}
	line, err := json.Marshal(r)
	if err != nil {
		return err
	}
	if _, err := conn.Write(append(line, '\n')); err != nil {
		return err
	}
	if line, err = bufio.NewReader(conn).ReadBytes('\n'); err != nil {
		return fmt.Errorf("the station does not answer: %w", err)
	}
	var answer station.Response
	if err := json.Unmarshal(line, &answer); err != nil {
		return fmt.Errorf("the station answers what is no JSON: %w", err)
	}
	if answer.Refused != "" {
		return errors.New(answer.Refused)
	}
	return nil
}
