package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/klauspost/compress/gzip"

	"nms.example/inbox/internal/spectra"
)

// templates is how many different traces a load repeats, each under new guids.
const templates = 64

// body is a template: what stands before the guid and after it, and the latter gzip'ed. A gzip file may
// consist of several members, so only the small head is packed anew for each post and the generator
// takes little of the processors that it shares.
type body struct {
	tail, packedTail []byte
}

const bodyHead = `{"guid":"`

func makeBodies(o *options) []body {
	now := time.Now().UTC().Truncate(time.Millisecond)
	bodies := make([]body, templates)
	for i := range bodies {
		at := now.Add(-time.Duration(i) * time.Second)
		scene := spectra.New(o.seed, o.axis(), spectra.Sites()[i%len(spectra.Sites())])
		full := spectra.AppendBody(nil, uuid.Nil, at, scene.Site, scene.Trace(at))
		bodies[i].tail = full[len(bodyHead)+len(uuid.Nil.String()):]
		bodies[i].packedTail = pack(bodies[i].tail)
	}
	return bodies
}

func pack(text []byte) []byte {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, _ = w.Write(text) // a buffer takes everything
	_ = w.Close()
	return out.Bytes()
}

type meter struct {
	created, other atomic.Int64
	mu             sync.Mutex
	waits          []time.Duration
}

// load sends o.count traces over o.clients connections and tells how fast they were committed.
func load(ctx context.Context, o *options, out io.Writer) error {
	address, err := url.Parse(o.inbox)
	if err != nil {
		return err
	}
	bodies := makeBodies(o)
	var m meter
	var next atomic.Int64
	errs := make([]error, o.clients)
	var clients sync.WaitGroup
	started := time.Now()
	for i := range o.clients {
		clients.Go(func() {
			if o.ndjson {
				errs[i] = o.stream(ctx, &m, bodies, o.count/o.clients)
				return
			}
			errs[i] = o.posts(ctx, address.Host, &m, bodies, &next)
		})
	}
	clients.Wait()
	took := time.Since(started)
	fmt.Fprintf(out, "%d traces of %d points committed in %.2f s: %.0f/s; %d answered otherwise", m.created.Load(), o.points,
		took.Seconds(), float64(m.created.Load())/took.Seconds(), m.other.Load())
	if len(m.waits) > 0 {
		slices.Sort(m.waits)
		at := func(share float64) time.Duration {
			return m.waits[int(share*float64(len(m.waits)-1))].Round(10 * time.Microsecond)
		}
		fmt.Fprintf(out, "; wait p50 %v, p99 %v, longest %v", at(0.5), at(0.99), at(1))
	}
	fmt.Fprintln(out)
	return errors.Join(errs...)
}

// posts sends single traces over one connection, by hand: net/http's client takes more processor time
// than the server.
func (o *options) posts(ctx context.Context, host string, m *meter, bodies []body, next *atomic.Int64) error {
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "tcp", host)
	if err != nil {
		return err
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	answers := bufio.NewReader(conn)
	head := fmt.Sprintf("POST /api/v1/inbox/traces HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\n"+
		"Content-Encoding: gzip\r\nContent-Length: ", host, o.token)
	var waits []time.Duration
	var request, packed bytes.Buffer
	packer := gzip.NewWriter(&packed)
	for {
		n := next.Add(1)
		if n > int64(o.count) || ctx.Err() != nil {
			break
		}
		b := &bodies[n%templates]
		packed.Reset()
		packer.Reset(&packed)
		fmt.Fprintf(packer, "%s%s", bodyHead, uuid.New())
		_ = packer.Close() // into memory
		request.Reset()
		fmt.Fprintf(&request, "%s%d\r\n\r\n", head, packed.Len()+len(b.packedTail))
		request.Write(packed.Bytes())
		request.Write(b.packedTail)
		sent := time.Now()
		if _, err := conn.Write(request.Bytes()); err != nil {
			return err
		}
		response, err := http.ReadResponse(answers, nil)
		if err != nil {
			return err
		}
		_, _ = io.Copy(io.Discard, response.Body)
		response.Body.Close()
		waits = append(waits, time.Since(sent))
		if response.StatusCode == http.StatusCreated {
			m.created.Add(1)
		} else {
			m.other.Add(1)
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.waits = append(m.waits, waits...)
	return nil
}

// stream sends count traces as one NDJSON request.
func (o *options) stream(ctx context.Context, m *meter, bodies []body, count int) error {
	reader, writer := io.Pipe()
	go func() {
		buffered := bufio.NewWriterSize(writer, 256<<10)
		var packed bytes.Buffer
		packer := gzip.NewWriter(&packed)
		end := pack([]byte("\n"))
		for i := range count {
			packed.Reset()
			packer.Reset(&packed)
			fmt.Fprintf(packer, "%s%s", bodyHead, uuid.New())
			_ = packer.Close() // into memory
			_, _ = buffered.Write(packed.Bytes())
			_, _ = buffered.Write(bodies[i%templates].packedTail)
			if _, err := buffered.Write(end); err != nil {
				break
			}
		}
		_ = writer.CloseWithError(buffered.Flush())
	}()
	defer reader.Close()
	response, err := o.request(ctx, "/traces", "application/x-ndjson", reader)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	lines := bufio.NewReaderSize(response.Body, 64<<10)
	for {
		line, err := lines.ReadSlice('\n')
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if bytes.Contains(line, []byte(`"status":201`)) {
			m.created.Add(1)
		} else {
			m.other.Add(1)
		}
	}
}
