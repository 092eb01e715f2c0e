package service

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"os"
	"os/signal"
	"slices"
	"strconv"
	"syscall"
	"time"

	"nms.example/common/config"
	"nms.example/common/telemetry"
)

// Exit codes of Main.
const (
	exitOK     = 0
	exitFailed = 1
	exitUsage  = 2
)

const healthcheckTimeout = 3 * time.Second

// Main runs the service until SIGINT or SIGTERM and returns the process's exit code. A start that fails
// says why in one line on standard error. A second signal ends the process without waiting.
func Main(identity Identity, build BuildFunc) int {
	c := &command{identity: identity, build: build, stdout: os.Stdout, stderr: os.Stderr}
	return c.run(os.Args[1:])
}

type command struct {
	identity       Identity
	build          BuildFunc
	stdout, stderr io.Writer
}

func (c *command) run(args []string) int {
	flags := flag.NewFlagSet(c.identity.Name, flag.ContinueOnError)
	flags.SetOutput(c.stderr)
	flags.Usage = func() { c.usage(flags) }
	version := flags.Bool("version", false, "print the version and end")
	check := flags.Bool("healthcheck", false, "ask the running service's /readyz; exit code 0 when it is ready")
	variables := flags.Bool("variables", false, "print the environment variables that the service reads and end")
	events := flags.Bool("events", false, "print the events that the service publishes with their JSON Schemas, as JSON, and end")
	errorCodes := flags.Bool("errors", false, "print the codes of the service's refusals with their meanings, as JSON, and end")
	document := flags.Bool("openapi", false, "print the OpenAPI document of the service and end")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return exitOK
		}
		return exitUsage
	}
	if flags.NArg() > 0 {
		c.printf(c.stderr, "unexpected argument: %s\n", flags.Arg(0))
		flags.Usage()
		return exitUsage
	}
	switch {
	case *version:
		c.printVersion()
		return exitOK
	case *check:
		return c.healthcheck()
	case *variables:
		return c.printVariables()
	case *events:
		return c.printEvents()
	case *errorCodes:
		return c.printErrors()
	case *document:
		return c.printDocument(context.Background())
	}
	return c.serve()
}

func (c *command) usage(flags *flag.FlagSet) {
	c.printf(c.stderr, "%s: %s\n\nUsage: %s [--version | --healthcheck | --variables | --events | --errors | --openapi]\n\n"+
		"It is configured by environment variables and a .env file.\n\n", c.identity.Name, c.identity.About, c.identity.Name)
	flags.PrintDefaults()
}

func (c *command) printVersion() {
	b := ReadBuild()
	c.printf(c.stdout, "%s %s", c.identity.Name, b.Version)
	if b.Commit != "" {
		c.printf(c.stdout, " (%s)", b.Commit)
	}
	c.printf(c.stdout, " %s\n", b.Go)
	for _, path := range slices.Sorted(maps.Keys(b.Modules)) {
		c.printf(c.stdout, "  %s %s\n", path, b.Modules[path])
	}
}

func (c *command) printVariables() int {
	s := newService(c.identity)
	s.describe = c.stdout
	if err := s.runBuild(context.Background(), c.build); !errors.Is(err, errDescribed) {
		c.printf(c.stderr, "%s: the variables are not known\n", c.identity.Name)
		return exitFailed
	}
	return exitOK
}

// EventList is what --events prints.
type EventList struct {
	Service string             `json:"service"`
	Events  []EventDescription `json:"events"`
}

// EventDescription is one type of event.
type EventDescription struct {
	Type    string          `json:"type"`
	Meaning string          `json:"meaning"`
	Schema  json.RawMessage `json:"schema"`
}

func (c *command) printEvents() int {
	list := EventList{Service: c.identity.Name, Events: []EventDescription{}}
	if published := c.identity.Events; published != nil {
		for _, d := range published.Declarations() {
			schema, err := published.Schema(d, false)
			if err != nil {
				return c.refuse("the events are not known", err)
			}
			list.Events = append(list.Events, EventDescription{Type: d.Type, Meaning: d.Meaning, Schema: schema})
		}
	}
	encoder := json.NewEncoder(c.stdout)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(list); err != nil {
		return c.refuse("the events were not printed", err)
	}
	return exitOK
}

// printf writes for people; there is nowhere to report a failed write to.
func (c *command) printf(w io.Writer, format string, args ...any) {
	_, _ = fmt.Fprintf(w, format, args...) // see above
}

// healthcheck is the health check of the images, which hold no curl.
func (c *command) healthcheck() int {
	var base config.Base
	_, err := config.Load(&base, config.WithDefault("PORT", strconv.Itoa(int(c.identity.Port))))
	if err != nil {
		return c.refuse("not checked", err)
	}
	host := base.Host
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	url := "http://" + net.JoinHostPort(host, strconv.Itoa(int(base.Port))) + "/readyz"
	ctx, cancel := context.WithTimeout(context.Background(), healthcheckTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return c.refuse("not checked", err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return c.refuse("not ready", err)
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(io.LimitReader(resp.Body, 4096))
	if resp.StatusCode != http.StatusOK {
		return c.refuse("not ready", errors.New(string(body)))
	}
	return exitOK
}

func (c *command) refuse(what string, err error) int {
	text := oneLine(err)
	// A configuration's faults hold no values, but samples of addresses that look like some.
	if faults := new(config.Error); !errors.As(err, &faults) {
		text = telemetry.RedactURLs(text)
	}
	c.printf(c.stderr, "%s: %s: %s\n", c.identity.Name, what, text)
	return exitFailed
}

// echoTime is how soon after the first signal another one counts as the same: timeout(1) and some
// supervisors signal a process and then its whole group.
const echoTime = 50 * time.Millisecond

// second waits for a signal that is not the first one's echo. Until then it returns nothing.
func second(ctx context.Context, signals <-chan os.Signal) <-chan struct{} {
	first, hurry := time.Now(), make(chan struct{})
	go func() {
		for {
			select {
			case <-signals:
				if time.Since(first) > echoTime {
					close(hurry)
					return
				}
			case <-ctx.Done():
				return
			}
		}
	}()
	return hurry
}

func (c *command) serve() int {
	signals := make(chan os.Signal, 2)
	// Kept to the end of the process: an echo that comes after a quick stop must not turn it into a death.
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	starting, stop := context.WithCancel(ctx)
	defer stop()
	lines := telemetry.NewLineBuffer(c.stdout)
	defer lines.Flush()

	type started struct {
		running *Running
		err     error
	}
	result := make(chan started, 1)
	go func() {
		running, err := Start(starting, c.identity, c.build, withGlobals(), WithLogOutput(lines))
		result <- started{running, err}
	}()
	var s started
	var hurry <-chan struct{}
	select {
	case s = <-result:
	case <-signals:
		hurry = second(ctx, signals)
		stop()
		select {
		case s = <-result:
		case <-hurry:
			return exitFailed
		}
		if s.err != nil {
			return exitOK // told to stop before it had begun
		}
	}
	if s.err != nil {
		return c.refuse("cannot start", s.err)
	}
	return c.untilStopped(ctx, hurry, s.running, signals)
}

// untilStopped waits for the first signal or failure and stops; a second signal cuts the stop short.
// hurry is set when the first signal has come already.
func (c *command) untilStopped(ctx context.Context, hurry <-chan struct{}, r *Running, signals <-chan os.Signal) int {
	code := exitOK
	if hurry == nil {
		select {
		case <-signals:
		case err := <-r.Failures():
			r.service.logger.Error("cannot go on", "error", err)
			code = exitFailed
		}
		hurry = second(ctx, signals)
	}
	stopped := make(chan error, 1)
	go func() { stopped <- r.Stop(ctx) }()
	select {
	case err := <-stopped:
		if err != nil {
			return exitFailed
		}
		return code
	case <-hurry:
		r.service.logger.Warn("stopped at once by a second signal")
		return exitFailed
	}
}
