// Package command keeps the commands that were sent to equipment: what was asked for, by whom, and every step of what became
// of it. Package dispatch sends them.
package command

import (
	"encoding/json"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/sqlc-dev/pqtype"

	"nms.example/common/event"
	"nms.example/common/fault"

	"nms.example/ctrl/internal/nmsdb"
)

// Reading is a value that was read from the equipment.
type Reading struct {
	Parameter string          `json:"parameter" doc:"Name of the telemetry parameter"`
	Value     json.RawMessage `json:"value" doc:"A number, a text or a truth value; null when it could not be read"`
	At        time.Time       `json:"at" doc:"When it arrived"`
	Problem   string          `json:"problem,omitempty" doc:"Why it could not be read"`
}

// Command is a command that was sent, or is to be.
type Command struct {
	ID          uuid.UUID       `json:"id" doc:"Chosen by the sender; the same id is the same command"`
	CommandID   int64           `json:"command_id" doc:"The command of the catalogue"`
	EquipmentID int64           `json:"equipment_id" doc:"The equipment"`
	Args        json.RawMessage `json:"args" doc:"The arguments"`

	State State `json:"state" enum:"awaiting_approval,queued,sending,accepted,verifying,succeeded,failed,unverified,unknown,rejected,expired,cancelled" doc:"What has become of it"`

	Reason        *string    `json:"reason" doc:"Why it is in this state; null when that says itself"`
	Wire          string     `json:"wire" doc:"What goes over the line, without secrets"`
	Reply         *string    `json:"reply" doc:"What the equipment answered"`
	MayBeExecuted bool       `json:"may_be_executed" doc:"Nobody knows whether it was executed: the equipment's queue is held until somebody resolves it"`
	ReadBefore    []Reading  `json:"read_before" doc:"Values that its verifiers look at, read before it was sent"`
	Readback      []Reading  `json:"readback" doc:"Values read since, to judge by"`
	Sender        string     `json:"sender" doc:"Who sent it: user:<id> or apikey:<uuid>"`
	SenderLogin   string     `json:"sender_login" doc:"The sender's login, or the key's name, at that moment"`
	Approver      *string    `json:"approver" doc:"Who approved it"`
	Approvals     int16      `json:"approvals" doc:"How many other people have to approve"`
	Hazardous     bool       `json:"hazardous" doc:"Whether it can do harm"`
	UndoOf        *uuid.UUID `json:"undo_of" nullable:"true" doc:"The command that it undoes"`
	Sends         int32      `json:"sends" doc:"How often sending was begun"`
	CreatedAt     time.Time  `json:"created_at" doc:"When it was taken"`
	ExpiresAt     time.Time  `json:"expires_at" doc:"Its sending is not begun after this"`
	SentAt        *time.Time `json:"sent_at" doc:"When its sending was begun"`
	UpdatedAt     time.Time  `json:"updated_at" doc:"When its state changed last"`
	Version       int32      `json:"version" doc:"Number of its last step"`
}

// Step is one step of a command.
type Step struct {
	Version int32     `json:"version" doc:"Number of the step, from 1"`
	At      time.Time `json:"at" doc:"When it was made"`
	State   State     `json:"state" doc:"The state that it led to"`
	Event   Event     `json:"event" doc:"What happened"`
	Actor   string    `json:"actor" doc:"Who did it: user:<id>, apikey:<uuid> or service:ctrl"`
	Detail  *string   `json:"detail" doc:"Further words"`
}

// The events.
var (
	EventCreated = event.DeclareCreation[Command]("ctrl.command.created", "Somebody sent a command to equipment; it waits")
	EventUpdated = event.DeclareUpdate[Command]("ctrl.command.updated", "A command has made a step: was approved, sent, accepted, verified, or whatever its state says")
)

// Codes of this package's refusals.
var (
	codeState     = fault.Declare(fault.Conflict, "wrong_state", "The command is in a state in which this cannot be done.")
	codeUnbound   = fault.Declare(fault.Conflict, "not_bound", "The command has no binding, so that nobody knows how it is sent.")
	codeNoAddress = fault.Declare(fault.Conflict, "no_endpoint", "The equipment has no endpoint, or one of another driver than the command.")
	codeLocked    = fault.Declare(fault.Conflict, "endpoint_locked", "The equipment's endpoint is locked or shutting down.")
	codeHazard    = fault.Declare(fault.Invalid, "hazard_unconfirmed", "The command is hazardous, and the call does not confirm it.")
	codeSelf      = fault.Declare(fault.Forbidden, "own_command", "Another person than the sender has to do this.")
	codePerson    = fault.Declare(fault.Forbidden, "person_needed", "A person has to do this, not an API key.")
	codeUndone    = fault.Declare(fault.Conflict, "already_undone", "Another command undoes it, or is to; its id is in the message.")
	codeNoUndo    = fault.Declare(fault.Conflict, "no_undo", "The catalogue names no command that undoes it, or its binding no arguments for that.")
)

// The refusals.
var (
	ErrNotFound  = fault.At(fault.Target, fault.CodeNotFound, "there is no such command")
	ErrCatalogue = fault.At(fault.Field("command_id"), fault.CodeReferenceMissing, "the catalogue has no such command, or it is archived")
	ErrUnbound   = fault.At(fault.Field("command_id"), codeUnbound, "the command has no binding")
	ErrEndpoint  = fault.At(fault.Field("command_id"), codeNoAddress, "its equipment has no endpoint of the binding's driver")
	ErrLocked    = fault.At(fault.Field("command_id"), codeLocked, "the endpoint of its equipment takes no commands")
	ErrTaken     = fault.At(fault.Field("id"), fault.CodeGUIDTaken, "another command has this id")
	ErrHazard    = fault.At(fault.Field("confirm_hazard"), codeHazard, "must be true: the command is hazardous")
	ErrExpired   = fault.At(fault.Field("expires_at"), fault.CodeOutOfRange, "must lie in the future and within the binding's ttl")
	ErrSelf      = fault.At(fault.Target, codeSelf, "another person than the sender has to approve or reject")
	ErrNoPerson  = fault.At(fault.Target, codePerson, "a person has to approve it, not an API key")
	errNoSender  = fault.At(fault.Field("command_id"), codePerson, "it needs another person's approval: a person has to send it, not an API key")
	ErrNoUndo    = fault.At(fault.Target, codeNoUndo, "nothing undoes this command")
	ErrState     = fault.At(fault.Target, codeState, "the command is in a state in which this cannot be done")
)

// Of reads a command from a row.
func Of(row nmsdb.IssuedCommand) (Command, error) {
	c := Command{
		ID: row.ID, CommandID: row.CommandID, EquipmentID: row.EquipmentID, Args: row.Args, State: State(row.State), Reason: row.Reason,
		Wire: row.Wire, Reply: row.Reply, MayBeExecuted: State(row.State) == StateUnknown, ReadBefore: []Reading{}, Readback: []Reading{},
		Sender: row.Sender, SenderLogin: row.SenderLogin, Approver: row.Approver, Approvals: row.Approvals, Hazardous: row.Hazardous, UndoOf: row.UndoOf,
		Sends: row.Sends, CreatedAt: row.CreatedAt, ExpiresAt: row.ExpiresAt, SentAt: row.SentAt, UpdatedAt: row.UpdatedAt, Version: row.Version,
	}
	return c, errors.Join(readings(row.ReadBefore, &c.ReadBefore), readings(row.Readback, &c.Readback))
}

// readings reads what is kept of values, if anything.
func readings(kept pqtype.NullRawMessage, list *[]Reading) error {
	if !kept.Valid {
		return nil
	}
	return json.Unmarshal(kept.RawMessage, list)
}

// Subject is the subject of a command's events.
func Subject(id uuid.UUID) string { return id.String() }
