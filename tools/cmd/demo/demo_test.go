package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"testing"
	"time"
	"unicode/utf8"

	amqp "github.com/rabbitmq/amqp091-go"
	"github.com/stretchr/testify/require"
)

func TestTheSpectrumIsOneThatInboxPromisesToTake(t *testing.T) {
	t.Parallel()
	for _, points := range []int{2, 71, 10_000} {
		s := newSpectrum(points, time.Now())
		require.Len(t, s.Powers, points)
		require.Equal(t, s.Stop, s.Start+s.Step*int64(points-1))
		for _, power := range s.Powers {
			require.True(t, power > -327.68 && power < 327.68, "%f does not fit into 16 bits of hundredths", power)
		}
		require.Equal(t, 72, utf8.RuneCountInString(s.sketch(72)))

		packed, size, err := s.pack()
		require.NoError(t, err)
		reader, err := gzip.NewReader(bytes.NewReader(packed))
		require.NoError(t, err)
		plain, err := io.ReadAll(reader)
		require.NoError(t, err)
		require.Len(t, plain, size)
		var back spectrum
		require.NoError(t, json.Unmarshal(plain, &back))
		require.Equal(t, s, back)
	}
}

// The example of the contract: -75.24 dBm is 9c e2.
func TestPowersAreEncodedAsPromised(t *testing.T) {
	t.Parallel()
	require.Equal(t, []byte{0x9c, 0xe2, 0x64, 0x00}, spectrum{Powers: []float64{-75.24, 1}}.encode())
}

func TestEventsComeAloneOrInBatches(t *testing.T) {
	t.Parallel()
	one := `{"specversion":"1.0","type":"inbox.trace.received","subject":"x"}`
	events, err := decode(amqp.Delivery{ContentType: "application/cloudevents+json", Body: []byte(one)})
	require.NoError(t, err)
	require.Equal(t, "x", events[0].Subject)
	events, err = decode(amqp.Delivery{ContentType: "application/cloudevents-batch+json", Body: []byte("[" + one + "," + one + "]")})
	require.NoError(t, err)
	require.Len(t, events, 2)
	_, err = decode(amqp.Delivery{Body: []byte("no")})
	require.Error(t, err)
}

func TestARefusalQuotesTheProblemDocument(t *testing.T) {
	t.Parallel()
	require.NoError(t, expect(200, nil, 200))
	problem := `{"detail":"the body is refused","request_id":"r1","errors":[{"location":"body.noise","message":"must be finite"}]}`
	err := expect(422, []byte(problem), 201)
	for _, want := range []string{"422", "201", "the body is refused", "body.noise: must be finite", "r1"} {
		require.ErrorContains(t, err, want)
	}
	require.ErrorContains(t, expect(502, []byte("<html>"), 200), "502")
}

func TestTheTreeIsDrawnWithIndents(t *testing.T) {
	t.Parallel()
	tree := []equipment{{ID: 1, Name: "a", Content: []equipment{{ID: 2, Name: "b"}}}, {ID: 3, Name: "c"}}
	require.Equal(t, 3, countNodes(tree))
	require.Equal(t, []string{"a (1)", "  b (2)", "c (3)"}, drawTree(tree, 5))
	require.Equal(t, []string{"a (1)", "… and 2 more"}, drawTree(tree, 1))
}

func TestTheStepsOfACommandAreDrawnInColumns(t *testing.T) {
	t.Parallel()
	begun := time.Date(2026, 11, 30, 10, 0, 0, 0, time.Local)
	ok := "ok"
	require.Equal(t, []string{
		"10:00:00.000      +0.0 ms   queued     user:1",
		"10:00:00.004      +4.2 ms   accepted   service:ctrl  ok",
	}, drawSteps([]taken{
		{At: begun, State: "queued", Actor: "user:1"},
		{At: begun.Add(4200 * time.Microsecond), State: "accepted", Actor: "service:ctrl", Detail: &ok},
	}))
	var one sent
	require.NoError(t, json.Unmarshal([]byte(`{"args":{"gain":12},"readback":[{"parameter":"rx_gain","value":12}]}`), &one))
	require.Equal(t, []string{
		"verifier: rx_gain = 12 within 5 s   read 12",
		`verifier: rx_mode ≠ "off" within 0.5 s   not read`,
	}, drawVerifiers([]verifier{
		{Parameter: "rx_gain", Op: "eq", Arg: "gain", Within: 5},
		{Parameter: "rx_mode", Op: "ne", Value: json.RawMessage(`"off"`), Within: 0.5},
	}, one))
}
