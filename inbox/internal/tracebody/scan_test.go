package tracebody_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"nms.example/common/fault"
	"nms.example/inbox/internal/tracebody"
)

var limits = tracebody.Limits{
	MaxPoints: 64,
	Oldest:    time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC),
	Newest:    time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC),
}

const sample = `{"guid":"0b6d3f1e-8f7c-4a52-9d3e-5a1b2c3d4e5f","start_freq_hz":100000000,"stop_freq_hz":100000200,` +
	`"step_freq_hz":100,"noise":-101.5,"numpoints":3,"y_val_dbm":[-75.24,-80,0.005],` +
	`"timestamp":"2026-05-04T03:02:01.123456+03:00","location":{"lat":55.75,"lng":37.62}}`

// scan runs the scanner and brings its answer into the form of a verdict.
func scan(t require.TestingT, body []byte) verdict {
	v := verdict{fields: map[string]bool{}}
	before := bytes.Clone(body)
	err := tracebody.Scan(body, &v.trace, limits)
	require.Equal(t, before, body, "the body must stay as it was")
	if errors.Is(err, tracebody.ErrMalformed) {
		v.malformed = true
		return v
	}
	if err == nil {
		return v
	}
	require.ErrorIs(t, err, tracebody.ErrInvalid)
	require.NotEmpty(t, fault.As(err).Details)
	for _, d := range fault.As(err).Details {
		v.fields[strings.Split(d.Place().Name(), "[")[0]] = true
	}
	return v
}

func requireSameVerdict(t require.TestingT, body []byte) {
	want, got := judge(body, limits), scan(t, body)
	require.Equal(t, want.malformed, got.malformed, "%q", body)
	require.Equal(t, want.fields, got.fields, "%q", body)
	if !want.malformed && len(want.fields) == 0 {
		if want.kept != nil {
			require.Equal(t, want.kept, numbers(got.trace.Meta), "%q", body)
		} else {
			require.Empty(t, got.trace.Meta, "%q", body)
		}
		got.trace.Meta = nil
		require.Equal(t, want.trace, got.trace, "%q", body)
	}
}

func TestScanSample(t *testing.T) {
	t.Parallel()
	var trace tracebody.Trace
	require.NoError(t, tracebody.Scan([]byte(sample), &trace, limits))
	require.Equal(t, []byte{0x9c, 0xe2, 0xc0, 0xe0, 0, 0}, trace.Power)
	require.Equal(t, "0b6d3f1e-8f7c-4a52-9d3e-5a1b2c3d4e5f", trace.GUID.String())
	require.Equal(t, time.Date(2026, 5, 4, 0, 2, 1, 123456000, time.UTC), trace.Time)
	require.Equal(t, 3, trace.Points())
	requireSameVerdict(t, []byte(sample))
}

// TestScanVariants changes one thing about the sample at a time; the wanted fields are written out,
// and the reference has to agree.
func TestScanVariants(t *testing.T) {
	t.Parallel()
	replace := func(pairs ...string) string { return strings.NewReplacer(pairs...).Replace(sample) }
	for name, c := range map[string]struct {
		body   string
		fields string
	}{
		"any order and unknown fields": {body: `{"x":{"y":[1,{"z":null}]},"location":{"lng":1,"h":2,"lat":2},"y_val_dbm":[1],` +
			`"numpoints":1,"noise":0,"step_freq_hz":1,"stop_freq_hz":5,"start_freq_hz":5,"b":true,"c":false,` +
			`"timestamp":"2026-05-04T03:02:01Z","guid":"0B6D3F1E8F7C4A529D3E5A1B2C3D4E5F"}`},
		"escaped key":           {body: replace(`"guid"`, `"gu\u0069d"`)},
		"escaped value":         {body: replace(`"0b6d`, `"\u0030b6d`)},
		"key in other case":     {body: replace(`"guid"`, `"GUID"`), fields: "guid"},
		"repeated":              {body: replace(`"noise":-101.5`, `"noise":-1,"noise":-1`), fields: "noise"},
		"repeated as another":   {body: replace(`"noise":-101.5`, `"noise":"x","n\u006fise":-1`), fields: "noise"},
		"values repeated":       {body: replace(`"noise":`, `"y_val_dbm":[400],"noise":`), fields: "y_val_dbm"},
		"blanks":                {body: " \t\r\n" + replace(`,`, " ,\n ", `":`, "\" : ", `[`, "[ ", `]`, " ]") + "\n"},
		"whole by notation":     {body: replace(`"step_freq_hz":100`, `"step_freq_hz":1.0e2`)},
		"fraction of a hertz":   {body: replace(`"step_freq_hz":100`, `"step_freq_hz":100.5`)},
		"half a step short":     {body: replace(`"step_freq_hz":100`, `"step_freq_hz":80`)},
		"more than half a step": {body: replace(`"step_freq_hz":100`, `"step_freq_hz":79.9`), fields: "step_freq_hz"},
		"fractional start":      {body: replace(`"start_freq_hz":100000000`, `"start_freq_hz":99999999.5`)},
		"frequency as text":     {body: replace(`"step_freq_hz":100`, `"step_freq_hz":"100"`), fields: "step_freq_hz"},
		"frequency too high":    {body: replace(`"stop_freq_hz":100000200`, `"stop_freq_hz":1e300`), fields: "stop_freq_hz"},
		"step zero":             {body: replace(`"step_freq_hz":100`, `"step_freq_hz":0`), fields: "step_freq_hz"},
		"stop below start":      {body: replace(`"stop_freq_hz":100000200`, `"stop_freq_hz":99999999`), fields: "stop_freq_hz"},
		"numpoints wrong":       {body: replace(`"numpoints":3`, `"numpoints":4`), fields: "numpoints"},
		"span wrong":            {body: replace(`"stop_freq_hz":100000200`, `"stop_freq_hz":100000300`), fields: "step_freq_hz"},
		"exponents":             {body: replace(`-75.24,-80,0.005`, `-7.524e1,-8E+1,5e-3`)},
		"many digits":           {body: replace(`-75.24,-80,0.005`, `-75.23999999999999999999,-80.000000000000,0.00500000000000001`)},
		"power too high":        {body: replace(`-75.24`, `327.68`), fields: "y_val_dbm"},
		"power just in":         {body: replace(`-75.24`, `-327.674999`)},
		"power just out":        {body: replace(`-75.24`, `-327.675`), fields: "y_val_dbm"},
		"power null":            {body: replace(`-75.24`, `null`)},
		"power null in blanks":  {body: replace(`-75.24,`, ` null ,`)},
		"power half a null":     {body: replace(`-75.24`, `"null"`), fields: "y_val_dbm"},
		"only nulls":            {body: replace(`-75.24,-80,0.005`, `null,null,null`), fields: "y_val_dbm"},
		"power text":            {body: replace(`-75.24`, `"NaN"`), fields: "y_val_dbm"},
		"power nested":          {body: replace(`-75.24`, `[1,2]`), fields: "y_val_dbm"},
		"power huge exponent":   {body: replace(`-75.24`, `1e999999999999999999999`), fields: "y_val_dbm"},
		"power tiny exponent":   {body: replace(`-75.24`, `1e-999999999999999999999`)},
		"power zero, exponent":  {body: replace(`-75.24`, `0e999999999999999999999`)},
		"no values":             {body: replace(`-75.24,-80,0.005`, ``), fields: "y_val_dbm"},
		"too many values":       {body: replace(`-75.24,-80,0.005`, strings.Repeat("1,", 64)+"1"), fields: "y_val_dbm"},
		"values missing":        {body: replace(`[-75.24,-80,0.005]`, `null`), fields: "y_val_dbm"},
		"noise out of range":    {body: replace(`-101.5`, `1e999`), fields: "noise"},
		"noise minus zero":      {body: replace(`-101.5`, `-0`)},
		"guid short":            {body: replace(`4e5f"`, `4e5"`), fields: "guid"},
		"guid number":           {body: replace(`"0b6d3f1e-8f7c-4a52-9d3e-5a1b2c3d4e5f"`, `17`), fields: "guid"},
		"no offset":             {body: replace(`+03:00`, ``), fields: "timestamp"},
		"no time":               {body: replace(`2026-05-04T03:02:01.123456+03:00`, `yesterday`), fields: "timestamp"},
		"lower-case time":       {body: replace(`04T03`, `04t03`, `+03:00`, `z`)},
		"comma in the seconds":  {body: replace(`01.123456`, `01,123456`), fields: "timestamp"},
		"one digit of an hour":  {body: replace(`T03:02`, `T3:02`), fields: "timestamp"},
		"offset of a day":       {body: replace(`+03:00`, `+24:00`), fields: "timestamp"},
		"offset of 60 minutes":  {body: replace(`+03:00`, `+03:60`), fields: "timestamp"},
		"a fraction of nothing": {body: replace(`01.123456`, `01.`), fields: "timestamp"},
		"a long fraction":       {body: replace(`01.123456`, `01.12345612345678901`)},
		"too old":               {body: replace(`2026-05`, `2025-05`), fields: "timestamp"},
		"too new":               {body: replace(`2026-05`, `2027-05`), fields: "timestamp"},
		"lat":                   {body: replace(`55.75`, `90.0001`), fields: "location.lat"},
		"lng":                   {body: replace(`37.62`, `-180.5`), fields: "location.lng"},
		"no lng":                {body: replace(`,"lng":37.62`, ``), fields: "location.lng"},
		"no location":           {body: replace(`{"lat":55.75,"lng":37.62}`, `null`), fields: "location"},
		"location repeated":     {body: replace(`"location":{`, `"location":{"lat":1,"lng":1},"location":{"a":1,`), fields: "location"},
		"location emptied":      {body: replace(`"lng":37.62}`, `"lng":37.62},"location":{}`), fields: "location"},
		"lng repeated":          {body: replace(`"lng":37.62`, `"lng":37.62,"lng":37.62`), fields: "location.lng"},
		"nothing":               {body: `{}`, fields: "guid start_freq_hz stop_freq_hz step_freq_hz noise numpoints y_val_dbm timestamp location"},
	} {
		want := map[string]bool{}
		for f := range strings.FieldsSeq(c.fields) {
			want[f] = true
		}
		got := scan(t, []byte(c.body))
		require.False(t, got.malformed, name)
		require.Equal(t, want, got.fields, name)
		requireSameVerdict(t, []byte(c.body))
	}
}

func TestScanSaysThatABodyIsMissing(t *testing.T) {
	t.Parallel()
	err := tracebody.Scan(nil, &tracebody.Trace{}, limits)
	require.ErrorIs(t, err, tracebody.ErrMalformed)
	require.Equal(t, []fault.Detail{fault.NewDetail(fault.Input, fault.CodeRequired, "is required")}, fault.As(err).Details)
}

func TestScanRefusesWhatIsNoJSON(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat("[", 10001) + strings.Repeat("]", 10001)
	for _, body := range []string{
		"", " ", "{", "}", "nul", `{"guid"}`, `{"guid":}`, `{"guid":1,}`, `{,}`, `{"a":01}`, `{"a":+1}`, `{"a":.5}`, `{"a":5.}`,
		`{"a":1e}`, `{"a":-}`, `{"y_val_dbm":[01]}`, `{"y_val_dbm":[1,]}`, `{"y_val_dbm":[1 2]}`, `{"y_val_dbm":[-]}`,
		`{"y_val_dbm":[1.]}`, `{"y_val_dbm":[NaNo]}`, `{"y_val_dbm":[Inf]}`, `{"y_val_dbm":[1,2,3,4,5,6,7,8,9}`, "{\"a\":\"\x01\"}", `{"a":"\x"}`,
		`{"a":"\u12"}`, sample + "x", sample[:len(sample)-1], "\ufeff" + sample, `{"a":` + deep + `}`, deep,
	} {
		var trace tracebody.Trace
		err := tracebody.Scan([]byte(body), &trace, limits)
		require.ErrorIs(t, err, tracebody.ErrMalformed, body)
		require.False(t, json.Valid([]byte(body)), body)
		require.Equal(t, fault.Malformed, fault.KindOf(err))
	}
	for _, body := range []string{"null", "17", `"x"`, "[]", "true"} {
		var trace tracebody.Trace
		require.ErrorIs(t, tracebody.Scan([]byte(body), &trace, limits), tracebody.ErrInvalid, body)
	}
}

const advice = "; send null for a value that the receiver does not have"

func TestScanNamesEachFaultyValueUpToABound(t *testing.T) {
	t.Parallel()
	body := strings.Replace(sample, "-75.24,-80,0.005", "1,400,2,[]", 1)
	var trace tracebody.Trace
	details := fault.As(tracebody.Scan([]byte(body), &trace, limits)).Details
	require.Equal(t, []fault.Detail{
		fault.NewDetail(fault.Field("y_val_dbm[1]"), fault.CodeOutOfRange, "must lie between -327.67 and 327.67"+advice),
		fault.NewDetail(fault.Field("y_val_dbm[3]"), fault.CodeWrongType, "must be a number"+advice),
	}, details)
	body = strings.Replace(sample, "-75.24,-80,0.005", strings.Repeat("999,", 40)+"999", 1)
	require.Len(t, fault.As(tracebody.Scan([]byte(body), &trace, limits)).Details, 10)
}

// TestScanNamesWhatPythonWrites: json.dumps writes non-finite numbers as bare words.
func TestScanNamesWhatPythonWrites(t *testing.T) {
	t.Parallel()
	body := strings.NewReplacer("-75.24,-80,0.005", "NaN, Infinity,-Infinity", `"noise":-101.5`, `"noise":NaN`).Replace(sample)
	var trace tracebody.Trace
	err := tracebody.Scan([]byte(body), &trace, limits)
	require.ErrorIs(t, err, tracebody.ErrInvalid)
	require.Equal(t, []fault.Detail{
		fault.NewDetail(fault.Field("noise"), fault.CodeOf("not_finite"), "must be a finite number"),
		fault.NewDetail(fault.Field("y_val_dbm[0]"), fault.CodeOf("not_finite"), "must be a finite number"+advice),
		fault.NewDetail(fault.Field("y_val_dbm[1]"), fault.CodeOf("not_finite"), "must be a finite number"+advice),
		fault.NewDetail(fault.Field("y_val_dbm[2]"), fault.CodeOf("not_finite"), "must be a finite number"+advice),
	}, fault.As(err).Details)
}

// TestScanKeepsTheGUIDOfARefusedTrace: the sender of many has to learn which of them was refused.
func TestScanKeepsTheGUIDOfARefusedTrace(t *testing.T) {
	t.Parallel()
	var trace tracebody.Trace
	require.NoError(t, tracebody.Scan([]byte(sample), &trace, limits))
	guid := trace.GUID
	for body, want := range map[string]uuid.UUID{
		strings.Replace(sample, "-75.24", "400", 1):                  guid,
		`{"guid":"` + guid.String() + `"}`:                           guid,
		`{"guid":"` + guid.String() + `","guid":17}`:                 uuid.Nil,
		`{"guid":"` + guid.String() + `","noise":x}`:                 uuid.Nil,
		strings.Replace(sample, guid.String(), guid.String()+"0", 1): uuid.Nil,
		`["` + guid.String() + `"]`:                                  uuid.Nil,
	} {
		require.Error(t, tracebody.Scan([]byte(body), &trace, limits), body)
		require.Equal(t, want, trace.GUID, body)
	}
}

func TestScanReusesItsBuffer(t *testing.T) {
	t.Parallel()
	trace := tracebody.Trace{Power: make([]byte, 0, 256)}
	first := &trace.Power[:1][0]
	require.NoError(t, tracebody.Scan([]byte(sample), &trace, limits))
	require.Same(t, first, &trace.Power[0])
}

var optional = append(slices.DeleteFunc(slices.Clone(known), func(name string) bool { return strings.Contains(sample, `"`+name+`"`) }), "x", "y", "location_")

// members draws optional and unknown members of an object, each behind a comma.
func members(t *rapid.T, label string, number *rapid.Generator[string], names ...string) string {
	values := rapid.OneOf(number, rapid.SampledFrom([]string{
		`"RX7"`, `""`, `" a"`, `"a\u00a0b"`, `"dBm/Hz"`, `"rms"`, `"max-hold"`, `"average"`, `true`, `false`, `{"x":1}`, `{"location":2,"z":[{}]}`, `{}`,
		`9007199254740991`, `9007199254740992`, `1.0e1`, `"` + strings.Repeat("ж", 80) + `"`, `"` + strings.Repeat("ж", 81) + `"`,
	}))
	var out strings.Builder
	for range rapid.IntRange(0, 4).Draw(t, label) {
		fmt.Fprintf(&out, `,%q:%s`, rapid.SampledFrom(names).Draw(t, "name"), values.Draw(t, "value"))
	}
	return out.String()
}

func TestScanAgreesOnGeneratedBodies(t *testing.T) {
	t.Parallel()
	number := rapid.OneOf(
		rapid.StringMatching(`-?(0|[1-9][0-9]{0,3})(\.[0-9]{1,6})?([eE][+-]?[0-9]{1,2})?`),
		rapid.StringMatching(`-?(0|[1-9][0-9]{0,2})\.[0-9]{2}5`),
		rapid.Map(rapid.Float64Range(-330, 330), func(f float64) string { return fmt.Sprint(f) }),
		rapid.SampledFrom([]string{"null", `"1"`, "[]", "{}", "true", "-0", "0.0"}),
	)
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(number, 0, 6).Draw(t, "values")
		body := fmt.Sprintf(`{"guid":%q,"start_freq_hz":%s,"stop_freq_hz":%d,"step_freq_hz":%s,"noise":%s,"numpoints":%d,`+
			`"timestamp":%q,"location":{"lat":%s,"lng":%s%s},"y_val_dbm":[%s]%s}`,
			rapid.SampledFrom([]string{"0b6d3f1e-8f7c-4a52-9d3e-5a1b2c3d4e5f", "x"}).Draw(t, "guid"),
			rapid.OneOf(rapid.Just("0"), number).Draw(t, "start"), max(len(values)-1, 0)*10,
			rapid.OneOf(rapid.Just("10"), number).Draw(t, "step"), number.Draw(t, "noise"), len(values),
			rapid.SampledFrom([]string{"2026-05-04T03:02:01Z", "2026-05-04T03:02:01", ""}).Draw(t, "time"),
			number.Draw(t, "lat"), number.Draw(t, "lng"), members(t, "place", number, "alt_m", "alt", "lat"),
			strings.Join(values, rapid.SampledFrom([]string{",", ", "}).Draw(t, "comma")), members(t, "members", number, optional...))
		requireSameVerdict(t, []byte(body))
	})
}

// differs tells of texts on which the scanner says more than encoding/json: with the words that Python writes, and
// with bytes that are no UTF-8, which encoding/json replaces.
func differs(text string) bool {
	return strings.Contains(text, "NaN") || strings.Contains(text, "Infinity") || !utf8.ValidString(text)
}

// FuzzScan looks for bodies on which the scanner and the reference differ.
func FuzzScan(f *testing.F) {
	f.Add([]byte(sample))
	f.Add([]byte(strings.Replace(sample, "-75.24", "-7.52449999e1", 1)))
	f.Add([]byte(full))
	f.Add([]byte(strings.NewReplacer(`"meta":{`, `"meta":{"x":1,"location":{},`, `"rms"`, `null`, `"RX7"`, `" RX7"`).Replace(full)))
	f.Add([]byte(`{"y_val_dbm":[1, 2.5 ,-0.005,1e2,null,"x"],"location":{"lat":1e-400,"lng":[]}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		if len(body) > 1500 || differs(string(body)) {
			var trace tracebody.Trace
			_ = tracebody.Scan(body, &trace, limits) // whatever it says, it must not panic
			return                                   // the reference's cut of exponents holds for bodies of fewer digits
		}
		requireSameVerdict(t, body)
	})
}

// FuzzPower looks for single numbers that the two read differently.
func FuzzPower(f *testing.F) {
	for _, seed := range []string{"-75.24", "0.005", "0.015", "327.675", "1e-3", "32767e-2", "0.00000e99", "12345678"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, number string) {
		if len(number) > 100 || strings.ContainsAny(number, ",]}") || differs(number) {
			return
		}
		// Enough values behind it, so that the fast loop sees the number as well.
		requireSameVerdict(t, []byte(strings.NewReplacer(
			"-75.24,-80,0.005", number+",-80,0.005,1,1,1,1,1,1", `"numpoints":3`, `"numpoints":9`, "100000200", "100000800",
		).Replace(sample)))
	})
}

func BenchmarkScan(b *testing.B) {
	for _, points := range []int{1000, 10000} {
		values := make([]string, points)
		for i := range values {
			values[i] = fmt.Sprintf("%.2f", -90-float64(i*7919%2000)/100)
		}
		body := strings.NewReplacer("-75.24,-80,0.005", strings.Join(values, ", "), `"numpoints":3`,
			fmt.Sprintf(`"numpoints":%d`, points), "100000200", strconv.Itoa(100000000+100*(points-1))).Replace(sample)
		b.Run(strconv.Itoa(points), func(b *testing.B) {
			wide := limits
			wide.MaxPoints = points
			trace, raw := tracebody.Trace{}, []byte(body)
			b.SetBytes(int64(len(raw)))
			b.ReportAllocs()
			for b.Loop() {
				if err := tracebody.Scan(raw, &trace, wide); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
