package main

import (
	"context"
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
	if result != nil {
		if _, err := fmt.Fprintln(out, result); err != nil {
			return err
		}
	}
	return err
}
