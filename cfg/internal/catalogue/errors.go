package catalogue

import (
	"errors"
	"strings"

	"github.com/jackc/pgx/v5"

	"nms.example/common/db"
	"nms.example/common/fault"
)

// ErrNotFound says that no live item has the id.
var ErrNotFound = fault.At(fault.NotFound, "path.id", "there is no such item")

// ErrNotArchived says that a live item cannot be restored.
var ErrNotArchived = fault.At(fault.Conflict, "path.id", "the item is not archived")

// translate turns a database error into the catalogue's refusal.
func translate(err error, constraints db.Constraints) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return ErrNotFound
	}
	return db.MapError(err, constraints)
}

// Relocate moves the places that a refusal names from one part of the request to another: the same fault
// is about "body.name" in a single call and about "body.operations[3].item.name" in a batch.
func Relocate(err error, from, to string) error {
	f := fault.As(err)
	if f == nil {
		return err
	}
	details := make([]fault.Detail, len(f.Details))
	for i, d := range f.Details {
		if rest, ok := strings.CutPrefix(d.Location, from); ok {
			d.Location = to + rest
		}
		details[i] = d
	}
	return f.With(details...)
}
