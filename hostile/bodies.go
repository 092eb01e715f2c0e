package hostile

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"strings"
	"sync"

	"github.com/klauspost/compress/zstd"
)

const formMedia = "application/x-www-form-urlencoded"

// goodBodies returns bodies that the operation takes, or nearly: the service's own samples, then those made from
// the schema.
func (k *kit) goodBodies(op *operation) [][]byte {
	media := op.media()
	if media == "" {
		return nil
	}
	var list [][]byte
	for _, text := range k.samples[op.id] {
		list = append(list, []byte(text))
	}
	for _, full := range []bool{true, false} {
		v := k.document.sample(op.bodies[media], int(k.serial.Add(1)), full, 0)
		switch {
		case media == formMedia:
			list = append(list, []byte(form(v)))
		case strings.HasSuffix(media, "json"):
			list = append(list, encode(v))
		}
		if n := len(list); !full && n > 1 && len(list[n-1]) == len(list[n-2]) { // everything is required
			list = list[:n-1]
		}
	}
	return list
}

func form(v any) string {
	values := url.Values{}
	for name, value := range object(v) {
		values.Set(name, fmt.Sprint(value))
	}
	if len(values) == 0 { // the document does not tell the fields
		values.Set(mark, mark)
	}
	return values.Encode()
}

// values changes good bodies in every place.
func (k *kit) values(op *operation) []*attempt {
	var list []*attempt
	for _, body := range k.goodBodies(op) {
		var v any
		decoder := json.NewDecoder(bytes.NewReader(body))
		decoder.UseNumber()
		if decoder.Decode(&v) == nil {
			list = append(list, k.mutated(op, v)...)
		} else if op.media() == formMedia {
			list = append(list, k.forms(op, string(body))...)
		}
	}
	return list
}

// bodies sends what is no good body at all, and good ones in bad ways.
func (k *kit) bodies(op *operation) []*attempt {
	if op.media() == "" {
		return k.unasked(op)
	}
	var list []*attempt
	good := k.goodBodies(op)
	add := func(what string, body []byte, headers ...string) *attempt {
		a := k.attempt(op, "body", what)
		a.body, a.header, a.names = body, headers, true
		list = append(list, a)
		return a
	}
	for _, text := range []string{
		"", " ", "\n", "null", "[]", "{}", "{", "}", "\"", "\xef\xbb\xbf{}", "\xff\xfe{\x00}\x00", "{}{}", "{} x", "\x00", strings.Repeat(" ", 1<<20), strings.Repeat("[", 1<<20), mark, "<a>" + mark + "</a>",
		"%PDF-1.4", "PK\x03\x04", "\x1f\x8b", "\x28\xb5\x2f\xfd", "a=b&c=d", "\r\n\r\n", "{}\n{}\n", "--" + mark + "\r\n",
	} {
		add("raw "+text[:min(len(text), 20)], []byte(text))
	}
	for _, value := range deep() {
		add("deep", []byte(value))
	}
	add("unknown fields", []byte(`{`+strings.Repeat(`"`+mark+`":{},`, 20_000)+`"a":1}`))
	add("many items", []byte("["+strings.Repeat("{},", 50_000)+"{}]"))
	k.sent(op, good[0], add)
	return list
}

// sent sends bodies under wrong descriptions: types, codings, lengths.
func (k *kit) sent(op *operation, good []byte, add func(string, []byte, ...string) *attempt) {
	for _, media := range []string{"text/plain", "application/xml", "multipart/form-data; boundary=x", "image/png", "*/*", mark, "application/jsonp", "text/json", strings.Repeat("a", 5000), "application/octet-stream"} {
		add("type "+media, good, "Content-Type: "+media).want = []int{415}
	}
	for _, media := range []string{op.media() + ";;;;", op.media() + "; charset=utf-16", op.media() + "; charset=\"", strings.ToUpper(op.media()), op.media() + ", text/plain", "\t" + op.media()} {
		add("type "+media, good, "Content-Type: "+media)
	}
	for _, coding := range []string{"br", "deflate", "gzip, gzip", "zstd, gzip", "compress", mark, "gzip;q=1", strings.Repeat("gzip,", 1000)} {
		add("coding "+coding, good, "Content-Encoding: "+coding).want = []int{415}
	}
	add("coding two", gzipped(good), "Content-Encoding: gzip", "Content-Encoding: gzip").want = []int{415}
	zipped, packed := gzipped(good), zstded(good)
	for _, c := range []struct {
		name, coding string
		body         []byte
	}{
		{"gzip that is none", "gzip", good}, {"gzip cut", "gzip", zipped[:len(zipped)-9]}, {"gzip header", "gzip", zipped[:10]}, {"gzip in gzip", "gzip", gzipped(zipped)},
		{"gzip of a bad sum", "gzip", flipped(zipped, len(zipped)-6)}, {"gzip, broken", "gzip", flipped(zipped, len(zipped)/2)}, {"gzip and more", "gzip", append(bytes.Clone(zipped), mark...)},
		{"gzip of huge name", "gzip", append([]byte{0x1f, 0x8b, 8, 8, 0, 0, 0, 0, 0, 3}, bytes.Repeat([]byte("a"), 100_000)...)},
		{"zstd that is none", "zstd", good}, {"zstd cut", "zstd", packed[:len(packed)-3]}, {"zstd in zstd", "zstd", zstded(packed)}, {"zstd, broken", "zstd", flipped(packed, len(packed)/2)},
		{"zstd window of 2^41", "zstd", []byte{0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xf8, 1, 0, 0}}, {"zstd of size 2^63", "zstd", []byte{0x28, 0xb5, 0x2f, 0xfd, 0xe0, 0, 0, 0, 0, 0, 0, 0, 0x80, 1, 0, 0}},
		{"zstd with a dictionary", "zstd", []byte{0x28, 0xb5, 0x2f, 0xfd, 0x23, 1, 2, 3, 4, 0, 1, 0, 0}}, {"zstd skippable", "zstd", []byte{0x50, 0x2a, 0x4d, 0x18, 0xff, 0xff, 0xff, 0x7f}},
	} {
		a := add(c.name, c.body, "Content-Encoding: "+c.coding)
		a.want = refused
	}
	add("gzip, good", zipped, "Content-Encoding: GZip")
	add("zstd, good", packed, "Content-Encoding: ZSTD")
	for name, bomb := range bombs() {
		a := add("bomb of "+name, bomb, "Content-Encoding: "+name)
		a.attack, a.want, a.mayClose = "bomb", refused, true
		chunked := add("bomb of "+name+" in a chunk", bomb, "Content-Encoding: "+name)
		chunked.attack, chunked.want, chunked.mayClose, chunked.chunked = "bomb", refused, true, true
	}
	tooLarge := add("over the bound", nil)
	tooLarge.attack, tooLarge.body, tooLarge.mayClose, tooLarge.want = "bomb", large(), true, refused
	chunked := add("over the bound in a chunk", nil)
	chunked.attack, chunked.body, chunked.mayClose, chunked.chunked, chunked.want = "bomb", large(), true, true, refused
}

// unasked sends a body to an operation that takes none.
func (k *kit) unasked(op *operation) []*attempt {
	var list []*attempt
	for _, body := range []string{"{}", "\x00", mark, string(gzipped([]byte("{}")))} {
		a := k.attempt(op, "body", "unasked "+body)
		a.body, a.header = []byte(body), []string{"Content-Type: application/json", "Content-Encoding: gzip"}
		list = append(list, a)
	}
	return list
}

// mutated puts every hostile value into every place of a good body.
func (k *kit) mutated(op *operation, v any) []*attempt {
	var list []*attempt
	add := func(what string, body []byte) {
		a := k.attempt(op, "value", what)
		a.body, a.names = body, true
		list = append(list, a)
	}
	for _, with := range places(v) {
		for _, value := range evilJSON {
			add(string(value), encode(with(value)))
		}
		for _, text := range evilTexts {
			add(text, encode(with(text)))
		}
	}
	if fields, ok := v.(map[string]any); ok {
		for name := range fields {
			less := map[string]any{}
			for other, value := range fields {
				if other != name {
					less[other] = value
				}
			}
			add("without "+name, encode(less))
			add("twice "+name, append(append([]byte(`{"`+name+`":`), encode(fields[name])...), append([]byte(","), encode(fields)[1:]...)...))
			more := encode(fields)
			add("case of "+name, bytes.Replace(more, []byte(`"`+name+`"`), []byte(`"`+strings.ToUpper(name)+`"`), 1))
		}
		for _, extra := range []string{mark, "", "id", "__proto__", "constructor", "status", "access", "$schema", mark + `\u0000`, "a.b", strings.Repeat(mark, 500)} {
			add("extra "+extra, append([]byte(`{"`+extra+`":1,`), encode(fields)[1:]...))
		}
	}
	return list
}

// forms does what mutated does, for forms.
func (k *kit) forms(op *operation, good string) []*attempt {
	var list []*attempt
	add := func(what, body string) {
		a := k.attempt(op, "value", what)
		a.body, a.names = []byte(body), true
		list = append(list, a)
	}
	values, _ := url.ParseQuery(good)
	for name := range values {
		rest := url.Values{}
		for other, value := range values {
			if other != name {
				rest[other] = value
			}
		}
		add("without "+name, rest.Encode())
		for _, value := range evilQueries {
			add(value, rest.Encode()+"&"+name+"="+value)
		}
		for _, text := range evilTexts {
			add(text, rest.Encode()+"&"+name+"="+url.QueryEscape(text))
		}
		add("twice "+name, good+"&"+name+"="+mark)
	}
	for _, body := range []string{"%", "%zz", "=", "&&&", "a;b", mark + "=" + mark, strings.Repeat("a=b&", 100_000), "grant_type=password&grant_type=refresh_token", "{\"grant_type\":\"password\"}", good + "&" + good} {
		add(body[:min(len(body), 40)], body)
	}
	return list
}

func gzipped(b []byte) []byte {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, _ = w.Write(b) // a buffer takes everything
	_ = w.Close()
	return out.Bytes()
}

var packer = sync.OnceValue(func() *zstd.Encoder {
	w, err := zstd.NewWriter(io.Discard, zstd.WithEncoderConcurrency(1))
	if err != nil {
		panic(err) // the options are constants
	}
	return w
})

func zstded(b []byte) []byte { return packer().EncodeAll(b, nil) }

func flipped(b []byte, at int) []byte {
	b = bytes.Clone(b)
	b[at] ^= 0xff
	return b
}

// inflated is the size of the bombs, in bytes; over every bound that services have.
const inflated = 64 << 20

// bombs returns small bodies that inflate to inflated bytes of blanks, by coding.
var bombs = sync.OnceValue(func() map[string][]byte {
	block := bytes.Repeat([]byte(" "), 1<<20)
	return map[string][]byte{
		"gzip": bytes.Repeat(gzipped(block), inflated>>20), // members and frames may follow each other
		"zstd": bytes.Repeat(zstded(block), inflated>>20),
	}
})

// large returns a body over every bound.
var large = sync.OnceValue(func() []byte { return bytes.Repeat([]byte(" "), inflated) })
