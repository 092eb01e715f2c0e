package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"nms.example/inbox/internal/recording"
	"nms.example/inbox/internal/upload"
)

// Exit codes of import.
const (
	exitDone    = 0 // everything is taken, now or by an earlier run
	exitFailed  = 1 // the run could not go on; calling it again continues
	exitUsage   = 2 // the call is wrong, or something must be said that the files do not tell
	exitRefused = 3 // done, but something of the files was refused
)

const importUsage = `usage: spectra import [flags] FILE…

Sends files that receivers write to inbox. Formats: %s.
A SigMF recording is named by its .sigmf-meta (the data is found beside it) or as .sigmf archive.

Credentials come from the environment: SPECTRA_API_KEY, SPECTRA_TOKEN, or SPECTRA_PASSWORD for -login; or, in
SPECTRA_API_KEY_FILE …, the path of a file with it. The address of inbox comes from -inbox or INBOX_URL.

Exit code: 0 all taken, 1 failed (call it again to go on), 2 wrong call, 3 done but something was refused.

flags:
`

// importOptions are the flags of import.
type importOptions struct {
	files       []string
	inbox, auth string
	login       string
	dryRun      bool
	backfill    bool
	patience    time.Duration
	state       string
	reading     recording.Options
	given       recording.Trace // what the command line says of every trace
}

// usageError is a wrong call.
type usageError struct{ error }

// read reads the flags.
func (o *importOptions) read(args []string, getenv func(string) string, errs io.Writer) error {
	var format, zone, start string
	flags := flag.NewFlagSet("spectra import", flag.ContinueOnError)
	flags.SetOutput(errs)
	flags.Usage = func() {
		fmt.Fprintf(errs, importUsage, strings.Join(recording.Formats()[1:], ", "))
		flags.PrintDefaults()
	}
	flags.StringVar(&format, "format", string(recording.Auto), strings.Join(recording.Formats(), ", "))
	flags.StringVar(&zone, "tz", "", "time zone of times that carry none: Europe/Berlin, UTC, Local or an offset as +01:00")
	flags.StringVar(&start, "time", "", "time of the first sweep for files without times (2026-03-29T14:03:10+02:00, or without offset in -tz)")
	flags.DurationVar(&o.reading.Interval, "interval", 0, "time between sweeps for files without times that hold several")
	flags.StringVar(&o.inbox, "inbox", cmp.Or(getenv("INBOX_URL"), "http://127.0.0.1:4043"), "address of inbox")
	flags.StringVar(&o.auth, "auth", cmp.Or(getenv("AUTH_URL"), "http://127.0.0.1:4000"), "address of auth, for -login")
	flags.StringVar(&o.login, "login", "", "log in by this name with SPECTRA_PASSWORD")
	flags.BoolVar(&o.dryRun, "dry-run", false, "write the traces as NDJSON to standard output and send nothing")
	flags.BoolVar(&o.backfill, "backfill", false, "take traces of any age that inbox still keeps; needs the permission inbox:manage too")
	flags.DurationVar(&o.patience, "retry", 15*time.Minute, "how long to go on trying while inbox cannot be reached or has no room")
	flags.StringVar(&o.state, "state", "", "folder that keeps how far an interrupted run came (default: spectra in the user's cache)")
	o.describe(flags)
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return err
		}
		return usageError{err}
	}
	o.files = distinct(flags.Args())
	err := errors.Join(o.readFormat(format), o.readTimes(zone, start))
	switch {
	case err != nil:
		return usageError{err}
	case len(o.files) == 0:
		return usageError{errors.New("no file given; see spectra import -help")}
	case (o.given.Lat == nil) != (o.given.Lng == nil):
		return usageError{errors.New("-lat and -lng go together")}
	}
	return nil
}

// describe adds the flags that say of every trace what files seldom tell.
func (o *importOptions) describe(flags *flag.FlagSet) {
	t := &o.given
	flags.StringVar(&t.Source, "source", "", "name of the receiver, up to 80 characters")
	flags.Int64Var(&t.EquipmentID, "equipment-id", 0, "the receiver's id in cfg")
	flags.Func("lat", "latitude in degrees, needed unless the file tells it", number(-90, 90, func(v float64) { t.Lat = &v }))
	flags.Func("lng", "longitude in degrees", number(-180, 180, func(v float64) { t.Lng = &v }))
	flags.Func("alt", "altitude in metres", number(-1000, 1e6, func(v float64) { t.AltM = &v }))
	flags.Func("noise", "noise floor in the unit of the powers (default: the median of each trace)", number(-327.67, 327.67, func(v float64) { t.Noise = &v }))
	flags.Func("rbw", "resolution bandwidth (−3 dB) in Hz", number(0, 1e12, func(v float64) { t.RBWHz = v }))
	flags.Func("enbw", "equivalent noise bandwidth in Hz", number(0, 1e12, func(v float64) { t.ENBWHz = v }))
	flags.Func("unit", "unit of the powers: dBm, dBm/Hz, dBuV, dBuV/m, dBFS", oneOf(&t.Unit, "dBm", "dBm/Hz", "dBuV", "dBuV/m", "dBFS"))
	flags.Func("detector", "sample, peak, rms, average, quasi-peak, min", oneOf(&t.Detector, "sample", "peak", "rms", "average", "quasi-peak", "min"))
	flags.Func("trace-mode", "clear-write, max-hold, min-hold, average", oneOf(&t.TraceMode, "clear-write", "max-hold", "min-hold", "average"))
	flags.StringVar(&t.Antenna, "antenna", "", "antenna, as text")
}

// number reads a number within bounds.
func number(low, high float64, set func(float64)) func(string) error {
	return func(text string) error {
		v, err := strconv.ParseFloat(text, 64)
		if err != nil || math.IsNaN(v) || v < low || v > high {
			return fmt.Errorf("must be a number from %g to %g", low, high)
		}
		set(v)
		return nil
	}
}

func oneOf(into *string, words ...string) func(string) error {
	return func(text string) error {
		i := slices.IndexFunc(words, func(w string) bool { return strings.EqualFold(w, text) })
		if i < 0 {
			return fmt.Errorf("must be one of %s", strings.Join(words, ", "))
		}
		*into = words[i]
		return nil
	}
}

// distinct names every recording once: shells put a SigMF recording's metadata and data both in place of a pattern.
func distinct(files []string) []string {
	var out []string
	for _, file := range files {
		if same := recording.Same(file); !slices.Contains(out, same) {
			out = append(out, same)
		}
	}
	return out
}

func (o *importOptions) readFormat(format string) error {
	if !slices.Contains(recording.Formats(), format) {
		return fmt.Errorf("-format must be one of %s", strings.Join(recording.Formats(), ", "))
	}
	o.reading.Format = recording.Format(format)
	if len(o.given.Source) > 80 {
		return errors.New("-source holds at most 80 characters")
	}
	if o.given.EquipmentID < 0 {
		return errors.New("-equipment-id is at least 1")
	}
	return nil
}

func (o *importOptions) readTimes(zone, start string) error {
	if zone != "" {
		var err error
		if o.reading.Zone, err = recording.ParseZone(zone); err != nil {
			return fmt.Errorf("-tz: %w", err)
		}
	}
	if start == "" {
		return nil
	}
	at, err := time.Parse(time.RFC3339Nano, start)
	if err != nil {
		if o.reading.Zone == nil {
			return errors.New("-time must be of the form 2026-03-29T14:03:10+02:00, or without offset with -tz")
		}
		if at, err = time.ParseInLocation("2006-01-02T15:04:05", start, o.reading.Zone); err != nil {
			return errors.New("-time must be of the form 2026-03-29T14:03:10")
		}
	}
	o.reading.Start = at
	return nil
}

// runImport is the command; its answer is the exit code.
func runImport(ctx context.Context, args []string, getenv func(string) string, out, errs io.Writer) int {
	var o importOptions
	err := o.read(args, getenv, errs)
	if errors.Is(err, flag.ErrHelp) {
		return exitDone
	}
	refused := false
	if err == nil {
		refused, err = o.run(ctx, getenv, out, errs)
	}
	switch {
	case errors.As(err, new(usageError)):
		fmt.Fprintln(errs, "spectra import:", err)
		return exitUsage
	case ctx.Err() != nil:
		fmt.Fprintln(errs, "spectra import: stopped; call it again to go on")
		return exitFailed
	case err != nil:
		fmt.Fprintln(errs, "spectra import:", err)
		return exitFailed
	case refused:
		return exitRefused
	default:
		return exitDone
	}
}

// run imports the files and tells whether something of them was refused.
func (o *importOptions) run(ctx context.Context, getenv func(string) string, out, errs io.Writer) (refused bool, err error) {
	summary := out
	run := importRun{options: o, errs: errs, bar: newBar(errs, o.files)}
	defer run.bar.close()
	if o.dryRun {
		buffered := bufio.NewWriterSize(out, 1<<20)
		defer func() { err = errors.Join(err, buffered.Flush()) }()
		run.dry, summary = buffered, errs
	} else if run.client, err = o.client(ctx, getenv); err != nil {
		return false, err
	}
	run.client.Waiting = func(reason error) {
		run.bar.clear()
		fmt.Fprintf(errs, "%v; trying again\n", reason)
	}
	var total tallies
	for _, file := range o.files {
		one, err := run.file(ctx, file)
		if errors.Is(err, recording.ErrFormat) { // the other files may be right
			one.format = "unknown"
			one.rows++
			one.remember(0, err.Error())
			err = nil
		}
		run.bar.clear()
		one.print(summary, file, o.backfill)
		total.add(one)
		if err != nil {
			return true, explain(err)
		}
	}
	if len(o.files) > 1 {
		fmt.Fprintf(summary, "%d files: %s\n", len(o.files), &total)
	}
	return total.anyRefused(), nil
}

// explain says which flag is missing.
func explain(err error) error {
	switch {
	case errors.Is(err, recording.ErrZone):
		return usageError{fmt.Errorf("%w: say -tz Europe/Berlin (a name, UTC, or an offset as +01:00)", err)}
	case errors.Is(err, recording.ErrNoTime):
		return usageError{fmt.Errorf("%w: say -time 2026-03-29T14:03:10Z, and -interval 1s where there are several sweeps", err)}
	case errors.Is(err, errNoPlace):
		return usageError{fmt.Errorf("%w: say -lat and -lng", err)}
	default:
		return err
	}
}

// client makes the connection to inbox with whatever credentials there are.
func (o *importOptions) client(ctx context.Context, getenv func(string) string) (upload.Client, error) {
	client := upload.Client{URL: o.inbox, Backfill: o.backfill, Patience: o.patience}
	if address, err := url.Parse(o.inbox); err != nil || address.Host == "" || address.Scheme != "http" && address.Scheme != "https" {
		return client, usageError{errors.New("-inbox must be an address as https://nms.example.org")}
	}
	key, errKey := credential(getenv, "SPECTRA_API_KEY")
	token, errToken := credential(getenv, "SPECTRA_TOKEN")
	password, errPassword := credential(getenv, "SPECTRA_PASSWORD")
	if err := errors.Join(errKey, errToken, errPassword); err != nil {
		return client, usageError{err}
	}
	bearer := func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+token) }
	switch {
	case key != "":
		client.Authorize = func(r *http.Request) { r.Header.Set("X-Api-Key", key) }
	case token != "":
		client.Authorize = bearer
	case password != "":
		user := cmp.Or(o.login, "admin_nms")
		client.Renew = func(ctx context.Context) (err error) {
			token, err = login(ctx, o.auth, user, password)
			return err
		}
		client.Authorize = bearer
		if err := client.Renew(ctx); err != nil {
			return client, err
		}
	default:
		return client, usageError{errors.New("no credentials: set SPECTRA_API_KEY, SPECTRA_TOKEN, or -login and SPECTRA_PASSWORD")}
	}
	return client, nil
}

// credential reads a variable, or the file that the variable of that name with _FILE names.
func credential(getenv func(string) string, name string) (string, error) {
	path := getenv(name + "_FILE")
	if value := getenv(name); value != "" || path == "" {
		return value, nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("%s_FILE: %w", name, err)
	}
	return strings.TrimSpace(string(text)), nil
}

// store names where the progress of a file is kept; nil where there is no place for it.
func (o *importOptions) store(file string) (*upload.Store, error) {
	folder := o.state
	if folder == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			return nil, err
		}
		folder = filepath.Join(cache, "spectra")
	}
	return upload.OpenStore(folder, o.inbox, file)
}
