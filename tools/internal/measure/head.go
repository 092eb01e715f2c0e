package measure

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// head notes under which circumstances the figures were taken.
func (s *suite) head(ctx context.Context, command string) {
	commit := "unknown"
	if out, err := exec.CommandContext(ctx, "git", "-C", s.place.Root, "describe", "--always", "--dirty", "--abbrev=12").Output(); err == nil {
		commit = strings.TrimSpace(string(out))
	}
	load := "unknown"
	if text, err := os.ReadFile("/proc/loadavg"); err == nil {
		load, _, _ = strings.Cut(string(text), " ")
	}
	s.report.Head = []string{
		"command: `" + command + "`",
		"date: " + time.Now().UTC().Format("2006-01-02 15:04 MST"),
		"commit: " + commit,
		fmt.Sprintf("machine: %s, %d cores, %s, %s/%s, load at the start %s", processor(), runtime.NumCPU(), memory(), runtime.GOOS, runtime.GOARCH, load),
		"versions: " + runtime.Version() + ", " + s.system.Versions(),
		fmt.Sprintf("every ratio: the median of %d rounds of %v for each side, in turns, after one to warm up; servers durable (fsync on), "+
			"services, servers and load on the same cores", s.rounds, s.slice),
	}
}

func processor() string { return orUnknown(fieldOf("/proc/cpuinfo", "model name")) }

func memory() string {
	kib, err := strconv.ParseFloat(strings.TrimSuffix(fieldOf("/proc/meminfo", "MemTotal"), " kB"), 64)
	if err != nil {
		return "unknown memory"
	}
	return fmt.Sprintf("%.0f GiB", kib/(1<<20))
}

func orUnknown(text string) string {
	if text == "" {
		return "unknown processor"
	}
	return text
}

// fieldOf finds "name : value" in one of the kernel's tables.
func fieldOf(file, name string) string {
	f, err := os.Open(file)
	if err != nil {
		return ""
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		key, value, found := strings.Cut(lines.Text(), ":")
		if found && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return ""
}
