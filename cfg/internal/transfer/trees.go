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
func planEquipments(ctx context.Context, c catalogue.Conn, rows []EquipmentRow) (*treePlan, error) {
	live, err := nmsdb.New(c).EquipmentList(ctx)
	if err != nil {
		return nil, db.MapError(err, nil)
	}
	p := newTreePlan("equipments", catalogue.Convert(live, equipment.RowOf), func(i int) string { return live[i].NameFull },
		func(_ *treeNode, name string) string { return fold(name) })
	spoken := make([]*treeNode, 0, len(rows))
	for i, r := range rows {
		if err := equipment.Check(&equipment.Draft{Name: r.Name, NameFull: r.NameFull}); err != nil {
			p.refusals.take(i, err)
			continue
		}
		if n := p.take(i, fold(r.Name), "name", r.Name, r.NameFull); n != nil {
			spoken = append(spoken, n)
		}
	}
	for _, n := range spoken {
		parent := rows[n.index].Parent
		if n.parent = nil; parent == nil {
			continue
		}
		if n.parent = p.nodes[fold(*parent)]; n.parent == nil {
			p.refusals.add(n.index, "parent", fault.CodeReferenceMissing, "is the name of no live equipment, neither here nor in the document")
		}
	}
	p.plan(spoken, "parent")
	return p, p.refusals.err()
}

// planSections compares the document with the live sections.
func planSections(ctx context.Context, c catalogue.Conn, rows []SectionRow) (*treePlan, error) {
	live, err := nmsdb.New(c).CommandTOCList(ctx)
	if err != nil {
		return nil, db.MapError(err, nil)
	}
	p := newTreePlan("commands_toc", catalogue.Convert(live, toc.RowOf), func(i int) string { return orEmpty(live[i].NameFull) }, sectionKey)
	spoken := make([]*treeNode, 0, len(rows))
	for i, r := range rows {
		if len(r.Path) == 0 {
			p.refusals.add(i, "path", fault.CodeTooFew, "must hold at least one name")
			continue
		}
		name := r.Path[len(r.Path)-1]
		if err := toc.Check(&toc.Draft{Name: name, NameFull: r.NameFull}); err != nil {
			p.refusals.take(i, err)
			continue
		}
		if n := p.take(i, foldPath(r.Path), "path", name, orEmpty(r.NameFull)); n != nil {
			spoken = append(spoken, n)
		}
	}
	for _, n := range spoken {
		way := rows[n.index].Path
		if n.parent = nil; len(way) == 1 {
			continue
		}
		if n.parent = p.nodes[foldPath(way[:len(way)-1])]; n.parent == nil {
			p.refusals.add(n.index, "path", fault.CodeReferenceMissing, "leads through a section that is neither here nor in the document")
		}
	}
	p.plan(spoken, "path")
	return p, p.refusals.err()
}

func sectionKey(parent *treeNode, name string) string {
	if parent == nil {
		return fold(name)
	}
	return parent.key + "\x00" + fold(name)
}

// treeTable is where a tree lives and how its nodes are shown in reports.
type treeTable struct {
	table, catalogue string
	events           catalogue.Events[tree.Node]
	constraints      db.Constraints
	ids              func(ctx context.Context, q *nmsdb.Queries, n int32) ([]int64, error)
	update           func(ctx context.Context, q *nmsdb.Queries, nodes []*treeNode) error
	show             func(n *treeNode) any
	showWas          func(p *treePlan, n *treeNode) any
	key              func(n *treeNode) string
}

func pathOf(n *treeNode) []string {
	if n == nil {
		return nil
	}
	return append(pathOf(n.parent), n.name)
}

func updateColumns(nodes []*treeNode) (ids, parents []int64, names, full []string) {
	for _, n := range nodes {
		parent := int64(0)
		if n.parent != nil {
			parent = n.parent.id
		}
		ids, parents, names, full = append(ids, n.id), append(parents, parent), append(names, n.name), append(full, n.nameFull)
	}
	return ids, parents, names, full
}

var equipmentTable = treeTable{
	table: "equipment", events: equipment.Events, catalogue: Equipments, constraints: equipment.Constraints,
	ids: func(ctx context.Context, q *nmsdb.Queries, n int32) ([]int64, error) {
		return q.EquipmentNextIDs(ctx, n)
	},
	update: func(ctx context.Context, q *nmsdb.Queries, nodes []*treeNode) error {
		var a nmsdb.EquipmentUpdateManyParams
		a.Ids, a.ParentIds, a.Names, a.NamesFull = updateColumns(nodes)
		return q.EquipmentUpdateMany(ctx, a)
	},
	show: func(n *treeNode) any {
		row := EquipmentRow{Name: n.name, NameFull: n.nameFull}
		if n.parent != nil {
			row.Parent = &n.parent.name
		}
		return row
	},
	showWas: func(p *treePlan, n *treeNode) any {
		row := EquipmentRow{Name: n.was.Name, NameFull: n.wasFull}
		if n.was.ParentID != nil {
			row.Parent = &p.byID[*n.was.ParentID].was.Name
		}
		return row
	},
	key: func(n *treeNode) string { return n.name },
}

var sectionTable = treeTable{
	table: "command_toc", events: toc.Events, catalogue: Sections, constraints: toc.Constraints,
	ids: func(ctx context.Context, q *nmsdb.Queries, n int32) ([]int64, error) {
		return q.CommandTOCNextIDs(ctx, n)
	},
	update: func(ctx context.Context, q *nmsdb.Queries, nodes []*treeNode) error {
		var a nmsdb.CommandTOCUpdateManyParams
		a.Ids, a.ParentIds, a.Names, a.NamesFull = updateColumns(nodes)
		return q.CommandTOCUpdateMany(ctx, a)
	},
	show: func(n *treeNode) any { return SectionRow{Path: pathOf(n), NameFull: orNil(n.nameFull)} },
	showWas: func(_ *treePlan, n *treeNode) any {
		return SectionRow{Path: append(pathOf(n.parent), n.was.Name), NameFull: orNil(n.wasFull)}
	},
	key: func(n *treeNode) string { return joinPath(pathOf(n)) },
}

// apply does what the plan says and records its events.
func (t treeTable) apply(ctx context.Context, tx catalogue.Tx, changes *change.Changes, p *treePlan) (*CatalogueReport, error) {
	report := newReport(t.catalogue)
	report.Unchanged = p.same
	q := nmsdb.New(tx)
	if err := t.insert(ctx, tx, q, p); err != nil {
		return nil, err
	}
	for _, level := range p.levels() {
		if err := t.update(ctx, q, level); err != nil {
			return nil, db.MapError(err, t.constraints)
		}
	}
	memo := make(map[*treeNode]place, len(p.creates)/4+1)
	for _, n := range p.creates {
		report.note("create", t.key(n), nil, t.show(n))
		if err := changes.Record(t.events.Created.New(catalogue.Subject(n.id), p.item(n, memo))); err != nil {
			return nil, err
		}
	}
	for _, n := range p.updates {
		report.note("update", t.key(n), t.showWas(p, n), t.show(n))
		if err := changes.Record(t.events.Updated.New(catalogue.Subject(n.id), *n.was, p.item(n, memo))); err != nil {
			return nil, err
		}
	}
	return report, nil
}

func (t treeTable) insert(ctx context.Context, tx catalogue.Tx, q *nmsdb.Queries, p *treePlan) error {
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
	memo := make(map[*treeNode]string, len(p.creates)/4+1)
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
			return []any{n.id, parent, p.insertPath(n, memo), n.name, full}, nil
		}))
	if err != nil {
		return fmt.Errorf("transfer: insert into %s: %w", t.table, db.MapError(err, t.constraints))
	}
	return nil
}
