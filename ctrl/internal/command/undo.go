package command

import (
	"bytes"
	"context"
	"encoding/json"

	"github.com/google/uuid"

	"nms.example/common/authn"
	"nms.example/common/fault"

	"nms.example/ctrl/internal/template"
)

// Undo sends the catalogue's undo command of a command that was executed, with the same checks as any other.
func (s *Commands) Undo(ctx context.Context, who *authn.Principal, undone uuid.UUID, when Guard, o Order) (c Command, created bool, err error) {
	before, err := s.Get(ctx, undone)
	if err != nil {
		return c, false, err
	}
	if err := when(before); err != nil {
		return c, false, err
	}
	if before.State != Succeeded && before.State != Unverified {
		return c, false, ErrState
	}
	plan, err := s.Plan(ctx, s.writer.Pool(), before.CommandID)
	if err != nil {
		return c, false, fault.Move(err, func(fault.Place) fault.Place { return fault.Target })
	}
	if plan.undo == nil || plan.binding.UndoArgs == nil {
		return c, false, ErrNoUndo
	}
	if o.Args, err = undoArgs(plan.binding.UndoArgs, before.Args); err != nil {
		return c, false, err
	}
	o.CommandID, o.UndoOf = *plan.undo, &undone
	c, created, err = s.Send(ctx, who, o, false)
	return c, created, fault.Move(err, func(p fault.Place) fault.Place {
		switch p.Name() {
		case "", "id", "confirm_hazard", "expires_at":
			return p
		default:
			return fault.Target // what is wrong with the undo command is not in the call
		}
	})
}

func undoArgs(tmpl, args json.RawMessage) (json.RawMessage, error) {
	var form any
	var given template.Args
	for raw, to := range map[*json.RawMessage]any{&tmpl: &form, &args: &given} {
		decoder := json.NewDecoder(bytes.NewReader(*raw))
		decoder.UseNumber()
		if err := decoder.Decode(to); err != nil {
			return nil, err
		}
	}
	filled, err := template.Value(form, given)
	if err != nil {
		return nil, ErrNoUndo.Because(err)
	}
	return json.Marshal(filled)
}
