// Package measure runs the benchmarks of the whole system: it starts a private, durable system in release build, loads
// it from this process, which is none of the services', and sets every figure beside a ceiling that is measured in
// turns with it in the same run. On a machine whose speed wavers only such ratios can be compared with another day's.
package measure

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"nms.example/tools/internal/layout"
	"nms.example/tools/internal/load"
	"nms.example/tools/internal/stack"
)

// Options say how much to measure.
type Options struct {
	// Quick takes fewer and shorter rounds and leaves the benchmarks inside the code out.
	Quick bool
	// Only names the parts to run; empty: all of Parts.
	Only []string
	// Original is a checkout of the system that this one takes the place of: then only the two are compared.
	Original string
	// Command is the command line, for the report.
	Command string
}

// Parts are the parts of a run, in order.
var Parts = []string{"programs", "auth", "cfg", "inbox", "ctrl", "telemetry", "code"}

// suite is one run.
type suite struct {
	out      io.Writer
	checkout stack.Checkout
	system   *stack.Private
	bare     *bare
	report   *Report
	quick    bool
	rounds   int
	slice    time.Duration // of each side of a comparison, per round
	token    string
	spectra  string // the generator's binary
}

// Run starts the system, measures and stops it again. The report holds what was measured until an error.
func Run(ctx context.Context, checkout stack.Checkout, out io.Writer, options Options) (*Report, error) {
	for _, part := range options.Only {
		if !slices.Contains(Parts, part) {
			return nil, fmt.Errorf("there is no part %q; there are %s", part, strings.Join(Parts, ", "))
		}
	}
	s := &suite{out: out, checkout: checkout, report: &Report{}, quick: options.Quick, rounds: 5, slice: time.Second}
	if s.quick {
		s.rounds, s.slice = 1, 300*time.Millisecond
	}
	secrets, err := os.MkdirTemp("", "bench-secrets-") // of equipment
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(secrets) }()     // what is left of a temporary folder is no fault of the figures
	if err := os.Chmod(secrets, 0o755); err != nil { // the services run as somebody else
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(secrets, community), []byte(community), 0o644); err != nil {
		return nil, err
	}
	s.system, err = stack.StartPrivate(ctx, checkout, stack.Console{Out: out}, stack.PrivateOptions{Durable: true, Env: map[string]string{
		// Everything as in operation, but one client may ask as often as many together.
		"RATE_LIMIT": "1000000", "RATE_BURST": "1000000", "MAX_BODY_BYTES": "268435456",
		"PAIRS":            strconv.Itoa(commanded), // of the simulator
		"CTRL_SECRETS_DIR": secrets,
	}})
	if err != nil {
		return nil, err
	}
	defer s.system.Close()
	if s.bare, err = startBare(ctx); err != nil {
		return nil, err
	}
	defer s.bare.close()
	s.head(ctx, options.Command)
	if options.Original != "" {
		return s.report, s.original(ctx, options.Original)
	}
	parts := map[string]func(context.Context) error{"auth": s.auth, "cfg": s.cfg, "inbox": s.inbox, "ctrl": s.ctrl, "telemetry": s.telemetry, "code": s.code}
	chosen := options.Only
	if len(chosen) == 0 {
		chosen = Parts
		if s.quick {
			chosen = Parts[:len(Parts)-1]
		}
	}
	if slices.Contains(chosen, "programs") {
		if err := s.programs(ctx); err != nil {
			return s.report, err
		}
		defer s.loaded()
	}
	if s.token, err = s.login(ctx); err != nil {
		return s.report, err
	}
	for _, part := range Parts {
		run := parts[part]
		if run == nil || !slices.Contains(chosen, part) {
			continue
		}
		if err := run(ctx); err != nil {
			return s.report, fmt.Errorf("%s: %w", part, err)
		}
	}
	return s.report, nil
}

func (s *suite) sayf(format string, args ...any) { fmt.Fprintf(s.out, format+"\n", args...) }

// side is one of the two that are compared: run returns its rate.
type side struct {
	label string
	run   func(ctx context.Context) (float64, error)
}

// compare measures our side and each of its ceilings in turns, after a warming round of each. Every ceiling returns a
// ratio.
func (s *suite) compare(ctx context.Context, name, unit string, goal Goal, ours side, ceilings ...side) error {
	ratios := make([]Ratio, len(ceilings))
	for i, ceiling := range ceilings {
		ratios[i] = Ratio{Name: name, Unit: unit, Against: ceiling.label, Goal: goal}
	}
	for round := range s.rounds + 1 {
		mine, err := ours.run(ctx)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		for i, ceiling := range ceilings {
			theirs, err := ceiling.run(ctx)
			if err != nil {
				return fmt.Errorf("%s, %s: %w", name, ceiling.label, err)
			}
			if one := &ratios[i]; round > 0 {
				one.Ours, one.Ceiling, one.Ratios = append(one.Ours, mine), append(one.Ceiling, theirs), append(one.Ratios, mine/theirs)
			}
		}
	}
	for _, one := range ratios {
		s.sayf("  %-44s %9s %s, %s %s: ratio %s (%s) %s", name, number(one.Ours.Median()), unit, one.Against,
			number(one.Ceiling.Median()), number(one.Ratios.Median()), spread(one.Ratios), goal)
	}
	s.report.Ratios = append(s.report.Ratios, ratios...)
	return nil
}

// figure adds a value that stands for itself.
func (s *suite) figure(name, unit string, goal Goal, values ...float64) {
	one := Figure{Name: name, Unit: unit, Goal: goal, Values: values}
	s.report.Figures = append(s.report.Figures, one)
	s.sayf("  %-44s %9s %s (%s) %s", name, number(one.Values.Median()), unit, spread(one.Values), goal)
}

// latency adds what a load's answers took. Processor time is what the programs took between before and now.
func (s *suite) latency(one Latency) {
	s.report.Latencies = append(s.report.Latencies, one)
	s.sayf("  %-44s %9s/s, p50 %s ms, p99 %s ms %s, CPU µs: %s", one.Name, number(one.Rate), number(one.P50), number(one.P99),
		one.Goal, shares(one.CPU))
}

// clients is how many connections ask at once where nothing else is said.
const clients = 8

// ask returns the rate of an endless repetition of the same request.
func (s *suite) ask(address string, want int, request []byte) func(context.Context) (float64, error) {
	return func(ctx context.Context) (float64, error) {
		result, err := load.Run(ctx, load.Target{Address: address, Want: want, Request: load.Same(request)},
			load.Plan{Clients: clients, For: s.slice})
		if err != nil {
			return 0, err
		}
		if result.Other > 0 {
			return 0, fmt.Errorf("%d answers of status %d", result.Other, result.OtherStatus)
		}
		return result.PerSecond(), nil
	}
}

// againstBare compares a GET of a service with the bare server giving the very bytes of the service's answer.
func (s *suite) againstBare(ctx context.Context, name, service, path string, want int, headers ...string) error {
	all := append([]string{"Authorization: Bearer " + s.token}, headers...)
	ready, err := s.fetch(ctx, service, path, all)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if ready.Status != want {
		return fmt.Errorf("%s: status %d in place of %d", name, ready.Status, want)
	}
	const stored = "answer"
	if err := s.bare.offer(ctx, stored, ready); err != nil {
		return err
	}
	address := s.system.Address(service)
	return s.compare(ctx, name, "/s", AtLeast(0.5),
		side{service, s.ask(address, want, load.Get(address, path, all...))},
		side{"bare gin", s.ask(s.bare.address, want, load.Get(s.bare.address, "/"+stored, all...))})
}

// fetch gets an answer once, as it travels.
func (s *suite) fetch(ctx context.Context, service, path string, headers []string) (Ready, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.system.URL(service)+path, http.NoBody)
	if err != nil {
		return Ready{}, err
	}
	request.Header.Set("Accept-Encoding", "identity") // otherwise the client asks for gzip and unpacks it
	for _, header := range headers {
		name, value, _ := strings.Cut(header, ": ")
		request.Header.Set(name, value)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return Ready{}, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	ready := Ready{Status: response.StatusCode, Header: http.Header{}, Body: body}
	for _, name := range []string{"Content-Type", "Content-Encoding", "Etag"} {
		if value := response.Header.Get(name); value != "" {
			ready.Header.Set(name, value)
		}
	}
	return ready, err
}

// loginForm is the request of the administrator's login.
func (s *suite) loginForm() []byte {
	name, password := s.system.Login()
	form := url.Values{"grant_type": {"password"}, "username": {name}, "password": {password}}
	return load.Request(http.MethodPost, s.system.Address("auth"), "/api/v1/auth/token", []byte(form.Encode()),
		"Content-Type: application/x-www-form-urlencoded")
}

// login gets an access token.
func (s *suite) login(ctx context.Context) (string, error) {
	c, err := load.Dial(ctx, s.system.Address("auth"))
	if err != nil {
		return "", err
	}
	defer c.Close()
	c.Body = &bytes.Buffer{}
	status, err := c.Do(s.loginForm())
	if err != nil {
		return "", err
	}
	var answer struct {
		Token string `json:"access_token"`
	}
	if err := json.Unmarshal(c.Body.Bytes(), &answer); err != nil || answer.Token == "" {
		return "", fmt.Errorf("the login was answered %d: %.200s", status, c.Body)
	}
	return answer.Token, nil
}

// spent measures the processor time of every program over a piece of work, in µs for each of n requests.
func (s *suite) spent(work func() (n int64, err error)) (map[string]float64, error) {
	before := map[string]time.Duration{}
	for _, name := range s.system.Programs() {
		usage, err := s.system.Usage(name)
		if err != nil {
			return nil, err
		}
		before[name] = usage.CPU
	}
	n, err := work()
	if err != nil {
		return nil, err
	}
	if n == 0 {
		return nil, errors.New("nothing was answered")
	}
	cpu := map[string]float64{}
	for name, was := range before {
		usage, err := s.system.Usage(name)
		if err != nil {
			return nil, err
		}
		if per := float64((usage.CPU - was).Microseconds()) / float64(n); per >= 1 {
			cpu[name] = per
		}
	}
	return cpu, nil
}

// saturate loads a service with one request as much as it takes and at half that rate, and adds the waits of both.
func (s *suite) saturate(ctx context.Context, name, service, path string, headers ...string) error {
	address := s.system.Address(service)
	target := load.Target{Address: address, Want: http.StatusOK,
		Request: load.Same(load.Get(address, path, append([]string{"Authorization: Bearer " + s.token}, headers...)...))}
	plan := load.Plan{Clients: 4 * clients, For: 2 * s.slice}
	for _, at := range []string{", as much as it takes", ", half of that"} {
		var result *load.Result
		cpu, err := s.spent(func() (int64, error) {
			var err error
			result, err = load.Run(ctx, target, plan)
			return result.Done, err
		})
		if err != nil {
			return fmt.Errorf("%s%s: %w", name, at, err)
		}
		s.latency(Latency{Name: name + at, Rate: result.PerSecond(), P50: ms(result.Wait(0.5)), P99: ms(result.Wait(0.99)), CPU: cpu})
		plan.Pace = result.PerSecond() / 2
	}
	return nil
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// programs measures how soon each service is ready and what every program takes when nothing is asked.
func (s *suite) programs(ctx context.Context) error {
	s.sayf("programs")
	ready := map[string]Samples{}
	for range s.rounds {
		for _, service := range layout.Services {
			if err := s.system.Stop(service.Name); err != nil {
				return err
			}
			begun := time.Now()
			if err := s.system.Start(service.Name); err != nil {
				return err
			}
			if err := s.awaitReady(ctx, service.Name); err != nil {
				return err
			}
			ready[service.Name] = append(ready[service.Name], time.Since(begun).Seconds())
		}
	}
	select { // what a start needs is returned by then
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(2 * s.slice):
	}
	for _, name := range s.system.Programs() {
		usage, err := s.system.Usage(name)
		if err != nil {
			return err
		}
		one := Program{Name: name, Ready: ready[name], Idle: mebibytes(usage.Resident)}
		s.report.Programs = append(s.report.Programs, one)
		s.sayf("  %-44s ready after %s s (%s), idle %s MiB", name, number(one.Ready.Median()), spread(one.Ready), number(one.Idle))
	}
	return nil
}

// awaitReady asks /readyz in short turns, as often as the figure's resolution needs.
func (s *suite) awaitReady(ctx context.Context, service string) error {
	address := s.system.Address(service)
	const patience = 30 * time.Second
	for begun := time.Now(); time.Since(begun) < patience; time.Sleep(2 * time.Millisecond) {
		c, err := load.Dial(ctx, address)
		if err != nil {
			continue
		}
		status, err := c.Do(load.Get(address, "/readyz"))
		c.Close()
		if err == nil && status == http.StatusOK {
			return nil
		}
	}
	return fmt.Errorf("%s is not ready after %s", service, patience)
}

// loaded notes what the programs take at the end.
func (s *suite) loaded() {
	for i := range s.report.Programs {
		if usage, err := s.system.Usage(s.report.Programs[i].Name); err == nil {
			s.report.Programs[i].Loaded = mebibytes(usage.Resident)
		}
	}
}

func mebibytes(bytes uint64) float64 { return float64(bytes) / (1 << 20) }
