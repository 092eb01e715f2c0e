package chaos

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
)

// Report is what a run has counted, and what it found that must not be.
type Report struct {
	// Head are the circumstances: command, date, commit, machine, versions.
	Head     []string
	Took     time.Duration
	Faults   []FaultRow
	Entities []EntityRow
	Commands []CommandRow
	Alarms   []AlarmRow
	Kills    []KillRow
	// ReadBack is how many items were read over the API afterwards and compared.
	ReadBack int
	// Repeated events came to the journal once more and were recognised (since the journal's last start).
	Repeated   int
	Violations []string
}

// FaultRow is one fault: the traffic from before it until all was well, and how long that took from the repair on.
type FaultRow struct {
	Name  string
	Round int
	Counts
	Healthy time.Duration
}

// violate notes what must not be.
func (r *Report) violate(faults ...string) { r.Violations = append(r.Violations, faults...) }

// table writes rows with a head, as Markdown that reads well as plain text too.
func table(w io.Writer, head []string, rows [][]string) {
	width := make([]int, len(head))
	for _, row := range append([][]string{head}, rows...) {
		for i, cell := range row {
			width[i] = max(width[i], len([]rune(cell)))
		}
	}
	line := func(cells []string) {
		for i, cell := range cells {
			gap := strings.Repeat(" ", width[i]-len([]rune(cell)))
			if i == 0 {
				fmt.Fprintf(w, "| %s%s ", cell, gap)
			} else {
				fmt.Fprintf(w, "| %s%s ", gap, cell)
			}
		}
		fmt.Fprintln(w, "|")
	}
	line(head)
	for i := range head {
		if i == 0 {
			fmt.Fprintf(w, "|%s", strings.Repeat("-", width[i]+2))
		} else {
			fmt.Fprintf(w, "|%s:", strings.Repeat("-", width[i]+1))
		}
	}
	fmt.Fprintln(w, "|")
	for _, row := range rows {
		line(row)
	}
	fmt.Fprintln(w)
}

func cells(first string, numbers ...int) []string {
	row := []string{first}
	for _, n := range numbers {
		row = append(row, strconv.Itoa(n))
	}
	return row
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.1f", d.Seconds()) }

// Write writes the report as Markdown.
func (r *Report) Write(w io.Writer) {
	r.writeHead(w)
	var rows [][]string
	for _, f := range r.Faults {
		rows = append(rows, append(cells(f.Name, f.Sent, f.Done, f.Refused, f.Lost, f.Reads, f.ReadsDone), seconds(f.Healthy)))
	}
	if len(rows) > 0 {
		table(w, []string{"fault", "changes sent", "2xx", "refused", "lost", "reads", "2xx", "s to healthy"}, rows)
	}
	r.writeEntities(w)
	r.writeCommands(w)
	r.writeAlarms(w)
	rows = nil
	for _, k := range r.Kills {
		rows = append(rows, append(cells(strconv.Itoa(k.Number), k.Sent, k.Done, k.Refused, k.Lost, k.Stored, k.Unanswered, k.Missing, k.Foreign),
			seconds(k.Healthy)))
	}
	if len(rows) > 0 {
		fmt.Fprintf(w, "PostgreSQL killed −9 in the middle of ingest: every stored trace was acknowledged (2xx) or had no success for an answer.\n\n")
		table(w, []string{"kill", "traces sent", "2xx", "refused", "lost", "stored", "of them without 2xx", "2xx not stored", "stored, never taken",
			"s to healthy"}, rows)
	}
	r.writeVerdict(w)
}

// writeHead begins a report.
func (r *Report) writeHead(w io.Writer) {
	for _, line := range r.Head {
		fmt.Fprintf(w, "- %s\n", line)
	}
	fmt.Fprintf(w, "\nIt took %.0f s. A change is one entity that a request was to make, change or put away; lost ones had no answer, so "+
		"that the database decides.\n\n", r.Took.Seconds())
}

// writeEntities holds answers, tables and journal against each other.
func (r *Report) writeEntities(w io.Writer) {
	var rows [][]string
	for _, e := range r.Entities {
		kept := strconv.Itoa(e.Stored)
		if unversioned(e.Entity) {
			kept = "–"
		}
		row := append(cells(e.Entity, e.Sent, e.Done, e.Refused, e.Lost), kept)
		rows = append(rows, append(row, cells("", e.Committed, e.Journal, e.Unstored, e.Unreported, e.Missing, e.Foreign, e.Duplicates,
			e.Disordered, e.Sneaked)[1:]...))
	}
	if len(rows) > 0 {
		table(w, []string{"entity", "sent", "2xx", "refused", "lost", "stored", "events committed", "in the journal", "2xx not stored",
			"version without event", "not in the journal", "never committed", "twice", "out of order", "4xx but stored"}, rows)
	}
}

// writeCommands holds what ctrl says of its commands against what the simulator has executed.
func (r *Report) writeCommands(w io.Writer) {
	var rows [][]string
	sum := CommandRow{Fault: "together"}
	for _, c := range r.Commands {
		rows = append(rows, c.cells())
		sum.join(c)
	}
	if len(rows) == 0 {
		return
	}
	fmt.Fprintf(w, "Commands by two instances of ctrl to %d receivers of the simulator, by the fault around which they were sent last. What was "+
		"unknown was confirmed by a verifier, or resolved by somebody who looked at the simulator's record.\n\n", receivers)
	table(w, []string{"fault", "commands", "executed", "succeeded", "failed", "unverified", "expired", "unknown", "of them executed",
		"confirmed", "attempts that sent nothing", "idempotent ones executed again"}, append(rows, sum.cells()))
}

func (c *CommandRow) cells() []string {
	return cells(c.Fault, c.Commands, c.Executed, c.Succeeded, c.Failed, c.Unverified, c.Expired, c.Unknown, c.DoubtExecuted, c.Confirmed, c.NotSent,
		c.Again)
}

func (c *CommandRow) join(o CommandRow) {
	c.Commands += o.Commands
	c.Executed += o.Executed
	c.Succeeded += o.Succeeded
	c.Failed += o.Failed
	c.Unverified += o.Unverified
	c.Expired += o.Expired
	c.Unknown += o.Unknown
	c.DoubtExecuted += o.DoubtExecuted
	c.Confirmed += o.Confirmed
	c.NotSent += o.NotSent
	c.Again += o.Again
}

// writeAlarms holds what has become of alarms against what the values ask for.
func (r *Report) writeAlarms(w io.Writer) {
	var rows [][]string
	sum := AlarmRow{Fault: "together"}
	for i := range r.Alarms {
		rows = append(rows, r.Alarms[i].cells())
		sum.join(&r.Alarms[i])
	}
	if len(rows) == 0 {
		return
	}
	fmt.Fprintf(w, "Alarms by two instances of ctrl, on the values of %d sensors that cross limits in both directions and of %d that fall silent, "+
		"told to three webhooks; by the fault around which it happened. Asked for by the values is what a reading of the limits apart from ctrl's makes of them.\n\n",
		sensors, pulsing)
	table(w, []string{"fault", "values", "changes asked for", "raised", "worse", "eased", "cleared", "missed values", "values again", "told", "in messages",
		"that came again"}, append(rows, sum.cells()))
}

func (a *AlarmRow) cells() []string {
	return cells(a.Fault, a.Values, a.Asked, a.Raised, a.Worse, a.Eased, a.Cleared, a.Missed, a.Returned, a.Told, a.Messages, a.Again)
}

func (a *AlarmRow) join(o *AlarmRow) {
	a.Values += o.Values
	a.Asked += o.Asked
	a.Raised += o.Raised
	a.Worse += o.Worse
	a.Eased += o.Eased
	a.Cleared += o.Cleared
	a.Missed += o.Missed
	a.Returned += o.Returned
	a.Told += o.Told
	a.Messages += o.Messages
	a.Again += o.Again
}

// writeVerdict ends a report.
func (r *Report) writeVerdict(w io.Writer) {
	fmt.Fprintf(w, "Read back over the API: %d items. Events that came to the journal once more and were recognised, since its last "+
		"start: %d.\n\n", r.ReadBack, r.Repeated)
	if len(r.Violations) == 0 {
		fmt.Fprintln(w, "Nothing was lost, doubled, invented or put out of order.")
		return
	}
	fmt.Fprintf(w, "%d violations:\n\n", len(r.Violations))
	for _, v := range r.Violations {
		fmt.Fprintf(w, "- %s\n", v)
	}
}
