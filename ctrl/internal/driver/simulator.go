package driver

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"time"

	"nms.example/ctrl/internal/station"
	"nms.example/ctrl/internal/template"
)

// simulator speaks to the simulated station. The endpoint's option "device" names the device there.
type simulator struct {
	anySecret

	networks Networks
}

type (
	simulatorOptions struct {
		Device string `json:"device"`
	}
	simulatorSend struct {
		Set   string `json:"set"`
		Value any    `json:"value"`
	}
	simulatorRead struct {
		Get string `json:"get"`
	}
)

func (d simulator) CheckAddress(address string) error { return d.networks.checkHostPort(address) }

func (simulator) CheckOptions(options json.RawMessage) error {
	var o simulatorOptions
	if err := strict(options, &o); err != nil {
		return err
	}
	if o.Device == "" {
		return errors.New(`needs "device", such as rx1`)
	}
	return visible("device", o.Device)
}

func (simulator) CheckSend(tmpl json.RawMessage) error {
	var t simulatorSend
	if err := strict(tmpl, &t); err != nil {
		return err
	}
	if t.Set == "" || t.Value == nil {
		return errors.New(`needs "set", the parameter, and "value"`)
	}
	return visible("set", t.Set)
}

func (simulator) CheckRead(tmpl json.RawMessage) error {
	var t simulatorRead
	if err := strict(tmpl, &t); err != nil {
		return err
	}
	if t.Get == "" {
		return errors.New(`needs "get", the parameter`)
	}
	return visible("get", t.Get)
}

func (simulator) Prepare(tmpl json.RawMessage, args template.Args) (Request, error) {
	var t simulatorSend
	if err := strict(tmpl, &t); err != nil {
		return Request{}, err
	}
	set, err := template.Text(t.Set, args, nil)
	if err != nil {
		return Request{}, err
	}
	value, err := template.Value(t.Value, args)
	if err != nil {
		return Request{}, err
	}
	shown, err := json.Marshal(value)
	if err != nil {
		return Request{}, err
	}
	return request(fmt.Sprintf("set %s %s", set, shown), simulatorSend{Set: set, Value: value})
}

func (d simulator) Poll(ctx context.Context, e Endpoint, points []Point) ([]Value, error) {
	var o simulatorOptions
	if err := strict(e.Options, &o); err != nil {
		return nil, err
	}
	conn, err := d.networks.dial(ctx, e.Address)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	defer watch(ctx, conn)()
	answers := newLines(conn)
	if len(points) == 0 {
		_, err := ask(conn, answers, station.Request{Op: "ping"})
		return nil, err
	}
	values := make([]Value, 0, len(points))
	for _, p := range points {
		var t simulatorRead
		if err := strict(p.Read, &t); err != nil {
			return nil, err
		}
		answer, err := ask(conn, answers, station.Request{Op: "get", Device: o.Device, Name: t.Get})
		if err != nil {
			return values, err
		}
		values = append(values, Value{Parameter: p.Parameter, Value: answer.Value, At: time.Now(), Problem: answer.Refused})
	}
	return values, nil
}

func (d simulator) Send(ctx context.Context, e Endpoint, r Request) (Outcome, Reply, error) {
	var o simulatorOptions
	var t simulatorSend
	if err := errors.Join(strict(e.Options, &o), strict(r.Body, &t)); err != nil {
		return NotSent, Reply{}, err
	}
	conn, err := d.networks.dial(ctx, e.Address)
	if err != nil {
		return NotSent, Reply{}, err
	}
	defer conn.Close()
	defer watch(ctx, conn)()
	answer, err := ask(conn, newLines(conn), station.Request{Op: "set", Device: o.Device, Name: t.Set, Value: t.Value})
	switch {
	case err != nil:
		return Unknown, Reply{}, err
	case answer.Refused != "":
		return Refused, Reply{answer.Refused}, errRefused
	default:
		return Accepted, Reply{"ok"}, nil
	}
}

func ask(conn net.Conn, answers *lines, r station.Request) (answer station.Response, err error) {
	line, err := json.Marshal(r)
	if err != nil {
		return answer, err
	}
	if _, err := conn.Write(append(line, '\n')); err != nil {
		return answer, err
	}
	text, err := answers.next()
	if err != nil {
		return answer, err
	}
	return answer, exact([]byte(text), &answer)
}
