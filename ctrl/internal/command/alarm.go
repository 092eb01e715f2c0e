package command

import (
	"context"
	"time"

	"nms.example/common/change"
	"nms.example/common/db"

	"nms.example/ctrl/internal/alarm"
	"nms.example/ctrl/internal/nmsdb"
	"nms.example/ctrl/internal/threshold"
)

// RaiseIn has commands of unknown outcome raise alarms. It is called before anything is sent.
func (s *Commands) RaiseIn(alarms *alarm.Alarms) { s.alarms = alarms }

// raise raises the alarm of a command of unknown outcome, and clears it when the outcome is known.
func (s *Commands) raise(ctx context.Context, tx db.Tx[db.NMS], changes *change.Changes, before, after *nmsdb.IssuedCommand) error {
	was, is := State(before.State) == StateUnknown, State(after.State) == StateUnknown
	if s.alarms == nil || was == is {
		return nil
	}
	signal := alarm.Signal{EquipmentID: after.EquipmentID, Type: alarm.TypeUnknown, At: time.Now(), Text: "a command has an outcome now: " + after.State}
	if is {
		signal.Severity, signal.Text = threshold.Major, "a command may have been executed: "+after.Wire
	}
	if cut := Text(signal.Text); cut != nil {
		signal.Text = *cut
	}
	return s.alarms.Signal(ctx, tx, changes, []alarm.Signal{signal})
}
