// Package load sends traces as fast as the other side takes them, at little cost of its own: it shares
// the machine with what it measures. The bodies are packed beforehand, except for the guid.
package load

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

// Target is where the traces go.
type Target struct {
	// URL is the address to post to, TOKEN the access token.
	URL, Token string
}

// Result is what came of a load.
type Result struct {
	Created, Other int64
	Took           time.Duration
	// Waits are the times to the answers of single posts, sorted.
	Waits []time.Duration
}

// PerSecond returns the traces committed per second.
func (r *Result) PerSecond() float64 { return float64(r.Created) / r.Took.Seconds() }

// Wait returns the time within which a share (0 to 1) of the posts was answered.
func (r *Result) Wait(share float64) time.Duration {
	if len(r.Waits) == 0 {
		return 0
	}
	return r.Waits[int(share*float64(len(r.Waits)-1))]
}

// String tells all of it in a line.
func (r *Result) String() string {
	text := fmt.Sprintf("%d traces committed in %.2f s: %.0f/s; %d answered otherwise", r.Created, r.Took.Seconds(), r.PerSecond(), r.Other)
	if len(r.Waits) > 0 {
		round := func(d time.Duration) time.Duration { return d.Round(10 * time.Microsecond) }
		text += fmt.Sprintf("; wait p50 %v, p99 %v, longest %v", round(r.Wait(0.5)), round(r.Wait(0.99)), round(r.Wait(1)))
	}
	return text
}

// templates is how many different traces a load repeats, each under new guids.
const templates = 64

const bodyHead = `{"guid":"`

// Bodies are templates: what follows the guid, plain and gzip'ed. A gzip file may consist of several
// members, so that only the small head is packed anew for each post.
type Bodies struct {
	tails, packed [][]byte
}

// NewBodies makes up traces on the axis, measured just now.
func NewBodies(seed uint64, axis spectra.Axis) *Bodies {
	now := time.Now().UTC().Truncate(time.Millisecond)
	b := &Bodies{}
	for i := range templates {
		at := now.Add(-time.Duration(i) * time.Second)
		scene := spectra.New(seed, axis, spectra.Sites()[i%len(spectra.Sites())])
		full := spectra.AppendBody(nil, uuid.Nil, at, scene.Site, scene.Trace(at))
		tail := full[len(bodyHead)+len(uuid.Nil.String()):]
		b.tails, b.packed = append(b.tails, tail), append(b.packed, pack(tail))
	}
	return b
}

// Plain returns body i with a guid of its own.
func (b *Bodies) Plain(dst []byte, i int) []byte {
	dst = append(append(dst, bodyHead...), uuid.New().String()...)
	return append(dst, b.tails[i%templates]...)
}

func pack(text []byte) []byte {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, _ = w.Write(text) // a buffer takes everything
	_ = w.Close()
	return out.Bytes()
}

// Posts sends count gzip'ed single posts over some connections, each waiting for an answer before its
// next post; pace, when above 0, bounds all of them to so many per second.
func Posts(ctx context.Context, target Target, bodies *Bodies, count, clients int, pace float64) (*Result, error) {
	address, err := url.Parse(target.URL)
	if err != nil {
		return nil, err
	}
	// All connections stand before the clock starts: making them is no part of what is measured.
	conns := make([]net.Conn, clients)
	for i := range conns {
		var dialer net.Dialer
		if conns[i], err = dialer.DialContext(ctx, "tcp", address.Host); err != nil {
			return nil, err
		}
		defer func() { _ = conns[i].Close() }()
	}
	p := &posts{target: target, address: address, bodies: bodies, count: int64(count), started: time.Now(), pace: pace}
	errs := make([]error, clients)
	var running sync.WaitGroup
	for i := range clients {
		running.Go(func() { errs[i] = p.client(ctx, conns[i]) })
	}
	running.Wait()
	p.result.Took = time.Since(p.started)
	slices.Sort(p.result.Waits)
	return &p.result, errors.Join(errs...)
}

type posts struct {
	target  Target
	address *url.URL
	bodies  *Bodies
	count   int64
	next    atomic.Int64
	started time.Time
	pace    float64

	mu     sync.Mutex
	result Result
}

// client sends over one connection, by hand: net/http's client takes more processor time than the server.
func (p *posts) client(ctx context.Context, conn net.Conn) error {
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	answers := bufio.NewReader(conn)
	head := fmt.Sprintf("POST %s HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\n"+
		"Content-Encoding: gzip\r\nContent-Length: ", p.address.Path, p.address.Host, p.target.Token)
	var own Result
	var request, packed bytes.Buffer
	packer, err := gzip.NewWriterLevel(&packed, gzip.StatelessCompression) // the others begin with a megabyte of memory each
	if err != nil {
		return err
	}
	for n := p.next.Add(1); n <= p.count && ctx.Err() == nil; n = p.next.Add(1) {
		packed.Reset()
		packer.Reset(&packed)
		_, _ = io.WriteString(packer, bodyHead+uuid.New().String()) // into memory
		_ = packer.Close()
		tail := p.bodies.packed[n%templates]
		request.Reset()
		fmt.Fprintf(&request, "%s%d\r\n\r\n", head, packed.Len()+len(tail))
		request.Write(packed.Bytes())
		request.Write(tail)
		sent := p.turn(n)
		if _, err := conn.Write(request.Bytes()); err != nil {
			return err
		}
		status, err := readAnswer(answers)
		if err != nil {
			return err
		}
		own.Waits = append(own.Waits, time.Since(sent))
		if status == http.StatusCreated {
			own.Created++
		} else {
			own.Other++
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.result.Created += own.Created
	p.result.Other += own.Other
	p.result.Waits = append(p.result.Waits, own.Waits...)
	return nil
}

// turn waits for the moment at which post n is due and returns it: with a pace, waiting for a late
// connection counts as waiting for the answer.
func (p *posts) turn(n int64) time.Time {
	if p.pace <= 0 {
		return time.Now()
	}
	due := p.started.Add(time.Duration(float64(n) / p.pace * float64(time.Second)))
	time.Sleep(time.Until(due))
	return due
}

func readAnswer(answers *bufio.Reader) (int, error) {
	response, err := http.ReadResponse(answers, nil)
	if err != nil {
		return 0, err
	}
	_, err = io.Copy(io.Discard, response.Body)
	return response.StatusCode, errors.Join(err, response.Body.Close())
}
