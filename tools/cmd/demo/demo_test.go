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
