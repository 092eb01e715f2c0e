package main

import (
	"fmt"
	"io"
	"net/http"
	"strings"

	"nms.example/inbox/internal/recording"
	"nms.example/inbox/internal/upload"
)

// remembered is how many findings of a kind are told in full for each file.
const remembered = 20

// finding is something about a line of the file, or about all of it when line is 0.
type finding struct {
	line int
	text string
}

// tallies count what came of a file.
type tallies struct {
	format                       recording.Format
	dry, created, known, refused int
	rows, notes                  int
	earlier, earlierRefused      int
	old                          bool // whether one was refused for its age
	noted, refusals              []finding
}

func (c *tallies) remember(line int, reason string) {
	if len(c.refusals) < remembered {
		c.refusals = append(c.refusals, finding{line, reason})
	}
}

// count counts an answer of inbox.
func (c *tallies) count(line int, result upload.Result) {
	switch result.Status {
	case 0: // not answered
	case http.StatusOK:
		c.known++
	case http.StatusCreated:
		c.created++
	default:
		c.refused++
		reasons := make([]string, len(result.Errors))
		for i, e := range result.Errors {
			reasons[i] = e.Location + " " + e.Message
			c.old = c.old || e.Location == "body.timestamp"
		}
		c.remember(line, fmt.Sprintf("inbox answers %d: %s", result.Status, strings.Join(reasons, "; ")))
	}
}

func (c *tallies) add(other *tallies) {
	c.dry += other.dry
	c.created += other.created
	c.known += other.known
	c.refused += other.refused
	c.rows += other.rows
	c.notes += other.notes
	c.earlier += other.earlier
	c.earlierRefused += other.earlierRefused
	c.old = c.old || other.old
	c.refusals = append(c.refusals, other.refusals...)
}

func (c *tallies) empty() bool {
	return c.dry+c.created+c.known+c.refused+c.rows+c.notes+c.earlier == 0
}

func (c *tallies) anyRefused() bool { return c.refused+c.rows+c.earlierRefused > 0 }

// String tells the counts.
func (c *tallies) String() string {
	text := fmt.Sprintf("traces: %d new, %d known, %d refused", c.created, c.known, c.refused)
	if c.dry > 0 {
		text = fmt.Sprintf("traces: %d written", c.dry)
	}
	if c.earlier > 0 {
		text += fmt.Sprintf(", %d sent by an interrupted run (%d of them refused)", c.earlier, c.earlierRefused)
	}
	if c.rows > 0 {
		text += fmt.Sprintf("; rows refused: %d", c.rows)
	}
	return text
}

// print tells what came of a file, with the lines of what was refused.
func (c *tallies) print(out io.Writer, file string, backfill bool) {
	if c.format == "" || c.empty() {
		return // nothing came of it, and the error says why
	}
	fmt.Fprintf(out, "%s (%s): %s\n", file, c.format, c)
	printFindings(out, file, "", c.refusals, c.refused+c.rows)
	printFindings(out, file, "note: ", c.noted, c.notes)
	switch {
	case c.old && backfill:
		fmt.Fprintln(out, "  (RETENTION of inbox says how long traces are kept)")
	case c.old:
		fmt.Fprintln(out, "  (-backfill takes traces of any age that inbox still keeps; it needs the permission inbox:manage)")
	}
}

func printFindings(out io.Writer, file, kind string, findings []finding, count int) {
	for _, f := range findings {
		place := file
		if f.line > 0 {
			place = fmt.Sprintf("%s:%d", file, f.line)
		}
		fmt.Fprintf(out, "  %s: %s%s\n", place, kind, f.text)
	}
	if more := count - len(findings); more > 0 {
		fmt.Fprintf(out, "  and %d more\n", more)
	}
}
