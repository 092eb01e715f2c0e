// Package equipment is the catalogue of the managed equipment: a tree whose nodes' names are unique among
// their live siblings, as package name compares them.
package equipment

import (
	"nms.example/common/db"
	"nms.example/common/fault"

	"nms.example/cfg/internal/catalogue"
	"nms.example/cfg/internal/tree"
)

// Bounds of the fields, in characters.
const (
	MaxName     = 50
	MaxNameFull = 150
)

// Item is a piece of equipment as clients see it.
type Item = tree.Node

// Input is what can be written of it.
type Input struct {
	ParentID *int64
	Name     string
	NameFull string
}

// The refusals of the equipment tree.
var (
	ErrNameTaken = fault.At(fault.Field("name"), fault.CodeNameTaken, "another piece of equipment at this place has this name")
	ErrParent    = fault.At(fault.Field("parent_id"), fault.CodeReferenceMissing, "the parent does not exist or is archived")
	ErrCycle     = fault.At(fault.Field("parent_id"), catalogue.CodeCycle, "a node cannot be moved below itself")
	ErrDepth     = fault.At(fault.Field("parent_id"), catalogue.CodeTooDeep, "the tree would be deeper than 100 levels")
	ErrHasNodes  = fault.At(fault.Target, catalogue.CodeHasChildren, "there is equipment below it; recursive=true archives that too")
	ErrInUse     = fault.At(fault.Target, catalogue.CodeHasCommands, "commands belong to it; recursive=true archives those too")
	ErrUndoInUse = fault.At(fault.Target, catalogue.CodeUndoInUse, "one of its commands is the undo of a command elsewhere")
)

// Entity names equipment in cache tags and in the database. PathsTag is touched when paths of other nodes may have
// changed, NamesTag when a name has.
const (
	Entity   = "equipment"
	PathsTag = "equipment.paths"
	NamesTag = "equipment.names"
)

// Constraints name the refusals of what is made, changed or restored.
var Constraints = db.Constraints{
	"equipment_name_key":         ErrNameTaken,
	"equipment_parent_fkey":      ErrParent,
	"equipment_live_parent_fkey": ErrParent,
	"equipment_cycle_check":      ErrCycle,
	"equipment_depth_check":      ErrDepth,
}

// Catalogue is the equipment tree.
type Catalogue struct {
	*tree.Catalogue[Input]

	writer *catalogue.Writer
}

// New makes the catalogue.
func New(w *catalogue.Writer) *Catalogue {
	return &Catalogue{
		Catalogue: tree.New(w, store{}, catalogue.Rules[Item, Input]{
			Entity: Entity, Events: Events, Constraints: Constraints, Blocks: blocks, Check: Check, Effects: effects,
		}),
		writer: w,
	}
}

var blocks = db.Constraints{
	"equipment_live_parent_fkey":  ErrHasNodes,
	"command_live_equipment_fkey": ErrInUse,
	"command_live_undo_cmd_fkey":  ErrUndoInUse,
}

// Check says what is wrong with an input by itself. was is the item's until now, an empty one for a new item.
func Check(d, was *Input) error {
	var c catalogue.Checker
	c.OptionalID("parent_id", d.ParentID)
	c.Name("name", d.Name, was.Name, 1, MaxName)
	c.Line("name_full", d.NameFull, was.NameFull, 1, MaxNameFull)
	return c.Err()
}

// effects: a renamed or moved node changes the paths of those below it; its name stands in commands.
func effects(before, after *Item) []string {
	if before == nil || after == nil {
		return nil
	}
	switch {
	case before.Name != after.Name:
		return []string{PathsTag, NamesTag}
	case before.ParentPath != after.ParentPath:
		return []string{PathsTag}
	default:
		return nil
	}
}
