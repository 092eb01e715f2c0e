package app_test

import (
	"io"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"nms.example/cfg/internal/generator"
)

// BenchmarkFilteredTree: parts of a tree of 100,000 nodes, kept in memory, against the same bytes read from the database
// (an order asked for is never kept) and from a bare gin handler, in turns in one run.
func BenchmarkFilteredTree(b *testing.B) {
	s := startBench(b, generator.Sizes{Equipments: 100_000})
	for _, one := range []struct{ name, query string }{
		{"level", "root-id=100&depth=1"},
		{"roots", "depth=1"},
		{"subtree-1111", "root-id=100"},
		{"name", "name=rack_000100"},
	} {
		b.Run(one.name, func(b *testing.B) {
			path := "/api/v1/cfg/equipments?" + one.query
			body := s.body(b, path)
			require.Equal(b, body, s.body(b, path+"&sort=name"))
			cached := dialMany(b, s.url, path, "Authorization: Bearer "+s.token)
			uncached := dialMany(b, s.url, path+"&sort=name", "Authorization: Bearer "+s.token)
			single := dialMany(b, s.url, path+"&sort=name", "Authorization: Bearer "+s.token)[:1]
			theirs := dialMany(b, bare(b, http.StatusOK, http.Header{}, body), "/x", "Authorization: Bearer "+s.token)
			var hits, misses, alone, ceilings, gains, shares []float64
			for b.Loop() {
				for range benchRounds {
					hit, miss, ceiling := rate(b, http.StatusOK, cached), rate(b, http.StatusOK, uncached), rate(b, http.StatusOK, theirs)
					hits, misses, ceilings = append(hits, hit), append(misses, miss), append(ceilings, ceiling)
					gains, shares = append(gains, hit/miss), append(shares, hit/ceiling)
					alone = append(alone, 1000/rate(b, http.StatusOK, single))
				}
			}
			b.ReportMetric(median(hits), "cached/s")
			b.ReportMetric(median(misses), "uncached/s")
			b.ReportMetric(median(alone), "uncached-ms")
			b.ReportMetric(median(ceilings), "bare/s")
			b.ReportMetric(median(gains), "cached-by-uncached")
			b.ReportMetric(median(shares), "ratio")
			b.ReportMetric(float64(len(body)), "bytes")
			b.ReportMetric(0, "ns/op")
		})
	}
}

func (s *benchService) body(b *testing.B, path string) []byte {
	b.Helper()
	req, err := http.NewRequestWithContext(b.Context(), http.MethodGet, s.url+path, http.NoBody)
	require.NoError(b, err)
	req.Header.Set("Authorization", "Bearer "+s.token)
	resp, err := client.Do(req)
	require.NoError(b, err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	require.NoError(b, err)
	require.Equal(b, http.StatusOK, resp.StatusCode, "%.300s", body)
	return body
}

// BenchmarkPast: how long single calls take that ask for the past of 100,000 pieces of equipment and 20,000 commands, each
// of which has three versions. "first" is the moment before the second versions, "last" the present one.
func BenchmarkPast(b *testing.B) {
	s := startBench(b, generator.Sizes{Equipments: 100_000, Commands: 20_000})
	conn := s.connect(b)
	moment := func() (now time.Time) {
		require.NoError(b, conn.QueryRow(b.Context(), "SELECT clock_timestamp()").Scan(&now))
		return now
	}
	moments := map[string]time.Time{"first": moment()}
	for range 2 {
		for _, table := range []string{"equipment", "command"} {
			_, err := conn.Exec(b.Context(), "UPDATE "+table+" SET name_full = name_full || '.'")
			require.NoError(b, err)
		}
	}
	_, err := conn.Exec(b.Context(), "VACUUM ANALYZE")
	require.NoError(b, err)
	moments["last"] = moment()
	for _, one := range []struct{ name, path string }{
		{"tree", "/equipments?"},
		{"level", "/equipments?root-id=100&depth=1"},
		{"name", "/equipments?name=rack_000100"},
		{"node", "/equipments/54321?"},
		{"commands-first", "/commands?limit=1500"},
		{"commands-section", "/commands?toc-id=2"},
		{"command", "/commands/12345?"},
		{"archived", "/equipments?archived=true"},
	} {
		for name, at := range moments {
			b.Run(one.name+"/"+name, func(b *testing.B) {
				path := "/api/v1/cfg" + one.path + "&at=" + url.QueryEscape(at.Format(time.RFC3339Nano))
				c := dial(b, s.url, path, "Authorization: Bearer "+s.token)
				defer func() { _ = c.conn.Close() }()
				size := 0
				for b.Loop() {
					status, _, n, err := c.get()
					if err != nil || status != http.StatusOK {
						b.Fatalf("%s: status %d, %v", path, status, err)
					}
					size = n
				}
				b.ReportMetric(float64(b.Elapsed().Microseconds())/1000/float64(b.N), "ms/call")
				b.ReportMetric(float64(size), "bytes")
			})
		}
	}
}
