package stack

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"nms.example/tools/internal/layout"
)

// ErrNotReady is the answer of Status when the stack does not run, or not all of it is ready.
var ErrNotReady = errors.New("not ready")

// Status prints what runs and how it does.
func Status(ctx context.Context, checkout Checkout, console Console) error {
	state, err := checkout.readState()
	if err != nil {
		return err
	}
	if !state.Running() && checkout.inDocker(ctx, state) {
		return dockerStatus(ctx, checkout, console)
	}
	if !state.Running() {
		console.printf("The stack is not running. Start it with: ./task up")
		return ErrNotReady
	}
	console.printf("%s; started at %s, supervisor %d, data in %s\n", state.Phase, state.Started.Format("2006-01-02 15:04:05"),
		state.Supervisor.PID, state.Data)
	console.printf("%-10s %-8s %-10s %-9s %s", "program", "pid", "up", "restarts", "state")
	answer := error(nil)
	for _, program := range state.Programs {
		word := "running"
		switch {
		case !program.Ident.Alive():
			word = "ended; see ./task logs " + program.Name
		case slices.Contains(programNames(), program.Name):
			word = "ready"
			if err := programReady(ctx, program.Name, state.Ports[program.Name]); err != nil {
				word = "not ready: " + err.Error()
			}
		}
		if word != "running" && word != "ready" {
			answer = ErrNotReady
		}
		console.printf("%-10s %-8d %-10s %-9d %s", program.Name, program.Ident.PID,
			time.Since(program.Since).Round(time.Second), program.Restarts, word)
	}
	for _, name := range state.absent() {
		byHand := ""
		if slices.Contains(serviceNames(), name) {
			byHand = "; ./task env " + name + " prints what it takes to run it by hand"
		}
		console.printf("%-10s does not run here (./task up starts it%s)", name, byHand)
	}
	if state.Phase != Ready {
		return ErrNotReady
	}
	return errors.Join(answer, checkout.PrintTable(ctx, console))
}

// PrintTable tells where everything is and what to try next.
func (p Checkout) PrintTable(_ context.Context, console Console) error {
	env, err := p.ClientEnv()
	if err != nil {
		return err
	}
	values := map[string]string{}
	for _, entry := range env {
		name, value, _ := strings.Cut(entry, "=")
		values[name] = value
	}
	console.printf("")
	for _, service := range layout.Services {
		base := values[urlVariable(service.Name)]
		if service.Name == consoleName {
			console.printf("  %-11s %-24s the operator's pages: open it in a browser", service.Name, base)
			continue
		}
		console.printf("  %-11s %-24s docs %s/docs", service.Name, base, base)
	}
	for _, program := range layout.Programs {
		console.printf("  %-11s %s", program.Name, values[addressVariable(program.Name)])
	}
	console.printf("  %-11s %s", "postgresql", values[layout.DSNVariable("nms")])
	console.printf("  %-11s %s", "", "(likewise auth, dwh, admin: the role and its password are named like the database)")
	console.printf("  %-11s %s", "rabbitmq", values["MQ_DSN"])
	if api := values["MQ_API"]; api != "" {
		console.printf("  %-11s %s", "", "management "+withoutLogin(api)+"  (login nms, password nms)")
	}
	console.printf("  %-11s %s", "redis", "./task env prints its URL, with the password")
	console.printf("")
	console.printf("  login       admin_nms, password user_super")
	console.printf("  try         ./task demo, or ./task demo -live: everything moves until Ctrl-C")
	console.printf("  also        ./task status · ./task logs · ./task down")
	return nil
}

func withoutLogin(url string) string {
	scheme, rest, _ := strings.Cut(url, "://")
	if _, host, ok := strings.Cut(rest, "@"); ok {
		rest = host
	}
	return scheme + "://" + rest
}

// Logs prints the end of the logs, all programs' or the named ones', and goes on with follow.
func Logs(ctx context.Context, checkout Checkout, console Console, names []string, follow bool, lines int) error {
	state, err := checkout.readState()
	if err != nil {
		return err
	}
	if !state.Running() && checkout.inDocker(ctx, state) {
		return dockerLogs(ctx, checkout, console, names, follow, lines)
	}
	known, err := checkout.logNames()
	if err != nil {
		return err
	}
	for _, name := range names {
		if !slices.Contains(known, name) {
			return fmt.Errorf("there is no log %q; there are: %s", name, strings.Join(known, ", "))
		}
	}
	if len(names) == 0 {
		names = known
	}
	width := 0
	offsets := map[string]int64{}
	for _, name := range names {
		width = max(width, len(name))
	}
	for _, name := range names {
		if info, err := os.Stat(checkout.logPath(name)); err == nil {
			offsets[name] = info.Size()
		}
		for _, line := range tail(checkout.logPath(name), lines) {
			console.printf("%-*s  %s", width, name, line)
		}
	}
	for follow && pause(ctx, 250*time.Millisecond) == nil {
		for _, name := range names {
			offsets[name] = printFrom(checkout.logPath(name), offsets[name], func(line string) {
				console.printf("%-*s  %s", width, name, line)
			})
		}
	}
	return nil
}

func (p Checkout) logNames() ([]string, error) {
	entries, err := os.ReadDir(p.logDir())
	if err != nil {
		return nil, errors.New("there are no logs yet: start the stack with ./task up")
	}
	var names []string
	for _, entry := range entries {
		if name, ok := strings.CutSuffix(entry.Name(), ".log"); ok {
			names = append(names, name)
		}
	}
	return names, nil
}

// printFrom prints the whole lines that were added after the offset and returns the new offset.
func printFrom(path string, offset int64, show func(string)) int64 {
	file, err := os.Open(path)
	if err != nil {
		return 0
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil || info.Size() < offset {
		return 0 // a new file
	}
	raw, err := io.ReadAll(io.NewSectionReader(file, offset, info.Size()-offset))
	if err != nil {
		return offset
	}
	end := bytes.LastIndexByte(raw, '\n') + 1
	for line := range strings.Lines(string(raw[:end])) {
		show(strings.TrimRight(line, "\r\n"))
	}
	return offset + int64(end)
}
