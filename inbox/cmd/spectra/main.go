// Command spectra sends spectra to an inbox: files that receivers wrote (import; docs/spectra.md tells how), or made-up but
// realistic ones (generate), a stretch of history with its signals, as the demo does, or as much load as the other side takes.
//
//	spectra import -tz Europe/Berlin -lat 52.52 -lng 13.4 sweep.csv
//	spectra generate -history 30m -every 2s                    half an hour of one receiver, then where to look at it
//	spectra generate -live -sites 3                            what three receivers hear, until it is ended
//	spectra generate -load -count 100000 -clients 16           single gzip'ed posts
//	spectra generate -load -count 100000 -clients 2 -ndjson    streams
package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"
	_ "time/tzdata" // -tz works where the system has no time zones

	"nms.example/inbox/internal/spectra"
)

type options struct {
	inbox, auth, login, token string
	pictures                  string
	history, every            time.Duration
	sites                     int
	load, live, ndjson, json  bool
	count, clients, points    int
	seed                      uint64
	pace                      float64
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := command(ctx, os.Args[1:], os.Getenv, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

const usage = `spectra import FILE…   sends files that receivers wrote
spectra generate       sends made-up spectra, for a demonstration or as a load

-help behind either tells its flags.
`

// command runs what the first argument names. Without it nothing is sent: made-up spectra are not to get into a
// network's data by a forgotten word.
func command(ctx context.Context, args []string, getenv func(string) string, out, errs io.Writer) int {
	verb := ""
	if len(args) > 0 {
		verb = args[0]
	}
	switch verb {
	case "import":
		return runImport(ctx, args[1:], getenv, out, errs)
	case "generate":
		err := run(ctx, args[1:], getenv, out)
		if err == nil || errors.Is(err, flag.ErrHelp) {
			return exitDone
		}
		fmt.Fprintln(errs, "spectra generate:", err)
		return exitFailed
	case "-h", "-help", "--help":
		fmt.Fprint(out, usage)
		return exitDone
	}
	fmt.Fprint(errs, usage)
	return exitUsage
}

func run(ctx context.Context, args []string, getenv func(string) string, out io.Writer) error {
	var o options
	flags := flag.NewFlagSet("spectra generate", flag.ContinueOnError)
	flags.StringVar(&o.inbox, "inbox", cmp.Or(getenv("INBOX_URL"), "http://127.0.0.1:4043"), "address of inbox")
	flags.StringVar(&o.auth, "auth", cmp.Or(getenv("AUTH_URL"), "http://127.0.0.1:4000"),
		"address of auth, to log in; the password comes from SPECTRA_PASSWORD, or an access token from SPECTRA_TOKEN")
	flags.StringVar(&o.login, "login", "admin_nms", "login")
	flags.DurationVar(&o.history, "history", 15*time.Minute, "how long a stretch of the past to send")
	flags.DurationVar(&o.every, "every", 2*time.Second, "time between the traces of that stretch")
	flags.IntVar(&o.sites, "sites", 1, "number of receivers, up to 5")
	flags.StringVar(&o.pictures, "pictures", "", "folder that takes the waterfall of each receiver as PNG")
	flags.BoolVar(&o.live, "live", false, "send what is heard now instead, until it is ended")
	flags.BoolVar(&o.load, "load", false, "send as fast as possible instead")
	flags.BoolVar(&o.ndjson, "ndjson", false, "with -load: streams in place of single posts")
	flags.IntVar(&o.count, "count", 10_000, "with -load: number of traces")
	flags.IntVar(&o.clients, "clients", 16, "with -load: connections")
	flags.Float64Var(&o.pace, "pace", 0, "with -load: single posts per second; 0 for as many as possible")
	flags.IntVar(&o.points, "points", 1000, "values per trace")
	flags.BoolVar(&o.json, "json", false, "with -load: print the result as JSON")
	flags.Uint64Var(&o.seed, "seed", 1, "another seed, another noise")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("%q is not a flag; spectra import sends files", flags.Arg(0))
	}
	if o.sites < 1 || o.sites > len(spectra.Sites()) || o.points < 2 || o.every <= 0 || o.clients < 1 {
		return errors.New("a number is out of its bounds; see -help")
	}
	enter := func(ctx context.Context) (string, error) {
		if token := getenv("SPECTRA_TOKEN"); token != "" {
			return token, nil
		}
		return login(ctx, o.auth, o.login, getenv("SPECTRA_PASSWORD"))
	}
	var err error
	if o.token, err = enter(ctx); err != nil {
		return err
	}
	switch {
	case o.load:
		return sendLoad(ctx, &o, out)
	case o.live:
		return live(ctx, &o, enter, out)
	default:
		return history(ctx, &o, out)
	}
}

// axis returns the frequency axis for the wanted number of values.
func (o *options) axis() spectra.Axis {
	axis := spectra.DefaultAxis
	axis.StepHz = math.Floor(axis.StepHz * float64(axis.Points) / float64(o.points))
	axis.Points = o.points
	return axis
}

// login gets an access token.
func login(ctx context.Context, auth, name, password string) (string, error) {
	form := url.Values{"grant_type": {"password"}, "username": {name}, "password": {password}}
	ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, auth+"/api/v1/auth/token", strings.NewReader(form.Encode()))
	if err != nil {
		return "", err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return "", fmt.Errorf("log in: %w", err)
	}
	defer func() { _ = response.Body.Close() }()
	var answer struct {
		AccessToken string `json:"access_token"`
		Detail      string `json:"detail"`
	}
	if err := json.NewDecoder(io.LimitReader(response.Body, 1<<20)).Decode(&answer); err != nil {
		return "", fmt.Errorf("log in: %w", err)
	}
	if response.StatusCode != http.StatusOK {
		return "", fmt.Errorf("log in: %s: %s", response.Status, answer.Detail)
	}
	return answer.AccessToken, nil
}
