package main

import (
	"bufio"
	"context"
	"io"
	"net"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTheStationAnswersUntilItIsStopped(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	printed, out := io.Pipe()
	ended := make(chan error, 1)
	go func() { ended <- run(ctx, []string{"-listen", "127.0.0.1:0"}, out) }()
	line, err := bufio.NewReader(printed).ReadString('\n')
	require.NoError(t, err)
	address := strings.TrimSpace(strings.TrimPrefix(line, "the station listens on"))
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", address)
	require.NoError(t, err)
	answers := bufio.NewReader(conn)
	for _, c := range []struct{ request, answer string }{
		{`{"op":"set","device":"rx3","name":"gain_db","value":12}`, `{}`},
		{`{"op":"get","device":"rx3","name":"gain_db"}`, `{"value":12}`},
		{`{"op":"fault","device":"rx3","fault":"refusals","on":true}`, `{}`},
		{`{"op":"set","device":"rx3","name":"gain_db","value":13}`, `{"refused":"the device rx3 refuses"}`},
		{`{"op":"executed"}`, `{"executed":[{"device":"rx3","name":"gain_db","value":12}]}`},
		{`nonsense`, `{"refused":"the line is no request"}`},
	} {
		_, err := io.WriteString(conn, c.request+"\n")
		require.NoError(t, err)
		answer, err := answers.ReadString('\n')
		require.NoError(t, err)
		require.JSONEq(t, c.answer, answer, c.request)
	}
	stop()
	require.NoError(t, <-ended)
	require.NoError(t, conn.Close())
	require.Error(t, run(t.Context(), []string{"-listen", "nowhere"}, io.Discard))
	require.NoError(t, run(t.Context(), []string{"-h"}, io.Discard))
}
