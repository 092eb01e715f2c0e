package chaos

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/md5"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/google/uuid"
)

// traceDocument is a trace as inbox takes it.
type traceDocument struct {
	GUID      string             `json:"guid"`
	Start     int64              `json:"start_freq_hz"`
	Stop      int64              `json:"stop_freq_hz"`
	Step      int64              `json:"step_freq_hz"`
	Noise     float64            `json:"noise"`
	Points    int                `json:"numpoints"`
	Powers    []float64          `json:"y_val_dbm"`
	Timestamp string             `json:"timestamp"`
	Location  map[string]float64 `json:"location"`
}

type signalDocument struct {
	GUID  string `json:"guid"`
	Trace string `json:"trace_guid"`
	Start int64  `json:"start_freq_hz"`
	Stop  int64  `json:"stop_freq_hz"`
	F0    int64  `json:"f0_freq_hz"`
}

// newTrace makes a trace of random powers; content is the MD5 of the bytes that the database is to hold,
// as PostgreSQL's md5() returns it.
func newTrace(points int) (document traceDocument, content string) {
	const start, step = 100_000_000, 10_000
	t := traceDocument{
		GUID: uuid.NewString(), Start: start, Stop: start + step*int64(points-1), Step: step, Noise: -104.5, Points: points,
		Powers: make([]float64, points), Timestamp: time.Now().UTC().Format(time.RFC3339Nano),
		Location: map[string]float64{"lat": 55.75, "lng": 37.62},
	}
	raw := make([]byte, 0, 2*points)
	for i := range t.Powers {
		hundredths := -11_000 + rand.IntN(9_000)
		t.Powers[i] = float64(hundredths) / 100
		raw = binary.LittleEndian.AppendUint16(raw, uint16(int16(hundredths)))
	}
	sum := md5.Sum(raw)
	return t, hex.EncodeToString(sum[:])
}

const (
	traceEntity  = "inbox.trace"
	signalEntity = "inbox.signal"
	tracesPath   = "/api/v1/inbox/traces"
)

// inboxWorker sends single traces, gzip'ed, many traces as NDJSON, and signals of them.
type inboxWorker struct {
	points int
	turn   int
	last   string // a trace that was stored
}

func (w *inboxWorker) step(ctx context.Context, t *Traffic) bool {
	w.turn++
	switch w.turn % 4 {
	case 0:
		return w.signals(ctx, t)
	case 1:
		return w.stream(ctx, t)
	default:
		return w.single(ctx, t)
	}
}

func (w *inboxWorker) single(ctx context.Context, t *Traffic) bool {
	document, content := newTrace(w.points)
	var body bytes.Buffer
	packer := gzip.NewWriter(&body)
	if err := json.NewEncoder(packer).Encode(document); err != nil {
		return false
	}
	if err := packer.Close(); err != nil {
		return false
	}
	a := t.client.do(ctx, request{service: "inbox", method: http.MethodPost, path: tracesPath,
		kind: "application/json", encoding: "gzip", body: body.Bytes()})
	t.record("inbox", change{entity: traceEntity, subject: document.GUID, request: a.id, status: a.status, content: content})
	if a.ok() {
		w.last = document.GUID
	}
	return a.ok()
}

// stream posts five traces in one request. Each line of the answer speaks for one of them; those whose line did not
// come are without an answer.
func (w *inboxWorker) stream(ctx context.Context, t *Traffic) bool {
	const lines = 5
	var body bytes.Buffer
	var changes []change
	for range lines {
		document, content := newTrace(w.points)
		if err := json.NewEncoder(&body).Encode(document); err != nil {
			return false
		}
		changes = append(changes, change{entity: traceEntity, subject: document.GUID, content: content})
	}
	a := t.client.do(ctx, request{service: "inbox", method: http.MethodPost, path: tracesPath,
		kind: "application/x-ndjson", body: body.Bytes()})
	for i := range changes {
		changes[i].request = a.id
		if a.status != 0 && !a.ok() {
			changes[i].status = a.status
		}
	}
	for line := range bytes.Lines(a.body) {
		var result struct {
			Line   int `json:"line"`
			Status int `json:"status"`
		}
		if json.Unmarshal(line, &result) == nil && result.Line >= 1 && result.Line <= lines {
			changes[result.Line-1].status = result.Status
		}
	}
	t.record("inbox", changes...)
	return a.ok()
}

func (w *inboxWorker) signals(ctx context.Context, t *Traffic) bool {
	trace := w.last
	if trace == "" || rand.IntN(3) == 0 {
		trace = uuid.NewString() // one that has not come yet
	}
	var documents []signalDocument
	for range 3 {
		documents = append(documents, signalDocument{GUID: uuid.NewString(), Trace: trace,
			Start: 100_000_000, Stop: 100_100_000, F0: 100_050_000})
	}
	a := t.client.doJSON(ctx, "inbox", http.MethodPost, "/api/v1/inbox/signals", documents)
	var changes []change
	for _, d := range documents {
		changes = append(changes, change{entity: signalEntity, subject: d.GUID, request: a.id, status: a.status, content: trace})
	}
	t.record("inbox", changes...)
	return a.ok()
}
