package app_test

import (
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

func (b *bundle) found(path, query string) (page foundPage) {
	b.t.Helper()
	got := b.get(path + "?" + query)
	require.Equal(b.t, http.StatusOK, got.Status, "%s", got.Body)
	got.Into(&page)
	return page
}

func (b *bundle) list(query string) foundPage {
	b.t.Helper()
	return b.found(traces, query)
}

func (p foundPage) guids() []string {
	out := make([]string, len(p.Content))
	for i, c := range p.Content {
		out[i] = c.GUID
	}
	return out
}

func TestSearch(t *testing.T) {
	t.Parallel()
	b := setup(t)
	now := time.Now().Truncate(time.Second).UTC()
	// Trace i: i hours old, 100 + i kHz wide 400 Hz, on the meridian −180 + 30·i.
	guids := make([]string, 12)
	for i := range guids {
		guid := uuid.New()
		guids[i] = guid.String()
		body := sample(guid, now.Add(-time.Duration(i)*time.Hour))
		body = strings.NewReplacer(`"start_freq_hz":100000`, fmt.Sprintf(`"start_freq_hz":%d`, 100000+i*1000),
			`"stop_freq_hz":100400`, fmt.Sprintf(`"stop_freq_hz":%d`, 100400+i*1000),
			`"lng":37.62`, fmt.Sprintf(`"lng":%d`, -180+30*i)).Replace(body)
		require.Equal(t, http.StatusCreated, b.post(traces, body).Status)
	}

	all := b.list("")
	require.Equal(t, guids, all.guids(), "newest first")
	require.EqualValues(t, 12, all.Total)
	require.Empty(t, all.Next)

	at := func(i int) string {
		return url.QueryEscape(now.Add(-time.Duration(i) * time.Hour).Format(time.RFC3339))
	}
	require.Equal(t, guids[3:6], b.list("from="+at(5)+"&to="+at(2)).guids(), "to is excluded")
	require.Equal(t, guids[2:4], b.list("start-freq-hz=102400&stop-freq-hz=103000").guids(), "edges touch")
	require.Equal(t, []string{}, b.list("start-freq-hz=102401&stop-freq-hz=102999").guids())
	require.Equal(t, guids[4:7], b.list("bbox=-60,50,0,60").guids())
	require.Equal(t, []string{guids[0], guids[1], guids[11]}, b.list("bbox=150,50,-150,60").guids(), "across the 180th meridian")
	require.Equal(t, []string{guids[1], guids[11]}, b.list("bbox=150,50,-150,60&limit=2&page=1&from="+at(11)+"&to="+at(0)).guids())
	require.Equal(t, []any{-60.0, 50.0, 0.0, 60.0}, b.list("bbox=-60,50,0,60").Params["bbox"])

	var walked []string
	query := "limit=5"
	for range 3 {
		page := b.list(query)
		walked = append(walked, page.guids()...)
		require.EqualValues(t, 12, page.Total)
		query = "limit=5&cursor=" + url.QueryEscape(page.Next)
	}
	require.Equal(t, guids, walked)
	require.Equal(t, guids[5:10], b.list("limit=5&page=2").guids())

	for query, field := range map[string]string{
		"bbox=1,2,3": "query.bbox", "bbox=0,60,10,50": "query.bbox", "bbox=0,0,200,1": "query.bbox", "bbox=a,b,c,d": "query.bbox",
		"from=" + at(0) + "&to=" + at(1): "query.to", "start-freq-hz=5&stop-freq-hz=4": "query.stop-freq-hz",
		"from=yesterday": "query.from", "limit=0": "query.limit", "page=0": "query.page", "cursor=xx": "query.cursor",
		"page=1000000&limit=1000": "query.page",
	} {
		got := b.get(traces + "?" + query)
		require.Equal(t, http.StatusUnprocessableEntity, got.Status, query)
		require.Contains(t, string(got.Body), `"`+field+`"`, query)
	}
}
