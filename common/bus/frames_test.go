package bus_test

import (
	"encoding/binary"
	"io"
	"net"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"nms.example/common/config"
)

// Class and method of AMQP 0-9-1 frames.
var (
	exchangeDeclare = [4]byte{0, 40, 0, 10}
	queueBind       = [4]byte{0, 50, 0, 20}
	channelClose    = [4]byte{0, 20, 0, 40}
)

// proxy stands before a broker. It counts the methods that clients call and can lose some of them on the way, which
// looks like a broker that hangs in just these.
type proxy struct {
	addr string
	dial func() (net.Conn, error) // to the broker

	mu    sync.Mutex
	lost  [][4]byte
	calls map[[4]byte]int
	open  map[net.Conn]bool
	work  sync.WaitGroup
}

// newProxy passes connections on to a target until the test ends. Without one it takes them and never answers.
func newProxy(t *testing.T, target string, lost ...[4]byte) *proxy {
	t.Helper()
	if target == "" {
		return startProxy(t, nil)
	}
	return startProxy(t, func() (net.Conn, error) { return new(net.Dialer).DialContext(t.Context(), "tcp", target) }, lost...)
}

func startProxy(t *testing.T, dial func() (net.Conn, error), lost ...[4]byte) *proxy {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp4", "127.0.0.1:0")
	require.NoError(t, err)
	p := &proxy{addr: listener.Addr().String(), dial: dial, lost: lost, calls: map[[4]byte]int{}, open: map[net.Conn]bool{}}
	p.work.Go(func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			p.track(client)
			if dial == nil {
				continue
			}
			broker, err := dial()
			if err != nil {
				_ = client.Close()
				continue
			}
			p.track(broker)
			p.work.Go(func() { p.toBroker(broker, client) })
			p.work.Go(func() { _, _ = io.Copy(client, broker); _ = client.Close(); _ = broker.Close() })
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		p.cut()
		p.work.Wait()
	})
	return p
}

func (p *proxy) track(c net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.open[c] = true
}

// cut closes all connections.
func (p *proxy) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.open {
		_ = c.Close()
		delete(p.open, c)
	}
}

// lose sets the methods that are lost from now on.
func (p *proxy) lose(lost ...[4]byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.lost = lost
}

// called returns how often a method was called.
func (p *proxy) called(method [4]byte) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.calls[method]
}

// toBroker passes the protocol header and then frames: type, channel, size, payload, end (AMQP 0-9-1, section 2.3.5).
func (p *proxy) toBroker(broker, client net.Conn) {
	defer func() { _ = broker.Close(); _ = client.Close() }()
	if _, err := io.CopyN(broker, client, 8); err != nil {
		return
	}
	head := make([]byte, 7)
	for {
		if _, err := io.ReadFull(client, head); err != nil {
			return
		}
		frame := make([]byte, 7+int(binary.BigEndian.Uint32(head[3:]))+1)
		copy(frame, head)
		if _, err := io.ReadFull(client, frame[7:]); err != nil {
			return
		}
		if head[0] == 1 && p.loses([4]byte(frame[7:11])) {
			continue
		}
		if _, err := broker.Write(frame); err != nil {
			return
		}
	}
}

func (p *proxy) loses(method [4]byte) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.calls[method]++
	return slices.Contains(p.lost, method)
}

// at returns the broker's address with other hosts.
func at(t *testing.T, dsn config.AMQPDSN, hosts ...string) (out config.AMQPDSN) {
	t.Helper()
	require.NoError(t, out.Decode(strings.Replace(dsn.Reveal(), "@"+hostOf(t, dsn), "@"+strings.Join(hosts, ","), 1)))
	return out
}

func hostOf(t *testing.T, dsn config.AMQPDSN) string {
	t.Helper()
	u, err := url.Parse(dsn.Reveal())
	require.NoError(t, err)
	return u.Host
}
