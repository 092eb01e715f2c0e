// Package command is the catalogue of commands: each belongs to a piece of equipment, stands in a section
// and may name another live command that undoes it. Its name is unique among the live commands of its equipment.
package command

import (
	"context"
	"time"

	"nms.example/common/db"
	"nms.example/common/fault"

	"nms.example/cfg/internal/catalogue"
	"nms.example/cfg/internal/nmsdb"
)

// Bounds of the fields, in characters.
const (
	MaxName        = 10
	MaxNameFull    = 150
	MaxDescription = 300
)

// Item is what the catalogue holds.
type Item = Command

// Command is a command as clients see it.
type Command struct {
	ID            int64   `json:"id" doc:"Identifier"`
	EquipmentID   int64   `json:"equipment_id" doc:"The equipment that it belongs to"`
	TocID         int64   `json:"toc_id" doc:"The section that it stands in"`
	Name          string  `json:"name" doc:"Short name"`
	NameFull      string  `json:"name_full" doc:"Full name"`
	Description   string  `json:"description" doc:"What it does"`
	UndoCmdID     *int64  `json:"undo_cmd_id" doc:"The command that undoes this one; null for none"`
	EquipmentName string  `json:"equipment_name" doc:"Name of the equipment"`
	UndoCmdName   *string `json:"undo_cmd_name" doc:"Name of the command that undoes this one; null for none"`
}

// Input is what can be written of a command.
type Input struct {
	EquipmentID int64
	TocID       int64
	Name        string
	NameFull    string
	Description string
	UndoCmdID   *int64
}

// Input returns what can be written of the item.
func (c Command) Input() Input {
	return Input{
		EquipmentID: c.EquipmentID, TocID: c.TocID, Name: c.Name, NameFull: c.NameFull,
		Description: c.Description, UndoCmdID: c.UndoCmdID,
	}
}

// Item returns the command that the input becomes.
func (d Input) Item(id int64, equipmentName string, undoName *string) Item {
	return Item{
		ID: id, EquipmentID: d.EquipmentID, TocID: d.TocID, Name: d.Name, NameFull: d.NameFull,
		Description: d.Description, UndoCmdID: d.UndoCmdID, EquipmentName: equipmentName, UndoCmdName: undoName,
	}
}

// The refusals of the command catalogue.
var (
	ErrNameTaken = fault.At(fault.Field("name"), fault.CodeNameTaken, "another command of this equipment has this name")
	ErrEquipment = fault.At(fault.Field("equipment_id"), fault.CodeReferenceMissing, "the equipment does not exist or is archived")
	ErrSection   = fault.At(fault.Field("toc_id"), fault.CodeReferenceMissing, "the section does not exist or is archived")
	ErrUndo      = fault.At(fault.Field("undo_cmd_id"), fault.CodeReferenceMissing, "the command that undoes it does not exist or is archived")
	ErrUndoSelf  = fault.At(fault.Field("undo_cmd_id"), catalogue.CodeCycle, "a command cannot undo itself")
	ErrInUse     = fault.At(fault.Target, catalogue.CodeUndoInUse, "other commands name it as their undo")
)

// Entity names commands in cache tags and in the database; NamesTag is touched when a command's name has changed,
// which stands in those that it undoes.
const (
	Entity   = "command"
	NamesTag = "command.names"
)

// RestoreConstraints name the refusals of a command that is made or comes back.
var RestoreConstraints = db.Constraints{
	"command_name_key":            ErrNameTaken,
	"command_equipment_fkey":      ErrEquipment,
	"command_live_equipment_fkey": ErrEquipment,
	"command_toc_fkey":            ErrSection,
	"command_live_toc_fkey":       ErrSection,
	"command_undo_cmd_fkey":       ErrUndo,
	"command_live_undo_cmd_fkey":  ErrUndo,
	"command_undo_other_check":    ErrUndoSelf,
}

// SortKeys are what a list can be ordered by.
var SortKeys = []string{"name", "id", "name_full", "equipment_name"}

// Catalogue is the command catalogue.
type Catalogue struct {
	*catalogue.Catalogue[Item, Input]
}

// New makes the catalogue.
func New(w *catalogue.Writer) *Catalogue {
	return &Catalogue{
		Catalogue: catalogue.New(w, store{}, catalogue.Rules[Item, Input]{
			Entity:      Entity,
			Events:      Events,
			Constraints: RestoreConstraints,
			Blocks:      db.Constraints{"command_live_undo_cmd_fkey": ErrInUse},
			Check:       Check,
			ID:          func(i Item) int64 { return i.ID },
			Effects:     effects,
		}),
	}
}

// Check says what is wrong with an input by itself. was is the item's until now, an empty one for a new item.
func Check(d, was *Input) error {
	var c catalogue.Checker
	c.ID("equipment_id", d.EquipmentID)
	c.ID("toc_id", d.TocID)
	c.OptionalID("undo_cmd_id", d.UndoCmdID)
	CheckTexts(&c, d, was)
	return c.Err()
}

// CheckTexts checks an input whose references are not known yet.
func CheckTexts(c *catalogue.Checker, d, was *Input) {
	c.Name("name", d.Name, was.Name, 1, MaxName)
	c.Line("name_full", d.NameFull, was.NameFull, 1, MaxNameFull)
	c.Prose("description", d.Description, 1, MaxDescription)
}

func effects(before, after *Item) []string {
	if before != nil && after != nil && before.Name != after.Name {
		return []string{NamesTag}
	}
	return nil
}

// Filter chooses commands; all that are given must hold. Section takes the whole subtree.
type Filter struct {
	Name          *string
	SectionID     *int64
	EquipmentID   *int64
	EquipmentName *string
	Query         *string // part of the name, the full name or the description

	At       *time.Time // as they were then; nil: as they are
	Archived bool       // archived commands in place of live ones
}

// ListedCommand is a command as lists show it.
type ListedCommand struct {
	Command

	ArchivedAt *time.Time `json:"archived_at,omitempty" doc:"When it was archived; absent on live commands"`
}

func (f Filter) empty() bool { return f == Filter{} }

// List returns a slice of the commands that the filter chooses; catalogue.ErrFuture for a moment that has not come.
func (c *Catalogue) List(ctx context.Context, f Filter, s catalogue.Slice) (catalogue.Part[ListedCommand], error) {
	moment, err := c.Moment(ctx, f.At)
	if err != nil {
		return catalogue.Part[ListedCommand]{}, err
	}
	q := nmsdb.New(c.Pool())
	cursor := func(i ListedCommand) catalogue.Cursor { return catalogue.Cursor{Key: i.sortKey(s.Order.Key), ID: i.ID} }
	if f.At != nil || f.Archived {
		return catalogue.List(ctx, s,
			func(ctx context.Context) (int64, error) { return countAt(ctx, q, f, moment) },
			func(ctx context.Context) ([]nmsdb.CommandListAtRow, error) { return listAt(ctx, q, f, moment, s) },
			listedOf, cursor)
	}
	return catalogue.List(ctx, s,
		func(ctx context.Context) (int64, error) { return count(ctx, q, f) },
		func(ctx context.Context) ([]nmsdb.LiveCommand, error) { return list(ctx, q, f, s) },
		func(r nmsdb.LiveCommand) ListedCommand { return ListedCommand{Command: itemOf(r)} }, cursor)
}

// Usage tells which commands name this one as their undo.
func (c *Catalogue) Usage(ctx context.Context, id int64) (catalogue.Usage, error) {
	return c.References(ctx, id, "undo")
}
