package cache

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"sync/atomic"

	kgzip "github.com/klauspost/compress/gzip"
)

// GzipThreshold is the size in bytes over which an entry also carries a compressed form: the contract
// compresses answers over 50 KiB and no others.
const GzipThreshold = 50 << 10

// Value is what a fill makes.
type Value struct {
	// Body is the ready-made answer. It must not be changed afterwards.
	Body []byte
	// ETag is the strong validator with its quotes; when empty, one is made from the body's hash.
	ETag string
	// Unkept answers those who wait for this fill and is forgotten.
	Unkept bool
}

// Entry is an answer ready to be written. Its fields must not be changed.
type Entry struct {
	// Body is the answer as it is, ETag its strong validator with quotes.
	Body []byte
	ETag string
	// Gzip is the compressed body, nil when Body is not over GzipThreshold; GzipETag is its own validator,
	// since a strong one speaks of bytes.
	Gzip     []byte
	GzipETag string

	tags []string
	asOf int64 // everything committed up to this version is in it
	used atomic.Bool

	variant, unkept bool
}

func newEntry(v Value, tags []string, asOf int64) (*Entry, error) {
	e := &Entry{Body: v.Body, ETag: v.ETag, tags: tags, asOf: asOf}
	if e.ETag == "" {
		sum := sha256.Sum256(v.Body)
		e.ETag = `"` + base64.RawURLEncoding.EncodeToString(sum[:15]) + `"`
	}
	if len(v.Body) > GzipThreshold {
		var out bytes.Buffer
		w, err := kgzip.NewWriterLevel(&out, gzip.DefaultCompression)
		if err != nil {
			return nil, fmt.Errorf("cache: gzip: %w", err)
		}
		if _, err = w.Write(v.Body); err == nil {
			err = w.Close()
		}
		if err != nil {
			return nil, fmt.Errorf("cache: gzip: %w", err)
		}
		e.Gzip = out.Bytes()
	}
	e.setGzipETag()
	return e, nil
}

func (e *Entry) setGzipETag() {
	if e.Gzip != nil && len(e.ETag) > 1 {
		e.GzipETag = e.ETag[:len(e.ETag)-1] + `-gzip"`
	}
}

// size is what the entry weighs in memory, roughly.
func (e *Entry) size(key string) int64 {
	n := len(key) + len(e.Body) + len(e.Gzip) + len(e.ETag) + len(e.GzipETag) + 256
	for _, tag := range e.tags {
		n += len(tag) + 64
	}
	return int64(n)
}

// The shared form: version, lengths, then the parts. It is read by instances of the same namespace only.
const sharedFormat = 1

func (e *Entry) encode() []byte {
	out := make([]byte, 0, 1+8+3*4+len(e.ETag)+len(e.Body)+len(e.Gzip))
	out = append(out, sharedFormat)
	out = binary.LittleEndian.AppendUint64(out, uint64(e.asOf))
	for _, n := range []int{len(e.ETag), len(e.Body), len(e.Gzip)} {
		out = binary.LittleEndian.AppendUint32(out, uint32(n))
	}
	out = append(out, e.ETag...)
	out = append(out, e.Body...)
	return append(out, e.Gzip...)
}

// decodeEntry returns nil when the bytes are of another format or cut short.
func decodeEntry(b []byte, tags []string) *Entry {
	const head = 1 + 8 + 3*4
	if len(b) < head || b[0] != sharedFormat {
		return nil
	}
	asOf := int64(binary.LittleEndian.Uint64(b[1:]))
	etag, body, zipped := int(binary.LittleEndian.Uint32(b[9:])), int(binary.LittleEndian.Uint32(b[13:])), int(binary.LittleEndian.Uint32(b[17:]))
	if len(b) != head+etag+body+zipped {
		return nil
	}
	e := &Entry{tags: tags, asOf: asOf, ETag: string(b[head : head+etag])}
	e.Body = b[head+etag : head+etag+body : head+etag+body]
	if zipped > 0 {
		e.Gzip = b[head+etag+body:]
	}
	e.setGzipETag()
	return e
}
