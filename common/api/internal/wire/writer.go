package wire

import (
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/klauspost/compress/gzip"
)

// gzipThreshold is the size in bytes over which an answer is compressed for clients that accept it.
const gzipThreshold = 50 << 10

// writerMode is how far an answer has got.
type writerMode uint8

const (
	modeHolding writerMode = iota // nothing sent: the answer may still be small, or become a problem
	modePlain                     // header sent, bytes pass through
	modeGzip                      // header sent, bytes are compressed
)

// countedByServer is the size in bytes up to which net/http names the length of a whole answer by itself. Left to it,
// the headers of an answer with an entity tag are eight, which a map holds without growing.
const countedByServer = 2000

// Writer holds an answer back until it is over the threshold, flushed or complete. Only then
// is it known whether to compress it, and how long it is.
type Writer struct {
	http.ResponseWriter

	request *http.Request
	begun   time.Time
	held    []byte
	gzip    *gzip.Writer
	Status  int   // 0 until the handler set one
	Sent    int64 // bytes of the body, as sent
	mode    writerMode
}

// The pool's writers favour speed: an answer is compressed while its client waits.
//
//nolint:gochecknoglobals // a pool is shared by design
var gzipWriters = sync.Pool{New: func() any {
	w, err := gzip.NewWriterLevel(io.Discard, gzip.BestSpeed)
	if err != nil {
		panic(err) //nolint:forbidigo // the level is a constant
	}
	return w
}}

// Reset begins an answer that is written to under.
func (w *Writer) Reset(under http.ResponseWriter, r *http.Request) {
	w.ResponseWriter, w.request, w.begun = under, r, time.Now()
	w.held = w.held[:0]
	w.gzip, w.Status, w.Sent, w.mode = nil, 0, 0, modeHolding
}

// Holding reports whether nothing has been sent yet.
func (w *Writer) Holding() bool { return w.mode == modeHolding }

// Release lets go of the request, for the writer's next one.
func (w *Writer) Release() {
	w.releaseGzip()
	w.ResponseWriter, w.request = nil, nil
}

// Unwrap lets http.ResponseController reach the connection.
func (w *Writer) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// WriteHeader notes the status; it is sent with the first bytes.
func (w *Writer) WriteHeader(status int) {
	if status >= 100 && status < 200 && status != http.StatusSwitchingProtocols {
		w.ResponseWriter.WriteHeader(status)
		return
	}
	if w.Status == 0 {
		w.Status = status
	}
}

// Write implements io.Writer.
func (w *Writer) Write(p []byte) (int, error) {
	if w.mode == modeHolding {
		if len(w.held)+len(p) <= gzipThreshold {
			w.held = append(w.held, p...)
			return len(p), nil
		}
		if err := w.start(w.compressible()); err != nil {
			return 0, err
		}
	}
	return w.pass(p)
}

// WriteString implements io.StringWriter.
func (w *Writer) WriteString(s string) (int, error) {
	if w.mode == modeHolding && len(w.held)+len(s) <= gzipThreshold {
		w.held = append(w.held, s...)
		return len(s), nil
	}
	return w.Write([]byte(s))
}

// Flush sends what there is. An answer flushed before it is over the threshold stays uncompressed: it
// is a stream whose reader waits for each piece.
func (w *Writer) Flush() {
	if w.mode == modeHolding && w.start(false) != nil {
		return
	}
	if w.gzip != nil && w.gzip.Flush() != nil {
		return
	}
	if f, ok := w.ResponseWriter.(http.Flusher); ok {
		f.Flush()
	}
}

// WriteReady sends a body that exists in both codings; compressed may be nil.
func (w *Writer) WriteReady(plain, compressed []byte) error {
	if compressed == nil || w.mode != modeHolding || len(w.held) > 0 ||
		len(plain) <= gzipThreshold || !w.compressible() {
		if w.mode == modeHolding && len(w.held) == 0 && len(plain) > gzipThreshold {
			w.Header()["Content-Length"] = []string{strconv.Itoa(len(plain))} // Complete does it for what is held
		}
		_, err := w.Write(plain)
		return err
	}
	w.markGzip()
	w.Header()["Content-Length"] = []string{strconv.Itoa(len(compressed))}
	w.sendHeader()
	w.mode = modePlain
	_, err := w.pass(compressed)
	return err
}

// start sends the header and what was held.
func (w *Writer) start(compress bool) error {
	if compress {
		w.markGzip()
		w.Header().Del("Content-Length")
	}
	w.sendHeader()
	w.mode = modePlain
	if compress {
		w.mode = modeGzip
		if w.request.Method != http.MethodHead { // nobody would see the bytes
			w.gzip, _ = gzipWriters.Get().(*gzip.Writer)
			w.gzip.Reset(countingWriter{w})
		}
	}
	held := w.held
	w.held = w.held[:0]
	if len(held) == 0 {
		return nil
	}
	_, err := w.pass(held)
	return err
}

// pass writes after the header was sent.
func (w *Writer) pass(p []byte) (int, error) {
	switch {
	case w.gzip != nil:
		return w.gzip.Write(p)
	case w.mode == modeGzip:
		return len(p), nil
	}
	return countingWriter{w}.Write(p)
}

// countingWriter is the connection's side of the writer.
type countingWriter struct{ w *Writer }

func (c countingWriter) Write(p []byte) (int, error) {
	n, err := c.w.ResponseWriter.Write(p)
	c.w.Sent += int64(n)
	return n, err
}

// Complete ends the answer: a small one is sent now, with its length.
func (w *Writer) Complete() {
	if w.mode == modeHolding {
		if BodyAllowed(w.Status) && (len(w.held) == 0 || len(w.held) > countedByServer) && w.Header()["Content-Length"] == nil {
			w.Header()["Content-Length"] = []string{strconv.Itoa(len(w.held))}
		}
		_ = w.start(false) // a client that is gone needs nothing more
		return
	}
	if w.gzip != nil {
		_ = w.gzip.Close() // as above
		w.releaseGzip()
	}
}

// Discard forgets what was held, so that a problem can take its place; false when it is too late.
func (w *Writer) Discard() bool {
	if w.mode != modeHolding {
		return false
	}
	w.held, w.Status = w.held[:0], 0
	for _, name := range []string{"Content-Type", "Content-Length", "Content-Encoding", "Etag",
		"Last-Modified", "Cache-Control", "Location", "Content-Disposition"} {
		w.Header().Del(name)
	}
	return true
}

func (w *Writer) releaseGzip() {
	if w.gzip != nil {
		w.gzip.Reset(io.Discard)
		gzipWriters.Put(w.gzip)
		w.gzip = nil
	}
}

// sendHeader fixes what depends on the whole answer and sends the header.
func (w *Writer) sendHeader() {
	if w.Status == 0 {
		w.Status = http.StatusOK
	}
	h := w.Header()
	if !BodyAllowed(w.Status) {
		delete(h, "Content-Type")
		delete(h, "Content-Length")
	}
	if _, ok := h["Cache-Control"]; !ok {
		if _, tagged := h["Etag"]; tagged {
			h["Cache-Control"] = cachePrivate
		} else {
			h["Cache-Control"] = CacheNever
		}
	}
	w.allowTime()
	w.ResponseWriter.WriteHeader(w.Status)
}

// late is from when on an answer is one that took long to make.
const late = time.Second

// allowTime lets the server's write timeout begin with an answer that took long to make. It is there for clients that take an
// answer slowly; net/http counts it from the request on, and when it is over it cuts the connection without a word.
func (w *Writer) allowTime() {
	if time.Since(w.begun) < late {
		return
	}
	if server, ok := w.request.Context().Value(http.ServerContextKey).(*http.Server); ok && server.WriteTimeout > 0 {
		// Unsupported only without a connection.
		_ = http.NewResponseController(w.ResponseWriter).SetWriteDeadline(time.Now().Add(server.WriteTimeout))
	}
}

// Header values shared by all answers; nothing appends to them in place, as their capacity is used up.
//
//nolint:gochecknoglobals // constants in all but syntax
var (
	cachePrivate = []string{"private, no-cache"}
	// CacheNever is the Cache-Control of what must not be kept.
	CacheNever = []string{"no-store"}
	codingGzip = []string{"gzip"}
)

// markGzip declares the coding and sets an entity tag of the representation's own.
func (w *Writer) markGzip() {
	h := w.Header()
	h["Content-Encoding"] = codingGzip
	if tag := h["Etag"]; len(tag) == 1 {
		h["Etag"] = []string{GzipTag(tag[0])}
	}
}

// gzipTag is what the response writer adds to the tag of a representation that it compressed: two
// codings of one item are two representations, so a strong tag must differ (RFC 9110, 8.8.3.3).
const gzipTag = "-gzip"

// GzipTag marks a strong tag as that of the compressed representation.
func GzipTag(etag string) string {
	if len(etag) < 2 || etag[0] != '"' {
		return etag
	}
	return etag[:len(etag)-1] + gzipTag + `"`
}

// compressible reports whether this answer may be gzip'ed for this client.
func (w *Writer) compressible() bool {
	h := w.Header()
	if w.Status == http.StatusPartialContent || !BodyAllowed(w.Status) || h["Content-Encoding"] != nil {
		return false
	}
	mediaType, _, err := mime.ParseMediaType(h.Get("Content-Type"))
	if err != nil {
		mediaType = ""
	}
	return !incompressible(mediaType) && acceptsGzip(w.request.Header["Accept-Encoding"])
}

// incompressible names media types that are streams, or compressed in themselves.
func incompressible(mediaType string) bool {
	switch mediaType {
	case "text/event-stream", "application/zip", "application/gzip", "application/zstd":
		return true
	case "image/svg+xml":
		return false
	}
	return strings.HasPrefix(mediaType, "image/") || strings.HasPrefix(mediaType, "video/") ||
		strings.HasPrefix(mediaType, "audio/")
}

// BodyAllowed reports whether an answer of this status may have a body.
func BodyAllowed(status int) bool {
	return status != http.StatusNoContent && status != http.StatusNotModified
}

// acceptsGzip reads Accept-Encoding (RFC 9110, 12.5.3): gzip must have a weight over 0 and not under
// that of the unencoded answer, when the client weighs both.
func acceptsGzip(fields []string) bool {
	gzipQ, starQ, identityQ := -1.0, -1.0, -1.0
	for _, field := range fields {
		for item := range strings.SplitSeq(field, ",") {
			name, params, _ := strings.Cut(item, ";")
			q := quality(params)
			switch strings.ToLower(strings.TrimSpace(name)) {
			case "gzip", "x-gzip":
				gzipQ = max(gzipQ, q)
			case "*":
				starQ = q
			case "identity":
				identityQ = q
			}
		}
	}
	if gzipQ < 0 {
		gzipQ = starQ
	}
	return gzipQ > 0 && gzipQ >= identityQ
}

// quality reads a weight; what cannot be read counts as a refusal.
func quality(params string) float64 {
	name, value, ok := strings.Cut(strings.TrimSpace(params), "=")
	if !ok {
		if name == "" {
			return 1
		}
		return 0
	}
	q, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
	if !strings.EqualFold(strings.TrimSpace(name), "q") || err != nil || !(q >= 0 && q <= 1) {
		return 0
	}
	return q
}
