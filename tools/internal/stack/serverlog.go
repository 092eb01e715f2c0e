package stack

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// Provoked is what a test that makes a server complain on purpose puts into its SQL as a comment, or into its
// application_name: such an error is no finding.
const Provoked = "provoked by a test"

// logPrefix is PostgreSQL's log_line_prefix: time, process, SQLSTATE, and who asked (application_name) in which database.
const logPrefix = "%m [%p] %e [%a@%d] "

// ownFaults are the SQLSTATEs (PostgreSQL, appendix A), whole classes or single ones, that the server answers to a mistake
// in a program of ours, and never to the load, an outage or what a client sent: a client's input is judged before
// it comes to the database. All others are part of the day: integrity (23), raised by our triggers (P0), given up
// (57014, 55P03), repeated (40001), connections and the server's start and end (08, 57P), databases that
// come and go with their tests (3D), hot standbys (25006).
var ownFaults = []string{
	"0A",                            // not supported
	"21",                            // cardinality: a subquery with several rows
	"22",                            // data: out of range, not valid text, division by zero
	"24", "25001", "25P01", "25P02", // cursors, and statements outside of or in a failed transaction
	"26", "34", // prepared statements and cursors that do not exist
	"40P01", // deadlock
	"42",    // syntax, names that do not exist, missing rights
	"53",    // out of connections, memory, disk
	"54",    // over a limit of the server
	"58",    // operating system
	"F0", "XX",
}

// serverFaults find the entries of a server's log that nobody should have caused.
var serverFaults = map[string]func(entry string) bool{
	portPostgres: postgresFault,
	portRabbit:   rabbitFault.MatchString,
	portRedis:    redisFault.MatchString,
}

var (
	postgresEntry = regexp.MustCompile(`^\d{4}-\d\d-\d\d [\d:.]+ \w+ (\[\d+\]) ([0-9A-Z]{5}) \[.*?\] (\w+):  `)
	// Channel and connection exceptions that a wrong program causes (AMQP 0-9-1, 1.2), and crashes of the broker itself. Others
	// are outages (connection_forced) or a refusal that a test or an operator wants (access_refused, not_found).
	rabbitFault = regexp.MustCompile(`(?s)^\S+ \S+ \[(?:error|critical)\].*(?:precondition_failed|frame_error|syntax_error|command_invalid|` +
		`channel_error|unexpected_frame|not_allowed|not_implemented|internal_error|CRASH REPORT)`)
	rabbitEntry = regexp.MustCompile(`^\d{4}-\d\d-\d\d [\d:.+]+ \[\w+\] <`)
	// Redis logs at its level "warning" (#) what it could not do.
	redisFault = regexp.MustCompile(`^\d+:\w \d+ \w+ \d{4} [\d:.]+ # .*(?i:error|can't|cannot|fail|bug report|crash|out of memory)`)
	redisEntry = regexp.MustCompile(`^\d+:\w `)
	// Not ours: the machine's settings.
	redisAdvice = regexp.MustCompile(`# (?:WARNING|Warning)`)
)

func postgresFault(entry string) bool {
	fields := postgresEntry.FindStringSubmatch(entry)
	if fields == nil || strings.Contains(entry, Provoked) {
		return false
	}
	state, severity := fields[2], fields[3]
	return severity == "PANIC" || (severity == "ERROR" || severity == "FATAL") &&
		slices.ContainsFunc(ownFaults, func(own string) bool { return strings.HasPrefix(state, own) })
}

// LogsVariable is the variable that tells programs beside the stack where its servers' logs are.
const LogsVariable = "STACK_LOGS"

// LogDir is where the stack's programs log when it runs without Docker.
func (p Checkout) LogDir() string { return p.logDir() }

// ServerLogs are the logs of PostgreSQL, RabbitMQ and Redis, from some moment on.
type ServerLogs struct {
	dir  string
	from map[string]int64
}

// ServerLogsFromNow leaves out what the logs in that folder hold already; "" is a folder without logs.
func ServerLogsFromNow(dir string) ServerLogs {
	logs := ServerLogs{dir: dir, from: map[string]int64{}}
	for name := range serverFaults {
		if info, err := os.Stat(logs.path(name)); err == nil {
			logs.from[name] = info.Size()
		}
	}
	return logs
}

func (l ServerLogs) path(server string) string { return filepath.Join(l.dir, server+".log") }

// Faults returns the entries that show a mistake of ours, each with the server's name before it; equal ones of one
// server count as one. A server without a log has none.
func (l ServerLogs) Faults() ([]string, error) {
	var found []string
	if l.dir == "" {
		return nil, nil
	}
	for _, name := range []string{portPostgres, portRabbit, portRedis} {
		entries, err := l.read(name)
		if err != nil {
			return nil, fmt.Errorf("read the log of %s: %w", name, err)
		}
		seen := map[string]int{}
		for _, entry := range entries {
			if !serverFaults[name](entry) || name == portRedis && redisAdvice.MatchString(entry) {
				continue
			}
			kind := kindOf(entry)
			if seen[kind]++; seen[kind] == 1 {
				found = append(found, name+": "+entry)
			}
		}
	}
	return found, nil
}

// variable are the parts of an entry that differ between two of a kind: times, numbers, names of databases.
var variable = regexp.MustCompile(`[0-9]+|<[0-9.]+>|@[^\]]*\]|nmstest_\w+`)

func kindOf(entry string) string {
	first, _, _ := strings.Cut(entry, "\n")
	return variable.ReplaceAllString(first, "")
}

// furtherParts are what PostgreSQL says of an error beside its message.
var furtherParts = []string{"DETAIL", "HINT", "CONTEXT", "QUERY", "STATEMENT", "LOCATION"}

// read returns the entries of a log: a line with what belongs to it. What PostgreSQL says further of an error (DETAIL,
// CONTEXT, STATEMENT) comes in entries of their own from the same process.
func (l ServerLogs) read(server string) ([]string, error) {
	file, err := os.Open(l.path(server))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer file.Close()
	if _, err := file.Seek(l.from[server], io.SeekStart); err != nil {
		return nil, err
	}
	begins := map[string]*regexp.Regexp{portPostgres: postgresEntry, portRabbit: rabbitEntry, portRedis: redisEntry}[server]
	var entries []string
	at := -1                 // the entry of the line before
	last := map[string]int{} // the latest entry by process
	reader := bufio.NewReader(file)
	for {
		line, err := reader.ReadString('\n')
		if line = strings.TrimRight(line, "\r\n"); line != "" {
			fields := begins.FindStringSubmatch(line)
			belongs := fields == nil && at >= 0
			if server == portPostgres && fields != nil {
				earlier, known := last[fields[1]]
				if belongs = known && slices.Contains(furtherParts, fields[3]); belongs {
					at = earlier
				} else {
					last[fields[1]] = len(entries)
				}
			}
			if belongs {
				entries[at] += "\n    " + line
			} else {
				entries, at = append(entries, line), len(entries)
			}
		}
		if errors.Is(err, io.EOF) {
			return entries, nil
		}
		if err != nil {
			return nil, err
		}
	}
}

// faults returns what the servers' logs hold against us since their start.
func (t *throwAway) faults() ([]string, error) { return ServerLogs{dir: t.checkout.logDir()}.Faults() }

// ServerFaults returns what the servers' logs hold against our programs since the start.
func (p *Private) ServerFaults() ([]string, error) { return p.faults() }
