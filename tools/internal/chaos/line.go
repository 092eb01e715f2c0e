package chaos

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"
)

// Line stands between ctrl and the simulator. It passes lines on, holds what is under way, or is cut.
type Line struct {
	target string

	mu       sync.Mutex
	listener net.Listener  // nil while it is cut
	address  string        // where it listens, cut or not
	passing  chan struct{} // closed while lines pass
	calls    map[*call]struct{}
	closed   bool
	work     sync.WaitGroup
}

// call is a connection through the line.
type call struct {
	client, equipment net.Conn
	// asked and answered count lines, from the moment at which they were read.
	asked, answered int
}

// NewLine listens and passes connections on to target (host:port). Close ends it.
func NewLine(ctx context.Context, target string) (*Line, error) {
	l := &Line{target: target, passing: make(chan struct{}), calls: map[*call]struct{}{}}
	close(l.passing)
	// Nothing else listens on this address of loopback, and no outgoing connection takes its ports: a line that was cut finds its port again.
	return l, l.listen(ctx, "127.0.0.2:0")
}

// Address is where it listens, or will when it is no longer cut.
func (l *Line) Address() string { return l.address }

func (l *Line) listen(ctx context.Context, address string) error {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp4", address)
	if err != nil {
		return fmt.Errorf("listen before the simulator: %w", err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.listener, l.address = listener, listener.Addr().String()
	l.work.Go(func() { l.accept(listener) })
	return nil
}

// Cut resets every connection on ctrl's side and refuses new ones. What the equipment was sent before, it has.
func (l *Line) Cut() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.listener != nil {
		_ = l.listener.Close()
		l.listener = nil
	}
	for one := range l.calls {
		reset(one.client)
	}
}

// Mend ends a cut.
func (l *Line) Mend(ctx context.Context) error { return l.listen(ctx, l.Address()) }

// Hold lets nothing pass, in either direction, until Release: connections are taken, and what comes is kept.
func (l *Line) Hold() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.passing = make(chan struct{})
}

// Release lets pass what was held, however long ago its sender has given up.
func (l *Line) Release() {
	l.mu.Lock()
	defer l.mu.Unlock()
	close(l.passing)
}

// Settled reports whether the equipment has answered everything that was sent to it, so that nothing sent is still to be executed.
func (l *Line) Settled() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	for one := range l.calls {
		if one.asked != one.answered {
			return false
		}
	}
	return true
}

// Close ends all connections and returns when nothing runs any more.
func (l *Line) Close() {
	l.Cut()
	l.mu.Lock()
	l.closed = true
	for one := range l.calls {
		_ = one.equipment.Close()
	}
	select {
	case <-l.passing:
	default:
		close(l.passing)
	}
	l.mu.Unlock()
	l.work.Wait()
}

// reset closes a connection so that the other end does not take it for an orderly end.
func reset(conn net.Conn) {
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0) // fails only when it is closed
	}
	_ = conn.Close()
}

func (l *Line) accept(listener net.Listener) {
	for {
		client, err := listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err == nil {
			l.work.Go(func() { l.serve(client) })
		}
	}
}

func (l *Line) serve(client net.Conn) {
	const patience = 5 * time.Second
	equipment, err := net.DialTimeout("tcp4", l.target, patience) //nolint:noctx // bounded by its time
	if err != nil {
		reset(client)
		return
	}
	one := &call{client: client, equipment: equipment}
	l.mu.Lock()
	if l.closed || l.listener == nil {
		l.mu.Unlock()
		reset(client)
		_ = equipment.Close()
		return
	}
	l.calls[one] = struct{}{}
	l.mu.Unlock()
	var both sync.WaitGroup
	both.Go(func() {
		l.pass(equipment, client, &one.asked)
		// The equipment reads to the end what it was sent, and ends the connection.
		if tcp, ok := equipment.(*net.TCPConn); ok {
			_ = tcp.CloseWrite() // fails only when it is closed
		}
	})
	both.Go(func() {
		l.pass(client, equipment, &one.answered)
		reset(client)
		_ = equipment.Close()
	})
	both.Wait()
	l.mu.Lock()
	delete(l.calls, one)
	l.mu.Unlock()
}

// pass copies one direction to its end and counts its lines. What can no longer be written is read all the same.
func (l *Line) pass(to, from net.Conn, lines *int) {
	buffer := make([]byte, 64<<10)
	for {
		n, err := from.Read(buffer)
		l.mu.Lock()
		*lines += bytes.Count(buffer[:n], []byte{'\n'})
		passing := l.passing
		l.mu.Unlock()
		<-passing
		if n > 0 {
			_, _ = to.Write(buffer[:n]) // a side that is gone closes both
		}
		if err != nil {
			return
		}
	}
}
