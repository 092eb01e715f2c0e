package driver

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"syscall"
	"time"

	"nms.example/common/fault"
)

// Networks are those that endpoints may lie in. Without any nothing can be reached.
type Networks []netip.Prefix

// Decode reads "10.0.0.0/8, fd00::/8"; it implements envconfig's Decoder.
func (n *Networks) Decode(value string) error {
	*n = nil
	for part := range strings.SplitSeq(value, ",") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		prefix, err := netip.ParsePrefix(part)
		if err != nil {
			return errors.New("must be networks such as 10.0.0.0/8, separated by commas")
		}
		*n = append(*n, prefix.Masked())
	}
	return nil
}

// Contains reports whether an address lies in one of the networks.
func (n Networks) Contains(addr netip.Addr) bool {
	addr = addr.Unmap().WithZone("")
	for _, prefix := range n {
		if prefix.Contains(addr) {
			return true
		}
	}
	return false
}

var codeNotAllowed = fault.Declare(fault.Invalid, "address_not_allowed", "The address lies outside the networks that the service may reach.")

// ErrNotAllowed says that an address lies outside CTRL_ALLOWED_NETWORKS.
var ErrNotAllowed = fault.At(fault.Field("address"), codeNotAllowed, "lies outside the networks of CTRL_ALLOWED_NETWORKS")

// control refuses a connection to an address outside the networks. It is asked behind the resolution of names, about the very
// address that is connected to.
func (n Networks) control(_, address string, _ syscall.RawConn) error {
	peer, err := netip.ParseAddrPort(address)
	if err != nil || !n.Contains(peer.Addr()) {
		return ErrNotAllowed
	}
	return nil
}

// dial connects by TCP. Each failure means that nothing was sent.
func (n Networks) dial(ctx context.Context, address string) (net.Conn, error) {
	dialer := net.Dialer{Control: n.control}
	conn, err := dialer.DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	if deadline, ok := ctx.Deadline(); ok {
		if err := conn.SetDeadline(deadline); err != nil {
			return nil, errors.Join(err, conn.Close())
		}
	}
	return conn, nil
}

// maxAnswer bounds what is read of an answer, in bytes.
const maxAnswer = 1 << 20

// lines reads what a piece of equipment answers on one connection, line by line, at most maxAnswer in all.
type lines struct {
	*bufio.Reader

	left *io.LimitedReader
}

func newLines(conn net.Conn) *lines {
	left := &io.LimitedReader{R: conn, N: maxAnswer}
	return &lines{bufio.NewReader(left), left}
}

const errTooLong PlainError = "the answer does not end"

// next returns a line with its end.
func (l *lines) next() (string, error) {
	line, err := l.ReadString('\n')
	if errors.Is(err, io.EOF) && l.left.N <= 0 {
		return "", errTooLong
	}
	return line, err
}

// watch ends what waits on a connection when ctx ends. The returned function ends the watching.
func watch(ctx context.Context, conn net.Conn) (stop func() bool) {
	return context.AfterFunc(ctx, func() {
		_ = conn.SetDeadline(time.Unix(1, 0)) // a closed connection waits for nothing
	})
}

// CheckLiteral refuses an address whose host is written as a number and lies outside the networks. Names are looked
// at when they are resolved.
func (n Networks) CheckLiteral(host string) error {
	addr, err := netip.ParseAddr(host)
	if err == nil && !n.Contains(addr) {
		return ErrNotAllowed
	}
	return nil
}

// checkHostPort checks an address of the form host:port.
func (n Networks) checkHostPort(address string) error {
	host, port, err := net.SplitHostPort(address)
	if err != nil || host == "" || strings.ContainsFunc(host, func(r rune) bool { return r <= ' ' || r == '/' }) {
		return errors.New("must have the form host:port")
	}
	if number, err := strconv.ParseUint(port, 10, 16); err != nil || number == 0 {
		return errors.New("must have a port from 1 to 65535")
	}
	return n.CheckLiteral(host)
}
