package equipment

import (
	"context"
	"time"

	"nms.example/ctrl/internal/command"
	"nms.example/ctrl/internal/frame"
)

// Arrived returns the newest values of parameters, by their names in any letter case, that came in behind a moment and are worth something, under the names
// that were asked for. Devices' clocks lie: it counts when they came, not when they were measured.
func (r *Reader) Arrived(ctx context.Context, id int64, names []string, since time.Time) ([]command.Reading, error) {
	known, err := r.catalogue.Present(ctx)
	if err != nil {
		return nil, err
	}
	asked := map[int64]string{}
	for _, name := range names {
		if p := known.Named(name); p != nil {
			asked[p.ID] = name
		}
	}
	found, err := r.frames.Latest(ctx, []int64{id}, func(parameter int64) bool { return asked[parameter] != "" })
	if err != nil {
		return nil, err
	}
	var readings []command.Reading
	for _, l := range found {
		if l.ReceivedAt.After(since) && l.Quality <= frame.Uncertain {
			readings = append(readings, command.Reading{Parameter: asked[l.Parameter], Value: l.Value, At: l.ReceivedAt.UTC()})
		}
	}
	return readings, nil
}
