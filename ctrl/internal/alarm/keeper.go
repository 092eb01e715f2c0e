package alarm

import (
	"context"
	"log/slog"
	"time"

	"nms.example/common/change"
	"nms.example/common/db"
	"nms.example/common/request"
	"nms.example/common/retry"

	"nms.example/ctrl/internal/nmsdb"
)

// Actor is who makes the steps that nobody asks for, of commands as well as of alarms.
const Actor = "service:ctrl"

const (
	// sweepPause is between two looks for shelves that have ended and alarms that have become quiet.
	sweepPause = time.Second
	// sweepAtOnce bounds what one look takes.
	sweepAtOnce = 500
)

// Run ends shelves whose time is over, and the flapping of alarms that have become quiet, until ctx ends. Any number of instances may run it.
func (s *Alarms) Run(ctx context.Context, log *slog.Logger) error {
	ctx = request.WithActor(ctx, Actor)
	for {
		if err := s.Sweep(ctx, time.Now()); err != nil && ctx.Err() == nil {
			log.WarnContext(ctx, "alarms cannot be looked at", "error", err)
		}
		if !retry.Sleep(ctx, sweepPause) {
			return nil
		}
	}
}

// Sweep looks once, as if it were now.
func (s *Alarms) Sweep(ctx context.Context, now time.Time) error {
	quiet := now.Add(-s.options.Window)
	due, err := nmsdb.New(s.writer.Pool()).AlarmsDue(ctx, nmsdb.AlarmsDueParams{QuietSince: quiet, Take: sweepAtOnce})
	if err != nil {
		return err
	}
	for _, id := range due {
		err := s.writer.Do(ctx, func(ctx context.Context, tx db.Tx[db.NMS], changes *change.Changes) error {
			row, err := nmsdb.New(tx).AlarmLock(ctx, id)
			if err != nil {
				return err
			}
			return s.settle(ctx, tx, changes, row, now, quiet)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// settle makes the steps that the time asks for. Another instance may have made them meanwhile.
func (s *Alarms) settle(ctx context.Context, tx db.Tx[db.NMS], changes *change.Changes, row nmsdb.Alarm, now, quiet time.Time) (err error) {
	if row.ShelvedUntil != nil && !row.ShelvedUntil.After(now) {
		if row, err = s.advance(ctx, tx, changes, row, EndShelf, nil, nil); err != nil {
			return err
		}
	}
	if n := len(row.Recent); !row.Flapping || n > 0 && row.Recent[n-1].After(quiet) {
		return nil
	}
	row, err = s.advance(ctx, tx, changes, row, Settle, nil, func(to *nmsdb.AlarmUpdateParams) {
		to.Flapping, to.Recent = false, []time.Time{}
	})
	if err != nil {
		return err
	}
	return s.release(ctx, tx, changes, row)
}
