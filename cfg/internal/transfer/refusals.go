package transfer

import (
	"fmt"
	"strconv"

	"nms.example/common/fault"
)

// maxRefusals is the most faults of one document that are told at once.
const maxRefusals = 100

var errDocument = fault.List(fault.Invalid, "the document is refused")

// refusals collects what is wrong with the rows of one catalogue of a document.
type refusals struct {
	member  string // of the document: "equipments"
	details []fault.Detail
}

func (r *refusals) full() bool { return len(r.details) >= maxRefusals }

func (r *refusals) add(index int, field string, code *fault.Code, message string) {
	if !r.full() {
		r.details = append(r.details, fault.NewDetail(r.in(index, fault.Field(field)), code, message))
	}
}

// in is where the place of a row is in the document.
func (r *refusals) in(index int, p fault.Place) fault.Place {
	return p.Under(r.member + "[" + strconv.Itoa(index) + "]")
}

// take adds what a draft's own check found.
func (r *refusals) take(index int, err error) {
	f := fault.As(fault.Move(err, func(p fault.Place) fault.Place { return r.in(index, p) }))
	if f == nil {
		return
	}
	for _, d := range f.Details {
		if !r.full() {
			r.details = append(r.details, d)
		}
	}
}

func (r *refusals) err() error {
	if len(r.details) == 0 {
		return nil
	}
	return errDocument.With(r.details...)
}

func twice(first int) string {
	return fmt.Sprintf("is the name of number %d of the document too", first)
}
