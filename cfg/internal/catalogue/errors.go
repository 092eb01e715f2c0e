package catalogue

import (
	"errors"

	"github.com/jackc/pgx/v5"

	"nms.example/common/db"
	"nms.example/common/fault"
)

// ErrNotFound says that no live item has the id.
var ErrNotFound = fault.At(fault.Target, fault.CodeNotFound, "there is no such item")

// Codes of refusals of several catalogues.
var (
	codeNotArchived = fault.Declare(fault.Conflict, "not_archived", "The item is not archived, so that it cannot be restored.")
	CodeCycle       = fault.Declare(fault.Conflict, "cycle", "The item would become its own ancestor, or undo itself.", fault.Invalid)
	CodeTooDeep     = fault.Declare(fault.Conflict, "tree_too_deep", "The tree would be deeper than 100 levels.")
	CodeHasChildren = fault.Declare(fault.Conflict, "has_children", "There are items below the item.")
	CodeHasCommands = fault.Declare(fault.Conflict, "has_commands", "Commands belong to the item.")
	CodeUndoInUse   = fault.Declare(fault.Conflict, "undo_in_use", "Other commands name the command, or one of the item's, as their undo.")
)

// ErrNotArchived says that a live item cannot be restored.
var ErrNotArchived = fault.At(fault.Target, codeNotArchived, "the item is not archived")

// ErrFuture says that a moment is yet to come.
var ErrFuture = fault.At(fault.Field("at"), fault.CodeOutOfRange, "is in the future")

// translate turns a database error into the catalogue's refusal.
func translate(err error, constraints db.Constraints) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return ErrNotFound
	}
	return db.MapError(err, constraints)
}
