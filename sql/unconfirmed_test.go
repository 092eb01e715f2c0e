package schema

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/jackc/pgx/v5/pgproto3"
	"github.com/stretchr/testify/require"
)

// message is a server's message in bytes.
type message interface {
	Encode(dst []byte) ([]byte, error)
}

func encode(t *testing.T, messages ...message) (stream []byte) {
	t.Helper()
	for _, m := range messages {
		var err error
		stream, err = m.Encode(stream)
		require.NoError(t, err)
	}
	return stream
}

// chunks hands its data out in pieces of a size.
type chunks struct {
	data []byte
	size int
}

func (c *chunks) Read(p []byte) (int, error) {
	if len(c.data) == 0 {
		return 0, io.EOF
	}
	n := copy(p[:min(c.size, len(p))], c.data)
	c.data = c.data[n:]
	return n, nil
}

// However the stream is cut, all goes through unchanged but the warning of a commit without its standbys.
func TestOnlyAnUnconfirmedCommitBecomesAnError(t *testing.T) {
	t.Parallel()
	row := &pgproto3.DataRow{Values: [][]byte{[]byte("NNNN"), nil, []byte(strings.Repeat("N", 100))}}
	harmless := &pgproto3.NoticeResponse{SeverityUnlocalized: "WARNING", Code: "25P01", Message: "no transaction", Routine: "EndTransactionBlock", File: "xact.c"}
	lookalike := &pgproto3.NoticeResponse{SeverityUnlocalized: "DEBUG", Code: "00000", Message: "standby", Routine: "x", File: "syncrep.c"}
	warning := &pgproto3.NoticeResponse{
		Severity: "WARNUNG", SeverityUnlocalized: "WARNING", Code: "01000", Message: "storniere Warten", File: "syncrep.c", Routine: "SyncRepWaitForLSN",
	}
	before := encode(t, row, harmless, row, lookalike, &pgproto3.CommandComplete{CommandTag: []byte("COMMIT")})
	after := encode(t, row, &pgproto3.ReadyForQuery{TxStatus: 'I'})
	want := string(before) + string(unknown("the commit is not confirmed by the synchronous standbys: storniere Warten", "")) + string(after)
	stream := bytes.Join([][]byte{before, encode(t, warning), after}, nil)
	for size := 1; size <= len(stream); size++ {
		got, err := io.ReadAll(&guardedReader{from: &chunks{data: bytes.Clone(stream), size: size}})
		require.NoError(t, err)
		require.Equal(t, want, string(got), "in pieces of %d", size)
	}
	got, err := io.ReadAll(iotest.OneByteReader(&guardedReader{from: bytes.NewReader(stream)}))
	require.NoError(t, err)
	require.Equal(t, want, string(got), "into small buffers")

	var e pgproto3.ErrorResponse
	require.NoError(t, e.Decode(unknown("m", "d")[headLength:]))
	require.Equal(t, pgproto3.ErrorResponse{Severity: "FATAL", SeverityUnlocalized: "FATAL", Code: codeOutcomeUnknown, Message: "m", Detail: "d"}, e)
}
