package driver

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"nms.example/common/name"
)

// observed measures a driver, takes the secret out of what the equipment answers (some repeat what they were sent), and shows what
// nobody would see in it.
type observed struct {
	Driver

	name    string
	latency *prometheus.HistogramVec
}

func newLatency() *prometheus.HistogramVec {
	return prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name:    "ctrl_driver_duration_seconds",
		Help:    "Time that a driver took to send a command or to poll values, by how it ended.",
		Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 300},
	}, []string{"driver", "operation", "outcome"})
}

func (o observed) measure(begun time.Time, operation, outcome string) {
	o.latency.WithLabelValues(o.name, operation, strings.ReplaceAll(outcome, " ", "_")).Observe(time.Since(begun).Seconds())
}

// Send implements Driver.
func (o observed) Send(ctx context.Context, e Endpoint, r Request) (Outcome, Reply, error) {
	begun := time.Now()
	outcome, reply, err := o.Driver.Send(ctx, e, r)
	o.measure(begun, "send", outcome.String())
	return outcome, Reply{shorten(name.Visible(e.hide(reply.Text)))}, e.conceal(err)
}

// Poll implements Driver.
func (o observed) Poll(ctx context.Context, e Endpoint, points []Point) ([]Value, error) {
	begun := time.Now()
	values, err := o.Driver.Poll(ctx, e, points)
	outcome := "answered"
	if err != nil {
		outcome = "failed"
	}
	o.measure(begun, "poll", outcome)
	for i := range values {
		switch value := values[i].Value.(type) {
		case string:
			values[i].Value = name.Visible(e.hide(value))
		case json.Number:
			if hidden := e.hide(value.String()); hidden == mask {
				values[i].Value = hidden
			}
		}
		values[i].Problem = shorten(name.Visible(e.hide(values[i].Problem)))
	}
	return values, e.conceal(err)
}

// mask stands where a secret was.
const mask = "(secret)"

// hide replaces each line of the endpoint's secret in a text, as it is and as JSON writes it.
func (e Endpoint) hide(text string) string {
	for line := range strings.Lines(e.Secret.Reveal()) {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		text = strings.ReplaceAll(text, line, mask)
		if quoted, err := json.Marshal(line); err == nil { // which no text refuses
			text = strings.ReplaceAll(text, string(quoted[1:len(quoted)-1]), mask)
		}
		text = strings.ReplaceAll(text, strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(line), mask) // without Go's escapes of <, > and &
	}
	return text
}

// concealed is an error whose text no longer holds a secret.
type concealed struct {
	error

	text string
}

func (c concealed) Error() string { return c.text }

func (c concealed) Unwrap() error { return c.error }

// conceal hides the secret in an error's text: libraries quote what they could not read.
func (e Endpoint) conceal(err error) error {
	if err == nil {
		return nil
	}
	text := err.Error()
	if hidden := e.hide(text); hidden != text {
		return concealed{err, hidden}
	}
	return err
}

// maxReply bounds what is kept of an answer, in characters.
const maxReply = 300

// clean returns a text that can be kept: valid UTF-8 without NUL.
func clean(text string) string {
	return strings.ToValidUTF8(strings.ReplaceAll(text, "\x00", ""), "\uFFFD")
}

func shorten(text string) string {
	runes := []rune(text)
	if len(runes) > maxReply {
		return string(runes[:maxReply]) + "…"
	}
	return string(runes)
}
