package wire

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"nms.example/common/fault"
)

// maxZstdWindow is what RFC 8878 (3.1.1.1.2) recommends every decoder to support, in bytes; it bounds
// a decoder's memory.
const maxZstdWindow = 8 << 20

// Coding is the content coding of a body.
type Coding uint8

// The codings that are taken.
const (
	Identity Coding = iota
	codingOfGzip
	codingOfZstd
)

var errCoding = fault.List(fault.UnsupportedMedia, "the content encoding is not supported",
	fault.NewDetail(fault.Request("header.Content-Encoding"), codeEncoding, "must be gzip or zstd, once, or absent"))

// CodingOf reads Content-Encoding, in any letter case.
func CodingOf(fields []string) (Coding, error) {
	found := Identity
	for _, field := range fields {
		for name := range strings.SplitSeq(field, ",") {
			var c Coding
			switch strings.ToLower(strings.TrimSpace(name)) {
			case "", "identity":
				continue
			case "gzip", "x-gzip":
				c = codingOfGzip
			case "zstd":
				c = codingOfZstd
			default:
				return 0, errCoding
			}
			if found != Identity {
				return 0, errCoding
			}
			found = c
		}
	}
	return found, nil
}

//nolint:gochecknoglobals // pools are shared by design
var (
	gzipReaders = sync.Pool{New: func() any { return new(gzip.Reader) }}
	zstdReaders = sync.Pool{New: func() any {
		// One at a time: without goroutines of its own a pooled decoder leaks nothing.
		d, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1),
			zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(maxZstdWindow))
		if err != nil {
			panic(err) //nolint:forbidigo // the options are constants
		}
		return d
	}}
)

// Body reads a request's body: inflated, bounded, in time. Its errors are faults.
type Body struct {
	Source  io.ReadCloser
	Writer  http.ResponseWriter // reaches the connection's read deadline
	Coding  Coding
	Limit   int64 // in inflated bytes; negative: none
	Timeout time.Duration
	Eachly  bool // the time bounds each read, not the whole

	inflated io.Reader
	gzip     *gzip.Reader
	zstd     *zstd.Decoder
	read     int64
	extended time.Time
	err      error // sticky

	mu      sync.Mutex
	over    bool  // nothing is read any more
	refused error // why nothing more is taken; set while a read may be under way
}

// Read implements io.Reader.
func (b *Body) Read(p []byte) (int, error) {
	if b.err != nil {
		return 0, b.err
	}
	if len(p) == 0 {
		return 0, nil
	}
	if err := b.extend(); err != nil {
		return 0, b.fail(err)
	}
	if b.inflated == nil {
		if err := b.open(); err != nil {
			return 0, b.fail(err)
		}
	}
	n, err := b.inflated.Read(p)
	b.read += int64(n)
	if b.Limit >= 0 && b.read > b.Limit {
		n -= int(b.read - b.Limit)
		return n, b.fail(ErrTooLarge)
	}
	if err != nil {
		return n, b.fail(err)
	}
	return n, nil
}

// open starts the inflation; gzip reads its header here.
func (b *Body) open() error {
	switch b.Coding {
	case codingOfGzip:
		b.gzip, _ = gzipReaders.Get().(*gzip.Reader)
		if err := b.gzip.Reset(b.Source); err != nil {
			return err
		}
		b.inflated = b.gzip
	case codingOfZstd:
		b.zstd, _ = zstdReaders.Get().(*zstd.Decoder)
		if err := b.zstd.Reset(b.Source); err != nil {
			return err
		}
		b.inflated = b.zstd
	case Identity:
		b.inflated = b.Source
	}
	return nil
}

// extend moves a stream's deadline, at most once a second. It fails when nothing more is taken.
func (b *Body) extend() error {
	if !b.Eachly {
		return nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.refused != nil {
		return b.refused
	}
	if now := time.Now(); now.Sub(b.extended) > time.Second {
		b.extended = now
		_ = huma.SetReadDeadline(b.Writer, now.Add(b.Timeout)) // unsupported only in tests without a connection
	}
	return nil
}

// Refuse ends a stream that is still being read: this and every later read fails with err, also one that waits. false:
// the body is no stream, or is over.
func (b *Body) Refuse(err error) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.Eachly || b.over {
		return false
	}
	b.refused = err
	_ = huma.SetReadDeadline(b.Writer, time.Now()) // see extend
	return true
}

var (
	// ErrTooLarge refuses a body that is over its limit.
	ErrTooLarge   = fault.At(fault.Input, CodeTooLarge, "the request body is too large")
	errBodyTime   = fault.At(fault.Input, CodeBodyTime, "the request body did not arrive in time")
	errBodyBroken = Unreadable(codeBody, "cannot be read")
	errBodyGzip   = Unreadable(codeBody, "is not valid gzip")
	errBodyZstd   = Unreadable(codeBody, "is not valid zstd")
	errBodyClosed = errors.New("api: the request body is read after its request")
)

// fail ends the reading; the error it returns is what every later read returns.
func (b *Body) fail(err error) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.over = true
	var timeout net.Error
	switch {
	case b.refused != nil:
		b.err = b.refused
	case errors.Is(err, io.EOF) && (b.inflated != nil || b.Coding == codingOfZstd):
		b.err = io.EOF
		// The deadline would otherwise end the connection's background read, and with it the request.
		_ = huma.SetReadDeadline(b.Writer, time.Time{}) // see extend
	case errors.Is(err, ErrTooLarge), errors.Is(err, zstd.ErrWindowSizeExceeded):
		b.err = ErrTooLarge
		b.Writer.Header().Set("Connection", "close")
	case errors.As(err, &timeout) && timeout.Timeout():
		b.err = errBodyTime.Because(err)
	case b.Coding == codingOfGzip:
		b.err = errBodyGzip.Because(err)
	case b.Coding == codingOfZstd:
		b.err = errBodyZstd.Because(err)
	default:
		b.err = errBodyBroken.Because(err)
	}
	return b.err
}

// maxSkipped is how much of a stream that nobody wants is read to keep its connection, in bytes as sent; net/http
// has the same bound for other bodies.
const maxSkipped = 256 << 10

// SkipRest reads what a handler left of a stream and reports whether nothing is left. net/http would do so only
// after the answer, while the connection's next request may arrive already; the two reads break each other
// and the connection. Other bodies it reads before the answer. server ends with the connection.
func (b *Body) SkipRest(server context.Context, r *http.Request) bool {
	if !b.Eachly || b.inflated == nil && r.Header.Get("Expect") != "" {
		return true // the client was not told to send it, and net/http closes the connection
	}
	if b.refused != nil || errors.Is(b.err, ErrTooLarge) || errors.Is(b.err, errBodyTime) || server.Err() != nil {
		return false
	}
	_ = huma.SetReadDeadline(b.Writer, time.Now().Add(b.Timeout)) // see extend
	if _, err := io.CopyN(io.Discard, b.Source, maxSkipped); !errors.Is(err, io.EOF) {
		return false
	}
	_ = huma.SetReadDeadline(b.Writer, time.Time{}) // see fail
	return true
}

// Close returns the decoders to their pool. Reading after it fails.
func (b *Body) Close() error {
	if b.err == nil || errors.Is(b.err, io.EOF) {
		b.err = errBodyClosed
	}
	if b.gzip != nil {
		gzipReaders.Put(b.gzip)
		b.gzip = nil
	}
	if b.zstd != nil {
		_ = b.zstd.Reset(nil) // lets go of the source; it cannot fail
		zstdReaders.Put(b.zstd)
		b.zstd = nil
	}
	b.inflated = nil
	return nil
}
