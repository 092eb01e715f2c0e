package check

import (
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/stretchr/testify/require"
)

// metrics returns type by name of what some service exposes: the lists that the services' own tests keep true, and
// the few that every Go process and every target has.
func metrics(t *testing.T) map[string]string {
	t.Helper()
	known := map[string]string{"up": "gauge", "go_goroutines": "gauge"}
	files, err := filepath.Glob(filepath.Join(root, "deploy", "prometheus", "metrics", "*.txt"))
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(files), 4)
	for _, file := range files {
		content, err := os.ReadFile(file)
		require.NoError(t, err)
		for line := range strings.Lines(string(content)) {
			name, kind, found := strings.Cut(strings.TrimSpace(line), " ")
			require.True(t, found, line)
			known[name] = kind
		}
	}
	return known
}

// checkExpression parses PromQL and looks at each metric that it names: does it exist, and is it a counter where
// counters belong?
func checkExpression(t *testing.T, known map[string]string, text string) {
	t.Helper()
	expr, err := parser.NewParser(parser.Options{}).ParseExpr(text)
	require.NoError(t, err, text)
	parser.Inspect(expr, func(node parser.Node, path []parser.Node) error {
		selector, ok := node.(*parser.VectorSelector)
		if !ok {
			return nil
		}
		require.NotEmpty(t, selector.Name, text)
		kind, exists := known[selector.Name]
		for _, suffix := range []string{"_bucket", "_sum", "_count"} {
			if base, cut := strings.CutSuffix(selector.Name, suffix); cut && known[base] == "histogram" {
				kind, exists = "counter", true
			}
		}
		require.True(t, exists, "no service exposes %s, named in %s", selector.Name, text)
		for _, outer := range path {
			if call, ok := outer.(*parser.Call); ok && (call.Func.Name == "rate" || call.Func.Name == "increase") {
				require.Equal(t, "counter", kind, "%s(%s)", call.Func.Name, selector.Name)
			}
		}
		return nil
	})
}

// loadRules reads the rules as promtool does.
func loadRules(t *testing.T) *rulefmt.RuleGroups {
	t.Helper()
	groups, errs := rulefmt.ParseFile(filepath.Join(root, "deploy", "prometheus", "alerts.yaml"), false,
		model.UTF8Validation, parser.NewParser(parser.Options{}), slog.New(slog.DiscardHandler))
	require.Empty(t, errs)
	return groups
}

func TestRulesNameMetricsThatExist(t *testing.T) {
	t.Parallel()
	known := metrics(t)
	for _, group := range loadRules(t).Groups {
		for _, rule := range group.Rules {
			checkExpression(t, known, rule.Expr)
			require.Contains(t, []string{"critical", "warning"}, rule.Labels["severity"], rule.Alert)
			require.NotEmpty(t, rule.Annotations["summary"], rule.Alert)
		}
	}
}

// Each alert has a heading of its name in docs/operating.md, and its runbook points there.
func TestEveryAlertHasItsRunbook(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile(filepath.Join(root, "docs", "operating.md"))
	require.NoError(t, err)
	explained := map[string]bool{}
	for _, match := range regexp.MustCompile(`(?m)^#+ (NMS\w+)$`).FindAllStringSubmatch(string(content), -1) {
		explained[match[1]] = true
	}
	for _, group := range loadRules(t).Groups {
		for _, rule := range group.Rules {
			require.True(t, explained[rule.Alert], "docs/operating.md has no heading %s", rule.Alert)
			require.Equal(t, "docs/operating.md#"+strings.ToLower(rule.Alert), rule.Annotations["runbook"])
			delete(explained, rule.Alert)
		}
	}
	require.Empty(t, explained, "docs/operating.md explains alerts that do not exist")
}

func TestPanelsNameMetricsThatExist(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile(filepath.Join(root, "deploy", "grafana", "nms.json"))
	require.NoError(t, err)
	var dashboard struct {
		UID    string
		Panels []struct {
			ID      int
			Type    string
			Title   string
			GridPos struct{ H, W, X, Y int }
			Targets []struct{ Expr, RefID string }
		}
	}
	require.NoError(t, json.Unmarshal(content, &dashboard))
	known, ids := metrics(t), map[int]bool{}
	variables := strings.NewReplacer("$__rate_interval", "5m", "$job", ".+")
	for _, panel := range dashboard.Panels {
		require.False(t, ids[panel.ID], "two panels have the id %d", panel.ID)
		ids[panel.ID] = true
		require.LessOrEqual(t, panel.GridPos.X+panel.GridPos.W, 24, panel.Title)
		require.Equal(t, panel.Type == "row", len(panel.Targets) == 0, panel.Title)
		for _, target := range panel.Targets {
			checkExpression(t, known, variables.Replace(target.Expr))
		}
	}
}
