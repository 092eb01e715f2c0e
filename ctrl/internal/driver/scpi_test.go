package driver_test

import (
	"bufio"
	"encoding/json"
	"io"
	"net"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"nms.example/ctrl/internal/driver"
	"nms.example/ctrl/internal/template"
)

// instrument is a SCPI instrument with one setting and an error queue.
type instrument struct {
	mu       sync.Mutex
	gain     string
	errors   []string
	executed []string
	mute     bool // it executes commands and answers nothing
}

func (i *instrument) serve(listener net.Listener) {
	for {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		go func() {
			defer conn.Close()
			for lines := bufio.NewScanner(conn); lines.Scan(); {
				if answer := i.answer(lines.Text()); answer != "" {
					_, _ = io.WriteString(conn, answer+"\n")
				}
			}
		}()
	}
}

func (i *instrument) answer(line string) string {
	i.mu.Lock()
	defer i.mu.Unlock()
	switch {
	case line == "SYST:ERR?" && i.mute && len(i.executed) > 0:
		return ""
	case line == "SYST:ERR?" && len(i.errors) > 0:
		first := i.errors[0]
		i.errors = i.errors[1:]
		return first
	case line == "SYST:ERR?":
		return `+0,"No error"`
	case line == "*IDN?":
		return "NMS,Receiver,1,1.0"
	case line == "GAIN?":
		return i.gain
	case line == "MODE?":
		return `"FM"`
	case strings.HasPrefix(line, "GAIN "):
		i.executed = append(i.executed, line)
		if i.gain = strings.TrimPrefix(line, "GAIN "); i.gain == "99" {
			i.errors = append(i.errors, `-222,"Data out of range"`)
		}
		return ""
	default:
		i.errors = append(i.errors, `-113,"Undefined header"`)
		return ""
	}
}

func TestSCPI(t *testing.T) {
	t.Parallel()
	i, listener := &instrument{gain: "+1.25000000E+01", errors: []string{`-350,"Queue overflow"`}}, listen(t)
	go i.serve(listener)
	e := driver.Endpoint{Address: listener.Addr().String(), Options: json.RawMessage(`{}`)}
	poll(t, "scpi", e)
	values := poll(t, "scpi", e, `gain {"query":"GAIN?"}`, `mode {"query":"MODE?"}`)
	require.Equal(t, []any{json.Number("1.25000000E+01"), "FM"}, []any{values[0].Value, values[1].Value})

	outcome, reply, err := try(patient(t), t, "scpi", e, `{"write":"GAIN {gain}"}`, gain)
	require.NoError(t, err, "an older error is not this command's")
	require.Equal(t, driver.Accepted, outcome)
	require.Equal(t, `+0,"No error"`, reply.Text)
	outcome, reply, err = try(patient(t), t, "scpi", e, `{"write":"GAIN {gain}"}`, template.Args{"gain": json.Number("99")})
	require.Error(t, err)
	require.Equal(t, driver.Refused, outcome)
	require.Contains(t, reply.Text, "-222")

	i.mu.Lock()
	i.mute, i.executed = true, nil
	i.mu.Unlock()
	outcome, _, err = try(until(t, func() bool {
		i.mu.Lock()
		defer i.mu.Unlock()
		return len(i.executed) > 0
	}), t, "scpi", e, `{"write":"GAIN {gain}"}`, gain)
	require.Error(t, err)
	require.Equal(t, driver.Unknown, outcome)
	i.mu.Lock()
	defer i.mu.Unlock()
	require.Equal(t, []string{"GAIN 12.5"}, i.executed, "once")
}
