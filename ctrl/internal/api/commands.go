package api

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/google/uuid"

	"nms.example/common/api"
	"nms.example/common/authn"

	"nms.example/ctrl/internal/command"
)

type sendBody struct {
	ID            uuid.UUID       `json:"id" format:"uuid" doc:"Chosen by the sender; sent again with the same content it is the same command"`
	CommandID     int64           `json:"command_id" minimum:"1" doc:"The command of the catalogue"`
	Args          json.RawMessage `json:"args,omitempty" doc:"The arguments, as the binding's args_schema says; an argument with a unit may be {value, unit}"`
	ExpiresAt     *time.Time      `json:"expires_at,omitempty" doc:"Its sending is not begun after this; by default and at most the binding's ttl from now"`
	ConfirmHazard bool            `json:"confirm_hazard,omitempty" doc:"Must be true for a hazardous command"`
}

type sendInput struct {
	DryRun bool `query:"dry-run" doc:"Try everything, show what would go over the line, and send nothing"`
	Body   sendBody
}

// IssuedInput is embedded in the inputs of operations on a command that was sent.
type IssuedInput struct {
	ID uuid.UUID `path:"id" format:"uuid" doc:"The command that was sent"`
}

type actInput struct {
	IssuedInput
	api.Conditional
}

type reasonInput struct {
	IssuedInput
	api.Conditional
	Body struct {
		Reason string `json:"reason,omitempty" maxLength:"300" doc:"Why"`
	}
}

type resolveInput struct {
	IssuedInput
	api.Conditional
	Body struct {
		Outcome string `json:"outcome" enum:"succeeded,failed" doc:"What became of it, as somebody has found out"`
		Reason  string `json:"reason" minLength:"1" maxLength:"300" doc:"How that is known"`
	}
}

type undoInput struct {
	IssuedInput
	api.Conditional
	Body struct {
		ID            uuid.UUID  `json:"id" format:"uuid" doc:"Id of the new command"`
		ExpiresAt     *time.Time `json:"expires_at,omitempty" doc:"It is not sent after this"`
		ConfirmHazard bool       `json:"confirm_hazard,omitempty" doc:"Must be true when the undo command is hazardous"`
	}
}

type commandsInput struct {
	api.PageInput
	Limit       int                 `query:"limit" default:"100" minimum:"1" maximum:"1000" doc:"Most items on a page"`
	EquipmentID api.Optional[int64] `query:"equipment-id" minimum:"1" doc:"Only those of this equipment"`
	CommandID   api.Optional[int64] `query:"command-id" minimum:"1" doc:"Only those of this command of the catalogue"`

	State api.Optional[string] `query:"state" enum:"awaiting_approval,queued,sending,accepted,verifying,succeeded,failed,unverified,unknown,rejected,expired,cancelled" doc:"State"`

	Sender api.Optional[string]    `query:"sender" minLength:"1" maxLength:"100" doc:"Only those of this sender, such as user:17"`
	From   api.Optional[time.Time] `query:"from" doc:"Only those taken at this moment or later"`
	To     api.Optional[time.Time] `query:"to" doc:"Only those taken before this moment"`
}

type commandParams struct {
	EquipmentID *int64     `json:"equipment-id,omitempty"`
	CommandID   *int64     `json:"command-id,omitempty"`
	State       *string    `json:"state,omitempty"`
	Sender      *string    `json:"sender,omitempty"`
	From        *time.Time `json:"from,omitempty"`
	To          *time.Time `json:"to,omitempty"`
}

type commandsOutput struct {
	Body api.Page[command.Command, commandParams]
}

// detailed is a command with its steps.
type detailed struct {
	command.Command
	Steps []command.Step `json:"steps" doc:"What has happened to it, in order"`
}

type commands struct{ all *command.Commands }

func registerCommands(a *api.API, h commands) {
	all := resource("commands")
	api.Register(a, all.Operation(http.MethodGet, "", "list", "Commands that were sent, the newest first"), read, h.list)
	api.Register(a, all.Operation(http.MethodGet, "/{id}", "get", "A command that was sent, with every step"), read, h.get)
	create := all.Operation(http.MethodPost, "", "create", "Send a command", http.StatusConflict)
	create.Description = "201 once it is committed; then it is sent in its turn, at most once. 200 when the same command was there already, or with `dry-run`."
	creating(a, create, send, "The same command was there already; or the dry run", h.send)

	conflict, changed := http.StatusConflict, http.StatusPreconditionFailed
	approval := all.Operation(http.MethodPost, "/{id}/approve", "approve", "Approve a command of somebody else", conflict, changed)
	approval.Description = "By another person than the sender; not by an API key, since nobody knows whose it is."
	api.Register(a, approval, approve, h.approve)
	api.Register(a, all.Operation(http.MethodPost, "/{id}/reject", "reject", "Refuse to approve a command of somebody else", conflict, changed), approve, h.reject)
	api.Register(a, all.Operation(http.MethodPost, "/{id}/cancel", "cancel", "Take back a command that was not sent yet", conflict, changed), send, h.cancel)
	resolve := all.Operation(http.MethodPost, "/{id}/resolve", "resolve", "Say what became of a command that may have been executed", conflict, changed)
	resolve.Description = "Only for commands in the state unknown. The equipment's queue goes on behind it."
	api.Register(a, resolve, send, h.resolve)
	undo := all.Operation(http.MethodPost, "/{id}/undo", "undo", "Send what undoes a command", conflict, changed)
	undo.Description = "Sends the catalogue's undo command with the binding's undo_args, with the same checks as any other. Once: 409 when another " +
		"command undoes it or is to, unless that one failed, was rejected or cancelled, or expired."
	creating(a, undo, send, "The same command was there already", h.undo)
}

func commandItem(c command.Command, status int) *item[command.Command] {
	return &item[command.Command]{Status: status, ETag: etag(int64(c.Version)), Body: c}
}

func commandGuard(when api.Conditional) command.Guard {
	return func(present command.Command) error { return when.Check(etag(int64(present.Version))) }
}

func (h commands) list(ctx context.Context, in *commandsInput) (*commandsOutput, error) {
	params := commandParams{
		EquipmentID: in.EquipmentID.Ptr(), CommandID: in.CommandID.Ptr(), State: in.State.Ptr(), Sender: in.Sender.Ptr(),
		From: in.From.Ptr(), To: in.To.Ptr(),
	}
	behind, skip, err := api.Follow[command.Place](ctx, in.PageInput, in.Limit, params)
	if err != nil {
		return nil, err
	}
	found, total, err := h.all.List(ctx, command.Filter{
		EquipmentID: params.EquipmentID, CommandID: params.CommandID, State: params.State, Sender: params.Sender,
		Since: params.From, Until: params.To,
	}, behind, skip, in.Limit+1)
	if err != nil {
		return nil, err
	}
	return &commandsOutput{Body: api.Paged(ctx, in.PageInput, in.Limit, total, params, found, same[command.Command],
		func(last *command.Command) command.Place { return command.Place{At: last.CreatedAt, ID: last.ID} })}, nil
}

func (h commands) get(ctx context.Context, in *actInput) (*item[detailed], error) {
	c, err := h.all.Get(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	tag := etag(int64(c.Version))
	if err := in.Evaluate(tag); err != nil {
		return nil, err
	}
	steps, err := h.all.Steps(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return &item[detailed]{Status: http.StatusOK, ETag: tag, Body: detailed{c, steps}}, nil
}

func (h commands) send(ctx context.Context, in *sendInput) (*item[command.Command], error) {
	o := command.Order{
		ID: in.Body.ID, CommandID: in.Body.CommandID, Args: in.Body.Args, ExpiresAt: in.Body.ExpiresAt, ConfirmHazard: in.Body.ConfirmHazard,
	}
	if len(o.Args) == 0 {
		o.Args = emptyObject
	}
	c, created, err := h.all.Send(ctx, authn.FromContext(ctx), o, in.DryRun)
	if err != nil {
		return nil, err
	}
	return commandItem(c, statusOf(created && !in.DryRun)), nil
}

// done answers with a command after a step.
func done(c command.Command, err error) (*item[command.Command], error) {
	if err != nil {
		return nil, err
	}
	return commandItem(c, http.StatusOK), nil
}

func (h commands) approve(ctx context.Context, in *actInput) (*item[command.Command], error) {
	return done(h.all.Approve(ctx, authn.FromContext(ctx), in.ID, commandGuard(in.Conditional)))
}

func (h commands) reject(ctx context.Context, in *reasonInput) (*item[command.Command], error) {
	return done(h.all.Reject(ctx, authn.FromContext(ctx), in.ID, commandGuard(in.Conditional), in.Body.Reason))
}

func (h commands) cancel(ctx context.Context, in *reasonInput) (*item[command.Command], error) {
	return done(h.all.Cancel(ctx, in.ID, commandGuard(in.Conditional), in.Body.Reason))
}

func (h commands) resolve(ctx context.Context, in *resolveInput) (*item[command.Command], error) {
	return done(h.all.Resolve(ctx, in.ID, commandGuard(in.Conditional), in.Body.Outcome == "succeeded", in.Body.Reason))
}

func (h commands) undo(ctx context.Context, in *undoInput) (*item[command.Command], error) {
	c, created, err := h.all.Undo(ctx, authn.FromContext(ctx), in.ID, commandGuard(in.Conditional),
		command.Order{ID: in.Body.ID, ExpiresAt: in.Body.ExpiresAt, ConfirmHazard: in.Body.ConfirmHazard})
	if err != nil {
		return nil, err
	}
	return commandItem(c, statusOf(created)), nil
}
