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

func nothing(string) string { return "" }

// start serves on a free port until the returned function is called.
func start(t *testing.T, args []string, getenv func(string) string) (address string, stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	printed, out := io.Pipe()
	ended := make(chan error, 1)
	go func() { ended <- run(ctx, args, getenv, out) }()
	lines := bufio.NewReader(printed)
	line, err := lines.ReadString('\n')
	require.NoError(t, err)
	go func() { _, _ = io.Copy(io.Discard, lines) }() // what it executes
	return strings.TrimSpace(strings.TrimPrefix(line, "the station listens on")), func() {
		cancel()
		require.NoError(t, <-ended)
		require.NoError(t, out.Close())
	}
}

func TestTheStationAnswersUntilItIsStopped(t *testing.T) {
	t.Parallel()
	address, stop := start(t, []string{"-listen", "127.0.0.1:0"}, nothing)
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
	require.NoError(t, conn.Close())
	require.Error(t, run(t.Context(), []string{"-listen", "nowhere"}, nothing, io.Discard))
	var help strings.Builder
	require.NoError(t, run(t.Context(), []string{"-h"}, nothing, &help))
	for _, words := range []string{"fault DEVICE FAULT on|off", "lost_answers", "-pairs", "-listen"} {
		require.Contains(t, help.String(), words)
	}
}

// In a container the address comes by the variables that services have, and the image's health check asks the station.
func TestTheStationIsAskedFromOutside(t *testing.T) {
	t.Parallel()
	variables := func(name string) string {
		return map[string]string{"HOST": "127.0.0.1", "PORT": "0", "PAIRS": "9"}[name]
	}
	address, stop := start(t, nil, variables)
	call := func(args ...string) error {
		return run(t.Context(), append([]string{"-listen", address}, args...), nothing, io.Discard)
	}
	require.NoError(t, call("--healthcheck"))
	require.NoError(t, call("fault", "rx1", "lost_queries", "on"))
	require.NoError(t, call("fault", "rx9", "lost_queries", "on"))
	require.ErrorContains(t, call("fault", "rx10", "lost_queries", "on"), `no device "rx10"`)
	require.ErrorContains(t, call("fault", "rx1", "smoke", "off"), "the faults are")
	require.ErrorContains(t, call("-pairs", "0"), "from 1 to 10000 pairs")
	require.ErrorContains(t, run(t.Context(), nil, func(string) string { return "many" }, io.Discard), "PAIRS")
	for _, args := range [][]string{{"fault"}, {"fault", "rx1", "drift", "maybe"}, {"serve"}} {
		require.ErrorContains(t, call(args...), "usage:", args)
	}
	stop()
	require.Error(t, call("--healthcheck"))
}
