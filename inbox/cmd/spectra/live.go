package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"nms.example/inbox/internal/spectra"
)

// live sends what the receivers hear as they hear it, with its signals, until ctx ends. What cannot be sent is told once and left out: a
// receiver measures on.
func live(ctx context.Context, o *options, again func(context.Context) (string, error), out io.Writer) error {
	var scenes []*spectra.Scene
	for _, site := range spectra.Sites()[:o.sites] {
		scenes = append(scenes, spectra.New(o.seed, o.axis(), site))
	}
	fmt.Fprintf(out, "%d receivers, a trace of each every %s; Ctrl-C ends it\n", len(scenes), o.every)
	clock := time.NewTicker(o.every)
	defer clock.Stop()
	failing := false
	for {
		err := sendNow(ctx, o, scenes, time.Now().UTC().Truncate(time.Millisecond))
		if ctx.Err() != nil {
			return nil // whoever ends it wants no more
		}
		if err != nil && !failing {
			fmt.Fprintln(out, "not sent, going on:", err)
		}
		if failing = err != nil; failing {
			// The token may be too old.
			if token, err := again(ctx); err == nil {
				o.token = token
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-clock.C:
		}
	}
}

// sendNow sends one trace of each receiver.
func sendNow(ctx context.Context, o *options, scenes []*spectra.Scene, at time.Time) error {
	for _, scene := range scenes {
		if _, err := sendHistory(ctx, o, scene, at, at); err != nil {
			return fmt.Errorf("receiver %s: %w", scene.Site.Name, err)
		}
		if _, _, err := sendSignals(ctx, o, scene, at, at); err != nil {
			return fmt.Errorf("receiver %s: %w", scene.Site.Name, err)
		}
	}
	return nil
}
