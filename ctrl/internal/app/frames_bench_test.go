package app_test

import (
	"bytes"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"nms.example/common/waittest"
)

// BenchmarkFrames sends frames of 40 values as NDJSON over HTTP, four streams at a time, and waits until each is committed.
//
//	go test ./internal/app -run '^$' -bench Frames -benchtime 1x
func BenchmarkFrames(b *testing.B) {
	t := setup(b)
	const equipment, streams, each = 2500, 4, 5
	t.exec("INSERT INTO equipment (name, name_full) SELECT 'e' || i, 'x' FROM generate_series(1, $1) i", equipment)
	t.exec(`INSERT INTO telemetry (name, name_full, description, value_validator) SELECT 'p' || i, 'x', 'x', '{"type":"number","minimum":-1000000,"maximum":1000000}' FROM generate_series(1, 40) i`)
	t.changed()
	var first int64
	require.NoError(b, t.pool.QueryRow(b.Context(), "SELECT min(id) FROM equipment WHERE name = 'e1'").Scan(&first))
	begin, moment := time.Now().Add(-time.Hour), 0
	body := func(stream int) []byte {
		var lines bytes.Buffer
		for n := range each {
			at := begin.Add(time.Duration(moment*each+n) * time.Millisecond).Format(time.RFC3339Nano)
			for e := stream * equipment / streams; e < (stream+1)*equipment/streams; e++ {
				fmt.Fprintf(&lines, `{"equipment_id":%d,"at":%q,"values":{`, first+int64(e), at)
				for p := range 40 {
					if p > 0 {
						lines.WriteByte(',')
					}
					fmt.Fprintf(&lines, `"p%d":%d.%d`, p+1, (e*31+p)%1000, (n+p)%100)
				}
				lines.WriteString("}}\n")
			}
		}
		return lines.Bytes()
	}
	waittest.Until(b, "the equipment is known", func() bool {
		return bytes.Contains(t.Call(http.MethodPost, "/telemetry", body(0), "Content-Type: application/x-ndjson").Body, []byte(`"status":20`))
	})
	values, spent := 0, time.Duration(0)
	for b.Loop() {
		moment++
		bodies := make([][]byte, streams)
		for s := range bodies {
			bodies[s] = body(s)
		}
		began := time.Now()
		var group sync.WaitGroup
		for s := range streams {
			group.Go(func() {
				answer := t.Call(http.MethodPost, "/telemetry", bodies[s], "Content-Type: application/x-ndjson").Body
				if n := bytes.Count(answer, []byte(`"status":201`)); n != equipment/streams*each {
					b.Errorf("%d frames were stored", n)
				}
			})
		}
		group.Wait()
		spent += time.Since(began)
		values += equipment * each * 40
	}
	b.ReportMetric(float64(values)/spent.Seconds(), "values/s")
}
