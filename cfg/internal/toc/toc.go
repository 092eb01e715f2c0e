// Package toc is the table of contents of the commands: a tree of sections whose names are unique among
// their live siblings.
package toc

import (
	"nms.example/common/db"
	"nms.example/common/fault"

	"nms.example/cfg/internal/catalogue"
	"nms.example/cfg/internal/tree"
)

// Bounds of the fields, in characters.
const (
	MaxName     = 100
	MaxNameFull = 150
)

// Item is a section as clients see it. Without a full name of its own it shows its name.
type Item = tree.Node

// Input is what can be written of it. A nil NameFull follows the name.
type Input struct {
	ParentID *int64
	Name     string
	NameFull *string
}

// The refusals of the tree of sections.
var (
	ErrNameTaken   = fault.At(fault.Field("name"), fault.CodeNameTaken, "another section at this place has this name")
	ErrParent      = fault.At(fault.Field("parent_id"), fault.CodeReferenceMissing, "the parent does not exist or is archived")
	ErrCycle       = fault.At(fault.Field("parent_id"), catalogue.CodeCycle, "a section cannot be moved below itself")
	ErrDepth       = fault.At(fault.Field("parent_id"), catalogue.CodeTooDeep, "the tree would be deeper than 100 levels")
	ErrHasSections = fault.At(fault.Target, catalogue.CodeHasChildren, "there are sections below it")
	ErrHasCommands = fault.At(fault.Target, catalogue.CodeHasCommands, "commands stand in it")
)

// Entity names sections in cache tags and in the database; PathsTag is touched when paths of other sections may
// have changed.
const (
	Entity   = "command_toc"
	PathsTag = "command_toc.paths"
)

// Constraints name the refusals of what is made, changed or restored.
var Constraints = db.Constraints{
	"command_toc_name_key":         ErrNameTaken,
	"command_toc_parent_fkey":      ErrParent,
	"command_toc_live_parent_fkey": ErrParent,
	"command_toc_cycle_check":      ErrCycle,
	"command_toc_depth_check":      ErrDepth,
}

// Catalogue is the tree of sections.
type Catalogue = tree.Catalogue[Input]

// New makes the catalogue.
func New(w *catalogue.Writer) *Catalogue {
	return tree.New(w, store{}, catalogue.Rules[Item, Input]{
		Entity: Entity, Events: Events, Constraints: Constraints, Check: Check, Effects: effects,
		Blocks: db.Constraints{
			"command_toc_live_parent_fkey": ErrHasSections,
			"command_live_toc_fkey":        ErrHasCommands,
		},
	})
}

// Check says what is wrong with an input by itself. was is the item's until now, an empty one for a new item.
func Check(d, was *Input) error {
	var c catalogue.Checker
	c.OptionalID("parent_id", d.ParentID)
	c.Name("name", d.Name, was.Name, 1, MaxName)
	if d.NameFull != nil {
		before := ""
		if was.NameFull != nil {
			before = *was.NameFull
		}
		c.Line("name_full", *d.NameFull, before, 1, MaxNameFull)
	}
	return c.Err()
}

func effects(before, after *Item) []string {
	if before == nil || after == nil {
		return nil
	}
	if before.Name != after.Name || before.ParentPath != after.ParentPath {
		return []string{PathsTag}
	}
	return nil
}
