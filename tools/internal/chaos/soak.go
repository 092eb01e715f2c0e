package chaos

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"nms.example/tools/internal/layout"
	"nms.example/tools/internal/stack"
)

// SoakOptions say how long a soak is.
type SoakOptions struct {
	// For is how long the traffic goes on; the first third of it is for warming up.
	For time.Duration
	// Every is the time between two samples.
	Every time.Duration
	// Command is the command line, for the report.
	Command string
	// Out takes a line per sample.
	Out io.Writer
}

// Series is one quantity over the time of a soak.
type Series struct {
	Name, Unit string
	Values     []float64
	// Slack is how much the end may lie above the middle, in Unit, beside a tenth of it.
	Slack float64
}

// middle and end are the medians of the second and of the last third.
func (s *Series) middle() float64 {
	return median(s.Values[len(s.Values)/3 : max(2*len(s.Values)/3, len(s.Values)/3+1)])
}

func (s *Series) end() float64 { return median(s.Values[2*len(s.Values)/3:]) }

// Flat tells whether the quantity has stopped growing.
func (s *Series) Flat() bool { return s.end() <= 1.1*s.middle()+s.Slack }

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}

// SoakReport is what a soak found, beside what every run finds.
type SoakReport struct {
	*Report

	// Services are the requests of each service.
	Services map[string]Counts
	Series   []*Series
}

// minSamples is how many samples a verdict needs: two for each third.
const minSamples = 6

// Soak sends mixed traffic to all services of a private system without disturbing it, and watches whether memory,
// goroutines, connections and queues stay flat, whether any request fails, and whether anything is lost, doubled or
// disordered at the end.
func Soak(ctx context.Context, checkout stack.Checkout, private stack.PrivateOptions, options SoakOptions) (*SoakReport, error) {
	if options.For < minSamples*options.Every {
		return nil, fmt.Errorf("a soak of %v with a sample every %v has fewer than %d samples", options.For, options.Every, minSamples)
	}
	r := &run{Options: Long(options.Out), report: &Report{}}
	r.Command = options.Command
	begun := time.Now()
	end, err := r.open(ctx, checkout, private)
	if err != nil {
		return nil, err
	}
	defer end()
	if err := r.prepare(ctx); err != nil {
		return nil, err
	}
	if err := r.load(ctx); err != nil {
		return nil, err
	}
	w := &watch{system: r.system, series: map[string]*Series{}}
	err = w.samples(ctx, options)
	r.traffic.drain()
	r.changes = r.traffic.all()
	err = errors.Join(err, r.settleCommands(ctx))
	if err = errors.Join(err, ctx.Err()); err != nil {
		return nil, err
	}
	report := &SoakReport{Report: r.report, Services: r.traffic.next(), Series: w.order}
	report.Took = time.Since(begun)
	report.violate(report.complaints()...)
	return report, r.judge(ctx)
}

// complaints says in words what failed and what grows.
func (r *SoakReport) complaints() []string {
	var list []string
	for service, c := range r.Services {
		if c.Lost > 0 || c.Refused > 0 || c.Reads != c.ReadsDone {
			list = append(list, fmt.Sprintf("%s: of %d changes %d were refused and %d not answered, of %d reads %d failed",
				service, c.Sent, c.Refused, c.Lost, c.Reads, c.Reads-c.ReadsDone))
		}
	}
	for _, one := range r.Series {
		if !one.Flat() {
			list = append(list, fmt.Sprintf("%s grows: %.1f %s in the middle, %.1f at the end", one.Name, one.middle(), one.Unit, one.end()))
		}
	}
	slices.Sort(list)
	return list
}

// Write writes the report as Markdown.
func (r *SoakReport) Write(w io.Writer) {
	r.writeHead(w)
	fmt.Fprint(w, "A quantity is flat when the median of the last third of the time is at most a tenth, and a little slack, above that "+
		"of the second.\n\n")
	var rows [][]string
	for _, service := range layout.Services {
		c := r.Services[service.Name]
		rows = append(rows, cells(service.Name, c.Sent, c.Done, c.Refused, c.Lost, c.Reads, c.ReadsDone))
	}
	table(w, []string{"service", "changes sent", "2xx", "refused", "lost", "reads", "2xx"}, rows)
	rows = nil
	for _, one := range r.Series {
		number := func(v float64) string { return strings.TrimSpace(fmt.Sprintf("%.0f %s", v, one.Unit)) }
		verdict := "flat"
		if !one.Flat() {
			verdict = "**grows**"
		}
		rows = append(rows, []string{one.Name, number(one.Values[0]), number(one.middle()), number(one.end()), number(slices.Max(one.Values)), verdict})
	}
	table(w, []string{"quantity", "first", "second third", "last third", "most", ""}, rows)
	r.writeEntities(w)
	r.writeVerdict(w)
}

// watch samples the system.
type watch struct {
	system *stack.Private
	series map[string]*Series
	order  []*Series
}

func (w *watch) note(name, unit string, slack, value float64) {
	one := w.series[name]
	if one == nil {
		one = &Series{Name: name, Unit: unit, Slack: slack}
		w.series[name], w.order = one, append(w.order, one)
	}
	one.Values = append(one.Values, value)
}

// samples takes them until the time is over.
func (w *watch) samples(ctx context.Context, options SoakOptions) error {
	begun := time.Now()
	for next := begun.Add(options.Every); next.Sub(begun) <= options.For && ctx.Err() == nil; next = next.Add(options.Every) {
		pause(ctx, time.Until(next))
		if err := w.sample(ctx); err != nil {
			return err
		}
		fmt.Fprintf(options.Out, "%6.0f s: %s\n", time.Since(begun).Seconds(), w.line())
	}
	return nil
}

// line shows the last sample in short.
func (w *watch) line() string {
	var parts []string
	for _, one := range w.order {
		if strings.HasSuffix(one.Name, " memory") || strings.HasPrefix(one.Name, "queue") || strings.HasPrefix(one.Name, "outboxes") {
			parts = append(parts, fmt.Sprintf("%s %.0f", strings.TrimSuffix(one.Name, " memory"), one.Values[len(one.Values)-1]))
		}
	}
	return strings.Join(parts, ", ")
}

func (w *watch) sample(ctx context.Context) error {
	for _, service := range layout.Services {
		usage, err := w.system.Usage(service.Name)
		if err != nil {
			return err
		}
		w.note(service.Name+" memory", "MiB", 8, float64(usage.Resident)/(1<<20))
		metrics, err := scrape(ctx, w.system.URL(service.Name)+"/metrics", "go_goroutines", "process_open_fds", "go_memstats_heap_inuse_bytes")
		if err != nil {
			return fmt.Errorf("%s: %w", service.Name, err)
		}
		w.note(service.Name+" heap", "MiB", 8, metrics["go_memstats_heap_inuse_bytes"]/(1<<20))
		w.note(service.Name+" goroutines", "", 20, metrics["go_goroutines"])
		w.note(service.Name+" open files", "", 20, metrics["process_open_fds"])
	}
	rows, err := waiting(ctx, w.system)
	if err != nil {
		return err
	}
	w.note("outboxes", "rows", 200, float64(rows))
	var connections int
	err = onDatabase(ctx, w.system, "admin", func(conn *pgx.Conn) error {
		return conn.QueryRow(ctx, "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'").Scan(&connections)
	})
	if err != nil {
		return err
	}
	w.note("connections to PostgreSQL", "", 5, float64(connections))
	queues, err := queueLengths(ctx, w.system.ManagementURL())
	if err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(queues)) {
		w.note("queue "+name, "messages", 200, float64(queues[name]))
	}
	return nil
}

// scrape reads some metrics without labels.
func scrape(ctx context.Context, address string, names ...string) (map[string]float64, error) {
	body, err := fetch(ctx, address)
	if err != nil {
		return nil, err
	}
	defer body.Close()
	found := map[string]float64{}
	for lines := bufio.NewScanner(body); lines.Scan(); {
		name, text, _ := strings.Cut(lines.Text(), " ")
		if slices.Contains(names, name) {
			if found[name], err = strconv.ParseFloat(text, 64); err != nil {
				return nil, err
			}
		}
	}
	if len(found) != len(names) {
		return nil, fmt.Errorf("%s lacks one of %v", address, names)
	}
	return found, nil
}

// queueLengths asks the broker how many messages each queue holds; those that one instance alone reads count together.
func queueLengths(ctx context.Context, management string) (map[string]int, error) {
	body, err := fetch(ctx, management+"/api/queues")
	if err != nil {
		return nil, err
	}
	defer body.Close()
	var queues []struct {
		Name     string `json:"name"`
		Messages int    `json:"messages"`
	}
	if err := json.NewDecoder(body).Decode(&queues); err != nil {
		return nil, err
	}
	lengths := map[string]int{}
	for _, queue := range queues {
		name := queue.Name
		if strings.HasPrefix(name, "amq.gen-") {
			name = "of single instances" // the broker named them
		}
		lengths[name] += queue.Messages
	}
	return lengths, nil
}

func fetch(ctx context.Context, address string) (io.ReadCloser, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return nil, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	if response.StatusCode != http.StatusOK {
		return nil, errors.Join(fmt.Errorf("%s answers %s", address, response.Status), response.Body.Close())
	}
	return response.Body, nil
}
