package transfer

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/big"

	"github.com/jackc/pgx/v5"

	"nms.example/common/change"
	"nms.example/common/db"
	"nms.example/common/fault"

	"nms.example/cfg/internal/catalogue"
	"nms.example/cfg/internal/nmsdb"
	"nms.example/cfg/internal/telemetry"
)

// TelemetryRow is a telemetry parameter.
type TelemetryRow telemetry.Input

var telemetryColumns = []string{"name", "name_full", "description", "value_validator"}

// cells are the row's in a CSV file, in the order of telemetryColumns.
func (r TelemetryRow) cells() []string {
	return []string{r.Name, r.NameFull, r.Description, string(r.ValueValidator)}
}

func telemetryRowOf(cell func(column string) string) TelemetryRow {
	return TelemetryRow{
		Name: cell("name"), NameFull: cell("name_full"), Description: cell("description"),
		ValueValidator: json.RawMessage(cell("value_validator")),
	}
}

// same compares what the system has with what the document has.
func (r TelemetryRow) same(was TelemetryRow) bool {
	return r.Name == was.Name && r.NameFull == was.NameFull && r.Description == was.Description &&
		sameJSON(r.ValueValidator, was.ValueValidator)
}

type telemetryNode struct {
	id    int64
	index int
	row   TelemetryRow
	was   *telemetry.Item
}

func (n *telemetryNode) spelling() string {
	switch {
	case n == nil:
		return ""
	case n.was != nil:
		return n.was.Name
	default:
		return n.row.Name
	}
}

// importTelemetry makes and changes parameters as the document says.
func importTelemetry(ctx context.Context, tx catalogue.Tx, changes *change.Changes, d *Document) (*CatalogueReport, error) {
	q := nmsdb.New(tx)
	live, err := q.TelemetryAll(ctx)
	if err != nil {
		return nil, db.MapError(err, nil)
	}
	type everywhere struct{}
	nodes := make(byName[everywhere, *telemetryNode], len(live)+len(d.Telemetry))
	for _, r := range live {
		was := telemetry.ItemOf(r)
		nodes.add(everywhere{}, &telemetryNode{id: r.ID, index: -1, was: &was})
	}
	refused := &refusals{member: "telemetry", table: d.table}
	report := newReport(Telemetry)
	var creates, updates []*telemetryNode
	checked := map[string]error{} // catalogues repeat few validators many times
	for i, r := range d.Telemetry {
		n := nodes.find(everywhere{}, r.Name)
		if err := checkTelemetry(r, n.spelling(), checked); err != nil {
			refused.take(i, err)
			continue
		}
		switch {
		case n == nil:
			n = &telemetryNode{row: r}
			nodes.add(everywhere{}, n)
		case n.index >= 0:
			refused.add(i, "name", fault.CodeRepeated, refused.twice(n.index))
			continue
		}
		n.index, n.row = i, r
		switch {
		case n.was == nil:
			creates = append(creates, n)
		case r.same(TelemetryRow(n.was.Input())):
			report.Unchanged++
		default:
			updates = append(updates, n)
		}
	}
	if err := refused.err(); err != nil {
		return nil, err
	}
	if err := giveIDs(ctx, creates, q.TelemetryNextIDs, func(n *telemetryNode, id int64) { n.id = id }); err != nil {
		return nil, err
	}
	if err := writeTelemetry(ctx, tx, creates, updates); err != nil {
		return nil, err
	}
	return report, recordTelemetry(changes, report, creates, updates)
}

func checkTelemetry(r TelemetryRow, was string, checked map[string]error) error {
	d := telemetry.Input(r)
	var c catalogue.Checker
	telemetry.CheckTexts(&c, &d, &telemetry.Input{Name: was})
	err, known := checked[string(r.ValueValidator)]
	if !known {
		err = telemetry.CheckValidator(r.ValueValidator)
		checked[string(r.ValueValidator)] = err
	}
	if f := fault.As(err); f != nil {
		c.Take(f)
	}
	return c.Err()
}

func writeTelemetry(ctx context.Context, tx catalogue.Tx, creates, updates []*telemetryNode) error {
	constraints := db.Constraints{"telemetry_name_key": telemetry.ErrNameTaken}
	if len(creates) > 0 {
		_, err := tx.CopyFrom(ctx, pgx.Identifier{"telemetry"}, []string{"id", "name", "name_full", "description", "value_validator"},
			pgx.CopyFromSlice(len(creates), func(i int) ([]any, error) {
				r := creates[i].row
				return []any{creates[i].id, r.Name, r.NameFull, r.Description, r.ValueValidator}, nil
			}))
		if err != nil {
			return fmt.Errorf("transfer: insert parameters: %w", db.MapError(err, constraints))
		}
	}
	if len(updates) == 0 {
		return nil
	}
	var a nmsdb.TelemetryUpdateManyParams
	for _, n := range updates {
		a.Ids, a.Names, a.NamesFull = append(a.Ids, n.id), append(a.Names, n.row.Name), append(a.NamesFull, n.row.NameFull)
		a.Descriptions = append(a.Descriptions, n.row.Description)
		a.ValueValidators = append(a.ValueValidators, string(n.row.ValueValidator))
	}
	return db.MapError(nmsdb.New(tx).TelemetryUpdateMany(ctx, a), constraints)
}

func recordTelemetry(changes *change.Changes, report *CatalogueReport, creates, updates []*telemetryNode) error {
	after := func(n *telemetryNode) telemetry.Item { return telemetry.Input(n.row).Item(n.id) }
	for _, n := range creates {
		report.note("create", n.row.Name, nil, n.row)
		if err := changes.Record(telemetry.Events.Created.New(catalogue.Subject(n.id), after(n))); err != nil {
			return err
		}
	}
	for _, n := range updates {
		report.note("update", n.row.Name, TelemetryRow(n.was.Input()), n.row)
		if err := changes.Record(telemetry.Events.Updated.New(catalogue.Subject(n.id), *n.was, after(n))); err != nil {
			return err
		}
	}
	return nil
}

// sameJSON compares documents as the database does: whatever the order of keys, the blanks or the spelling
// of numbers.
func sameJSON(a, b json.RawMessage) bool {
	return bytes.Equal(a, b) || canonical(a) == canonical(b)
}

func canonical(raw json.RawMessage) string {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	var v any
	if decoder.Decode(&v) != nil {
		return string(raw)
	}
	out, err := json.Marshal(plainNumbers(v))
	if err != nil {
		return string(raw)
	}
	return string(out)
}

// plainNumbers writes every number as a fraction. The validators' check has bounded their exponents.
func plainNumbers(v any) any {
	switch v := v.(type) {
	case json.Number:
		if r, ok := new(big.Rat).SetString(string(v)); ok {
			return map[string]string{"number": r.RatString()}
		}
	case []any:
		for i := range v {
			v[i] = plainNumbers(v[i])
		}
	case map[string]any:
		for key := range v {
			v[key] = plainNumbers(v[key])
		}
	}
	return v
}
