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
	s.report.Head = append(Circumstances(ctx, s.checkout.Root, command, s.system.Versions()),
		fmt.Sprintf("every ratio: the median of %d rounds of %v for each side, in turns, after one to warm up; servers durable (fsync on), "+
			"services, servers and load on the same cores", s.rounds, s.slice))
}

// Circumstances says by which command, when, of which commit of the checkout root and on which machine figures were taken;
// servers are the versions of what ran beside the services.
func Circumstances(ctx context.Context, root, command, servers string) []string {
	commit := "unknown"
	if out, err := exec.CommandContext(ctx, "git", "-C", root, "describe", "--always", "--dirty", "--abbrev=12").Output(); err == nil {
		commit = strings.TrimSpace(string(out))
	}
	load := "unknown"
	if text, err := os.ReadFile("/proc/loadavg"); err == nil {
		load, _, _ = strings.Cut(string(text), " ")
	}
	return []string{
		"command: `" + command + "`",
		"date: " + time.Now().UTC().Format("2006-01-02 15:04 MST"),
		"commit: " + commit,
		fmt.Sprintf("machine: %s, %d cores, %s, %s/%s, load at the start %s", processor(), runtime.NumCPU(), memory(), runtime.GOOS, runtime.GOARCH, load),
		"versions: " + runtime.Version() + ", " + servers,
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
