package transfer

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"nms.example/common/fault"
)

// Columns of the CSV files, in the order in which they are written. A cell of nothing is null.
var columns = map[string][]string{
	Equipments: {"name", "name_full", "parent"},
	Sections:   {"path", "name_full"},
	Commands:   {"name", "name_full", "description", "equipment", "toc", "undo_cmd"},
	Telemetry:  telemetryColumns,
}

// optional columns may be missing from a file.
var optional = []string{"parent", "undo_cmd"}

const byteOrderMark = "\uFEFF"

var (
	errCSV      = fault.List(fault.Invalid, "the CSV file is refused")
	codeCSV     = fault.Declare(fault.Invalid, "bad_csv", "The file is not CSV with the same number of columns in every line.")
	codeColumns = fault.Declare(fault.Invalid, "bad_columns", "The first line does not name the catalogue's columns, each once.")
)

func csvFault(code *fault.Code, message string) error {
	return errCSV.With(fault.NewDetail(fault.Input, code, message))
}

// EncodeCSV writes the one catalogue that the document holds: UTF-8, RFC 4180, LF. With bom a byte order mark
// comes first, which some spreadsheets need to see UTF-8.
func EncodeCSV(d *Document, catalogue string, bom bool) ([]byte, error) {
	var out bytes.Buffer
	if bom {
		out.WriteString(byteOrderMark)
	}
	w := csv.NewWriter(&out)
	write := func(cells ...string) {
		for i := range cells {
			cells[i] = guardCell(cells[i])
		}
		_ = w.Write(cells) // a buffer takes everything
	}
	write(slices.Clone(columns[catalogue])...)
	for _, r := range d.Equipments {
		write(r.Name, r.NameFull, orEmpty(r.Parent))
	}
	for _, r := range d.Sections {
		write(joinPath(r.Path), orEmpty(r.NameFull))
	}
	for _, r := range d.Commands {
		write(r.Name, r.NameFull, r.Description, r.Equipment, joinPath(r.Section), orEmpty(r.Undo))
	}
	for _, r := range d.Telemetry {
		write(r.cells()...)
	}
	w.Flush()
	if err := w.Error(); err != nil {
		return nil, fmt.Errorf("transfer: write CSV: %w", err)
	}
	return out.Bytes(), nil
}

// A spreadsheet takes a cell that begins with one of these for a formula, and a name such as
// "=HYPERLINK(…)" would run in the reader's program. Such cells get an apostrophe in front, which means text
// there; DecodeCSV takes it away again, so nothing is lost on the way.
const formulaStarts = "=+-@\t\r\n'"

func guardCell(cell string) string {
	if cell != "" && strings.ContainsRune(formulaStarts, rune(cell[0])) {
		return "'" + cell
	}
	return cell
}

func unguardCell(cell string) string {
	if len(cell) > 1 && cell[0] == '\'' && strings.ContainsRune(formulaStarts, rune(cell[1])) {
		return cell[1:]
	}
	return cell
}

// DecodeCSV reads a file of one catalogue. A byte order mark, CRLF, semicolons in place of commas and any
// order of columns are fine; the first line names the columns.
func DecodeCSV(data []byte, catalogue string) (*Document, error) {
	data = bytes.TrimPrefix(data, []byte(byteOrderMark))
	if !utf8.Valid(data) {
		return nil, csvFault(fault.CodeNotUTF8, "must be UTF-8")
	}
	head, _, _ := bytes.Cut(data, []byte("\n"))
	if !bytes.HasSuffix(head, []byte("\r")) {
		data = keepBreaks(data)
	}
	r := csv.NewReader(bytes.NewReader(data))
	if bytes.IndexByte(head, ';') >= 0 && bytes.IndexByte(head, ',') < 0 {
		r.Comma = ';'
	}
	r.ReuseRecord = true
	header, err := r.Read()
	if err != nil {
		return nil, csvFault(codeColumns, "must begin with a line that names the columns "+strings.Join(columns[catalogue], ", "))
	}
	places, err := locateColumns(header, catalogue)
	if err != nil {
		return nil, err
	}
	d := &Document{Format: Format}
	for {
		record, err := r.Read()
		if err == io.EOF {
			return d, nil
		}
		if err != nil {
			line := 0
			if bad, ok := errors.AsType[*csv.ParseError](err); ok { // as every error of a reader from memory is
				line = bad.StartLine
			}
			return nil, csvFault(codeCSV, fmt.Sprintf("line %d is not CSV with %d columns", line, len(header)))
		}
		cell := func(column string) string {
			if at, ok := places[column]; ok {
				return unguardCell(record[at])
			}
			return ""
		}
		d.addCSV(catalogue, cell)
	}
}

// keepBreaks saves CRLF within quotes from the reader, which makes LF of each. In a file whose own lines end in LF
// they are the text's; in one that a program has given CRLF nobody can tell, and LF is the likelier.
func keepBreaks(data []byte) []byte {
	if !bytes.Contains(data, []byte("\r\n")) {
		return data
	}
	kept := make([]byte, 0, len(data)+len(data)/16)
	quoted := false
	for i, c := range data {
		switch c {
		case '"':
			quoted = !quoted // twice for a quote in a cell
		case '\r':
			if quoted && i+1 < len(data) && data[i+1] == '\n' {
				kept = append(kept, '\r') // the reader takes one away
			}
		}
		kept = append(kept, c)
	}
	return kept
}

func locateColumns(header []string, catalogue string) (map[string]int, error) {
	known := columns[catalogue]
	places := make(map[string]int, len(header))
	for i, name := range header {
		name = strings.TrimSpace(name)
		if _, twice := places[name]; twice || !slices.Contains(known, name) {
			return nil, csvFault(codeColumns, "has an unknown or repeated column; known are "+strings.Join(known, ", "))
		}
		places[name] = i
	}
	for _, name := range known {
		if _, ok := places[name]; !ok && !slices.Contains(optional, name) {
			return nil, csvFault(codeColumns, "lacks the column "+name)
		}
	}
	return places, nil
}

func (d *Document) addCSV(catalogue string, cell func(column string) string) {
	switch catalogue {
	case Equipments:
		d.Equipments = append(d.Equipments, EquipmentRow{
			Name: cell("name"), NameFull: cell("name_full"), Parent: orNil(cell("parent")),
		})
	case Sections:
		d.Sections = append(d.Sections, SectionRow{Path: splitPath(cell("path")), NameFull: orNil(cell("name_full"))})
	case Commands:
		d.Commands = append(d.Commands, CommandRow{
			Name: cell("name"), NameFull: cell("name_full"), Description: cell("description"),
			Equipment: cell("equipment"), Section: splitPath(cell("toc")), Undo: orNil(cell("undo_cmd")),
		})
	case Telemetry:
		d.Telemetry = append(d.Telemetry, telemetryRowOf(cell))
	}
}

func orEmpty(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func orNil(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
