package transfer

import (
	"fmt"
	"strconv"

	"nms.example/common/fault"

	"nms.example/cfg/internal/catalogue"
)

// maxRefusals is the most faults of one document that are told at once.
const maxRefusals = 100

var errDocument = fault.New(fault.Invalid, "the document is refused")

// refusals collects what is wrong with the rows of one catalogue of a document.
type refusals struct {
	member  string // of the document: "equipments"
	details []fault.Detail
}

func (r *refusals) full() bool { return len(r.details) >= maxRefusals }

func (r *refusals) add(index int, field, message string) {
	if !r.full() {
		r.details = append(r.details, fault.Detail{Location: r.at(index) + "." + field, Message: message})
	}
}

func (r *refusals) at(index int) string { return "body." + r.member + "[" + strconv.Itoa(index) + "]" }

// take adds what a draft's own check found.
func (r *refusals) take(index int, err error) {
	f := fault.As(catalogue.Relocate(err, "body.", r.at(index)+"."))
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
