// Package driver speaks to equipment. A driver knows one protocol; what it says comes from the templates of bindings.
package driver

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"nms.example/common/config"
	"nms.example/common/fault"
	"nms.example/common/name"

	"nms.example/ctrl/internal/template"
)

// Outcome is what is known of a command after the attempt to send it. The zero value is the honest one: it may have been
// executed. Only a failed dial or a check before the first byte may say NotSent.
type Outcome uint8

// The outcomes.
const (
	Unknown Outcome = iota
	NotSent
	Accepted
	Refused
)

// String returns the outcome's name.
func (o Outcome) String() string {
	return [...]string{"unknown", "not sent", "accepted", "refused"}[o]
}

// Endpoint is where a piece of equipment answers.
type Endpoint struct {
	Address string          // as the driver's CheckAddress takes it
	Options json.RawMessage // the driver's own, an object
	Secret  config.Secret
}

// Request is a command whose template is filled. Wire is what goes over the line as people read it, without a secret.
type Request struct {
	Wire string
	Body json.RawMessage // the driver's own form
}

// Reply is what the equipment answered, as people read it.
type Reply struct{ Text string }

// Point is a value to be read.
type Point struct {
	Parameter string
	Read      json.RawMessage // the driver's template, without placeholders
}

// Value is a value that was read: a string, a json.Number or a bool; nil with a Problem when it could not be.
type Value struct {
	Parameter string
	Value     any
	At        time.Time // when it arrived
	Problem   string
}

// Driver speaks one protocol. Its methods are safe for concurrent use, and end with their context.
type Driver interface {
	// CheckAddress refuses an address that the driver cannot use, CheckOptions options that it does not know, CheckSecret a secret
	// that it cannot use with options that it knows. None asks the network. Their errors are texts for the person who wrote it.
	CheckAddress(address string) error
	CheckOptions(options json.RawMessage) error
	CheckSecret(options json.RawMessage, secret config.Secret) error
	// CheckSend and CheckRead refuse a template, with its placeholders not yet filled.
	CheckSend(tmpl json.RawMessage) error
	CheckRead(tmpl json.RawMessage) error
	// Prepare fills a template that CheckSend took. It does not ask the network.
	Prepare(tmpl json.RawMessage, args template.Args) (Request, error)
	// Poll reads the points. Without points it only shows that the equipment answers. The error is of the whole; what is wrong
	// with one value alone is told in it.
	Poll(ctx context.Context, e Endpoint, points []Point) ([]Value, error)
	// Send sends a command once, without any repetition. The error says why an outcome is not Accepted.
	Send(ctx context.Context, e Endpoint, r Request) (Outcome, Reply, error)
}

// PlainError is an error whose text people may read: it holds nothing of a library's texts.
type PlainError string

func (e PlainError) Error() string { return string(e) }

const (
	errRefused PlainError = "the equipment refuses"
	errFailed  PlainError = "the equipment answered that it has failed"
)

// Set holds the drivers by name.
type Set struct {
	drivers map[string]Driver
	latency *prometheus.HistogramVec
}

// NewSet makes all drivers, which reach the allowed networks alone.
func NewSet(allowed Networks) Set {
	s := Set{latency: newLatency(), drivers: map[string]Driver{
		"simulator": simulator{networks: allowed}, "scpi": scpi{networks: allowed}, "http": newHTTP(allowed), "snmp": newSNMP(allowed),
	}}
	for name, d := range s.drivers {
		s.drivers[name] = observed{d, name, s.latency}
		s.latency.WithLabelValues(name, "send", Accepted.String()) // exposed before the first command
	}
	return s
}

// Collector is the drivers' metric for the registry of the service.
func (s Set) Collector() prometheus.Collector { return s.latency }

// ErrUnknown says that there is no such driver.
var ErrUnknown = fault.At(fault.Field("driver"), fault.CodeNotOneOf, "there is no such driver")

// Find returns a driver by name, or ErrUnknown.
func (s Set) Find(name string) (Driver, error) {
	if d, ok := s.drivers[name]; ok {
		return d, nil
	}
	return nil, ErrUnknown
}

var errForm = errors.New("is not an object with the members that this driver knows")

// strict decodes an object of a driver's own: unknown members are refused, numbers stay as they are written.
func strict(raw json.RawMessage, v any) error {
	if !bytes.HasPrefix(bytes.TrimLeft(raw, " \t\r\n"), []byte("{")) {
		return errForm // null decodes into anything
	}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	decoder.UseNumber()
	if err := decoder.Decode(v); err != nil {
		return errForm
	}
	return nil
}

// none refuses options of a driver that has none.
func none(options json.RawMessage) error {
	if len(options) == 0 {
		return nil
	}
	return strict(options, &struct{}{})
}

// anySecret is of drivers that have none, or take each.
type anySecret struct{}

func (anySecret) CheckSecret(json.RawMessage, config.Secret) error { return nil }

// visible refuses a member with a character that nobody sees.
func visible(member, text string) error {
	if err := name.CheckVisible(text); err != nil {
		return fmt.Errorf("%q %w", member, err)
	}
	return nil
}

// request makes the driver's own form of a filled template.
func request(wire string, body any) (Request, error) {
	raw, err := json.Marshal(body)
	return Request{Wire: wire, Body: raw}, err
}

// exact decodes an answer with its numbers as they are written.
func exact(raw []byte, v any) error {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	return decoder.Decode(v)
}
