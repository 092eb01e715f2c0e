package chaos

import (
	"io"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// method is a frame with a method of class 60 on channel 1, and the frame's end.
func method(number byte) []byte {
	return []byte{1, 0, 1, 0, 0, 0, 6, 0, 60, 0, number, 1, 2, 0xce}
}

type pair struct{ service, broker net.Conn }

// connect opens a connection through the proxy and returns both ends.
func connect(t *testing.T, p *Proxy, broker net.Listener) pair {
	t.Helper()
	service, err := net.Dial("tcp4", p.Address())
	require.NoError(t, err)
	t.Cleanup(func() { _ = service.Close() })
	end, err := broker.Accept()
	require.NoError(t, err)
	t.Cleanup(func() { _ = end.Close() })
	for _, conn := range []net.Conn{service, end} {
		require.NoError(t, conn.SetDeadline(time.Now().Add(5*time.Minute)))
	}
	return pair{service, end}
}

func setupProxy(t *testing.T) (*Proxy, net.Listener) {
	t.Helper()
	broker, err := net.Listen("tcp4", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = broker.Close() })
	p, err := NewProxy(t.Context(), broker.Addr().String())
	require.NoError(t, err)
	t.Cleanup(p.Close)
	return p, broker
}

func TestTheProxyCutsWhereItIsArmed(t *testing.T) {
	t.Parallel()
	const publish, deliver, ack = 40, 60, 80
	for _, c := range []struct {
		place    Cut
		number   byte
		toBroker bool
		passes   int
	}{
		{CutPublish, publish, true, 7}, {CutConfirm, ack, false, 0}, {CutDelivery, deliver, false, 7}, {CutAcknowledge, ack, true, 0},
	} {
		t.Run(c.place.String(), func(t *testing.T) {
			t.Parallel()
			p, broker := setupProxy(t)
			conns := connect(t, p, broker)
			from, to := conns.broker, conns.service
			if c.toBroker {
				from, to = conns.service, conns.broker
			}
			whole := make([]byte, len(method(c.number)))
			_, err := from.Write(method(c.number))
			require.NoError(t, err)
			_, err = io.ReadFull(to, whole)
			require.NoError(t, err, "unarmed, everything passes")
			require.Equal(t, method(c.number), whole)

			p.Arm(c.place)
			_, err = to.Write(method(c.number)) // the other direction is none of its business
			require.NoError(t, err)
			_, err = io.ReadFull(from, whole)
			require.NoError(t, err)
			require.Zero(t, p.Done(c.place))

			_, err = from.Write(method(c.number))
			require.NoError(t, err)
			n, err := io.ReadFull(to, whole)
			require.Error(t, err, "the connection is cut")
			require.LessOrEqual(t, n, c.passes, "a reset may even take back what had passed")
			require.Equal(t, 1, p.Done(c.place))

			again := connect(t, p, broker) // the next connection passes again: it was armed once
			_, err = again.service.Write(method(c.number))
			require.NoError(t, err)
			_, err = io.ReadFull(again.broker, whole)
			require.NoError(t, err)
		})
	}
}

func TestAFrameIsToldFromTheSameBytesInsideAnother(t *testing.T) {
	t.Parallel()
	publish := cuts[CutPublish].method
	require.Equal(t, 0, frameOf(method(40), publish))
	require.Equal(t, -1, frameOf(method(60), publish))
	body := append([]byte{3, 0, 1, 0, 0, 0, 4}, publish...)
	require.Equal(t, -1, frameOf(body, publish), "a body that looks like a method")
	require.Equal(t, len(body), frameOf(append(body, method(40)...), publish))
	require.Equal(t, -1, frameOf(publish, publish), "cut off before")
}

func TestAClosedProxyLeavesNothingOpen(t *testing.T) {
	t.Parallel()
	p, broker := setupProxy(t)
	conns := connect(t, p, broker)
	p.Arm(CutPublish)
	p.Disarm()
	p.Close()
	_, err := conns.service.Read(make([]byte, 1))
	require.Error(t, err)
	_, err = net.Dial("tcp4", p.Address())
	require.Error(t, err)
}
