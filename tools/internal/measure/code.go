package measure

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
)

// benchmark names Go benchmarks of one package that belong to the promises.
type benchmark struct{ module, pkg, pattern, time string }

// benchmarks are run in the package's own process, on the durable servers of the private system.
var benchmarks = []benchmark{
	{"common", "./authn", "Verify", "1s"},
	{"common", "./rf", ".", "300ms"},
	{"cfg", "./internal/app", "^Benchmark(CommandPage|MoveSubtree|Import|Large|FilteredTree|Past)$", "1x"},
	{"inbox", "./internal/app", "^BenchmarkStages$", "1x"},
}

// code runs the benchmarks inside the code.
func (s *suite) code(ctx context.Context) error {
	s.sayf("code")
	for _, one := range benchmarks {
		cmd := exec.CommandContext(ctx, "go", "test", "-run", "^$", "-bench", one.pattern, "-benchmem", "-benchtime", one.time, "./"+one.module+"/"+strings.TrimPrefix(one.pkg, "./"))
		cmd.Dir = s.checkout.Root
		cmd.Env = append(os.Environ(), "TEST_POSTGRES_DSN="+s.system.SuperDSN("postgres"), "TEST_REDIS_DSN="+s.system.RedisDSN(),
			"TEST_MQ_DSN="+s.system.BrokerDSN(), "TEST_MQ_API="+s.system.ManagementURL())
		out, err := cmd.CombinedOutput()
		if err != nil {
			return fmt.Errorf("%s: %w\n%s", strings.Join(cmd.Args, " "), err, out)
		}
		found := parseBenchmarks(one.module, out)
		if len(found) == 0 {
			return fmt.Errorf("%s found no benchmark", strings.Join(cmd.Args, " "))
		}
		for _, b := range found {
			s.sayf("  %-60s %s", b.Name, b.Metrics)
		}
		s.report.Benchmarks = append(s.report.Benchmarks, found...)
	}
	return nil
}

// parseBenchmarks reads the lines that go test prints. The metric "ratio" is the figure; "floor" and "ceiling" are its
// goal.
func parseBenchmarks(module string, output []byte) []Benchmark {
	var found []Benchmark
	for lines := bufio.NewScanner(bytes.NewReader(output)); lines.Scan(); {
		fields := strings.Fields(lines.Text())
		if len(fields) < 4 || !strings.HasPrefix(fields[0], "Benchmark") {
			continue
		}
		name, _, _ := strings.Cut(strings.TrimPrefix(fields[0], "Benchmark"), "-"+fields[0][strings.LastIndexByte(fields[0], '-')+1:])
		one := Benchmark{Name: module + ": " + name}
		var metrics []string
		for i := 2; i+1 < len(fields); i += 2 {
			value, err := strconv.ParseFloat(fields[i], 64)
			if err != nil {
				break
			}
			switch unit := fields[i+1]; {
			case unit == "ratio":
				one.Ratio = value
			case unit == "floor" && value > 0:
				one.Goal = AtLeast(value)
			case unit == "ceiling" && value > 0:
				one.Goal = AtMost(value)
			case value != 0 || strings.HasPrefix(unit, "allocs"):
				metrics = append(metrics, number(value)+" "+unit)
			}
		}
		one.Metrics = strings.Join(metrics, ", ")
		found = append(found, one)
	}
	return found
}
