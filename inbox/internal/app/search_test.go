package app_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// foundPage is a page of traces or of signals.
type foundPage struct {
	Page, Limit int
	Total       int64
	Params      map[string]any
	Content     []struct {
		GUID      string
		Trace     string     `json:"trace_guid"` // of a signal
		Start     float64    `json:"start_freq_hz"`
		Timestamp *time.Time `json:"timestamp"`
		Received  time.Time  `json:"received_at"`
	}
	Next string
}

// found asks for a page of a list.
func (b *bundle) found(list, query string) (page foundPage) {
	b.t.Helper()
	b.Get(list + "?" + query).Is(http.StatusOK).Into(&page)
	return page
}

func (p foundPage) guids() []string {
	out := make([]string, len(p.Content))
	for i, c := range p.Content {
		out[i] = c.GUID
	}
	return out
}

// followed walks through a list by its cursors, five items a page, and asserts the total on each.
func (b *bundle) followed(list, filter string, total int64) (guids []string) {
	b.t.Helper()
	for next := ""; ; {
		page := b.found(list, "limit=5"+filter+next)
		guids = append(guids, page.guids()...)
		require.Equal(b.t, total, page.Total)
		if page.Next == "" {
			return guids
		}
		next = "&cursor=" + url.QueryEscape(page.Next)
	}
}

// hoursBefore returns query values of moments before one.
func hoursBefore(now time.Time) func(hours int) string {
	return func(hours int) string {
		return url.QueryEscape(now.Add(-time.Duration(hours) * time.Hour).Format(time.RFC3339))
	}
}

// onMeridian is a change of a sample: −180 + 30·i.
func onMeridian(i int) []string { return []string{`"lng":37.62`, fmt.Sprintf(`"lng":%d`, -180+30*i)} }

func TestTracesAreFound(t *testing.T) {
	t.Parallel()
	b := setup(t)
	now := time.Now().Truncate(time.Second).UTC()
	at := hoursBefore(now)
	// Trace i: i hours old, 400 Hz wide from 100 + i kHz on, on the meridian −180 + 30·i; four are of known receivers.
	receivers := map[int]string{1: `"source":"RX7"`, 2: `"source":"RX7","equipment_id":4`, 3: `"source":"RX8","equipment_id":4`, 4: `"equipment_id":5`}
	guids := make([]string, 12)
	for i := range guids {
		changes := append(onMeridian(i), `"start_freq_hz":100000`, fmt.Sprintf(`"start_freq_hz":%d`, 100000+i*1000),
			`"stop_freq_hz":100400`, fmt.Sprintf(`"stop_freq_hz":%d`, 100400+i*1000))
		if receivers[i] != "" {
			changes = append(changes, with(receivers[i])...)
		}
		guids[i] = b.trace(now.Add(-time.Duration(i)*time.Hour), changes...).String()
	}
	t.Run("without a filter all are, newest first", func(t *testing.T) {
		t.Parallel()
		all := b.in(t).found(traces, "")
		require.Equal(t, guids, all.guids())
		require.EqualValues(t, 12, all.Total)
		require.Empty(t, all.Next)
	})
	for claim, c := range map[string]struct {
		query string
		want  []string
	}{
		"a time is from its beginning up to its end, which it excludes": {"from=" + at(5) + "&to=" + at(2), guids[3:6]},
		"a band takes what it touches":                                  {"start-freq-hz=102400&stop-freq-hz=103000", guids[2:4]},
		"and nothing beside it":                                         {"start-freq-hz=102401&stop-freq-hz=102999", []string{}},
		"a box takes what lies in it":                                   {"bbox=-60,50,0,60", guids[4:7]},
		"a box may cross the 180th meridian":                            {"bbox=150,50,-150,60", []string{guids[0], guids[1], guids[11]}},
		"filters together take what each of them does":                  {"bbox=150,50,-150,60&limit=2&page=1&from=" + at(11) + "&to=" + at(0), []string{guids[1], guids[11]}},
		"a receiver is found by its name":                               {"source=RX7", guids[1:3]},
		"or by its equipment":                                           {"equipment-id=4", guids[2:4]},
		"or by both":                                                    {"equipment-id=4&source=RX7", guids[2:3]},
		"a name is a name, in its case":                                 {"source=rx7", []string{}},
		"a receiver may be sought across the 180th meridian":            {"source=RX7&bbox=150,50,-130,60", guids[1:2]},
		"a page may be asked for by its number":                         {"limit=5&page=2", guids[5:10]},
	} {
		t.Run(claim, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, c.want, b.in(t).found(traces, c.query).guids())
		})
	}
	t.Run("the filters taken are told", func(t *testing.T) {
		t.Parallel()
		page := b.in(t).found(traces, "source=RX7&limit=1&start-freq-hz=100000.5&bbox=-130,50,-110,60&equipment-id=4")
		require.EqualValues(t, 1, page.Total)
		require.Equal(t, map[string]any{"source": "RX7", "equipment-id": 4.0, "start-freq-hz": 100000.5, "bbox": []any{-130.0, 50.0, -110.0, 60.0}}, page.Params)
	})
	t.Run("cursors lead through all, each once", func(t *testing.T) {
		t.Parallel()
		require.Equal(t, guids, b.in(t).followed(traces, "", 12))
		first := b.in(t).found(traces, "source=RX7&limit=1")
		require.Equal(t, guids[1:2], first.guids())
		require.Equal(t, guids[2:3], b.in(t).found(traces, "source=RX7&limit=1&cursor="+first.Next).guids())
	})
	t.Run("a waterfall is of the receiver asked for", func(t *testing.T) {
		t.Parallel()
		require.EqualValues(t, 2, b.in(t).waterfall(url.Values{
			"source": {"RX7"}, "from": {now.Add(-3 * time.Hour).Format(time.RFC3339)}, "to": {now.Format(time.RFC3339)},
		}).Sweeps)
	})
	t.Run("filters that cannot be are refused", func(t *testing.T) {
		t.Parallel()
		refusesFilters(b.in(t), traces, at)
		b.in(t).refuses(map[string]string{
			traces + "?bbox=0,60,10,50": "query.bbox bad_format", traces + "?bbox=0,0,200,1": "query.bbox bad_format", traces + "?bbox=a,b,c,d": "query.bbox bad_format",
			traces + "?from=yesterday": "query.from bad_format", traces + "?page=0": "query.page below_minimum",
			traces + "?equipment-id=0": "query.equipment-id below_minimum", traces + "?equipment-id=x": "query.equipment-id wrong_type",
			traces + "?start-freq-hz=NaN": "query.start-freq-hz wrong_type", traces + "?source=" + strings.Repeat("x", 81): "query.source too_long",
		})
	})
}

// refusesFilters asserts the refusals that lists of traces and of signals have in common.
func refusesFilters(b *bundle, list string, at func(int) string) {
	b.t.Helper()
	b.refuses(map[string]string{
		list + "?bbox=1,2,3":                     "query.bbox bad_format",
		list + "?from=" + at(0) + "&to=" + at(1): "query.to wrong_order",
		list + "?start-freq-hz=5&stop-freq-hz=4": "query.stop-freq-hz wrong_order",
		list + "?limit=0":                        "query.limit below_minimum",
		list + "?cursor=xx":                      "query.cursor bad_cursor",
		list + "?page=1000000&limit=1000":        "query.page page_too_deep",
		list + "?sorce=RX1":                      "query.sorce unknown_parameter",
	})
}

func TestSignalsAreFound(t *testing.T) {
	t.Parallel()
	b := setup(t)
	now := time.Now().Truncate(time.Second).UTC()
	at := hoursBefore(now)
	// Signal i: of a trace that is i hours old, on the meridian −180 + 30·i, of receiver i mod 4; it has a band of its own.
	guids, ofTraces := make([]string, 12), make([]uuid.UUID, 12)
	mark := func(i int) {
		start := 100000 + float64(i)*10
		guids[i] = b.signal(ofTraces[i], start, start+5, start).String()
	}
	for i := range guids {
		ofTraces[i] = uuid.New()
		if i%3 == 0 {
			mark(i)
		}
	}
	t.Run("none is while its trace is missing, and its time is not known", func(t *testing.T) { //nolint:paralleltest // the traces come next
		b := b.in(t)
		require.Empty(t, b.found(signals, "").Content)
		var one map[string]json.RawMessage
		b.Get(signals + "/" + guids[0]).Is(http.StatusOK).Into(&one)
		require.Equal(t, "null", string(one["timestamp"]))
	})
	b.signal(uuid.New(), 1, 2, 1) // whose trace never comes
	for i, trace := range ofTraces {
		changes := append(onMeridian(i), with(fmt.Sprintf(`"source":"RX%d","equipment_id":%d`, i%4, i%4+1))...)
		b.send(sample(trace, now.Add(-time.Duration(i)*time.Hour), changes...))
		if i%3 != 0 {
			mark(i)
		}
	}
	t.Run("all are from the moment on that their traces are there, newest first", func(t *testing.T) {
		t.Parallel()
		all := b.in(t).found(signals, "")
		require.Equal(t, guids, all.guids())
		require.EqualValues(t, 12, all.Total)
		require.Empty(t, all.Next)
		require.Equal(t, now, all.Content[0].Timestamp.UTC())
	})
	for claim, c := range map[string]struct {
		query string
		want  []string
	}{
		"a time is that of the trace":                  {"from=" + at(5) + "&to=" + at(2), guids[3:6]},
		"a band takes signals that it touches":         {"start-freq-hz=100025&stop-freq-hz=100030", guids[2:4]},
		"and none beside it":                           {"start-freq-hz=100026&stop-freq-hz=100029", []string{}},
		"a box takes those whose traces lie in it":     {"bbox=-60,50,0,60", guids[4:7]},
		"also across the 180th meridian":               {"bbox=150,50,-150,60", []string{guids[0], guids[1], guids[11]}},
		"a receiver is that of the trace":              {"source=RX1", []string{guids[1], guids[5], guids[9]}},
		"or its equipment":                             {"equipment-id=4&to=" + at(0) + "&from=" + at(8), []string{guids[3], guids[7]}},
		"filters together take what each of them does": {"source=RX1&equipment-id=4", []string{}},
		"a page may be asked for by its number":        {"limit=5&page=2", guids[5:10]},
	} {
		t.Run(claim, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, c.want, b.in(t).found(signals, c.query).guids())
		})
	}
	t.Run("the total is that of all pages, and the filters taken are told", func(t *testing.T) {
		t.Parallel()
		require.EqualValues(t, 3, b.in(t).found(signals, "source=RX1&limit=1").Total)
		require.Equal(t, map[string]any{"source": "RX1", "bbox": []any{-60.0, 50.0, 0.0, 60.0}}, b.in(t).found(signals, "source=RX1&bbox=-60,50,0,60").Params)
	})
	t.Run("cursors lead through all, each once", func(t *testing.T) {
		t.Parallel()
		for _, filter := range []string{"", "&bbox=-180,0,180,60", "&bbox=170,0,169,60"} {
			require.Equal(t, guids, b.in(t).followed(signals, filter, 12), filter)
		}
	})
	t.Run("filters that cannot be are refused", func(t *testing.T) {
		t.Parallel()
		refusesFilters(b.in(t), signals, at)
	})
	t.Run("an unknown one is not found", func(t *testing.T) {
		t.Parallel()
		b.in(t).Get(of(signals, uuid.New())).Refused(notFound, "path.guid", "not_found")
	})
}
