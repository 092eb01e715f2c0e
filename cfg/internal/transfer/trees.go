package transfer

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"nms.example/common/change"
	"nms.example/common/db"
	"nms.example/common/fault"

	"nms.example/cfg/internal/catalogue"
	"nms.example/cfg/internal/equipment"
	"nms.example/cfg/internal/nmsdb"
	"nms.example/cfg/internal/toc"
	"nms.example/cfg/internal/tree"
)

// planEquipments compares the document with the live equipment.
func planEquipments(ctx context.Context, c catalogue.Conn, d *Document) (*treePlan, error) {
	live, err := readEquipments(ctx, c)
	if err != nil {
		return nil, err
	}
	p := &treePlan{
		index: live, refusals: refusals{member: "equipments", table: d.table}, rows: make([]treeRow, len(d.Equipments)),
		field: "parent", nameField: "name", nobody: noEquipment,
	}
	for i, r := range d.Equipments {
		p.rows[i] = treeRow{above: tree.SplitPath(orEmpty(r.Parent)), plain: orEmpty(r.Parent), name: r.Name, nameFull: r.NameFull}
	}
	return p, p.run(func(r treeRow, was string) error {
		return equipment.Check(&equipment.Input{Name: r.name, NameFull: r.nameFull}, &equipment.Input{Name: was})
	})
}

// planSections compares the document with the live sections.
func planSections(ctx context.Context, c catalogue.Conn, d *Document) (*treePlan, error) {
	live, err := readSections(ctx, c)
	if err != nil {
		return nil, err
	}
	p := &treePlan{
		index: live, refusals: refusals{member: "commands_toc", table: d.table}, rows: make([]treeRow, len(d.Sections)),
		field: "path", nameField: "path", nobody: "leads through a section that is neither here nor in the document",
	}
	for i, r := range d.Sections {
		last := len(r.Path) - 1
		if last < 0 {
			p.add(i, "path", fault.CodeTooFew, "must hold at least one name")
			continue
		}
		p.rows[i] = treeRow{above: r.Path[:last], name: r.Path[last], nameFull: orEmpty(r.NameFull)}
	}
	if err := p.err(); err != nil {
		return nil, err
	}
	return p, p.run(func(r treeRow, was string) error {
		return toc.Check(&toc.Input{Name: r.name, NameFull: orNil(r.nameFull)}, &toc.Input{Name: was})
	})
}

// treeTable is where a tree lives and how its nodes are shown in reports.
type treeTable struct {
	table, catalogue string
	events           catalogue.Events[tree.Node]
	constraints      db.Constraints
	ids              func(ctx context.Context, q *nmsdb.Queries, n int32) ([]int64, error)
	update           func(ctx context.Context, q *nmsdb.Queries, nodes []*treeNode) error
	show             func(n *treeNode, name, nameFull string) any
}

func updateColumns(nodes []*treeNode) (ids []int64, names, full []string) {
	for _, n := range nodes {
		ids, names, full = append(ids, n.id), append(names, n.name), append(full, n.nameFull)
	}
	return ids, names, full
}

var equipmentTable = treeTable{
	table: "equipment", events: equipment.Events, catalogue: Equipments, constraints: equipment.Constraints,
	ids: func(ctx context.Context, q *nmsdb.Queries, n int32) ([]int64, error) {
		return q.EquipmentNextIDs(ctx, n)
	},
	update: func(ctx context.Context, q *nmsdb.Queries, nodes []*treeNode) error {
		var a nmsdb.EquipmentUpdateManyParams
		a.Ids, a.Names, a.NamesFull = updateColumns(nodes)
		return q.EquipmentUpdateMany(ctx, a)
	},
	show: func(n *treeNode, name, nameFull string) any {
		return EquipmentRow{Name: name, NameFull: nameFull, Parent: orNil(n.parent.path())}
	},
}

var sectionTable = treeTable{
	table: "command_toc", events: toc.Events, catalogue: Sections, constraints: toc.Constraints,
	ids: func(ctx context.Context, q *nmsdb.Queries, n int32) ([]int64, error) {
		return q.CommandTOCNextIDs(ctx, n)
	},
	update: func(ctx context.Context, q *nmsdb.Queries, nodes []*treeNode) error {
		var a nmsdb.CommandTOCUpdateManyParams
		a.Ids, a.Names, a.NamesFull = updateColumns(nodes)
		return q.CommandTOCUpdateMany(ctx, a)
	},
	show: func(n *treeNode, name, nameFull string) any {
		return SectionRow{Path: append(n.parent.names(), name), NameFull: orNil(nameFull)}
	},
}

// apply does what the plan says and records its events.
func (t treeTable) apply(ctx context.Context, tx catalogue.Tx, changes *change.Changes, p *treePlan) (*CatalogueReport, error) {
	report := newReport(t.catalogue)
	report.Unchanged = p.same
	q := nmsdb.New(tx)
	memo := make(map[*treeNode]position, len(p.creates)/4+1)
	if err := t.insert(ctx, tx, q, p, memo); err != nil {
		return nil, err
	}
	if len(p.updates) > 0 {
		if err := t.update(ctx, q, p.updates); err != nil {
			return nil, db.MapError(err, t.constraints)
		}
	}
	for _, n := range p.creates {
		report.note("create", n.path(), nil, t.show(n, n.name, n.nameFull))
		if err := changes.Record(t.events.Created.New(catalogue.Subject(n.id), item(n, memo))); err != nil {
			return nil, err
		}
	}
	for _, n := range p.updates {
		report.note("update", n.path(), t.show(n, n.live.Name, n.full), t.show(n, n.name, n.nameFull))
		if err := changes.Record(t.events.Updated.New(catalogue.Subject(n.id), itemWas(n), item(n, memo))); err != nil {
			return nil, err
		}
	}
	return report, nil
}

func (t treeTable) insert(ctx context.Context, tx catalogue.Tx, q *nmsdb.Queries, p *treePlan, memo map[*treeNode]position) error {
	if len(p.creates) == 0 {
		return nil
	}
	ids, err := t.ids(ctx, q, int32(len(p.creates)))
	if err != nil {
		return db.MapError(err, nil)
	}
	for i, n := range p.creates {
		n.id = ids[i]
	}
	_, err = tx.CopyFrom(ctx, pgx.Identifier{t.table}, []string{"id", "parent_id", "parent_path", "name", "name_full"},
		pgx.CopyFromSlice(len(p.creates), func(i int) ([]any, error) {
			n := p.creates[i]
			var parent, full any
			if n.parent != nil {
				parent = n.parent.id
			}
			if n.nameFull != "" {
				full = n.nameFull
			}
			return []any{n.id, parent, positionBelow(n.parent, memo).ids, n.name, full}, nil
		}))
	if err != nil {
		return fmt.Errorf("transfer: insert into %s: %w", t.table, db.MapError(err, t.constraints))
	}
	return nil
}
