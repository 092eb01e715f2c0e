// Package alarm keeps alarms: one per piece of equipment, type and qualifier (RFC 8632), raised and cleared by their conditions, handled by operators,
// with everything that has happened to them.
package alarm

import (
	"errors"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"nms.example/common/change"
	"nms.example/common/db"
	"nms.example/common/event"
	"nms.example/common/fault"

	"nms.example/ctrl/internal/nmsdb"
)

// The types.
const (
	TypeLimit   = "limit"           // values are beyond a limit; the qualifier is the limit's id
	TypeStale   = "stale"           // values that a limit waits for do not come; the qualifier is the limit's id
	TypeUnknown = "command-unknown" // a command may have been executed; no qualifier, since one at a time is
)

// Alarm is an alarm.
type Alarm struct {
	ID            int64         `json:"id" doc:"Identifier"`
	EquipmentID   int64         `json:"equipment_id" doc:"The equipment, by its id in cfg"`
	Type          string        `json:"type" enum:"limit,stale,command-unknown" doc:"Kind of condition: values beyond a limit, none at all, a command that may have been executed"`
	Qualifier     string        `json:"qualifier" doc:"Which one of this type: of limit and stale the limit's id"`
	LimitID       *int64        `json:"limit_id" doc:"The limit that raised it; null for none"`
	TelemetryID   *int64        `json:"telemetry_id" doc:"The parameter, by its id in cfg; null for none"`
	Severity      string        `json:"severity" enum:"indeterminate,warning,minor,major,critical" doc:"How bad it is; of a cleared one, how bad it was last"`
	IsCleared     bool          `json:"is_cleared" doc:"Whether the condition has gone, apart from what operators have done"`
	OperatorState OperatorState `json:"operator_state" enum:"none,ack,closed,shelved,un-shelved" doc:"What operators have done"`
	Text          string        `json:"text" doc:"What is wrong, for people"`
	Value         *float64      `json:"value" doc:"The value that changed it last; null for none"`
	Present       bool          `json:"present" doc:"Whether the condition holds: a latched or flapping alarm stays raised when it does no longer"`
	Latched       bool          `json:"latched" doc:"It stays raised until it is acknowledged"`
	Suppresses    bool          `json:"suppresses" doc:"While it is raised, alarms of the equipment below are suppressed"`
	Flapping      bool          `json:"flapping" doc:"It was raised and cleared so often that it stays raised until it is quiet"`
	RaisedAt      time.Time     `json:"raised_at" doc:"When it was raised last, by the time of the value"`
	ClearedAt     *time.Time    `json:"cleared_at" doc:"When it was cleared last; null while it never was"`
	ChangedAt     time.Time     `json:"changed_at" doc:"When anything was changed last"`
	Shelf         *Shelf        `json:"shelf,omitempty" doc:"Until when and why it is shelved; absent when it is not"`
	Version       int32         `json:"version" doc:"Number of its last step"`
}

// Shelf says until when and why an alarm is shelved.
type Shelf struct {
	Until  time.Time `json:"until" doc:"When it ends by itself"`
	Reason string    `json:"reason" doc:"Why"`
	Actor  string    `json:"actor" doc:"Who shelved it: user:<id> or apikey:<uuid>"`
}

// ShownAlarm is an alarm with what follows from elsewhere.
type ShownAlarm struct {
	Alarm

	EquipmentName string  `json:"equipment_name" doc:"Name of the equipment"`
	Parameter     *string `json:"parameter" doc:"Name of the parameter; null for none"`
	State         string  `json:"state" enum:"normal,unack,ack,rtn-unack,shelved,suppressed,out-of-service" doc:"What follows by ISA-18.2"`
	Suppressed    bool    `json:"suppressed" doc:"Whether an alarm that suppresses is raised above it in the tree: it is not told"`
	OutOfService  bool    `json:"out_of_service" doc:"Whether the equipment's endpoint is locked"`
}

// States lists the states of ISA-18.2.
func States() []string {
	return []string{"normal", "unack", "ack", "rtn-unack", "shelved", "suppressed", "out-of-service"}
}

// HistoryStep is one thing that has happened to an alarm.
type HistoryStep struct {
	Version       int32         `json:"version" doc:"Number of the step"`
	At            time.Time     `json:"at" doc:"When it was made"`
	Event         Event         `json:"event" doc:"What happened"`
	Severity      string        `json:"severity" doc:"How bad it was then"`
	IsCleared     bool          `json:"is_cleared" doc:"Whether it was cleared then"`
	OperatorState OperatorState `json:"operator_state" doc:"What operators had done then"`
	Text          string        `json:"text" doc:"What was wrong then"`
	Value         *float64      `json:"value" doc:"The value that changed it; null for none"`
	Actor         string        `json:"actor" doc:"Who did it: user:<id>, apikey:<uuid> or service:ctrl"`
	Detail        *string       `json:"detail" doc:"What somebody said of it; null for nothing"`
}

// The events.
var (
	EventCreated = event.DeclareCreation[Alarm]("ctrl.alarm.created", "A condition has raised an alarm for the first time")
	EventUpdated = event.DeclareUpdate[Alarm]("ctrl.alarm.updated", "An alarm was raised again, has become better or worse, was cleared, or an operator has handled it")
)

// Codes of this package's refusals.
var (
	codeLife = fault.Declare(fault.Conflict, "alarm_state", "The alarm is in a state in which this cannot be done: what is raised is not closed, what is shelved not shelved.")
)

// The refusals.
var (
	ErrNotFound = fault.At(fault.Target, fault.CodeNotFound, "there is no such alarm")
	ErrLife     = fault.At(fault.Target, codeLife, "the alarm is in a state in which this cannot be done")
	ErrNoShelf  = fault.At(fault.Target, fault.CodeNotFound, "the alarm is not shelved")
	ErrUntil    = fault.At(fault.Field("until"), fault.CodeOutOfRange, "must lie in the future, at most 30 days ahead")
	ErrAlarm    = fault.At(fault.Field("alarm_id"), fault.CodeReferenceMissing, "there is no such alarm")
)

// Options of alarms. The zero value of each field means its default.
type Options struct {
	// Changes is how often an alarm may be raised or cleared within Window; beyond that it flaps. Default 6.
	Changes int
	// Window is also how long it has to be quiet until it flaps no longer. Default 10 minutes.
	Window time.Duration
}

// Alarms are all alarms.
type Alarms struct {
	writer  *change.Writer[db.NMS]
	options Options
}

// New makes them.
func New(writer *change.Writer[db.NMS], o Options) *Alarms {
	if o.Changes == 0 {
		o.Changes = 6
	}
	if o.Window == 0 {
		o.Window = 10 * time.Minute
	}
	return &Alarms{writer: writer, options: o}
}

// Of reads an alarm from a row.
func Of(row *nmsdb.Alarm) Alarm {
	a := Alarm{
		ID: row.ID, EquipmentID: row.EquipmentID, Type: row.Type, Qualifier: row.Qualifier, LimitID: row.LimitID, TelemetryID: row.TelemetryID,
		Severity: row.Severity, IsCleared: row.IsCleared, OperatorState: OperatorState(row.OperatorState), Text: row.Text, Value: row.Value,
		Present: row.Present, Latched: row.Latched, Suppresses: row.Suppresses, Flapping: row.Flapping, RaisedAt: row.RaisedAt.UTC(),
		ClearedAt: row.ClearedAt, ChangedAt: row.ChangedAt.UTC(), Version: row.Version,
	}
	if row.ShelvedUntil != nil && row.ShelfReason != nil && row.ShelvedBy != nil {
		a.Shelf = &Shelf{Until: row.ShelvedUntil.UTC(), Reason: *row.ShelfReason, Actor: *row.ShelvedBy}
	}
	return a
}

func shownOf(row nmsdb.AlarmGetRow) ShownAlarm {
	return ShownAlarm{
		Alarm: Of(&row.Alarm), EquipmentName: row.EquipmentName, Parameter: row.Parameter, State: row.Shown, Suppressed: row.Suppressed,
		OutOfService: row.OutOfService,
	}
}

func life(row *nmsdb.Alarm) Life { return Life{OperatorState(row.OperatorState), row.IsCleared} }

// Subject is the subject of an alarm's events.
func Subject(id int64) string { return strconv.FormatInt(id, 10) }

func absent(err error, refusal *fault.Error) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return refusal
	}
	return db.MapError(err, nil)
}
