// Command demo walks the main job of the system against a running stack, as an outside client would: it logs
// in, reads the equipment tree, posts a spectrum, reads it back bit for bit and sees its event arrive over
// RabbitMQ; then it sends a command to the simulated station, follows it step by step and undoes it. It shares no code with
// the services. With -live it keeps spectra, commands and alarms coming instead. `./task demo` passes it the addresses.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"nms.example/tools/internal/program"
	"nms.example/tools/internal/stack"
)

func main() {
	program.Main("demo", func(ctx context.Context, args []string) error {
		return run(ctx, args, os.Getenv, os.Stdout)
	})
}

// limit bounds the whole walk.
const limit = time.Minute

func run(ctx context.Context, args []string, getenv func(string) string, out io.Writer) error {
	flags := program.Flags("demo", "./task demo [FLAG …]")
	login := flags.String("login", "admin_nms", "who logs in")
	password := flags.String("password", orElse(getenv("AUTH_ADMIN_PASSWORD"), "user_super"), "the password")
	points := flags.Int("points", 10_000, "length of the spectrum")
	pictures := flags.String("pictures", "", "folder that takes the plot of the spectrum as PNG")
	keep := flags.Bool("live", false, "instead, keep spectra, values, commands and alarms coming until it is ended")
	spectra := flags.String("spectra", "", "with -live: the program that sends spectra")
	if err := program.ParseAlone(flags, args); err != nil {
		return err
	}
	if *points < 2 || *points > 1_000_000 {
		return fmt.Errorf("-points %d is outside 2 to 1000000", *points)
	}
	w := &walk{
		out: out, pictures: *pictures, client: newClient(),
		auth: getenv("AUTH_URL"), cfg: getenv("CFG_URL"), inbox: getenv("INBOX_URL"), admin: getenv("ADMIN_URL"), ctrl: getenv("CTRL_URL"),
		broker: getenv("MQ_DSN"),
	}
	if w.auth == "" || w.cfg == "" || w.inbox == "" || w.ctrl == "" || w.broker == "" {
		return errors.New("AUTH_URL, CFG_URL, INBOX_URL, CTRL_URL and MQ_DSN have to be set: ./task demo does that")
	}
	if *keep {
		return (&live{w, *login, *password, *spectra}).run(ctx)
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	logs := stack.ServerLogsFromNow(getenv(stack.LogsVariable))
	if err := w.all(ctx, *login, *password, *points); err != nil {
		return err
	}
	return quiet(logs)
}

// quiet fails when the servers have logged errors since the walk began. Those of a stack in Docker keep their logs to themselves.
func quiet(logs stack.ServerLogs) error {
	found, err := logs.Faults()
	if err == nil && len(found) > 0 {
		err = fmt.Errorf("the servers have logged errors meanwhile:\n%s", strings.Join(found, "\n"))
	}
	return err
}

func orElse(value, other string) string {
	if value == "" {
		return other
	}
	return value
}
