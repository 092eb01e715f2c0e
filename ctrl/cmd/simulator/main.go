// Command simulator is a station of eight receivers and their power supplies, to try commands on.
//
//	simulator [-listen 127.0.0.1:4050]
//
// It reads lines of JSON and answers each with one, as package station says: {"op":"set","device":"rx1","name":"gain_db","value":12}.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"syscall"

	"nms.example/ctrl/internal/station"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM) //nolint:forbidigo // main
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "simulator:", err)
		os.Exit(1)
	}
}

// run serves until ctx ends. The first line that it prints names the address.
func run(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("simulator", flag.ContinueOnError)
	address := flags.String("listen", "127.0.0.1:4050", "address to listen on; port 0 takes a free one")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return nil
		}
		return err
	}
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", *address)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintln(out, "the station listens on", listener.Addr()); err != nil {
		return errors.Join(err, listener.Close())
	}
	return station.New().Serve(ctx, listener)
}
