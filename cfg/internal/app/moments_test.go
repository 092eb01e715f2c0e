package app_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestMoments(t *testing.T) {
	t.Parallel()
	b := setup(t)
	unit, section := b.node("Unit", 0), b.section("S", 0)
	command := b.command("C", unit, section, nil)
	lists := []string{"/equipments", "/commands-toc", "/commands", "/telemetry"}
	items := []string{of("/equipments", unit), of("/commands-toc", section), of("/commands", command)}
	now := b.now()
	for _, path := range append(lists, items...) {
		for claim, c := range map[string]struct{ moment, code string }{
			"a word": {"yesterday", "bad_format"}, "a date": {"2026-11-30", "bad_format"}, "the 13th month": {"2026-13-30T12:00:00Z", "bad_format"},
			"a time without its offset": {"2026-11-30T12:00:00", "offset_required"},
		} {
			t.Run(path+": "+claim+" is no moment", func(t *testing.T) {
				t.Parallel()
				b.in(t).Get(path+"?at="+c.moment).Refused(unprocessable, "query.at", c.code)
			})
		}
		t.Run(path+": the future is not known", func(t *testing.T) {
			t.Parallel()
			b := b.in(t)
			b.Get(atParam(path, now.Add(time.Hour))).Refused(unprocessable, "query.at", "out_of_range")
			b.Get(atParam(path, time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC))).Refused(unprocessable, "query.at", "out_of_range")
		})
		t.Run(path+": a moment has any offset", func(t *testing.T) {
			t.Parallel()
			b.in(t).Get(atParam(path, now.In(time.FixedZone("", 5*3600+1800)))).Is(http.StatusOK)
		})
		t.Run(path+": a moment's answer has a tag", func(t *testing.T) {
			t.Parallel()
			b := b.in(t)
			first := b.Get(atParam(path, now)).Is(http.StatusOK)
			b.Get(atParam(path, now), "If-None-Match: "+first.Header.Get("ETag")).Is(http.StatusNotModified)
		})
	}
	early := []time.Time{now.Add(-time.Hour), time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC)}
	for _, moment := range early {
		for _, path := range lists {
			t.Run(fmt.Sprintf("%s: nothing is listed of %d", path, moment.Year()), func(t *testing.T) {
				t.Parallel()
				require.NotContains(t, string(b.in(t).Get(atParam(path, moment)).Is(http.StatusOK).Body), `"id"`)
			})
		}
		for _, path := range items {
			t.Run(fmt.Sprintf("%s: it was not there in %d", path, moment.Year()), func(t *testing.T) {
				t.Parallel()
				b.in(t).Get(atParam(path, moment)).Refused(http.StatusNotFound, "path.id", "not_found")
			})
		}
	}
	t.Run("params repeats it", func(t *testing.T) {
		t.Parallel()
		require.Equal(t, now.UTC().Format(time.RFC3339Nano), b.in(t).page(atParam("/commands", now.UTC())).Params["at"])
	})
	t.Run("the past is not changed", func(t *testing.T) {
		t.Parallel()
		b.in(t).Patch(of("/equipments", unit)+"?at=2026-01-01T00:00:00Z", `{}`).Refused(unprocessable, "query.at", "unknown_parameter")
	})
}
