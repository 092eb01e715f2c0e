package chaos

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// Cut is a place in the talk between a service and RabbitMQ where the connection is cut.
type Cut int

// The places. A publish or delivery that is cut arrives in half; a confirm or acknowledgement that is cut does not
// arrive, although what it speaks of was done.
const (
	CutPublish     Cut = iota // half-way through a publish
	CutConfirm                // before the broker's confirm of a publish gets through
	CutDelivery               // half-way through a delivery to a consumer
	CutAcknowledge            // before a consumer's acknowledgement gets through
	cutKinds
)

// String names the place for a table.
func (c Cut) String() string {
	return [...]string{"publish", "confirm", "delivery", "acknowledgement"}[c]
}

// How a cut is recognised: the class and method of the frame (AMQP 0-9-1, class 60 "basic": publish 40, deliver 60, ack
// 80, which confirms in one direction and acknowledges in the other), and whether the frame's first half passes.
var cuts = [cutKinds]struct {
	method   []byte
	toBroker bool
	half     bool
}{
	CutPublish:     {[]byte{0, 60, 0, 40}, true, true},
	CutConfirm:     {[]byte{0, 60, 0, 80}, false, false},
	CutDelivery:    {[]byte{0, 60, 0, 60}, false, true},
	CutAcknowledge: {[]byte{0, 60, 0, 80}, true, false},
}

// Proxy stands between the services and RabbitMQ and passes everything on until it is told to cut.
type Proxy struct {
	listener net.Listener
	target   string
	armed    [cutKinds]atomic.Bool
	done     [cutKinds]atomic.Int64

	mu     sync.Mutex
	closed bool
	open   map[net.Conn]struct{}
	work   sync.WaitGroup
}

// NewProxy listens on a free loopback port and passes connections on to target (host:port). Close ends it.
func NewProxy(ctx context.Context, target string) (*Proxy, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp4", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen before RabbitMQ: %w", err)
	}
	p := &Proxy{listener: listener, target: target, open: map[net.Conn]struct{}{}}
	p.work.Go(p.accept)
	return p, nil
}

// Address is where it listens.
func (p *Proxy) Address() string { return p.listener.Addr().String() }

// Arm makes it cut the next time that the place is met, once.
func (p *Proxy) Arm(c Cut) { p.armed[c].Store(true) }

// Disarm takes back what was armed and not met.
func (p *Proxy) Disarm() {
	for i := range p.armed {
		p.armed[i].Store(false)
	}
}

// Done tells how often a place was cut.
func (p *Proxy) Done(c Cut) int { return int(p.done[c].Load()) }

// Close ends all connections and returns when nothing runs any more.
func (p *Proxy) Close() {
	_ = p.listener.Close()
	p.mu.Lock()
	p.closed = true
	for conn := range p.open {
		_ = conn.Close()
	}
	p.mu.Unlock()
	p.work.Wait()
}

// keep remembers a connection for Close; false: it is too late.
func (p *Proxy) keep(conns ...net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, conn := range conns {
		if p.closed {
			_ = conn.Close()
			continue
		}
		p.open[conn] = struct{}{}
	}
	return !p.closed
}

// drop closes connections with a reset, so that neither end takes it for an orderly end.
func (p *Proxy) drop(conns ...net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, conn := range conns {
		if tcp, ok := conn.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0) // fails only when it is closed
		}
		_ = conn.Close()
		delete(p.open, conn)
	}
}

func (p *Proxy) accept() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			if errors.Is(err, net.ErrClosed) {
				return
			}
			continue
		}
		p.work.Go(func() { p.serve(client) })
	}
}

func (p *Proxy) serve(client net.Conn) {
	const patience = 5 * time.Second
	broker, err := net.DialTimeout("tcp4", p.target, patience) //nolint:noctx // bounded by its time
	if err != nil {
		p.drop(client) // refused, as the broker itself would
		return
	}
	if !p.keep(client, broker) {
		_ = client.Close()
		_ = broker.Close()
		return
	}
	var both sync.WaitGroup
	both.Go(func() { p.pass(broker, client, true) })
	both.Go(func() { p.pass(client, broker, false) })
	both.Wait()
}

// pass copies one direction until it ends or is cut; then the other direction ends too.
func (p *Proxy) pass(to, from net.Conn, toBroker bool) {
	defer p.drop(to, from)
	buffer := make([]byte, 64<<10)
	for {
		n, err := from.Read(buffer)
		if n > 0 {
			chunk, cut := p.inspect(buffer[:n], toBroker)
			if _, errWrite := to.Write(chunk); errWrite != nil || cut {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// inspect looks for an armed place; when it is there, what may still pass is given, and true.
func (p *Proxy) inspect(chunk []byte, toBroker bool) (rest []byte, cut bool) {
	for c := range cutKinds {
		place := cuts[c]
		if place.toBroker != toBroker || !p.armed[c].Load() {
			continue
		}
		at := frameOf(chunk, place.method)
		if at < 0 || !p.armed[c].CompareAndSwap(true, false) {
			continue
		}
		p.done[c].Add(1)
		if place.half {
			return chunk[:at+(len(chunk)-at+1)/2], true
		}
		return chunk[:at], true
	}
	return chunk, false
}

// frameOf returns the start of the first method frame with the given class and method, or -1. A frame is type (1: method),
// channel (2 bytes), size (4 bytes), payload.
func frameOf(chunk, method []byte) int {
	const header = 7
	for from := 0; ; {
		i := bytes.Index(chunk[from:], method)
		if i < 0 {
			return -1
		}
		if at := from + i - header; at >= 0 && chunk[at] == 1 {
			return at
		}
		from += i + 1
	}
}
