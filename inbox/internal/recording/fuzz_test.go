package recording

import (
	"archive/tar"
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"io"
	"math"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"nms.example/common/rf"
)

// checking is a Report that holds every trace to what inbox requires of one.
type checking struct{ t *testing.T }

func (c checking) Trace(t *Trace) error {
	n := len(t.Levels)
	require.True(c.t, n > 0 && n <= MaxPoints, "%d values", n)
	require.Positive(c.t, t.StepHz)
	require.GreaterOrEqual(c.t, t.StopHz, t.StartHz)
	if n > 1 {
		require.LessOrEqual(c.t, math.Abs(t.StepHz*float64(n-1)-(t.StopHz-t.StartHz)), t.StepHz/2, "%d values from %v to %v by %v", n, t.StartHz, t.StopHz, t.StepHz)
	}
	noise, lat, lng := t.Floor(), 1.0, 2.0
	t.Noise, t.Lat, t.Lng = &noise, &lat, &lng
	t.Identify(nil)
	body := t.AppendBody(nil)
	require.True(c.t, json.Valid(body), "%s", body)
	return nil
}

func (c checking) Refuse(_ int, reason string) { require.NotEmpty(c.t, reason) }
func (c checking) Note(_ int, text string)     { require.NotEmpty(c.t, text) }
func (c checking) Read(int64)                  {}

var zoneOnce = sync.OnceValues(func() (*time.Location, error) { return ParseZone("Europe/Berlin") })

func sourceOf(t *testing.T, content []byte) *source {
	t.Helper()
	zone, err := zoneOnce()
	require.NoError(t, err)
	return &source{
		Reader: bufio.NewReaderSize(bytes.NewReader(content), 4096), Report: checking{t},
		Options: Options{Zone: zone, Start: time.Unix(1_800_000_000, 0), Interval: time.Second},
	}
}

func seed(f *testing.F, name string) []byte {
	f.Helper()
	content, err := os.ReadFile(filepath.Join("testdata", name))
	require.NoError(f, err)
	return content[:min(len(content), 1500)]
}

func FuzzRows(f *testing.F) {
	for kind := range 3 {
		f.Add(kind, seed(f, "rtl_power.csv"))
		f.Add(kind, seed(f, "hackrf_sweep.csv"))
		f.Add(kind, []byte("2026-10-25, 02:30:00, 1.5, 4.5, 1.0, 5, -1.25, nan, -3e1\r\n2026-10-25, 02:00:00, 4.5, 6.5, 1.0, 5, 1, 2"))
		f.Add(kind, []byte("2026-01-01, 00:00:00, 0, 1e15, 1e-9, 1, -1\n2026-01-01, 00:00:00, -1e15, 1e15, 1e15, 1, -1, -2, -3\n"))
	}
	f.Fuzz(func(t *testing.T, kind int, content []byte) {
		read := [...]func(*source) error{readRTLPower, readSoapyPower, readHackRF}[uint(kind)%3]
		require.NoError(t, read(sourceOf(t, content)))
	})
}

func FuzzHackRFBinary(f *testing.F) {
	record := func(low, high uint64, values ...float32) []byte {
		b := binary.LittleEndian.AppendUint32(nil, uint32(16+4*len(values)))
		b = binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64(b, low), high)
		for _, v := range values {
			b = binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
		}
		return b
	}
	two := append(record(100, 105, -1, -2, -3), record(110, 115, -1, float32(math.NaN()), -3)...)
	f.Add(two)
	f.Add(append(two, record(100, 105, -1, -2, -3)...))
	f.Add(two[:len(two)-3])
	f.Add(record(math.MaxUint64-1, math.MaxUint64, 1))
	f.Fuzz(func(t *testing.T, content []byte) {
		_ = isHackRFBinary(content)
		_ = readHackRFBinary(sourceOf(t, content)) // a broken length ends it with an error
	})
}

func FuzzAnalyser(f *testing.F) {
	f.Add(seed(f, "analyser.csv"))
	f.Add([]byte("Frequency (MHz),Amplitude [dBuV]\n100,-1\n100,-1\n101,nan\n102,1e1\n90,1\n91,1\n"))
	f.Add([]byte("Trace Mode\tMAXHOLD\nSWT;5;ms\nDate: 1.Oct 2006\nTime;14:03:10\n1 2\n3 4\n"))
	f.Fuzz(func(t *testing.T, content []byte) {
		s := sourceOf(t, content)
		if len(content)%2 == 1 {
			s.Start = time.Time{}
		}
		if err := readAnalyser(s); err != nil {
			require.ErrorIs(t, err, ErrNoTime)
		}
	})
}

func FuzzSigMF(f *testing.F) {
	data := make([]byte, 64)
	for _, meta := range []string{
		`{"global":{"core:datatype":"ri16_le","nms:unit":"0.01 dBm","nms:start_freq_hz":1,"nms:stop_freq_hz":4,"nms:step_freq_hz":1},"captures":[{"core:sample_start":0,"core:datetime":"2026-03-29T01:00:00Z"}]}`,
		`{"global":{"core:datatype":"rf32_le"},"captures":[{"core:sample_start":0,"core:datetime":"2026-03-29T01:00:00"}],"annotations":[{"ntia-core:annotation_type":"FrequencyDomainDetection",` +
			`"core:sample_start":2,"core:sample_count":4,"ntia-algorithm:frequency_start":1,"ntia-algorithm:frequency_stop":4,"ntia-algorithm:frequency_step":1,"ntia-algorithm:units":"watts"}]}`,
		`{"global":{"core:datatype":"rf32_be","ntia-algorithm:data_products":[{"name":"psd","series":["max","mean"],"length":3,"x_units":"Hz","x_start":[-1],"x_stop":[1],"x_step":[1],"y_units":"dBm/Hz"}]},` +
			`"captures":[{"core:sample_start":0,"core:frequency":100,"core:datetime":"2026-03-29T01:00:00Z","core:geolocation":{"type":"Point","coordinates":[1,2,3]}}]}`,
	} {
		f.Add([]byte(meta), data)
	}
	f.Fuzz(func(t *testing.T, meta, data []byte) {
		_ = readRecording(sourceOf(t, nil), meta, bytes.NewReader(data)) // what is no JSON ends it with an error
	})
}

func FuzzDetect(f *testing.F) {
	f.Add("a.csv", seed(f, "rtl_power.csv"))
	f.Add("a.csv", seed(f, "analyser.csv"))
	var archive bytes.Buffer
	w := tar.NewWriter(&archive)
	require.NoError(f, w.WriteHeader(&tar.Header{Name: "x.sigmf-meta", Mode: 0o600, Size: 2, Typeflag: tar.TypeReg}))
	_, err := w.Write([]byte("{}"))
	require.NoError(f, err)
	require.NoError(f, w.Close())
	f.Add("x.sigmf", archive.Bytes())
	f.Fuzz(func(t *testing.T, name string, content []byte) {
		format, err := detect(bufio.NewReaderSize(bytes.NewReader(content), 1<<17), name)
		if err != nil {
			require.ErrorIs(t, err, ErrFormat)
			return
		}
		require.NotNil(t, readers[format], string(format))
		_ = eachFile(bytes.NewReader(content), func(string, io.Reader) error { return nil })
	})
}

// FuzzLevel compares the reader of the usual form with the general one.
func FuzzLevel(f *testing.F) {
	for _, text := range []string{"-64.30", " 0.1", "327.67", "-327.675", "nan", "-inf", "1e2", "-0", ".5", "5."} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		level, ok := plainLevel([]byte(text))
		if !ok {
			return
		}
		value, err := parseNumber(bytes.TrimLeft([]byte(text), " "))
		require.NoError(t, err)
		want, err := rf.LevelOf(value)
		require.NoError(t, err)
		require.Equal(t, want, level)
	})
}
