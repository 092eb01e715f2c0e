package transfer

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"nms.example/common/change"
	"nms.example/common/db"
	"nms.example/common/fault"

	"nms.example/cfg/internal/catalogue"
	"nms.example/cfg/internal/command"
	"nms.example/cfg/internal/nmsdb"
)

// names is what a document's references are resolved with: the live items by their keys.
type names struct {
	equipment   map[string]int64
	equipmentBy map[int64]string // names
	sections    map[string]int64
	sectionsBy  map[int64][]string // ways
}

func readNames(ctx context.Context, c catalogue.Conn) (*names, error) {
	n := &names{equipment: map[string]int64{}, equipmentBy: map[int64]string{}, sections: map[string]int64{}, sectionsBy: map[int64][]string{}}
	equipments, err := nmsdb.New(c).EquipmentList(ctx)
	if err != nil {
		return nil, db.MapError(err, nil)
	}
	for _, r := range equipments {
		n.equipment[fold(r.Name)], n.equipmentBy[r.ID] = r.ID, r.Name
	}
	sections, err := nmsdb.New(c).CommandTOCList(ctx)
	if err != nil {
		return nil, db.MapError(err, nil)
	}
	for _, r := range sections { // parents come first
		var way []string
		if r.ParentID != nil {
			way = slices.Clone(n.sectionsBy[*r.ParentID])
		}
		way = append(way, r.Name)
		n.sections[foldPath(way)], n.sectionsBy[r.ID] = r.ID, way
	}
	return n, nil
}

type commandNode struct {
	id    int64
	index int
	draft command.Draft
	row   CommandRow
	was   *command.Item
}

// importCommands makes and changes commands as the document says.
func importCommands(ctx context.Context, tx catalogue.Tx, changes *change.Changes, rows []CommandRow) (*CatalogueReport, error) {
	q := nmsdb.New(tx)
	known, err := readNames(ctx, tx)
	if err != nil {
		return nil, err
	}
	live, err := q.CommandAll(ctx)
	if err != nil {
		return nil, db.MapError(err, nil)
	}
	nodes := make(map[string]*commandNode, len(live)+len(rows))
	for _, was := range known.items(live) {
		nodes[fold(was.Name)] = &commandNode{id: was.ID, index: -1, was: &was}
	}
	spoken, refused := enterCommands(nodes, known, rows)
	if err := refused.err(); err != nil {
		return nil, err
	}
	report := newReport(Commands)
	creates, updates := splitCommands(spoken)
	if err := giveIDs(ctx, creates, q.CommandNextIDs, func(n *commandNode, id int64) { n.id = id }); err != nil {
		return nil, err
	}
	for _, n := range spoken { // now that all have ids
		if n.row.Undo != nil {
			id := nodes[fold(*n.row.Undo)].id
			n.draft.UndoCmdID = &id
		}
	}
	updates = slices.DeleteFunc(updates, func(n *commandNode) bool {
		same := sameCommand(n.draft, n.was)
		if same {
			report.Unchanged++
		}
		return same
	})
	if err := writeCommands(ctx, tx, creates, updates); err != nil {
		return nil, err
	}
	return report, recordCommands(changes, report, known, nodes, creates, updates)
}

// items adds the names to all live commands.
func (n *names) items(rows []nmsdb.CommandAllRow) []command.Item {
	items := make([]command.Item, len(rows))
	byID := make(map[int64]*string, len(rows))
	for i, r := range rows {
		d := command.Draft{
			EquipmentID: r.EquipmentID, TocID: r.TocID, Name: r.Name, NameFull: r.NameFull,
			Description: r.Description, UndoCmdID: r.UndoCmdID,
		}
		items[i] = d.Item(r.ID, n.equipmentBy[r.EquipmentID], nil)
		byID[r.ID] = &items[i].Name
	}
	for i := range items {
		if undo := items[i].UndoCmdID; undo != nil {
			items[i].UndoCmdName = byID[*undo]
		}
	}
	return items
}

func sameCommand(d command.Draft, was *command.Item) bool {
	undo := d.UndoCmdID == nil && was.UndoCmdID == nil || d.UndoCmdID != nil && was.UndoCmdID != nil && *d.UndoCmdID == *was.UndoCmdID
	before := was.Draft()
	d.UndoCmdID, before.UndoCmdID = nil, nil
	return undo && d == before
}

// enterCommands checks the rows and resolves their references, but for undo commands that are yet to be made.
func enterCommands(nodes map[string]*commandNode, known *names, rows []CommandRow) ([]*commandNode, *refusals) {
	refused := &refusals{member: "commands"}
	spoken := make([]*commandNode, 0, len(rows))
	for i, r := range rows {
		d := command.Draft{Name: r.Name, NameFull: r.NameFull, Description: r.Description}
		var checker catalogue.Checker
		command.CheckTexts(&checker, &d)
		if err := checker.Err(); err != nil {
			refused.take(i, err)
			continue
		}
		var ok bool
		if d.EquipmentID, ok = known.equipment[fold(r.Equipment)]; !ok {
			refused.add(i, "equipment", fault.CodeReferenceMissing, "is the name of no live equipment")
		}
		if d.TocID, ok = known.sections[foldPath(r.Section)]; !ok {
			refused.add(i, "toc", fault.CodeReferenceMissing, "is the way to no live section")
		}
		n := nodes[fold(r.Name)]
		switch {
		case n == nil:
			n = &commandNode{}
			nodes[fold(r.Name)] = n
		case n.index >= 0:
			refused.add(i, "name", fault.CodeRepeated, twice(n.index))
			continue
		}
		n.index, n.draft, n.row = i, d, r
		spoken = append(spoken, n)
	}
	for _, n := range spoken {
		if n.row.Undo == nil {
			continue
		}
		switch nodes[fold(*n.row.Undo)] {
		case nil:
			refused.add(n.index, "undo_cmd", fault.CodeReferenceMissing, "is the name of no live command, neither here nor in the document")
		case n:
			refused.add(n.index, "undo_cmd", catalogue.CodeCycle, "is the command itself")
		}
	}
	return spoken, refused
}

func splitCommands(spoken []*commandNode) (creates, updates []*commandNode) {
	for _, n := range spoken {
		if n.was == nil {
			creates = append(creates, n)
		} else {
			updates = append(updates, n)
		}
	}
	return creates, updates
}

// giveIDs takes a block of ids for new items.
func giveIDs[N any](ctx context.Context, list []N, take func(context.Context, int32) ([]int64, error), set func(N, int64)) error {
	if len(list) == 0 {
		return nil
	}
	ids, err := take(ctx, int32(len(list)))
	if err != nil {
		return db.MapError(err, nil)
	}
	for i, n := range list {
		set(n, ids[i])
	}
	return nil
}

func writeCommands(ctx context.Context, tx catalogue.Tx, creates, updates []*commandNode) error {
	if len(creates) > 0 {
		_, err := tx.CopyFrom(ctx, pgx.Identifier{"command"},
			[]string{"id", "equipment_id", "toc_id", "undo_cmd_id", "name", "name_full", "description"},
			pgx.CopyFromSlice(len(creates), func(i int) ([]any, error) {
				d := creates[i].draft
				return []any{creates[i].id, d.EquipmentID, d.TocID, d.UndoCmdID, d.Name, d.NameFull, d.Description}, nil
			}))
		if err != nil {
			return fmt.Errorf("transfer: insert commands: %w", db.MapError(err, command.RestoreConstraints))
		}
	}
	if len(updates) == 0 {
		return nil
	}
	var a nmsdb.CommandUpdateManyParams
	for _, n := range updates {
		undo := int64(0)
		if n.draft.UndoCmdID != nil {
			undo = *n.draft.UndoCmdID
		}
		a.Ids, a.EquipmentIds, a.TocIds = append(a.Ids, n.id), append(a.EquipmentIds, n.draft.EquipmentID), append(a.TocIds, n.draft.TocID)
		a.Names, a.NamesFull = append(a.Names, n.draft.Name), append(a.NamesFull, n.draft.NameFull)
		a.Descriptions, a.UndoCmdIds = append(a.Descriptions, n.draft.Description), append(a.UndoCmdIds, undo)
	}
	return db.MapError(nmsdb.New(tx).CommandUpdateMany(ctx, a), command.RestoreConstraints)
}

func recordCommands(
	changes *change.Changes, report *CatalogueReport, known *names,
	nodes map[string]*commandNode, creates, updates []*commandNode,
) error {
	after := func(n *commandNode) command.Item {
		item := n.draft.Item(n.id, known.equipmentBy[n.draft.EquipmentID], nil)
		if n.row.Undo != nil {
			undo := nodes[fold(*n.row.Undo)]
			name := undo.row.Name
			if undo.index < 0 {
				name = undo.was.Name
			}
			item.UndoCmdName = &name
		}
		return item
	}
	for _, n := range creates {
		report.note("create", n.row.Name, nil, n.row)
		if err := changes.Record(command.Events.Created.New(catalogue.Subject(n.id), after(n))); err != nil {
			return err
		}
	}
	for _, n := range updates {
		report.note("update", n.row.Name, commandRow(n.was, known), n.row)
		if err := changes.Record(command.Events.Updated.New(catalogue.Subject(n.id), *n.was, after(n))); err != nil {
			return err
		}
	}
	return nil
}

func commandRow(i *command.Item, known *names) CommandRow {
	return CommandRow{
		Name: i.Name, NameFull: i.NameFull, Description: i.Description, Equipment: i.EquipmentName,
		Section: known.sectionsBy[i.TocID], Undo: i.UndoCmdName,
	}
}
