package transfer

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"nms.example/common/change"
	"nms.example/common/db"
	"nms.example/common/fault"
	"nms.example/common/name"

	"nms.example/cfg/internal/catalogue"
	"nms.example/cfg/internal/command"
	"nms.example/cfg/internal/nmsdb"
	"nms.example/cfg/internal/tree"
)

// commandNode is a command as the system has it, as the document has it, or both.
type commandNode struct {
	id        int64
	equipment *treeNode
	section   *treeNode     // as the system has it
	was       *command.Item // nil for a new one
	undoWas   *commandNode

	index int // in the document; -1: not spoken of
	row   CommandRow
	input command.Input
	undo  *commandNode
}

func (n *commandNode) spelling() string {
	switch {
	case n == nil:
		return ""
	case n.was != nil:
		return n.was.Name
	default:
		return n.row.Name
	}
}

// name is the command's as it will be.
func (n *commandNode) name() string {
	if n.index < 0 {
		return n.was.Name
	}
	return n.row.Name
}

// path is the way to the command as a text: its equipment's, then its name.
func (n *commandNode) path() string { return n.equipment.path() + "/" + tree.EscapeName(n.name()) }

// undoText writes an undo as a command of the equipment refers to it.
func undoText(undo *commandNode, of *treeNode) *string {
	switch {
	case undo == nil:
		return nil
	case undo.equipment == of:
		return orNil(tree.EscapeName(undo.name()))
	default:
		return orNil(undo.path())
	}
}

// rowWas is the command as a document has it.
func (n *commandNode) rowWas() CommandRow {
	return CommandRow{
		Name: n.was.Name, NameFull: n.was.NameFull, Description: n.was.Description,
		Equipment: n.equipment.path(), Section: n.section.names(), Undo: undoText(n.undoWas, n.equipment),
	}
}

// commandNodes joins the live commands with their equipment, sections and undo commands.
func commandNodes(rows []nmsdb.CommandAllRow, k known) []commandNode {
	nodes, items := make([]commandNode, len(rows)), make([]command.Item, len(rows))
	byID := make(map[int64]*commandNode, len(rows))
	for i, r := range rows {
		d := command.Input{
			EquipmentID: r.EquipmentID, TocID: r.TocID, Name: r.Name, NameFull: r.NameFull,
			Description: r.Description, UndoCmdID: r.UndoCmdID,
		}
		nodes[i] = commandNode{id: r.ID, index: -1, equipment: k.equipment.byID[r.EquipmentID], section: k.sections.byID[r.TocID], was: &items[i]}
		items[i] = d.Item(r.ID, nodes[i].equipment.name, nil)
		byID[r.ID] = &nodes[i]
	}
	for i := range nodes {
		if undo := items[i].UndoCmdID; undo != nil {
			nodes[i].undoWas = byID[*undo]
			items[i].UndoCmdName = &nodes[i].undoWas.was.Name
		}
	}
	return nodes
}

// commandPlan is what an import of commands is going to do.
type commandPlan struct {
	known
	refusals

	commands byName[*treeNode, *commandNode] // by their equipment
	plain    map[string][]*commandNode       // by their names alone; made when it is first needed
	spoken   []*commandNode
}

// importCommands makes and changes commands as the document says.
func importCommands(ctx context.Context, tx catalogue.Tx, changes *change.Changes, d *Document) (*CatalogueReport, error) {
	q := nmsdb.New(tx)
	k, err := readKnown(ctx, tx)
	if err != nil {
		return nil, err
	}
	live, err := q.CommandAll(ctx)
	if err != nil {
		return nil, db.MapError(err, nil)
	}
	p := &commandPlan{known: k, refusals: refusals{member: "commands", table: d.table}, commands: make(byName[*treeNode, *commandNode], len(live)+len(d.Commands))}
	nodes := commandNodes(live, k)
	for i := range nodes {
		p.commands.add(nodes[i].equipment, &nodes[i])
	}
	for i, r := range d.Commands {
		p.enter(i, r)
	}
	for _, n := range p.spoken {
		p.resolveUndo(n)
	}
	if err := p.err(); err != nil {
		return nil, err
	}
	return p.apply(ctx, tx, changes, q)
}

// enter checks a row and finds its equipment, section and command.
func (p *commandPlan) enter(i int, r CommandRow) {
	n := &commandNode{index: i, row: r, input: command.Input{Name: r.Name, NameFull: r.NameFull, Description: r.Description}}
	n.equipment = p.equipmentOf(i, r.Equipment)
	if section := p.sections.find(r.Section); section != nil {
		n.input.TocID = section.id
	} else {
		p.add(i, "toc", fault.CodeReferenceMissing, "names no live section")
	}
	if n.equipment != nil {
		n.input.EquipmentID = n.equipment.id
		found := p.commands.find(n.equipment, r.Name)
		switch {
		case found == nil:
			p.commands.add(n.equipment, n)
		case found.index >= 0:
			p.add(i, "name", fault.CodeRepeated, p.twice(found.index))
			return
		default:
			found.index, found.row, found.input = i, r, n.input
			n = found
		}
		p.spoken = append(p.spoken, n)
	}
	var checker catalogue.Checker
	command.CheckTexts(&checker, &n.input, &command.Input{Name: n.nameWas()})
	if err := checker.Err(); err != nil {
		p.take(i, err)
	}
}

// nameWas is empty for a new command.
func (n *commandNode) nameWas() string {
	if n.was == nil {
		return ""
	}
	return n.was.Name
}

// equipmentOf finds equipment by its path, or by its name alone when only one piece has it; nil is refused.
func (p *commandPlan) equipmentOf(i int, text string) *treeNode {
	if n := p.equipment.find(tree.SplitPath(text)); n != nil {
		return n
	}
	switch named := p.equipment.named(text); len(named) {
	case 0:
		p.add(i, "equipment", fault.CodeReferenceMissing, "is no live equipment")
	case 1:
		return named[0]
	default:
		p.add(i, "equipment", codeAmbiguous, severalEquipments)
	}
	return nil
}

// resolveUndo finds the command that undoes one, which may be of the document: by name within the equipment, by a path
// elsewhere, or by name alone when only one command has it.
func (p *commandPlan) resolveUndo(n *commandNode) {
	if n.row.Undo == nil {
		return
	}
	path := tree.SplitPath(*n.row.Undo)
	if last := len(path) - 1; last == 0 {
		n.undo = p.commands.find(n.equipment, path[0])
	} else if last > 0 {
		if equipment := p.equipment.find(path[:last]); equipment != nil {
			n.undo = p.commands.find(equipment, path[last])
		}
	}
	if n.undo == nil {
		n.undo = p.commands.find(n.equipment, *n.row.Undo)
	}
	if n.undo == nil {
		switch named := p.named(*n.row.Undo); len(named) {
		case 0:
			p.add(n.index, "undo_cmd", fault.CodeReferenceMissing, "is no live command, neither here nor in the document")
		case 1:
			n.undo = named[0]
		default:
			p.add(n.index, "undo_cmd", codeAmbiguous, "is the name of several commands of other equipment: write its path, as in Site/Rack/Unit/R105")
		}
	}
	if n.undo == n {
		p.add(n.index, "undo_cmd", catalogue.CodeCycle, "is the command itself")
	}
}

// named lists the commands of a name, whatever equipment they belong to.
func (p *commandPlan) named(text string) []*commandNode {
	if p.plain == nil {
		p.plain = make(map[string][]*commandNode, len(p.commands))
		for _, n := range p.commands {
			key := name.Fold(n.spelling())
			p.plain[key] = append(p.plain[key], n)
		}
	}
	return p.plain[name.Fold(text)]
}

func (p *commandPlan) apply(ctx context.Context, tx catalogue.Tx, changes *change.Changes, q *nmsdb.Queries) (*CatalogueReport, error) {
	report := newReport(Commands)
	var creates, updates []*commandNode
	for _, n := range p.spoken {
		if n.was == nil {
			creates = append(creates, n)
		} else {
			updates = append(updates, n)
		}
	}
	if err := giveIDs(ctx, creates, q.CommandNextIDs, func(n *commandNode, id int64) { n.id = id }); err != nil {
		return nil, err
	}
	for _, n := range p.spoken { // now that all have ids
		if n.undo != nil {
			n.input.UndoCmdID = &n.undo.id
		}
	}
	updates = slices.DeleteFunc(updates, func(n *commandNode) bool {
		same := sameCommand(n.input, n.was)
		if same {
			report.Unchanged++
		}
		return same
	})
	if err := writeCommands(ctx, tx, creates, updates); err != nil {
		return nil, err
	}
	return report, recordCommands(changes, report, creates, updates)
}

func sameCommand(d command.Input, was *command.Item) bool {
	undo := d.UndoCmdID == nil && was.UndoCmdID == nil || d.UndoCmdID != nil && was.UndoCmdID != nil && *d.UndoCmdID == *was.UndoCmdID
	before := was.Input()
	d.UndoCmdID, before.UndoCmdID = nil, nil
	return undo && d == before
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
				d := creates[i].input
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
		if n.input.UndoCmdID != nil {
			undo = *n.input.UndoCmdID
		}
		a.Ids, a.EquipmentIds, a.TocIds = append(a.Ids, n.id), append(a.EquipmentIds, n.input.EquipmentID), append(a.TocIds, n.input.TocID)
		a.Names, a.NamesFull = append(a.Names, n.input.Name), append(a.NamesFull, n.input.NameFull)
		a.Descriptions, a.UndoCmdIds = append(a.Descriptions, n.input.Description), append(a.UndoCmdIds, undo)
	}
	return db.MapError(nmsdb.New(tx).CommandUpdateMany(ctx, a), command.RestoreConstraints)
}

func recordCommands(changes *change.Changes, report *CatalogueReport, creates, updates []*commandNode) error {
	after := func(n *commandNode) command.Item {
		var undoName *string
		if n.undo != nil {
			name := n.undo.name()
			undoName = &name
		}
		return n.input.Item(n.id, n.equipment.name, undoName)
	}
	for _, n := range creates {
		report.note("create", n.path(), nil, n.row)
		if err := changes.Record(command.Events.Created.New(catalogue.Subject(n.id), after(n))); err != nil {
			return err
		}
	}
	for _, n := range updates {
		report.note("update", n.path(), n.rowWas(), n.row)
		if err := changes.Record(command.Events.Updated.New(catalogue.Subject(n.id), *n.was, after(n))); err != nil {
			return err
		}
	}
	return nil
}
