package recording_test

import (
	"archive/tar"
	"encoding/binary"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"nms.example/common/rf"
	"nms.example/inbox/internal/recording"
)

func TestSoapyPowerHasATimePerHop(t *testing.T) {
	t.Parallel()
	path := write(t, "soapy.csv", strings.Join([]string{
		"2026-11-29, 12:00:00, 88000000.0, 88004000.0, 1000.0, 42, -63.123456789, -64.125, -64.135, -1e+02",
		"2026-11-29, 12:00:01, 88004000.0, 88008000.0, 1000.0, 42, -65.5, -66.0, -67.0, -68.0",
		"2026-11-29, 12:00:01, 88000000.0, 88004000.0, 1000.0, 42, -1.0, -2.0, -3.0, -4.0",
		"2026-11-29, 12:00:02, 88004000.0, 88008000.0, 1000.0, 42, -5.0, -6.0, nan, -8.0",
	}, "\n")+"\n")
	c, format := read(t, path, recording.Options{Zone: time.UTC})
	require.Equal(t, recording.SoapyPower, format)
	require.Empty(t, c.refused)
	require.Len(t, c.traces, 2)
	require.Equal(t, []rf.Level{-6312, -6412, -6414, -10000, -6550, -6600, -6700, -6800}, c.traces[0].Levels, "half to even")
	require.Equal(t, []rf.Level{-100, -200, -300, -400, -500, -600, recording.Missing, -800}, c.traces[1].Levels)
	require.Equal(t, moment(t, "2026-11-29T12:00:01Z"), c.traces[1].Time.UTC())
	require.Equal(t, [3]float64{88e6, 88.007e6, 1000}, [3]float64{c.traces[0].StartHz, c.traces[0].StopHz, c.traces[0].StepHz})
}

// hackrfBinary writes the rows of hackrf_sweep.csv as hackrf_sweep -B does.
func hackrfBinary(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "hackrf_sweep.csv"))
	require.NoError(t, err)
	reader := csv.NewReader(strings.NewReader(string(text)))
	reader.TrimLeadingSpace = true
	all, err := reader.ReadAll()
	require.NoError(t, err)
	var out []byte
	for _, row := range all {
		values := row[6:]
		out = binary.LittleEndian.AppendUint32(out, uint32(16+4*len(values)))
		for _, edge := range row[2:4] {
			hz, err := strconv.ParseUint(edge, 10, 64)
			require.NoError(t, err)
			out = binary.LittleEndian.AppendUint64(out, hz)
		}
		for _, value := range values {
			dB, err := strconv.ParseFloat(value, 32)
			require.NoError(t, err)
			out = binary.LittleEndian.AppendUint32(out, math.Float32bits(float32(dB)))
		}
	}
	return string(out)
}

func TestHackRFBinaryIsTheSameAsItsText(t *testing.T) {
	t.Parallel()
	content := hackrfBinary(t)
	path := write(t, "sweep.bin", content)
	text, _ := read(t, "hackrf_sweep.csv", recording.Options{})
	start := moment(t, "2026-03-29T12:03:10.104321Z")
	c, format := read(t, path, recording.Options{Start: start, Interval: 508678 * time.Microsecond})
	require.Equal(t, recording.HackRFBinary, format)
	require.Len(t, c.traces, 2)
	for i := range c.traces {
		require.Equal(t, text.traces[i].Levels, c.traces[i].Levels)
		require.Equal(t, text.traces[i].Time.UTC(), c.traces[i].Time.UTC())
		require.Equal(t, [2]float64{text.traces[i].StartHz, text.traces[i].StopHz}, [2]float64{c.traces[i].StartHz, c.traces[i].StopHz})
	}
	t.Run("it holds no times", func(t *testing.T) {
		t.Parallel()
		_, err := recording.Read(t.Context(), path, recording.Options{}, new(collected))
		require.ErrorIs(t, err, recording.ErrNoTime)
		_, err = recording.Read(t.Context(), path, recording.Options{Start: start}, new(collected))
		require.ErrorIs(t, err, recording.ErrNoTime, "two sweeps want an interval")
	})
	t.Run("a cut record ends it", func(t *testing.T) {
		t.Parallel()
		c, _ := read(t, write(t, "cut.bin", content[:len(content)-5]), recording.Options{Start: start, Interval: time.Second})
		require.Len(t, c.traces, 2)
		require.Len(t, c.traces[1].Levels, 3*51)
		require.Equal(t, []string{"8: the last record is cut off and left out: the recording was interrupted"}, c.notes)
	})
	t.Run("a length that is not sound ends it", func(t *testing.T) {
		t.Parallel()
		c, _ := read(t, write(t, "broken.bin", content[:4*(20+4*51)]+"\x07\x00\x00\x00"+content), recording.Options{Start: start, Interval: time.Second})
		require.Len(t, c.traces, 1)
		require.Len(t, c.refused, 1)
	})
}

func float32s(values ...float32) string {
	var out []byte
	for _, v := range values {
		out = binary.LittleEndian.AppendUint32(out, math.Float32bits(v))
	}
	return string(out)
}

// sigmf writes a recording and returns the metadata's path.
func sigmf(t *testing.T, meta, data string) string {
	t.Helper()
	path := write(t, "r.sigmf-meta", meta)
	require.NoError(t, os.WriteFile(strings.TrimSuffix(path, "meta")+"data", []byte(data), 0o600))
	return path
}

const scosDetection = `{"ntia-core:annotation_type":"FrequencyDomainDetection","core:sample_start":%d,"core:sample_count":4,
	"ntia-algorithm:detector":"fft_%s_power","ntia-algorithm:units":"dBm","ntia-algorithm:equivalent_noise_bandwidth":1508.5,
	"ntia-algorithm:frequency_start":699999000.5,"ntia-algorithm:frequency_stop":700002000.5,"ntia-algorithm:frequency_step":1000.0}`

func TestSCOSDetections(t *testing.T) {
	t.Parallel()
	meta := `{"global":{"core:datatype":"rf32_le","core:version":"0.0.2","core:sample_rate":15360000.0,
		"ntia-sensor:sensor":{"id":"Boulder 3"},"core:geolocation":{"type":"Point","coordinates":[-105.26,39.99,1650.5]}},
		"captures":[{"core:sample_start":0,"core:frequency":700e6,"core:datetime":"2026-11-29T12:00:00.123Z"}],
		"annotations":[` + fmt.Sprintf(scosDetection, 4, "max") + "," + fmt.Sprintf(scosDetection, 0, "mean") + "," + fmt.Sprintf(scosDetection, 8, "median") + `,
		{"ntia-core:annotation_type":"SensorAnnotation","core:sample_start":0,"core:sample_count":12,"ntia-sensor:overload":true,"ntia-sensor:attenuation_setting_sigan":3.0}]}`
	path := sigmf(t, meta, float32s(-100, -101, -102.5, float32(math.Inf(-1)), -90, -91, -92, -93, -95, -96, -97, -98))
	c, format := read(t, strings.TrimSuffix(path, "meta")+"data", recording.Options{})
	require.Equal(t, recording.SigMF, format)
	require.Empty(t, c.refused)
	require.Len(t, c.traces, 3)
	mean := c.traces[0]
	require.Equal(t, []rf.Level{-10000, -10100, -10250, recording.Missing}, mean.Levels)
	require.Equal(t, [3]float64{699_999_000.5, 700_002_000.5, 1000}, [3]float64{mean.StartHz, mean.StopHz, mean.StepHz})
	require.Equal(t, []string{"rms", "peak", ""}, []string{mean.Detector, c.traces[1].Detector, c.traces[2].Detector})
	require.Equal(t, "Boulder 3", mean.Source)
	require.Equal(t, moment(t, "2026-11-29T12:00:00.123Z"), mean.Time)
	require.Equal(t, [3]float64{39.99, -105.26, 1650.5}, [3]float64{*mean.Lat, *mean.Lng, *mean.AltM})
	require.InDelta(t, 1508.5, mean.ENBWHz, 0)
	require.True(t, *mean.Overload)
	require.InDelta(t, 3, *mean.AttenuationDB, 0)
}

func TestSCOSDataProducts(t *testing.T) {
	t.Parallel()
	meta := `{"global":{"core:datatype":"rf32_le","core:num_channels":1,
		"ntia-algorithm:data_products":[
			{"name":"power_spectral_density","series":["max","mean"],"length":3,"x_units":"Hz","x_start":[-1000.0],"x_stop":[1000.0],"x_step":[1000.0],"y_units":"dBm/Hz","processing":["psd"]},
			{"name":"power_vs_time","series":["max"],"length":2,"x_units":"ms","x_start":[0],"x_stop":[10],"x_step":[10],"y_units":"dBm"}],
		"ntia-algorithm:processing_info":[{"id":"psd","type":"DFT","equivalent_noise_bandwidth":51546.33,"baseband":true}]},
		"captures":[
			{"core:sample_start":0,"core:frequency":100000000,"core:datetime":"2026-11-29T12:00:00Z","core:geolocation":{"type":"Point","coordinates":[1,2]}},
			{"core:sample_start":8,"core:frequency":200000000,"core:datetime":"2026-11-29T12:00:01Z","core:geolocation":{"type":"Point","coordinates":[1,2]}}],
		"annotations":[]}`
	c, _ := read(t, sigmf(t, meta, float32s(-170, -171, -172, -173, -174, -175, 0, 0, -150, -151, -152, -153, -154, -155, 0, 0)), recording.Options{})
	require.Empty(t, c.refused)
	require.Len(t, c.traces, 4)
	require.Equal(t, []rf.Level{-17300, -17400, -17500}, c.traces[1].Levels)
	require.Equal(t, []rf.Level{-15000, -15100, -15200}, c.traces[2].Levels)
	require.Equal(t, [3]float64{199_999_000, 200_001_000, 1000}, [3]float64{c.traces[2].StartHz, c.traces[2].StopHz, c.traces[2].StepHz})
	require.Equal(t, moment(t, "2026-11-29T12:00:01Z"), c.traces[2].Time)
	require.Equal(t, "dBm/Hz", c.traces[0].Unit)
	require.Equal(t, []string{"peak", "rms"}, []string{c.traces[0].Detector, c.traces[1].Detector})
	require.InDelta(t, 51546.33, c.traces[0].ENBWHz, 0)
}

const nmsMeta = `{"global":{"core:datatype":"ri16_le","nms:guid":"3b1e4a1e-7a2a-4b6f-9d11-8d6f2a7d1c55","nms:unit":"0.01 dBm","nms:missing":-32768,
	"nms:start_freq_hz":100000000,"nms:stop_freq_hz":100000200,"nms:step_freq_hz":100,"nms:noise_dbm":-110.5,"nms:source":"RX7"},
	"captures":[{"core:sample_start":0,"core:datetime":"2026-11-29T12:00:00Z","core:geolocation":{"type":"Point","coordinates":[37.62,55.75]}}],"annotations":[]}`

func TestSigMFOfInbox(t *testing.T) {
	t.Parallel()
	const data = "\x9c\xe2\x00\x80\x01\x00" // −75.24, missing, 0.01
	check := func(t *testing.T, c *collected) {
		t.Helper()
		require.Empty(t, c.refused)
		require.Len(t, c.traces, 1)
		require.Equal(t, []rf.Level{-7524, recording.Missing, 1}, c.traces[0].Levels)
		require.Equal(t, "3b1e4a1e-7a2a-4b6f-9d11-8d6f2a7d1c55", c.traces[0].GUID.String())
		require.InDelta(t, -110.5, *c.traces[0].Noise, 0)
		require.InDelta(t, 55.75, *c.traces[0].Lat, 0)
		require.Equal(t, "RX7", c.traces[0].Source)
	}
	t.Run("as two files", func(t *testing.T) {
		t.Parallel()
		c, _ := read(t, sigmf(t, nmsMeta, data), recording.Options{})
		check(t, c)
	})
	t.Run("with all that inbox keeps", func(t *testing.T) {
		t.Parallel()
		meta := strings.NewReplacer(`"nms:unit":"0.01 dBm"`, `"nms:unit":"dBm/Hz","nms:scale":0.01,"nms:gain_db":0,"nms:azimuth_deg":120,
			"nms:overload":false,"nms:rbw_hz":36.62109375,"nms:meta":{ "own": [1.50] }`, "nms:noise_dbm", "nms:noise", `"nms:start_freq_hz":100000000,`, `"nms:start_freq_hz":99999999.99999999,`,
			"[37.62,55.75]", "[37.62,55.75,210.5]").Replace(nmsMeta)
		c, _ := read(t, sigmf(t, meta, data), recording.Options{})
		check(t, c)
		text := string(c.traces[0].AppendBody(nil))
		require.True(t, json.Valid([]byte(text)))
		//nolint:testifylint // byte for byte, meta as it was written
		require.Equal(t, `{"guid":"3b1e4a1e-7a2a-4b6f-9d11-8d6f2a7d1c55","start_freq_hz":99999999.99999999,"stop_freq_hz":100000200,"step_freq_hz":100,"noise":-110.5,"numpoints":3,`+
			`"timestamp":"2026-11-29T12:00:00Z","location":{"lat":55.75,"lng":37.62,"alt_m":210.5},"source":"RX7","rbw_hz":36.62109375,"unit":"dBm/Hz","gain_db":0,"azimuth_deg":120,`+
			`"overload":false,"meta":{"own":[1.50]},"y_val_dbm":[-75.24,null,0.01]}`, text)
	})
	t.Run("as an archive, the data first", func(t *testing.T) {
		t.Parallel()
		path := filepath.Join(t.TempDir(), "r.sigmf")
		file, err := os.Create(path)
		require.NoError(t, err)
		archive := tar.NewWriter(file)
		for _, one := range [][2]string{{"r/r.sigmf-data", data}, {"r/r.sigmf-meta", nmsMeta}, {"s/s.sigmf-data", data}} {
			require.NoError(t, archive.WriteHeader(&tar.Header{Name: one[0], Size: int64(len(one[1])), Mode: 0o600, Typeflag: tar.TypeReg}))
			_, err := archive.Write([]byte(one[1]))
			require.NoError(t, err)
		}
		require.NoError(t, archive.Close())
		require.NoError(t, file.Close())
		c, _ := read(t, path, recording.Options{})
		require.Equal(t, []string{"0: s.sigmf-data: there is no metadata to it"}, c.refused)
		c.refused = nil
		check(t, c)
	})
}

func TestSigMFRefusals(t *testing.T) {
	t.Parallel()
	for name, one := range map[string]struct{ meta, data, want string }{
		"no JSON":            {`{"global":`, "", "the metadata is not that of SigMF"},
		"samples over time":  {`{"global":{"core:datatype":"cf32_le"}}`, "", `samples of the type "cf32_le" are no power spectrum`},
		"nothing described":  {`{"global":{"core:datatype":"rf32_le"}}`, "", "the metadata describes no power spectrum"},
		"the data ends":      {nmsMeta, "\x9c\xe2", "samples 0 to 2: the data ends before"},
		"a unit of its own":  {strings.Replace(nmsMeta, "0.01 dBm", "S", 1), "", `the unit "S" is not known`},
		"no date":            {strings.Replace(nmsMeta, "2026-11-29T12:00:00Z", "today", 1), "123456", "no core:datetime that can be read"},
		"an absurd number":   {strings.Replace(nmsMeta, "100000200", "1e300", 1), "", "the band is not sound"},
		"a count too large":  {strings.Replace(`{"global":{"core:datatype":"rf32_le"},"annotations":[`+scosDetection+`]}`, "_count\":4", "_count\":4000000000000", 1), "", "its frequencies or its samples are not said"},
		"nothing was sensed": {nmsMeta, "\x00\x80\x00\x80\x00\x80", "the sweep holds no value"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, _ := read(t, sigmf(t, strings.ReplaceAll(strings.ReplaceAll(one.meta, "%d", "0"), "%s", "max"), one.data), recording.Options{})
			require.Empty(t, c.traces)
			require.NotEmpty(t, c.refused)
			require.Contains(t, c.refused[0], one.want)
		})
	}
	t.Run("no data beside it", func(t *testing.T) {
		t.Parallel()
		c, _ := read(t, write(t, "alone.sigmf-meta", nmsMeta), recording.Options{})
		require.Equal(t, []string{"0: there is no .sigmf-data beside the metadata"}, c.refused)
	})
}

func TestAnalysersExports(t *testing.T) {
	t.Parallel()
	at := moment(t, "2026-11-29T12:00:00Z")
	for name, one := range map[string]struct {
		text    string
		want    [3]float64
		check   func(t *testing.T, c *collected)
		refused string
	}{
		"commas and points":     {text: "100,-1.5\n200,-2\n300,-inf\n", want: [3]float64{100, 300, 100}},
		"tabs, decimal commas":  {text: "100,5\t-1,5\n200,5\t-2\n", want: [3]float64{100.5, 200.5, 100}},
		"blanks":                {text: "100 -1.5\n200 -2\n", want: [3]float64{100, 200, 100}},
		"quoted":                {text: "\"100\";\"-1,5\"\n\"200\";\"-2\"\n", want: [3]float64{100, 200, 100}},
		"a bin twice":           {text: "100,-1\n200,-2\n200,-3\n300,-4\n", want: [3]float64{100, 300, 100}},
		"a column to the right": {text: "100;-1;-5;\n200;-2;-6;\n", want: [3]float64{100, 200, 100}},
		"named columns": {text: "Frequency (MHz),Amplitude (dBuV)\n100,1\n101,2\n", want: [3]float64{100e6, 101e6, 1e6}, check: func(t *testing.T, c *collected) {
			t.Helper()
			require.Equal(t, "dBuV", c.traces[0].Unit)
		}},
		"a long header": {
			text: "RBW;10;kHz\nSWT;5;ms\nRf Att;20;dB\nTrace Mode;MAXHOLD;\nDetector;AUTOPEAK;\nFreq Offset;0;Hz\nx-Unit;Hz;\ny-Unit;dBm/Hz;\nDetector;STRANGE;\n100;1\n200;2\n",
			want: [3]float64{100, 200, 100}, check: func(t *testing.T, c *collected) {
				t.Helper()
				trace := c.traces[0]
				require.InDelta(t, 10_000, trace.RBWHz, 0)
				require.InDelta(t, 0.005, trace.SweepTimeS, 1e-12)
				require.InDelta(t, 20, *trace.AttenuationDB, 0)
				require.Equal(t, [2]string{"max-hold", "dBm/Hz"}, [2]string{trace.TraceMode, trace.Unit})
				require.Equal(t, []string{`9: "Detector" is not understood and left out`}, c.notes)
			},
		},
		"two traces": {text: "Trace 1:\n100;1\n200;2\nTrace 2:\n100;3\n200;4\n100;5\n200;6\n", want: [3]float64{100, 200, 100}, check: func(t *testing.T, c *collected) {
			t.Helper()
			require.Len(t, c.traces, 3)
			require.Equal(t, []rf.Level{500, 600}, c.traces[2].Levels)
		}},
		"uneven":         {text: "100;1\n200;2\n400;3\n500;4\n", refused: "2: the frequencies are not evenly spaced"},
		"one value":      {text: "100;1\n", refused: "1: one value alone is no spectrum"},
		"no row":         {text: "RBW;10;kHz\n", refused: "0: there is no row with a frequency and a power"},
		"out of bounds":  {text: "100;1\n200;999\n300;1\n", refused: "2: power is outside -327.67 to 327.67 dBm: 999"},
		"absurd numbers": {text: "1e300;1\n2e300;1\n", refused: "1: the frequency is not a number of hertz in range"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, _ := read(t, write(t, "a.csv", one.text), recording.Options{Format: recording.Analyser, Start: at})
			if one.refused != "" {
				require.Empty(t, c.traces)
				require.NotEmpty(t, c.refused)
				require.Contains(t, c.refused[0], one.refused)
				return
			}
			require.Empty(t, c.refused)
			trace := c.traces[0]
			require.Equal(t, one.want, [3]float64{trace.StartHz, trace.StopHz, trace.StepHz})
			if one.check != nil {
				one.check(t, c)
			}
		})
	}
}

func TestAnalysersDates(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]string{
		"Date;29.Mar 2026;\nTime;14:03:10;":  "2026-03-29T12:03:10Z",
		"Date;1.Oct 2006;\nTime;00:00:01;":   "2006-09-30T22:00:01Z",
		"Date;2026-01-02 03:04:05;":          "2026-01-02T02:04:05Z",
		"Date;2026-01-02T03:04:05;":          "2026-01-02T02:04:05Z",
		"Date,2026-01-02\nTime,03:04:05":     "2026-01-02T02:04:05Z",
		"Date: 02.01.2026\nTime: 03:04":      "2026-01-02T02:04:00Z",
		"Timestamp\t2026/01/02 03:04:05.250": "2026-01-02T02:04:05.25Z",
	} {
		c, _ := read(t, write(t, "a.csv", header+"\n100 1\n200 2\n"), recording.Options{})
		require.Empty(t, c.refused, header)
		require.Equal(t, moment(t, want), c.traces[0].Time.UTC(), header)
	}
	_, err := recording.Read(t.Context(), write(t, "a.csv", "Date;03/04/2026;\n100;1\n200;2\n"), recording.Options{Zone: time.UTC}, new(collected))
	require.ErrorIs(t, err, recording.ErrNoTime, "a date that can be read in two ways is none")
}
