package api

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"nms.example/common/api/internal/wire"
	"nms.example/common/fault"
)

// faulty checks that an error is one that may reach the client.
func faulty(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		f := fault.As(err)
		require.NotNil(t, f, "%v", err)
		require.True(t, utf8.ValidString(f.Message))
	}
}

// FuzzDecodeBody reads anything as JSON and as a merge patch.
func FuzzDecodeBody(f *testing.F) {
	for _, seed := range []string{
		`{"name":"a","parent_id":null}`, `{"name":null}`, `{"name":"\u0000"}`, `{"parent_id":1e400}`, `{"parent_id":9223372036854775808}`, `[`, "\xff", `{"a":{"b":["\u0000"]}}`, `1 2`, `"\ud800"`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var v any
		if err := wire.Decode(data, &v); err != nil {
			faulty(t, err)
			return
		}
		require.True(t, json.Valid(data))
		var patch struct {
			Name   Patch[string]        `json:"name,omitzero"`
			Parent NullablePatch[int64] `json:"parent_id,omitzero"`
		}
		if err := wire.Decode(data, &patch); err != nil {
			faulty(t, err)
			return
		}
		require.False(t, patch.Parent.Null && !patch.Parent.Set)
	})
}

// FuzzForm reads anything as a form.
func FuzzForm(f *testing.F) {
	for _, seed := range []string{"grant_type=password&username=a&password=%00", "a=%ff", "%", "a;b", "=&=", "a=b&a=c"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		values, err := Form(data)
		faulty(t, err)
		for name, list := range values {
			code, _ := wire.BadText(name + strings.Join(list, ""))
			require.Nil(t, code)
		}
	})
}

// FuzzCursor follows anything as a cursor, and every payload that could be in one.
func FuzzCursor(f *testing.F) {
	type keys struct {
		Name string
		ID   int64
	}
	list := ListOf(f.Context(), nil)
	f.Add(list.EncodeCursor(keys{"a", 1}), []byte(`{"Name":"a\u0000","ID":1}`))
	f.Add("AAAA", []byte(`{"Name":null,"X":1}`))
	f.Add("", []byte("\xff"))
	f.Fuzz(func(t *testing.T, text string, payload []byte) {
		for _, cursor := range []string{text, list.seal(payload)} {
			var k keys
			if err := list.DecodeCursor(cursor, &k); err != nil {
				require.ErrorIs(t, err, errCursor)
				continue
			}
			code, _ := wire.BadText(k.Name)
			require.Nil(t, code)
			var again keys
			require.NoError(t, list.DecodeCursor(list.EncodeCursor(k), &again))
			require.Equal(t, k, again)
		}
	})
}

// FuzzETag compares anything with a tag.
func FuzzETag(f *testing.F) {
	for _, seed := range []string{`"a", W/"b"`, "*", `W/`, `"`, `"a" "b"`, `,,,"x"`, `"x-gzip"`} {
		f.Add(seed, `"x"`)
	}
	f.Fuzz(func(t *testing.T, field, etag string) {
		matched, ok := matchETag(field, etag, true)
		if !ok {
			require.Empty(t, matched)
			return
		}
		require.True(t, matched == etag || strings.Contains(field, matched))
		require.NoError(t, Conditional{}.Check(etag))
		if _, strong := matchETag(field, etag, false); strong && field != "" {
			require.NoError(t, Conditional{IfMatch: field}.Check(etag))
		}
	})
}

// FuzzHeaders sends any values of the headers that are read before a handler.
func FuzzHeaders(f *testing.F) {
	networks, err := ParseNetworks([]string{"192.0.2.0/24", "10.0.0.1"})
	require.NoError(f, err)
	a := New(Options{TrustedProxies: networks, CORSOrigins: []string{"https://nms.example"}})
	f.Add("gzip;q=0.5, *;q=0", "198.51.100.1, 10.0.0.1", "https://nms.example", "abc", `"a"`, "br")
	f.Add("gzip;q=NaN", "[::1]:80,,", "null", "\x00", `W/"`, "")
	f.Add(";;;", "fe80::1%eth0", "\xff", strings.Repeat("a", 300), "*", "gzip, zstd")
	f.Fuzz(func(t *testing.T, accept, forwarded, origin, id, tag, coding string) {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, documentPath, nil) // from 192.0.2.1
		for name, value := range map[string]string{
			"Accept-Encoding": accept, "X-Forwarded-For": forwarded, "Origin": origin, headerRequestID: id, "If-None-Match": tag, "Content-Encoding": coding,
		} {
			r.Header[http.CanonicalHeaderKey(name)] = []string{value}
		}
		require.True(t, a.clientAddr(r).IsValid())
		w := httptest.NewRecorder()
		a.ServeHTTP(w, r)
		require.Contains(t, []int{http.StatusOK, http.StatusNotModified}, w.Code)
		require.NotEmpty(t, w.Header()[headerRequestID])
		for name, list := range w.Header() {
			for _, value := range list {
				require.NotContains(t, value, "\n", name)
				require.NotContains(t, value, "\r", name)
			}
		}
	})
}

// FuzzNetworks reads anything as a list of networks.
func FuzzNetworks(f *testing.F) {
	for _, seed := range []string{"10.0.0.0/8,::1", "1.2.3.4/33", "fe80::1%eth0", "::ffff:1.2.3.4/96", "", "0/0"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		networks, err := ParseNetworks(strings.Split(text, ","))
		if err != nil {
			require.NotContains(t, err.Error(), "\n")
			return
		}
		for _, network := range networks {
			require.True(t, network.IsValid())
			require.Equal(t, network.Masked(), network)
		}
	})
}
