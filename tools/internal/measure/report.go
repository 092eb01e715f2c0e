package measure

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
)

// Samples are what one figure was in each round.
type Samples []float64

// Median is robust against a round in which the machine did something else; 0 without any samples.
func (s Samples) Median() float64 {
	if len(s) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(s))
	return sorted[len(sorted)/2]
}

// Goal is what a figure has to reach. The zero Goal is none.
type Goal struct {
	// AtMost turns the comparison round: smaller is better.
	AtMost bool
	Value  float64
}

// AtLeast is the goal of a figure that should be large, AtMost that of one that should be small.
func AtLeast(value float64) Goal { return Goal{Value: value} }

// AtMost is the goal of a figure that should be small.
func AtMost(value float64) Goal { return Goal{Value: value, AtMost: true} }

// Reached tells whether a value meets the goal; any value meets none.
func (g Goal) Reached(value float64) bool {
	switch {
	case g == Goal{}:
		return true
	case g.AtMost:
		return value <= g.Value
	default:
		return value >= g.Value
	}
}

func (g Goal) String() string {
	switch {
	case g == Goal{}:
		return ""
	case g.AtMost:
		return "≤ " + number(g.Value)
	default:
		return "≥ " + number(g.Value)
	}
}

// Ratio is a figure as a share of its ceiling, measured in turns in the same run.
type Ratio struct {
	Name string
	// Ours and Ceiling are the two sides, in Unit.
	Ours, Ceiling Samples
	Unit          string
	// Against says what the ceiling is.
	Against string
	// Ratios are the rounds' quotients.
	Ratios Samples
	Goal   Goal
}

// Figure is a value that stands for itself.
type Figure struct {
	Name   string
	Values Samples
	Unit   string
	Goal   Goal
}

// Latency is how long answers took under a load.
type Latency struct {
	Name string
	// Rate is requests per second; P50 and P99 are in milliseconds.
	Rate, P50, P99 float64
	// CPU is the processor time per request in µs, by program.
	CPU  map[string]float64
	Goal Goal // of P99
}

// Program is what one program takes.
type Program struct {
	Name string
	// Ready is the seconds from start to /readyz, Idle and Loaded are resident MiB before and after all loads.
	Ready        Samples
	Idle, Loaded float64
}

// Benchmark is a benchmark inside the code.
type Benchmark struct {
	// Name is the module and the benchmark.
	Name string
	// Ratio is its share of a ceiling, 0 without one.
	Ratio float64
	Goal  Goal
	// Metrics is all else, "12.3 µs/op, 2 allocs/op".
	Metrics string
}

// Report is all that was measured.
type Report struct {
	// Head is the machine, the versions, the date, the commit and the command, a line each.
	Head []string
	// Beside is the title of Ratios, "Against their ceilings" when empty.
	Beside    string
	Ratios    []Ratio
	Figures   []Figure
	Latencies []Latency
	Programs  []Program
	// Benchmarks ran in the process of their package.
	Benchmarks []Benchmark
}

// Goals of the programs.
var (
	readyGoal = AtMost(1)
	idleGoal  = AtMost(40)
)

// Missed lists the figures that did not reach their goals.
func (r *Report) Missed() []string {
	var missed []string
	check := func(name string, value float64, goal Goal) {
		if !goal.Reached(value) {
			missed = append(missed, fmt.Sprintf("%s: %s, goal %s", name, number(value), goal))
		}
	}
	for _, one := range r.Ratios {
		check(one.Name, one.Ratios.Median(), one.Goal)
	}
	for _, one := range r.Figures {
		check(one.Name, one.Values.Median(), one.Goal)
	}
	for _, one := range r.Latencies {
		check(one.Name+", p99 in ms", one.P99, one.Goal)
	}
	for _, one := range r.Benchmarks {
		check(one.Name, one.Ratio, one.Goal)
	}
	for _, one := range r.Programs {
		if one.isService() {
			check(one.Name+" ready, s", one.Ready.Median(), readyGoal)
			check(one.Name+" idle, MiB", one.Idle, idleGoal)
		}
	}
	return missed
}

func (p *Program) isService() bool { return len(p.Ready) > 0 }

// Markdown writes the report.
func (r *Report) Markdown(w io.Writer) error {
	var out strings.Builder
	for _, line := range r.Head {
		fmt.Fprintf(&out, "- %s\n", line)
	}
	if len(r.Ratios) > 0 {
		fmt.Fprintf(&out, "\n### %s\n\n| what | ours | against | ratio | spread | goal | |\n|---|--:|--:|--:|--:|--:|---|\n",
			cmp.Or(r.Beside, "Against their ceilings"))
		for _, one := range r.Ratios {
			fmt.Fprintf(&out, "| %s | %s %s | %s (%s) | **%s** | %s | %s | %s |\n", one.Name, number(one.Ours.Median()), one.Unit,
				number(one.Ceiling.Median()), one.Against, number(one.Ratios.Median()), spread(one.Ratios), one.Goal,
				verdict(one.Goal, one.Ratios.Median()))
		}
	}
	if len(r.Figures) > 0 {
		out.WriteString("\n### By themselves\n\n| what | value | spread | goal | |\n|---|--:|--:|--:|---|\n")
		for _, one := range r.Figures {
			fmt.Fprintf(&out, "| %s | **%s** %s | %s | %s | %s |\n", one.Name, number(one.Values.Median()), one.Unit, spread(one.Values),
				one.Goal, verdict(one.Goal, one.Values.Median()))
		}
	}
	if len(r.Latencies) > 0 {
		out.WriteString("\n### Waits, and processor time per request\n\n| load | requests/s | p50 ms | p99 ms | goal of p99 | | CPU µs per request |\n|---|--:|--:|--:|--:|---|---|\n")
		for _, one := range r.Latencies {
			fmt.Fprintf(&out, "| %s | %s | %s | **%s** | %s | %s | %s |\n", one.Name, number(one.Rate), number(one.P50), number(one.P99),
				one.Goal, verdict(one.Goal, one.P99), shares(one.CPU))
		}
	}
	if len(r.Programs) > 0 {
		fmt.Fprintf(&out, "\n### Programs\n\nGoals of the services: ready %s s after the start, idle %s MiB resident.\n\n", readyGoal, idleGoal)
		out.WriteString("| program | start to ready, s | idle MiB | after all loads MiB | |\n|---|--:|--:|--:|---|\n")
		for _, one := range r.Programs {
			ready, good := "", ""
			if one.isService() {
				ready = number(one.Ready.Median()) + " (" + spread(one.Ready) + ")"
				good = both(readyGoal.Reached(one.Ready.Median()), idleGoal.Reached(one.Idle))
			}
			fmt.Fprintf(&out, "| %s | %s | %s | %s | %s |\n", one.Name, ready, number(one.Idle), number(one.Loaded), good)
		}
	}
	if len(r.Benchmarks) > 0 {
		out.WriteString("\n### Inside the code\n\n| benchmark | ratio | goal | | further |\n|---|--:|--:|---|---|\n")
		for _, one := range r.Benchmarks {
			ratio := ""
			if one.Ratio > 0 {
				ratio = "**" + number(one.Ratio) + "**"
			}
			fmt.Fprintf(&out, "| %s | %s | %s | %s | %s |\n", one.Name, ratio, one.Goal, verdict(one.Goal, one.Ratio), one.Metrics)
		}
	}
	_, err := io.WriteString(w, out.String())
	return err
}

func verdict(goal Goal, value float64) string {
	if goal == (Goal{}) {
		return ""
	}
	return both(goal.Reached(value), true)
}

func both(first, second bool) string {
	if first && second {
		return "✓"
	}
	return "**short**"
}

func spread(s Samples) string {
	if len(s) < 2 {
		return ""
	}
	return number(slices.Min(s)) + "–" + number(slices.Max(s))
}

func shares(cpu map[string]float64) string {
	var parts []string
	for name, value := range cpu {
		parts = append(parts, name+" "+number(value))
	}
	slices.Sort(parts)
	return strings.Join(parts, ", ")
}

// number writes three significant digits, and whole numbers in full.
func number(v float64) string {
	switch a := max(v, -v); {
	case a >= 100 || v == math.Trunc(v):
		return fmt.Sprintf("%.0f", v)
	case a >= 10:
		return fmt.Sprintf("%.1f", v)
	case a >= 0.1:
		return fmt.Sprintf("%.2f", v)
	default:
		return fmt.Sprintf("%.3g", v)
	}
}
