package driver

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"nms.example/ctrl/internal/template"
)

// scpi speaks SCPI-1999 over a TCP socket, one line each way. Every operation has a connection of its own: after a time-out the
// next answer on the same one would belong to the query before.
type scpi struct {
	anySecret

	networks Networks
}

type (
	scpiSend struct {
		Write string `json:"write"`
	}
	scpiRead struct {
		Query string `json:"query"`
	}
)

func (d scpi) CheckAddress(address string) error { return d.networks.checkHostPort(address) }

func (scpi) CheckOptions(options json.RawMessage) error { return none(options) }

func (scpi) CheckSend(tmpl json.RawMessage) error {
	var t scpiSend
	if err := strict(tmpl, &t); err != nil {
		return err
	}
	if strings.Contains(t.Write, "?") {
		return errors.New(`"write" must not be a query`)
	}
	return scpiLine(`"write"`, t.Write)
}

func (scpi) CheckRead(tmpl json.RawMessage) error {
	var t scpiRead
	if err := strict(tmpl, &t); err != nil {
		return err
	}
	if !strings.Contains(t.Query, "?") || strings.Contains(t.Query, ";") {
		return errors.New(`needs "query", one query such as FREQ?`)
	}
	return scpiLine(`"query"`, t.Query)
}

func scpiLine(member, line string) error {
	if line == "" || strings.ContainsFunc(line, func(r rune) bool { return r < ' ' || r > '~' }) {
		return fmt.Errorf("needs %s, a line of printable ASCII", member)
	}
	return nil
}

func (scpi) Prepare(tmpl json.RawMessage, args template.Args) (Request, error) {
	var t scpiSend
	if err := strict(tmpl, &t); err != nil {
		return Request{}, err
	}
	line, err := template.Text(t.Write, args, func(text string) (string, error) {
		// A text must stay an argument and not become further commands.
		if strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r > '~' || strings.ContainsRune(`;"'#?`, r) }) {
			return "", errors.New(`an argument must be printable ASCII without ; " ' # and ?`)
		}
		return text, nil
	})
	if err != nil {
		return Request{}, err
	}
	return request(line, scpiSend{Write: line})
}

// errorQuery asks for the oldest entry of the error queue, `0,"No error"` when it is empty (SCPI-1999, 21.8).
const errorQuery = "SYST:ERR?"

// maxErrors bounds how many earlier errors are read away.
const maxErrors = 30

func (d scpi) Poll(ctx context.Context, e Endpoint, points []Point) ([]Value, error) {
	conn, err := d.networks.dial(ctx, e.Address)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	defer watch(ctx, conn)()
	answers := newLines(conn)
	if len(points) == 0 {
		_, err := query(conn, answers, "*IDN?")
		return nil, err
	}
	values := make([]Value, 0, len(points))
	for _, p := range points {
		var t scpiRead
		if err := strict(p.Read, &t); err != nil {
			return nil, err
		}
		answer, err := query(conn, answers, t.Query)
		if err != nil {
			return values, err
		}
		values = append(values, Value{Parameter: p.Parameter, Value: scalar(answer), At: time.Now()})
	}
	return values, nil
}

func (d scpi) Send(ctx context.Context, e Endpoint, r Request) (Outcome, Reply, error) {
	var t scpiSend
	if err := strict(r.Body, &t); err != nil {
		return NotSent, Reply{}, err
	}
	conn, err := d.networks.dial(ctx, e.Address)
	if err != nil {
		return NotSent, Reply{}, err
	}
	defer conn.Close()
	defer watch(ctx, conn)()
	answers := newLines(conn)
	// What earlier commands left in the queue must not be taken for an answer to this one.
	if err := emptyErrors(conn, answers); err != nil {
		return NotSent, Reply{}, err
	}
	if _, err := conn.Write([]byte(t.Write + "\n")); err != nil {
		return Unknown, Reply{}, err
	}
	answer, err := query(conn, answers, errorQuery)
	if err != nil {
		return Unknown, Reply{}, err
	}
	if !noError(answer) {
		return Refused, Reply{answer}, errRefused
	}
	return Accepted, Reply{answer}, nil
}

const errErrors PlainError = "the error queue of the equipment does not become empty"

// emptyErrors reads the error queue until it is empty. Its failure means that no command was sent.
func emptyErrors(conn net.Conn, answers *lines) error {
	for range maxErrors {
		answer, err := query(conn, answers, errorQuery)
		if err != nil || noError(answer) {
			return err
		}
	}
	return errErrors
}

func noError(answer string) bool {
	number, _, _ := strings.Cut(answer, ",")
	return strings.TrimLeft(strings.TrimSpace(number), "+-") == "0"
}

// query sends a line and reads the line that answers it.
func query(conn net.Conn, answers *lines, line string) (string, error) {
	if _, err := conn.Write([]byte(line + "\n")); err != nil {
		return "", err
	}
	answer, err := answers.next()
	return strings.TrimSpace(answer), err
}

// scalar reads a text as a number where it is one, in the forms of IEEE 488.2, 8.7 (NR1 to NR3), else as a text without its
// quotes.
func scalar(text string) any {
	number := strings.TrimPrefix(text, "+")
	if json.Valid([]byte(number)) && strings.ContainsAny(number[:1], "-0123456789") {
		return json.Number(number)
	}
	if len(text) >= 2 && text[0] == '"' && text[len(text)-1] == '"' {
		return text[1 : len(text)-1]
	}
	return text
}
