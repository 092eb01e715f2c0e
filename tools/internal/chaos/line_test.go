package chaos

import (
	"bufio"
	"net"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// end is one end of a connection, with a bound for whatever does not come.
type end struct {
	t    *testing.T
	conn net.Conn
	in   *bufio.Reader
}

func newEnd(t *testing.T, conn net.Conn) end {
	t.Helper()
	require.NoError(t, conn.SetDeadline(time.Now().Add(5*time.Minute)))
	t.Cleanup(func() { _ = conn.Close() })
	return end{t, conn, bufio.NewReader(conn)}
}

func (e end) says(line string) {
	e.t.Helper()
	_, err := e.conn.Write([]byte(line + "\n"))
	require.NoError(e.t, err)
}

func (e end) hears(line string) {
	e.t.Helper()
	got, err := e.in.ReadString('\n')
	require.NoError(e.t, err)
	require.Equal(e.t, line+"\n", got)
}

func (e end) ends() error {
	_, err := e.in.ReadString('\n')
	require.Error(e.t, err)
	return err
}

func setupLine(t *testing.T) (l *Line, dial func() (client, equipment end)) {
	t.Helper()
	target, err := net.Listen("tcp4", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = target.Close() })
	l, err = NewLine(t.Context(), target.Addr().String())
	require.NoError(t, err)
	t.Cleanup(l.Close)
	return l, func() (client, equipment end) {
		conn, err := net.Dial("tcp4", l.Address())
		require.NoError(t, err)
		other, err := target.Accept()
		require.NoError(t, err)
		return newEnd(t, conn), newEnd(t, other)
	}
}

func TestALinePassesAndKnowsWhatIsUnanswered(t *testing.T) {
	t.Parallel()
	l, dial := setupLine(t)
	client, equipment := dial()
	require.True(t, l.Settled())
	client.says("set")
	equipment.hears("set")
	require.False(t, l.Settled())
	equipment.says("ok")
	client.hears("ok")
	require.True(t, l.Settled())
	client.says("set")
	require.NoError(t, client.conn.Close())
	equipment.hears("set")
	require.ErrorContains(t, equipment.ends(), "EOF")
	require.False(t, l.Settled(), "the client has gone, and the equipment is at it still")
	require.NoError(t, equipment.conn.Close())
	require.Eventually(t, l.Settled, 5*time.Minute, time.Millisecond)
}

func TestALineThatIsCutRefusesUntilItIsMended(t *testing.T) {
	t.Parallel()
	l, dial := setupLine(t)
	client, equipment := dial()
	client.says("set")
	equipment.hears("set")
	l.Cut()
	require.ErrorIs(t, client.ends(), syscall.ECONNRESET)
	_, err := net.Dial("tcp4", l.Address())
	require.ErrorIs(t, err, syscall.ECONNREFUSED)
	require.False(t, l.Settled(), "it was sent before")
	equipment.says("ok")
	require.ErrorContains(t, equipment.ends(), "EOF")
	require.NoError(t, l.Mend(t.Context()))
	client, equipment = dial()
	client.says("get")
	equipment.hears("get")
}

func TestALineThatIsHeldPassesLater(t *testing.T) {
	t.Parallel()
	l, dial := setupLine(t)
	l.Hold()
	client, equipment := dial()
	client.says("set")
	require.NoError(t, client.conn.Close(), "given up")
	require.Eventually(t, func() bool { return !l.Settled() }, 5*time.Minute, time.Millisecond)
	require.NoError(t, equipment.conn.SetReadDeadline(time.Now().Add(20*time.Millisecond)))
	require.ErrorContains(t, equipment.ends(), "timeout")
	require.NoError(t, equipment.conn.SetReadDeadline(time.Now().Add(5*time.Minute)))
	l.Release()
	equipment.hears("set")
	require.ErrorContains(t, equipment.ends(), "EOF")
	l.Hold() // Close ends what is held
}
