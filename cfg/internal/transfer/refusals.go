package transfer

import (
	"fmt"
	"strconv"
	"strings"

	"nms.example/common/fault"
)

// maxRefusals is the most faults of one document that are told at once.
const maxRefusals = 100

var errDocument = fault.List(fault.Invalid, "the document is refused")

var codeAmbiguous = fault.Declare(fault.Invalid, "ambiguous_name", "Several items have the name; its path is needed.")

// What is wrong with references, in words that more than one of them needs.
const (
	noEquipment       = "is no live equipment, neither here nor in the document"
	severalEquipments = "is the name of several pieces of equipment: write its path, as in Site/Rack/Unit"
)

// refusals collects what is wrong with the rows of one catalogue of a document.
type refusals struct {
	member  string // of the document: "equipments"
	table   *table // the CSV file that the document is; nil for JSON
	details []fault.Detail
}

func (r *refusals) full() bool { return len(r.details) >= maxRefusals }

func (r *refusals) add(index int, field string, code *fault.Code, message string) {
	if r.full() {
		return
	}
	if r.table != nil {
		r.details = append(r.details, r.table.detail(index, field, code, message))
		return
	}
	r.details = append(r.details, fault.NewDetail(fault.Field(field).Under(r.member+"["+strconv.Itoa(index)+"]"), code, message))
}

// take adds what an input's own check found.
func (r *refusals) take(index int, err error) {
	f := fault.As(err)
	if f == nil {
		return
	}
	for _, d := range f.Details {
		r.add(index, d.Place().Name(), d.Code(), d.Message())
	}
}

func (r *refusals) err() error {
	if len(r.details) == 0 {
		return nil
	}
	return errDocument.With(r.details...)
}

// twice is the fault of what an earlier row speaks of.
func (r *refusals) twice(first int) string {
	if r.table != nil {
		return "is the same as that of " + r.table.place(first)
	}
	return fmt.Sprintf("is the name of number %d of the document too", first)
}

// table says where the rows of a CSV file stand in it, for those who look for a fault in an editor or a spreadsheet.
type table struct {
	columns map[string]int // from 0, by their names
	lines   []int          // of the file where each row begins, from 1
	rows    []int          // of a spreadsheet, from 1: a cell may have several lines
}

// place names a row: "line 12", and the row of a spreadsheet where that is another.
func (t *table) place(index int) string { return placeOf(t.lines[index], t.rows[index]) }

func placeOf(line, row int) string {
	if line == row {
		return "line " + strconv.Itoa(line)
	}
	return fmt.Sprintf("line %d (row %d)", line, row)
}

// detail is a fault of a row: its message begins with line and column.
func (t *table) detail(index int, field string, code *fault.Code, message string) fault.Detail {
	name := field
	if at := strings.IndexAny(field, ".["); at >= 0 { // within the JSON of a cell
		name = field[:at]
	}
	column, ok := t.columns[name]
	if !ok && name == "name" { // of a section, whose name is the end of its path
		name, field = "path", "path"
		column, ok = t.columns[name]
	}
	where := t.place(index)
	if ok {
		where += ", column " + strconv.Itoa(column+1)
	}
	return fault.NewDetail(lineOf(t.lines[index], field), code, fmt.Sprintf("%s (%s): %s", where, field, message))
}

// lineOf is a field of a line of the file, or all of it when the field is empty.
func lineOf(line int, field string) fault.Place {
	return fault.Field(field).Under("lines[" + strconv.Itoa(line) + "]")
}
