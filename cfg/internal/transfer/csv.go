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

	"nms.example/cfg/internal/tree"
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
	codeCSV     = fault.Declare(fault.Invalid, "bad_csv", "The file is not CSV, or a line has a value in a column without a name.")
	codeColumns = fault.Declare(fault.Invalid, "bad_columns", "The first line does not name the catalogue's columns, each once.")
)

func csvFault(code *fault.Code, message string) error {
	return errCSV.With(fault.NewDetail(fault.Input, code, message))
}

// lineFault is about one line of the file: place names it, and the column where that is known.
func lineFault(line int, place, message string) error {
	return errCSV.With(fault.NewDetail(lineOf(line, ""), codeCSV, place+": "+message))
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
		write(tree.JoinPath(r.Path), orEmpty(r.NameFull))
	}
	for _, r := range d.Commands {
		write(r.Name, r.NameFull, r.Description, r.Equipment, tree.JoinPath(r.Section), orEmpty(r.Undo))
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

// DecodeCSV reads a file of one catalogue as spreadsheets write it: with a byte order mark or none, lines that end in CRLF or LF,
// commas, semicolons or tabs between the cells, further empty cells at the ends of lines, empty rows, and any order and
// letter case of the columns, which the first row names.
func DecodeCSV(data []byte, catalogue string) (*Document, error) {
	data = bytes.TrimPrefix(data, []byte(byteOrderMark))
	if !utf8.Valid(data) {
		return nil, csvFault(fault.CodeNotUTF8, "must be UTF-8; spreadsheets call it CSV UTF-8")
	}
	head, _, _ := bytes.Cut(data, []byte("\n"))
	if !bytes.HasSuffix(head, []byte("\r")) {
		data = keepBreaks(data)
	}
	r := csvRows{data: data, reader: csv.NewReader(bytes.NewReader(data))}
	r.reader.Comma, r.reader.ReuseRecord, r.reader.FieldsPerRecord = separator(data), true, -1
	header, err := r.next()
	if errors.Is(err, io.EOF) {
		return nil, csvFault(codeColumns, "must begin with a line that names the columns "+strings.Join(columns[catalogue], ", "))
	}
	if err != nil {
		return nil, err
	}
	d := &Document{Format: Format, table: &table{}}
	if d.table.columns, err = locateColumns(header, catalogue, r.place()); err != nil {
		return nil, err
	}
	named := make([]bool, len(header))
	for _, at := range d.table.columns {
		named[at] = true
	}
	for {
		record, err := r.next()
		if errors.Is(err, io.EOF) {
			return d, nil
		}
		if err != nil {
			return nil, err
		}
		for at, cell := range record {
			if cell != "" && (at >= len(named) || !named[at]) {
				return nil, lineFault(r.line, fmt.Sprintf("%s, column %d", r.place(), at+1), "holds a value, but the first line names no such column")
			}
		}
		d.table.lines, d.table.rows = append(d.table.lines, r.line), append(d.table.rows, r.row)
		d.addCSV(catalogue, func(column string) string {
			if at, ok := d.table.columns[column]; ok && at < len(record) {
				return unguardCell(record[at])
			}
			return ""
		})
	}
}

// separator is what stands most often in the first line that holds anything else; the names of columns hold none.
func separator(data []byte) rune {
	const separators = ",;\t"
	head := data
	for line := range bytes.Lines(data) {
		if len(bytes.Trim(line, separators+"\r\n\" ")) > 0 {
			head = line
			break
		}
	}
	most := 0
	for i := range len(separators) {
		if bytes.Count(head, []byte{separators[i]}) > bytes.Count(head, []byte{separators[most]}) {
			most = i
		}
	}
	return rune(separators[most])
}

// csvRows reads the rows that are not empty, and counts.
type csvRows struct {
	reader *csv.Reader
	data   []byte
	read   int64 // bytes of data
	ends   int   // lines that end within them
	line   int   // where the present row begins, from 1
	row    int   // its number in a spreadsheet, from 1: a cell may have several lines, and empty lines are rows
}

// next returns io.EOF behind the last row.
func (r *csvRows) next() ([]string, error) {
	for {
		record, err := r.reader.Read()
		if bad, ok := errors.AsType[*csv.ParseError](err); ok { // as every other error of a reader from memory is
			return nil, lineFault(bad.StartLine, fmt.Sprintf("line %d", bad.StartLine), "is not CSV: a quotation mark is missing, or stands within a cell without one at its ends")
		}
		if err != nil {
			return nil, err
		}
		r.line, _ = r.reader.FieldPos(0)
		r.row += r.line - r.ends
		read := r.reader.InputOffset()
		r.ends += bytes.Count(r.data[r.read:read], []byte("\n"))
		r.read = read
		if slices.ContainsFunc(record, func(cell string) bool { return strings.TrimSpace(cell) != "" }) {
			return record, nil
		}
	}
}

func (r *csvRows) place() string { return placeOf(r.line, r.row) }

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

// locateColumns finds the columns by their names, in any letter case; what has no name is no column.
func locateColumns(header []string, catalogue, place string) (map[string]int, error) {
	known := columns[catalogue]
	places := make(map[string]int, len(header))
	for i, name := range header {
		name = strings.ToLower(strings.TrimSpace(name))
		if name == "" {
			continue
		}
		if _, twice := places[name]; twice || !slices.Contains(known, name) {
			return nil, csvFault(codeColumns, fmt.Sprintf("%s, column %d: is unknown or there already; the columns are %s", place, i+1, strings.Join(known, ", ")))
		}
		places[name] = i
	}
	for _, name := range known {
		if _, ok := places[name]; !ok && !slices.Contains(optional, name) {
			return nil, csvFault(codeColumns, place+": lacks the column "+name)
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
		d.Sections = append(d.Sections, SectionRow{Path: tree.SplitPath(cell("path")), NameFull: orNil(cell("name_full"))})
	case Commands:
		d.Commands = append(d.Commands, CommandRow{
			Name: cell("name"), NameFull: cell("name_full"), Description: cell("description"),
			Equipment: cell("equipment"), Section: tree.SplitPath(cell("toc")), Undo: orNil(cell("undo_cmd")),
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
