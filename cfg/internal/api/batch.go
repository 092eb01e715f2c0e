package api

import (
	"context"
	"net/http"
	"strconv"

	"nms.example/common/api"
	"nms.example/common/fault"

	"nms.example/cfg/internal/catalogue"
)

type batchInput[Patch any] struct {
	// Optional, because huma takes an explicit false for an absent value and gives it the default.
	Atomic api.Optional[bool] `query:"atomic" doc:"All or nothing, the default; false lets each operation succeed or fail by itself"`
	DryRun bool               `query:"dry-run" doc:"Try everything, change nothing"`
	Body   struct {
		Operations []batchOperation[Patch] `json:"operations" minItems:"1" maxItems:"1000" doc:"Run in this order"`
	}
}

type batchOperation[Patch any] struct {
	Op      string `json:"op" enum:"create,update,delete,restore" doc:"What to do"`
	ID      int64  `json:"id,omitempty" minimum:"1" doc:"The item; needed but for create"`
	IfMatch string `json:"if_match,omitempty" maxLength:"200" doc:"Only when the item still has this ETag"`
	Item    *Patch `json:"item,omitempty" doc:"The fields to set"`
}

type batchOutput[Item any] struct {
	Body batchResult[Item]
}

type batchResult[Item any] struct {
	Atomic  bool               `json:"atomic" doc:"All or nothing"`
	DryRun  bool               `json:"dry_run" doc:"Nothing was changed"`
	Results []batchEntry[Item] `json:"results" doc:"One for each operation, in order"`
}

type batchEntry[Item any] struct {
	Index  int                 `json:"index" doc:"Number of the operation, from 0"`
	Op     string              `json:"op" doc:"What was to be done"`
	Status int                 `json:"status" doc:"What a single call would have been answered with"`
	ID     int64               `json:"id,omitempty" doc:"The item; absent when none was made"`
	Item   *Item               `json:"item,omitempty"`
	Errors []api.ProblemDetail `json:"errors,omitempty" doc:"Why it was refused"`
}

var batchVerbs = map[string]struct {
	verb   string
	status int
}{
	"create":  {catalogue.Created, http.StatusCreated},
	"update":  {catalogue.Updated, http.StatusOK},
	"delete":  {catalogue.Archived, http.StatusNoContent},
	"restore": {catalogue.Restored, http.StatusOK},
}

var errBatch = fault.List(fault.Invalid, "the batch is refused")

func registerBatch[Patch patchBody[Input], Item, Input any](a *api.API, r *resource[Item, Input]) {
	op := r.operation(http.MethodPost, ":batch", "batch", "Many changes in one call")
	op.Description = "At most 1,000 operations. An atomic batch answers 200 or with the first refusal, its place inside " +
		"body.operations[i]; otherwise the answer is 200 and each result has a status of its own."
	op.Errors = []int{http.StatusNotFound, http.StatusConflict, http.StatusPreconditionFailed}
	api.Register(a, op, write, func(ctx context.Context, in *batchInput[Patch]) (*batchOutput[Item], error) {
		return runBatch(ctx, r, in)
	})
}

func runBatch[Patch patchBody[Input], Item, Input any](
	ctx context.Context, r *resource[Item, Input], in *batchInput[Patch],
) (*batchOutput[Item], error) {
	operations, err := operationsOf[Item, Input](in.Body.Operations)
	if err != nil {
		return nil, err
	}
	atomic := !in.Atomic.Set || in.Atomic.Value
	results, err := r.items.Batch(ctx, operations, atomic, in.DryRun)
	if err != nil {
		return nil, err
	}
	out := &batchOutput[Item]{Body: batchResult[Item]{Atomic: atomic, DryRun: in.DryRun}}
	out.Body.Results = make([]batchEntry[Item], len(results))
	for i, result := range results {
		op := in.Body.Operations[i].Op
		entry := batchEntry[Item]{Index: i, Op: op, Status: batchVerbs[op].status, ID: result.ID, Item: result.Item}
		if result.Err != nil {
			problem := api.ProblemOf(ctx, result.Err)
			entry.Status, entry.Errors = problem.Status, problem.Errors
		}
		if in.DryRun && op == "create" {
			entry.ID = 0 // it was rolled back with the rest
		}
		out.Body.Results[i] = entry
	}
	return out, nil
}

// operationsOf reads the batch; what is wrong with its form refuses it as a whole.
func operationsOf[Item, Input any, Patch patchBody[Input]](in []batchOperation[Patch]) ([]catalogue.Operation[Item, Input], error) {
	operations := make([]catalogue.Operation[Item, Input], len(in))
	var wrong []fault.Detail
	note := func(i int, field string, code *fault.Code, message string) {
		wrong = append(wrong, fault.NewDetail(fault.Field("operations["+strconv.Itoa(i)+"]."+field), code, message))
	}
	for i, op := range in {
		operations[i] = catalogue.Operation[Item, Input]{
			Verb: batchVerbs[op.Op].verb, ID: op.ID, When: condition[Item](api.Conditional{IfMatch: op.IfMatch}),
		}
		needsItem := op.Op == "create" || op.Op == "update"
		switch {
		case op.Op == "create" && op.ID != 0:
			note(i, "id", fault.CodeNotAllowed, "is given by the system")
		case op.Op != "create" && op.ID == 0:
			note(i, "id", fault.CodeRequired, "is needed")
		}
		switch {
		case needsItem && op.Item == nil:
			note(i, "item", fault.CodeRequired, "is needed")
		case needsItem:
			operations[i].Edit = (*op.Item).edit()
		case op.Item != nil:
			note(i, "item", fault.CodeNotAllowed, "has no meaning here")
		}
	}
	if len(wrong) > 0 {
		return nil, errBatch.With(wrong...)
	}
	return operations, nil
}
