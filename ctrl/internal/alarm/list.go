package alarm

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"nms.example/common/db"

	"nms.example/ctrl/internal/nmsdb"
)

// maxSteps is how many of the newest steps of an alarm are shown.
const maxSteps = 1000

// Get returns an alarm, or ErrNotFound.
func (s *Alarms) Get(ctx context.Context, id int64) (ShownAlarm, error) {
	row, err := nmsdb.New(s.writer.Pool()).AlarmGet(ctx, id)
	if err != nil {
		return ShownAlarm{}, absent(err, ErrNotFound)
	}
	return shownOf(row), nil
}

// Steps returns the newest thousand steps of an alarm, in order.
func (s *Alarms) Steps(ctx context.Context, id int64) ([]HistoryStep, error) {
	rows, err := nmsdb.New(s.writer.Pool()).AlarmSteps(ctx, nmsdb.AlarmStepsParams{AlarmID: id, Take: maxSteps})
	if err != nil {
		return nil, db.MapError(err, nil)
	}
	steps := make([]HistoryStep, len(rows))
	for i, r := range rows {
		steps[len(rows)-1-i] = HistoryStep{
			Version: r.Version, At: r.At.UTC(), Event: Event(r.Event), Severity: r.Severity, IsCleared: r.IsCleared, OperatorState: OperatorState(r.OperatorState),
			Text: r.Text, Value: r.Value, Actor: r.Actor, Detail: r.Detail,
		}
	}
	return steps, nil
}

// Filter chooses alarms; what is nil chooses all.
type Filter struct {
	EquipmentID   *int64
	Below         *int64 // this piece of equipment and all below it in the tree
	LimitID       *int64
	Type          *string
	Severities    []string
	IsCleared     *bool
	OperatorState *string
	State         *string
	Active        bool       // only those that are raised, or that nobody has acknowledged or closed
	Since         *time.Time // raised at or after it
	Until         *time.Time // raised before it
}

// Place is where a list goes on.
type Place struct {
	At time.Time `json:"a"`
	ID int64     `json:"i"`
}

// List returns alarms, what was raised last first, those behind the place, at most take of them with skip left out before, and how many there
// are in all.
func (s *Alarms) List(ctx context.Context, f *Filter, behind *Place, skip int64, take int) ([]ShownAlarm, int64, error) {
	q := nmsdb.New(s.writer.Pool())
	params := nmsdb.AlarmListParams{
		EquipmentID: f.EquipmentID, Below: f.Below, LimitID: f.LimitID, Type: f.Type, Severities: f.Severities, IsCleared: f.IsCleared,
		OperatorState: f.OperatorState, State: f.State, Active: f.Active, Since: f.Since, Until: f.Until, Skip: skip, Take: int32(take),
	}
	total, err := q.AlarmCount(ctx, nmsdb.AlarmCountParams{
		EquipmentID: f.EquipmentID, Below: f.Below, LimitID: f.LimitID, Type: f.Type, Severities: f.Severities, IsCleared: f.IsCleared,
		OperatorState: f.OperatorState, State: f.State, Active: f.Active, Since: f.Since, Until: f.Until,
	})
	if err != nil {
		return nil, 0, db.MapError(err, nil)
	}
	if behind != nil {
		params.AfterAt, params.AfterID = &behind.At, &behind.ID
	}
	rows, err := q.AlarmList(ctx, params)
	if err != nil {
		return nil, 0, db.MapError(err, nil)
	}
	list := make([]ShownAlarm, len(rows))
	for i, row := range rows {
		list[i] = shownOf(nmsdb.AlarmGetRow(row))
	}
	return list, total, nil
}

// maxActive is how many alarms of one piece of equipment are shown with it.
const maxActive = 1000

// Active returns the alarms of a piece of equipment that are raised, or that nobody has acknowledged or closed.
func (s *Alarms) Active(ctx context.Context, equipmentID int64) ([]ShownAlarm, error) {
	list, _, err := s.List(ctx, &Filter{EquipmentID: &equipmentID, Active: true}, nil, 0, maxActive)
	return list, err
}

// Shelving is an alarm that is shelved.
type Shelving struct {
	AlarmID       int64     `json:"alarm_id" doc:"The alarm"`
	EquipmentID   int64     `json:"equipment_id" doc:"Its equipment"`
	EquipmentName string    `json:"equipment_name" doc:"Name of its equipment"`
	Type          string    `json:"type" doc:"Its type"`
	Qualifier     string    `json:"qualifier" doc:"Its qualifier"`
	Severity      string    `json:"severity" doc:"How bad it is, or was last"`
	Text          string    `json:"text" doc:"What is wrong, or was"`
	IsCleared     bool      `json:"is_cleared" doc:"Whether its condition has gone"`
	Until         time.Time `json:"until" doc:"When the shelf ends by itself"`
	Reason        string    `json:"reason" doc:"Why it is shelved"`
	Actor         string    `json:"actor" doc:"Who shelved it"`
	Version       int32     `json:"version" doc:"Number of the alarm's last step"`
}

// Shelves returns the alarms that are shelved by id, those behind after, at most take of them with skip left out before, and how many there are
// in all. equipmentID, unless it is nil, is whose are listed.
func (s *Alarms) Shelves(ctx context.Context, equipmentID *int64, after, skip int64, take int) ([]Shelving, int64, error) {
	q := nmsdb.New(s.writer.Pool())
	total, err := q.ShelfCount(ctx, equipmentID)
	if err != nil {
		return nil, 0, db.MapError(err, nil)
	}
	rows, err := q.ShelfList(ctx, nmsdb.ShelfListParams{After: after, EquipmentID: equipmentID, Skip: skip, Take: int32(take)})
	if err != nil {
		return nil, 0, db.MapError(err, nil)
	}
	list := make([]Shelving, len(rows))
	for i, row := range rows {
		list[i] = Shelving(row)
	}
	return list, total, nil
}

// Followed is a step as whoever follows all alarms sees it.
type Followed struct {
	AlarmID       int64  `json:"alarm_id" doc:"The alarm"`
	EquipmentID   int64  `json:"equipment_id" doc:"Its equipment"`
	EquipmentName string `json:"equipment_name" doc:"Name of its equipment"`
	Type          string `json:"type" doc:"Its type"`
	Qualifier     string `json:"qualifier" doc:"Its qualifier"`
	HistoryStep
}

// Beginning is the snapshot that has seen nothing; Now stands for that of this moment.
const (
	Beginning = "1:1:"
	Now       = ""
)

// maxFollowed bounds what one look returns.
const maxFollowed = 10_000

// ErrSnapshot says that a snapshot is none of this database, or that more has happened since than one look returns.
var ErrSnapshot = errors.New("alarm: no snapshot of this database")

// Since returns the steps that were committed since a snapshot, in the order in which they were made, and the snapshot that has seen them.
func (s *Alarms) Since(ctx context.Context, seen string) (steps []Followed, now string, err error) {
	from := seen
	if seen == Now {
		from = Beginning
	}
	err = s.writer.Pool().InTx(ctx, db.TxOptions{Isolation: pgx.RepeatableRead, ReadOnly: true}, func(ctx context.Context, tx db.Tx[db.NMS]) error {
		q := nmsdb.New(tx)
		snapshot, err := q.AlarmSnapshot(ctx, from)
		if err != nil {
			return err
		}
		if !snapshot.Known {
			return ErrSnapshot
		}
		steps, now = nil, snapshot.Now
		if seen == Now {
			return nil
		}
		rows, err := q.AlarmStepsSince(ctx, nmsdb.AlarmStepsSinceParams{Seen: from, Take: maxFollowed + 1})
		if err != nil {
			return err
		}
		if len(rows) > maxFollowed {
			return ErrSnapshot
		}
		for _, r := range rows {
			steps = append(steps, Followed{
				AlarmID: r.AlarmID, EquipmentID: r.EquipmentID, EquipmentName: r.EquipmentName, Type: r.Type, Qualifier: r.Qualifier, HistoryStep: HistoryStep{
					Version: r.Version, At: r.At.UTC(), Event: Event(r.Event), Severity: r.Severity, IsCleared: r.IsCleared,
					OperatorState: OperatorState(r.OperatorState), Text: r.Text, Value: r.Value, Actor: r.Actor, Detail: r.Detail,
				},
			})
		}
		return nil
	})
	return steps, now, db.MapError(err, nil)
}

// Takes reports whether a severity is one of those that are wanted; all are when none is named.
func Takes(severities []string, severity string) bool {
	return len(severities) == 0 || slices.Contains(severities, severity)
}
