package check

import (
	"context"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/template"
	"github.com/prometheus/prometheus/util/annotations"
	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"
)

// scenario is a test of promtool's format: series with a sample per minute, and which alerts fire at which times.
type scenario struct {
	Name        string `json:"name"`
	InputSeries []struct {
		Series string `json:"series"`
		Values string `json:"values"`
	} `json:"input_series"`
	AlertRuleTest []struct {
		EvalTime  model.Duration `json:"eval_time"`
		Alertname string         `json:"alertname"`
		ExpAlerts []firing       `json:"exp_alerts"`
	} `json:"alert_rule_test"`
}

// firing is an alert that fires, with its labels except its name.
type firing struct {
	Labels      map[string]string `json:"exp_labels"`
	Annotations map[string]string `json:"exp_annotations"`
}

// scenarios reads deploy/prometheus/tests/alerts.yaml.
func scenarios(t *testing.T) []scenario {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(root, "deploy", "prometheus", "tests", "alerts.yaml"))
	require.NoError(t, err)
	var file struct {
		RuleFiles          []string       `json:"rule_files"`
		EvaluationInterval model.Duration `json:"evaluation_interval"`
		Tests              []scenario     `json:"tests"`
	}
	require.NoError(t, yaml.UnmarshalStrict(content, &file))
	require.Equal(t, []string{"../alerts.yaml"}, file.RuleFiles)
	require.EqualValues(t, time.Minute, file.EvaluationInterval)
	return file.Tests
}

// Each alert fires when it should, with the labels and the text that it should, and is silent when it should be.
func TestAlertsFireWhenTheyShould(t *testing.T) {
	t.Parallel()
	rules := map[string]rulefmt.Rule{}
	for _, group := range loadRules(t).Groups {
		for _, rule := range group.Rules {
			rules[rule.Alert] = rule
		}
	}
	known := metrics(t)
	fires, silent := map[string]bool{}, map[string]bool{}
	for _, s := range scenarios(t) {
		past := s.record(t, known)
		for _, want := range s.AlertRuleTest {
			rule, exists := rules[want.Alertname]
			require.True(t, exists, want.Alertname)
			got := past.firing(t, rule, time.Duration(want.EvalTime))
			require.ElementsMatch(t, want.ExpAlerts, got, "%s: %s at %s", s.Name, want.Alertname, want.EvalTime)
			fires[want.Alertname] = fires[want.Alertname] || len(want.ExpAlerts) > 0
			silent[want.Alertname] = silent[want.Alertname] || len(want.ExpAlerts) == 0
		}
	}
	for name := range rules {
		require.True(t, fires[name], "%s fires in no test", name)
		require.True(t, silent[name], "%s is silent in no test", name)
	}
}

// begin is the minute 0 of all scenarios.
func begin() time.Time { return time.Unix(0, 0).UTC() }

// recording is a storage that holds what was scraped, sorted by labels. It answers Prometheus' engine.
type recording []promql.Series

// record makes the series of a scenario. Metrics that no service has would prove nothing.
func (s scenario) record(t *testing.T, known map[string]string) recording {
	t.Helper()
	var all recording
	for _, input := range s.InputSeries {
		checkExpression(t, known, input.Series)
		metric, values, err := parser.NewParser(parser.Options{}).ParseSeriesDesc(input.Series + " " + input.Values)
		require.NoError(t, err, "%s: %s", s.Name, input.Series)
		one := promql.Series{Metric: metric}
		for minute, value := range values {
			if !value.Omitted {
				one.Floats = append(one.Floats, promql.FPoint{T: begin().Add(time.Duration(minute) * time.Minute).UnixMilli(), F: value.Value})
			}
		}
		all = append(all, one)
	}
	slices.SortFunc(all, func(a, b promql.Series) int { return labels.Compare(a.Metric, b.Metric) })
	return all
}

// firing evaluates a rule every minute up to a time and tells which alerts fire then: those of series that the
// expression has given without a break for as long as the rule's «for». Prometheus' package rules does the same, but
// brings the libraries of three clouds along, 380 packages; promtool agrees with every scenario.
func (r recording) firing(t *testing.T, rule rulefmt.Rule, until time.Duration) []firing {
	t.Helper()
	require.Zero(t, rule.KeepFiringFor, "%s: not known here", rule.Alert)
	engine := promql.NewEngine(promql.EngineOpts{MaxSamples: 1_000_000, Timeout: time.Minute})
	t.Cleanup(func() { require.NoError(t, engine.Close()) })
	since := map[string]time.Time{}
	var now []firing
	for at := begin(); !at.After(begin().Add(until)); at = at.Add(time.Minute) {
		vector, err := r.query(t.Context(), engine, rule.Expr, at)
		require.NoError(t, err, rule.Alert)
		given := map[string]time.Time{}
		now = nil
		for _, sample := range vector {
			alert := alertOf(t, rule, sample, at)
			identity := labels.FromMap(alert.Labels).String()
			require.NotContains(t, given, identity, "%s gives two alerts with the same labels", rule.Alert)
			begun, going := since[identity]
			if !going {
				begun = at
			}
			given[identity] = begun
			if at.Sub(begun) >= time.Duration(rule.For) {
				now = append(now, alert)
			}
		}
		since = given
	}
	return now
}

// alertOf returns the alert that a rule makes of a sample: the sample's labels and the rule's, and its texts.
func alertOf(t *testing.T, rule rulefmt.Rule, sample promql.Sample, at time.Time) firing {
	t.Helper()
	own := sample.Metric.Map()
	delete(own, model.MetricNameLabel)
	expand := func(text string) string {
		const names = "{{$labels := .Labels}}{{$value := .Value}}"
		data := template.AlertTemplateData(sample.Metric.Map(), nil, "", sample)
		out, err := template.NewTemplateExpander(t.Context(), names+text, rule.Alert, data, model.TimeFromUnixNano(at.UnixNano()), nil, new(url.URL), nil).Expand()
		require.NoError(t, err, rule.Alert)
		return out
	}
	alert := firing{Labels: own, Annotations: map[string]string{}}
	for name, text := range rule.Labels {
		alert.Labels[name] = expand(text)
	}
	for name, text := range rule.Annotations {
		alert.Annotations[name] = expand(text)
	}
	return alert
}

func (r recording) query(ctx context.Context, engine *promql.Engine, expr string, at time.Time) (promql.Vector, error) {
	query, err := engine.NewInstantQuery(ctx, &storage.MockQueryable{MockQuerier: &storage.MockQuerier{SelectMockFunction: r.choose}}, nil, expr, at)
	if err != nil {
		return nil, err
	}
	defer query.Close()
	vector, err := query.Exec(ctx).Vector()
	return slices.Clone(vector), err
}

// choose returns the series that match; the engine takes the samples of its time from them.
func (r recording) choose(_ bool, _ *storage.SelectHints, matchers ...*labels.Matcher) storage.SeriesSet {
	chosen := &chosenSeries{at: -1}
	for _, one := range r {
		if !slices.ContainsFunc(matchers, func(m *labels.Matcher) bool { return !m.Matches(one.Metric.Get(m.Name)) }) {
			chosen.series = append(chosen.series, one)
		}
	}
	return chosen
}

// chosenSeries implements storage.SeriesSet.
type chosenSeries struct {
	series []promql.Series
	at     int
}

func (c *chosenSeries) Next() bool                        { c.at++; return c.at < len(c.series) }
func (c *chosenSeries) At() storage.Series                { return promql.NewStorageSeries(c.series[c.at]) }
func (c *chosenSeries) Err() error                        { return nil }
func (c *chosenSeries) Warnings() annotations.Annotations { return nil }
