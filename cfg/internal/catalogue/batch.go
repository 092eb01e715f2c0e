package catalogue

import (
	"context"
	"errors"
	"strconv"

	"nms.example/common/change"
	"nms.example/common/fault"
)

// MaxBatch is the most operations that one batch holds.
const MaxBatch = 1000

// Operation is one step of a batch.
type Operation[Item, Input any] struct {
	Verb string // Created, Updated, Archived, Restored
	ID   int64  // but for Created
	// Edit makes the input (of nothing, for Created) or changes the present one.
	Edit Edit[Input]
	When Condition[Item]
}

// Result is what became of an operation.
type Result[Item any] struct {
	ID   int64
	Item *Item // nil after Archived and after an error
	Err  error
}

// Batch runs operations in order in one transaction. An atomic batch is all or nothing: its error is the
// first refusal, with places inside operations[i]. Otherwise each operation succeeds or fails by
// itself and the results tell. With dryRun everything is tried and undone.
func (c *Catalogue[Item, Input]) Batch(
	ctx context.Context, operations []Operation[Item, Input], atomic, dryRun bool,
) (results []Result[Item], err error) {
	err = c.writer.DoWith(ctx, change.TxOptions{DryRun: dryRun}, func(ctx context.Context, tx Tx, changes *change.Changes) error {
		results = make([]Result[Item], len(operations))
		// First of all, since the steps may hold rows before one of them moves something.
		if err := c.store.LockTree(ctx, tx); err != nil {
			return translate(err, c.Constraints)
		}
		for i, op := range operations {
			if atomic {
				results[i] = c.step(ctx, tx, changes, op)
				if err := results[i].Err; err != nil {
					return locate(err, i)
				}
				continue
			}
			err := change.Part(ctx, tx, changes, func(ctx context.Context) error {
				results[i] = c.step(ctx, tx, changes, op)
				return results[i].Err
			})
			if err == nil {
				continue
			}
			if fault.As(err) == nil || fault.KindOf(err) == fault.Unavailable {
				return err // about the transaction, not about the operation
			}
			results[i] = Result[Item]{ID: op.ID, Err: locate(err, i)}
		}
		return nil
	})
	return results, err
}

var errVerb = errors.New("catalogue: unknown verb")

func (c *Catalogue[Item, Input]) step(ctx context.Context, tx Tx, changes *change.Changes, op Operation[Item, Input]) (r Result[Item]) {
	var item Item
	r.ID = op.ID
	switch op.Verb {
	case Created:
		var d Input
		op.Edit.Apply(&d)
		item, r.Err = c.create(ctx, tx, changes, d)
	case Updated:
		item, r.Err = c.update(ctx, tx, changes, op.ID, op.When, op.Edit)
	case Archived:
		r.Err = c.archive(ctx, tx, changes, op.ID, op.When)
		return r
	case Restored:
		item, r.Err = c.restore(ctx, tx, changes, op.ID)
	default:
		r.Err = errVerb
	}
	if r.Err == nil {
		r.ID, r.Item = c.ID(item), &item
	}
	return r
}

// locate puts a refusal's places into the operation that they belong to.
func locate(err error, i int) error {
	operation := "operations[" + strconv.Itoa(i) + "]"
	return fault.Move(err, func(p fault.Place) fault.Place {
		switch p {
		case fault.Target:
			return fault.Field(operation + ".id")
		case fault.Version:
			return fault.Field(operation + ".if_match")
		default:
			return p.Under(operation + ".item")
		}
	})
}
