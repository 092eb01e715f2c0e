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

	"nms.example/common/apitest"
	"nms.example/common/servicetest"
	"nms.example/common/waittest"
	"nms.example/inbox/internal/app"
)

func (b *bundle) signalPage(query string) foundPage {
	b.t.Helper()
	return b.found(signals, query)
}

func TestSearchOfSignals(t *testing.T) {
	t.Parallel()
	b := setup(t)
	now := time.Now().Truncate(time.Second).UTC()
	// Signal i: of a trace that is i hours old, on the meridian -180 + 30 i; it has a band of its own; some come before.
	guids := make([]string, 12)
	for i := range guids {
		guid, trace := uuid.New(), uuid.New()
		guids[i] = guid.String()
		mark := func() {
			start := 100000 + float64(i)*10
			require.Equal(t, http.StatusCreated, b.post(signals, "["+signalJSON(guid, trace, start, start+5, start)+"]").Status)
		}
		if i%3 == 0 {
			mark()
			require.NotContains(t, b.signalPage("").guids(), guid.String(), "its trace is not there")
			var one struct{ Timestamp *time.Time }
			b.get(signals + "/" + guid.String()).Into(&one)
			require.Nil(t, one.Timestamp)
		}
		body := strings.NewReplacer(`"lng":37.62`, fmt.Sprintf(`"lng":%d`, -180+30*i),
			`"numpoints"`, fmt.Sprintf(`"source":"RX%d","equipment_id":%d,"numpoints"`, i%4, i%4+1)).Replace(sample(trace, now.Add(-time.Duration(i)*time.Hour)))
		require.Equal(t, http.StatusCreated, b.post(traces, body).Status)
		if i%3 != 0 {
			mark()
		}
	}
	all := b.signalPage("")
	require.Equal(t, guids, all.guids(), "newest first, from the moment their traces are there")
	require.EqualValues(t, 12, all.Total)
	require.Empty(t, all.Next)
	require.Equal(t, now, all.Content[0].Timestamp.UTC())
	require.Equal(t, "null", func() string {
		var one map[string]json.RawMessage
		lone := uuid.New()
		require.Equal(t, http.StatusCreated, b.post(signals, "["+signalJSON(lone, uuid.New(), 1, 2, 1)+"]").Status)
		b.get(signals + "/" + lone.String()).Into(&one)
		return string(one["timestamp"])
	}())

	at := func(i int) string {
		return url.QueryEscape(now.Add(-time.Duration(i) * time.Hour).Format(time.RFC3339))
	}
	require.Equal(t, guids[3:6], b.signalPage("from="+at(5)+"&to="+at(2)).guids(), "to is excluded")
	require.Equal(t, guids[2:4], b.signalPage("start-freq-hz=100025&stop-freq-hz=100030").guids(), "its own band; edges touch")
	require.Equal(t, []string{}, b.signalPage("start-freq-hz=100026&stop-freq-hz=100029").guids())
	require.Equal(t, guids[4:7], b.signalPage("bbox=-60,50,0,60").guids())
	require.Equal(t, []string{guids[0], guids[1], guids[11]}, b.signalPage("bbox=150,50,-150,60").guids(), "across the 180th meridian")
	require.Equal(t, []string{guids[1], guids[5], guids[9]}, b.signalPage("source=RX1").guids())
	require.Equal(t, []string{guids[3], guids[7]}, b.signalPage("equipment-id=4&to="+at(0)+"&from="+at(8)).guids())
	require.Empty(t, b.signalPage("source=RX1&equipment-id=4").guids())
	require.EqualValues(t, 3, b.signalPage("source=RX1&limit=1").Total)
	require.Equal(t, map[string]any{"source": "RX1", "bbox": []any{-60.0, 50.0, 0.0, 60.0}}, b.signalPage("source=RX1&bbox=-60,50,0,60").Params)

	for _, filter := range []string{"", "&bbox=-180,0,180,60", "&bbox=170,0,169,60"} {
		var walked []string
		query := "limit=5" + filter
		for range 3 {
			page := b.signalPage(query)
			walked = append(walked, page.guids()...)
			require.EqualValues(t, 12, page.Total)
			query = "limit=5" + filter + "&cursor=" + url.QueryEscape(page.Next)
		}
		require.Equal(t, guids, walked, filter)
	}
	require.Equal(t, guids[5:10], b.signalPage("limit=5&page=2").guids())
	for query, field := range map[string]string{
		"bbox=1,2,3": "query.bbox", "from=" + at(0) + "&to=" + at(1): "query.to", "start-freq-hz=5&stop-freq-hz=4": "query.stop-freq-hz",
		"limit=0": "query.limit", "cursor=xx": "query.cursor", "page=1000000&limit=1000": "query.page", "sorce=RX1": "query.sorce",
	} {
		got := b.get(signals + "?" + query)
		require.Equal(t, field, apitest.Problem(t, got.Header, got.Body, http.StatusUnprocessableEntity).Errors[0].Location, query)
	}
	require.Equal(t, http.StatusNotFound, b.get(signals+"/"+uuid.NewString()).Status)
}

// Signals and their traces race each other into the database, by two instances: every signal is listed in the end.
func TestSignalsMeetTheirTraces(t *testing.T) {
	t.Parallel()
	b := setup(t)
	other := *b
	other.instance = servicetest.Start(t, app.Identity, app.Build, b.settings)
	const n = 200
	guids := make([]uuid.UUID, n)
	for i := range guids {
		guids[i] = uuid.New()
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for _, guid := range guids {
			other.post(signals, "["+signalJSON(uuid.New(), guid, 100000, 100200, 100100)+"]")
		}
	}()
	for _, guid := range guids {
		require.Equal(t, http.StatusCreated, b.post(traces, sample(guid, time.Now())).Status)
	}
	<-done
	waittest.Until(t, "all signals are listed", func() bool { return b.signalPage("limit=1").Total == n })
}

// A signal that sticks out of its trace has no power there, as it has no cut: what lies outside was not measured.
func TestNoPowerOfWhatWasNotMeasured(t *testing.T) {
	t.Parallel()
	b := setup(t)
	trace := uuid.New()
	require.Equal(t, http.StatusCreated, b.post(traces, sample(trace, time.Now())).Status)
	for band, want := range map[[2]float64]int{
		{100000, 100400}: http.StatusOK, {99950, 100450}: http.StatusOK, // a value stands for a step around it
		{99949, 100200}: http.StatusUnprocessableEntity, {100200, 100451}: http.StatusUnprocessableEntity, {200000, 200100}: http.StatusUnprocessableEntity,
	} {
		guid := uuid.New()
		require.Equal(t, http.StatusCreated, b.post(signals, "["+signalJSON(guid, trace, band[0], band[1], band[0])+"]").Status)
		got := b.get(signals + "/" + guid.String() + "/power")
		require.Equal(t, want, got.Status, "%v", band)
		if want != http.StatusOK {
			require.EqualValues(t, "outside_trace", apitest.Problem(t, got.Header, got.Body, want).Errors[0].Code)
		}
	}
}
