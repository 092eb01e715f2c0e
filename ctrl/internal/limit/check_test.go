package limit_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"nms.example/common/fault"

	"nms.example/ctrl/internal/limit"
	"nms.example/ctrl/internal/threshold"
)

func draft(t *testing.T, body string) (d limit.Draft) {
	t.Helper()
	require.NoError(t, json.Unmarshal([]byte(body), &d))
	return d
}

func TestDrafts(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ body, place string }{
		"a level":                              {`{"name": "x", "levels": [{"severity": "major", "high": 10, "clear": 8}]}`, ""},
		"levels on both sides":                 {`{"name": "x", "levels": [{"severity": "major", "high": 10}, {"severity": "critical", "high": 20, "clear": 9}, {"severity": "major", "low": 0, "clear": 1}]}`, ""},
		"staleness alone":                      {`{"name": "x", "stale_after": 60}`, ""},
		"a time":                               {`{"name": "x", "stale_after": 60, "raise_after": {"seconds": 0.5}, "clear_after": {"count": 2, "of": 3}}`, ""},
		"neither levels nor staleness":         {`{"name": "x"}`, "levels"},
		"a name that nobody sees":              {`{"name": "\u200b", "stale_after": 60}`, "name"},
		"no bound":                             {`{"name": "x", "levels": [{"severity": "major", "clear": 8}]}`, "levels[0]"},
		"two bounds":                           {`{"name": "x", "levels": [{"severity": "major", "high": 10, "low": 1}]}`, "levels[0]"},
		"a severity of no name":                {`{"name": "x", "levels": [{"severity": "fatal", "high": 10}]}`, "levels[0].severity"},
		"a re-arm value beyond a high bound":   {`{"name": "x", "levels": [{"severity": "major", "high": 10, "clear": 11}]}`, "levels[0].clear"},
		"a re-arm value beyond a low bound":    {`{"name": "x", "levels": [{"severity": "major", "low": 10, "clear": 9}]}`, "levels[0].clear"},
		"the same severity twice":              {`{"name": "x", "levels": [{"severity": "major", "high": 10}, {"severity": "major", "high": 11}]}`, "levels[1]"},
		"a worse level that lies nearer":       {`{"name": "x", "levels": [{"severity": "major", "high": 10}, {"severity": "critical", "high": 9}]}`, "levels[1]"},
		"a worse low level that lies nearer":   {`{"name": "x", "levels": [{"severity": "critical", "low": 10}, {"severity": "major", "low": 9}]}`, "levels[1]"},
		"sides that overlap":                   {`{"name": "x", "levels": [{"severity": "major", "high": 10}, {"severity": "major", "low": 11}]}`, "levels[1]"},
		"a re-arm value beyond the other side": {`{"name": "x", "levels": [{"severity": "major", "low": 5}, {"severity": "major", "high": 10, "clear": 4}]}`, "levels[1]"},
		"a time and a count":                   {`{"name": "x", "stale_after": 60, "raise_after": {"seconds": 1, "count": 2, "of": 3}}`, "raise_after"},
		"a count of nothing":                   {`{"name": "x", "stale_after": 60, "clear_after": {"count": 2}}`, "clear_after"},
		"a delay that says nothing":            {`{"name": "x", "stale_after": 60, "raise_after": {}}`, "raise_after"},
		"more than there are":                  {`{"name": "x", "stale_after": 60, "raise_after": {"count": 4, "of": 3}}`, "raise_after.count"},
		"a time without end":                   {`{"name": "x", "stale_after": 60, "raise_after": {"seconds": 86401}}`, "raise_after.seconds"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := draft(t, c.body)
			err := d.Check()
			if c.place == "" {
				require.NoError(t, err)
				return
			}
			refused := fault.As(err)
			require.NotNil(t, refused)
			require.Len(t, refused.Details, 1)
			require.Equal(t, fault.Field(c.place), refused.Details[0].Place())
		})
	}
}

func TestRules(t *testing.T) {
	t.Parallel()
	d := draft(t, `{"name": "x", "levels": [{"severity": "major", "high": 10, "clear": 8}, {"severity": "minor", "low": 0}],
		"raise_after": {"seconds": 1.5}, "clear_after": {"count": 2, "of": 3}, "stale_after": 60}`)
	require.NoError(t, d.Check())
	require.Equal(t, threshold.Rule{
		Levels: []threshold.Level{{Severity: threshold.Major, High: true, Bound: 10, Clear: 8}, {Severity: threshold.Minor}},
		Raise:  threshold.Delay{For: 1500 * time.Millisecond}, Clear: threshold.Delay{Count: 2, Of: 3}, Stale: time.Minute,
	}, d.Rule())
}
