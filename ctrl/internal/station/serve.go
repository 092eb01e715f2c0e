package station

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"sync"
)

// Request is a line that the station reads: JSON, ended by a newline.
type Request struct {
	Op     string `json:"op"` // ping, get, set, fault, executed
	Device string `json:"device,omitempty"`
	Name   string `json:"name,omitempty"`
	Value  any    `json:"value,omitempty"`
	Fault  Fault  `json:"fault,omitempty"`
	On     bool   `json:"on,omitempty"`
}

// Response is the line that it answers.
type Response struct {
	Value    any         `json:"value,omitempty"`
	Devices  []string    `json:"devices,omitempty"`
	Executed []Execution `json:"executed,omitempty"`
	Refused  string      `json:"refused,omitempty"` // why nothing was done
}

// maxLine bounds a line, in bytes.
const maxLine = 64 << 10

// Serve answers on a listener, any number of requests per connection, until ctx ends.
func (s *Station) Serve(ctx context.Context, listener net.Listener) error {
	var group sync.WaitGroup
	defer group.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stop := context.AfterFunc(ctx, func() { _ = listener.Close() })
	defer stop()
	for {
		conn, err := listener.Accept()
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return fmt.Errorf("accept a connection: %w", err)
		}
		group.Go(func() {
			stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
			defer stop()
			s.serve(conn)
		})
	}
}

func (s *Station) serve(conn net.Conn) {
	defer conn.Close()
	lines := bufio.NewScanner(conn)
	lines.Buffer(nil, maxLine)
	for lines.Scan() {
		var request Request
		response := Response{Refused: "the line is no request"}
		answered := true
		if err := json.Unmarshal(lines.Bytes(), &request); err == nil {
			response, answered = s.answer(request)
		}
		if !answered {
			continue // the other side waits in vain, on an open connection
		}
		line, err := json.Marshal(response)
		if err != nil {
			return
		}
		if _, err := conn.Write(append(line, '\n')); err != nil {
			return
		}
	}
}

var errOp = errors.New("the operations are ping, get, set, fault and executed")

func (s *Station) answer(r Request) (response Response, answered bool) {
	answered = true
	var err error
	switch r.Op {
	case "ping":
		response.Devices = s.Devices()
	case "get":
		response.Value, answered, err = s.Get(r.Device, r.Name)
	case "set":
		answered, err = s.Set(r.Device, r.Name, r.Value)
	case "fault":
		err = s.SetFault(r.Device, r.Fault, r.On)
	case "executed":
		response.Executed = s.Executed()
	default:
		err = errOp
	}
	if err != nil {
		response = Response{Refused: err.Error()}
	}
	return response, answered
}
