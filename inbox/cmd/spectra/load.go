package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"

	"nms.example/inbox/internal/load"
)

// sendLoad sends o.count traces over o.clients connections and tells how fast they were committed.
func sendLoad(ctx context.Context, o *options, out io.Writer) error {
	target := load.Target{URL: o.inbox + "/api/v1/inbox/traces", Token: o.token}
	bodies := load.NewBodies(o.seed, o.axis())
	var result *load.Result
	var err error
	if o.ndjson {
		result, err = load.Stream(ctx, target, bodies, o.count, o.clients)
	} else {
		result, err = load.Posts(ctx, target, bodies, o.count, o.clients, o.pace)
	}
	if err != nil {
		return err
	}
	if o.json {
		return json.NewEncoder(out).Encode(outcome{
			Created: result.Created, Other: result.Other, Seconds: result.Took.Seconds(),
			P50: result.Wait(0.5).Seconds(), P99: result.Wait(0.99).Seconds(),
		})
	}
	_, err = fmt.Fprintln(out, result)
	return err
}

// outcome is what -json prints. The waits are zero for streams.
type outcome struct {
	Created int64   `json:"created"`
	Other   int64   `json:"other"`
	Seconds float64 `json:"seconds"`
	P50     float64 `json:"p50_seconds"`
	P99     float64 `json:"p99_seconds"`
}
